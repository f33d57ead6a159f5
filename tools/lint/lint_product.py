"""The product speaks the methods of any EVM node: none that only a development node has."""
import re

from tree import Finding

DEVELOPMENT_METHOD = re.compile(r"\"(anvil|evm|hardhat|ganache)_\w+\"")


def check(tree):
    for path in tree.paths(".h", ".cc", under="src/"):
        if tree.is_test(path):
            continue
        for line, text in tree.lines(path):
            if DEVELOPMENT_METHOD.search(text):
                yield Finding(path, line, f"{DEVELOPMENT_METHOD.search(text)[0]} exists on development nodes only",
                              "do without it, or move it to a test")


SAMPLES = [
    ({"src/chain/evm/node.cc": 'call("evm_mine");\n'}, "exists on development nodes only"),
    ({"src/chain/evm/node.cc": 'call("eth_blockNumber");\n', "src/chain/evm/node_test.cc": 'call("evm_mine");\n',
      "src/chain/evm/anvil.cc": 'call("evm_mine");\n',
      "src/chain/CMakeLists.txt": "hf_test(t SOURCES evm/node_test.cc evm/anvil.cc)"}, None),
]
