// The key of a wallet of coins is stolen and its coins are swept: the sweep is replaced, everything is frozen, and what is
// saved lies in cold.
import assert from "node:assert/strict";
import { to_satoshi } from "../../demo/harness/coins.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { stolen_coins } from "../../demo/coin_incidents.mjs";
import { assert_frozen, assert_only_saved_after } from "./after_theft.mjs";
import { test_on_each_coin } from "./coin_stage.mjs";

const kHeld = ["120", "7.5", "0.25"];

test_on_each_coin("a stolen wallet of coins is emptied to safety", { single_key: true }, async (stage) => {
  const { exchange, coins, node, installation } = stage;
  const old = coins.wallet("old");
  for (const [n, amount] of kHeld.entries()) await node.pay(await coins.address(old, n % 2, n), amount);
  await until("the books know what the wallet holds", async () => {
    const { wallets } = await exchange.get("/v1/wallets");
    return wallets.find(({ name }) => name === "old").coins === kHeld.length;
  });
  const result = await stolen_coins(installation);
  assert.deepEqual(result.failures, []);
  const [{ had, stolen, saved, left, fees }] = result.assets;
  assert.equal(to_satoshi(had), kHeld.reduce((sum, amount) => sum + to_satoshi(amount), 0n));
  assert.deepEqual([stolen, left], ["0", "0"]);
  assert.equal(to_satoshi(saved) + to_satoshi(fees), to_satoshi(had));
  assert_only_saved_after(result.events);
  await assert_frozen(stage);
});
