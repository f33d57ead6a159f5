// The main job: a deposit is credited, a withdrawal is paid once, the books are the chain, the journal verifies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { balance_of } from "../../demo/harness/checks.mjs";
import { balances, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { funded_customer, on_stage, until_swept } from "./stage.mjs";

const kPaid = [["ETH", "1.25"], ["TST", "100.000000000000000001"], ["USD", "42.000001"]];

async function pays_each_asset_once(stage, customer) {
  const { exchange, chain } = stage;
  const requests = [];
  for (const [symbol, amount] of kPaid) {
    requests.push(await withdraw(exchange, customer, symbol, amount, `main-${symbol}`));
  }
  const ended = await until_ended(exchange, requests.map(({ id }) => id));
  for (const [i, withdrawal] of ended.entries()) {
    const [symbol, amount] = kPaid[i];
    assert.equal(withdrawal.state, "completed");
    const asset = stage.asset(symbol);
    assert.equal(await balance_of(chain, asset, withdrawal.destination), parseUnits(amount, asset.decimals));
    const steps = withdrawal.timeline.map(({ state }) => state);
    assert.deepEqual(steps, ["requested", "held", "approved", "signing", "broadcast", "confirming", "completed"]);
    const receipt = await chain.provider.getTransactionReceipt(withdrawal.spend.mined_txid);
    assert.equal(receipt.status, 1);
  }
}

async function holds_what_a_person_must_see({ exchange, operator, chain }, customer) {
  const large = await withdraw(exchange, customer, "ETH", "5.5", "main-large");
  const refused = await withdraw(exchange, customer, "ETH", "5.6", "main-refused");
  const regretted = await withdraw(exchange, customer, "ETH", "5.7", "main-regretted");
  assert.deepEqual([large.state, refused.state, regretted.state], ["held", "held", "held"]);
  await operator.post(`/v1/withdrawals/${large.id}/approve`);
  await operator.post(`/v1/withdrawals/${refused.id}/reject`);
  await exchange.post(`/v1/withdrawals/${regretted.id}/cancel`);
  const ended = await until_ended(exchange, [large.id, refused.id, regretted.id]);
  assert.deepEqual(ended.map(({ state }) => state), ["completed", "rejected", "returned"]);
  assert.equal(await chain.provider.getBalance(large.destination), parseUnits("5.5"));
  assert.equal(await chain.provider.getBalance(refused.destination), 0n);
  assert.equal(await chain.provider.getBalance(regretted.destination), 0n);
}

test("deposit, credit, withdrawal, confirmation", () => on_stage({}, async (stage) => {
  const { exchange, chain, installation } = stage;
  const customer = await funded_customer(stage, "alice", [["ETH", "20"], ["TST", "1000"], ["USD", "500.5"]]);
  const other = await funded_customer(stage, "bob", [["ETH", "3"]]);
  assert.deepEqual((await balances(exchange, customer)).USD, { available: "500.5", held: "0" });
  await until_swept(stage);
  assert.equal(await balance_of(chain, stage.asset("USD"), installation.deployment.safe), parseUnits("500.5", 6));

  await pays_each_asset_once(stage, customer);
  await holds_what_a_person_must_see(stage, customer);

  const left = await balances(exchange, customer);
  assert.deepEqual(left.ETH, { available: "13.23", held: "0" }); // 20 - 1.25 - 5.5 and two fees of 0.01
  assert.deepEqual(left.TST, { available: "899.999999999999999999", held: "0" });
  assert.deepEqual(left.USD, { available: "458.499999", held: "0" });
  assert.equal((await balances(exchange, other)).ETH.available, "3");
}));

test("a payment that fails at the chain gives the money back, but for the fee", () => on_stage({}, async (stage) => {
  const { exchange, installation } = stage;
  const customer = await funded_customer(stage, "alice", [["ETH", "10"]]);
  await until_swept(stage);
  const takes_no_coins = installation.deployment.safeContracts.factory;
  const failing = await withdraw(exchange, customer, "ETH", "1", "it fails", takes_no_coins);
  const [{ state, reason }] = await until_ended(exchange, [failing.id]);
  assert.deepEqual([state, reason], ["returned", "failed_on_chain"]);
  assert.deepEqual((await balances(exchange, customer)).ETH, { available: "9.99", held: "0" });

  const next = await withdraw(exchange, customer, "ETH", "1", "after it");
  assert.equal((await until_ended(exchange, [next.id]))[0].state, "completed"); // No nonce is stuck.
}));
