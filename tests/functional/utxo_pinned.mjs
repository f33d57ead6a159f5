// A receiver pins his payment: what would replace it is refused, so its own change pays for it, and both are mined together.
import assert from "node:assert/strict";
import { events_from } from "../../demo/harness/checks.mjs";
import { kQuorumPath, satoshi_of, test_words, to_coins, to_satoshi, xpub_of } from "../../demo/harness/coins.mjs";
import { credited, open_customer, until_ended, until_withdrawals, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_paid, funded_customer, test_on_each_coin, until_final, until_followed } from "./coin_stage.mjs";
import { FeeProxy } from "./fee_proxy.mjs";

// In whole coins per 1000 virtual bytes. Miners here take nothing between the two.
const kQuiet = 0.00002;
const kLeastMined = 0.00005;
const kBusy = 0.0002;

// What the receiver hangs on his payment: something large and cheap, and then all that a node lets hang on one.
const kOutputs = 1_500;
const kEach = 100_000n;
const kPinFee = 70_000n; // About 1.5 sat/vB, and many times what any replacement of ours adds.
const kHung = 23;
const kHungFee = 1_000n;
const kPinned = to_coins(BigInt(kOutputs) * kEach + kPinFee);

const kFinal = 3; // Blocks until a deposit is credited.
const kBumpAfterSeconds = 3;
const kChildSeconds = 90; // It is planned half a minute behind the bump.

/** Spends an output of the node's wallet, mined or not, to [[address, satoshi], ...]; gives the id. */
async function spend_output(node, txid, vout, payments) {
  const outputs = payments.map(([address, satoshi]) => ({ [address]: to_coins(satoshi) }));
  const raw = await node.send("createrawtransaction", [{ txid, vout }], outputs);
  return node.send("sendrawtransaction", (await node.send("signrawtransactionwithwallet", raw)).hex);
}

/** So many addresses, none of which any wallet here knows. */
async function strangers(node, count) {
  const key = xpub_of(test_words("somebody else"), kQuorumPath);
  const { descriptor } = await node.send("getdescriptorinfo", `wpkh(${key}/*)`);
  return node.send("deriveaddresses", descriptor, [0, count - 1]);
}

async function pin({ node }, txid, address) {
  const { vout } = await node.send("getrawtransaction", txid, true);
  const paid = vout.find(({ value }) => satoshi_of(value) === to_satoshi(kPinned));
  assert.ok(paid, `nothing of ${txid} goes to ${address}`);
  const own = [];
  for (let i = 0; i < kHung; ++i) own.push(await node.new_address());
  const addresses = [...own, ...(await strangers(node, kOutputs - kHung))];
  const large = await spend_output(node, txid, paid.n, addresses.map((to) => [to, kEach]));
  for (let i = 0; i < kHung; ++i) await spend_output(node, large, i, [[own[i], kEach - kHungFee]]);
}

const spend_of = async ({ exchange }, { id }) => (await exchange.get(`/v1/withdrawals/${id}`)).spend;

/** Of a withdrawal's transactions the one that the node's pool has; fails when that is not the pinned one. */
async function assert_not_replaced(stage, withdrawal, pinned) {
  const pool = await stage.node.send("getrawmempool");
  const { txids } = await spend_of(stage, withdrawal);
  assert.deepEqual(txids.filter((txid) => pool.includes(txid)), [pinned]);
  return txids;
}

/** The payment is in the pool and pinned there, and no miner takes it. */
async function pinned_withdrawal(stage, customer) {
  const { exchange, coins, node } = stage;
  const asked = await withdraw(exchange, customer, coins.symbol, kPinned, "pinned", await node.new_address());
  const pool = await until("it is in the pool", async () => {
    const now = await node.send("getrawmempool");
    return now.length > 0 && now;
  });
  const [txid] = pool;
  assert.deepEqual((await spend_of(stage, asked)).txids, [txid]);
  await pin(stage, txid, asked.destination);
  const { descendantcount, fees } = await node.send("getmempoolentry", txid);
  assert.equal(descendantcount, kHung + 2);
  assert.ok(satoshi_of(fees.descendant) > kPinFee);
  return { asked, txid };
}

/** Another customer pays in and takes out meanwhile: with that coin, for the pinned payment may have taken all there were. */
async function pays_another(stage) {
  const { exchange, coins, node } = stage;
  const customer = await open_customer(exchange, "bob", coins.caip2);
  const before = (await exchange.get("/v1/deposits", "state=credited&limit=1000")).deposits.length;
  await node.pay(customer.address, "3");
  await node.mine(kFinal);
  await credited(exchange, before + 1);
  const other = await withdraw(exchange, customer, coins.symbol, "0.75", "not pinned", await node.new_address());
  await until("the other payment is in the pool", async () => {
    const txids = (await spend_of(stage, other))?.txids ?? [];
    const pool = await node.send("getrawmempool");
    return txids.some((txid) => pool.includes(txid));
  });
  await node.mine();
  await until_withdrawals("the other payment in a block", exchange, [other.id], (state) => state === "confirming");
  return other;
}

