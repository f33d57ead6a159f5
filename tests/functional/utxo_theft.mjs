// The key of a wallet of coins is stolen and its coins are swept: the sweep is replaced, everything is frozen, and what is
// saved lies in cold. And each signer has all that it takes to save the quorum's coins alone, also one that was away.
import assert from "node:assert/strict";
import { to_satoshi } from "../../demo/harness/coins.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { stolen_coins } from "../../demo/coin_incidents.mjs";
import { assert_frozen, assert_only_saved_after } from "./after_theft.mjs";
import { funded_customer, test_on_each_coin } from "./coin_stage.mjs";

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

const kLevels = 4; // Fees of a coin's evacuations.
const kDeposits = ["3", "0.5", "12.25"];

test_on_each_coin("a signer that was away keeps what the others signed", {}, async (stage) => {
  const { coins, node, installation, processes } = stage;
  const kept = (name) => installation.evacuations_kept(name, coins, "hot");
  await processes.stop("signer-3");
  await funded_customer(stage, "alice", kDeposits);
  const all = kLevels * kDeposits.length;
  await until("evacuations with those that are there", () => kept("signer-1").size === all && kept("signer-2").size === all, 60);
  assert.equal(kept("signer-3").size, 0);
  const { signed } = await installation.signer_status("signer-3");

  installation.start_signer("signer-3");
  await until("the same with the third", () => kept("signer-3").size === all, 60);
  assert.deepEqual([...kept("signer-3")].sort(), [...kept("signer-1")].sort());
  assert.equal((await installation.signer_status("signer-3")).signed, signed); // It has signed none of them.
  for (const raw of kept("signer-3")) {
    const [{ allowed, ...why }] = await node.send("testmempoolaccept", [raw]);
    assert.ok(allowed, JSON.stringify(why));
  }
});
