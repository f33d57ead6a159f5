// Random transactions as @scure/btc-signer writes, names, weighs and hashes them; README.md tells the fields.
//
//   node transactions.mjs                  writes transactions.json beside it
//   node transactions.mjs --check          writes nothing, fails when the file would change
//   node transactions.mjs SEED COUNT       prints COUNT others, one a line
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as btc from "@scure/btc-signer";

const kMaxMoney = 84_000_000n * 100_000_000n;
const kTypes = [0x01, 0x02, 0x03, 0x81, 0x82, 0x83];
const kLengths = [0, 1, 2, 22, 34, 75, 76, 252, 253, 254, 300];
const kOptions = {
  allowUnknownInputs: true, allowUnknownOutputs: true, allowUnknownVersion: true, disableScriptCheck: true,
};
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** A stream of SHA-256 blocks. */
class Dice {
  constructor(seed) {
    Object.assign(this, { seed, drawn: 0, pool: Buffer.alloc(0) });
  }
  bytes(length) {
    while (this.pool.length < length) {
      const block = createHash("sha256").update(`${this.seed} ${this.drawn}`).digest();
      this.pool = Buffer.concat([this.pool, block]);
      this.drawn += 1;
    }
    const taken = this.pool.subarray(0, length);
    this.pool = this.pool.subarray(length);
    return Uint8Array.from(taken);
  }
  below(n) {
    return Number(BigInt(`0x${hex(this.bytes(6))}`) % BigInt(n));
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  script() {
    return this.bytes(this.below(4) === 0 ? this.pick(kLengths) : this.below(60));
  }
  u32() {
    return this.pick([0, 1, 0x7fffffff, 0xfffffffd, 0xffffffff, this.below(2 ** 32)]);
  }
}

const script_pubkey = (dice) =>
  dice.pick([
    () => Uint8Array.from([0x00, 0x14, ...dice.bytes(20)]), () => Uint8Array.from([0x00, 0x20, ...dice.bytes(32)]),
    () => Uint8Array.from([0x51, 0x20, ...dice.bytes(32)]),
    () => Uint8Array.from([0x76, 0xa9, 0x14, ...dice.bytes(20), 0x88, 0xac]), () => dice.script(),
  ])();

function random_transaction(dice) {
  const inputs = Array.from({ length: 1 + dice.below(5) }, () => ({
    txid: dice.bytes(32), index: dice.below(1000), finalScriptSig: dice.below(3) === 0 ? dice.script() : new Uint8Array(),
    sequence: dice.u32(),
  }));
  const outputs = Array.from({ length: 1 + dice.below(5) }, () => ({
    amount: BigInt(`0x${hex(dice.bytes(8))}`) % (kMaxMoney / 5n), script: script_pubkey(dice),
  }));
  const witnesses = inputs.map(() => Array.from({ length: dice.below(4) }, () => dice.script()));
  const has_witness = witnesses.some((one) => one.length > 0);
  const version = dice.pick([1, 2, 3, -1, 0x7fffffff]);
  return {
    version, inputs, outputs, lockTime: dice.u32(), segwitFlag: has_witness, witnesses: has_witness ? witnesses : undefined,
  };
}

function digests(dice, transaction) {
  const { inputs, outputs } = transaction;
  const count = inputs.length;
  const amounts = Array.from({ length: count }, () => BigInt(`0x${hex(dice.bytes(8))}`) % kMaxMoney);
  const scripts = Array.from({ length: count }, () => script_pubkey(dice));
  const bare = new btc.Transaction({ ...kOptions, version: transaction.version, lockTime: transaction.lockTime });
  for (const { txid, index, sequence } of inputs) bare.addInput({ txid, index, sequence }, true);
  for (const { amount, script } of outputs) bare.addOutput({ amount, script }, true);
  const input = dice.below(count);
  const code = dice.script();
  const leaf = dice.script();
  const annex = Uint8Array.from([0x50, ...dice.script()]);
  const taproot_types = [0x00, ...kTypes].filter((type) => (type & 3) !== 3 || input < outputs.length);
  const some = (types) => [dice.pick(types)];  // One of each kind: a few hundred transactions reach all of them.
  const v1 = (type, ...rest) => hex(bare.preimageWitnessV1(input, scripts, type, amounts, ...rest));
  return {
    spent: amounts.map((amount, i) => [Number(amount), hex(scripts[i])]), input, code: hex(code), leaf: hex(leaf),
    annex: hex(annex),
    v0: some(kTypes).map((type) => [type, hex(bare.preimageWitnessV0(input, code, type, amounts[input]))]),
    key_path: some(taproot_types).map((type) => [type, v1(type), v1(type, -1, undefined, 0xc0, annex)]),
    script_path: some(taproot_types).map((type) => [type, v1(type, -1, leaf), v1(type, -1, leaf, 0xc0, annex)]),
  };
}

function make_case(dice) {
  const transaction = random_transaction(dice);
  const raw = btc.RawTx.encode(transaction);
  const parsed = btc.Transaction.fromRaw(raw, kOptions);
  const signed_hash = (bytes) => {
    const once = createHash("sha256").update(bytes).digest();
    return createHash("sha256").update(once).digest().reverse().toString("hex");
  };
  const stripped = btc.RawTx.encode({ ...transaction, segwitFlag: false, witnesses: undefined });
  assert.equal(parsed.id, signed_hash(stripped));
  return {
    raw: hex(raw), txid: parsed.id, wtxid: signed_hash(raw), weight: stripped.length * 3 + raw.length,
    ...digests(dice, transaction),
  };
}

const kHere = dirname(fileURLToPath(import.meta.url));

function write(check_only) {
  const dice = new Dice("holdfast utxo transactions");
  const cases = Array.from({ length: 200 }, () => `    ${JSON.stringify(make_case(dice))}`).join(",\n");
  const head = {
    description: "Random transactions: their ids, weights and digests.", source: "@scure/btc-signer 2.4.1, transactions.mjs",
  };
  const [description, source] = [JSON.stringify(head.description), JSON.stringify(head.source)];
  const text = `{\n  "description": ${description},\n  "source": ${source},\n  "cases": [\n${cases}\n  ]\n}\n`;
  const path = join(kHere, "transactions.json");
  if (!check_only) writeFileSync(path, text);
  else assert.ok(readFileSync(path, "utf8") === text, "transactions.json is not what transactions.mjs writes");
}

const [first, count] = process.argv.slice(2);
if (count !== undefined) {
  const dice = new Dice(first);
  for (let i = 0; i < Number(count); ++i) console.log(JSON.stringify(make_case(dice)));
} else {
  write(first === "--check");
}
