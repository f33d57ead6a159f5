// Deposits that are not, deposits that are easily missed, and deposits that the chain takes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { deploy_contract, deploy_token, test_wallet } from "../../demo/harness/chain.mjs";
import { chain_status, events_from } from "../../demo/harness/checks.mjs";
import { balances, credited, deposits_of, open_customer, pay } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { on_stage, until_final, until_swept } from "./stage.mjs";

const kCoin = parseUnits("1");
const kOneWei = "0.000000000000000001";
const kReverting = { gasLimit: 400_000n }; // Given, because no estimate is to be had.

/** Each: what it does to an address, and what must be credited of it: [symbol, amount] a deposit. */
function corpus({ asset, fakes, unlisted, faucet }) {
  const tst = asset("TST").contract;
  const usd = asset("USD").contract;
  const fee = asset("FEE").contract;
  return [
    { name: "plain", act: (to) => faucet.sendTransaction({ to, value: kCoin }), credits: [["ETH", "1"]] },
    { name: "one wei", act: (to) => faucet.sendTransaction({ to, value: 1n }), credits: [["ETH", kOneWei]] },
    { name: "nothing", act: (to) => faucet.sendTransaction({ to, value: 0n }), credits: [] },
    { name: "internal call", act: (to) => fakes.payInternally(to, { value: kCoin }), credits: [["ETH", "1"]] },
    { name: "self-destruct", act: (to) => fakes.payBySelfDestruct(to, { value: kCoin }), credits: [["ETH", "1"]] },
    {
      name: "several in one transaction", credits: [["ETH", "1"], ["ETH", "2"]],
      act: (to) => fakes.payMany([to, to], [kCoin, 2n * kCoin], { value: 3n * kCoin }),
    },
    { name: "undone inside", act: (to) => fakes.payThenUndo(to, { value: kCoin }), credits: [] },
    {
      name: "reverted", credits: [],
      act: (to) => fakes.payMany([to], [1000n * kCoin], { value: kCoin, ...kReverting }),
    },
    { name: "token", act: (to) => tst.transfer(to, kCoin), credits: [["TST", "1"]] },
    {
      name: "tokens, several in one transaction", credits: [["TST", "1"], ["TST", "2"]],
      act: (to) => fakes.transferMany(tst, [to, to], [kCoin, 2n * kCoin]),
    },
    { name: "token undone inside", act: (to) => fakes.transferThenUndo(tst, to, kCoin), credits: [] },
    { name: "token, zero", act: (to) => fakes.transferZero(tst, to), credits: [] },
    { name: "token without a return value", act: (to) => usd.transfer(to, 5n), credits: [["USD", "0.000005"]] },
    { name: "token with a fee", act: (to) => fee.transfer(to, 100n * kCoin), credits: [["FEE", "99"]] },
    { name: "token that is not listed", act: (to) => unlisted.transfer(to, kCoin), credits: [] },
    { name: "log of no token", act: (to) => fakes.logFakeTransfer(fakes.target, to, kCoin), credits: [] },
  ];
}

async function prepare({ chain, faucet, asset, assets }) {
  await chain.send("evm_setAutomine", true);
  const fakes = await deploy_contract(faucet, "FakeDeposits");
  const unlisted = await deploy_token(faucet, { name: "Worth Nothing", symbol: "TST" });
  const holder = await faucet.getAddress();
  for (const one of assets.filter(({ contract }) => contract)) await pay(faucet, one, holder, "1000");
  await pay(faucet, asset("TST"), fakes.target, "100");
  await unlisted.mint(holder, 100n * kCoin);
  await chain.send("evm_setAutomine", false);
  return { fakes: fakes.connect(faucet), unlisted };
}

const in_order = (deposits) => deposits.map(([symbol, amount]) => `${amount} ${symbol}`).sort();

