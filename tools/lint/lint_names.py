"""A file is named after its idea. These names say nothing, and folders of that name collect everything."""
import re
from pathlib import PurePosixPath

from tree import Finding

EMPTY_WORDS = {"util", "utils", "utility", "utilities", "common", "misc", "manager", "helper", "helpers", "stuff"}


def check(tree):
    for path in tree.paths():
        for part in PurePosixPath(path).parts:
            empty = EMPTY_WORDS & set(re.split(r"[^a-z]+", part.lower()))
            if empty:
                yield Finding(path, 1, f"'{empty.pop()}' in a name", "name it after what it is about")


SAMPLES = [
    ({"src/base/string_util.h": ""}, "'util' in a name"),
    ({"demo/common/print.mjs": ""}, "'common' in a name"),
    ({"src/ledger/books.h": "", "docs/utilisation.md": ""}, None),
]
