#!/usr/bin/env python3
"""The schemas of docs/formats/accompaniment/ hold for every file of every case, and refuse what the readers refuse."""
import copy
import json
import pathlib
import re
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed; scripts/setup does it")
    sys.exit(77)

HERE = pathlib.Path(__file__).parent
SCHEMAS = HERE.parents[1] / "docs/formats/accompaniment"


def refused():
    """file, what is wrong with it"""
    base = {path.stem: json.loads(path.read_text()) for path in (HERE / "cases/base").glob("*.json")}

    def changed(name, change):
        value = copy.deepcopy(base[name])
        change(value)
        return name, value
    yield changed("events", lambda w: w["events"][0].update(at="2026-03-02T14:07:00"))
    yield changed("events", lambda w: w["events"][0].update({"from": "2026-03-02T14:07:00Z"}))
    yield changed("events", lambda w: w["events"][0].update(colour="red"))
    yield changed("orders", lambda w: w.pop("watermark"))
    yield changed("orders", lambda w: w["orders"][0].update(devices=[{"actions": ["connect"]}]))
    yield changed("badges", lambda w: w["rows"][0].pop("credential"))
    yield changed("sessions", lambda w: w["sessions"][0]["escort"].update(signature="yes"))
    yield changed("directory", lambda w: w["zones"][0].update(kind="planet"))
    yield changed("policy", lambda w: w.update(delta_s=-1))
    yield changed("now", lambda w: w.update(now=""))


def main():
    checks = {}
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        checks[path.name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(schema)
    problems, count = [], 0
    for path in sorted((HERE / "cases").rglob("*.json")):
        name = {"expected": "verdicts"}.get(path.stem, path.stem)
        if name == "essential":
            continue
        count += 1
        for error in checks[name].iter_errors(json.loads(path.read_text())):
            problems.append(f"{path.relative_to(HERE)}: {error.json_path}: {error.message}")
    page = (SCHEMAS.parent / "accompaniment-case.md").read_text()
    for name, example in re.findall(r"^## (\w+)\.json$.*?^```json\n(.*?)^```", page, re.M | re.S):
        count += 1
        for error in checks[name].iter_errors(json.loads(example)):
            problems.append(f"docs/formats/accompaniment-case.md: {name}.json: {error.json_path}: {error.message}")
    for name, value in refused():
        if checks[name].is_valid(value):
            problems.append(f"{name}.schema.json takes what the reader refuses")
    print("\n".join(problems) if problems else f"{count} files")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
