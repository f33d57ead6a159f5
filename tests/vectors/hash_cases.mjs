// Keccak-256 and what is made of it: checksummed addresses and CREATE2 addresses.
import assert from "node:assert/strict";
import * as ethers from "ethers";
import * as viem from "viem";
import { Dice, agree, repeat } from "./oracle.mjs";

export function keccak_cases() {
  const dice = new Dice("keccak");
  const lengths = [0, 1, 2, 31, 32, 33, 64, 134, 135, 136, 137, 200, 271, 272, 273, 408, 1000, 1088, 4096, 20000];
  const texts = ["abc", "transfer(address,uint256)", "Flushed(address,address,uint256)"];
  const inputs = [
    ...lengths.map((length) => dice.hex(length)),
    ...texts.map((text) => ethers.hexlify(ethers.toUtf8Bytes(text))),
    `0x${"00".repeat(136)}`,
    `0x${"ff".repeat(135)}`,
    ...repeat(20, () => dice.hex(dice.below(300))),
  ];
  return inputs.map((input) => ({ input, hash: agree(ethers.keccak256(input), viem.keccak256(input), "keccak") }));
}

/** The checksummed text with the case of one letter turned. */
function with_wrong_case(text, dice) {
  const letters = [...text].flatMap((c, i) => (i > 1 && /[a-fA-F]/.test(c) ? [i] : []));
  const i = dice.pick(letters);
  const turned = text[i] === text[i].toLowerCase() ? text[i].toUpperCase() : text[i].toLowerCase();
  return text.slice(0, i) + turned + text.slice(i + 1);
}

function address_case(text, kind) {
  if (kind === "malformed") {
    assert.ok(!viem.isAddress(text, { strict: false }), text);
    return { text, kind };
  }
  const address = text.toLowerCase();
  const checksummed = agree(ethers.getAddress(address), viem.getAddress(address), "checksum");
  if (kind !== "no_checksum") assert.equal(viem.isAddress(text), kind === "checksummed");
  assert.equal(ethers.isAddress(text), kind !== "wrong_checksum");
  return { text, kind, address, checksummed };
}

export function address_cases() {
  const dice = new Dice("address");
  const eip_55 = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
  ];
  const plain = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  const malformed = [
    "", "0x", plain.slice(2), plain.slice(0, -1), `${plain}0`, `${plain.slice(0, -1)}g`, `0X${plain.slice(2)}`,
    ` ${plain}`, `${plain} `, `${plain}\n`, `0x0x${plain.slice(4)}`, `${plain.slice(0, -2)}é`, `-${plain.slice(1)}`,
  ];
  const random = repeat(30, () => dice.address());
  return [
    ...[...eip_55, ...random].map((text) => address_case(text, "checksummed")),
    ...random.slice(0, 8).map((text) => address_case(text.toLowerCase(), "no_checksum")),
    ...random.slice(8, 16).map((text) => address_case(`0x${text.slice(2).toUpperCase()}`, "no_checksum")),
    ...random.map((text) => address_case(with_wrong_case(text, dice), "wrong_checksum")),
    ...malformed.map((text) => address_case(text, "malformed")),
  ];
}

export function forwarder_cases() {
  const dice = new Dice("forwarder");
  const salts = [ethers.ZeroHash, `0x${"ff".repeat(32)}`, ethers.zeroPadValue("0x01", 32)];
  return repeat(60, (i) => {
    const [factory, implementation, salt] = [dice.address(), dice.address(), salts[i] ?? dice.hex(32)];
    const initCode = ethers.concat(
      ["0x3d602d80600a3d3981f3363d3d373d3d3d363d73", implementation, "0x5af43d82803e903d91602b57fd5bf3"]);
    const initCodeHash = agree(ethers.keccak256(initCode), viem.keccak256(initCode), "init code");
    const address = agree(
      ethers.getCreate2Address(factory, salt, initCodeHash),
      viem.getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode: initCode }), "forwarder");
    return { factory, implementation, salt, initCode, initCodeHash, address };
  });
}
