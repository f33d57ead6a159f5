// A chain of coins as an installation keeps it: its node, its keys, its wallets' descriptors. The seeds are made here and
// imported, so that a thief can hold a copy without reading a signer's files.
import { createHash } from "node:crypto";
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const kVersions = { private: 0x04358394, public: 0x043587cf }; // Of every test network.
const kUnspendable = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"; // BIP 341's: nobody has its key.
export const kQuorumPath = "48h/1h/0h/2h";
export const kSinglePath = "84h/1h/0h";
const kColdKeys = 5;
const kScripts = 200; // Of each branch: more than any test or demo comes to.
const kSatoshi = 100_000_000n;

// What @scure/btc-signer has to know of each network.
const kNetworks = {
  litecoin: {
    caip2: "bip122:530827f38f93b43ed12af0b3ad25a288", symbol: "LTC", name: "litecoin-regtest",
    scure: { bech32: "rltc", pubKeyHash: 111, scriptHash: 58, wif: 0xef },
  },
  bitcoin: {
    caip2: "bip122:0f9188f13cb7b2c71f2a335e3a4fc328", symbol: "BTC", name: "bitcoin-regtest",
    scure: { bech32: "bcrt", pubKeyHash: 111, scriptHash: 196, wif: 0xef },
  },
};

/** "1.5" -> 150000000n */
export function to_satoshi(coins) {
  const [whole, digits = ""] = String(coins).split(".");
  if (digits.length > 8) throw new Error(`${coins} has more than 8 digits`);
  return BigInt(whole) * kSatoshi + BigInt(digits.padEnd(8, "0"));
}

/** 150000000n -> "1.5" */
export function to_coins(satoshi) {
  const text = satoshi.toString().padStart(9, "0");
  return `${text.slice(0, -8)}.${text.slice(-8)}`.replace(/\.?0+$/, "");
}

/** What a node's JSON number means, exactly: it has eight decimal places. */
export const satoshi_of = (number) => to_satoshi(number.toFixed(8));

/** The 24 words of a seed, the same every time for the same name: obviously of a test. */
export function test_words(name) {
  return entropyToMnemonic(createHash("sha256").update(`holdfast demo ${name}`).digest(), wordlist);
}

export function master_of(words) {
  return HDKey.fromMasterSeed(mnemonicToSeedSync(words), kVersions);
}

/** The private key below a master at "48h/1h/0h/2h". */
export function derive(master, path) {
  return master.derive(`m/${path.replaceAll("h", "'")}`);
}

/** As descriptors take a key, with where it comes from. */
export function xpub_of(words, path) {
  const master = master_of(words);
  const fingerprint = master.fingerprint.toString(16).padStart(8, "0");
  return `[${fingerprint}/${path}]${derive(master, path).publicExtendedKey}`;
}

const ranged = (xpubs) => xpubs.map((xpub) => `${xpub}/<0;1>/*`).join(",");
const kQuorums = {
  wsh: (needed, xpubs) => `wsh(sortedmulti(${needed},${ranged(xpubs)}))`,
  tr: (needed, xpubs) => `tr(${kUnspendable},sortedmulti_a(${needed},${ranged(xpubs)}))`,
};

export class Coins {
  /**
   * @param node        what start_core_node() gave
   * @param hot         the form of the quorum's scripts: "wsh" or "tr"
   * @param single_key  whether there is a wallet of one key, "old", that signer-1 holds
   * @param realm       tells two installations on one chain apart: each has keys of its own
   * @param daemon_node where holdfastd reaches the node, if not at its own address
   */
  constructor({ node, hot = "wsh", single_key = false, realm = "demo", ...settings }) {
    Object.assign(this, kNetworks[node.coin], { node, hot, single_key, realm, ...settings });
    this.asset = {
      symbol: this.symbol, decimals: 8, coins: this, price_usd: "100", auto_approve_max: "5", withdrawal_max: "100",
      withdrawal_fee: "0.001", per_day: "100000", ...settings.asset,
    };
    this.cold_words = Array.from({ length: kColdKeys }, (_, n) => test_words(`${realm} cold ${n + 1}`));
    this.wallets = []; // {name, kind, descriptor, signer}
  }

  /** The descriptors, once the signers' public keys are known: xpub(signer's name, path). */
  async make_wallets(signers, xpub) {
    const hot = await Promise.all(signers.map((name) => xpub(name, kQuorumPath)));
    const cold = this.cold_words.map((words) => xpub_of(words, kQuorumPath));
    this.wallets = [
      { name: "cold", kind: "cold", descriptor: kQuorums.wsh(3, cold) },
      { name: "hot", kind: "multisig", cold: "cold", descriptor: kQuorums[this.hot](2, hot) },
    ];
    if (!this.single_key) return;
    const [signer] = signers;
    const descriptor = `wpkh(${ranged([await xpub(signer, kSinglePath)])})`;
    this.wallets.push({ name: "old", kind: "single_key", cold: "cold", signer, descriptor });
  }

  wallet(name) {
    return this.wallets.find((wallet) => wallet.name === name);
  }

  /** One of a wallet's addresses, as the node derives it. */
  async address({ descriptor }, branch, index) {
    const with_checksum = await this.node.send("getdescriptorinfo", descriptor.replaceAll("<0;1>", branch));
    return (await this.node.send("deriveaddresses", with_checksum.descriptor, [index, index]))[0];
  }

  /** The unspent coins of a wallet by the node's own reading of its descriptor: {height, hash, coins, total}. */
  async unspent(wallet, range = kScripts) {
    const branches = [0, 1].map((branch) => ({ desc: wallet.descriptor.replaceAll("<0;1>", branch), range }));
    return this.scan(branches);
  }

  /** What lies at an address. */
  async at_address(address) {
    return this.scan([{ desc: `addr(${address})` }]);
  }

  async scan(targets) {
    const found = await this.node.scan(targets);
    const coins = found.unspents.map(({ txid, vout, amount, scriptPubKey, desc }) =>
      ({ txid, vout, amount: satoshi_of(amount), script: scriptPubKey, desc }));
    const total = coins.reduce((sum, { amount }) => sum + amount, 0n);
    return { height: found.height, hash: found.bestblock, coins, total };
  }
}
