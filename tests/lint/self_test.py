#!/usr/bin/env python3
"""Each lint passes a small sound tree, and fails on one planted violation of each kind."""
import json
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import arrows
import causes
import clang
import doc_links
import docstrings
import error_texts
import file_size
import folder_size
import forbidden_texts
import formatting
import howto
import ignored_results
import limits_anchors
import manuals
import namespaces
import one_place
import purity
import raw_evidence
import tables
import tables_render
import tidy
import try_in_braces

SOUND = {
    "CMakeLists.txt": "assay_library(base FOLDERS evidence/base LINK fmt::fmt)\n"
                      "assay_library(tpm FOLDERS evidence/tpm LINK base)\n"
                      "assay_library(collect FOLDERS agent/collectors LINK tpm)\n"
                      "add_executable(prog agent/main.cpp)\ntarget_link_libraries(prog PRIVATE collect)\n",
    "evidence/base/a.h": "#pragma once\n\n/// A thing.\nstruct A {\n    int x = 0;\n};\n",
    "evidence/base/a.cpp": '#include "evidence/base/a.h"\n\n#include <fmt/core.h>\n',
    "evidence/tpm/b.h": '#pragma once\n\n#include "evidence/base/a.h"\n\n/// What is above a thing.\nstruct B : A {\n    int y = 0;\n};\n',
    "evidence/tpm/b.cpp": '#include "evidence/tpm/b.h"\n',
    "agent/collectors/collectors.inc": "// COLLECTOR(name, section)\nCOLLECTOR(pci, 1)\n",
    "agent/collectors/pci.cpp": '#include "evidence/tpm/b.h"\n#include "agent/collectors/collectors.inc"\n',
    "agent/main.cpp": '#include "agent/collectors/collectors.inc"\n',
    "README.md": "# One\n\nSee [the page](docs/page.md#a-heading-here), [above](#one).\n",
    "docs/page.md": "# Page\n\n## A `heading` here\n\n```\n[not a link](nowhere)\n```\n",
}
ARROWS = "base -> fmt::fmt\ntpm -> base\ncollect -> tpm\nprog -> collect\nheader fmt/ fmt::fmt\nheader curl/ CURL\n"


