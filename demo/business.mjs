// The main job: customers, real deposits of the native coin, two tokens and coins, a few dozen withdrawals to the end.
import { Wallet, formatUnits, parseUnits } from "ethers";
import { kDai, kGraph, make_assets } from "./assets.mjs";
import { rich_account } from "./harness/chain.mjs";
import { balance_of, books_against_chain, verify_journal } from "./harness/checks.mjs";
import { Coins } from "./harness/coins.mjs";
import { credited, new_address, open_customer, pay, until_ended, withdraw } from "./harness/customers.mjs";
import { Problem } from "./harness/exchange.mjs";
import { Installation } from "./harness/installation.mjs";
import { until } from "./harness/processes.mjs";
import { risk_control } from "./risk.mjs";
import { chapter, dim, green, narrate, say } from "./story.mjs";

const kCustomers = 6;
const kWithdrawals = 36;
const kCoinWithdrawals = 12; // Of each chain of coins.
const kCoinDeposits = ["15", "2.5"]; // Of each customer.
const kBlockMs = 1000;
const kNoBlockMs = 7000; // Longer than holdfastd waits before it bids more.

const quorum_of = (descriptor) => `${/multi(?:_a)?\((\d)/.exec(descriptor)[1]} of ${descriptor.match(/tpub/g).length} keys`;

/** Litecoin with scripts of the older kind; Bitcoin, where there is a node, with Taproot. */
function chains_of_coins(nodes) {
  return nodes.map((node) => new Coins({ node, hot: node.coin === "bitcoin" ? "tr" : "wsh" }));
}

async function set_up({ folder, processes, chain, nodes }) {
  chapter("Setting up: contracts, keys, certificates, holdfastd and three signers");
  const faucet = await rich_account(chain, "faucet");
  const assets = await make_assets(faucet, [kDai, kGraph]);
  const installation = new Installation({ folder, processes, chain, assets, coins: chains_of_coins(nodes) });
  await installation.prepare();
  say(`hot wallet  ${installation.deployment.safe}: a Safe, 2 of 3 signers, with guard and evacuation module`);
  say(`cold wallet ${installation.deployment.cold}: a Safe, 2 of 3 people`);
  for (const { symbol, wallets } of installation.coins) {
    for (const { name, descriptor } of wallets) say(dim(`${symbol} ${name}: ${descriptor.slice(0, 48)}…, ${quorum_of(descriptor)}`));
  }
  await installation.start();
  await chain.mine_every(kBlockMs);
  for (const { node } of installation.coins) node.mine_every(kBlockMs);
  say(green("holdfastd runs, three signers are attached; from now on a block a second"));
  const { exchange, operator } = installation;
  return { installation, processes, chain, faucet, assets, exchange, operator, withdrawals: [] };
}

async function pay_in_coins({ customers, exchange }, { node, caip2, symbol }) {
  const addresses = await Promise.all(customers.map((customer) => new_address(exchange, customer, caip2)));
  for (const amount of kCoinDeposits) await node.pay_all(addresses.map((address) => [address, amount]));
  for (const [i, { reference }] of customers.entries()) {
    say(`${reference} pays ${kCoinDeposits.join(" and ")} ${symbol} to ${addresses[i]}`);
  }
}

async function take_deposits(work) {
  chapter("Deposits");
  const { exchange, chain, faucet, assets, installation } = work;
  work.customers = [];
  for (let n = 1; n <= kCustomers; ++n) work.customers.push(await open_customer(exchange, `customer-${n}`));
  const amounts = { ETH: "40", DAI: "20000", GRT: "300000" };
  for (const { reference, address } of work.customers) {
    for (const asset of assets) await pay(faucet, asset, address, amounts[asset.symbol]);
    say(`${reference} pays 40 ETH, 20,000 DAI and 300,000 GRT to ${address}, which nobody holds a key for`);
  }
  await Promise.all(installation.coins.map((coins) => pay_in_coins(work, coins)));
  const count = kCustomers * (assets.length + kCoinDeposits.length * installation.coins.length);
  await credited(exchange, count, 60);
  say(green(`${count} deposits are final and credited`));
  for (const asset of assets) {
    const all = parseUnits(amounts[asset.symbol], asset.decimals) * BigInt(kCustomers);
    const swept = async () => (await balance_of(chain, asset, installation.deployment.safe)) >= all;
    await until(`${asset.symbol} swept to the hot wallet`, swept, 60, 200);
  }
  say("swept to the hot wallet");
}

async function request(work, customer, asset, amount, key, destination = undefined) {
  const made = await withdraw(work.exchange, customer, asset.symbol, amount, key, destination);
  work.withdrawals.push({ id: made.id, asset, amount, destination: made.destination });
  return made;
}

