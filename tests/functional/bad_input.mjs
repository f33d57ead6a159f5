// Every kind of bad request meets its own stable problem, costs nobody anything, and the service goes on.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ZeroAddress } from "ethers";
import { make_api_key } from "../../demo/harness/exchange.mjs";
import { balances, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { fresh_address, funded_customer, on_stage, until_swept } from "./stage.mjs";

const kPath = "/v1/withdrawals";
const kPrefix = "urn:holdfast:problem:";
const kSlowClients = 40;
const kMixedCase = "0x52908400098527886E0F7030069857D2E4169EE7"; // All capitals, as EIP-55 has it.

const now_s = () => Math.floor(Date.now() / 1000);

/** Sends a withdrawal that was changed after or before it was signed; gives the answer. */
async function send({ exchange }, body, how = {}) {
  const { method = "POST", path = kPath, change = (headers) => headers } = how;
  const { text = JSON.stringify(body), sent = text } = how;
  const headers = exchange.sign(method, path, { body: text, idempotency_key: "bad", ...how.sign });
  return exchange.raw(method, path, change(headers), sent);
}

function assert_problem(answer, type, status, what) {
  assert.equal(answer.json?.type, kPrefix + type, `${what}: ${answer.status} ${answer.text}`);
  assert.equal(answer.status, status, what);
  assert.equal(answer.headers["content-type"], "application/problem+json", what);
  assert.equal(answer.json.status, status, what);
  assert.ok(answer.json.title && answer.json.detail, what);
}

/** [what, type, status, what is changed in the body] */
function wrong_bodies({ installation, asset }, customer) {
  const { deployment, signers } = installation;
  const amount = (text) => ({ amount: text });
  const to = (destination) => ({ destination });
  return [
    ["a field missing", "field_missing", 422, { amount: undefined }],
    ["a field too many", "field_unknown", 422, { memo: "hello" }],
    ["a number for a text", "field_invalid", 422, { amount: 1 }],
    ["a text for a number", "field_invalid", 422, { customer: "1" }],
    ["no such customer", "customer_unknown", 404, { customer: 4711 }],
    ["no such asset", "asset_unknown", 422, { asset: "DOGE" }],
    ["nothing", "amount_not_positive", 422, amount("0")],
    ["less than nothing", "amount_malformed", 422, amount("-1")],
    ["an exponent", "amount_malformed", 422, amount("1e3")],
    ["19 decimal places", "amount_too_precise", 422, amount("0.0000000000000000001")],
    ["over 2^127", "amount_too_large", 422, amount("170141183460469231732.0")],
    ["over the limit of a withdrawal", "amount_over_limit", 422, amount("100000.1")],
    ["more than there is", "funds_insufficient", 422, amount("11")],
    ["all, without the fee", "funds_insufficient", 422, amount("10")],
    ["a mistyped address", "address_checksum_wrong", 422, to(kMixedCase.replace("E0F", "e0F"))],
    ["no address", "address_malformed", 422, to("0x1234")],
    ["an address of another chain", "address_of_other_chain", 422, to(`eip155:1:${kMixedCase}`)],
    ["an address of another family", "address_of_other_chain", 422, to("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")],
    ["an own deposit address", "destination_is_own_address", 422, to(customer.address)],
    ["the hot wallet", "destination_is_own_address", 422, to(deployment.safe)],
    ["the cold wallet", "destination_is_own_address", 422, to(deployment.cold)],
    ["nowhere", "address_malformed", 422, to(ZeroAddress)],
    ["a token's contract", "destination_forbidden", 422, to(asset("TST").contract.target)],
    ["the guard", "destination_forbidden", 422, to(deployment.guard)],
    ["a signer's key", "destination_forbidden", 422, to(signers[0].owner)],
  ];
}

/** [what, type, status, how it is sent] */
function wrong_messages({ exchange, installation }) {
  const stranger = make_api_key("stranger");
  const impostor = { ...stranger, id: "exchange" };
  const without = (name) => ({ [name]: _, ...headers }) => headers;
  const having = (name, value) => (headers) => ({ ...headers, [name]: value });
  const signed_for_here = () => exchange.sign("POST", kPath, { body: "{}" });
  return [
    ["half a body", "json_malformed", 400, { text: '{"customer": 1,' }],
    ["an array", "json_malformed", 400, { text: "[]" }],
    ["a field twice", "field_unknown", 422, { text: '{"customer": 1, "customer": 1}' }],
    ["not UTF-8", "json_malformed", 400, { text: Buffer.from('{"asset": "\xff"}', "latin1") }],
    ["deep nesting", "json_malformed", 400, { text: `{"customer": ${"[".repeat(10_000)}` }],
    ["another content type", "content_type_unsupported", 415, { change: having("content-type", "text/plain") }],
    ["packed", "content_encoding_unsupported", 415, { change: having("content-encoding", "gzip") }],
    ["no signature", "signature_missing", 401, { change: without("signature") }],
    ["a signature that is none", "signature_malformed", 401, { change: having("signature", "sig1=:AAAA:") }],
    ["an unknown key", "signature_key_unknown", 401, { sign: { key: stranger } }],
    ["another's key", "signature_wrong", 401, { sign: { key: impostor } }],
    ["a body that was changed", "content_digest_wrong", 401, { sent: '{"customer": 2}' }],
    ["signed for another path", "signature_wrong", 401, { path: "/v1/customers", text: "{}", change: signed_for_here }],
    ["signed long ago", "signature_expired", 401, { sign: { created: now_s() - 100 } }],
    ["signed in the future", "signature_expired", 401, { sign: { created: now_s() + 100 } }],
    ["the body not signed", "signature_incomplete", 401, { sign: { leave_out: "content-digest" } }],
    ["the key of the request not signed", "signature_incomplete", 401, { sign: { leave_out: "idempotency-key" } }],
    ["no idempotency key", "idempotency_key_missing", 400, { sign: { idempotency_key: undefined } }],
    ["an operator", "role_not_allowed", 403, { sign: { key: installation.operator_key } }],
    ["a viewer", "role_not_allowed", 403, { sign: { key: installation.viewer_key } }],
    ["a body of 2 MiB", "body_too_large", 413, { text: `{"asset": "${"x".repeat(2 << 20)}"}` }],
    ["a header of 20 kB", "header_too_large", 431, { change: having("x-long", "x".repeat(20_000)) }],
    ["a path of 3000 bytes", "uri_too_long", 414, { path: `/v1/${"x".repeat(3000)}` }],
    ["no such path", "route_unknown", 404, { path: "/v1/backdoor" }],
    ["a wrong method", "method_not_allowed", 405, { method: "DELETE" }],
  ];
}

async function refuses_what_is_wrong(stage, customer) {
  const good = { customer: customer.id, asset: "ETH", amount: "1", destination: fresh_address() };
  for (const [what, type, status, change] of wrong_bodies(stage, customer)) {
    assert_problem(await send(stage, { ...good, ...change }), type, status, what);
  }
  for (const [what, type, status, how] of wrong_messages(stage)) {
    assert_problem(await send(stage, good, how), type, status, what);
  }
}

async function refuses_a_replay(stage, customer) {
  const { exchange } = stage;
  const text = JSON.stringify({ customer: customer.id, asset: "ETH", amount: "0.1", destination: fresh_address() });
  const signed = (body) => exchange.sign("POST", kPath, { body, idempotency_key: "once" });
  const headers = signed(text);
  const first = await exchange.raw("POST", kPath, headers, text);
  assert.equal(first.status, 201);
  assert_problem(await exchange.raw("POST", kPath, headers, text), "request_replayed", 401, "a replay");
  const other = text.replace("0.1", "0.2");
  const reused = await exchange.raw("POST", kPath, signed(other), other);
  assert_problem(reused, "idempotency_key_reused", 422, "an idempotency key for something else");
  const again = await exchange.raw("POST", kPath, signed(text), text);
  assert.deepEqual([again.status, again.json.id], [200, first.json.id]);
  return first.json.id;
}

/** Opens a connection and sends these bytes; gives all that came back, once it is closed. */
function converse(port, bytes) {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => (received += data));
    socket.once("error", () => {});
    socket.once("close", () => resolve(received));
  });
}

