// Calldata of the functions Holdfast calls or reads, and calldata that a strict decoder refuses.
import assert from "node:assert/strict";
import * as ethers from "ethers";
import * as viem from "viem";
import { Dice, agree, quantity, repeat } from "./oracle.mjs";

const kFunctions = [
  "function transfer(address to, uint256 value)",
  "function balanceOf(address holder)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, " +
    "uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
  "function evacuateWithSignature(address[] assets, uint256 nonce, uint256 deadline, bytes signature)",
  "function evacuate(address[] assets)",
  "function freezeWithSignature(uint256 nonce, uint256 deadline, bytes signature)",
  "function approveOnce(bytes32 safeTxHash)",
  "function flush(bytes32[] salts, address[] tokens)",
  "function addressOf(bytes32 salt)",
];
const kInterface = new ethers.Interface(kFunctions);
const kViemAbi = viem.parseAbi(kFunctions);

export function random_argument(dice, type) {
  if (type.endsWith("[]")) return repeat(dice.pick([0, 1, 2, 3, 10]), () => random_argument(dice, type.slice(0, -2)));
  if (type === "address") return dice.below(8) === 0 ? ethers.ZeroAddress : dice.address();
  if (type === "bytes32") return dice.hex(32);
  if (type === "bytes") return dice.hex(dice.pick([0, 1, 31, 32, 33, 65, 68, 130]));
  if (type === "uint8") return BigInt(dice.below(2));
  assert.equal(type, "uint256");
  return dice.uint(32);
}

export const plain = (argument) => (typeof argument === "bigint" ? quantity(argument) : argument);

function abi_case(fragment, args) {
  const functionName = fragment.name;
  const by_ethers = kInterface.encodeFunctionData(functionName, args);
  const calldata = agree(by_ethers, viem.encodeFunctionData({ abi: kViemAbi, functionName, args }), functionName);
  const named = Object.fromEntries(fragment.inputs.map((input, i) => [input.name, plain(args[i])]));
  return { function: fragment.format("sighash"), selector: fragment.selector, arguments: named, calldata };
}

export function abi_cases() {
  const dice = new Dice("abi");
  return kFunctions.flatMap((text) => {
    const fragment = kInterface.getFunction(text.match(/ (\w+)\(/)[1]);
    return repeat(12, () => abi_case(fragment, fragment.inputs.map((input) => random_argument(dice, input.type))));
  });
}

/** calldata with the 32-byte word `index` (after the selector) replaced. */
function with_word(calldata, index, value) {
  const start = 10 + 64 * index;
  return calldata.slice(0, start) + BigInt(value).toString(16).padStart(64, "0") + calldata.slice(start + 64);
}

function is_canonical_call(name, calldata) {
  try {
    return kInterface.encodeFunctionData(name, kInterface.decodeFunctionData(name, calldata)) === calldata;
  } catch {
    return false;
  }
}

function broken_transfers(dice) {
  const good = kInterface.encodeFunctionData("transfer", [dice.address(), 5n]);
  const dirty = (i) => good.slice(0, 10 + 2 * i) + "01" + good.slice(12 + 2 * i);
  return [
    ["0x", "nothing"],
    [good.slice(0, 10), "selector alone"],
    [good.slice(0, -2), "one byte short"],
    [`${good}00`, "one byte long"],
    [good.slice(0, 74), "one argument missing"],
    [`${good}${"00".repeat(32)}`, "one word long"],
    [`0xa9059cbc${good.slice(10)}`, "another selector"],
    ...[0, 5, 11].map((i) => [dirty(i), "address with dirty upper bytes"]),
  ].map(([calldata, why]) => ["transfer", calldata, why]);
}

function broken_flushes(dice) {
  const good = kInterface.encodeFunctionData("flush", [[dice.hex(32), dice.hex(32)], [dice.address()]]);
  return [
    [`${good}00`, "bytes after the last element"],
    [`${good}${"00".repeat(32)}`, "a word after the last element"],
    [good.slice(0, -64), "array cut short"],
    [with_word(good, 0, 0x60), "first offset wrong"],
    [with_word(good, 0, 0), "offset into the head"],
    [with_word(good, 1, 0x40), "both arrays at one place"],
    [with_word(good, 1, 1n << 255n), "offset beyond the data"],
    [with_word(good, 1, (1n << 256n) - 32n), "offset that overflows"],
    [with_word(good, 2, 1), "array shorter than its place"],
    [with_word(good, 2, (1n << 64n) - 1n), "array longer than the data"],
    [with_word(good, 2, 1n << 251n), "array length that overflows when multiplied by 32"],
    [with_word(good, 6, BigInt(dice.hex(32)) | (1n << 255n)), "address with dirty upper bytes"],
  ].map(([calldata, why]) => ["flush", calldata, why]);
}

function broken_evacuations(dice) {
  const args = [[dice.address(), dice.address()], 1n, 2n, dice.hex(65)];
  const good = kInterface.encodeFunctionData("evacuateWithSignature", args);
  const last = good.length;
  return [
    [`${good.slice(0, last - 2)}01`, "padding of the signature not zero"],
    [good.slice(0, last - 62), "padding of the signature missing"],
    [with_word(good, 7, 97), "signature longer by a word than the data"],
    [with_word(good, 7, 1n << 255n), "signature longer than the data"],
    [with_word(good, 3, 0x80), "signature at the place of the assets"],
    [with_word(good, 0, 0x81), "offset not at a word"],
    [with_word(good, 4, 3), "one asset more than there is"],
    [with_word(good, 5, 1n << 160n), "address with dirty upper bytes"],
  ].map(([calldata, why]) => ["evacuateWithSignature", calldata, why]);
}

export function abi_invalid_cases() {
  const dice = new Dice("abi invalid");
  const cases = [...broken_transfers(dice), ...broken_flushes(dice), ...broken_evacuations(dice)];
  return cases.map(([name, calldata, why]) => {
    assert.ok(!is_canonical_call(name, calldata), `canonical after all: ${name}, ${why}`);
    return { function: kInterface.getFunction(name).format("sighash"), calldata, why };
  });
}