async function refused(what, attempt) {
  const outcome = await attempt.then(() => undefined, (error) => error);
  if (outcome === undefined) throw new Error(`a withdrawal (${what}) was accepted`);
  if (!(outcome instanceof Problem)) throw outcome;
  say(dim(`refused, ${what}: ${outcome.message}`));
}

/** One over the automatic limit that a person approves, one that the customer cancels, and some that are refused. */
async function odd_cases(work) {
  const { exchange, operator, customers, assets, installation } = work;
  const [customer] = customers;
  const [ether] = assets;
  const large = await request(work, customer, ether, "12", "demo-large");
  say(`withdrawal ${large.id} of 12 ETH is over the automatic limit: an operator approves it`);
  await operator.post(`/v1/withdrawals/${large.id}/approve`);
  const regretted = await request(work, customer, ether, "11", "demo-regretted");
  await exchange.post(`/v1/withdrawals/${regretted.id}/cancel`);
  say(`withdrawal ${regretted.id} of 11 ETH is cancelled by the customer`);
  const again = await withdraw(exchange, customer, "ETH", "12", "demo-large", large.destination);
  if (again.id !== large.id) throw new Error("the same idempotency key gave another withdrawal");
  say(`the exchange asks for withdrawal ${large.id} again, with the same key: still the same one`);
  const to = (destination, key, amount = "1") => withdraw(exchange, customer, "ETH", amount, key, destination);
  await refused("to a deposit address", to(customers[1].address, "demo-own-1"));
  await refused("to the hot wallet", to(installation.deployment.safe, "demo-own-2"));
  await refused("more than there is", to(Wallet.createRandom().address, "demo-much", "99"));
}

/** Half of them at once, the others when no block comes for a while: then holdfastd bids more. */
async function request_coins(work, { node, asset, symbol }) {
  const ask = async (n) => {
    const customer = work.customers[n % work.customers.length];
    await request(work, customer, asset, `${1 + (n % 3)}.0${n + 1}`, `demo-${symbol}-${n}`, await node.new_address());
  };
  for (let n = 0; n < kCoinWithdrawals / 2; ++n) await ask(n);
  await until_ended(work.exchange, work.withdrawals.filter((one) => one.asset === asset).map(({ id }) => id), 60);
  node.stop_mining();
  say(dim(`no ${symbol} block comes for ${kNoBlockMs / 1000} seconds`));
  for (let n = kCoinWithdrawals / 2; n < kCoinWithdrawals; ++n) await ask(n);
  await new Promise((resolve) => setTimeout(resolve, kNoBlockMs));
  node.mine_every(kBlockMs);
}

async function pay_out(work) {
  const of_coins = work.installation.coins.map(({ symbol }) => `, ${kCoinWithdrawals} of ${symbol}`).join("");
  chapter(`Withdrawals: ${kWithdrawals} within the automatic limit${of_coins}, and some odd ones`);
  const { exchange, customers, assets, installation } = work;
  const amounts = {
    ETH: (n) => `${1 + (n % 4)}.25`,
    DAI: (n) => String(100 + 37 * n),
    GRT: (n) => String(1000 + 111 * n),
  };
  const hush = await narrate(exchange);
  for (let n = 0; n < kWithdrawals; ++n) {
    const asset = assets[n % assets.length];
    await request(work, customers[n % customers.length], asset, amounts[asset.symbol](n), `demo-${n}`);
  }
  await odd_cases(work);
  await Promise.all(installation.coins.map((coins) => request_coins(work, coins)));
  const ended = await until_ended(exchange, work.withdrawals.map(({ id }) => id), 90);
  await hush();
  for (const [i, { state }] of ended.entries()) work.withdrawals[i].state = state;
}

async function check_paid(work) {
  for (const { id, asset, amount, destination, state } of work.withdrawals) {
    const { coins } = asset;
    const got = coins ? (await coins.at_address(destination)).total : await balance_of(work.chain, asset, destination);
    const due = state === "completed" ? parseUnits(amount, asset.decimals) : 0n;
    if (got === due) continue;
    throw new Error(`withdrawal ${id}: ${formatUnits(got, asset.decimals)} ${asset.symbol} arrived, not ${amount}`);
  }
}

/** Leaves the installation running. */
export async function business(options) {
  const work = await set_up(options);
  await take_deposits(work);
  const before = Date.now();
  await pay_out(work);
  await check_paid(work);
  await risk_control(work);
  const completed = work.withdrawals.filter(({ state }) => state === "completed").length;
  const differences = await books_against_chain(work.installation);
  if (differences.length > 0) throw new Error(`the books differ from the chain: ${differences.join("; ")}`);
  await verify_journal(work.installation);
  work.summary = { requested: work.withdrawals.length, completed, seconds: (Date.now() - before) / 1000 };
  const cancelled = work.withdrawals.length - completed;
  say(green(`${completed} withdrawals paid, each exactly once, ${cancelled} cancelled: seen at the chain`));
  say(green("books = chain; the journal verifies"));
  return work;
}