class Lints(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="assay-lint-")
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in SOUND.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def add(self, path, text):
        self.write(path, SOUND.get(path, "") + text)

    def fails(self, problems, *words):
        self.assertEqual(1, len(problems), problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_the_sound_tree_passes_every_lint(self):
        self.assertEqual([], arrows.main(self.root, ARROWS))
        self.assertEqual([], purity.main(self.root, {}))
        self.assertEqual([], tables.main(self.root))
        self.assertEqual([], file_size.main(self.root, {}))
        self.assertEqual([], folder_size.main(self.root))
        self.assertEqual([], docstrings.main(self.root))
        self.assertEqual([], error_texts.main(self.root))
        self.assertEqual([], forbidden_texts.main(self.root))
        self.assertEqual([], doc_links.main(self.root))
        self.assertEqual([], raw_evidence.main(self.root))
        self.assertEqual([], one_place.main(self.root, {}))
        self.assertEqual([], tables_render.main(self.root))
        self.assertEqual([], try_in_braces.main(self.root))
        self.assertEqual([], ignored_results.main(self.root))
        self.assertEqual([], self.limits())
        self.assertEqual([], howto.main(self.root))

    # howto
    def test_a_block_of_commands_is_run_by_a_journey_or_says_why_not(self):
        page = "# Page\n\n## One\n```sh\nassay hosts\n```\n\n## Two\n```sh\nassay status\n```\n"
        self.write("docs/howto/page.md", page)
        journey = "tests/e2e/test_journey_x.py"
        follow = 'PAGE = "docs/howto/page.md"\n\n\nclass X:\n    def test_it(self):\n        self.follow(f"{PAGE}#%s")\n'
        self.write(journey, follow % "one")
        self.fails(howto.main(self.root), "docs/howto/page.md:10", "no journey runs this block")
        self.write("docs/howto/page.md", page.replace("## Two\n", "## Two\n<!-- not run: needs a BMC -->\n"))
        self.assertEqual([], howto.main(self.root))
        self.write(journey, follow % "two")
        self.assertIn("test_journey_x.py:6: follows docs/howto/page.md#two, of which no block is run", howto.main(self.root)[0])
        self.write(journey, follow % "onne")
        self.assertIn("test_journey_x.py:6: follows docs/howto/page.md#onne, which has no such heading", howto.main(self.root)[0])

    def test_commands_hide_in_no_other_block_and_in_no_indented_text(self):
        for text, word in (("```text\n$ assay hosts\n```\n", "commands in a block of text"), ("```\nassay hosts\n```\n", "a block of ''"),
                           ("Do this:\n\n    assay hosts\n", "without a fence")):
            with self.subTest(word):
                self.write("docs/howto/page.md", text)
                self.fails(howto.main(self.root), "docs/howto/page.md", word)

    # manuals
    def test_a_manual_names_each_key_and_no_other(self):
        self.write("agent/settings.cpp", 'in.only({"vid"});\nin.only({"server", "ca"});\n')
        page, told = "packaging/man/assay-agent.toml.5", ".TH X\n.SH KEYS\n.TP\n.B server\nIt.\n.TP\n.B ca\nIt.\n.SH EXAMPLES\n"
        self.write("packaging/etc/agent.toml", '#server = "x"\n')
        self.write(page, told)
        self.assertEqual([], manuals.main(self.root))
        self.write(page, told.replace("B ca", "B cb"))
        self.assertEqual(2, len(manuals.main(self.root)))
        self.write(page, told)
        self.write("packaging/etc/agent.toml", "servr = 1\n")
        self.fails(manuals.main(self.root), "servr")

    # arrows
    def test_a_new_link_is_a_new_arrow(self):
        self.write("CMakeLists.txt", SOUND["CMakeLists.txt"].replace("LINK fmt::fmt", "LINK fmt::fmt soci"))
        self.fails(arrows.main(self.root, ARROWS), "new arrow base -> soci")

    def test_an_include_against_the_arrows_fails(self):
        self.add("evidence/base/a.cpp", '#include "evidence/tpm/b.h"\n')
        self.fails(arrows.main(self.root, ARROWS), "evidence/base/a.cpp:4", "base -> tpm")

    def test_a_foreign_header_without_its_arrow_fails(self):
        self.add("evidence/tpm/b.cpp", "#include <curl/curl.h>\n")
        self.fails(arrows.main(self.root, ARROWS), "evidence/tpm/b.cpp:2", "CURL")

    def test_an_include_in_a_comment_is_none(self):
        self.add("evidence/base/a.cpp", '// #include "evidence/tpm/b.h"\n/*\n#include <curl/curl.h>\n*/\n')
        self.assertEqual([], arrows.main(self.root, ARROWS))

    def test_a_listed_arrow_that_cmake_lost_fails(self):
        self.write("CMakeLists.txt", SOUND["CMakeLists.txt"].replace("LINK fmt::fmt", "LINK"))
        self.fails(arrows.main(self.root, ARROWS), "base -> fmt::fmt is not in CMakeLists.txt any more")

    def test_a_listed_arrow_that_no_include_uses_has_gone(self):
        self.write("evidence/base/a.cpp", '#include "evidence/base/a.h"\n')
        self.fails(arrows.main(self.root, ARROWS), "base -> fmt::fmt has gone")

    def test_an_arrow_passed_through_may_be_unused_and_not_otherwise(self):
        self.fails(arrows.main(self.root, ARROWS + "through tpm base\n"), "tpm -> base is used")
        self.write("evidence/base/a.cpp", "")
        self.assertEqual([], arrows.main(self.root, ARROWS + "through base fmt::fmt\n"))

    def test_a_circle_of_headers_fails(self):
        self.write("evidence/base/a.h", '#pragma once\n#include "evidence/base/c.h"\n')
        self.write("evidence/base/c.h", '#pragma once\n#include "evidence/base/a.h"\n')
        self.fails(arrows.main(self.root, ARROWS), "circular include: evidence/base/a.h -> evidence/base/c.h -> evidence/base/a.h")

    def test_a_relative_include_fails(self):
        self.add("evidence/tpm/b.cpp", '#include "b.h"\n')
        self.fails(arrows.main(self.root, ARROWS), "by the path from the root")

    def test_a_folder_in_no_library_fails(self):
        self.write("evidence/new/c.cpp", "")
        self.fails(arrows.main(self.root, ARROWS), "evidence/new/c.cpp: in no library")

    # purity
    def test_each_impurity_in_a_pure_folder_fails(self):
        for text in ("#include <fstream>\n", "#include <filesystem>\n", "#include <sys/socket.h>\n", "#include <unordered_map>\n",
                     "#include <sstream>\n", "#include <cctype>\n", "#include <thread>\n", "auto e = std::getenv(\"A\");\n",
                     "auto n = std::chrono::system_clock::now();\n", "auto t = std::time(nullptr);\n", "auto t = time(&x);\n",
                     "double d;\n", "auto r = RAND_bytes(p, 1);\n", "auto r = X509_verify_cert(c);\n"):
            with self.subTest(text):
                self.add("evidence/base/a.cpp", text)
                self.fails(purity.main(self.root, {}), "evidence/base/a.cpp")

    def test_what_only_looks_impure_passes(self):
        self.add("evidence/base/a.cpp", '#include <chrono>\n#include <cstdlib>\n// getenv, system_clock\nauto s = "getenv double";\n'
                 "auto t = reset_time(0);\nX509_VERIFY_PARAM_set_time(p, t);\nX509_verify_cert(c);\n")
        self.add("agent/collectors/pci.cpp", "#include <fstream>\n")
        self.assertEqual([], purity.main(self.root, {}))

    def test_an_exception_that_is_not_needed_fails(self):
        self.fails(purity.main(self.root, {("evidence/base/a.cpp", "clock"): "why"}), "remove it from EXCEPTIONS")

    # tables
    def test_a_file_without_its_line_fails(self):
        self.write("agent/collectors/usb.cpp", "")
        self.fails(tables.main(self.root), "agent/collectors/usb.cpp", "COLLECTOR(usb")

    def test_a_line_without_its_file_fails(self):
        self.add("agent/collectors/collectors.inc", "COLLECTOR(usb, 2)\n")
        self.fails(tables.main(self.root), "collectors.inc:3", "usb")

    def test_a_line_twice_fails(self):
        self.add("agent/collectors/collectors.inc", "COLLECTOR(pci, 2)\n")
        self.fails(tables.main(self.root), "collectors.inc:3", "line 2")

    def test_a_check_and_an_endpoint_need_their_lines_too(self):
        for folder, table in (("verifier/judge/appraisal/checks/boot", "checks.inc"), ("verifier/service/api/endpoints", "endpoints.inc")):
            with self.subTest(table):
                self.write(f"{folder}/new.cpp", "Endpoint get_new() {\n}\n")
                self.fails(tables.main(self.root), table)
                os.remove(f"{self.root}/{folder}/new.cpp")

    def test_the_lines_of_an_included_table_need_its_file_and_come_once(self):
        folder = "verifier/judge/appraisal/checks"
        inner, home = f"{folder}/vendors/vendor_checks.inc", f"{folder}/vendors/vendor_checks.cpp"
        self.add(f"{folder}/checks.inc", f'#include "{inner}"\n')
        self.write(inner, "VENDOR_CHECK(a, 1)\nVENDOR_CHECK(b, 2)\n")
        self.fails(tables.main(self.root), f"{inner} is in no {home}")
        self.write(home, f'#include "{inner}"\n')
        self.assertEqual([], tables.main(self.root))
        self.write(inner, "VENDOR_CHECK(a, 1)\nVENDOR_CHECK(b, 2)\nVENDOR_CHECK(a, 3)\n")
        self.fails(tables.main(self.root), f"{inner}:3: a is also in {inner}:1")

    def test_endpoints_of_one_file_each_need_a_line(self):
        folder, table = "verifier/service/api/endpoints", "verifier/service/api/endpoints.inc"
        self.write(f"{folder}/hosts.cpp", "Endpoint a() {\n}\n\nEndpoint b() {\n}\n")
        self.write(table, "ENDPOINT(a)\nENDPOINT(b)\n")
        self.assertEqual([], tables.main(self.root))
        self.write(table, "ENDPOINT(a)\n")
        self.fails(tables.main(self.root), "hosts.cpp: b has no line")
        self.write(table, "ENDPOINT(a)\nENDPOINT(b)\nENDPOINT(c)\n")
        self.fails(tables.main(self.root), "endpoints.inc:3: c has no Endpoint c()")
        self.write(table, "ENDPOINT(a)\nENDPOINT(b)\n")
        self.write(f"{folder}/helper.cpp", "int x;\n")
        self.fails(tables.main(self.root), "helper.cpp: defines nothing")

    # file_size
    def test_a_file_of_400_lines_fails_and_of_399_passes(self):
        self.write("evidence/base/a.cpp", "\n" * 399)
        self.assertEqual([], file_size.main(self.root, {}))
        self.write("evidence/base/a.cpp", "\n" * 400)
        self.fails(file_size.main(self.root, {}), "evidence/base/a.cpp: 400 lines")
        self.assertEqual([], file_size.main(self.root, {"evidence/base/a.cpp": "why"}))

    def test_an_exception_for_a_short_file_fails(self):
        self.fails(file_size.main(self.root, {"evidence/base/a.cpp": "why"}), "remove it from EXCEPTIONS")

    # folder_size
    def test_a_folder_of_31_files_fails_and_of_30_passes(self):
        for folder in ("evidence/new", "tests/unit/evidence/new"):
            with self.subTest(folder):
                for number in range(10):
                    for suffix in (".cpp", ".h", ".inc"):
                        self.write(f"{folder}/f{number}{suffix}", "")
                self.write(f"{folder}/page.md", "")
                self.write(f"{folder}/room/deeper.cpp", "")
                self.assertEqual([], folder_size.main(self.root))
                self.write(f"{folder}/one.cpp", "")
                self.fails(folder_size.main(self.root), f"{folder}: 31 files")
                os.remove(f"{self.root}/{folder}/one.cpp")

    # docstrings
    def test_a_header_without_any_docstring_fails(self):
        self.write("agent/collectors/c.h", "#pragma once\nint f();\n")
        self.fails(docstrings.main(self.root), "agent/collectors/c.h: no docstring")

    def test_a_type_without_docstring_fails_unless_its_members_have_them(self):
        self.add("evidence/base/a.h", "\nstruct C {\n    int x = 0;\n};\n")
        self.fails(docstrings.main(self.root), "evidence/base/a.h:8: C")
        self.add("evidence/base/a.h", "\nstruct C {\n    int x = 0;  ///< metres\n};\n")
        self.assertEqual([], docstrings.main(self.root))

    # raw_evidence
    def test_evidence_behind_the_door_is_neither_taken_nor_decoded_again(self):
        self.write("verifier/judge/appraisal/steps/open_evidence.h", "OpenedEvidence open_evidence(const Evidence& evidence, int);\n")
        self.write("verifier/service/casework/site.h", "void events_of(const OpenedEvidence& opened, int host);\n")
        self.assertEqual([], raw_evidence.main(self.root))
        self.write("verifier/service/casework/site.h", "void events_of(const Evidence& evidence, int host);\n")
        self.fails(raw_evidence.main(self.root), "verifier/service/casework/site.h:1", "OpenedEvidence")
        self.write("verifier/service/casework/site.h", "auto journal = decode_journal_section(bytes);\n")
        self.fails(raw_evidence.main(self.root), "verifier/service/casework/site.h:1", "once more")

    # namespaces
    def test_a_namespace_of_another_folder_fails(self):
        allowed = {"evidence/base": {"assay"}, "evidence": {"assay::tcg"}}
        self.write("evidence/base/a.cpp", "namespace assay {\n}\n")
        self.write("evidence/tpm/b.cpp", "namespace assay::tcg {\n}\n")
        self.assertEqual([], namespaces.main(self.root, allowed))
        self.write("evidence/base/a.h", "\nnamespace assay::tcg {\n}\n")
        self.fails(namespaces.main(self.root, allowed), "evidence/base/a.h:2: expected namespace assay, got assay::tcg")

    def test_a_namespace_that_nobody_opens_is_taken_out(self):
        self.write("evidence/base/a.cpp", "namespace assay {\n}\n")
        self.fails(namespaces.main(self.root, {"evidence/base": {"assay", "assay::gone"}}), "opens assay::gone")

    # one_place
    def test_a_hidden_header_elsewhere_fails(self):
        places = {"CLI/": ("agent/collectors/pci.cpp", "evidence/base/a.h")}
        self.add("agent/collectors/pci.cpp", "#include <CLI/CLI.hpp>\n")
        self.assertEqual([], one_place.main(self.root, places))
        self.add("evidence/tpm/b.cpp", "#include <CLI/App.hpp>\n")
        self.fails(one_place.main(self.root, places), "evidence/tpm/b.cpp:2", "agent/collectors/pci.cpp alone", "evidence/base/a.h")

    def test_a_place_whose_header_is_gone_fails(self):
        self.fails(one_place.main(self.root, {"CLI/": ("agent/collectors/pci.cpp", "evidence/base/a.h")}), "remove it from PLACES")

    def test_a_way_of_reading_elsewhere_fails(self):
        words = {r"\bjson::parse\(": (("evidence/base/",), "the reader")}
        self.fails(one_place.main(self.root, {}, words), "remove it from WORDS")
        self.add("evidence/base/a.cpp", "auto a = json::parse(text);\n")
        self.assertEqual([], one_place.main(self.root, {}, words))
        self.add("evidence/tpm/b.cpp", "auto b = json::parse(text);  // so\n")
        self.fails(one_place.main(self.root, {}, words), "evidence/tpm/b.cpp:2", "evidence/base/ alone", "use the reader")

    # error_texts
    def test_a_decision_by_the_text_of_an_error_fails(self):
        for text in ('if (e.error().context.starts_with("nonce")) f();\n', 'return error->context == "gone";\n',
                     'bool b = "gone" != result.error().context;\n', 'auto at = error.context.find("token");\n'):
            with self.subTest(text):
                self.add("evidence/base/a.cpp", text)
                self.fails(error_texts.main(self.root), "evidence/base/a.cpp:4")

    def test_the_text_of_an_error_may_be_shown_and_made_longer(self):
        self.add("evidence/base/a.cpp", 'error.context += "; again";\nprint(error.context);\n// error.context == "a"\nx = context.find(a);\n'
                 'return error.context.empty() ? a : b;\n')
        self.assertEqual([], error_texts.main(self.root))

    # forbidden_texts
    def test_each_forbidden_text_fails(self):
        for text in ("cd /home/" + "me/assay\n", "// TO" + "DO: more\n", "-----BEGIN PRIVATE" + " KEY-----\n", "a\r\n", "<<<<<<" + "< HEAD\n",
                     "std::stable" + "_sort(a, b);\n", 'sql << "WHERE (host = :host OR ' + ':any = 1)"\n',
                     'sql << "WHERE (host = :host OR " ":' + 'any_host = 1)"\n', 'fail("a number is wan' + 'ted");\n', 'fail("a number wan' + 'ted");\n'):
            with self.subTest(text):
                self.add("evidence/base/a.cpp", text)
                self.fails(forbidden_texts.main(self.root), "evidence/base/a.cpp:4")

    def test_scripts_without_a_suffix_are_read_too(self):
        self.write("scripts/go", "# FIX" + "ME\n")
        self.fails(forbidden_texts.main(self.root), "scripts/go:1")

    # formatting
    def test_an_unformatted_file_fails(self):
        tool = shutil.which("clang-format-19")
        if tool is None:
            self.skipTest("clang-format-19 is not installed")
        self.write(".clang-format", "BasedOnStyle: Google\n")
        for path in list(SOUND):
            if path.endswith((".cpp", ".h")):
                os.remove(os.path.join(self.root, path))
        self.write("a.cpp", "int x = 1;\n")
        self.assertEqual([], formatting.main(self.root, tool))
        self.write("a.cpp", "int   x=1 ;\n")
        self.fails(formatting.main(self.root, tool), "a.cpp: not formatted")

    # clang
    def test_what_clang_warns_of_fails(self):
        tool = shutil.which("clang++-19")
        if tool is None:
            self.skipTest("clang++-19 is not installed")
        self.write("evidence/base/a.cpp", "int f(unsigned x) { return static_cast<int>(x); }\n")
        self.assertEqual([], clang.main(self.root, tool))
        self.write("evidence/base/a.cpp", "int f(unsigned x) { return x; }\n")
        self.fails(clang.main(self.root, tool), "clang refuses evidence/base/a.cpp:", "sign")

    # doc_links
    def test_a_link_to_nowhere_fails(self):
        for link in ("[x](docs/gone.md)", "![x](docs/gone.png)", "[x](docs/page.md#gone)", "[x](../outside.md)", "[x](#gone)"):
            with self.subTest(link):
                self.add("README.md", f"\n{link}\n")
                self.fails(doc_links.main(self.root), "README.md:5")

    # tables_render
    def test_a_table_that_would_not_render_fails(self):
        for text, word in (("| a | b |\n| --- | --- |\n| 1 |\n", "expected 2 cells, got 1"),
                           ("| a | b |\n| --- | --- |\n| 1 | `x|y` |\n", "expected 2 cells, got 3"),
                           ("| a | b |\n| --- |\n| 1 | 2 |\n", "expected 2 cells, got 1"),
                           ("| a |\n| --- |\n| 1\n", "'|' at the end"),
                           ("| a |\n| --- |\n| 1 |\nprose\n", "an empty line after the table"),
                           ("| a |\n| --- |\n| 1 |\n\n| 2 |\n", "without a header"),
                           ("| a |\n", "without a header")):
            with self.subTest(text):
                self.add("README.md", "\n" + text)
                self.fails(tables_render.main(self.root), "README.md:", word)

    def test_escaped_pipes_and_pipes_in_code_blocks_pass(self):
        self.add("README.md", "\n| a | b |\n| :-- | --: |\n| 1 | `x\\|y` |\n\n```\n| no table\n```\n| a |\n| --- |\n| |\n# Next\n")
        self.assertEqual([], tables_render.main(self.root))

    # limits_anchors
    def limits(self, row="| a limit | 16 MiB | more is refused | 16 MiB: `kMost` in `evidence/base/limits.h` |",
               code="constexpr std::size_t kMost = 16U << 20U;  ///< bytes\n", column="in the code"):
        self.write("docs/limits.md", f"| what | today | consequence | {column} |\n| --- | --- | --- | --- |\n{row}\n")
        self.write("evidence/base/limits.h", code)
        return limits_anchors.main(self.root)

    def test_a_number_that_is_not_the_codes_fails(self):
        self.fails(self.limits(code="constexpr std::size_t kMost = 8U << 20U;\n"), "docs/limits.md:3", "expected 16 MiB", "got 8388608")
        self.fails(self.limits(code="constexpr std::size_t kMoist = 16U << 20U;\n"), "kMost in evidence/base/limits.h is not defined there")
        self.fails(self.limits(code="// kMost = 16U << 20U;\n"), "not defined")
        self.fails(self.limits(code="int kMost = 1;\nint kMost = 1;\n"), "more than once")
        self.fails(self.limits(code="constexpr auto kMost = f(3);\n"), "cannot compute")

    def test_a_number_without_its_anchor_and_an_anchor_without_its_number_fail(self):
        self.fails(self.limits("| a limit | 16 MiB | more is refused | - |"), "'16 MiB' has no anchor")
        self.fails(self.limits("| a limit | some | more than 1,024 is refused | - |"), "'1,024' has no anchor")
        self.fails(self.limits("| a limit | some | more is refused | 16 MiB: `kMost` in `evidence/base/limits.h` |"), "stands for no number")
        self.fails(self.limits("| a limit | 16 MiB | more is refused | 16 MiB: somewhere |"), "is no anchor")
        self.fails(self.limits("| a limit | 16 MiB | more is refused | 16 MiB: `kMost` in `evidence/gone.h` |"), "evidence/gone.h does not exist")
        self.fails(self.limits(column="remarks"), "expected 'in the code'")

    def test_a_row_without_a_number_passes(self):
        self.assertEqual([], self.limits("| a limit | SHA-256 in PCR 7, see [page](docs/page16.md), `x 12` | none | - |"))

    def test_constants_in_all_their_forms_are_read(self):
        for said, code in (("10,000", "std::int64_t kMost = 10'000;  ///< in all"), ("16 MiB", "std::size_t kMost = 16 * 1024 * 1024;"),
                           ("5 min", "std::chrono::minutes kMost{5};"), ("5 min", "auto kMost = std::chrono::minutes{5};"),
                           ("5 s", "void f(std::chrono::milliseconds kMost = std::chrono::seconds(5));"),
                           ("2 s", "static constexpr std::chrono::milliseconds kMost{2000};"), ("0x01c90000", "std::uint32_t kMost = 0x01c9'0000;")):
            with self.subTest(code):
                self.assertEqual([], self.limits(f"| a | {said} | b | {said}: `kMost` in `evidence/base/limits.h` |", code + "\n"))
        self.assertEqual([], self.limits("| a | 30 days | b | 30 days: `kKept_s` in `evidence/base/limits.h` |", "int kKept_s = 30LL * 24 * 3600;\n"))
        self.fails(self.limits("| a | 5 | b | 5: `kMost` in `evidence/base/limits.h` |", "std::chrono::seconds kMost{5};\n"), "got 5000 ms")

    def test_files_are_counted(self):
        row = "| a | 2 | b | 2: files of `evidence/tpm/*.h` |"
        self.fails(self.limits(row), "evidence/tpm/*.h: expected 2 as the page says, got 1")
        self.write("evidence/tpm/more.h", "")
        self.assertEqual([], self.limits(row))

    # try_in_braces
    def test_try_in_a_braced_initialiser_fails(self):
        for text in ("return Pair{text(), TRY(number())};", "return Pair{\n    text(), as_text(TRY(number()))};", "all.push_back({TRY(number())});",
                     "const Pair pair{.first = {}, .second = TRY(number())};", "x = {1, [&] { return 1; }(), TRY(number())};"):
            with self.subTest(text):
                self.add("evidence/base/a.cpp", "Result<Pair> f() {\n" + text + "\n}\n")
                self.fails(try_in_braces.main(self.root), "evidence/base/a.cpp:", "TRY in a braced initialiser")

    def test_try_in_a_block_passes(self):
        for text in ("Result<int> f() { return TRY(number()); }", "Result<> f() {\n    if (TRY(good())) {\n        g();\n    }\n}",
                     "Result<> f() {\n    for (const auto& x : TRY(all())) g(x);\n}", "auto y = Pair{1, [&]() -> Result<int> { return TRY(number()); }()};",
                     "Result<> f() {\n    switch (TRY(kind())) {\n    }\n}", "// Pair{TRY(number())}", 'auto s = "{TRY(number())}";'):
            with self.subTest(text):
                self.add("evidence/base/a.cpp", text + "\n")
                self.assertEqual([], try_in_braces.main(self.root))

    # causes
    def causes(self, tests, product="error_of(Cause::disk_full)"):
        self.write("evidence/base/causes.inc", 'CAUSE(disk_full, "disk.full", io, "a", "b", "c")\n')
        self.write("evidence/base/cause.cpp", "// nothing\n")
        self.write("agent/main.cpp", f"{product};\n")
        self.write("tests/unit/a_test.cpp", f"{tests};\n")
        return causes.main(self.root)

    def test_a_cause_that_a_test_reaches_and_the_product_says_passes(self):
        self.assertEqual([], self.causes("CHECK(says(error, Cause::disk_full))"))

    def test_a_cause_that_no_test_reaches_fails(self):
        self.fails(self.causes("// Cause::disk_full"), "disk_full is reached by no test")

    def test_a_cause_that_nothing_says_fails(self):
        self.fails(self.causes("CHECK(says(error, Cause::disk_full))", "nothing()"), "disk_full is said by nothing")

    # ignored_results
    def test_a_result_that_is_thrown_away_without_a_reason_fails(self):
        for text in ("    static_cast<void>(write(record));\n", "    (void)write(record);\n", "    std::ignore = write(record);\n",
                     '    static_cast<void>(write(record, "https://a"));\n', "    static_cast<void>(\n        write(record));\n"):
            with self.subTest(text):
                self.add("agent/main.cpp", "// why\nvoid f() {\n" + text + "}\n")
                self.fails(ignored_results.main(self.root), "agent/main.cpp:4: what write says")

    def test_a_result_that_is_thrown_away_with_a_reason_passes(self):
        for text in ("    // why\n    static_cast<void>(write(record));\n", "    static_cast<void>(write(record));  // why\n",
                     "    static_cast<void>(eventfd_write(fd, 1));\n", "    static_cast<void>(unused);\n"):
            with self.subTest(text):
                self.add("agent/main.cpp", "void f() {\n" + text + "}\n")
                self.assertEqual([], ignored_results.main(self.root))

    # tidy
    def test_what_clang_tidy_says_of_a_changed_file_fails(self):
        tool = shutil.which("clang-tidy-19")
        if tool is None:
            self.skipTest("clang-tidy-19 is not installed")
        self.write(".clang-tidy", "Checks: '-*,modernize-use-nullptr'\nWarningsAsErrors: '*'\n")
        self.write("build/tidy/compile_commands.json", json.dumps([{"directory": self.root, "file": "agent/main.cpp", "command": "c++ -c agent/main.cpp"}]))
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
            tidy.git(self.root, *command)
        self.assertEqual([], tidy.changed(self.root))
        self.write("agent/main.cpp", "int* p = 0;\n")
        self.assertEqual(["agent/main.cpp"], tidy.changed(self.root))
        self.fails(tidy.judge(self.root, tool, ["agent/main.cpp"])[0], "agent/main.cpp:1", "nullptr")
        self.assertEqual(([], ["agent/main.cpp"]), tidy.judge(self.root, tool, ["agent/main.cpp"], 0))


if __name__ == "__main__":
    unittest.main()
