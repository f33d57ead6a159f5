// Control of a wallet's addresses is proven by the signers' own programs, while they run, and the proof holds for an
// implementation that shares nothing with ours. What is no proof is not signed.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as btc from "@scure/btc-signer";
import * as u from "@scure/btc-signer/utils.js";
import { derive, kQuorumPath, master_of } from "../../demo/harness/coins.mjs";
import { program } from "../../demo/harness/installation.mjs";
import { run } from "../../demo/harness/processes.mjs";
import { funded_customer, test_on_each_coin } from "./coin_stage.mjs";

const kMessage = "Exchange Ltd. for its auditors";
const kReturn = new Uint8Array([0x6a]);
const kNone = new Uint8Array(32);
const kAny = { version: 0, allowUnknownOutputs: true, allowUnknownInputs: true, disableScriptCheck: true };

/** BIP 322's to_sign, built by @scure/btc-signer. */
function to_sign(message, script) {
  const hash = u.tagSchnorr("BIP0322-signed-message", Buffer.from(message));
  const to_spend = new btc.Transaction(kAny);
  const finalScriptSig = u.concatBytes(new Uint8Array([0x00, 0x20]), hash);
  to_spend.addOutput({ script, amount: 0n });
  to_spend.addInput({ txid: kNone, index: 0xffffffff, sequence: 0, finalScriptSig });
  const out = new btc.Transaction(kAny);
  out.addOutput({ script: kReturn, amount: 0n });
  out.addInput({ txid: to_spend.id, index: 0, sequence: 0 });
  return out;
}

/** The witness, and the digest that its signatures are of. */
function read_signature(message, script, signature, form) {
  assert.ok(signature.startsWith("smp"));
  const witness = btc.RawWitness.decode(Buffer.from(signature.slice(3), "base64"));
  const transaction = to_sign(message, script);
  if (form === "wsh") return { witness, digest: transaction.preimageWitnessV0(0, witness.at(-1), btc.SigHash.ALL, 0n) };
  const [leaf, control] = witness.slice(-2);
  return { witness, digest: transaction.preimageWitnessV1(0, [script], 0, [0n], undefined, leaf, control[0] & 0xfe) };
}

/** r and s, 32 bytes each. */
function compact_of(der) {
  const numbers = [];
  for (let at = 2; numbers.length < 2; at += 2 + der[at + 1]) numbers.push(der.slice(at + 2, at + 2 + der[at + 1]));
  return u.concatBytes(...numbers.map((number) => Uint8Array.from([...new Uint8Array(32), ...number].slice(-32))));
}

/** Whether an item of a witness is the signature of a signer's key. Schnorr's is the same each time (BIP 340, no randomness). */
function is_signed_by({ words }, index, digest, form, item) {
  const key = derive(master_of(words), `${kQuorumPath}/0/${index}`);
  if (form === "tr") return u.equalBytes(item, u.signSchnorr(digest, key.privateKey, kNone));
  return item[0] === 0x30 && item.at(-1) === btc.SigHash.ALL && key.verify(digest, compact_of(item));
}

async function script_of({ node }, address) {
  return new Uint8Array(Buffer.from((await node.send("validateaddress", address)).scriptPubKey, "hex"));
}

const files_of = (folder) => readdirSync(folder).filter((name) => name.endsWith(".psbt")).map((name) => join(folder, name));

/** A real coin of the hot wallet, all of it to nobody: to the signers it is no proof, whatever it says. */
async function signs_no_coin({ installation, coins, node, folder }) {
  const [coin] = (await coins.unspent(coins.wallet("hot"))).coins;
  const file = join(folder, "coin.psbt");
  writeFileSync(file, await node.send("createpsbt", [{ txid: coin.txid, vout: coin.vout }], [{ data: "00" }]));
  await assert.rejects(installation.prove("signer-1", [file], join(folder, "coin")), /ended with 3: .*proof_message_missing/);
}

test_on_each_coin("the signers prove control of a wallet", {}, async (stage) => {
  const { installation, coins, node, folder } = stage;
  await funded_customer(stage, "alice", ["3"]);
  const holdfast = (...args) => run(program("holdfast"), ["prove-control", ...args, "--json"]);
  const at_node = ["--node", node.url, "--cookie", node.cookie_file];
  const proof = join(folder, "proof");
  await holdfast("make", coins.wallet("hot").descriptor, "--chain", coins.name, "--range", "0-3", "--message", kMessage,
    "--out", proof, ...at_node);
  const asked = files_of(proof);
  assert.equal(asked.length, 4);

  const told = await installation.prove("signer-1", asked, join(folder, "first"), ["--message", kMessage]);
  await installation.prove("signer-3", asked, join(folder, "third"));
  await assert.rejects(installation.prove("signer-2", asked, join(folder, "second"), ["--message", "Exchange"]),
    /ended with 3: .*proof_message_differs/);
  const longer = ["--message", `${kMessage}\nand all that is in it`];
  await assert.rejects(installation.prove("signer-2", asked, join(folder, "second"), longer),
    /ended with 3: .*proof_message_differs/);
  await assert.rejects(installation.prove("signer-2", [...asked, asked[0]], join(folder, "second")),
    /ended with 3: .*proof_address_twice/);
  await signs_no_coin(stage);

  const file = join(proof, "proof.json");
  await assert.rejects(holdfast("finish", file, ...files_of(join(folder, "first"))), /has 1 of 2 signatures/);
  await holdfast("finish", file, ...files_of(join(folder, "first")), ...files_of(join(folder, "third")));
  const verified = JSON.parse(await holdfast("verify", file, ...at_node));
  assert.deepEqual([verified.addresses, verified.proven], [4, true]);

  const { message, block, addresses } = JSON.parse(readFileSync(file, "utf8"));
  const whole = `${message}\nblock ${block.height} ${block.hash}`;
  for (const { address, index, signature } of addresses) {
    assert.ok(told.includes(address), `${address} was not shown`);
    const { witness, digest } = read_signature(whole, await script_of(stage, address), signature, coins.hot);
    const has = (signer) => witness.some((item) => is_signed_by(signer, index, digest, coins.hot, item));
    assert.deepEqual(installation.signers.map(has), [true, false, true], address);
  }
});
