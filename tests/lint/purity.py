#!/usr/bin/env python3
"""PURE folders touch no file, socket, clock, environment, locale, randomness or unordered order."""
import re
import sys

import lint

# What both sides agree on, what judges, and what is known of makers: nobody has to be named here to be held to it.
PURE = ("evidence/", "verifier/judge/", "vendor-db/")

# (file, what) -> why. One that is not needed any more must leave.
EXCEPTIONS = {
    ("evidence/tpm/key/credential.cpp", "randomness"): "MakeCredential's seed must be unpredictable; its header says so",
    ("verifier/judge/accompaniment/text_map.h", "unordered order"): "nobody can walk through it: it is asked by key alone",
}

HEADERS = {
    "file": ["fstream", "filesystem", "iostream", "cstdio", "stdio.h", "fcntl.h", "unistd.h", "sys/stat.h", "dirent.h"],
    "socket": ["sys/socket.h", "netinet/", "arpa/", "netdb.h", "boost/asio", "curl/"],
    "clock or thread": ["thread", "future", "sys/time.h", "time.h"],
    "locale": ["locale", "sstream", "iomanip", "cctype", "ctype.h", "clocale", "regex"],
    "randomness": ["random", "openssl/rand.h"],
    "unordered order": ["unordered_map", "unordered_set"],
    "device or database": ["tss2/", "libudev.h", "libusb", "soci/", "sqlite3.h", "libpq", "spdlog/", "systemd/"],
}

WORDS = {
    "environment": r"\b(?:secure_)?getenv\b",
    "clock": r"\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock|clock_gettime|gettimeofday|X509_cmp_current_time)\b"
             r"|(?:std::|[^\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)",
    "file": r"\b(?:fopen|BIO_new_file|X509_STORE_set_default_paths|X509_STORE_load_\w+|SSL_CTX_\w*default\w*)\b",
    "locale": r"\b(?:setlocale|strtod|strtof|stod|stof|atof)\b",
    "randomness": r"\b(?:RAND_bytes|RAND_priv_bytes|random_device|mt19937)\b|(?:std::|[^\w.>:])rand\s*\(",
    "floating point": r"\b(?:float|double)\b",
}


def main(root, exceptions):
    problems, excused = [], set()

    def report(path, place, what, message):
        if (path, what) in exceptions:
            excused.add((path, what))
        else:
            problems.append(f"{path}:{place}: {message}; take it as an argument")

    for path in lint.files(root, ".cpp", ".h", ".inc"):
        if not path.startswith(PURE):
            continue
        text = lint.read(root, path)
        for number, header, quoted in lint.includes(text):
            for what, names in HEADERS.items():
                if not quoted and any(header == n or (n[-1] == "/" or "/" in n or n.startswith("lib")) and header.startswith(n)
                                      for n in names):
                    report(path, number, what, f"<{header}> brings {what} into a PURE folder")
        bare = lint.without_comments(text)
        for number, line in enumerate(bare.split("\n"), 1):
            for what, pattern in WORDS.items():
                found = re.search(pattern, line)
                if found:
                    report(path, number, what, f"'{found.group(0).strip()}': {what} in a PURE folder")
        # OpenSSL reads the clock for validity unless it is told the time.
        if re.search(r"\bX509_verify_cert\b", bare) and not re.search(r"\bX509_(?:VERIFY_PARAM|STORE_CTX)_set_time\b", bare):
            problems.append(f"{path}: X509_verify_cert without the time as an argument; set it with X509_VERIFY_PARAM_set_time")
    for path, what in sorted(set(exceptions) - excused):
        problems.append(f"tests/lint/purity.py: {path} has no {what} any more; remove it from EXCEPTIONS")
    return problems


if __name__ == "__main__":
    lint.end(main(lint.root_of(sys.argv), EXCEPTIONS))
