// What must be true of an installation, asked of the chain, the API and the journal. Shared by the demo and the tests.
import { Contract, formatUnits, parseUnits } from "ethers";
import { program } from "./installation.mjs";
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

/** The wallets as they stand in the books, and the block at which they do. */
async function books(installation) {
  const { exchange } = installation;
  const head = async () => (await exchange.get("/v1/status")).chains[0];
  for (;;) {
    const before = await head();
    const { wallets } = await exchange.get("/v1/wallets");
    if ((await head()).head_hash === before.head_hash) return { wallets, block: before.head };
  }
}

/** Every own wallet's balance in the books beside the chain's at the same block: the differences, in words. */
export async function books_against_chain(installation) {
  const { chain, assets, exchange } = installation;
  const newest = await chain.provider.getBlockNumber();
  await until("holdfastd at the newest block", async () => (await exchange.get("/v1/status")).chains[0].head >= newest);
  const events = await events_from(exchange);
  const deposit_addresses = events.filter(({ type }) => type === "address.assigned").map(({ data }) => data.address);
  const { wallets, block } = await books(installation);
  const differences = [];
  for (const wallet of wallets) {
    const holders = wallet.kind === "forwarders" ? deposit_addresses : [wallet.address];
    for (const asset of assets) {
      const held = await Promise.all(holders.map((holder) => balance_of(chain, asset, holder, block)));
      const on_chain = held.reduce((sum, units) => sum + units, 0n);
      const booked = wallet.balances.find(({ symbol }) => symbol === asset.symbol).amount;
      if (parseUnits(booked, asset.decimals) === on_chain) continue;
      const there = formatUnits(on_chain, asset.decimals);
      differences.push(`block ${block}, ${wallet.name}, ${asset.symbol}: books ${booked}, chain ${there}`);
    }
  }
  return differences;
}

/** What `holdfast journal verify` says; throws when the journal is not whole. */
export async function verify_journal(installation) {
  return run(program("holdfast"), ["journal", "verify", installation.path("data")]);
}
