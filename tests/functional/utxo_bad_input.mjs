// Addresses that are wrong in every way, amounts nobody can send, a node of another network: a clear problem, nothing lost.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { balances, deposits_of, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { Problem } from "../../demo/harness/exchange.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { assert_paid, funded_customer, on_coin_stage, on_unstarted_coin_stage } from "./coin_stage.mjs";

const kPrefix = "urn:holdfast:problem:";
const kMistyped = "q"; // Put for another letter of an address.

/** The address with its last letter but three changed. */
function mistyped(address) {
  const at = address.length - 4;
  const other = address[at] === kMistyped ? "p" : kMistyped;
  return address.slice(0, at) + other + address.slice(at + 1);
}

/** [what, problem, what is changed in the request] */
async function wrong_requests({ node, coins, exchange }, customer) {
  const to = (destination) => ({ destination });
  const amount = (text) => ({ amount: text });
  const { wallets } = await exchange.get("/v1/wallets");
  const first_of = (name) => wallets.find((wallet) => wallet.name === name).address;
  return [
    ["no address", "address_malformed", to("hello")],
    ["nothing", "field_invalid", to("")],
    ["a mistyped bech32 address", "address_checksum_wrong", to(mistyped(await node.new_address()))],
    ["a mistyped base58 address", "address_checksum_wrong", to(mistyped(await node.new_address("legacy")))],
    ["an address of Litecoin itself", "address_of_other_chain", to("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9")],
    ["an address of Bitcoin", "address_of_other_chain", to("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")],
    ["an address of Bitcoin, base58", "address_of_other_chain", to("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")],
    ["an address of an EVM chain", "address_of_other_chain", to("0x52908400098527886E0F7030069857D2E4169EE7")],
    ["an address of TRON", "address_of_other_chain", to("TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW")],
    ["an own deposit address", "destination_is_own_address", to(customer.address)],
    ["the hot wallet", "destination_is_own_address", to(first_of("hot"))],
    ["the cold wallet", "destination_is_own_address", to(first_of("cold"))],
    ["nothing at all", "amount_not_positive", amount("0")],
    ["dust", "amount_under_limit", amount("0.00000999")],
    ["nine decimal places", "amount_too_precise", amount("0.100000001")],
    ["more than there is", "funds_insufficient", amount("8")],
    ["all, without the fee", "funds_insufficient", amount("7.5")],
    ["over the limit of a withdrawal", "amount_over_limit", amount("100.1")],
    ["an exponent", "amount_malformed", amount("1e3")],
    ["another coin", "asset_unknown", { asset: coins.symbol === "LTC" ? "BTC" : "LTC" }],
  ];
}

async function problem_of(attempt) {
  const outcome = await attempt.then((answer) => answer, (error) => error);
  assert.ok(outcome instanceof Problem, `accepted: ${JSON.stringify(outcome)}`);
  return outcome.body;
}

test("bad destinations and amounts of coins", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins, node } = stage;
  const customer = await funded_customer(stage, "alice", ["5", "2.5"]);
  const good = { customer: customer.id, asset: coins.symbol, amount: "1", destination: await node.new_address() };
  for (const [what, problem, change] of await wrong_requests(stage, customer)) {
    const body = await problem_of(exchange.post("/v1/withdrawals", { ...good, ...change }, `bad ${what}`));
    assert.equal(body.type, kPrefix + problem, `${what}: ${body.detail}`);
    assert.ok(body.title && body.detail, what);
  }
  assert.deepEqual((await balances(exchange, customer))[coins.symbol], { available: "7.5", held: "0" });
  assert.equal((await exchange.get("/v1/status")).withdrawals, 0);

  const shouted = (await node.new_address()).toUpperCase(); // BIP 173 allows it.
  const asked = [await withdraw(exchange, customer, coins.symbol, "1", "capitals", shouted)];
  const { withdrawal_min } = (await exchange.get("/v1/assets")).assets.find(({ symbol }) => symbol === coins.symbol);
  asked.push(await withdraw(exchange, customer, coins.symbol, withdrawal_min, "the least", await node.new_address("legacy")));
  for (const { state, destination, amount } of await until_ended(exchange, asked.map(({ id }) => id))) {
    assert.equal(state, "completed");
    await assert_paid(stage, destination.toLowerCase() === shouted.toLowerCase() ? shouted.toLowerCase() : destination, amount);
  }
}));

test("small deposits are kept in the books to the satoshi", () => on_coin_stage({}, async (stage) => {
  const { exchange, coins } = stage;
  const customer = await funded_customer(stage, "alice", ["0.00006", "0.00010001"]);
  assert.deepEqual((await deposits_of(exchange, customer)).map(({ state }) => state), ["credited", "credited"]);
  assert.equal((await balances(exchange, customer))[coins.symbol].available, "0.00016001");
}));

const kBitcoin = { caip2: "bip122:0f9188f13cb7b2c71f2a335e3a4fc328", symbol: "BTC" };

test("a node of another network is not followed", () => on_unstarted_coin_stage({ coins: kBitcoin }, async (stage) => {
  const { installation, processes, exchange, node } = stage;
  installation.start_daemon();
  const log = () => readFileSync(processes.log_file("holdfastd"), "utf8");
  await until("it says so", () => log().includes("node_other_network"));
  await node.mine(2);
  const status = await exchange.get("/v1/status");
  assert.deepEqual(status.chains.map(({ chain, head }) => [chain, head]), [[kBitcoin.caip2, null]]);
  assert.match(log(), /begins with block 530827f3/);
}));
