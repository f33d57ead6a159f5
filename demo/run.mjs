// make demo: the whole of Holdfast on local chains, first at work, then under attack. Ends by itself; the exit code
// says whether the laws held. --stay leaves the first part running to look around in (make up).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { business } from "./business.mjs";
import { migrating_coins, stolen_coins, stolen_seed } from "./coin_incidents.mjs";
import { start_chain } from "./harness/chain.mjs";
import { core_program, start_core_node } from "./harness/core_node.mjs";
import { kRoot } from "./harness/installation.mjs";
import { Processes } from "./harness/processes.mjs";
import { migrating_exchange, stolen_owner, stolen_wallet } from "./incidents.mjs";
import { write_cli_files } from "./look_around.mjs";
import { bold, chapter, green, red, say, shown, table } from "./story.mjs";

const stay = process.argv.includes("--stay");
const folder = mkdtempSync(join(tmpdir(), "holdfast-demo-"));
const processes = new Processes(folder);
const kRewards = 15; // Of 50 coins, for the node's own wallet.
let finishing = false;

async function finish(code) {
  if (finishing) return;
  finishing = true;
  await processes.stop_all();
  if (code === 1) process.stderr.write(`The programs' logs are in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

const yes = (holds) => (holds ? "yes" : "NO");
const ms = (number) => (number === undefined ? "-" : `${number} ms`);

function report(results) {
  chapter("What was stolen, what was saved: read from the chain");
  const sums = ["had", "stolen", "saved", "left", "fees"];
  const row = (name, asset) => [name, asset.symbol, ...sums.map((sum) => shown(asset[sum]))];
  const rows = results.flatMap(({ name, assets }) => assets.map((asset) => row(name, asset)));
  const head = ["stolen was", "asset", "there was", "stolen", "saved in cold", "left behind", "network fees"];
  process.stdout.write(`${table(head, rows)}\n\n`);
  const times = results.map((result) => [
    result.name, ms(result.seen_ms), ms(result.frozen_ms), ms(result.rescued_ms), yes(result.books_equal_chain),
    yes(result.journal_verified),
  ]);
  const heads = [
    "from the first theft transaction to", "incident", "all signers frozen", "last rescue", "books = chain",
    "journal verified",
  ];
  process.stdout.write(`${table(heads, times)}\n\n`);
}

/** The nodes of the chains of coins: Litecoin always, Bitcoin where there is a program for it. */
async function start_nodes() {
  const data = join(folder, "nodes");
  mkdirSync(data);
  const there = ["litecoin", "bitcoin"].filter((coin) => coin === "litecoin" || core_program(coin));
  if (!there.includes("bitcoin")) say("no bitcoind here (BITCOIND or PATH): Bitcoin is left out, Litecoin stands for both");
  return Promise.all(there.map(async (coin) => {
    const node = await start_core_node(processes, data, { coin });
    await node.enrich(kRewards);
    return node;
  }));
}

async function attack_coins(node) {
  chapter("Theft (c): the key of a single-key wallet of coins leaks; the thief sweeps it in one transaction");
  const migrating = await migrating_coins({ folder: join(folder, "coins"), processes, node });
  const results = [await stolen_coins(migrating)];
  chapter("Theft (d): one signer's seed is stolen, and only one other signer is left");
  results.push(await stolen_seed(migrating));
  await migrating.stop();
  return results;
}

async function attack(work) {
  chapter("Theft (a): one signer's key is stolen; the thief tries to spend from the Safe");
  const results = [await stolen_owner(work.installation)];
  await work.installation.stop();
  chapter("Theft (b): the key of a single-key hot wallet leaks; the thief drains it as at CoinEx on 12 September 2023");
  const chain = await start_chain(processes, { name: "anvil-b" });
  const migrating = await migrating_exchange({ folder: join(folder, "migrating"), processes, chain });
  results.push(await stolen_wallet(migrating));
  await migrating.stop();
  results.push(...(await attack_coins(work.installation.coins[0].node)));
  return results;
}

function write_figures(figures) {
  mkdirSync(join(kRoot, "build"), { recursive: true });
  writeFileSync(join(kRoot, "build/demo.json"), `${JSON.stringify(figures, null, 2)}\n`);
}

async function main() {
  const started = Date.now();
  process.stdout.write(`${bold("Holdfast")}: one key can save, no one key can spend\n`);
  const [chain, nodes] = await Promise.all([start_chain(processes), start_nodes()]);
  const work = await business({ folder: join(folder, "exchange"), processes, chain, nodes });
  if (stay) {
    process.stdout.write(`\n${green("Up. Ctrl-C ends it. To look around:")}\n${write_cli_files(work.installation)}\n`);
    return; // The programs keep this process alive; the signal ends them.
  }
  const results = await attack(work);
  report(results);
  const failures = results.flatMap((result) => result.failures.map((words) => `${result.name}: ${words}`));
  const thefts = results.map(({ events, ...figures }) => figures);
  const seconds = (Date.now() - started) / 1000;
  write_figures({ date: new Date().toISOString(), seconds, withdrawals: work.summary, thefts });
  for (const words of failures) process.stdout.write(`${red("BROKEN")} ${words}\n`);
  say(failures.length === 0 ? green("The laws held. build/demo.json has the figures.") : red("A law was broken."));
  await finish(failures.length === 0 ? 0 : 1);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => finish(stay ? 0 : 130));
main().catch(async (error) => {
  if (finishing) return; // It was told to end, and something ended in its hands.
  process.stderr.write(`\ndemo: ${error.message}\n`);
  await finish(1);
});
