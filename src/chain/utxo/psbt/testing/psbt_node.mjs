// A real node as the judge: what we sign and complete is accepted by its mempool, and nothing that lacks or spoils a
// signature is.
//
//   node psbt_node.mjs PSBT_TOOL litecoind|bitcoind
// A program that is not there gives the exit code 77. BITCOIND names another bitcoind than that of the PATH.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dice, Tool, wallets } from "./psbt_cases.mjs";

const SKIPPED = 77;
const ROUNDS = 3;
const NETWORKS = { litecoind: "litecoin-regtest", bitcoind: "bitcoin-regtest" };

const [, , tool_path, kind] = process.argv;
const program = (kind === "bitcoind" && process.env.BITCOIND) || kind;
if (spawnSync(program, ["--version"]).error) {
  console.log(`SKIPPED: there is no ${program}`);
  process.exit(SKIPPED);
}

const free_port = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

class Node {
  async start() {
    this.folder = mkdtempSync(join(tmpdir(), "holdfast-psbt-"));
    this.port = await free_port();
    const options = [
      "-regtest", "-server", "-listen=0", `-datadir=${this.folder}`, `-rpcport=${this.port}`, "-rpcuser=u", "-rpcpassword=p",
      "-connect=0", "-fallbackfee=0.0001", "-printtoconsole=0",
    ];
    this.child = spawn(program, options, { stdio: "ignore" });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.call("getblockcount");
        return;
      } catch (error) {
        if (attempt === 600) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50)); // It has no other way to say that it is up.
      }
    }
  }
  async call(method, ...params) {
    const response = await fetch(`http://127.0.0.1:${this.port}/${this.wallet ? "wallet/w" : ""}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const answer = await response.json();
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }
  async stop() {
    if (this.child.exitCode === null) {
      const gone = new Promise((resolve) => this.child.on("exit", resolve));
      this.child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const network = NETWORKS[kind];
const node = new Node();
const tool = new Tool(tool_path);
const dice = new Dice(`psbt ${kind}`);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Pays each place of a wallet from the node's own wallet, and says where the money lies. */
async function fund(places) {
  const addresses = await Promise.all(places.map((place) => tool.get({ do: "address", network, ...place })));
  const funded = [];
  for (const [i, { address, script }] of addresses.entries()) {
    const txid = await node.call("sendtoaddress", address, 0.01);
    const { hex: raw } = await node.call("gettransaction", txid);
    const { vout } = await node.call("decoderawtransaction", raw);
    const found = vout.find((output) => output.scriptPubKey.hex === script);
    assert.ok(found, `the node pays ${address} to another script than ours`);
    funded.push({ ...places[i], txid, vout: found.n, value: 1_000_000, ...(dice.below(2) ? { previous: raw } : {}) });
  }
  return funded;
}

async function sign(psbt, owners) {
  const parts = [];
  for (const { seed } of owners) parts.push((await tool.get({ do: "sign", psbt, seed: hex(seed) })).psbt);
  return (await tool.get({ do: "combine", parts })).psbt;
}

const verdict = async (raw) => (await node.call("testmempoolaccept", [raw]))[0];

async function try_wallet(wallet, round) {
  const places = [0, 1].map((branch) => ({ descriptor: wallet.descriptor, branch, index: dice.below(100) }));
  const inputs = await fund(places);
  const { script } = await tool.get({ do: "address", network, descriptor: wallet.descriptor, branch: 1, index: round });
  const outputs = [{ script, value: 1_990_000 }];
  const { psbt } = await tool.get({ do: "build", network, inputs, outputs, version: dice.pick([0, 2]) });

  const more = dice.below(wallet.owners.length - wallet.threshold + 1); // More signatures than are needed do no harm.
  const signed = await sign(psbt, dice.some(wallet.owners, wallet.threshold + more));
  const { transaction, txid } = await tool.get({ do: "finalize", psbt: signed });
  const answer = await verdict(transaction);
  assert.ok(answer.allowed, `${wallet.name}: ${JSON.stringify(answer)}`);
  assert.equal(answer.txid, txid);

  const spoilt = transaction.replace(script, `${script.slice(0, -2)}${script.endsWith("00") ? "01" : "00"}`);
  assert.notEqual(spoilt, transaction);
  assert.equal((await verdict(spoilt)).allowed, false, `${wallet.name}: another recipient`);
  await node.call("sendrawtransaction", transaction);
}

try {
  await node.start();
  await node.call("createwallet", "w");
  node.wallet = true;
  const own = await node.call("getnewaddress", "", "bech32");
  await node.call("generatetoaddress", 110, own);
  const tried = wallets(dice);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const wallet of tried) await try_wallet(wallet, round);
    await node.call("generatetoaddress", 1, own);
    assert.equal((await node.call("getrawmempool")).length, 0);
  }
  console.log(`${kind}: ${ROUNDS * tried.length} transactions of ${tried.length} kinds of wallets accepted and mined`);
} finally {
  tool.close();
  await node.stop();
}
