// Cases of descriptors: outputs computed, and transactions signed, by @scure/btc-signer.
import assert from "node:assert/strict";
import { HDKey } from "@scure/bip32";
import * as btc from "@scure/btc-signer";
import { Chance, hex, kNetworks } from "./wallet_chance.mjs";

const kUnspendable = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";
const kByBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const x_only = (key) => key.subarray(1);

/** A master, an account below it, and the account's KEY as a descriptor writes it. */
class Cosigner {
  constructor(chance, network) {
    const master = HDKey.fromMasterSeed(chance.bytes(32), network.versions);
    const account = chance.below(1000);
    this.account = master.derive(`m/48'/${network.coin}'/${account}'/2'`);
    const fingerprint = master.fingerprint.toString(16).padStart(8, "0");
    this.text = `[${fingerprint}/48h/${network.coin}h/${account}h/2h]${this.account.publicExtendedKey}/<0;1>/*`;
  }

  /** With the private key: what is public is derived from the account's xpub alone. */
  at(branch, index) {
    return this.account.deriveChild(branch).deriveChild(index);
  }

  public_at(branch, index) {
    return HDKey.fromExtendedKey(this.account.publicExtendedKey, this.account.versions).deriveChild(branch).deriveChild(index)
      .publicKey;
  }
}

const kSingles = {
  pkh: { text: (key) => `pkh(${key})`, pay: (key, network) => btc.p2pkh(key, network) },
  wpkh: { text: (key) => `wpkh(${key})`, pay: (key, network) => btc.p2wpkh(key, network) },
  sh_wpkh: { text: (key) => `sh(wpkh(${key}))`, pay: (key, network) => btc.p2sh(btc.p2wpkh(key, network), network) },
  tr: { text: (key) => `tr(${key})`, pay: (key, network) => btc.p2tr(x_only(key), undefined, network) },
};

function leaf_output(threshold, keys, network, internal) {
  return btc.p2tr(Buffer.from(internal, "hex"), btc.p2tr_ms(threshold, keys), network);
}

const kQuorums = {
  multi: {
    text: (m, keys) => `wsh(multi(${m},${keys}))`,
    pay: (m, keys, network) => btc.p2wsh(btc.p2ms(m, keys), network),
  },
  sortedmulti: {
    text: (m, keys) => `wsh(sortedmulti(${m},${keys}))`,
    pay: (m, keys, network) => btc.p2wsh(btc.p2ms(m, keys.toSorted(kByBytes)), network),
  },
  sh_sortedmulti: {
    text: (m, keys) => `sh(wsh(sortedmulti(${m},${keys})))`,
    pay: (m, keys, network) => btc.p2sh(btc.p2wsh(btc.p2ms(m, keys.toSorted(kByBytes)), network), network),
  },
  multi_a: {
    text: (m, keys) => `tr(${kUnspendable},multi_a(${m},${keys}))`,
    pay: (m, keys, network) => leaf_output(m, keys.map(x_only), network, kUnspendable),
  },
  sortedmulti_a: {
    text: (m, keys) => `tr(${kUnspendable},sortedmulti_a(${m},${keys}))`,
    pay: (m, keys, network) => leaf_output(m, keys.map(x_only).toSorted(kByBytes), network, kUnspendable),
  },
};

/** {kind, text, threshold, cosigners, pay(keys)} */
function random_wallet(chance, network, kind) {
  if (kSingles[kind]) {
    const cosigners = [new Cosigner(chance, network)];
    return {
      kind, threshold: 1, cosigners, text: kSingles[kind].text(cosigners[0].text),
      pay: (keys) => kSingles[kind].pay(keys[0], network),
    };
  }
  const cosigners = Array.from({ length: 1 + chance.below(7) }, () => new Cosigner(chance, network));
  const threshold = 1 + chance.below(cosigners.length);
  return {
    kind, threshold, cosigners, text: kQuorums[kind].text(threshold, cosigners.map((one) => one.text).join(",")),
    pay: (keys) => kQuorums[kind].pay(threshold, keys, network),
  };
}

const kKinds = [...Object.keys(kSingles), ...Object.keys(kQuorums)];

function output_case(wallet, branch, index) {
  const paid = wallet.pay(wallet.cosigners.map((one) => one.public_at(branch, index)));
  const out = { branch, index, script: hex(paid.script), address: paid.address };
  if (paid.witnessScript) out.witness_script = hex(paid.witnessScript);
  if (paid.redeemScript) out.redeem_script = hex(paid.redeemScript);
  if (paid.leaves) {
    out.leaf_script = hex(paid.leaves[0].script);
    out.control_block = hex(btc.TaprootControlBlock.encode(paid.tapLeafScript[0][0]));
  }
  return out;
}

