"""Every refusal has a line in the API's documentation, and every line there is a refusal."""
import re

from tree import Finding, line_of

# (header, its enum, the page). A row of the page opens with the name: | `funds_insufficient` | ...
LISTS = [
    ("src/custody/refusal.h", "Refusal", "docs/api/problems.md"),
    ("src/signer/refusal.h", "Refusal", "docs/api/signer-refusals.md"),
]
ROW = re.compile(r"^\|\s*`([a-z0-9_]+)`\s*\|", re.MULTILINE)
NOT_REFUSALS = {"none"}


def enumerators(tree, path, enum):
    code = tree.code(path)
    body = re.search(rf"\benum class {enum}\b[^{{]*\{{(.*?)\}}", code, re.DOTALL)
    if not body:
        return {}
    names = re.finditer(r"\b([a-z]\w*)\b\s*(?:=[^,]*)?(?:,|$)", body[1].rstrip())
    return {m[1]: line_of(code, body.start(1) + m.start()) for m in names if m[1] not in NOT_REFUSALS}


def check(tree):
    for header, enum, page in LISTS:
        if not tree.exists(header):
            continue
        wanted = enumerators(tree, header, enum)
        if not wanted:
            yield Finding(header, 1, f"no enum class {enum} was found", "mend LISTS in tools/lint/lint_refusals.py")
        if not tree.exists(page):
            yield Finding(header, 1, f"{page} is missing", f"write it: one row for each enumerator of {enum}")
            continue
        rows = {m[1]: line_of(tree.text(page), m.start()) for m in ROW.finditer(tree.text(page))}
        for name in wanted.keys() - rows.keys():
            yield Finding(header, wanted[name], f"{name} has no row in {page}", f"add: | `{name}` | what it means |")
        for name in rows.keys() - wanted.keys():
            yield Finding(page, rows[name], f"{name} is no enumerator of {enum} in {header}", "take the row out")


HEADER = "enum class Refusal : std::uint8_t {\n  none = 0,\n  frozen,  // by whom, and why\n  state_wrong = 7,\n};\n"
SAMPLES = [
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| `frozen` | no |\n"}, "state_wrong has no row"),
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| `frozen` |\n| `state_wrong` |\n| `gone` |\n"},
     "gone is no enumerator"),
    ({"src/signer/refusal.h": HEADER}, "docs/api/signer-refusals.md is missing"),
    ({"src/signer/refusal.h": "enum Other {};"}, "no enum class Refusal was found"),
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| Name |\n|---|\n| `frozen` |\n| `state_wrong` |\n"},
     None),
]
