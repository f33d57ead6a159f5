// A customer with a key of his own: what he signed is paid, and nothing else is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { make_customer_key, sign_enrolment, sign_intent } from "../../demo/harness/exchange.mjs";
import { enrol_key, signed_order, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { fresh_address, funded_customer, on_stage, until_swept } from "./stage.mjs";

const kExpired = "2001-01-01T00:00:00Z";

async function refused(code, promise) {
  await assert.rejects(promise, (problem) => {
    assert.equal(problem.body?.type, `urn:holdfast:problem:${code}`, problem.message);
    return true;
  });
}

async function pays_what_was_signed({ exchange, chain }, alice, phone) {
  const order = await signed_order(exchange, alice, phone, "ETH", "1.25", "signed");
  const { id, authorised_key } = await exchange.post("/v1/withdrawals", order, "signed");
  assert.equal(authorised_key, phone.id);
  const [{ state }] = await until_ended(exchange, [id]);
  assert.equal(state, "completed");
  assert.equal(await chain.provider.getBalance(order.destination), parseUnits("1.25"));
}

async function refuses_all_else({ exchange }, alice, phone, bobs) {
  await refused("authorisation_missing", withdraw(exchange, alice, "ETH", "1", "unsigned"));
  const order = await signed_order(exchange, alice, phone, "ETH", "1", "changed");
  await refused("authorisation_invalid", exchange.post("/v1/withdrawals", { ...order, amount: "2" }, "changed"));
  await refused("authorisation_invalid", exchange.post("/v1/withdrawals", { ...order, destination: fresh_address() }, "changed"));
  await refused("authorisation_invalid", exchange.post("/v1/withdrawals", order, "another"));
  const by_bob = await signed_order(exchange, alice, bobs, "ETH", "1", "bobs");
  await refused("customer_key_unknown", exchange.post("/v1/withdrawals", by_bob, "bobs"));
  const as_alice = { ...by_bob, authorisation: { ...by_bob.authorisation, key: phone.id } };
  await refused("authorisation_invalid", exchange.post("/v1/withdrawals", as_alice, "bobs"));
  const late = await signed_order(exchange, alice, phone, "ETH", "1", "late", kExpired);
  await refused("authorisation_expired", exchange.post("/v1/withdrawals", late, "late"));
}

async function a_removed_key_says_nothing({ exchange, operator }, alice, phone, laptop) {
  const order = await signed_order(exchange, alice, phone, "ETH", "1", "removed");
  await operator.post(`/v1/keys/${phone.id}/remove`);
  await refused("customer_key_removed", exchange.post("/v1/withdrawals", order, "removed"));
  const by_laptop = await signed_order(exchange, alice, laptop, "ETH", "0.5", "laptop");
  const { id } = await exchange.post("/v1/withdrawals", by_laptop, "laptop");
  assert.equal((await until_ended(exchange, [id]))[0].state, "completed");
  await exchange.post(`/v1/keys/${laptop.id}/remove`);
  await refused("authorisation_missing", withdraw(exchange, alice, "ETH", "1", "nobody"));
  await refused("authorisation_missing", enrol_key(exchange, alice, make_customer_key()));
}

test("who has enrolled a key withdraws by it only", () => on_stage({}, async (stage) => {
  const { exchange } = stage;
  const alice = await funded_customer(stage, "alice", [["ETH", "10"]]);
  const bob = await funded_customer(stage, "bob", [["ETH", "3"]]);
  await until_swept(stage);
  const phone = await enrol_key(exchange, alice, make_customer_key());
  const bobs = await enrol_key(exchange, bob, make_customer_key());
  await refused("authorisation_missing", enrol_key(exchange, alice, make_customer_key()));
  await refused("authorisation_invalid", enrol_key(exchange, alice, make_customer_key(), { ...bobs, id: phone.id }));
  const laptop = await enrol_key(exchange, alice, make_customer_key(), phone);
  await refused("customer_key_known", enrol_key(exchange, alice, laptop, phone));

  await pays_what_was_signed(stage, alice, phone);
  await refuses_all_else(stage, alice, phone, bobs);
  await a_removed_key_says_nothing(stage, alice, phone, laptop);
}));

test("an exchange can write the texts by itself", () => on_stage({ keep_laws: false }, async ({ exchange }) => {
  const { id } = await exchange.post("/v1/customers", { reference: "näme 100%" });
  const key = make_customer_key();
  const { text } = await exchange.post(`/v1/customers/${id}/keys/intent`, { key: key.text });
  assert.equal(text, sign_enrolment(key, { exchange: "holdfast.demo/journal", customer: "näme 100%", key: key.text }).text);
  const destination = fresh_address();
  const expires_at = "2035-06-07T08:09:10Z";
  const body = { customer: id, asset: "ETH", amount: "1.5", destination, expires_at };
  const told = await exchange.call("POST", "/v1/withdrawals/intent", { body, idempotency_key: "own" });
  const request = /request: ([0-9a-f]{32})\n/.exec(told.text)[1];
  const own = sign_intent(key, {
    exchange: "holdfast.demo/journal", customer: "näme 100%", request, asset: "eip155:31337/slip44:60",
    amount: parseUnits("1.5"), destination, expires: expires_at,
  });
  assert.equal(told.text, own.text);
}));
