// One signer's owner key is stolen. The thief gets nothing; everything freezes and goes to the cold wallet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stolen_owner } from "../../demo/incidents.mjs";
import { withdraw } from "../../demo/harness/customers.mjs";
import { fresh_address, funded_customer, on_stage, until_swept } from "./stage.mjs";
import { assert_frozen, assert_only_saved_after } from "./after_theft.mjs";

test("one owner key steals nothing", () => on_stage({}, async (stage) => {
  const { exchange, installation } = stage;
  const customer = await funded_customer(stage, "alice", [["ETH", "50"], ["TST", "1000"], ["USD", "700"]]);
  await until_swept(stage);
  const result = await stolen_owner(installation);
  assert.deepEqual(result.failures, []);
  for (const { symbol, stolen, had, saved, left } of result.assets) {
    assert.equal(Number(stolen), 0, symbol);
    assert.equal(saved, had, symbol);
    assert.equal(Number(left), 0, symbol);
  }
  assert.equal(result.assets.find(({ symbol }) => symbol === "ETH").had, "50.0");
  assert_only_saved_after(result.events);
  await assert_frozen(stage);
  const refused = withdraw(exchange, customer, "ETH", "1", "after the theft", fresh_address());
  await assert.rejects(refused, ({ body }) => body.type === "urn:holdfast:problem:frozen");
}));
