// Cases of extended keys, backup words and addresses, computed by @scure/bip32, @scure/bip39 and @scure/btc-signer.
import assert from "node:assert/strict";
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import * as btc from "@scure/btc-signer";
import { Chance, hex, kNetworks } from "./wallet_chance.mjs";

const kHardened = 0x80000000;

function random_path(chance) {
  const path = [];
  for (let depth = chance.below(7); depth > 0; depth -= 1) {
    const index = chance.pick([chance.below(20), chance.below(kHardened)]);
    path.push(chance.below(2) ? index : index + kHardened);
  }
  return path;
}

const path_text = (path) => path.map((step) => (step < kHardened ? `${step}` : `${step - kHardened}h`)).join("/");

export function key_cases() {
  const chance = new Chance("keys");
  return Array.from({ length: 1000 }, () => {
    const network = chance.pick(Object.keys(kNetworks));
    const seed = chance.bytes(16 + chance.below(49));
    const path = random_path(chance);
    let key = HDKey.fromMasterSeed(seed, kNetworks[network].versions);
    for (const step of path) key = key.deriveChild(step);
    return {
      network, seed: hex(seed), path: path_text(path), xpub: key.publicExtendedKey, key: hex(key.privateKey),
      chain_code: hex(key.chainCode),
    };
  });
}

export function word_cases() {
  const chance = new Chance("words");
  const printable = (size) => Array.from(chance.bytes(size), (byte) => String.fromCharCode(32 + (byte % 95))).join("");
  return Array.from({ length: 150 }, (_, i) => {
    const entropy = chance.bytes(16 + 4 * (i % 5));
    const words = entropyToMnemonic(entropy, wordlist);
    const passphrase = i % 3 ? printable(chance.below(40)) : "";
    return { entropy: hex(entropy), words, passphrase, seed: hex(mnemonicToSeedSync(words, passphrase)) };
  });
}

function random_address(chance, network) {
  const key = HDKey.fromMasterSeed(chance.bytes(32)).publicKey;
  const kind = chance.pick(["pkh", "sh", "wpkh", "wsh", "tr"]);
  if (kind === "pkh") return btc.p2pkh(key, network);
  if (kind === "wpkh") return btc.p2wpkh(key, network);
  if (kind === "tr") return btc.p2tr(key.subarray(1), undefined, network);
  if (kind === "wsh") return btc.p2wsh(btc.p2pkh(key, network), network);
  return btc.p2sh(btc.p2wpkh(key, network), network);
}

export function address_cases() {
  const chance = new Chance("addresses");
  return Array.from({ length: 2400 }, (_, i) => {
    const name = Object.keys(kNetworks)[i % 8];
    const output = random_address(chance, kNetworks[name]);
    return { network: name, script: hex(output.script), address: output.address };
  });
}

const kAbandon = `${"abandon ".repeat(11)}about`;

/** As the standards publish them. */
const kPublished = {
  "49h/1h/0h/0/0 bitcoin-test": "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2",
  "84h/0h/0h/0/0 bitcoin-main": "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
  "84h/0h/0h/0/1 bitcoin-main": "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
  "84h/0h/0h/1/0 bitcoin-main": "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
  "86h/0h/0h/0/0 bitcoin-main": "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
  "86h/0h/0h/0/1 bitcoin-main": "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
  "86h/0h/0h/1/0 bitcoin-main": "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
};

function standard_output(purpose, key, network) {
  if (purpose === 44) return btc.p2pkh(key.publicKey, network);
  if (purpose === 49) return btc.p2sh(btc.p2wpkh(key.publicKey, network), network);
  if (purpose === 84) return btc.p2wpkh(key.publicKey, network);
  if (purpose === 86) return btc.p2tr(key.publicKey.subarray(1), undefined, network);
  return btc.p2wsh(btc.p2ms(1, [key.publicKey]), network);  // 48, script type 2h: of one key here.
}

export function standard_cases() {
  const seed = mnemonicToSeedSync(kAbandon);
  const cases = [];
  const seen = new Set();
  for (const name of ["bitcoin-main", "bitcoin-test", "litecoin-main"]) {
    const network = kNetworks[name];
    for (const purpose of [44, 48, 49, 84, 86]) {
      const account = `${purpose}h/${network.coin}h/0h${purpose === 48 ? "/2h" : ""}`;
      for (const below of ["0/0", "0/1", "1/0"]) {
        const path = `${account}/${below}`;
        const key = HDKey.fromMasterSeed(seed, network.versions).derive(`m/${path.replaceAll("h", "'")}`);
        const { address } = standard_output(purpose, key, network);
        const published = kPublished[`${path} ${name}`];
        if (published) assert.equal(address, published, path);
        if (published) seen.add(path);
        cases.push({ network: name, words: kAbandon, path, purpose, address });
      }
    }
  }
  assert.equal(seen.size, Object.keys(kPublished).length);
  return cases;
}
