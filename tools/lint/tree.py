"""The files a lint looks at, and what it reports. A Tree may also be made of samples, which is how lints are tested."""
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SKIPPED_FOLDERS = {".git", "build", "node_modules", "contracts/out", "contracts/cache", "console/dist"}
CODE_SUFFIXES = {".cc", ".h", ".proto", ".py", ".mjs", ".cjs", ".js", ".ts", ".tsx", ".sol"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".cmake", ".css", ".html", ".json", ".md", ".sh", ".sql", ".toml", ".txt", ".yaml", ".yml"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    what: str
    mend: str
    warning: bool = False

    def __str__(self):
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}: {kind}{self.what}. To mend it: {self.mend}"


class Tree:
    """Text files by path, relative to the root and with slashes."""

    def __init__(self, texts):
        self._texts = dict(sorted(texts.items()))
        self._code = {}
        self._built_for_tests = self._listed_by_tests()

    @classmethod
    def of_folder(cls, root):
        texts = {}
        for folder, subfolders, names in os.walk(root):
            here = Path(folder).relative_to(root)
            subfolders[:] = [name for name in subfolders if not SKIPPED_FOLDERS & {name, (here / name).as_posix()}]
            for name in names:
                path = here / name
                if path.suffix not in TEXT_SUFFIXES and not is_script(Path(folder, name)):
                    continue
                try:
                    texts[path.as_posix()] = Path(folder, name).read_text(encoding="utf-8")
                except (UnicodeDecodeError, FileNotFoundError):
                    pass  # Not text, or gone since it was listed.
        return cls(texts)

    def paths(self, *suffixes, under=""):
        return [p for p in self._texts if p.startswith(under) and (not suffixes or p.endswith(suffixes))]

    def is_test(self, path):
        """By its folder, its name, or because only a test program lists it (its header then goes with it)."""
        named_so = re.search(r"^tests/|/testing/|(_(test|fuzz|bench)\.(cc|mjs)|/test_\w+\.(cc|h))$", path)
        return bool(named_so) or str(PurePosixPath(path).with_suffix("")) in self._built_for_tests

    def _listed_by_tests(self):
        stems = set()
        for path in self.paths("CMakeLists.txt"):
            for call in re.findall(r"\bhf_(?:test|fuzz|bench)\s*\(([^)]*)\)", self.text(path)):
                stems.update(str(PurePosixPath(path).parent / stem) for stem in re.findall(r"([\w./-]+)\.cc\b", call))
        return stems

    def exists(self, path):
        return path in self._texts

    def text(self, path):
        return self._texts[path]

    def lines(self, path):
        """(number from 1, line) of the text as it is."""
        return enumerate(self._texts[path].splitlines(), 1)

    def code(self, path):
        """C++ without its comments and the insides of its literals. Every character stays at its place."""
        if path not in self._code:
            self._code[path] = COMMENT_OR_LITERAL.sub(blank, self._texts[path])
        return self._code[path]

    def code_lines(self, path):
        return enumerate(self.code(path).splitlines(), 1)


COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]* | /\*.*?\*/                      # comments
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"      # raw strings
      | "(?:\\.|[^"\\\n])*"                       # strings
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'       # characters, but not the marks in 20'000
    """, re.DOTALL | re.VERBOSE)
INCLUDE = re.compile(r'^\s*#\s*include\s+(?P<open>[<"])(?P<file>[^>"]+)[>"]', re.MULTILINE)


def blank(match):
    text = match.group()
    line_begin = match.string.rfind("\n", 0, match.start()) + 1
    if match.string[line_begin:match.start()].lstrip().startswith("#"):
        return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)  # #include "this stays.h"
    keep = text[0] if text[0] in "\"'" else " "
    return keep + re.sub(r"[^\n]", " ", text[1:-1]) + keep


def is_script(path):
    """A file without a suffix that begins with #!, or a Makefile."""
    if path.suffix:
        return False
    if path.name == "Makefile":
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def includes(tree, path):
    """(line, file, whether in quotes) of each #include."""
    code = tree.code(path)
    for match in INCLUDE.finditer(code):
        yield line_of(code, match.start("open")), match["file"], match["open"] == '"'


def top_folder(path):
    """The folder below src/: src/chain/evm/rlp.h is of chain."""
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 2 and parts[0] == "src" else ""
