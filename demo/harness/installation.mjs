// One whole Holdfast on local chains: keys, certificates, contracts, configuration, holdfastd and three signers.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Wallet, ZeroAddress, parseUnits } from "ethers";
import { deploy } from "../../tools/deploy.mjs";
import { rich_account, test_wallet } from "./chain.mjs";
import { test_words } from "./coins.mjs";
import { Exchange, make_api_key } from "./exchange.mjs";
import { free_port, run, until } from "./processes.mjs";

export const kRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const kChain = "eip155:31337";
export const kSigners = ["signer-1", "signer-2", "signer-3"];
const kPassphrase = "correct horse battery staple, for a demo only\n";
const kGasFloat = parseUnits("50", 18);

/** Where a program of this build lies. HOLDFAST_BUILD names another build folder. */
export function program(name) {
  const folder = { holdfastd: "daemon", "holdfast-signer": "signer", holdfast: "cli" }[name];
  const build = process.env.HOLDFAST_BUILD ?? "build/release";
  return resolve(kRoot, build, "src/apps", folder, name);
}

const lines_of = (file) => readFileSync(file, "utf8").trim().split("\n");
const quoted = (text) => JSON.stringify(text);
const table = (fields) => Object.entries(fields).map(([key, value]) => `${key} = ${value}`).join("\n");
const texts = (fields) => table(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, quoted(value)])));

export class Installation {
  /**
   * @param folder    where everything of it lies
   * @param processes who starts its programs
   * @param chain     what start_chain() gave; none for an installation without an EVM chain
   * @param assets    [{symbol, decimals, contract (ethers Contract; none for the native coin), price_usd,
   *                  auto_approve_max, withdrawal_max, withdrawal_fee, per_day}] amounts in coins
   * @param single_keys  how many wallets of one key, "old-hot-1" and so on, the signers hold in turn
   * @param webhooks  [{url, secret}]
   * @param coins     [Coins], the chains of coins
   * @param labels    the text of a catalogue of label lists; none without
   * @param signer_rules  {max_age_seconds, unenrolled_customer_per_day: {SYMBOL: coins}}, where the usual ones are too wide
   * @param coin_bump_after_seconds  a payment of coins whose price is right waits six times as long
   */
  constructor(options) {
    const usual = { assets: [], single_keys: 0, webhooks: [], coins: [], signer_rules: {} };
    Object.assign(usual, { bump_after_seconds: 5, coin_bump_after_seconds: 1 });
    Object.assign(this, usual, options);
    this.exchange_key = make_api_key("exchange");
    this.operator_key = make_api_key("operator");
    this.second_operator_key = make_api_key("second");
    this.viewer_key = make_api_key("viewer");
    this.signers = [];
    this.xpubs = {};
    this.old_wallets = []; // {name, address, signer, key}
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }

