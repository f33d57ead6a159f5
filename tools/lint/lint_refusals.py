"""Every refusal has a line in the API's documentation, and every line there is a refusal."""
import re

from tree import Finding, line_of

# The page, and the enums it lists: (header, enum). A row of the page opens with the name: | `funds_insufficient` | ...
LISTS = {
    "docs/api/problems.md": [("src/custody/refusal.h", "Refusal"), ("src/api/message/problem.h", "EdgeProblem")],
    "docs/api/signer-refusals.md": [("src/signer/refusal.h", "Refusal")],
}
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
    for page, enums in LISTS.items():
        enums = [(header, enum) for header, enum in enums if tree.exists(header)]
        text = tree.text(page) if tree.exists(page) else ""
        rows = {m[1]: line_of(text, m.start()) for m in ROW.finditer(text)}
        known = set()
        for header, enum in enums:
            names = enumerators(tree, header, enum)
            known |= names.keys()
            if not names:
                yield Finding(header, 1, f"no enum class {enum} was found", "mend LISTS in tools/lint/lint_refusals.py")
            for name in sorted(names.keys() - rows.keys()):
                yield Finding(header, names[name], f"{name} has no row in {page}", f"add: | `{name}` | what it means |")
        for name in sorted(rows.keys() - known):
            where = " or ".join(f"{enum} in {header}" for header, enum in enums)
            yield Finding(page, rows[name], f"{name} is no enumerator of {where}", "take the row out")


HEADER = "enum class Refusal : std::uint8_t {\n  none = 0,\n  frozen,  // by whom, and why\n  state_wrong = 7,\n};\n"
SAMPLES = [
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| `frozen` | no |\n"}, "state_wrong has no row"),
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| `frozen` |\n| `state_wrong` |\n| `gone` |\n"},
     "gone is no enumerator"),
    ({"src/signer/refusal.h": HEADER}, "frozen has no row in docs/api/signer-refusals.md"),
    ({"src/signer/refusal.h": "enum Other {};"}, "no enum class Refusal was found"),
    ({"src/custody/refusal.h": HEADER, "docs/api/problems.md": "| Name |\n|---|\n| `frozen` |\n| `state_wrong` |\n"},
     None),
]
