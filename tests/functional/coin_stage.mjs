// What every functional test of coins stands on: a node of the coin, a holdfastd, three signers; ended whatever happens.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { books_against_chain, chain_status, verify_journal } from "../../demo/harness/checks.mjs";
import { Coins, to_satoshi } from "../../demo/harness/coins.mjs";
import { core_program, start_core_node } from "../../demo/harness/core_node.mjs";
import { credited, open_customer } from "../../demo/harness/customers.mjs";
import { Installation, kSigners } from "../../demo/harness/installation.mjs";
import { Processes, until } from "../../demo/harness/processes.mjs";

const kBlockMs = 250;

/** The coins that there is a program for, each with the scripts its quorum has here: [coin, "wsh" or "tr"]. */
const kCoins = [["litecoin", "wsh"], ["bitcoin", "tr"]];

/** One test for each coin; skipped in plain sight where its node is not there. */
export function test_on_each_coin(name, options, play) {
  for (const [coin, hot] of kCoins) {
    const skip = core_program(coin) ? false : `there is no program for ${coin}: set BITCOIND`;
    test(`${name}, ${coin}, ${hot}`, { skip }, () => on_coin_stage({ coin, hot, ...options }, play));
  }
}

/** The laws that hold at the end of every test. */
export async function check_laws({ installation }) {
  assert.deepEqual(await books_against_chain(installation), []);
  await verify_journal(installation);
}

/** A new customer with final deposits of these amounts, each a coin of its own. */
export async function funded_customer({ exchange, coins, node }, reference, amounts) {
  const customer = await open_customer(exchange, reference, coins.caip2);
  const before = (await exchange.get("/v1/deposits", "state=credited&limit=1000")).deposits.length;
  for (const amount of amounts) await node.pay(customer.address, amount);
  await credited(exchange, before + amounts.length, 60);
  return customer;
}

/** Waits until the newest block of now is final for holdfastd. Needs blocks to come. */
export async function until_final({ exchange, coins, node }) {
  const newest = await node.send("getblockcount");
  await until("finality", async () => (await chain_status(exchange, coins.caip2)).final >= newest);
}

/** Waits until holdfastd has seen the node's newest block of now. */
export async function until_followed({ exchange, coins, node }) {
  const newest = await node.send("getbestblockhash");
  await until("the newest block", async () => (await chain_status(exchange, coins.caip2)).head_hash === newest);
}

/** Fails unless exactly so much lies at the address, as the node finds it in the chain. */
export async function assert_paid({ coins }, address, amount, what = address) {
  assert.equal((await coins.at_address(address)).total, to_satoshi(amount), what);
}

async function set_stage({ folder, processes, coin, hot, single_key, args = [], before_node, ...options }) {
  mkdirSync(join(folder, "nodes"));
  const node = await start_core_node(processes, join(folder, "nodes"), { coin, args });
  await node.enrich();
  const proxy = await before_node?.(node);
  const coins = new Coins({ node, hot, single_key, daemon_node: proxy?.url, ...options.coins });
  const settings = { folder: join(folder, "holdfast"), processes, ...options, coins: [coins] };
  const installation = new Installation(settings);
  await installation.prepare();
  const { exchange, operator } = installation;
  return { folder, processes, node, proxy, coins, installation, exchange, operator };
}

/**
 * Sets up, plays, checks the laws, and ends every process.
 * @param options  of Installation, and of Coins in `coins`; `coin`, `hot`, `single_key`; `args` of the node; `block_ms` between
 *                 blocks; `before_node(node)` gives what stands between holdfastd and the node: `url`, and the rest as `proxy`
 */
export async function on_coin_stage({ block_ms = kBlockMs, ...options }, play) {
  await on_unstarted_coin_stage(options, async (stage) => {
    await stage.installation.start();
    stage.node.mine_every(block_ms);
    await play(stage);
    stage.node.stop_mining();
    await check_laws(stage);
  });
}

/** The same, but nothing runs yet except the node, and no law is checked. */
export async function on_unstarted_coin_stage({ coin = "litecoin", hot = "wsh", ...options }, play) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const processes = new Processes(folder);
  let stage;
  let passed = false;
  try {
    stage = await set_stage({ folder, processes, coin, hot, ...options });
    await play(stage);
    passed = true;
  } finally {
    if (!passed) for (const name of ["holdfastd", ...kSigners, coin]) print_log(processes, name);
    stage?.node.stop_mining();
    await processes.stop_all();
    if (passed) rmSync(folder, { recursive: true, force: true });
    else console.error(`files and logs: ${folder}`);
  }
}

function print_log(processes, name) {
  try {
    console.error(`--- ${name}\n${processes.log_tail(name)}`);
  } catch {
    // It was never started.
  }
}
