// What the chain takes back is sent again; what it leaves lying is bid up, under the same nonce.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { events_from } from "../../demo/harness/checks.mjs";
import { until_ended, until_withdrawals, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { funded_customer, on_stage, until_final, until_swept } from "./stage.mjs";

const kFast = 200;
const kGwei = 1_000_000_000n;

async function pending(chain) {
  const { pending: count } = await chain.send("txpool_status");
  return Number(count);
}

async function nonces({ chain, installation }) {
  return Promise.all(installation.signers.map(({ gas }) => chain.provider.getTransactionCount(gas)));
}

/** Money in the hot wallet, and nothing on its way. */
async function ready(stage) {
  const customer = await funded_customer(stage, "alice", [["ETH", "20"]]);
  await until_swept(stage);
  await until_final(stage);
  stage.chain.stop_mining();
  return customer;
}

test("a payment whose block is gone is sent again", () => on_stage({}, async (stage) => {
  const { exchange, chain } = stage;
  const customer = await ready(stage);
  const { id, destination } = await withdraw(exchange, customer, "ETH", "1.5", "reorg");
  await until("it is in the pool", async () => (await pending(chain)) > 0);
  await chain.mine();
  const [mined] = await until_withdrawals("in a block", exchange, [id], (state) => state === "confirming");
  await chain.send("anvil_reorg", 1, []); // anvil does not put it back into its pool.
  assert.equal(await chain.provider.getBalance(destination), 0n);
  await until_withdrawals("out of its block", exchange, [id], (state) => state === "broadcast");
  await until("it is in the pool again", async () => (await pending(chain)) > 0);
  await chain.mine_every(kFast);
  const [ended] = await until_ended(exchange, [id]);
  assert.equal(ended.state, "completed");
  assert.equal(ended.spend.nonce, mined.spend.nonce);
  assert.equal(await chain.provider.getBalance(destination), parseUnits("1.5"));
}));

/** A block that nobody of the pool can afford. */
async function mine_dear_block(chain, base_fee) {
  await chain.send("anvil_setNextBlockBaseFeePerGas", `0x${base_fee.toString(16)}`);
  await chain.mine();
}

function attempts_of(events, withdrawal) {
  const planned = events.find(({ type, data }) => type === "spend.planned" && data.withdrawal === withdrawal);
  const signed = events.filter(({ type, data }) => type === "spend.signed" && data.spend === planned.data.spend);
  return signed.map(({ data }) => data);
}

function assert_bumped(attempts) {
  for (const [i, attempt] of attempts.slice(1).entries()) {
    for (const fee of ["max_fee_wei", "priority_fee_wei"]) {
      const [before, after] = [attempts[i], attempt].map((one) => BigInt(one[fee]));
      assert.ok(after * 10n >= before * 11n, `${fee} of attempt ${i + 1}: ${before} raised to ${after}`);
    }
  }
}

test("a payment that is stuck is bid up", () => on_stage({ bump_after_seconds: 1 }, async (stage) => {
  const { exchange, chain } = stage;
  const customer = await ready(stage);
  const before = await nonces(stage);
  const { id, destination } = await withdraw(exchange, customer, "ETH", "1", "stuck");
  await until("it is in the pool", async () => (await pending(chain)) > 0);
  const [first] = attempts_of(await events_from(exchange), id);
  const dear = BigInt(first.max_fee_wei) + 5n * kGwei;
  await mine_dear_block(chain, dear);
  assert.equal(await chain.provider.getBalance(destination), 0n);
  await until("it is bid up", async () => {
    const attempts = attempts_of(await events_from(exchange), id);
    return attempts.length >= 2 && BigInt(attempts.at(-1).max_fee_wei) >= dear;
  });
  await until("the dearer one is in the pool", async () => {
    const { txids } = (await exchange.get(`/v1/withdrawals/${id}`)).spend;
    return (await chain.provider.getTransaction(txids.at(-1))) !== null;
  });
  await chain.mine_every(kFast);
  const [ended] = await until_ended(exchange, [id]);
  assert.equal(ended.state, "completed");
  assert.equal(await chain.provider.getBalance(destination), parseUnits("1"));
  assert_bumped(attempts_of(await events_from(exchange), id));

  const next = await withdraw(exchange, customer, "ETH", "2", "after it");
  assert.equal((await until_ended(exchange, [next.id]))[0].state, "completed");
  const after = await nonces(stage);
  const used = after.reduce((sum, nonce, i) => sum + nonce - before[i], 0);
  assert.equal(used, 2); // One nonce each: no gap, no second payment.
}));
