// Thefts of coins, and what is measured of them at the chain and in the journal.
import { books_against_chain, events_from, verify_journal } from "./harness/checks.mjs";
import { Coins, derive, kSinglePath, master_of, satoshi_of, test_words, to_coins } from "./harness/coins.mjs";
import { Installation, kSigners } from "./harness/installation.mjs";
import { until } from "./harness/processes.mjs";
import { Sweep, loot_address, spend_with_one_seed } from "./coin_theft.mjs";
import { open_plans, strayed, timeline } from "./measure.mjs";
import { dim, green, narrate, red, say } from "./story.mjs";

const kRestBlocks = 3;
const kQuickBlockMs = 500;
const kLastWordMs = 1500; // The next block comes so long after the thief's last word.
const kReserveLevels = 4; // Evacuations of each coin, at rising fees.

/** The txids that the node has in its pool. */
const pool = (coins) => coins.node.send("getrawmempool");

/** Every plan is at its end, nothing is pending, and the wallet's holdings have stayed the same for some blocks. */
async function come_to_rest({ installation, coins, wallet, first_event }) {
  let seen = "";
  let since = 0;
  await until("everything at rest", async () => {
    const { total, height } = await coins.unspent(wallet);
    const pending = (await pool(coins)).length;
    const open = open_plans(await events_from(installation.exchange, first_event)).length;
    const now = `${total} ${open} ${pending}`;
    if (now !== seen) [seen, since] = [now, height];
    return open === 0 && pending === 0 && height >= since + kRestBlocks;
  }, 90, 200);
}

/** What the wallet and the cold one hold now, and each of the wallet's coins. */
export async function holdings_before(coins, wallet) {
  const { total, height, coins: there } = await coins.unspent(wallet);
  const amounts = new Map(there.map(({ txid, vout, amount }) => [`${txid}:${vout}`, amount]));
  return { had: total, cold: (await coins.unspent(coins.wallet("cold"))).total, height, amounts };
}

/** What the mined transactions that spent those coins paid to the network. */
async function network_fees({ node }, { height, amounts }) {
  let fees = 0n;
  for (let at = height + 1; at <= (await node.send("getblockcount")); ++at) {
    const block = await node.send("getblock", await node.send("getblockhash", at), 2);
    for (const { vin, vout } of block.tx) {
      const spent = vin.map(({ txid, vout: n }) => amounts.get(`${txid}:${n}`));
      if (spent.every((amount) => amount === undefined)) continue;
      fees += spent.reduce((sum, amount) => sum + (amount ?? 0n), 0n);
      fees -= vout.reduce((sum, { value }) => sum + satoshi_of(value), 0n);
    }
  }
  return fees;
}

/** What there was, what the thief has, what lies in the cold wallet now: found by the node in its unspent coins, as text. */
export async function measure_coins({ coins, wallet, loot, before }) {
  const left = (await coins.unspent(wallet)).total;
  const saved = (await coins.unspent(coins.wallet("cold"))).total - before.cold;
  const stolen = (await coins.at_address(loot)).total;
  const fees = await network_fees(coins, before);
  const failures = before.had === left + saved + stolen + fees ? [] : [`${coins.symbol} is missing`];
  const sums = { had: before.had, stolen, saved, left, fees };
  const texts = Object.entries(sums).map(([what, satoshi]) => [what, to_coins(satoshi)]);
  return { measured: [{ symbol: coins.symbol, ...Object.fromEntries(texts) }], failures };
}

/** Plays a theft from one wallet and measures it; act() gives when the first transaction was handed to the node (ms). */
async function play({ installation, coins, name, wallet, loot, act }) {
  const { exchange } = installation;
  const first_event = (await exchange.get("/v1/status")).journal.size;
  const before = await holdings_before(coins, wallet);
  const hush = await narrate(exchange);
  const at = await act();
  await come_to_rest({ installation, coins, wallet, first_event });
  await hush();
  const events = await events_from(exchange, first_event);
  const times = timeline(events, at);
  const { measured, failures } = await measure_coins({ coins, wallet, loot, before });
  const differences = await books_against_chain(installation);
  failures.push(...differences, ...(await strayed(installation, events)));
  if (times.frozen_ms === undefined) failures.push("not every signer acknowledged the freeze");
  const broken = await verify_journal(installation).then(() => undefined, (error) => error.message);
  if (broken) failures.push(broken);
  const verdicts = { books_equal_chain: differences.length === 0, journal_verified: !broken };
  return { name, ...times, ...verdicts, failures, assets: measured, events };
}

const kHotCoins = ["90", "35.05", "7.7125", "1.2"];
const kOldCoins = ["150", "74.05", "21.225", "9.6", "3.17", "0.42"];

/** How many evacuations of the quorum's wallet each signer keeps. */
function kept_by(installation, coins) {
  return kSigners.map((name) => installation.evacuations_kept(name, coins, "hot").size);
}

