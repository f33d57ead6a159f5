// Every route of docs/api/openapi.json answers as it says there: status, content type, and each field of the body.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { make_customer_key, sign_decision, sign_text } from "../../demo/harness/exchange.mjs";
import { kChain } from "../../demo/harness/installation.mjs";
import { until_ended } from "../../demo/harness/customers.mjs";
import { Caller, kDocument } from "./described.mjs";
import { fresh_address, funded_customer, on_stage, until_swept } from "./stage.mjs";

async function customers_and_deposits(caller, customer) {
  const { id } = await caller.call("exchange", "POST", "/v1/customers", { body: { reference: "bob" }, status: 201 });
  await caller.call("exchange", "POST", "/v1/customers", { body: { reference: "bob" } });
  await caller.call("viewer", "GET", "/v1/customers/{id}", { ids: [id] });
  await caller.call("viewer", "GET", "/v1/customers/{id}", { ids: [4711], status: 404 });
  const addresses = "/v1/customers/{id}/addresses";
  await caller.call("exchange", "POST", addresses, { ids: [id], body: { chain: kChain }, status: 201 });
  await caller.call("exchange", "POST", addresses, { ids: [id], body: { chain: kChain, number: 0 } });
  await caller.call("viewer", "GET", addresses, { ids: [id], query: "chain=eip155:31337" });
  await caller.call("viewer", "GET", "/v1/customers/{id}/balances", { ids: [customer.id] });
  const { deposits } = await caller.call("viewer", "GET", "/v1/deposits", { query: `customer=${customer.id}&limit=1` });
  await caller.call("viewer", "GET", "/v1/deposits/{id}", { ids: [deposits[0].id] });
}

async function keys(caller) {
  const { id } = await caller.call("exchange", "POST", "/v1/customers", { body: { reference: "carol" }, status: 201 });
  const [first, second] = [make_customer_key(), make_customer_key()];
  const route = "/v1/customers/{id}/keys";
  const body = (key, authorisation) => ({ key: key.text, name: "phone", authorisation });
  const enrolled = await caller.call("exchange", "POST", route, { ids: [id], body: body(first), status: 201 });
  const { text } = await caller.call("exchange", "POST", `${route}/intent`, { ids: [id], body: { key: second.text } });
  const proof = { key: enrolled.id, signature: sign_text(first, text) };
  await caller.call("exchange", "POST", route, { ids: [id], body: body(second, proof), status: 201 });
  await caller.call("exchange", "POST", route, { ids: [id], body: body(second, proof), status: 409 });
  await caller.call("operator", "POST", "/v1/keys/{id}/remove", { ids: [enrolled.id] });
  assert.equal((await caller.call("viewer", "GET", route, { ids: [id] })).keys.length, 2);
  const order = { customer: id, asset: "ETH", amount: "1", destination: fresh_address(), expires_at: "2035-01-01T00:00:00Z" };
  await caller.call("exchange", "POST", "/v1/withdrawals/intent", { body: order, idempotency_key: "intent" });
}

/** The operator's word over the withdrawal as the API tells it. */
async function decision_on(caller, customer, withdrawal) {
  const { exchange } = await caller.call("viewer", "GET", "/v1/status");
  const { id, request, asset, amount, destination } = withdrawal;
  const said = { exchange, withdrawal: id, customer: customer.reference, request, asset, amount: parseUnits(amount), destination };
  return { decision: { signature: sign_decision(caller.keys.operator, { ...said, by: caller.keys.operator.id }).signature } };
}

async function withdrawals(caller, stage, customer) {
  const order = (amount) => ({ customer: customer.id, asset: "ETH", amount, destination: fresh_address() });
  const request = (amount, key, status = 201) =>
    caller.call("exchange", "POST", "/v1/withdrawals", { body: order(amount), idempotency_key: key, status });
  const small = await request("1", "small");
  const large = await request("5.5", "large");
  const rejected = await request("5.6", "rejected");
  const cancelled = await request("5.7", "cancelled");
  await request("0", "nothing", 422);
  const batch = [{ ...order("0.5"), idempotency_key: "batch-1" }, { ...order("0"), idempotency_key: "batch-2" }];
  const { items } = await caller.call("exchange", "POST", "/v1/withdrawals/batch", { body: { withdrawals: batch } });
  assert.deepEqual(items.map(({ status }) => status), [201, 422]);
  const body = await decision_on(caller, customer, large);
  await caller.call("operator", "POST", "/v1/withdrawals/{id}/approve", { ids: [rejected.id], body, status: 422 });
  await caller.call("operator", "POST", "/v1/withdrawals/{id}/approve", { ids: [large.id], body });
  await caller.call("operator", "POST", "/v1/withdrawals/{id}/reject", { ids: [rejected.id] });
  await caller.call("exchange", "POST", "/v1/withdrawals/{id}/cancel", { ids: [cancelled.id] });
  await caller.call("viewer", "GET", "/v1/withdrawals", { query: "state=rejected&asset=ETH&limit=1000" });
  await until_ended(stage.exchange, [small.id, large.id, items[0].withdrawal.id]);
  await caller.call("viewer", "GET", "/v1/withdrawals/{id}", { ids: [small.id] });
}

const kPolicy = `
[[rules]]
name = "watched"
when = 'value >= usd("0")'
then = "review 1 risk, step up"
reason = "everything is looked at"
severity = "high"
`;

