// How fast a node verifies blocks of payments on one core, beside how fast Holdfast reads the very same blocks and looks their
// outputs up among millions of own scripts.
//
// One node of a test chain makes the blocks. Fresh nodes that never saw the transactions, so that nothing lies in their
// signature caches, are given them with submitblock. Both sides count processor time of theirs alone. A node gets its block as
// JSON; what taking it costs is measured by handing it over again, which it answers with "duplicate", and is taken off, in the
// node's favour. So are its coins: they were made a few blocks before and lie in its memory.
//
//   node bench/node_verify.mjs [--coin bitcoin|litecoin] [--scripts 10000000] [--quick]
//
// Progress goes to stderr, JSON to stdout. Without --coin: bitcoind if there is one (on PATH, or BITCOIND), else litecoind.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { core_program, start_core_node } from "../demo/harness/core_node.mjs";
import { Processes } from "../demo/harness/processes.mjs";
import { foreign_script, kOwnScripts, sign } from "./signed_payments.mjs";

const kRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const kWatchBench = resolve(kRoot, process.env.HOLDFAST_BUILD ?? "build/release", "bench/watch_bench");
const kRipe = 100; // A reward can be spent when so many blocks are on top of its own.
const kPayments = 3600; // In a block: with one to three inputs and two outputs each some 1.2 MB.
const kMostInputs = 3;
const kCoins = kPayments * 2; // That one block spends.
const kFee = 1000n;
const kPidFile = "node.pid"; // Each program has another name for it.

const say = (text) => process.stderr.write(`node_verify: ${text}\n`);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const spread = (values, digits = 1) => Object.fromEntries(
  Object.entries({ median: median(values), min: Math.min(...values), max: Math.max(...values) })
    .map(([name, value]) => [name, Number(value.toFixed(digits))]),
);

/** A block's reward becomes all the coins that one block of payments spends. */
function fan_out(reward) {
  const value = (reward.value - 100_000n) / BigInt(kCoins); // What is left over pays for it.
  const outputs = Array.from({ length: kCoins }, (_, i) => ({ value, script: kOwnScripts[i % 2] }));
  const { txid, raw } = sign([reward], outputs);
  return { raw, coins: outputs.map((output, vout) => ({ ...output, txid, vout })) };
}

/** Payments of one, two, three inputs in turn, each to somebody else and back to somebody else. */
function pay_away(coins) {
  const raws = [];
  for (let at = 0; at < coins.length;) {
    const inputs = coins.slice(at, at + 1 + (raws.length % kMostInputs));
    at += inputs.length;
    const value = (inputs.reduce((sum, coin) => sum + coin.value, 0n) - kFee) / 2n;
    raws.push(sign(inputs, [0, 1].map((i) => ({ value, script: foreign_script(raws.length + i) }))).raw);
  }
  return raws;
}

/** A node that took what is signed wrongly would be fast, too: Taproot, say, where it is not active yet. */
async function refuses_forgeries(generate, coins) {
  const last_byte_of_signature = [40, 5]; // From the end: behind P2WPKH's are its kind, the public key and the lock time.
  for (const [i, from_end] of last_byte_of_signature.entries()) {
    const { raw } = sign([coins[i]], [{ value: kFee, script: foreign_script(i) }]);
    raw[raw.length - from_end] ^= 1;
    const answer = await generate([raw]).then(() => "taken", ({ message }) => message);
    if (!/TestBlockValidity failed/.test(answer)) throw new Error(`a forged signature of form ${i}: ${answer}`);
  }
}

/** The whole chain as hex, and the last `count` of it, which are full of payments. */
async function make_chain(node, count) {
  const { descriptor } = await node.send("getdescriptorinfo", `raw(${kOwnScripts[0].toString("hex")})`);
  const ids = await node.send("generatetodescriptor", count + kRipe, descriptor);
  const generate = async (raws) => {
    const { hash } = await node.send("generateblock", descriptor, raws.map((raw) => raw.toString("hex")));
    ids.push(hash);
  };
  const fans = [];
  for (const id of ids.slice(0, count)) {
    const [{ txid, vout }] = (await node.send("getblock", id, 2)).tx;
    const value = BigInt(Math.round(vout[0].value * 1e8));
    fans.push(fan_out({ txid: Buffer.from(txid, "hex").reverse(), vout: 0, value, script: kOwnScripts[0] }));
  }
  for (const { raw } of fans) await generate([raw]);
  await refuses_forgeries(generate, fans[0].coins);
  for (const [i, { coins }] of fans.entries()) {
    await generate(pay_away(coins));
    say(`block ${i + 1} of ${count} is made`);
  }
  const chain = [];
  for (const id of ids) chain.push(await node.send("getblock", id, 0));
  return { chain, blocks: chain.slice(-count) };
}

