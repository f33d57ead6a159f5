// kill -9 of holdfastd and of signers at each step of withdrawals of coins: each is paid exactly once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { events_from } from "../../demo/harness/checks.mjs";
import { to_satoshi } from "../../demo/harness/coins.mjs";
import { balances, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { kSigners } from "../../demo/harness/installation.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_paid, funded_customer, on_coin_stage, until_final } from "./coin_stage.mjs";

const kStepPauseMs = 5;

// What the journal has of a payment when the crash comes, and who dies then: holdfastd, or all signers.
const kCrashes = [
  ["withdrawal.requested", "holdfastd"],
  ["spend.planned", "holdfastd"],
  ["spend.planned", "signers"],
  ["spend.signed", "holdfastd"],
  ["spend.signed", "signers"],
  ["spend.mined", "holdfastd"],
  ["spend.settled", "holdfastd"],
];

/** Whether an event is this step of the withdrawal's. */
function is_step({ type, data }, step, withdrawal, spends) {
  if (type !== step) return false;
  if (step === "spend.planned") return data.batch.includes(withdrawal);
  return step === "withdrawal.requested" ? data.withdrawal === withdrawal : spends.has(data.spend);
}

/** Waits for the step in the feed; asks all the time, so that the crash comes close behind it. */
async function until_step({ exchange }, step, withdrawal, from) {
  await until(`${step} of withdrawal ${withdrawal}`, async () => {
    const events = await events_from(exchange, from);
    const planned = events.filter(({ type, data }) => type === "spend.planned" && data.batch.includes(withdrawal));
    const spends = new Set(planned.map(({ data }) => data.spend));
    return events.some((event) => is_step(event, step, withdrawal, spends));
  }, 60, kStepPauseMs);
}

async function crash({ processes, installation }, victim) {
  const names = victim === "signers" ? kSigners : [victim];
  await Promise.all(names.map((name) => processes.stop(name, "SIGKILL")));
  for (const name of names) {
    if (name === "holdfastd") installation.start_daemon();
    else installation.start_signer(name);
  }
  await installation.ready();
}

/** What the mined transactions that pay to the address are, in the whole chain. */
async function payments_to({ coins }, address) {
  return new Set((await coins.at_address(address)).coins.map(({ txid, vout }) => `${txid}:${vout}`));
}

test("a crash at each step of a withdrawal of coins", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await funded_customer(stage, "alice", ["20", "20", "20"]);
  const orders = [];
  for (const [n, [step, victim]] of kCrashes.entries()) {
    const from = (await exchange.get("/v1/status")).journal.size;
    const order = { amount: `1.${n + 1}`, destination: await node.new_address(), key: `crash-${n}` };
    const ask = () => withdraw(exchange, customer, coins.symbol, order.amount, order.key, order.destination);
    order.id = (await ask()).id;
    await until_step(stage, step, order.id, from);
    await crash(stage, victim);
    assert.equal((await ask()).id, order.id); // A client that heard nothing asks again.
    orders.push(order);
  }
  const ended = await until_ended(exchange, orders.map(({ id }) => id), 120);
  await until_final(stage);
  let spent = 0n;
  for (const [n, { state }] of ended.entries()) {
    const { id, amount, destination } = orders[n];
    assert.equal(state, "completed", `withdrawal ${id}`);
    await assert_paid(stage, destination, amount, `withdrawal ${id}`);
    assert.equal((await payments_to(stage, destination)).size, 1, `withdrawal ${id}`);
    spent += to_satoshi(amount) + to_satoshi(coins.asset.withdrawal_fee);
  }
  assert.equal((await exchange.get("/v1/status")).withdrawals, kCrashes.length);
  assert.equal(to_satoshi((await balances(exchange, customer))[coins.symbol].available), to_satoshi("60") - spent);
}));
