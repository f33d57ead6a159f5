// How long from a theft's transaction at the node until every signer has made its freeze durable and acknowledged it.
//
// One installation, one stolen single-key wallet a time. After each theft everything is put back as its people would do it:
// once all is rescued and final the incident is closed, the freeze lifted, every signer thawed beside its stopped program.
// So each time all signers write a new freeze to their journals. The clock starts before the transaction is handed to the
// node and stops with the journal's record of the last acknowledgement, so both ends count against us.
//
//   node bench/freeze_latency.mjs [--times 50] [--out FILE]     prints, and writes to FILE: {times, median_ms, worst_ms, all}
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseUnits } from "ethers";
import { kEther } from "../demo/assets.mjs";
import { start_chain, test_wallet } from "../demo/harness/chain.mjs";
import { events_from } from "../demo/harness/checks.mjs";
import { Installation, kSigners } from "../demo/harness/installation.mjs";
import { Processes, until } from "../demo/harness/processes.mjs";

const kBlockMs = 250;
const kEnds = new Set(["spend.settled", "spend.superseded"]);
const kMostTimes = 180; // A key file holds 64 keys, two of them other than these.
const kHeld = parseUnits("100");

async function signed_theft(provider, { key }) {
  const fees = { maxFeePerGas: parseUnits("30", "gwei"), maxPriorityFeePerGas: parseUnits("3", "gwei") };
  const loot = test_wallet("loot").address;
  const transaction = { to: loot, value: kHeld / 2n, nonce: 0, gasLimit: 21_000n, chainId: 31337, type: 2, ...fees };
  return key.connect(provider).signTransaction(transaction);
}

/** One theft; gives the milliseconds until all signers have acknowledged. */
async function steal({ chain, exchange }, wallet) {
  const first = (await exchange.get("/v1/status")).journal.size;
  const raw = await signed_theft(chain.provider, wallet);
  const at = performance.timeOrigin + performance.now();
  await chain.send("eth_sendRawTransaction", raw);
  const acknowledged = await until("all signers frozen", async () => {
    const events = await events_from(exchange, first);
    const found = events.filter(({ type }) => type === "freeze.acknowledged");
    return new Set(found.map(({ data }) => data.signer)).size === kSigners.length && found;
  });
  return Math.max(...acknowledged.map((event) => Date.parse(event.at))) - at;
}

/** Nothing is pending, and every rescue is at its end. Closed earlier, the theft that is mined then is a new incident. */
async function rescued({ chain, exchange }) {
  await until("all rescued", async () => {
    const events = await events_from(exchange);
    const ended = new Set(events.filter(({ type }) => kEnds.has(type)).map(({ data }) => data.spend));
    const open = events.filter(({ type, data }) => type === "spend.planned" && !ended.has(data.spend));
    return open.length === 0 && Number((await chain.send("txpool_status")).pending) === 0;
  }, 60, 100);
}

/** Back to work, as an operator would after the incident. */
async function put_back({ chain, exchange, installation, operator }) {
  await rescued({ chain, exchange });
  const { incidents_open } = await operator.get("/v1/status");
  for (const incident of incidents_open) await operator.post(`/v1/incidents/${incident}/close`);
  const { freezes } = await operator.get("/v1/freezes");
  for (const { id } of freezes.filter(({ lifted_at }) => lifted_at === null)) await operator.post(`/v1/freezes/${id}/lift`);
  await Promise.all(kSigners.map((name) => installation.thaw(name)));
  await installation.ready();
}

async function measure(folder, processes, times) {
  const chain = await start_chain(processes);
  const installation = new Installation({ folder, processes, chain, assets: [kEther], single_keys: times });
  await installation.prepare();
  for (const { address } of installation.old_wallets) await chain.set_balance(address, kHeld);
  await installation.start();
  await chain.mine_every(kBlockMs);
  const { exchange, operator } = installation;
  const all = [];
  for (const wallet of installation.old_wallets) {
    all.push(Number((await steal({ chain, exchange }, wallet)).toFixed(1)));
    process.stderr.write(`${all.length}/${times}: ${all.at(-1)} ms\n`);
    if (all.length < times) await put_back({ chain, exchange, installation, operator });
  }
  await installation.stop();
  chain.close();
  return all;
}

async function main() {
  const { values } = parseArgs({ options: { times: { type: "string", default: "50" }, out: { type: "string" } } });
  const times = Number(values.times);
  if (!(times >= 1 && times <= kMostTimes)) throw new Error(`--times must be 1 to ${kMostTimes}`);
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true })); // After an interruption, too.
  const processes = new Processes(folder);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => processes.stop_all().then(() => process.exit(130)));
  try {
    const all = await measure(join(folder, "holdfast"), processes, times);
    const sorted = [...all].sort((a, b) => a - b);
    const result = { times, median_ms: sorted[Math.floor(times / 2)], worst_ms: sorted.at(-1), all };
    const text = `${JSON.stringify(result)}\n`;
    if (values.out) writeFileSync(values.out, text);
    process.stdout.write(text);
  } finally {
    await processes.stop_all();
  }
}

main().catch((error) => {
  process.stderr.write(`freeze_latency: ${error.message}\n`);
  process.exitCode = 1;
});
