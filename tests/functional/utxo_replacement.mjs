// Own payments that no miner takes are bid up; deposits that their payer takes back are never credited.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { events_from } from "../../demo/harness/checks.mjs";
import { satoshi_of, to_coins } from "../../demo/harness/coins.mjs";
import { start_core_node } from "../../demo/harness/core_node.mjs";
import { balances, deposits_of, open_customer, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_paid, funded_customer, on_coin_stage, until_final, until_followed } from "./coin_stage.mjs";

const kReplaceable = 0xfffffffd;
const kFee = 20_000n; // Of each transaction made here by hand; the second pays twice as much.

/** What was signed for a withdrawal's spend, oldest first. */
function attempts_of(events, withdrawal) {
  const { data } = events.find((event) => event.type === "spend.planned" && event.data.batch.includes(withdrawal));
  return events.filter((event) => event.type === "spend.signed" && event.data.spend === data.spend).map((event) => event.data);
}

test("a payment that lies unmined is bid up, and paid once", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await funded_customer(stage, "alice", ["10"]);
  await until_final(stage);
  node.stop_mining();
  await until_followed(stage);
  const { id, destination } = await withdraw(exchange, customer, coins.symbol, "2", "stuck", await node.new_address());
  await until("two replacements", async () => {
    const { spend } = await exchange.get(`/v1/withdrawals/${id}`);
    return (spend?.txids.length ?? 0) >= 3;
  }, 60);
  await until("only the newest is in the pool", async () => {
    const { spend } = await exchange.get(`/v1/withdrawals/${id}`);
    const pool = await node.send("getrawmempool");
    return pool.length === 1 && pool[0] === spend.txids.at(-1);
  });
  const attempts = attempts_of(await events_from(exchange), id);
  for (const [n, { fee_base_units, fee_rate_per_kvb }] of attempts.entries()) {
    if (n === 0) continue;
    assert.ok(BigInt(fee_base_units) > BigInt(attempts[n - 1].fee_base_units));
    assert.ok(BigInt(fee_rate_per_kvb) > BigInt(attempts[n - 1].fee_rate_per_kvb));
  }
  node.mine_every(250);
  const [ended] = await until_ended(exchange, [id]);
  assert.equal(ended.state, "completed");
  await assert_paid(stage, destination, "2");
  const next = await withdraw(exchange, customer, coins.symbol, "1", "after it", await node.new_address());
  assert.equal((await until_ended(exchange, [next.id]))[0].state, "completed"); // Its change can be spent.
}));

/** Two transactions that spend the same coin of the node's: one to `address`, a dearer one to the node itself. */
async function rival_transactions(node, address) {
  const [{ txid, vout, amount }] = await node.send("listunspent", 1);
  const make = async (to, fee) => {
    const outputs = { [to]: to_coins(satoshi_of(amount) - fee) };
    const raw = await node.send("createrawtransaction", [{ txid, vout, sequence: kReplaceable }], outputs);
    return (await node.send("signrawtransactionwithwallet", raw)).hex;
  };
  return [await make(address, kFee), await make(await node.new_address(), 2n * kFee)];
}

test("a deposit that is replaced before it is mined is never seen", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await open_customer(exchange, "mallory", coins.caip2);
  node.stop_mining();
  const [deposit, taken_back] = await rival_transactions(node, customer.address);
  const first = await node.send("sendrawtransaction", deposit);
  const second = await node.send("sendrawtransaction", taken_back);
  assert.deepEqual(await node.send("getrawmempool"), [second]);
  assert.notEqual(first, second);
  await node.mine(5);
  await until_followed(stage);
  assert.deepEqual(await deposits_of(exchange, customer), []);
}));

test("a deposit that is spent twice in another branch is never credited", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node, processes, folder } = stage;
  const customer = await open_customer(exchange, "mallory", coins.caip2);
  mkdirSync(join(folder, "rival"));
  const rival = await start_core_node(processes, join(folder, "rival"), { coin: node.coin, name: "rival" });
  await rival.connect(node);
  node.stop_mining();
  await rival.same_tip(node);
  await node.disconnect(rival);
  const [deposit, taken_back] = await rival_transactions(node, customer.address);
  await node.send("sendrawtransaction", deposit);
  await node.mine(2);
  await until_followed(stage);
  assert.deepEqual((await deposits_of(exchange, customer)).map(({ state }) => state), ["seen"]); // Final in one block more.
  await rival.send("sendrawtransaction", taken_back);
  await rival.mine(3);
  await rival.connect(node);
  await rival.same_tip(node);
  await node.mine(5);
  await until_followed(stage);
  assert.deepEqual((await deposits_of(exchange, customer)).map(({ state }) => state), ["orphaned"]);
  assert.equal((await balances(exchange, customer))[coins.symbol]?.available ?? "0", "0");
  const incidents = (await events_from(exchange)).filter(({ type }) => type === "incident.opened");
  assert.deepEqual(incidents, []);
}));
