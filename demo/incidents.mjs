// Two thefts, and what is measured of them at the chain and in the journal.
import { formatUnits } from "ethers";
import { kDai, kEther, kGraph, kUniswap, make_assets } from "./assets.mjs";
import { rich_account, test_wallet } from "./harness/chain.mjs";
import { books_against_chain, events_from, holdings, verify_journal } from "./harness/checks.mjs";
import { pay } from "./harness/customers.mjs";
import { Installation } from "./harness/installation.mjs";
import { until } from "./harness/processes.mjs";
import { open_plans, strayed, timeline } from "./measure.mjs";
import { green, narrate, red, say } from "./story.mjs";
import { Drain, spend_with_one_key } from "./theft.mjs";

const kRestBlocks = 3;
const kBlockMs = 1000;

/** Every plan is at its end, nothing is pending, and the wallet's holdings have stayed the same for some blocks. */
async function come_to_rest({ installation, wallet, first_event }) {
  const { chain, assets, exchange } = installation;
  let seen = "";
  let since = 0;
  await until("everything at rest", async () => {
    const block = await chain.provider.getBlockNumber();
    const { pending } = await chain.send("txpool_status");
    const held = Object.values(await holdings(chain, assets, wallet)).join();
    const open = open_plans(await events_from(exchange, first_event)).length;
    const now = `${held} ${open} ${pending}`;
    if (now !== seen) [seen, since] = [now, block];
    return open === 0 && Number(pending) === 0 && block >= since + kRestBlocks;
  }, 90, 200);
}

/** What was there, what the thief has, what lies in the cold wallet now: read from the chain, in coins, as text. */
async function measure({ installation, wallet, loot, before, cold_before, paid }) {
  const { chain, assets, deployment } = installation;
  const [left, stolen, cold] = await Promise.all(
    [wallet, loot, deployment.cold].map((holder) => holdings(chain, assets, holder)));
  const failures = [];
  const measured = assets.map(({ symbol, decimals, contract }) => {
    const fees = contract ? 0n : paid;
    const saved = cold[symbol] - cold_before[symbol];
    const sums = { had: before[symbol], stolen: stolen[symbol], saved, left: left[symbol], fees };
    if (sums.had !== sums.stolen + saved + sums.left + fees) failures.push(`${symbol} is missing`);
    const texts = Object.entries(sums).map(([what, units]) => [what, formatUnits(units, decimals)]);
    return { symbol, ...Object.fromEntries(texts) };
  });
  return { measured, failures };
}

/**
 * Plays a theft from one wallet and measures it.
 * @param act  does it: gives {at, fees}: when the first transaction was handed to the node (ms), and a function that
 *             gives what the wallet itself paid to the network since (wei)
 */
async function play({ installation, name, wallet, loot, act }) {
  const { chain, assets, exchange, deployment } = installation;
  const first_event = (await exchange.get("/v1/status")).journal.size;
  const before = await holdings(chain, assets, wallet);
  const cold_before = await holdings(chain, assets, deployment.cold);
  const hush = await narrate(exchange);
  const { at, fees } = await act();
  await come_to_rest({ installation, wallet, first_event });
  await hush();
  const events = await events_from(exchange, first_event);
  const times = timeline(events, at);
  const paid = await fees();
  const { measured, failures } = await measure({ installation, wallet, loot, before, cold_before, paid });
  const differences = await books_against_chain(installation);
  failures.push(...differences, ...(await strayed(installation, events)));
  if (times.frozen_ms === undefined) failures.push("not every signer acknowledged the freeze");
  const broken = await verify_journal(installation).then(() => undefined, (error) => error.message);
  if (broken) failures.push(broken);
  const verdicts = { books_equal_chain: differences.length === 0, journal_verified: !broken };
  return { name, ...times, ...verdicts, failures, assets: measured, events };
}

/** (a) A thief with one signer's stolen owner key goes for the Safe. */
export async function stolen_owner(installation) {
  const { chain, deployment, signers } = installation;
  const { provider } = chain;
  const { safe } = deployment;
  const stolen = signers[1].owner_key;
  const thief = (await rich_account(chain, "thief (a)", 100n)).signer;
  const loot = test_wallet("loot (a)").address;
  let txid;
  const act = async () => {
    const amount = await provider.getBalance(safe);
    const sent = await spend_with_one_key({ provider, safe, stolen, thief, to: loot, amount });
    txid = sent.txid;
    const what = `all ${formatUnits(amount)} ETH of the Safe, with the one true signature he has`;
    say(red(`the thief sends ${txid.slice(0, 10)}…: ${what}`));
    return { at: sent.at, fees: async () => 0n };
  };
  const result = await play({ installation, name: "(a) one signer's key", wallet: safe, loot, act });
  const receipt = await provider.getTransactionReceipt(txid);
  say(`at the chain the thief's transaction ${receipt.status === 1 ? red("SUCCEEDED") : green("failed")}`);
  if (receipt.status === 1) result.failures.push("the thief's transaction succeeded");
  for (const { symbol, stolen: amount } of result.assets) {
    if (Number(amount) !== 0) result.failures.push(`${amount} ${symbol} stolen with one key`);
  }
  return result;
}

// What was taken first at CoinEx on 12 September 2023, in that order.
const kLoot = [[kEther, "4947"], [kDai, "408741"], [kGraph, "2700000"], [kUniswap, "29158"]];

/** An exchange that still keeps coins under a single key, while it moves to Holdfast. */
export async function migrating_exchange({ folder, processes, chain }) {
  const faucet = await rich_account(chain, "faucet");
  const assets = await make_assets(faucet, kLoot.slice(1).map(([token]) => token));
  const installation = new Installation({ folder, processes, chain, assets, single_keys: 1 });
  await installation.prepare();
  const [old] = installation.old_wallets;
  for (const [i, [, amount]] of kLoot.entries()) await (await pay(faucet, assets[i], old.address, amount)).wait();
  await installation.start();
  await chain.mine_every(kBlockMs);
  const held = kLoot.map(([{ symbol }, amount]) => `${amount} ${symbol}`).join(", ");
  say(`${old.name} ${old.address} holds ${held}`);
  return installation;
}

/** What an account paid to the network since a block, in wei. */
async function network_fees(provider, account, from_block) {
  let paid = 0n;
  for (let height = from_block + 1; height <= (await provider.getBlockNumber()); ++height) {
    const block = await provider.getBlock(height, true);
    for (const transaction of block.prefetchedTransactions.filter(({ from }) => from === account)) {
      paid += (await provider.getTransactionReceipt(transaction.hash)).fee;
    }
  }
  return paid;
}

/** (b) A thief with the whole key of a single-key hot wallet drains it as at CoinEx. */
export async function stolen_wallet(installation) {
  const { chain, assets } = installation;
  const { provider } = chain;
  const [old] = installation.old_wallets;
  const loot = test_wallet("loot (b)").address;
  const told = ({ asset, txid, tip }) =>
    say(red(`the thief sends all ${asset} to his address at a tip of ${tip} gwei (${txid.slice(0, 10)}…)`));
  const act = async () => {
    const block = await provider.getBlockNumber();
    const drain = new Drain({ provider, stolen: old.key, loot, assets, told });
    await drain.run();
    return { at: drain.sent[0].at, fees: () => network_fees(provider, old.address, block) };
  };
  return play({ installation, name: "(b) a whole wallet's key", wallet: old.address, loot, act });
}
