"""A directory comes in force: one keeper proposes it, another approves it."""


def give_directory(verifier, file):
    proposed = verifier.as_("keeper", name="karl").assay_json("people", "import", file)
    if proposed["in_force"]:
        return proposed
    return verifier.as_("keeper", name="kim").assay_json("people", "approve", proposed["proposal"])
