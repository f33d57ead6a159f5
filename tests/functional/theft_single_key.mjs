// The whole key of a single-key wallet is stolen. What the thief does not get at once is saved, nonce by nonce.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { stolen_wallet } from "../../demo/incidents.mjs";
import { pay } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_frozen, assert_only_saved_after } from "./after_theft.mjs";
import { on_stage } from "./stage.mjs";

const kHeld = [["ETH", "400"], ["TST", "30000"], ["USD", "20000"]];

test("a stolen wallet is emptied to safety", () => on_stage({ single_keys: 1 }, async (stage) => {
  const { exchange, faucet, installation } = stage;
  const [old] = installation.old_wallets;
  for (const [symbol, amount] of kHeld) await pay(faucet, stage.asset(symbol), old.address, amount);
  await until("the books know what the wallet holds", async () => {
    const { wallets } = await exchange.get("/v1/wallets");
    const { balances } = wallets.find(({ name }) => name === old.name);
    return kHeld.every(([symbol, amount]) => balances.some((one) => one.symbol === symbol && one.amount === amount));
  });
  await stage.chain.mine_every(1000);
  const result = await stolen_wallet(installation);
  assert.deepEqual(result.failures, []);
  const saved = result.assets.filter(({ saved: amount }) => Number(amount) > 0);
  assert.ok(saved.length >= 2, `saved: ${JSON.stringify(result.assets)}`);
  for (const { symbol, left } of result.assets) {
    if (symbol !== "ETH") assert.equal(Number(left), 0, symbol); // Of the native coin some is kept for fees.
  }
  assert.ok(parseUnits(result.assets[0].left) < parseUnits("5"));
  assert_only_saved_after(result.events);
  await assert_frozen(stage);
}));
