// Writes the Ethereum test vectors beside it; README.md tells their fields. Each is computed with ethers and with viem,
// which must agree, and is the same on every run. `--check` writes nothing and fails when a file would change.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { abi_cases, abi_invalid_cases } from "./abi_cases.mjs";
import { address_cases, forwarder_cases, keccak_cases } from "./hash_cases.mjs";
import { rlp_cases, rlp_invalid_cases } from "./rlp_cases.mjs";
import { transaction_cases, typed_cases } from "./signed_cases.mjs";

const kHere = dirname(fileURLToPath(import.meta.url));
const kBoth = "ethers 6.17.0 and viem 2.57.20, which agree";

/** [file, description, source, cases] */
const kFiles = [
  ["keccak256.json", "Keccak-256 (not SHA3-256).", kBoth, keccak_cases],
  ["addresses.json", "EIP-55 address texts, right and wrong.", `EIP-55's own examples; ${kBoth}`, address_cases],
  ["rlp.json", "RLP values and their only encoding.", kBoth, rlp_cases],
  ["rlp_invalid.json", "Bytes that encode no RLP item.", "Yellow Paper, appendix B", rlp_invalid_cases],
  ["abi.json", "Calldata of the functions Holdfast calls or reads.", kBoth, abi_cases],
  ["abi_invalid.json", "Calldata that is in no canonical form.", "Solidity ABI specification", abi_invalid_cases],
  [
    "eip712_safe_tx.json", "Safe 1.5.0 transactions, hashed and signed.", kBoth,
    () => typed_cases("SafeTx", undefined, 60),
  ],
  [
    "eip712_evacuate.json", "EvacuationModule's Evacuate, hashed and signed.", kBoth,
    () => typed_cases("Evacuate", "Holdfast EvacuationModule", 40),
  ],
  [
    "eip712_freeze.json", "LimitGuard's Freeze, hashed and signed.", kBoth,
    () => typed_cases("Freeze", "Holdfast LimitGuard", 30),
  ],
  ["transactions.json", "EIP-1559 transactions, unsigned and signed.", kBoth, transaction_cases],
  ["forwarders.json", "CREATE2 addresses of EIP-1167 forwarders.", kBoth, forwarder_cases],
];

const check_only = process.argv.includes("--check");
for (const [name, description, source, make] of kFiles) {
  const cases = (await make()).map((one) => `    ${JSON.stringify(one)}`).join(",\n");
  const head = `{\n  "description": ${JSON.stringify(description)},\n  "source": ${JSON.stringify(source)},\n`;
  const text = `${head}  "cases": [\n${cases}\n  ]\n}\n`;
  const path = join(kHere, name);
  if (!check_only) writeFileSync(path, text);
  else assert.ok(readFileSync(path, "utf8") === text, `${name} is not what make.mjs writes`);
}
