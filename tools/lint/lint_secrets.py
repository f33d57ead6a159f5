"""Keys and passphrases come from files: never from arguments or the environment, which every process can see, and they
go into no log and no commit."""
import re

from tree import Finding

SECRET = r"(private[-_]?key|pass(word|phrase)|mnemonic|seed[-_]?phrase)"
OPTION = re.compile(rf"[\"'\s]--{SECRET}(?![-_]?(file|fd|path))\b", re.IGNORECASE)
ENVIRONMENT = re.compile(r"\b(getenv|secure_getenv|environ)\b")
NODE_ENVIRONMENT = re.compile(rf"process\.env\.\w*{SECRET}", re.IGNORECASE)
LOGGED = re.compile(r"(spdlog|fmt::|std::cout|std::cerr|printf|log\w*\()[^;]*\breveal\(\)")
KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
MAY_READ_ENVIRONMENT = {"src/apps/cli/session.cc"}  # Files of src/ that may, with the reason beside the call.
OURS = ("src/", "tools/", "demo/", "bench/", "sim/")
EXEMPT = {"tools/lint/lint_secrets.py"}  # It has to name them.


def check(tree):
    for path in tree.paths():
        if path in EXEMPT:
            continue
        for line, text in tree.lines(path):
            if KEY_BLOCK.search(text):
                yield Finding(path, line, "a private key in the tree", "make it where it is used; and replace that key")
            if path.startswith(OURS) and not tree.is_test(path) and OPTION.search(text):
                yield Finding(path, line, "a secret as an argument", "take the name of a file that holds it")
            if NODE_ENVIRONMENT.search(text):
                yield Finding(path, line, "a secret in the environment", "take the name of a file that holds it")
    for path in tree.paths(".h", ".cc", under="src/"):
        for line, code in tree.code_lines(path):
            if ENVIRONMENT.search(code) and path not in MAY_READ_ENVIRONMENT and not tree.is_test(path):
                yield Finding(path, line, "reads the environment", "take it from the configuration file")
            if LOGGED.search(code):
                yield Finding(path, line, "shows a secret", "log its name or its public half")


SAMPLES = [
    ({"src/apps/main.cc": 'app.add_option("--passphrase", text);\n'}, "a secret as an argument"),
    ({"src/base/home.cc": 'auto home = std::getenv("HOME");\n'}, "reads the environment"),
    ({"src/signer/key.cc": 'spdlog::info("{}", to_hex(key.reveal()));\n'}, "shows a secret"),
    ({"docs/a.md": "-----BEGIN EC PRIVATE KEY-----\n"}, "a private key in the tree"),
    ({"demo/run.mjs": "const key = process.env.SIGNER_PRIVATE_KEY;\n"}, "a secret in the environment"),
    ({"src/apps/main.cc": 'app.add_option("--passphrase-file", path);\n', "src/base/a.cc": "sign(key.reveal());\n",
      "tests/functional/node.mjs": 'run("anvil", "--mnemonic", words);\n'}, None),
]
