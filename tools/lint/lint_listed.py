"""Every source is named in a CMakeLists.txt: a test that nobody builds is no test."""
import re
from pathlib import PurePosixPath

from tree import Finding

FOLDERS = ("src/", "sim/", "tests/", "bench/", "drills/")
SHARED = {"tests/fuzz_replay.cc"}  # Named in cmake/holdfast.cmake.


def find(tree, folder, name):
    return tree.paths(f"/{name}", under=f"{folder}/")


def check(tree):
    listed = set()
    for cmake in tree.paths("CMakeLists.txt"):
        folder = PurePosixPath(cmake).parent
        text = re.sub(r"#[^\n]*", "", tree.text(cmake))
        listed.update(str(folder / word) for word in re.findall(r"[\w./-]+\.cc\b", text))
        for target in re.findall(r"\b\w+_(?:test|fuzz)\b(?!\.)", text):
            listed.update(find(tree, folder, f"{target}.cc"))  # In a loop, as ${target}.cc.
        for subject in re.findall(r"\bhf_bench\s*\(\s*(\w+)", text):
            listed.add(str(folder / f"{subject}_bench.cc"))
    for path in tree.paths(".cc"):
        if path.startswith(FOLDERS) and path not in listed | SHARED:
            yield Finding(path, 1, "no CMakeLists.txt names it", "list it in that of its folder, or delete it")


SAMPLES = [
    ({"src/base/hex_test.cc": "", "src/base/CMakeLists.txt": "hf_test(t SOURCES amount_test.cc)  # hex_test.cc\n"},
     "no CMakeLists.txt names it"),
    ({"src/base/hex_test.cc": "", "src/base/CMakeLists.txt": "hf_test(t SOURCES hex_test.cc)\n",
      "src/chain/evm/rlp.cc": "", "src/chain/evm/rlp_fuzz.cc": "",
      "src/chain/CMakeLists.txt": "hf_library(c SOURCES evm/rlp.cc)\nforeach(target rlp_fuzz)\n"}, None),
]
