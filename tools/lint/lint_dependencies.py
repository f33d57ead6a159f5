"""Every package that tools/install or a package.json names is accounted for in docs/decisions/0008, and no other."""
import json
import re

from tree import Finding

PAGE = "docs/decisions/0008-dependencies.md"
PACKAGES = ("package.json", "bench/peers/package.json")
ROW = re.compile(r"^\|\s*(`[^|]*`)\s*\|\s*([^|]*?)\s*\|")


def rows(tree):
    """package: (line, version) of each name in a first column."""
    found = {}
    for line, text in tree.lines(PAGE):
        match = ROW.match(text)
        if match:
            found.update({name: (line, match[2]) for name in re.findall(r"`([^`]+)`", match[1])})
    return found


def from_debian(tree):
    text = re.sub(r"#[^\n]*", "", tree.text("tools/install"))
    return {name for group in re.findall(r"packages\+?=\(([^)]*)\)", text) for name in group.split()}


def from_npm(tree):
    found = {}
    for path in filter(tree.exists, PACKAGES):
        package = json.loads(tree.text(path))
        found |= package.get("dependencies", {}) | package.get("devDependencies", {})
    return found


def check(tree):
    if not tree.exists(PAGE):
        return
    listed, debian, npm = rows(tree), from_debian(tree), from_npm(tree)
    for name in sorted((debian | npm.keys()) - listed.keys()):
        yield Finding(PAGE, 1, f"{name} is not accounted for", "add its row: version, licence, why")
    for name in sorted(listed.keys() - debian - npm.keys()):
        yield Finding(PAGE, listed[name][0], f"nothing installs {name}", "take the row out")
    for name in sorted(npm.keys() & listed.keys()):
        line, version = listed[name]
        if version != npm[name]:
            yield Finding(PAGE, line, f"{name} is at {npm[name]}, not {version}", "write the version of package.json")


INSTALL = "packages=(\n  cmake libfmt-dev  # text\n)\nif x; then packages+=(clang-19); fi\n"
PACKAGE = '{"dependencies": {"ethers": "6.17.0"}}'
ROWS = "| `cmake` | 3 |\n| `libfmt-dev` | 9 |\n| `clang-19` | 19 |\n"
SAMPLES = [
    ({PAGE: "", "tools/install": INSTALL}, "libfmt-dev is not accounted for"),
    ({PAGE: ROWS + "| `boost` | 1 |\n", "tools/install": INSTALL}, "nothing installs boost"),
    ({PAGE: ROWS + "| `ethers` | 5.0.0 |\n", "tools/install": INSTALL, "package.json": PACKAGE}, "is at 6.17.0, not 5.0.0"),
    ({PAGE: ROWS + "| `ethers` | 6.17.0 |\n", "tools/install": INSTALL, "package.json": PACKAGE}, None),
]
