// A local chain of coins: litecoind, or bitcoind where there is one, on regtest and free ports.
//
//   node demo/harness/core_node.mjs       starts one of each that is there and shows that it works
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { free_port, Processes, until } from "./processes.mjs";

const kWallet = "rich";
const kRipe = 101; // Blocks until the first reward can be spent.
const kOwnArguments = {
  litecoin: ["-mempoolreplacement=1"],
  bitcoin: ["-natpmp=0", "-fixedseeds=0", "-unsafesqlitesync"],
};

/** Where the program of a coin is; undefined when there is none. bitcoind: what BITCOIND says, else from PATH. */
export function core_program(coin) {
  const name = { litecoin: "litecoind", bitcoin: "bitcoind" }[coin];
  if (!name) throw new Error(`no such coin: ${coin}`);
  const candidates = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  if (coin === "bitcoin" && process.env.BITCOIND) candidates.unshift(process.env.BITCOIND);
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export class RpcRefusal extends Error {
  constructor(method, { code, message }) {
    super(`${method}: ${message}`);
    this.code = code;
  }
}

export class CoreNode {
  #processes;
  #arguments;
  #timer;
  #every_ms;

  constructor(processes, name, coin, folder, { rpc_port, p2p_port, args }) {
    this.#processes = processes;
    this.name = name;
    this.coin = coin;
    this.url = `http://127.0.0.1:${rpc_port}`;
    this.cookie_file = join(folder, "regtest", ".cookie");
    this.p2p_address = `127.0.0.1:${p2p_port}`;
    this.#arguments = [
      "-regtest", "-server", "-dnsseed=0", "-listenonion=0", "-fallbackfee=0.0001", "-keypool=10", "-rpcservertimeout=5",
      `-datadir=${folder}`, `-rpcport=${rpc_port}`, `-bind=${this.p2p_address}`, ...kOwnArguments[coin], ...args,
    ];
  }

  /** Amounts in answers are JSON numbers: good for looking, not for counting money. */
  async send(method, ...parameters) {
    return this.#call("", method, parameters);
  }

  async #call(path, method, parameters) {
    const response = await fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { Authorization: `Basic ${Buffer.from(readFileSync(this.cookie_file, "utf8")).toString("base64")}` },
      body: JSON.stringify({ id: 0, method, params: parameters }),
    });
    const { result, error } = JSON.parse(await response.text());
    if (error) throw new RpcRefusal(method, error);
    return result;
  }

  /** Begins, or begins again after a stop or a kill, with the data it has. */
  async start() {
    const { ended } = this.#processes.start(this.name, core_program(this.coin), this.#arguments);
    let gone = false;
    ended.then(() => (gone = true));
    await until(`${this.name} answers`, () => {
      if (gone) throw new Error(`${this.name} ended: ${this.#processes.log_tail(this.name)}`);
      return this.send("getblockcount").then(() => true, () => false);
    }, 60);
    const wallets = (await this.send("listwalletdir")).wallets.map(({ name }) => name);
    await this.send(wallets.includes(kWallet) ? "loadwallet" : "createwallet", kWallet);
  }

  /** SIGKILL for a crash, SIGTERM to let it write everything down. */
  async stop(signal = "SIGTERM") {
    this.stop_mining();
    await this.#processes.stop(this.name, signal);
  }

  new_address(type = "bech32") {
    return this.send("getnewaddress", "", type);
  }

  /** The ids of the blocks. */
  async mine(blocks = 1, address = undefined) {
    return this.send("generatetoaddress", blocks, address ?? (await this.new_address()));
  }

  /** From now on a block every `ms`. */
  mine_every(ms) {
    this.stop_mining();
    this.#every_ms = ms;
    this.#timer = setInterval(() => this.mine().catch(() => this.stop_mining()), ms);
  }

  /** From now on a block only when told. */
  stop_mining() {
    clearInterval(this.#timer);
    this.#every_ms = undefined;
  }

  /** No block comes while this is done. */
  async between_blocks(act) {
    const every_ms = this.#every_ms;
    this.stop_mining();
    try {
      return await act();
    } finally {
      if (every_ms) this.mine_every(every_ms);
    }
  }

  /** Gives the node's own wallet coins that can be spent. */
  async enrich(rewards = 10) {
    await this.mine(rewards + kRipe - 1);
  }

  /** From that wallet. `coins` is a decimal fraction in a text. The id of the transaction. */
  pay(address, coins) {
    return this.send("sendtoaddress", address, coins, "", "", false, true);
  }

  /**
   * What a new wallet without keys, that was given nothing but descriptors, finds in the whole chain. litecoind calls the
   * same otherwise.
   */
  async balance_of_descriptors(name, descriptors) {
    const of_wallet = (method, ...parameters) => this.#call(`/wallet/${name}`, method, parameters);
    await this.send("createwallet", name, true, true);
    try {
      const method = this.coin === "litecoin" ? "importmulti" : "importdescriptors";
      const imported = await of_wallet(method, descriptors);
      const failed = imported.find(({ success }) => !success);
      if (failed) throw new Error(`${method}: ${JSON.stringify(failed)}`);
      const { mine, watchonly } = await of_wallet("getbalances");
      return mine.trusted + (watchonly?.trusted ?? 0);
    } finally {
      await this.send("unloadwallet", name);
    }
  }

  /** The node does one scan of its unspent coins at a time, whoever asks. */
  scan(targets) {
    return until("a scan", () => this.send("scantxoutset", "start", targets).catch((error) => {
      if (!/already in progress/.test(error.message)) throw error;
    }), 60);
  }

  /** The same to several addresses, each once, in one transaction: [[address, coins], ...]. */
  pay_all(payments) {
    return this.send("sendmany", "", Object.fromEntries(payments));
  }

  async connect(other) {
    await Promise.all([this.send("setnetworkactive", true), other.send("setnetworkactive", true)]);
    await this.send("addnode", other.p2p_address, "onetry");
    await until("two nodes connect", async () => (await this.send("getpeerinfo")).some(({ version }) => version > 0));
  }

  async disconnect(other) {
    const alone = async (node) => (await node.send("getpeerinfo")).length === 0;
    await Promise.all([this.send("setnetworkactive", false), other.send("setnetworkactive", false)]);
    await until("two nodes part", async () => (await alone(this)) && (await alone(other)));
  }

  async same_tip(other) {
    await until("two nodes agree", async () =>
      (await this.send("getbestblockhash")) === (await other.send("getbestblockhash")));
  }
}

