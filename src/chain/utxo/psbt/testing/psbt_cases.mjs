// Wallets, random transactions and the psbt_tool, for the scripts that set our PSBTs beside other programs.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { HDKey } from "@scure/bip32";

const UNSPENDABLE = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"; // BIP 341

/** Bytes that are the same on every run. */
export class Dice {
  constructor(seed) {
    Object.assign(this, { seed, drawn: 0 });
  }
  bytes(length = 32) {
    this.drawn += 1;
    return createHash("sha256").update(`${this.seed} ${this.drawn}`).digest().subarray(0, length);
  }
  below(n) {
    return this.bytes().readUInt32BE() % n;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  /** Some of a list, in random order. */
  some(list, count) {
    const left = [...list];
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)[0]);
  }
}

/** A tool that answers one line for each line asked. */
export class Tool {
  constructor(program) {
    this.child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on("line", (line) => this.waiting.shift()(JSON.parse(line)));
    this.child.on("exit", (code) => code && process.exit(code));
  }
  ask(question) {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  /** An answer that must not be a refusal. */
  async get(question) {
    const answer = await this.ask(question);
    if (answer.error) throw new Error(`${question.do}: ${answer.error}: ${answer.text}`);
    return answer;
  }
  close() {
    this.child.stdin.end();
  }
}

const VERSIONS = { public: 0x043587cf, private: 0x04358394 }; // tpub: of test networks

const hex8 = (n) => n.toString(16).padStart(8, "0");

/** An owner: a seed, its root, and how descriptors name its account. */
function owner(seed, purpose) {
  const root = HDKey.fromMasterSeed(seed, VERSIONS);
  const account = root.derive(`m/${purpose}`);
  const path = purpose.replaceAll("'", "h");
  return { seed, root, key: `[${hex8(root.fingerprint)}/${path}]${account.publicExtendedKey}/<0;1>/*` };
}

/** The kinds of wallets that are tried: name, threshold, number of owners, descriptor of their keys. */
export const KINDS = [
  ["p2wpkh", 1, 1, "84'/1'/0'", (keys) => `wpkh(${keys[0]})`],
  ["p2wsh 2 of 3", 2, 3, "48'/1'/0'/2'", (keys) => `wsh(sortedmulti(2,${keys}))`],
  ["p2wsh 3 of 5", 3, 5, "48'/1'/0'/2'", (keys) => `wsh(sortedmulti(3,${keys}))`],
  ["p2tr by key", 1, 1, "86'/1'/0'", (keys) => `tr(${keys[0]})`],
  ["p2tr multi_a 2 of 3", 2, 3, "48'/1'/0'/3'", (keys) => `tr(${UNSPENDABLE},multi_a(2,${keys}))`],
];

export function wallets(dice) {
  return KINDS.map(([name, threshold, count, purpose, text]) => {
    const owners = Array.from({ length: count }, () => owner(dice.bytes(), purpose));
    return { name, threshold, owners, descriptor: text(owners.map((o) => o.key).join(",").split(/,(?=\[)/)) };
  });
}