/** Waits for the child; until it is there, the pinned transaction stays. Gives its spend and the one change that it takes. */
async function planned_child(stage, { asked, txid }) {
  const expected = await until("a child", async () => {
    await assert_not_replaced(stage, asked, txid);
    return (await events_from(stage.exchange)).find(({ type, data }) => type === "coin.expected" && data.txid === txid);
  }, kChildSeconds, 200);
  assert.equal(expected.data.height, 0);
  const planned = (await events_from(stage.exchange)).filter(({ type, data }) =>
    type === "spend.planned" && data.inputs?.includes(expected.data.id));
  assert.deepEqual(planned.map(({ data }) => [data.purpose, data.inputs, data.batch]), [["consolidation", [expected.data.id], []]]);
  return { spend: planned[0].data.spend, vout: expected.data.vout };
}

/** The child's transaction in the pool: it spends the pinned one's change, and both together pay what is asked. */
async function child_in_pool({ exchange, node }, child, parent) {
  const { data } = await until("the child is signed", async () =>
    (await events_from(exchange)).find((event) => event.type === "spend.signed" && event.data.spend === child.spend));
  const entry = await until("the child is in the pool", () => node.send("getmempoolentry", data.txid).catch(() => undefined));
  assert.deepEqual(entry.depends, [parent]);
  assert.equal(entry.ancestorcount, 2);
  const { vin } = await node.send("getrawtransaction", data.txid, true);
  assert.deepEqual(vin.map(({ txid, vout }) => [txid, vout]), [[parent, child.vout]]);
  const asked = satoshi_of(kBusy) * BigInt(entry.ancestorsize);
  assert.ok(satoshi_of(entry.fees.ancestor) * 1_000n >= asked, `${entry.fees.ancestor} for ${entry.ancestorsize} vB`);
  return data.txid;
}

async function assert_once(stage, { asked, txid }, child, other) {
  const { exchange } = stage;
  const [first, second] = await until_ended(exchange, [asked.id, other.id]);
  assert.deepEqual([first.state, second.state], ["completed", "completed"]);
  assert.equal(first.spend.mined_txid, txid);
  assert.notEqual(second.spend.mined_txid, txid);
  await assert_paid(stage, asked.destination, kPinned);
  await assert_paid(stage, other.destination, "0.75");
  const events = await events_from(exchange);
  const parent = events.find(({ type, data }) => type === "spend.planned" && data.batch.includes(asked.id)).data.spend;
  const settled = events.filter(({ type }) => type === "spend.settled").map(({ data }) => data.spend);
  for (const spend of [parent, child.spend]) assert.deepEqual(settled.filter((id) => id === spend), [spend]);
  const paying = events.filter(({ type, data }) => type === "spend.planned" && data.batch.includes(asked.id));
  assert.equal(paying.length, 1);
  const types = new Set(events.map(({ type }) => type));
  for (const never of ["incident.opened", "withdrawal.returned", "spend.unmined"]) assert.equal(types.has(never), false, never);
}

const kOptions = {
  args: [`-blockmintxfee=${kLeastMined.toFixed(8)}`],
  coin_bump_after_seconds: kBumpAfterSeconds,
  before_node: (node) => new FeeProxy(node, kQuiet).start(),
};

test_on_each_coin("a payment that its receiver pins is paid for by its child", kOptions, async (stage) => {
  const { exchange, node, proxy } = stage;
  const customer = await funded_customer(stage, "alice", ["5", "5"]);
  await until_final(stage);
  node.stop_mining();
  await until_followed(stage);
  const pinned = await pinned_withdrawal(stage, customer);
  await node.mine();
  assert.deepEqual(await assert_not_replaced(stage, pinned.asked, pinned.txid), [pinned.txid]); // No miner wants it.

  proxy.feerate = kBusy;
  await until("a bump, in vain", async () => (await assert_not_replaced(stage, pinned.asked, pinned.txid)).length > 1);
  const other = await pays_another(stage);
  const child = await planned_child(stage, pinned);
  assert.equal((await spend_of(stage, pinned.asked)).txids.length, 2); // What was in vain once is not tried again.
  const child_txid = await child_in_pool(stage, child, pinned.txid);
  await assert_not_replaced(stage, pinned.asked, pinned.txid);
  await until_withdrawals("still waiting", exchange, [pinned.asked.id], (state) => state === "broadcast");

  const [block] = await node.mine();
  const { tx } = await node.send("getblock", block);
  assert.ok(tx.includes(pinned.txid) && tx.includes(child_txid), `${tx} is not parent and child`);
  node.mine_every(250);
  await assert_once(stage, pinned, child, other);
});
