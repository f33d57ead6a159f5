// A local EVM chain: anvil on a free port, with test tokens.
import { ContractFactory, JsonRpcProvider, NonceManager, Wallet, keccak256, toUtf8Bytes } from "ethers";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { artifact } from "../../tools/deploy.mjs";
import { free_port, until } from "./processes.mjs";

const require = createRequire(import.meta.url);
const kSlotsInAnEpoch = 1; // A block is final two epochs later.

export function anvil_path() {
  return join(dirname(require.resolve("@foundry-rs/anvil-linux-amd64/package.json")), "bin", "anvil");
}

export class Chain {
  #timer;

  constructor(url) {
    this.url = url;
    const at_once = { cacheTimeout: -1, batchMaxCount: 1, pollingInterval: 50 }; // No answer from memory, no waiting.
    this.provider = new JsonRpcProvider(url, 31337, { staticNetwork: true, ...at_once });
  }

  send(method, ...parameters) {
    return this.provider.send(method, parameters);
  }

  async mine(blocks = 1) {
    for (let i = 0; i < blocks; ++i) await this.send("evm_mine");
  }

  /** From now on a block every `ms`, and none in between. */
  async mine_every(ms) {
    this.stop_mining();
    await this.send("evm_setAutomine", false);
    this.#timer = setInterval(() => this.send("evm_mine").catch(() => this.stop_mining()), ms);
  }

  /** From now on a block only when told. */
  stop_mining() {
    clearInterval(this.#timer);
  }

  async set_balance(address, wei) {
    await this.send("anvil_setBalance", address, `0x${wei.toString(16)}`);
  }

  close() {
    this.stop_mining();
    this.provider.destroy();
  }
}

/** Starts anvil. Until mine_every() or stop_mining() each transaction gets a block of its own at once. */
export async function start_chain(processes, { name = "anvil", args = [] } = {}) {
  const port = await free_port();
  processes.start(name, anvil_path(), [
    "--host", "127.0.0.1", "--port", String(port), "--chain-id", "31337",
    "--slots-in-an-epoch", String(kSlotsInAnEpoch), "--silent", ...args,
  ]);
  const chain = new Chain(`http://127.0.0.1:${port}`);
  const answers = () => fetch(chain.url, { method: "POST", body: "{}" }).then(() => true, () => false);
  await until("anvil answers", answers);
  return chain;
}

/** The same key every time for the same words: obviously of a test. */
export function test_wallet(words, provider) {
  return new Wallet(keccak256(toUtf8Bytes(`holdfast demo ${words}`)), provider);
}

/** An account with coins from nowhere, sending one transaction after the other. */
export async function rich_account(chain, words, coins = 1_000_000n) {
  const wallet = test_wallet(words, chain.provider);
  await chain.set_balance(wallet.address, coins * 10n ** 18n);
  return new NonceManager(wallet);
}

/** Deploys one of contracts/test/tokens; anybody may mint. */
export async function deploy_token(owner, { name, symbol, decimals = 18, contract = "TestToken", extra = [] }) {
  return deploy_contract(owner, contract, [name, symbol, decimals, ...extra]);
}

/** Deploys one of contracts/out. */
export async function deploy_contract(owner, contract, args = []) {
  const { abi, bytecode } = artifact(contract);
  const deployed = await new ContractFactory(abi, bytecode, owner).deploy(...args);
  await deployed.waitForDeployment();
  return deployed;
}
