// What the vectors are made from: numbers that are the same on every run, and two libraries that must agree.
import assert from "node:assert/strict";
import * as ethers from "ethers";
import { sign as viem_sign } from "viem/accounts";

/** A stream of Keccak-256 blocks. */
export class Dice {
  constructor(seed) {
    Object.assign(this, { seed, drawn: 0, pool: "" });
  }
  hex(length) {
    while (this.pool.length < 2 * length) {
      this.pool += ethers.id(`${this.seed} ${this.drawn}`).slice(2);
      this.drawn += 1;
    }
    const taken = this.pool.slice(0, 2 * length);
    this.pool = this.pool.slice(2 * length);
    return `0x${taken}`;
  }
  below(n) {
    return Number(BigInt(this.hex(6)) % BigInt(n));
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  address() {
    return ethers.getAddress(this.hex(20));
  }
  /** Numbers of every size up to `bytes`, the edges more often than chance would. */
  uint(bytes) {
    const max = (1n << BigInt(8 * bytes)) - 1n;
    const edge = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x100n, max, max - 1n][this.below(24)];
    return edge !== undefined && edge <= max ? edge : BigInt(this.hex(1 + this.below(bytes)));
  }
}

export const quantity = (n) => `0x${BigInt(n).toString(16)}`;
export const test_key = (n) => ethers.id(`holdfast test key ${n}`);
export const repeat = (n, make) => Array.from({ length: n }, (_, i) => make(i));

export function agree(by_ethers, by_viem, about) {
  assert.equal(String(by_ethers).toLowerCase(), String(by_viem).toLowerCase(), `ethers and viem differ: ${about}`);
  return by_ethers;
}

/** r ++ s ++ v over a digest; nonces after RFC 6979, low s, v 27 or 28. */
export async function signature_of(hash, privateKey) {
  const by_ethers = new ethers.SigningKey(privateKey).sign(hash).serialized;
  return agree(by_ethers, await viem_sign({ hash, privateKey, to: "hex" }), "signature");
}
