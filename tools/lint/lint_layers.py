"""Includes go downward only: by the order of the folders, and by what each library declares in its CMakeLists.txt."""
import re
from pathlib import PurePosixPath

from tree import Finding, includes, line_of, top_folder

# From the bottom up, as in src/CMakeLists.txt.
ORDER = ["base", "journal", "ledger", "risk", "policy", "identity", "custody", "chain", "labels", "config", "engine", "signer", "link", "api", "apps"]
# These do not know each other although one stands above the other: a signer believes nothing of the daemon's.
STRANGERS = {frozenset(pair) for pair in [("journal", "ledger"), ("journal", "custody"), ("journal", "chain"),
                                          ("engine", "signer"), ("signer", "api")]}
# Messages are translated at the edge; these never see one.
WITHOUT_MESSAGES = {"base", "journal", "ledger", "policy", "risk", "identity", "custody"}
CALL = re.compile(r"\b(hf_library|hf_test|hf_fuzz)\s*\(\s*(\w+)([^)]*)\)")
KEYWORDS = {"SOURCES", "DEPENDS", "LINK", "TIMEOUT", "LABELS"}


class Libraries:
    """Which library a file of src/ belongs to, and what that library says it depends on."""

    def __init__(self, tree):
        self.depends = {}
        self.declared_at = {}
        self._of_stem = {}
        self._of_folder = {}
        for path in tree.paths("CMakeLists.txt", under="src/"):
            text = re.sub(r"#[^\n]*", "", tree.text(path))
            for match in CALL.finditer(text):
                if match[1] == "hf_library":
                    self._add(path, match[2], arguments(match[3]), line_of(text, match.start()))

    def _add(self, cmake, name, given, line):
        folder = PurePosixPath(cmake).parent
        self.depends[name] = given.get("DEPENDS", [])
        self.declared_at[name] = (cmake, line)
        for source in given.get("SOURCES", []):
            path = folder / source
            self._of_stem[str(path.with_suffix(""))] = name
            self._of_folder.setdefault(str(path.parent), set()).add(name)

    def of(self, path):
        """The library's name, or None where none or several could own the file."""
        pure = PurePosixPath(path)
        if str(pure.with_suffix("")) in self._of_stem:
            return self._of_stem[str(pure.with_suffix(""))]
        in_folder = self._of_folder.get(str(pure.parent), set())
        return next(iter(in_folder)) if len(in_folder) == 1 else None

    def behind(self, header):
        """The library that the header's source is in. A header without a source is words only: nothing to link."""
        return self._of_stem.get(str(PurePosixPath(header).with_suffix("")))

    def reach(self, name):
        seen, rest = set(), [name]
        while rest:
            one = rest.pop()
            if one not in seen:
                seen.add(one)
                rest.extend(self.depends.get(one, []))
        return seen


def arguments(text):
    given, key = {}, None
    for word in text.split():
        if word in KEYWORDS:
            key = word
        elif key:
            given.setdefault(key, []).append(word)
    return given


def may_see(lower, upper):
    if lower not in ORDER or upper not in ORDER:
        return False
    return ORDER.index(lower) <= ORDER.index(upper) and frozenset((lower, upper)) not in STRANGERS


def check(tree):
    libraries = Libraries(tree)
    for name, (path, line) in libraries.declared_at.items():
        if name in {below for one in libraries.depends[name] for below in libraries.reach(one)}:
            yield Finding(path, line, f"the library {name} depends on itself in the end", "cut the circle")
    for path in tree.paths(".h", ".cc", under="src/"):
        yield from check_file(tree, libraries, path)


def check_file(tree, libraries, path):
    here = top_folder(path)
    for line, file, quoted in includes(tree, path):
        if file.endswith(".pb.h"):
            if here in WITHOUT_MESSAGES:
                yield Finding(path, line, f"{here} sees the message {file}",
                              "translate messages in engine, signer or api")
            continue
        if not quoted:
            continue
        target = f"src/{file}"
        if not tree.exists(target):
            yield Finding(path, line, f"{file} is no header of src/",
                          "write the path from src/; use <> for outside ones")
        elif tree.is_test(path):
            continue
        elif not may_see(top_folder(target), here):
            yield Finding(path, line, f"{here} may not use {top_folder(target)}",
                          "move the code down, or hand it in through a port")
        else:
            mine, other = libraries.of(path), libraries.behind(target)
            if mine and other and other not in libraries.reach(mine):
                cmake, _ = libraries.declared_at[mine]
                yield Finding(path, line, f"{mine} uses {other} and does not say so",
                              f"name it under DEPENDS in {cmake}")


CMAKE = "hf_library(ledger SOURCES books.cc)\n"
SAMPLES = [
    ({"src/ledger/books.cc": '#include "engine/engine.h"\n', "src/engine/engine.h": ""}, "ledger may not use engine"),
    ({"src/signer/checks.cc": '#include "engine/engine.h"\n', "src/engine/engine.h": ""}, "signer may not use engine"),
    ({"src/ledger/books.cc": '#include "base/hex.h"\n', "src/base/hex.h": "", "src/base/hex.cc": "",
      "src/ledger/CMakeLists.txt": CMAKE, "src/base/CMakeLists.txt": "hf_library(base SOURCES hex.cc)"},
     "ledger uses base and does not say so"),
    ({"src/base/CMakeLists.txt": "hf_library(a SOURCES a.cc DEPENDS b)\nhf_library(b SOURCES b.cc DEPENDS a)"},
     "depends on itself"),
    ({"src/custody/state.cc": '#include "custody.pb.h"\n'}, "custody sees the message custody.pb.h"),
    ({"src/base/hex.cc": '#include "hex.h"\n', "src/base/hex.h": ""}, "hex.h is no header of src/"),
    ({"src/custody/a.cc": '#include "ledger/books.h"\n// #include "engine/engine.h"\n', "src/ledger/books.h": "",
      "src/engine/engine.h": ""}, None),
]
