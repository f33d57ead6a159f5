"""No file is longer than 800 lines, no function longer than 70, no line wider than 140; folders stay small.

These are the limits; the aims are 400, 40 and 120. A text in quotes may stick out."""
import ast
import re
from pathlib import PurePosixPath

from tree import CODE_SUFFIXES, Finding, line_of

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 70
MAX_LINE_WIDTH = 140
MAX_FOLDER_FILES = 25
SCRIPTS = (".mjs", ".cjs", ".js", ".ts", ".tsx")
HOLDS_DECLARATIONS = re.compile(r"\b(namespace|class|struct|union|extern)\b[^()]*$")
BEFORE_HEAD = re.compile(r"(\s*(#[^\n]*\n|(public|private|protected):))*\s*")
LITERAL = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`[^`]*`""")
SCRIPT_FUNCTION = re.compile(r"(export )?(default )?(async )?function\b|(export )?const \w+ = .*=>\s*\{$")


def cpp_functions(code):
    """(first line, lines) of each function outside of other functions. Lambdas count with what they stand in."""
    head_begin = 0
    depth = 0  # Open braces since the present body or initializer began.
    for match in re.finditer(r"[{};]", code):
        sign, at = match.group(), match.start()
        if depth:
            depth += {"{": 1, "}": -1, ";": 0}[sign]
            if not depth and is_function:
                first = line_of(code, begin)
                yield first, line_of(code, at) - first + 1
        elif sign == "{":
            begin = BEFORE_HEAD.match(code, head_begin, at).end()
            head = code[begin:at].rstrip()
            if not HOLDS_DECLARATIONS.search(head):
                depth = 1
                is_function = "(" in head and not head.endswith("=")
        if not depth:
            head_begin = at + 1


def script_functions(lines):
    """JavaScript: a function at the left edge ends at the next closing brace at the left edge."""
    first = None
    for number, line in enumerate(lines, 1):
        if first is None and SCRIPT_FUNCTION.match(line):
            first = number
        elif first is not None and line.startswith("}"):
            yield first, number - first + 1
            first = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def functions(tree, path):
    if path.endswith((".cc", ".h")):
        return cpp_functions(tree.code(path))
    if path.endswith(SCRIPTS):
        return script_functions(tree.text(path).splitlines())
    return python_functions(tree.text(path)) if path.endswith(".py") else []


def check(tree):
    folders = {}
    for path in tree.paths(*CODE_SUFFIXES):
        if not tree.is_test(path):
            folders.setdefault(str(PurePosixPath(path).parent), []).append(path)
        count = len(tree.text(path).splitlines())
        if count > MAX_FILE_LINES:
            yield Finding(path, count, f"{count} lines in one file", f"split it by idea; at most {MAX_FILE_LINES}")
        without_literals = LITERAL.sub(lambda match: "\n" * match.group().count("\n"), tree.text(path))
        for line, text in enumerate(without_literals.splitlines(), 1):
            if len(text) > MAX_LINE_WIDTH and "://" not in text:
                yield Finding(path, line, f"{len(text)} columns", f"break the line; at most {MAX_LINE_WIDTH}")
        for line, count in functions(tree, path):
            if count > MAX_FUNCTION_LINES:
                yield Finding(path, line, f"{count} lines in one function", f"split it; at most {MAX_FUNCTION_LINES}")
    for folder, paths in folders.items():
        if len(paths) > MAX_FOLDER_FILES and folder.startswith("src"):
            yield Finding(folder, 1, f"{len(paths)} files in one folder, without tests", "see whether two ideas live here",
                          warning=True)


LONG_BODY = "  run();\n" * 70
SAMPLES = [
    ({"src/base/a.cc": "int x;\n" * 801}, "801 lines in one file"),
    ({"src/base/a.cc": "namespace a {\n\nvoid f(int x) {\n" + LONG_BODY + "}\n}\n"},
     "a.cc:3: 72 lines in one function"),
    ({"src/base/a.h": "class A {\n public:\n  template <class T>\n  void f(T x) {\n" + LONG_BODY + "  }\n};\n"},
     "a.h:3: 73 lines in one function"),
    ({"bench/run.mjs": "export async function f() {\n" + LONG_BODY + "}\n"}, "72 lines in one function"),
    ({"tools/a.py": "def f():\n" + "    g()\n" * 80}, "81 lines in one function"),
    ({"src/base/a.h": "int a;" + " // word" * 20}, "166 columns"),
    ({"src/base/a.cc": 'say("' + "word " * 40 + '");\n'}, None),
    ({f"src/base/a{i}.h": "" for i in range(26)}, "26 files in one folder"),
    ({"src/base/a.cc": "constexpr int kTable[] = {\n" + "    1,\n" * 80 + "};\nvoid f() {\n" + "  g({});\n" * 60 + "}\n"
                       "void h() {\n  // }\n  g(\"}\", '}');\n}\n" + "void i() {}\n" * 20}, None),
]
