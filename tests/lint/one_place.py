#!/usr/bin/env python3
"""What one file is there to hide is used by that file alone, everybody else has what the file gives: a foreign
header, and the ways of a foreign library that read documents from outside."""
import re
import sys

import lint

# What the header begins with -> (the one file, what all others include).
PLACES = {
    "CLI/": ("client/command_line/run.cpp", "client/command_line/command.h"),
    "toml++/": ("evidence/codec/toml_file.cpp", "evidence/codec/toml_file.h"),
}

BESIDE = {("toml++/", "tests/bench/vendors.cpp")}  # what is measured against it

# What a line of product code may hold in these folders and files alone -> (they, what all others use).
CODEC = "evidence/codec/"
WORDS = {
    r"\bjson::(?:parse|accept|sax_parse)\(": ((CODEC,), "JsonReader or parse_json, evidence/codec/"),
    r"\bparse_json\(": ((CODEC, "verifier/service/"), "JsonReader, evidence/codec/json_reader.h"),
    r"\.(?:is_(?:string|boolean|number\w*|object|array)|type_name)\(\)|\bget_(?:ref|ptr|to)\b": (
        (CODEC,), "JsonReader, evidence/codec/json_reader.h"),
    r"<nlohmann/json\.hpp>": (
        (CODEC, "evidence/wire/attestation_result.cpp", "verifier/judge/appraisal/checks/capped_findings.cpp",
         "verifier/service/"), "JsonReader and Json, evidence/codec/"),
    r"\bsoci::(?:use|into)\b": (("verifier/service/store/engine/",), "Query, verifier/service/store/engine/query.h"),
    r"\bofstream\b|\bO_CREAT\b|\bfopen\(": (
        ("files/", "agent/usb/journal/journal.cpp"), "write_output or replace_file, files/output.h"),
    r"\btoml::": ((CODEC,), "TomlReader, evidence/codec/toml_file.h"),
}
PRODUCT = ("agent/", "cli/", "client/", "evidence/", "files/", "vendor-db/", "verifier/")


def main(root, places, words=()):
    problems, met = [], set()
    for path in lint.files(root, ".cpp", ".h", ".inc"):
        text = lint.read(root, path)
        for number, header, _ in lint.includes(text):
            for begin, (place, instead) in places.items():
                if not header.startswith(begin):
                    continue
                met.add(begin)
                if path != place and (begin, path) not in BESIDE:
                    problems.append(f"{path}:{number}: <{header}> belongs to {place} alone; include \"{instead}\"")
        if not path.startswith(PRODUCT):
            continue
        for pattern, (rooms, instead) in dict(words).items():
            for number, line in enumerate(text.splitlines(), 1):
                if not re.search(pattern, line.split("//")[0]):
                    continue
                room = next((each for each in rooms if path.startswith(each)), None)
                met.add((pattern, room))
                if room is None:
                    problems.append(f"{path}:{number}: '{line.strip()[:60]}' belongs to {rooms[0]} alone; use {instead}")
    for begin in sorted(set(places) - met):
        problems.append(f"tests/lint/one_place.py: nothing includes <{begin}...> any more; remove it from PLACES")
    for pattern, (rooms, _) in dict(words).items():
        for room in rooms:
            if (pattern, room) not in met:
                problems.append(f"tests/lint/one_place.py: {room} has nothing like {pattern} any more; remove it from WORDS")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv), PLACES, WORDS))
