#!/usr/bin/env python3
"""Raw evidence is taken by the store, by the steps within open_evidence, and by what proves it; by nothing else of the verifier.
Everything after takes OpenedEvidence: so no section is decoded in two places."""
import re
import sys

import lint

# The door: what proves evidence, and what open_evidence is made of.
MAY = re.compile(r"verifier/(?:service/store/|service/inputs/|service/api/attest/proven_evidence\.(?:h|cpp)$"
                 r"|judge/appraisal/(?:steps/(?:open_evidence|authenticate|sections|prove|steps|appraise)"
                 r"|facts/standing/journal_standing)\.(?:h|cpp)$)")
TAKES = re.compile(r"(?<![\w:])Evidence\s*(?:const\s*)?[&*]?\s*\w+\s*[,)]")
DECODES = re.compile(r"\bdecode_(?:manifest|journal_section|journal_record|\w+_section)\(")
# Sections decode themselves where bind takes them.
DECODERS = re.compile(r"verifier/(?:service/store/|service/inputs/"
                      r"|judge/appraisal/(?:steps/(?:bind|prove|authenticate|replay_logs)|facts/ima/ima_progress)\.cpp$)")


def main(root):
    problems = []
    for path in lint.files(root, ".h", ".cpp"):
        if not path.startswith("verifier/"):
            continue
        with open(f"{root}/{path}", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                code = line.split("//")[0]
                if TAKES.search(code) and not MAY.match(path):
                    problems.append(f"{path}:{number}: takes raw evidence; take OpenedEvidence")
                if DECODES.search(code) and not DECODERS.match(path):
                    problems.append(f"{path}:{number}: decodes evidence once more; take it from OpenedEvidence")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv)))
