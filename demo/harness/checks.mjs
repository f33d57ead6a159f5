// What must be true of an installation, asked of the chain, the API and the journal. Shared by the demo and the tests.
import { Contract, formatUnits, parseUnits } from "ethers";
import { to_coins, to_satoshi } from "./coins.mjs";
import { kChain, program } from "./installation.mjs";
import { run, until } from "./processes.mjs";

const kErc20 = ["function balanceOf(address) view returns (uint256)"];
const kEventsAtOnce = 1000;

/** What an account holds of an asset, in base units. */
export async function balance_of(chain, asset, holder, block = "latest") {
  if (!asset.contract) return chain.provider.getBalance(holder, block);
  return new Contract(asset.contract.target, kErc20, chain.provider).balanceOf(holder, { blockTag: block });
}

/** {symbol: base units} */
export async function holdings(chain, assets, holder, block = "latest") {
  const units = await Promise.all(assets.map((asset) => balance_of(chain, asset, holder, block)));
  return Object.fromEntries(assets.map(({ symbol }, i) => [symbol, units[i]]));
}

/** The events from index `from` on. */
export async function events_from(exchange, from = 0) {
  const events = [];
  for (;;) {
    const next = from + events.length;
    const cursor = next === 0 ? "" : `after=${next - 1}&`;
    const page = await exchange.get("/v1/events", `${cursor}limit=${kEventsAtOnce}`);
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
}

/** How far holdfastd follows a chain: {head, head_hash, final, ...}. */
export async function chain_status(exchange, caip2 = kChain) {
  return (await exchange.get("/v1/status")).chains.find(({ chain }) => chain === caip2);
}

/** A chain's wallets as they stand in the books, and the block at which they do. */
async function books(exchange, caip2) {
  for (;;) {
    const before = await chain_status(exchange, caip2);
    const { wallets } = await exchange.get("/v1/wallets");
    if ((await chain_status(exchange, caip2)).head_hash !== before.head_hash) continue;
    return { wallets: wallets.filter(({ chain }) => chain === caip2), block: before.head, hash: before.head_hash };
  }
}

const booked = (wallet, symbol) => wallet.balances.find((balance) => balance.symbol === symbol).amount;

async function accounts_against_chain({ chain, assets, exchange }) {
  const newest = await chain.provider.getBlockNumber();
  await until("holdfastd at the newest block", async () => (await chain_status(exchange)).head >= newest);
  const events = await events_from(exchange);
  const assigned = events.filter(({ type, data }) => type === "address.assigned" && data.chain === kChain);
  const deposit_addresses = assigned.map(({ data }) => data.address);
  const { wallets, block } = await books(exchange, kChain);
  const differences = [];
  for (const wallet of wallets) {
    const holders = wallet.kind === "forwarders" ? deposit_addresses : [wallet.address];
    for (const asset of assets) {
      const held = await Promise.all(holders.map((holder) => balance_of(chain, asset, holder, block)));
      const on_chain = held.reduce((sum, units) => sum + units, 0n);
      const in_books = booked(wallet, asset.symbol);
      if (parseUnits(in_books, asset.decimals) === on_chain) continue;
      const there = formatUnits(on_chain, asset.decimals);
      differences.push(`block ${block}, ${wallet.name}, ${asset.symbol}: books ${in_books}, chain ${there}`);
    }
  }
  return differences;
}

/** The books of the block that the node scanned; undefined when a block came in between. */
async function coins_once(coins, exchange) {
  const newest = await coins.node.send("getbestblockhash");
  const caught_up = async () => (await chain_status(exchange, coins.caip2)).head_hash === newest;
  if (!(await until(`holdfastd at the newest ${coins.symbol} block`, caught_up, 2).catch(() => false))) return undefined;
  const { wallets, hash } = await books(exchange, coins.caip2);
  const differences = [];
  for (const { name, descriptor } of coins.wallets) {
    const found = await coins.unspent({ descriptor });
    if (found.hash !== hash) return undefined;
    const in_books = booked(wallets.find((wallet) => wallet.name === name), coins.symbol);
    if (to_satoshi(in_books) === found.total) continue;
    differences.push(`block ${found.height}, ${name}: books ${in_books}, chain ${to_coins(found.total)} ${coins.symbol}`);
  }
  return { differences };
}

async function coins_against_chain(coins, exchange) {
  const what = `books and chain of ${coins.symbol} at one block`;
  const once = () => until(what, () => coins_once(coins, exchange), 60);
  return (await coins.node.between_blocks(once)).differences;
}

/** Every own wallet's balance in the books beside the chain's at the same block: the differences, in words. */
export async function books_against_chain(installation) {
  const { chain, coins, exchange } = installation;
  const differences = chain ? await accounts_against_chain(installation) : [];
  for (const one of coins) differences.push(...(await coins_against_chain(one, exchange)));
  return differences;
}

/** What `holdfast journal verify` says; throws when the journal is not whole. */
export async function verify_journal(installation) {
  const witnesses = installation.path("witnesses.txt");
  return run(program("holdfast"), ["journal", "verify", installation.path("data"), "--witnesses", witnesses]);
}
