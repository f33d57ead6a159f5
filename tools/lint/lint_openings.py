"""A file opens with what it is for. A header is guarded by #pragma once."""
import re
from pathlib import PurePosixPath

from tree import Finding

COMMENT = re.compile(r'//\s*\w|/\*|"""\w|#\s+\w')
SUFFIXES = (".h", ".cc", ".proto", ".py", ".mjs", ".cjs")


def opening(text):
    lines = [line for line in text.splitlines() if not line.startswith("#!")]
    return next((line for line in lines if line.strip()), "")


def is_explained_elsewhere(tree, path):
    """A header speaks for the sources that begin with it, and a test is named after what it tests."""
    if not path.endswith(".cc"):
        return False
    folder = PurePosixPath(path).parent
    header = re.match(r'#include "([^"]+)"', tree.text(path))
    return tree.is_test(path) or bool(header and folder in (PurePosixPath("src", header[1]).parent,
                                                            PurePosixPath(header[1]).parent))


def check(tree):
    for path in tree.paths(*SUFFIXES):
        if not is_explained_elsewhere(tree, path) and not COMMENT.match(opening(tree.text(path))):
            yield Finding(path, 1, "the file does not say what it is for", "open it with a comment of one sentence")
        if path.endswith(".h") and "#pragma once\n" not in tree.text(path):
            yield Finding(path, 1, "no #pragma once", "put it below the opening comment")


SAMPLES = [
    ({"src/base/hex.h": "#pragma once\n"}, "does not say what it is for"),
    ({"src/base/hex.h": "// Hexadecimal text.\n"}, "no #pragma once"),
    ({"src/apps/main.cc": '#include "base/hex.h"\nint main() {}\n'}, "does not say what it is for"),
    ({"tools/deploy.mjs": "#!/usr/bin/env node\nimport x from 'y';\n"}, "does not say what it is for"),
    ({"src/base/hex.h": "// Hexadecimal text.\n#pragma once\n", "src/base/digits.cc": '#include "base/hex.h"\n',
      "tools/a.mjs": "#!/usr/bin/env node\n// Sets up a chain.\n", "tools/a.py": '"""Checks."""\n'}, None),
]
