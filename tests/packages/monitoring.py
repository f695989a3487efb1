#!/usr/bin/env python3
"""The alert rules and the dashboard ask for metrics that the verifier has, and each alert fires on what it is for."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
MONITORING = SOURCE / "packaging/monitoring"
sys.path.insert(0, str(SOURCE / "tests/support/rack"))
import rack  # noqa: E402


def metrics():
    """With what Prometheus makes of a histogram."""
    names = set(re.findall(r'\.Name\("(\w+)"\)', (SOURCE / "verifier/service/shared/metrics.cpp").read_text()))
    return names | {name + suffix for name in names if name.endswith("_seconds") for suffix in ("_bucket", "_sum", "_count")}


class Monitoring(unittest.TestCase):
    def test_alerts_and_dashboard_ask_for_metrics_that_the_verifier_has_and_the_dashboard_for_all(self):
        dashboard = (MONITORING / "grafana-dashboard.json").read_text()
        alerts = re.sub(r"#.*", "", (MONITORING / "alerts.yaml").read_text())
        for text in (dashboard, alerts):
            asked = set(re.findall(r"\bassay_[a-z_]+", text))
            self.assertTrue(asked)
            self.assertEqual(asked - metrics(), set())
        base = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bassay_[a-z_]+", dashboard)}
        self.assertEqual({name for name in metrics() if not re.search(r"_(bucket|sum|count)$", name)} - base, set())

    def test_the_dashboard_names_each_panel_once_and_none_lies_upon_another(self):
        panels = json.loads((MONITORING / "grafana-dashboard.json").read_text())["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        cells = [(x, y) for panel in panels for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
                 for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])]
        self.assertEqual(len(set(cells)), len(cells))
        self.assertLess(max(x for x, _ in cells), 24)

    def test_each_alert_fires_on_what_it_is_for_and_on_its_honest_twin_does_not(self):
        promtool = shutil.which("promtool")
        if promtool is None:  # out of the package, which as a whole would start a server
            try:
                promtool = rack.unpacked("prometheus") / "usr/bin/promtool"
            except rack.Stop as stop:
                self.skipTest(f"SKIPPED: {stop}")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(MONITORING / "alerts.yaml", folder)
            shutil.copy(SOURCE / "tests/packages/alerts_test.yaml", folder)
            for words in (("check", "rules", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")):
                done = subprocess.run([promtool, *words], cwd=folder, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