  /** Keys and certificates, contracts, configuration files; nothing runs yet. The chain must not wait for blocks. */
  async prepare() {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    await run(join(kRoot, "tools/make-certificates"), [this.path("tls"), ...kSigners]);
    for (let n = 0; n < this.single_keys; ++n) {
      const key = Wallet.createRandom();
      const signer = kSigners[n % kSigners.length];
      this.old_wallets.push({ name: `old-hot-${n + 1}`, address: key.address, signer, key });
    }
    this.signers = await Promise.all(kSigners.map((name) => this.#make_signer(name)));
    for (const coins of this.coins) await coins.make_wallets(kSigners, (name, path) => this.xpub(name, coins, path));
    if (this.chain) await this.#deploy();
    this.http_port = await free_port();
    this.signer_port = await free_port();
    this.#write("holdfastd.toml", this.#daemon_config());
    if (this.labels !== undefined) this.#write("labels.toml", this.labels);
    for (const [n, { secret }] of this.webhooks.entries()) this.#write(`webhook-${n}.secret`, `${secret}\n`);
    await run(program("holdfastd"), ["init", "--config", this.path("holdfastd.toml")]);
    this.journal_key = readFileSync(this.path("data/journal.vkey"), "utf8").trim();
    this.#write("witnesses.txt", this.signers.map(({ witness }) => `${witness}\n`).join(""));
    for (const signer of this.signers) this.#write(join(signer.name, "signer.toml"), this.#signer_config(signer));
    this.exchange = new Exchange({ port: this.http_port, key: this.exchange_key });
    this.operator = new Exchange({ port: this.http_port, key: this.operator_key });
  }

  async start() {
    this.start_daemon();
    for (const name of kSigners) this.start_signer(name);
    await this.ready();
  }

  start_daemon() {
    return this.processes.start("holdfastd", program("holdfastd"), ["run", "--config", this.path("holdfastd.toml")]);
  }

  start_signer(name) {
    const args = ["run", "--config", this.path(name, "signer.toml"), "--passphrase-fd", "3", "--allow-root"];
    return this.processes.start(name, program("holdfast-signer"), args, { secrets: [kPassphrase] });
  }

  /** All signers attached, the chain followed. */
  async ready(seconds = 30) {
    await until("holdfastd with three signers", async () => {
      for (const name of ["holdfastd", ...kSigners]) {
        if (!this.processes.running(name)) throw new Error(`${name} has ended:\n${this.processes.log_tail(name)}`);
      }
      const status = await this.operator.get("/v1/status").catch(() => undefined);
      const followed = status?.chains.every(({ head }) => head !== null);
      return followed && status.signers.every(({ connected }) => connected);
    }, seconds);
  }

  /** Ends its programs, in order; start() begins them again. */
  async stop() {
    for (const name of [...kSigners, "holdfastd"]) await this.processes.stop(name);
    this.exchange?.close();
    this.operator?.close();
  }

  /** A signer's frozen state is lifted beside its stopped program, as its operator would. */
  async thaw(name) {
    await this.processes.stop(name);
    const args = ["thaw", "--config", this.path(name, "signer.toml"), "--by", "operator", "--passphrase-fd", "3"];
    await run(program("holdfast-signer"), args, { secrets: [kPassphrase] });
    this.start_signer(name);
  }

  /** What a signer itself says: {frozen, signed, ...}. */
  async signer_status(name) {
    const args = ["status", "--config", this.path(name, "signer.toml"), "--json"];
    return JSON.parse(await run(program("holdfast-signer"), args));
  }

  /** Which evacuations of a wallet of coins a signer keeps: a set of raw transactions in hex. */
  evacuations_kept(name, { caip2 }, wallet) {
    const file = this.path(name, "data/evacuations", `${caip2.replaceAll(":", "-")}.${wallet}.hex`);
    return new Set(existsSync(file) ? lines_of(file).map((line) => line.split(" ")[0]) : []);
  }

  /** One signer alone broadcasts what it keeps; gives what its program printed. */
  async evacuate(name, { node }) {
    const args = ["evacuate", "--config", this.path(name, "signer.toml"), "--node", node.url, "--cookie", node.cookie_file];
    return run(program("holdfast-signer"), args);
  }

  /** A signer's part of proofs of control, on its own host: the signed PSBTs are in the folder `out`. Gives what it printed. */
  async prove(name, psbts, out, more = []) {
    const args = ["prove", "--config", this.path(name, "signer.toml"), "--passphrase-fd", "3", ...psbts, "--out", out, ...more];
    return run(program("holdfast-signer"), args, { secrets: [kPassphrase] });
  }

  /** A public key of a signer's seed, as the signer's own program shows it: the same on every test network. */
  async xpub(name, { caip2 }, path) {
    const args = ["xpub", "--key-file", this.path(name, "keys"), "--chain", caip2, "--path", path, "--passphrase-fd", "3"];
    const ask = () => run(program("holdfast-signer"), args, { secrets: [kPassphrase] });
    this.xpubs[`${name} ${path}`] ??= ask();
    return (await this.xpubs[`${name} ${path}`]).trim();
  }

  /** The keys are made here and imported, so that a thief can hold a copy without reading the signer's files. */
  async #make_signer(name) {
    mkdirSync(this.path(name), { mode: 0o700 });
    const owner_key = Wallet.createRandom();
    const imported = this.old_wallets.filter(({ signer }) => signer === name).map(({ key }) => `${key.privateKey}\n`);
    const args = [
      "init", "--name", name, "--data", this.path(name, "data"), "--key-file", this.path(name, "keys"), "--gas", "1",
      "--json", "--passphrase-fd", "3", "--import-owner-fd", "4", "--import-fd", "5",
    ];
    const secrets = [kPassphrase, `${owner_key.privateKey}\n`, imported.join("")];
    const words = this.coins.length > 0 ? test_words(`${this.coins[0].realm} ${name}`) : undefined;
    if (words) {
      args.push("--import-words-fd", "6");
      secrets.push(`${words}\n`);
    }
    const made = JSON.parse(await run(program("holdfast-signer"), args, { secrets }));
    const gas = made.accounts.find(({ kind }) => kind === "gas").address;
    return { name, owner: made.owner, owner_key, gas, words, witness: made.witness };
  }

  #write(name, text) {
    writeFileSync(this.path(name), text, { mode: 0o600 });
  }

