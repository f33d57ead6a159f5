// Payments as real blocks are full of, signed thousands in a second: for blocks on a test chain, whose coins are worth nothing.
//
// All signatures share one key and one nonce, so two of them give the key away, and one costs a multiplication only. What it
// costs to check them is what it always is.
import { createECDH, createHash, randomBytes } from "node:crypto";

const kOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n; // Of the curve's group.
const kVersion = Buffer.from([2, 0, 0, 0]);
const kLockTime = Buffer.alloc(4);
const kSequence = Buffer.from([0xfd, 0xff, 0xff, 0xff]); // Replaceable, as most are.
const kSighashAll = Buffer.from([1]);

const hash = (name, ...parts) => createHash(name).update(Buffer.concat(parts)).digest();
const sha256 = (...parts) => hash("sha256", ...parts);
const sha256d = (...parts) => sha256(sha256(...parts));
const tag = (name) => Buffer.concat([sha256(Buffer.from(name)), sha256(Buffer.from(name))]);
const kTapSighash = tag("TapSighash");
const kChallenge = tag("BIP0340/challenge");

const to_number = (bytes) => BigInt(`0x${bytes.toString("hex")}`);
const to_bytes = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

function le32(value) {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function le64(value) {
  const out = Buffer.alloc(8);
  out.writeBigInt64LE(value);
  return out;
}

function compact(value) {
  if (value < 0xfd) return Buffer.from([value]);
  if (value <= 0xffff) return Buffer.from([0xfd, value & 0xff, value >> 8]);
  throw new Error(`more than a transaction here has: ${value}`);
}

const prefixed = (bytes) => Buffer.concat([compact(bytes.length), bytes]);

function inverse(value) {
  let out = 1n;
  for (let base = value, power = kOrder - 2n; power > 0n; power >>= 1n, base = (base * base) % kOrder) {
    if (power & 1n) out = (out * base) % kOrder;
  }
  return out;
}

/** A secret number and the x of its point, whose y is even. */
function even_key(seed) {
  const curve = createECDH("secp256k1");
  const secret = sha256(Buffer.from(seed));
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey(null, "compressed");
  return { secret: point[0] === 2 ? to_number(secret) : kOrder - to_number(secret), x: point.subarray(1) };
}

const kKey = even_key("a key of no worth");
const kNonce = even_key("a nonce for all");
const kNonceInverse = inverse(kNonce.secret);
const kNonceX = to_number(kNonce.x) % kOrder;
const kPublicKey = Buffer.concat([Buffer.from([2]), kKey.x]);

function der_integer(number) {
  const bytes = to_bytes(number);
  const short = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([2]), prefixed(short[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short)]);
}

function ecdsa(digest) {
  const s = (kNonceInverse * (to_number(digest) + kNonceX * kKey.secret)) % kOrder;
  const low = s > kOrder / 2n ? kOrder - s : s;
  return Buffer.concat([Buffer.from([0x30]), prefixed(Buffer.concat([der_integer(kNonceX), der_integer(low)]))]);
}

function schnorr(digest) {
  const challenge = to_number(sha256(kChallenge, kNonce.x, kKey.x, digest)) % kOrder;
  return Buffer.concat([kNonce.x, to_bytes((kNonce.secret + challenge * kKey.secret) % kOrder)]);
}

const p2wpkh = (program) => Buffer.concat([Buffer.from([0x00, 20]), program]);
const p2tr = (program) => Buffer.concat([Buffer.from([0x51, 32]), program]);
const is_taproot = (script) => script[0] === 0x51;

/** The scripts that sign() can spend: both usual forms of one key. */
export const kOwnScripts = [p2wpkh(hash("ripemd160", sha256(kPublicKey))), p2tr(kKey.x)];

/** Of somebody else, a different one each time: P2WPKH and P2TR in turn. */
export const foreign_script = (number) => (number % 2 === 0 ? p2wpkh(randomBytes(20)) : p2tr(randomBytes(32)));

/** What all inputs' digests have in common. */
function parts_of(coins, outputs) {
  return {
    outpoints: Buffer.concat(coins.map(({ txid, vout }) => Buffer.concat([txid, le32(vout)]))),
    amounts: Buffer.concat(coins.map(({ value }) => le64(value))),
    scripts: Buffer.concat(coins.map(({ script }) => prefixed(script))),
    sequences: Buffer.concat(coins.map(() => kSequence)),
    outputs: Buffer.concat(outputs.map(({ value, script }) => Buffer.concat([le64(value), prefixed(script)]))),
  };
}

/** BIP 143 */
function p2wpkh_witness({ txid, vout, value, script }, { outpoints, sequences, outputs }) {
  const script_code = Buffer.concat([Buffer.from([0x19, 0x76, 0xa9, 20]), script.subarray(2), Buffer.from([0x88, 0xac])]);
  const digest = sha256d(
    kVersion, sha256d(outpoints), sha256d(sequences), txid, le32(vout), script_code, le64(value), kSequence,
    sha256d(outputs), kLockTime, le32(1),
  );
  return [Buffer.concat([ecdsa(digest), kSighashAll]), kPublicKey];
}

/** BIP 341, by key, SIGHASH_DEFAULT. */
function p2tr_witness(index, { outpoints, amounts, scripts, sequences, outputs }) {
  const digest = sha256(
    kTapSighash, Buffer.alloc(2), kVersion, kLockTime, sha256(outpoints), sha256(amounts), sha256(scripts), sha256(sequences),
    sha256(outputs), Buffer.alloc(1), le32(index),
  );
  return [schnorr(digest)];
}

/**
 * A transaction that spends coins of kOwnScripts.
 * @param coins    [{txid: as it is hashed, vout, value, script}]
 * @param outputs  [{value, script}]
 * @returns {txid, raw}
 */
export function sign(coins, outputs) {
  const parts = parts_of(coins, outputs);
  const inputs = Buffer.concat(coins.map(({ txid, vout }) =>
    Buffer.concat([txid, le32(vout), Buffer.alloc(1), kSequence])));
  const body = Buffer.concat([compact(coins.length), inputs, compact(outputs.length), parts.outputs]);
  const witnesses = coins.map((coin, i) => (is_taproot(coin.script) ? p2tr_witness(i, parts) : p2wpkh_witness(coin, parts)));
  const witness = Buffer.concat(witnesses.flatMap((items) => [compact(items.length), ...items.map(prefixed)]));
  return {
    txid: sha256d(kVersion, body, kLockTime),
    raw: Buffer.concat([kVersion, Buffer.from([0, 1]), body, witness, kLockTime]),
  };
}