/** Starts a node with its data in FOLDER/NAME, where there need not be anything yet. */
export async function start_core_node(processes, folder, { coin = "litecoin", name = coin, args = [] } = {}) {
  if (!core_program(coin)) throw new Error(`there is no program for ${coin}: run tools/install, or set BITCOIND`);
  const data = join(folder, name);
  if (!existsSync(data)) mkdirSync(data);
  const ports = { rpc_port: await free_port(), p2p_port: await free_port() };
  const node = new CoreNode(processes, name, coin, data, { ...ports, args });
  await node.start();
  return node;
}

async function self_test(coin) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-core-"));
  const processes = new Processes(folder);
  const expect = (what, holds) => {
    if (!holds) throw new Error(`${coin}: ${what}`);
  };
  try {
    const one = await start_core_node(processes, folder, { coin, name: "one" });
    const two = await start_core_node(processes, folder, { coin, name: "two" });
    await one.enrich(1);
    await two.connect(one);
    await two.same_tip(one);
    await two.disconnect(one);
    const txid = await one.pay(await one.new_address(), "1.5");
    await one.mine();
    expect("the payment is mined", (await one.send("getrawmempool")).length === 0);
    const [, tip] = await two.mine(2);
    await two.connect(one);
    await two.same_tip(one);
    expect("the longer chain wins", (await one.send("getbestblockhash")) === tip);
    expect("its payment waits again", (await one.send("getrawmempool")).includes(txid));
    const refusal = await one.send("getblockhash", 1_000_000).catch((error) => error);
    expect("a refusal has a code", refusal instanceof RpcRefusal && refusal.code === -8);
    await one.stop();
    await one.start();
    expect("it keeps its chain", (await one.send("getbestblockhash")) === tip);
    await one.stop("SIGKILL");
    await one.start();
    expect("it comes back after a crash", (await one.send("getblockcount")) >= 0);
  } finally {
    await processes.stop_all();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${coin}: good`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const coin of ["litecoin", "bitcoin"]) {
    if (core_program(coin)) await self_test(coin);
    else console.log(`${coin}: skipped, there is no program`);
  }
}
