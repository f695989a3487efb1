"""How the journeys read a page: what is a command, what the page says that it answers, and what is not run."""
import unittest

from journey_pages import blocks, commands, section, unsaid

PAGE = """# A page

## One
1. Do it:
   ```sh
   # only a remark
   tee file <<END
   a line
   END
   assay hosts \\
       --json   # and so on
   if true; then
       echo go
   fi
   ```

## Two
<!-- not run: needs a BMC -->

```sh
ipmitool
```
```console
$ assay host show rack-7
rack-7: NO GO …
$ assay hosts
```
### Below
```sh
true
```
"""


class Pages(unittest.TestCase):
    def setUp(self):
        self.one, self.bmc, self.shown, self.below = blocks("docs/x.md", PAGE)

    def test_a_command_goes_over_as_many_lines_as_the_shell_says(self):
        self.assertEqual([command.text.split("\n")[0] for command in commands(self.one)],
                         ["tee file <<END", "assay hosts \\", "if true; then"])
        self.assertEqual(commands(self.one)[0].text, "tee file <<END\na line\nEND")
        self.assertEqual([command.line for command in commands(self.one)], [7, 10, 12])

    def test_half_a_command_is_an_error_with_its_place(self):
        [half] = blocks("docs/x.md", "```sh\nif true; then\n```\n")
        with self.assertRaisesRegex(AssertionError, "docs/x.md:2: expected a whole command"):
            commands(half)

    def test_a_reason_holds_for_the_next_block_alone(self):
        self.assertEqual([block.not_run for block in (self.one, self.bmc, self.shown)], ["", "needs a BMC", ""])

    def test_what_a_page_shows_belongs_to_the_command_above_it(self):
        first, second = commands(self.shown)
        self.assertEqual((first.text, first.shown, second.text, second.shown), ("assay host show rack-7", ["rack-7: NO GO …"], "assay hosts", []))

    def test_a_heading_has_what_is_below_it(self):
        self.assertEqual(self.below.anchors, ("a-page", "two", "below"))
        self.assertEqual(self.shown.anchors, ("a-page", "two"))
        with self.assertRaisesRegex(AssertionError, "found none"):
            section("docs/howto/first-host.md#no-such-heading")

    def test_shown_lines_have_to_be_printed_in_their_order_and_dots_stand_for_anything(self):
        printed = "rack-7: NO GO (contraindicated)\n  found     a stick; came 2026-11-30; still there\n  where     journal\n"
        self.assertEqual(unsaid(["rack-7: NO GO …", "found a stick; came …; still there", "    where  journal"], printed), [])
        self.assertEqual(unsaid(["where     journal", "rack-7: NO GO …"], printed), ["rack-7: NO GO …"])
        self.assertEqual(unsaid(["found a stick; came …; gone"], printed), ["found a stick; came …; gone"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