test("exactly what arrived is credited", () => on_stage({}, async (stage) => {
  const { exchange } = stage;
  const cases = corpus({ ...stage, ...(await prepare(stage)) });
  const sent = [];
  for (const one of cases) {
    one.customer = await open_customer(exchange, one.name);
    sent.push(await one.act(one.customer.address));
  }
  for (const transaction of sent) await transaction.wait().catch(() => {}); // One of them reverts.
  await until_final(stage);
  await credited(exchange, cases.reduce((sum, { credits }) => sum + credits.length, 0));
  for (const { name, customer, credits } of cases) {
    const found = (await deposits_of(exchange, customer)).map(({ symbol, amount, state }) => {
      assert.equal(state, "credited", name);
      return [symbol, amount];
    });
    assert.deepEqual(in_order(found), in_order(credits), name);
    const held = await balances(exchange, customer);
    for (const { symbol, decimals } of stage.assets) {
      const amounts = credits.filter(([of]) => of === symbol).map(([, amount]) => parseUnits(amount, decimals));
      const due = amounts.reduce((sum, amount) => sum + amount, 0n);
      assert.equal(parseUnits(held[symbol].available, decimals), due, `${name}: ${symbol}`);
    }
  }
  await until_swept(stage);
}));

/** Waits until holdfastd knows the newest block. */
async function followed({ exchange, chain }) {
  const { hash } = await chain.provider.getBlock("latest");
  const at_head = async () => (await chain_status(exchange)).head_hash === hash;
  await until("holdfastd at the newest block", at_head);
}

/** A payment of one coin by an account of its own, so that a reorganisation troubles no other: the signed bytes. */
async function signed_payment({ chain }, words, to) {
  const payer = test_wallet(words, chain.provider);
  await chain.set_balance(payer.address, 100n * kCoin);
  const fees = { maxFeePerGas: parseUnits("50", "gwei"), maxPriorityFeePerGas: parseUnits("2", "gwei") };
  return payer.signTransaction({ to, value: kCoin, nonce: 0, gasLimit: 100_000n, chainId: 31337, type: 2, ...fees });
}

async function mine_payment(stage, raw) {
  await stage.chain.send("eth_sendRawTransaction", raw);
  await stage.chain.mine();
  await followed(stage);
}

test("a deposit before its block is final", () => on_stage({}, async (stage) => {
  const { exchange, chain } = stage;
  chain.stop_mining();
  const moved = await open_customer(exchange, "moved");
  const dropped = await open_customer(exchange, "dropped");

  const raw = await signed_payment(stage, "payer 1", moved.address);
  await mine_payment(stage, raw);
  assert.deepEqual((await deposits_of(exchange, moved)).map(({ state }) => state), ["seen"]);
  await chain.send("anvil_reorg", 1, [[raw, 0]]); // The same payment, in another block of the same height.
  await followed(stage);

  await mine_payment(stage, await signed_payment(stage, "payer 2", dropped.address));
  await chain.send("anvil_reorg", 1, []); // And this one is gone.
  await followed(stage);
  assert.deepEqual((await deposits_of(exchange, dropped)).map(({ state }) => state), ["orphaned"]);

  await chain.mine_every(100);
  await credited(exchange, 1);
  await until_final(stage);
  assert.equal((await balances(exchange, moved)).ETH.available, "1");
  assert.equal((await balances(exchange, dropped)).ETH.available, "0");
  const states = (await deposits_of(exchange, moved)).map(({ state }) => state);
  assert.equal(states.filter((state) => state === "credited").length, 1);
  await until_swept(stage);
}));

test("a final deposit that is gone is taken back, and everything stops", () => on_stage({}, async (stage) => {
  const { exchange, chain } = stage;
  chain.stop_mining();
  const victim = await open_customer(exchange, "victim");
  await mine_payment(stage, await signed_payment(stage, "payer 3", victim.address));
  await chain.mine(3);
  await credited(exchange, 1);
  await followed(stage);
  // Deeper than finality. The sweep, if it was mined already, goes as well.
  await chain.send("anvil_reorg", 4, []);
  await followed(stage);
  assert.equal((await deposits_of(exchange, victim))[0].state, "reversed");
  assert.equal((await balances(exchange, victim)).ETH.available, "0");
  const status = await exchange.get("/v1/status");
  assert.equal(status.frozen, true);
  const { incidents } = await exchange.get("/v1/incidents");
  assert.equal(incidents[0].cause, "deep_reorg");
  const reversed = (await events_from(exchange)).find(({ type }) => type === "deposit.reversed");
  assert.equal(reversed.data.from_customer_base_units, String(kCoin));
}));