  async #deploy() {
    const deployer = (await rich_account(this.chain, "deployer")).signer;
    this.cold_owners = [1, 2, 3].map((n) => test_wallet(`cold owner ${n}`, this.chain.provider));
    const limit = (asset) => ({
      address: asset.contract ? asset.contract.target : ZeroAddress,
      dailyLimit: parseUnits(asset.per_day, asset.decimals),
    });
    this.deployment = await deploy({
      provider: this.chain.provider,
      deployer,
      hot: { owners: this.signers.map((signer) => signer.owner), threshold: 2 },
      cold: { owners: this.cold_owners.map((owner) => owner.address), threshold: 2 },
      tokens: this.assets.map(limit),
    });
    for (const signer of this.signers) await this.chain.set_balance(signer.gas, kGasFloat);
  }

  #wallets() {
    const { safe, cold, guard, module, factory } = this.deployment;
    const keyed = (kind, name, address, signer) => ({ name, kind, address, cold: "cold", signer });
    return [
      { name: "cold", kind: "cold", address: cold },
      { name: "hot", kind: "safe", address: safe, cold: "cold", module, guard },
      { name: "deposits", kind: "forwarders", address: factory },
      ...this.signers.map(({ name, gas }) => keyed("gas", `gas-${name}`, gas, name)),
      ...this.old_wallets.map(({ name, address, signer }) => keyed("single_key", name, address, signer)),
    ];
  }

  #daemon_config() {
    const key = (api_key, role) => `[[api_keys]]\n${texts({ id: api_key.id, public_key: api_key.public_hex, role })}`;
    const hook = (url, n) => `[[webhooks]]\n${texts({ name: `hook-${n}`, url, secret_file: `webhook-${n}.secret` })}`;
    return [
      texts({
        name: "holdfast.demo/journal", data: "data", http: `127.0.0.1:${this.http_port}`,
        signer_listen: `127.0.0.1:${this.signer_port}`,
        ...(this.labels === undefined ? {} : { labels: "labels.toml" }),
      }),
      table({ bump_after_seconds: this.bump_after_seconds, coin_bump_after_seconds: this.coin_bump_after_seconds }),
      `[tls]\n${texts({ ca: "tls/ca.pem", certificate: "tls/holdfastd.pem", key: "tls/holdfastd.key" })}`,
      key(this.exchange_key, "exchange"),
      `${key(this.operator_key, "operator")}\nduties = ["risk"]`,
      `${key(this.second_operator_key, "operator")}\nduties = ["risk", "compliance"]`,
      key(this.viewer_key, "viewer"),
      ...this.webhooks.map(({ url }, n) => hook(url, n)),
      ...this.signers.map(({ name, owner }) => `[[signers]]\n${texts({ name, owner })}`),
      ...(this.chain ? this.#daemon_accounts() : []),
      ...this.coins.flatMap(daemon_coins),
      "",
    ].join("\n");
  }

  #daemon_accounts() {
    const chain = `chains.${quoted(kChain)}`;
    const assets = this.assets.map((asset) => [
      `[[${chain}.assets]]`,
      `decimals = ${asset.decimals}`,
      texts({
        contract: asset.contract?.target ?? "", symbol: asset.symbol, auto_approve_max: asset.auto_approve_max,
        withdrawal_max: asset.withdrawal_max, withdrawal_fee: asset.withdrawal_fee ?? "0", price_usd: asset.price_usd,
      }),
    ].join("\n"));
    return [
      `[${chain}]`,
      texts({
        node: this.chain.url, factory: this.deployment.factory,
        forwarder_implementation: this.deployment.forwarderImplementation,
      }),
      ...assets,
      ...this.#wallets().map((wallet) => `[[${chain}.wallets]]\n${texts(wallet)}`),
    ];
  }

  #signer_config(signer) {
    const { name } = signer;
    return [
      texts({ name, data: "data", key_file: "keys", server: `127.0.0.1:${this.signer_port}` }),
      table({ allow_same_host: true }), // all three on this machine: whoever has it has them all
      `[tls]\n${texts({ ca: "../tls/ca.pem", certificate: `../tls/${name}.pem`, key: `../tls/${name}.key` })}`,
      `[journal]\n${texts({ key: this.journal_key })}\nwitnesses = ${this.#witnesses_beside(name)}`,
      `max_age_seconds = ${this.signer_rules.max_age_seconds ?? 30}`,
      "[authority]\nkey_delay_hours = 0\ndestination_delay_hours = 0",
      ...this.#own_nodes(),
      ...(this.chain ? this.#signer_accounts(signer) : []),
      ...this.coins.flatMap((coins) => signer_coins(coins, name)),
      "",
    ].join("\n");
  }

  /** In a real installation each signer has nodes of its own. */
  #own_nodes() {
    const evm = this.chain ? [`[nodes.${quoted(kChain)}]\n${texts({ url: this.chain.url, trace: "yes" })}\npause_ms = 100\nmax_behind_seconds = 86400`] : [];
    const coins = this.coins.map(({ caip2, node, finality_depth = 2 }) => [
      `[nodes.${quoted(caip2)}]\n${texts({ url: node.url, cookie: node.cookie_file })}`,
      `depth = ${finality_depth}\npause_ms = 200\nmax_behind_seconds = 86400`,
    ].join("\n"));
    return [...evm, ...coins];
  }

  #witnesses_beside(name) {
    return JSON.stringify(this.signers.filter((other) => other.name !== name).map(({ witness }) => witness));
  }

  #signer_accounts({ name, gas }) {
    const chain = `chains.${quoted(kChain)}`;
    const { safe, module, guard, cold, factory } = this.deployment;
    const owners = JSON.stringify(this.signers.map(({ owner }) => owner));
    const old = this.old_wallets.filter(({ signer }) => signer === name);
    const accounts = [
      { address: gas, kind: "gas", fees_per_day: "20" },
      ...old.map(({ address }) => ({ address, kind: "single_key", fees_per_day: "20" })),
    ];
    const assets = this.assets.map((asset) => [
      `[[${chain}.assets]]`,
      `decimals = ${asset.decimals}`,
      texts({
        contract: asset.contract?.target ?? "", symbol: asset.symbol, per_withdrawal: asset.withdrawal_max,
        per_day: asset.per_day, ...unenrolled(asset.per_day, this.signer_rules.unenrolled_customer_per_day?.[asset.symbol]),
      }),
    ].join("\n"));
    return [
      `[${chain}]\n${texts({ cold, factory, max_fee_gwei: "2000", max_priority_gwei: "1000" })}\nmax_gas = 12000000`,
      `[[${chain}.safes]]\n${texts({ address: safe, module, guard })}\nowners = ${owners}\nthreshold = 2`,
      ...assets,
      ...accounts.map((account) => `[[${chain}.accounts]]\n${texts(account)}`),
    ];
  }
}