async function risk(caller, customer) {
  await caller.call("operator", "POST", "/v1/policies", { body: { name: "wrong", text: "nonsense" }, status: 422 });
  const policy = await caller.call("operator", "POST", "/v1/policies", { body: { name: "all", text: kPolicy }, status: 201 });
  const dropped = await caller.call("operator", "POST", "/v1/policies", { body: { name: "all", text: kPolicy }, status: 201 });
  await caller.call("operator", "POST", "/v1/policies/{id}/drop", { ids: [dropped.id] });
  await caller.call("operator", "POST", "/v1/policies/{id}/approve", { ids: [policy.id], status: 409 });
  await caller.call("second", "POST", "/v1/policies/{id}/approve", { ids: [policy.id] });
  await caller.call("operator", "POST", "/v1/policies/{id}/activate", { ids: [policy.id] });
  await caller.call("viewer", "GET", "/v1/policies/{id}", { ids: [policy.id] });
  const { policies } = await caller.call("viewer", "GET", "/v1/policies");
  assert.deepEqual(policies.map(({ state }) => state), ["dropped", "in_force"]);
  const body = { customer: customer.id, asset: "ETH", amount: "0.25", destination: fresh_address(), device: "phone", ip: "192.0.2.7" };
  const held = await caller.call("exchange", "POST", "/v1/withdrawals", { body, idempotency_key: "held", status: 201 });
  assert.equal(held.verdict.demand, "review 1 risk, step up");
  assert.deepEqual(held.verdict.missing, ["review 1 risk", "step up"]);
  assert.equal(held.policy, policy.hash);
  const { cases } = await caller.call("viewer", "GET", "/v1/cases", { query: "state=open" });
  assert.deepEqual(cases.map(({ id, waiting, cause }) => [id, waiting, cause]), [[held.verdict.case, [held.id], "watched"]]);
  await caller.call("operator", "POST", "/v1/cases/{id}/assign", { ids: [cases[0].id], body: {} });
  await caller.call("operator", "POST", "/v1/cases/{id}/note", { ids: [cases[0].id], body: { text: "asked the customer" } });
  await caller.call("second", "POST", "/v1/cases/{id}/approve", { ids: [cases[0].id], body: { up_to: held.id } });
  const confirmed = await caller.call("exchange", "POST", "/v1/withdrawals/{id}/confirm", { ids: [held.id] });
  assert.notEqual(confirmed.state, "held");
  const done = await caller.call("viewer", "GET", "/v1/cases/{id}", { ids: [cases[0].id] });
  assert.ok(done.closed_at);
  const other = { ...body, amount: "0.3" };
  const no = await caller.call("exchange", "POST", "/v1/withdrawals", { body: other, idempotency_key: "no", status: 201 });
  await caller.call("operator", "POST", "/v1/cases/{id}/reject", { ids: [no.verdict.case], body: { up_to: no.id } });
  await caller.call("operator", "POST", "/v1/cases/{id}/close", { ids: [no.verdict.case], body: { text: "nothing to see" }, status: 409 });
  await caller.call("viewer", "GET", "/v1/grades");
}

async function prices(caller) {
  const { prices: [before] } = await caller.call("viewer", "GET", "/v1/prices");
  assert.equal(before.at, null);
  const told = [{ asset: before.asset, usd: before.usd }, { asset: before.asset, usd: "0" }, { asset: "NONE", usd: "1" }];
  const { items } = await caller.call("exchange", "POST", "/v1/prices", { body: { prices: told } });
  assert.deepEqual(items.map(({ status }) => status), [200, 422, 422]);
  const { prices: [after] } = await caller.call("viewer", "GET", "/v1/prices");
  assert.ok(after.at);
}

async function safety(caller) {
  const { wallets } = await caller.call("viewer", "GET", "/v1/wallets");
  const cold = wallets.find(({ kind }) => kind === "cold");
  const body = { scope: "wallet", wallet: cold.id };
  const freeze = await caller.call("exchange", "POST", "/v1/freezes", { body, status: 201 });
  await caller.call("exchange", "POST", "/v1/freezes", { body });
  await caller.call("operator", "POST", "/v1/freezes/{id}/lift", { ids: [freeze.id] });
  const incident = await caller.call("operator", "POST", "/v1/incidents", { body: { wallet: cold.id }, status: 201 });
  await caller.call("viewer", "GET", "/v1/incidents");
  await caller.call("viewer", "GET", "/v1/freezes");
  await caller.call("operator", "POST", "/v1/incidents/{id}/close", { ids: [incident.id] });
}

async function status_and_feed(caller) {
  await caller.call("viewer", "GET", "/v1/assets");
  await caller.call("viewer", "GET", "/v1/status");
  await caller.call("viewer", "GET", "/v1/events", { query: "limit=1000" });
  await caller.call("viewer", "GET", "/metrics");
  await caller.call("viewer", "GET", "/healthz");
}

test("every route answers as it is described", () => on_stage({}, async (stage) => {
  const customer = await funded_customer(stage, "alice", [["ETH", "40"], ["TST", "5"]]);
  await until_swept(stage);
  const caller = new Caller(stage);
  await customers_and_deposits(caller, customer);
  await keys(caller);
  await withdrawals(caller, stage, customer);
  await prices(caller);
  await risk(caller, customer);
  await safety(caller);
  await status_and_feed(caller);
  const described = Object.entries(kDocument.paths).flatMap(([route, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`));
  const elsewhere = ["GET /v1/wallets/{id}/coins", "GET /v1/events/stream"]; // utxo_main_path.mjs, event_feed.mjs
  assert.deepEqual(described.filter((route) => !caller.called.has(route)), elsewhere);
}));
