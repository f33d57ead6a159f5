// The main job with coins: deposits are credited, withdrawals are paid together and once, the books are the chain, and the
// descriptors alone restore the same balance.
import assert from "node:assert/strict";
import { events_from } from "../../demo/harness/checks.mjs";
import { satoshi_of, to_satoshi } from "../../demo/harness/coins.mjs";
import { balances, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { assert_paid, funded_customer, test_on_each_coin, until_followed } from "./coin_stage.mjs";
import { Caller } from "./described.mjs";

const kSteps = ["requested", "held", "approved", "signing", "broadcast", "confirming", "completed"];
const kAmounts = ["1.25", "0.00010001", "2", "0.5", "3.99999999"];

async function pays_a_batch({ exchange, coins, node, ...stage }, customer) {
  const asked = [];
  for (const [n, amount] of kAmounts.entries()) {
    const destination = await node.new_address(n % 2 ? "bech32" : "legacy");
    asked.push(await withdraw(exchange, customer, coins.symbol, amount, `main-${n}`, destination));
  }
  const ended = await until_ended(exchange, asked.map(({ id }) => id));
  for (const [n, withdrawal] of ended.entries()) {
    assert.equal(withdrawal.state, "completed");
    assert.deepEqual(withdrawal.timeline.map(({ state }) => state), kSteps);
    await assert_paid({ coins, ...stage }, withdrawal.destination, kAmounts[n]);
  }
  const transactions = new Set(ended.map(({ spend }) => spend.mined_txid));
  assert.ok(transactions.size < kAmounts.length, `${transactions.size} transactions for ${kAmounts.length} payments`);
}

/** Amounts that a person sees. */
async function holds_what_a_person_must_see({ exchange, operator, coins, node, ...stage }, customer) {
  const ask = async (amount, key) => withdraw(exchange, customer, coins.symbol, amount, key, await node.new_address());
  const large = await ask("5.5", "main-large");
  const refused = await ask("5.6", "main-refused");
  const regretted = await ask("5.7", "main-regretted");
  assert.deepEqual([large.state, refused.state, regretted.state], ["held", "held", "held"]);
  await operator.post(`/v1/withdrawals/${large.id}/approve`);
  await operator.post(`/v1/withdrawals/${refused.id}/reject`);
  await exchange.post(`/v1/withdrawals/${regretted.id}/cancel`);
  const ended = await until_ended(exchange, [large.id, refused.id, regretted.id]);
  assert.deepEqual(ended.map(({ state }) => state), ["completed", "rejected", "returned"]);
  await assert_paid({ coins, ...stage }, large.destination, "5.5");
  await assert_paid({ coins, ...stage }, refused.destination, "0");
}

/** What each signer keeps saves each coin of the quorum's wallet without holdfastd. */
async function has_reserves({ exchange }) {
  const { wallets } = await exchange.get("/v1/wallets");
  const hot = wallets.find(({ name }) => name === "hot");
  const planned = (await events_from(exchange)).filter(({ type, data }) => type === "spend.planned" && data.purpose === "reserve");
  assert.ok(planned.length >= hot.coins, `${planned.length} reserves for ${hot.coins} coins`);
}

/** Every coin of the wallet, page by page, and only the unspent ones are its balance. */
async function lists_its_coins({ coins, ...stage }) {
  const caller = new Caller(stage);
  const { wallets } = await caller.call("viewer", "GET", "/v1/wallets");
  const hot = wallets.find(({ name }) => name === "hot");
  const listed = [];
  let cursor;
  do {
    const query = cursor ? `limit=3&cursor=${cursor}` : "limit=3";
    const page = await caller.call("viewer", "GET", "/v1/wallets/{id}/coins", { ids: [hot.id], query });
    listed.push(...page.coins);
    cursor = page.next;
  } while (cursor);
  const unspent = listed.filter(({ state }) => state === "unspent");
  assert.equal(new Set(listed.map(({ id }) => id)).size, listed.length);
  assert.equal(unspent.length, hot.coins);
  assert.ok(listed.length > hot.coins, "no coin was spent");
  const total = unspent.reduce((sum, { amount }) => sum + to_satoshi(amount), 0n);
  assert.equal(total, (await coins.unspent(coins.wallet("hot"))).total);
}

/** Somebody with the descriptors and any node has the wallet again: here a new wallet of the same node. */
async function descriptors_restore({ coins, node }) {
  const hot = coins.wallet("hot");
  const held = (await coins.unspent(hot)).total;
  const descriptors = await Promise.all([0, 1].map(async (branch) => {
    const { descriptor } = await node.send("getdescriptorinfo", hot.descriptor.replaceAll("<0;1>", branch));
    return { desc: descriptor, range: [0, 200], internal: branch === 1, timestamp: 0 };
  }));
  assert.equal(satoshi_of(await node.balance_of_descriptors("restored", descriptors)), held);
}

test_on_each_coin("deposit, credit, batch of withdrawals, restore", {}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await funded_customer(stage, "alice", ["22", "3.5", "7.12345678"]);
  const other = await funded_customer(stage, "bob", ["1"]);
  assert.deepEqual((await balances(exchange, customer))[coins.symbol], { available: "32.62345678", held: "0" });
  await pays_a_batch(stage, customer);
  await holds_what_a_person_must_see(stage, customer);

  const paid = [...kAmounts, "5.5"].reduce((sum, amount) => sum + to_satoshi(amount), 0n);
  const fees = BigInt(kAmounts.length + 1) * to_satoshi(coins.asset.withdrawal_fee);
  const left = (await balances(exchange, customer))[coins.symbol];
  assert.equal(to_satoshi(left.available), to_satoshi("32.62345678") - paid - fees);
  assert.equal((await balances(exchange, other))[coins.symbol].available, "1");
  await has_reserves(stage);
  node.stop_mining();
  await until_followed(stage);
  await lists_its_coins(stage);
  await descriptors_restore(stage);
});
