// What every functional test stands on: an anvil, a holdfastd, three signers, and assets; ended whatever happens.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import { deploy_token, rich_account, start_chain } from "../../demo/harness/chain.mjs";
import { books_against_chain, chain_status, verify_journal } from "../../demo/harness/checks.mjs";
import { credited, open_customer, pay } from "../../demo/harness/customers.mjs";
import { Installation, kSigners } from "../../demo/harness/installation.mjs";
import { Processes, until } from "../../demo/harness/processes.mjs";

const kBlockMs = 200;

const kLimits = { price_usd: "1", auto_approve_max: "1000", withdrawal_max: "100000", per_day: "1000000" };
const kEther = {
  symbol: "ETH", decimals: 18, ...kLimits, price_usd: "1600", auto_approve_max: "5", withdrawal_fee: "0.01",
};
const kTokens = [
  { symbol: "TST", decimals: 18, ...kLimits },
  { symbol: "USD", decimals: 6, ...kLimits, token: "NoReturnToken" },
  { symbol: "FEE", decimals: 18, ...kLimits, token: "FeeToken", extra: [100] }, // One percent is burnt.
];

async function make_assets(faucet) {
  const assets = [kEther];
  for (const { token, extra, ...asset } of kTokens) {
    const { symbol, decimals } = asset;
    const contract = await deploy_token(faucet, { name: symbol, symbol, decimals, contract: token, extra });
    assets.push({ ...asset, contract });
  }
  return assets;
}

/** The laws that hold at the end of every test. */
export async function check_laws({ installation }) {
  assert.deepEqual(await books_against_chain(installation), []);
  await verify_journal(installation);
}

/** An account with no coins that nobody used before. */
export const fresh_address = () => Wallet.createRandom().address;

/** A new customer with a final deposit of these coins: [["ETH", "10"], ...]. */
export async function funded_customer(stage, reference, coins) {
  const customer = await open_customer(stage.exchange, reference);
  const before = (await stage.exchange.get("/v1/deposits", "state=credited&limit=1000")).deposits.length;
  for (const [symbol, amount] of coins) await pay(stage.faucet, stage.asset(symbol), customer.address, amount);
  await credited(stage.exchange, before + coins.length);
  return customer;
}

/** Waits until everything that deposit addresses hold was swept. */
export async function until_swept({ exchange }) {
  await until("deposits swept", async () => {
    const { wallets } = await exchange.get("/v1/wallets");
    return wallets.find(({ kind }) => kind === "forwarders").balances.every(({ amount }) => Number(amount) === 0);
  });
}

/** Waits until the newest block of now is final for holdfastd. Needs blocks to come. */
export async function until_final({ exchange, chain }) {
  const newest = await chain.provider.getBlockNumber();
  await until("finality", async () => (await chain_status(exchange)).final >= newest);
}

/**
 * Sets up, plays, checks the laws, and ends every process.
 * @param options  of Installation; `block_ms` between blocks, `keep_laws` false when the test checks by itself
 */
export async function on_stage({ block_ms = kBlockMs, keep_laws = true, ...options }, play) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const processes = new Processes(folder);
  let chain;
  let passed = false;
  try {
    chain = await start_chain(processes);
    const faucet = await rich_account(chain, "faucet");
    const assets = await make_assets(faucet);
    const installation = new Installation({ folder: join(folder, "holdfast"), processes, chain, assets, ...options });
    await installation.prepare();
    await installation.start();
    await chain.mine_every(block_ms);
    const { exchange, operator } = installation;
    const asset = (symbol) => assets.find((one) => one.symbol === symbol);
    const stage = { folder, processes, chain, faucet, assets, asset, installation, exchange, operator };
    await play(stage);
    if (keep_laws) await check_laws(stage);
    passed = true;
  } finally {
    if (!passed) for (const name of ["holdfastd", ...kSigners]) print_log(processes, name);
    chain?.close();
    await processes.stop_all();
    if (passed) rmSync(folder, { recursive: true, force: true });
    else console.error(`files and logs: ${folder}`);
  }
}

function print_log(processes, name) {
  try {
    console.error(`--- ${name}\n${processes.log_tail(name)}`);
  } catch {
    // It was never started.
  }
}
