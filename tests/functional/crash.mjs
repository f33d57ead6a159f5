// kill -9 of holdfastd and of signers, again and again, while withdrawals are on their way: each is paid exactly once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnits } from "ethers";
import { balance_of } from "../../demo/harness/checks.mjs";
import { balances, until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { Problem } from "../../demo/harness/exchange.mjs";
import { kSigners } from "../../demo/harness/installation.mjs";
import { fresh_address, funded_customer, on_stage, until_swept } from "./stage.mjs";

const kSeed = Number(process.env.SEED ?? 20230912);
const kCrashes = 14;
const kPauseMaxMs = 700;
const kWithdrawals = 24;
const kTooEarly = "urn:holdfast:problem:signature_expired"; // Signed in the second before holdfastd started.

/** Numbers from 0 to below 1 by a seed (mulberry32). */
function random_numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Asks until there is an answer, as a client has to whose server may be down. */
async function ask_until_answered(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && error.body.type !== kTooEarly) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function request_all({ exchange }, customer, orders) {
  for (const order of orders) {
    const ask = () => withdraw(exchange, customer, order.symbol, order.amount, order.key, order.destination);
    order.id = (await ask_until_answered(ask)).id;
  }
}

async function crash_and_restart({ processes, installation }, random) {
  for (let n = 0; n < kCrashes; ++n) {
    await new Promise((resolve) => setTimeout(resolve, random() * kPauseMaxMs));
    const victim = random() < 0.6 ? "holdfastd" : kSigners[Math.floor(random() * kSigners.length)];
    await processes.stop(victim, "SIGKILL");
    if (victim === "holdfastd") installation.start_daemon();
    else installation.start_signer(victim);
  }
}

test(`crashes, seed ${kSeed}`, () => on_stage({}, async (stage) => {
  const { exchange, chain, installation } = stage;
  const random = random_numbers(kSeed);
  const customer = await funded_customer(stage, "alice", [["ETH", "100"], ["TST", "1000"]]);
  await until_swept(stage);
  const orders = Array.from({ length: kWithdrawals }, (_, n) => {
    const [symbol, amount] = n % 2 ? ["TST", `${n}.5`] : ["ETH", `1.${n}1`];
    return { symbol, amount, key: `crash-${n}`, destination: fresh_address() };
  });
  await Promise.all([request_all(stage, customer, orders), crash_and_restart(stage, random)]);
  await installation.ready();

  const ended = await until_ended(exchange, orders.map(({ id }) => id), 120);
  const spent = { ETH: 0n, TST: 0n };
  for (const [i, { state }] of ended.entries()) {
    const { id, symbol, amount, destination } = orders[i];
    assert.equal(state, "completed", `withdrawal ${id}`);
    const arrived = await balance_of(chain, stage.asset(symbol), destination);
    assert.equal(arrived, parseUnits(amount), `withdrawal ${id}`);
    spent[symbol] += parseUnits(amount) + parseUnits(stage.asset(symbol).withdrawal_fee ?? "0");
  }
  assert.equal((await exchange.get("/v1/status")).withdrawals, kWithdrawals);
  const left = await balances(exchange, customer);
  assert.equal(parseUnits(left.ETH.available), parseUnits("100") - spent.ETH);
  assert.equal(parseUnits(left.TST.available), parseUnits("1000") - spent.TST);
}));
