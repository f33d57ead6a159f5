// Writes the wallet_*.json vectors beside it, computed with @scure/bip32, @scure/bip39 and @scure/btc-signer: code that
// shares nothing with Holdfast. The same on every run. `--check` writes nothing and fails when a file would change.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptor_cases, public_cases, spend_cases } from "./wallet_descriptor_cases.mjs";
import { address_cases, key_cases, standard_cases, word_cases } from "./wallet_key_cases.mjs";

const kHere = dirname(fileURLToPath(import.meta.url));
const kSource = "@scure/bip32 2.4.0, @scure/bip39 2.4.0, @scure/btc-signer 2.4.1";
const published = JSON.parse(readFileSync(join(kHere, "descriptors.json"), "utf8")).cases;

/** [file, description, source, cases] */
const kFiles = [
  ["wallet_keys.json", "Extended keys at random paths.", kSource, key_cases],
  ["wallet_words.json", "Random entropy, its words, and the seed.", kSource, word_cases],
  ["wallet_addresses.json", "Random scripts and their addresses.", kSource, address_cases],
  ["wallet_standard.json", "First addresses of the usual accounts.", `BIP 49, 84 and 86 as published; ${kSource}`, standard_cases],
  ["wallet_descriptors.json", "Random descriptors and some of their outputs.", kSource, descriptor_cases],
  [
    "wallet_public.json", "Public forms of the standards' descriptors with private keys, and the standards' scripts.",
    `BIP 380 to 387; keys neutered by ${kSource}`, () => public_cases(published),
  ],
  ["wallet_spends.json", "What an input weighed in a signed transaction, over 164 weight units.", kSource, spend_cases],
];

const check_only = process.argv.includes("--check");
for (const [name, description, source, make] of kFiles) {
  const cases = make().map((one) => `    ${JSON.stringify(one)}`).join(",\n");
  const head = `{\n  "description": ${JSON.stringify(description)},\n  "source": ${JSON.stringify(source)},\n`;
  const text = `${head}  "cases": [\n${cases}\n  ]\n}\n`;
  const path = join(kHere, name);
  if (!check_only) writeFileSync(path, text);
  else assert.ok(readFileSync(path, "utf8") === text, `${name} is not what make_wallet.mjs writes`);
}
