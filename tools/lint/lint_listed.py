"""Every source is named in a CMakeLists.txt: a test that nobody builds is no test."""
import re
from pathlib import PurePosixPath

from tree import Finding

FOLDERS = ("src/", "sim/", "tests/", "bench/", "drills/")
SHARED = {"tests/fuzz_replay.cc"}  # Named in cmake/holdfast.cmake.


def check(tree):
    listed = set()
    for cmake in tree.paths("CMakeLists.txt"):
        folder = PurePosixPath(cmake).parent
        text = re.sub(r"#[^\n]*", "", tree.text(cmake))
        listed.update(str(folder / word) for word in re.findall(r"[\w./-]+\.cc\b", text))
        for call, subject in re.findall(r"\bhf_(bench)\s*\(\s*(\w+)", text):
            listed.add(str(folder / f"{subject}_{call}.cc"))
    for path in tree.paths(".cc"):
        if path.startswith(FOLDERS) and path not in listed | SHARED:
            yield Finding(path, 1, "no CMakeLists.txt names it", "list it in that of its folder, or delete it")


SAMPLES = [
    ({"src/base/hex_test.cc": "", "src/base/CMakeLists.txt": "hf_test(t SOURCES amount_test.cc)  # hex_test.cc\n"},
     "no CMakeLists.txt names it"),
    ({"src/base/hex_test.cc": "", "src/base/CMakeLists.txt": "hf_test(t SOURCES hex_test.cc)\n",
      "src/chain/evm/rlp.cc": "", "src/chain/CMakeLists.txt": "hf_library(c SOURCES evm/rlp.cc)\n"}, None),
]
