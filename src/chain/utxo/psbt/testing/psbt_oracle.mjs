// Random transactions with @scure/btc-signer on the other side: ours signed by theirs, theirs completed by ours, and both
// must come to the same bytes.
//
//   node psbt_oracle.mjs PSBT_TOOL [ROUNDS]
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { RawTx, Transaction } from "@scure/btc-signer";
import { Dice, Tool, wallets } from "./psbt_cases.mjs";

const NETWORK = "bitcoin-regtest";
const OPTIONS = { allowUnknownInputs: true, allowUnknownOutputs: true, lowR: true };
const rounds = Number(process.argv[3] ?? 40);
const tool = new Tool(process.argv[2]);
const dice = new Dice("psbt oracle");

const from64 = (text) => Buffer.from(text, "base64");
const to64 = (bytes) => Buffer.from(bytes).toString("base64");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const sha256d = (bytes) => sha256(sha256(bytes));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** A transaction of the network that pays `value` to `script` at `vout`, among others. */
function funding(script, value, vout) {
  const other = { script: Buffer.from("51", "hex"), amount: 1000n };
  const paid = { script: Buffer.from(script, "hex"), amount: BigInt(value) };
  const input = { txid: dice.bytes(), index: dice.below(3), finalScriptSig: Buffer.from("51", "hex"), sequence: 0 };
  const outputs = [...Array.from({ length: vout }, () => other), paid];
  const raw = RawTx.encode({ version: 2, segwitFlag: false, inputs: [input], outputs, witnesses: undefined, lockTime: 0 });
  return { raw: hex(raw), id: hex(sha256d(raw).reverse()) };
}

async function random_input(wallet) {
  const place = { descriptor: wallet.descriptor, branch: dice.below(2), index: dice.below(1000) };
  const { script } = await tool.get({ do: "address", network: NETWORK, ...place });
  const value = 10_000 + dice.below(1_000_000);
  if (dice.below(2) === 0) return { ...place, value, vout: dice.below(4), txid: hex(dice.bytes()) };
  const vout = dice.below(3);
  const { raw, id } = funding(script, value, vout);
  return { ...place, value, vout, txid: id, previous: raw };
}

async function random_psbt(wallet) {
  const inputs = [];
  for (let i = 1 + dice.below(4); i > 0; i -= 1) inputs.push(await random_input(wallet));
  const total = inputs.reduce((sum, input) => sum + input.value, 0);
  const outputs = [{ script: `0014${hex(dice.bytes(20))}`, value: Math.floor(total / 2) }];
  if (dice.below(2) === 0) outputs.push({ script: `5120${hex(wallet.owners[0].root.publicKey.subarray(1))}`, value: 1000 });
  const version = dice.pick([0, 2]);
  const { psbt } = await tool.get({ do: "build", network: NETWORK, inputs, outputs, version, locktime: dice.below(1000) });
  return { psbt, inputs, version };
}

async function sign_ours(psbt, owners) {
  const parts = [];
  for (const { seed } of owners) {
    const answer = await tool.get({ do: "sign", psbt, seed: hex(seed) });
    assert.ok(answer.added > 0);
    parts.push(answer.psbt);
  }
  return (await tool.get({ do: "combine", parts })).psbt;
}

function sign_theirs(psbt, owners, version) {
  const transaction = Transaction.fromPSBT(from64(psbt), OPTIONS);
  for (const { root } of owners) transaction.sign(root);
  return to64(transaction.toPSBT(version));
}

function complete_theirs(psbt) {
  const transaction = Transaction.fromPSBT(from64(psbt), OPTIONS);
  transaction.finalize();
  return hex(transaction.extract());
}

const complete_ours = async (psbt) => (await tool.get({ do: "finalize", psbt })).transaction;

let checked = 0;
for (const wallet of wallets(dice)) {
  for (let round = 0; round < rounds; round += 1) {
    const { psbt, version } = await random_psbt(wallet);
    const enough = dice.some(wallet.owners, wallet.threshold);
    const where = `${wallet.name}, round ${round}`;

    const by_theirs = sign_theirs(psbt, enough, version);
    assert.equal(await complete_ours(by_theirs), complete_theirs(by_theirs), `signed by theirs: ${where}`);

    const by_ours = await sign_ours(psbt, enough);
    assert.equal(complete_theirs(by_ours), await complete_ours(by_ours), `signed by ours: ${where}`);

    const [first, ...others] = enough;
    if (others.length > 0) {
      const mixed = await sign_ours(sign_theirs(psbt, [first], version), others);
      assert.equal(complete_theirs(mixed), await complete_ours(mixed), `signed by both: ${where}`);
      const short = await tool.ask({ do: "finalize", psbt: await sign_ours(psbt, [first]) });
      assert.equal(short.error, "psbt_incomplete", where);
    }
    checked += 1;
  }
}
tool.close();
assert.ok(checked >= 5 * rounds);
console.log(`${checked} random transactions: signed by ours and by theirs, completed by both, the same`);
