// Two nodes part and meet again: a deposit is undone and comes again, a withdrawal's block is gone and it is sent again.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { events_from } from "../../demo/harness/checks.mjs";
import { start_core_node } from "../../demo/harness/core_node.mjs";
import { balances, credited, deposits_of, open_customer, until_ended, until_withdrawals, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_paid, funded_customer, on_coin_stage, until_final, until_followed } from "./coin_stage.mjs";

/** A second node with the same chain, which mines what the first does not know. */
async function rival_of({ folder, processes, node }) {
  const data = join(folder, "rival");
  mkdirSync(data);
  const rival = await start_core_node(processes, data, { coin: node.coin, name: "rival" });
  await rival.connect(node);
  await rival.same_tip(node);
  return rival;
}

/** Mines `mine` blocks here that the rival does not see, and more of the rival's, which win. `between` runs before they do. */
async function lose_blocks({ node, ...stage }, rival, mine, between) {
  await node.disconnect(rival);
  await node.mine(mine);
  await until_followed({ node, ...stage });
  await between();
  await rival.mine(mine + 1);
  await rival.connect(node);
  await rival.same_tip(node);
  await until_followed({ node, ...stage });
}

async function quiet(stage) {
  await until_final(stage);
  stage.node.stop_mining();
  await until_followed(stage);
}

test("a deposit whose block is gone is not credited until it is back", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await open_customer(exchange, "alice", coins.caip2);
  const rival = await rival_of(stage);
  await quiet(stage);
  await rival.same_tip(node);
  await node.disconnect(rival);
  await node.pay(customer.address, "3");
  await lose_blocks(stage, rival, 2, async () => {
    assert.deepEqual((await deposits_of(exchange, customer)).map(({ state }) => state), ["seen"]);
  });
  assert.deepEqual((await deposits_of(exchange, customer)).map(({ state }) => state), ["orphaned"]);
  assert.equal((await balances(exchange, customer))[coins.symbol]?.available ?? "0", "0");
  await node.mine(4); // The node has put it back into its pool.
  await credited(exchange, 1);
  const again = await deposits_of(exchange, customer);
  assert.deepEqual(again.map(({ state }) => state).sort(), ["credited", "orphaned"]);
  assert.equal((await balances(exchange, customer))[coins.symbol].available, "3");
  await until_followed(stage);
}));

test("a withdrawal whose block is gone is sent again and paid once", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await funded_customer(stage, "alice", ["5", "5"]);
  const rival = await rival_of(stage);
  await quiet(stage);
  await rival.same_tip(node);
  await node.disconnect(rival);
  const { id, destination } = await withdraw(exchange, customer, coins.symbol, "1.5", "reorg", await node.new_address());
  const in_pool = async () => (await node.send("getrawmempool")).length > 0;
  await until("it is in the pool", in_pool);
  await lose_blocks(stage, rival, 2, async () => {
    await until_withdrawals("in a block", exchange, [id], (state) => state === "confirming");
  });
  await until_withdrawals("out of its block", exchange, [id], (state) => state === "broadcast");
  await until("it is in the pool again", in_pool);
  await node.mine(4);
  const [ended] = await until_ended(exchange, [id]);
  assert.equal(ended.state, "completed");
  await assert_paid(stage, destination, "1.5");
  const types = (await events_from(exchange)).map(({ type }) => type);
  assert.ok(types.includes("spend.unmined"));
  assert.equal(types.includes("incident.opened"), false);
  await until_followed(stage);
}));