/** Customers without a key of their own are bounded by what all may withdraw in a day. */
function unenrolled(per_day, of_one = per_day) {
  return { unenrolled_customer_per_day: of_one, unenrolled_per_day: per_day };
}

/** A chain of coins in holdfastd's configuration. */
function daemon_coins({ caip2, node, daemon_node = node.url, asset, wallets, finality_depth = 2, batch_wait_ms = 500 }) {
  const chain = `chains.${quoted(caip2)}`;
  const { symbol, auto_approve_max, withdrawal_max, withdrawal_fee, price_usd } = asset;
  return [
    `[${chain}]\n${texts({ node: daemon_node, cookie: node.cookie_file })}`,
    table({ finality_depth, batch_wait_ms }),
    `[[${chain}.assets]]\n${texts({ symbol, auto_approve_max, withdrawal_max, withdrawal_fee, price_usd })}`,
    ...wallets.map((wallet) => `[[${chain}.wallets]]\n${texts(wallet)}`),
  ];
}

/** And in a signer's: its own rules, and of the wallets those that it has a key of. */
function signer_coins({ caip2, asset, wallets }, name) {
  const chain = `chains.${quoted(caip2)}`;
  const own = wallets.filter(({ kind, signer }) => kind === "multisig" || signer === name);
  return [
    `[${chain}]`,
    texts({
      cold: wallets.find(({ kind }) => kind === "cold").descriptor, per_withdrawal: asset.withdrawal_max,
      per_day: asset.per_day, max_fee: "0.05", fees_per_day: "5", ...unenrolled(asset.per_day),
    }),
    table({ max_feerate: 500, rescue_max_feerate: 2000 }),
    ...own.map(({ name: wallet, kind, descriptor }) => `[[${chain}.wallets]]\n${texts({ name: wallet, kind, descriptor })}`),
  ];
}