async function stands_slow_clients(stage) {
  const { http_port } = stage.installation;
  const begun = "POST /v1/withdrawals HTTP/1.1\r\nHost: x\r\nX-Slow:";
  const slow = Array.from({ length: kSlowClients }, () => converse(http_port, begun));
  assert.match(await converse(http_port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.ok(await stage.exchange.get("/v1/status")); // Others are served meanwhile.
  for (const answer of await Promise.all(slow)) assert.match(answer, /^HTTP\/1\.1 408 [\s\S]*request_timeout/);
}

async function knows_requests_after_a_crash(stage, customer) {
  const { exchange, processes, installation } = stage;
  const destination = fresh_address();
  const first = await withdraw(exchange, customer, "ETH", "0.5", "before the crash", destination);
  await processes.stop("holdfastd", "SIGKILL");
  installation.start_daemon();
  await installation.ready();
  const again = await withdraw(exchange, customer, "ETH", "0.5", "before the crash", destination);
  assert.equal(again.id, first.id);
  return first.id;
}

test("bad input", () => on_stage({}, async (stage) => {
  const { exchange } = stage;
  const customer = await funded_customer(stage, "alice", [["ETH", "10"]]);
  await until_swept(stage);
  await refuses_what_is_wrong(stage, customer);
  assert.deepEqual((await balances(exchange, customer)).ETH, { available: "10", held: "0" });
  assert.equal((await exchange.get("/v1/status")).withdrawals, 0);

  const paid = [await refuses_a_replay(stage, customer)];
  await stands_slow_clients(stage);
  paid.push(await knows_requests_after_a_crash(stage, customer));
  for (const { state } of await until_ended(exchange, paid)) assert.equal(state, "completed");
  assert.deepEqual((await balances(exchange, customer)).ETH, { available: "9.38", held: "0" });
}));