/** An exchange whose coins still lie under a single key, while it moves to Holdfast. */
export async function migrating_coins({ folder, processes, node }) {
  const coins = new Coins({ node, single_key: true, realm: "migrating" });
  const installation = new Installation({ folder, processes, coins: [coins] });
  await installation.prepare();
  const old = coins.wallet("old");
  const each = (wallet, amounts) => amounts.map(async (amount, n) => [await coins.address(wallet, 0, n), amount]);
  await node.pay_all(await Promise.all([...each(old, kOldCoins), ...each(coins.wallet("hot"), kHotCoins)]));
  await node.mine();
  await installation.start();
  node.mine_every(kQuickBlockMs);
  const enough = (kept) => kept.every((count) => count === kReserveLevels * kHotCoins.length);
  await until("evacuations with the signers", () => enough(kept_by(installation, coins)), 30);
  const kept = kept_by(installation, coins).join(", ");
  say(`the signers keep ${kept} signed evacuations of the ${kHotCoins.length} coins in the quorum's wallet`);
  const { total, coins: there } = await coins.unspent(old);
  say(`old ${await coins.address(old, 0, 0)} and others hold ${to_coins(total)} ${coins.symbol} in ${there.length} coins`);
  return installation;
}

/** (c) A thief with the key of a single-key wallet of coins sweeps it in one transaction. */
export async function stolen_coins(installation, coins = installation.coins[0]) {
  const wallet = coins.wallet("old");
  const { words } = installation.signers.find(({ name }) => name === wallet.signer);
  const account = derive(master_of(words), kSinglePath);
  const loot = loot_address(coins, master_of(test_words(`loot ${coins.symbol}`)));
  const told = ({ txid, feerate }) =>
    say(red(`the thief sends all ${coins.symbol} to his address at ${feerate} sat/vB (${txid.slice(0, 10)}…)`));
  const act = async () => {
    const sweep = new Sweep({ coins, account, loot, told });
    coins.node.stop_mining(); // Blocks are minutes apart: the race is run in the pool.
    await sweep.run();
    await new Promise((resolve) => setTimeout(resolve, kLastWordMs));
    coins.node.mine_every(kQuickBlockMs);
    return sweep.sent[0].at;
  };
  return play({ installation, coins, name: "(c) a wallet of coins", wallet, loot, act });
}

/** Everything a thief can do with one seed, also with a miner's help. Gives in words what was accepted. */
async function try_one_seed({ installation, coins, wallet, loot }) {
  const { node, symbol } = coins;
  const { words } = installation.signers[1];
  const largest = (await coins.unspent(wallet)).coins.reduce((a, b) => (b.amount > a.amount ? b : a));
  const raw = spend_with_one_seed({ coins, coin: largest, master: master_of(words), loot });
  say(red(`the thief sends ${to_coins(largest.amount)} ${symbol} of the quorum's wallet, with the one true signature he has`));
  const accepted = [];
  const attempt = async (who, done) => {
    const answer = await done.then(() => void accepted.push(`${who} took the thief's transaction`), ({ message }) => message);
    say(`${who}: ${answer ?? "TOOK IT"}`);
  };
  await attempt("the node", node.send("sendrawtransaction", raw));
  await attempt("a block with it", node.send("generateblock", loot, [raw]));
  return accepted;
}

/** (d) A thief with one signer's whole seed, in an exchange that has lost everything but one other signer. */
export async function stolen_seed(installation, coins = installation.coins[0]) {
  const kept = kept_by(installation, coins);
  const saviour = kSigners[kept.indexOf(Math.max(...kept))];
  const wallet = coins.wallet("hot");
  const loot = loot_address(coins, master_of(test_words("loot of one seed")));
  const before = await holdings_before(coins, wallet);
  const accepted = await try_one_seed({ installation, coins, wallet, loot });
  await installation.stop();
  say(`holdfastd is down and two signers are gone; ${saviour} alone, from what it keeps:`);
  const at = Date.now();
  for (const line of (await installation.evacuate(saviour, coins)).trim().split("\n")) say(dim(line));
  await until("evacuations mined", async () => (await pool(coins)).length === 0, 60, 100);
  const rescued_ms = Date.now() - at;
  await installation.start();
  const { measured, failures } = await measure_coins({ coins, wallet, loot, before });
  failures.push(...accepted);
  const [{ stolen, left, saved }] = measured;
  if (stolen !== "0" || left !== "0") failures.push(`${stolen} stolen and ${left} left behind by one signer alone`);
  say(green(`${saved} ${coins.symbol} are in cold`));
  const differences = await books_against_chain(installation);
  failures.push(...differences);
  const broken = await verify_journal(installation).then(() => undefined, (error) => error.message);
  if (broken) failures.push(broken);
  const verdicts = { books_equal_chain: differences.length === 0, journal_verified: !broken };
  return { name: "(d) one signer's seed", rescued_ms, ...verdicts, failures, assets: measured, events: [] };
}