/** Seconds of processor time that all threads of a node have had. */
function cpu_seconds(node) {
  const pid = Number(readFileSync(join(dirname(node.cookie_file), kPidFile), "utf8"));
  const folder = `/proc/${pid}/task`;
  const of_task = (task) => Number(readFileSync(join(folder, task, "schedstat"), "utf8").split(" ")[0]);
  return readdirSync(folder).reduce((sum, task) => sum + of_task(task), 0) / 1e9;
}

async function submit(node, block, expected) {
  const before = { cpu: cpu_seconds(node), at: performance.now() };
  const answer = await node.send("submitblock", block);
  if (answer !== expected) throw new Error(`submitblock: ${answer}`);
  return { cpu_s: cpu_seconds(node) - before.cpu, wall_s: (performance.now() - before.at) / 1e3 };
}

/** What a fresh node takes for each block of payments. */
async function verify({ chain, blocks }, start) {
  const node = await start();
  for (const wallet of await node.send("listwallets")) await node.send("unloadwallet", wallet); // It would look at each block.
  for (const block of chain.slice(0, -blocks.length)) await submit(node, block, null);
  const out = [];
  for (const block of blocks) {
    const whole = await submit(node, block, null);
    const again = await submit(node, block, "duplicate");
    const bytes = block.length / 2;
    out.push({ bytes, cpu_s: whole.cpu_s, wall_s: whole.wall_s, verify_s: whole.cpu_s - again.cpu_s });
  }
  await node.stop();
  return out;
}

function read_ours(folder, blocks, scripts) {
  mkdirSync(folder);
  for (const [i, block] of blocks.entries()) writeFileSync(join(folder, `${i}.raw`), Buffer.from(block, "hex"));
  say(`reads the same blocks, among ${scripts} own scripts`);
  return JSON.parse(execFileSync(kWatchBench, [scripts, folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

async function measure(processes, folder, { coin, scripts, quick }) {
  const start = (name, args) => start_core_node(processes, folder, { coin, name, args: [`-pid=${kPidFile}`, ...args] });
  const maker = await start("maker", []);
  const { subversion } = await maker.send("getnetworkinfo");
  say(`${subversion} makes blocks`);
  const made = await make_chain(maker, quick ? 1 : 3);
  await maker.stop();
  const rounds = [];
  for (let i = 0; i < (quick ? 1 : 3); ++i) {
    rounds.push(await verify(made, () => start(`fresh-${i}`, ["-par=1", "-assumevalid=0"])));
    say(`fresh node ${i + 1}: ${rounds[i].map(({ bytes, verify_s }) => `${(bytes / verify_s / 1e6).toFixed(1)} MB/s`).join(", ")}`);
  }
  const all = rounds.flat();
  const ours = read_ours(join(folder, "blocks"), made.blocks, scripts);
  const mb_per_s = (seconds) => all.map((each) => each.bytes / each[seconds] / 1e6);
  const node_mb_per_s = spread(mb_per_s("verify_s"));
  return {
    node: subversion,
    blocks: made.blocks.length,
    block_bytes: median(all.map(({ bytes }) => bytes)),
    inputs_per_block: kCoins,
    node_verify_mb_per_s: node_mb_per_s,
    node_submit_mb_per_s: spread(mb_per_s("cpu_s")),
    node_submit_mb_per_s_by_the_clock: spread(mb_per_s("wall_s")),
    node_inputs_per_s: spread(all.map(({ verify_s }) => kCoins / verify_s), 0),
    ours,
    times_as_fast: Number((ours.visit_and_match_mb_per_s / node_mb_per_s.median).toFixed(1)),
  };
}

async function main() {
  const { values } = parseArgs({
    options: { coin: { type: "string" }, scripts: { type: "string" }, quick: { type: "boolean", default: false } },
  });
  const coin = values.coin ?? ["bitcoin", "litecoin"].find(core_program);
  if (!coin) throw new Error("there is neither bitcoind nor litecoind: run tools/install, or set BITCOIND");
  const scripts = values.scripts ?? (values.quick ? "1000000" : "10000000");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true })); // After an interruption, too.
  const processes = new Processes(folder);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => processes.stop_all().then(() => process.exit(130)));
  try {
    process.stdout.write(`${JSON.stringify(await measure(processes, folder, { coin, scripts, quick: values.quick }))}\n`);
  } finally {
    await processes.stop_all();
  }
}

main().catch((error) => {
  process.stderr.write(`node_verify: ${error.message}\n`);
  process.exitCode = 1;
});
