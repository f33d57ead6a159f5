"""A link in the documentation leads to a file of the tree, and its #part to a heading there."""
import re
from pathlib import PurePosixPath
from posixpath import normpath

from tree import Finding

LINK = re.compile(r"!?\[[^\]\[]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]*`")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def prose(text):
    return SPAN.sub(blank, FENCE.sub(blank, text))


def parts(text):
    """The names that headings can be linked by."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", FENCE.sub(blank, text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check(tree):
    folders = {str(parent) for path in tree.paths() for parent in PurePosixPath(path).parents}
    for path in tree.paths(".md"):
        for line, text in enumerate(prose(tree.text(path)).splitlines(), 1):
            for target in LINK.findall(text):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, part = target.partition("#")
                at = normpath(str(PurePosixPath(path).parent / file)) if file else path
                if not tree.exists(at) and at not in folders and not is_data(at):
                    yield Finding(path, line, f"the link {target} leads nowhere",
                                  "write the path from this file's folder")
                elif part and at.endswith(".md") and part not in parts(tree.text(at)):
                    yield Finding(path, line, f"{at} has no heading #{part}", "link to one that it has")


def is_data(path):
    """Pictures and other files that a Tree does not read."""
    return path.endswith((".png", ".svg", ".jpg", ".gif", ".pdf"))


SAMPLES = [
    ({"docs/a.md": "See [b](b.md).\n"}, "the link b.md leads nowhere"),
    ({"docs/a.md": "See [b](b.md#two).\n", "docs/b.md": "# One\n"}, "docs/b.md has no heading #two"),
    ({"docs/a.md": "[b](b.md#one-of-two) [c](../src/c.h) [d](https://example.org) [e](#here) [f](../src)\n\n## Here\n"
                   "```\n[x](y)\n```\n", "docs/b.md": "# One of two\n", "src/c.h": ""}, None),
]
