// Chance that is the same on every run, and the networks as the oracle wants them.
import { createHash } from "node:crypto";

/** Bytes and numbers drawn from SHA-256 of a name and a counter. */
export class Chance {
  #name;
  #counter = 0;

  constructor(name) {
    this.#name = name;
  }

  bytes(size) {
    const parts = [];
    for (let have = 0; have < size; have += 32) {
      parts.push(createHash("sha256").update(`${this.#name} ${this.#counter++}`).digest());
    }
    return Uint8Array.from(Buffer.concat(parts).subarray(0, size));
  }

  /** From 0 up to, not including, `bound`. */
  below(bound) {
    return Buffer.from(this.bytes(6)).readUIntBE(0, 6) % bound;
  }

  pick(list) {
    return list[this.below(list.length)];
  }
}

const kMainKeys = { public: 0x0488b21e, private: 0x0488ade4 };
const kTestKeys = { public: 0x043587cf, private: 0x04358394 };
const kTest = { pubKeyHash: 111, wif: 0xef, versions: kTestKeys };

export const kNetworks = {
  "bitcoin-main": { bech32: "bc", pubKeyHash: 0, scriptHash: 5, wif: 0x80, versions: kMainKeys, coin: 0 },
  "bitcoin-test": { bech32: "tb", scriptHash: 196, ...kTest, coin: 1 },
  "bitcoin-test4": { bech32: "tb", scriptHash: 196, ...kTest, coin: 1 },
  "bitcoin-signet": { bech32: "tb", scriptHash: 196, ...kTest, coin: 1 },
  "bitcoin-regtest": { bech32: "bcrt", scriptHash: 196, ...kTest, coin: 1 },
  "litecoin-main": { bech32: "ltc", pubKeyHash: 48, scriptHash: 50, wif: 0xb0, versions: kMainKeys, coin: 2 },
  "litecoin-test": { bech32: "tltc", scriptHash: 58, ...kTest, coin: 1 },
  "litecoin-regtest": { bech32: "rltc", scriptHash: 58, ...kTest, coin: 1 },
};

export const hex = (bytes) => Buffer.from(bytes).toString("hex");