export function descriptor_cases() {
  const chance = new Chance("descriptors");
  return Array.from({ length: 360 }, (_, i) => {
    const network = Object.keys(kNetworks)[i % 8];
    const wallet = random_wallet(chance, kNetworks[network], kKinds[i % kKinds.length]);
    const places = [[0, 0], [1, chance.below(100)], [chance.below(2), chance.below(0x80000000)]];
    return {
      network, descriptor: wallet.text, threshold: wallet.threshold, keys: wallet.cosigners.length,
      outputs: places.map(([branch, index]) => output_case(wallet, branch, index)),
    };
  });
}

const public_of = (secret) => new HDKey({ privateKey: secret, chainCode: new Uint8Array(32) }).publicKey;

/** An xprv and its steps as xpub and steps; nothing when only the owner can derive what it gives. */
function neutered(xprv, steps, origin) {
  if (/[h']$/.test(steps.at(-1) ?? "") && steps.at(-1).startsWith("*")) return undefined;
  const hardened = steps.findLastIndex((step) => /[h']$/.test(step)) + 1;
  const root = HDKey.fromExtendedKey(xprv);
  const upper = steps.slice(0, hardened).map((step) => step.replace("h", "'")).join("/");
  const key = upper ? root.derive(`m/${upper}`) : root;
  const fingerprint = root.fingerprint.toString(16).padStart(8, "0");
  const front = upper ? (origin || `[${fingerprint}]`).replace("]", `/${upper}]`) : origin;
  return front + [key.publicExtendedKey, ...steps.slice(hardened)].join("/");
}

/** A KEY in the form that BIP 380 normalizes it to; nothing when there is none without the private key. */
function public_key_text(text, origin) {
  const [key, ...steps] = text.split("/");
  if (key.startsWith("xprv")) return neutered(key, steps, origin);
  if (/^[KL]/.test(key)) return origin + hex(public_of(btc.WIF().decode(key)));
  return origin + text;
}

export function public_cases(published) {
  const cases = [];
  for (const { bip, descriptor, scripts } of published.filter((one) => one.code === "descriptor_private" && one.scripts)) {
    let possible = true;
    const text = descriptor.replace(/(\[[^\]]*\])?([KLx][0-9A-Za-z]{50,}[^,)]*)/g, (_, origin, key) => {
      const written = public_key_text(key, origin ?? "");
      possible &&= written !== undefined;
      return written;
    });
    if (possible) cases.push({ bip, private: descriptor, descriptor: text, scripts });
  }
  assert.ok(cases.length >= 8);
  return cases;
}

/** Signs one input with as many keys as are needed and weighs it. */
function weigh(chance, network, wallet) {
  const branch = chance.below(2), index = chance.below(1000);
  const keys = wallet.cosigners.map((one) => one.at(branch, index));
  const paid = wallet.pay(keys.map((key) => key.publicKey));
  const transaction = new btc.Transaction({ allowUnknownOutputs: true, allowLegacyWitnessUtxo: true });
  const spent = { script: paid.script, amount: 100000n };
  const from = { ...paid, txid: hex(chance.bytes(32)), index: 0, witnessUtxo: spent };
  transaction.addInput({ ...from, sequence: 0xfffffffd });
  transaction.addOutput({ script: btc.p2wpkh(keys[0].publicKey, network).script, amount: 90000n });
  for (const key of keys.slice(0, wallet.threshold)) assert.equal(transaction.sign(key.privateKey), 1);
  transaction.finalize();
  const input = transaction.getInput(0);
  const compact = (size) => (size < 253 ? 1 : 3);
  const witness = input.finalScriptWitness ?? [];
  const size = witness.reduce((sum, item) => sum + compact(item.length) + item.length, compact(witness.length));
  return { descriptor: wallet.text, branch, index, weight: size + 4 * (input.finalScriptSig?.length ?? 0) };
}

export function spend_cases() {
  const chance = new Chance("spends");
  const network = kNetworks["bitcoin-regtest"];
  return Array.from({ length: 40 * (kKinds.length - 1) }, (_, i) => {
    const kind = kKinds.slice(1)[i % (kKinds.length - 1)];  // pkh would need the whole previous transaction.
    return { kind, ...weigh(chance, network, random_wallet(chance, network, kind)) };
  });
}
