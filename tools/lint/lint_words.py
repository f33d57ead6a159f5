"""Nothing half done, nothing dead, nothing that holds on one machine only."""
import re

from tree import CODE_SUFFIXES, Finding

UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PLACES = re.compile(r"(?<![\w.$}-])/(work|home|root|Users)/[\w.]|/tmp/(?!\S*XXXXXX)[\w.]")
REGISTRIES = re.compile(r"\bregistry\.\w+\.(org|com|io)\b|\"resolved\":\s*\"http")
DEAD_CODE = re.compile(
    r"""\s*(//|\#\s)\s*(
        (return|throw|delete|co_await)\b.*;
      | (if|for|while|switch)\s*\(.*[{;]
      | \#\s*include\b.*
      | (auto|const|static|let|var|std::)\b.*[;{]
      | [\w.:\[\]]+(->[\w.]+)*\s*(=|\+=|-=)\s*.*;
      | [\w.:]+(->[\w.]+)*\(.*\);
    )\s*$""", re.VERBOSE)
EXEMPT = {"tools/lint/lint_words.py"}  # It has to name them.


def check(tree):
    for path in tree.paths():
        if path in EXEMPT:
            continue
        is_code = path.endswith(tuple(CODE_SUFFIXES))
        for line, text in tree.lines(path):
            if UNDONE.search(text):
                yield Finding(path, line, f"{UNDONE.search(text)[0]} in the tree", "do it, or file an issue")
            if PLACES.search(text):
                yield Finding(path, line, f"the path {PLACES.search(text)[0]}... of one machine",
                              "use a path relative to the root, mkdtemp or an argument")
            if REGISTRIES.search(text):
                yield Finding(path, line, "the host of a package registry",
                              "leave it to the machine's own configuration")
            if is_code and DEAD_CODE.match(text):
                yield Finding(path, line, "this comment is code", "delete it; git remembers")


SAMPLES = [
    ({"src/base/hex.cc": "// TODO: faster\n"}, "TODO in the tree"),
    ({"docs/start.md": "cd /home/somebody/holdfast\n"}, "of one machine"),
    ({"tests/a.mjs": 'const dir = "/tmp/journal";\n'}, "of one machine"),
    ({"package-lock.json": '  "resolved": "https://example.org/x.tgz",\n'}, "the host of a package registry"),
    ({"src/base/hex.cc": "  // return digits[i];\n"}, "this comment is code"),
    ({"src/base/hex.cc": "  // x.count = y;\n"}, "this comment is code"),
    ({"demo/a.mjs": "  #running = new Map();\n"}, None),
    ({"src/base/hex.cc": "// The caller keeps the lock;\n// leaf = SHA-256(0x00 || record)\n// see apply().\n",
      "docs/a.md": "Keep it in ~/home/ or under src/home/x or /var/lib/holdfast.\n",
      "src/journal/a_test.cc": 'mkdtemp("/tmp/journal-XXXXXX")\n'}, None),
]
