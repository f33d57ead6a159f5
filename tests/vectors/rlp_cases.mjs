// RLP values with their only encoding, and bytes that encode nothing.
import assert from "node:assert/strict";
import * as ethers from "ethers";
import * as viem from "viem";
import { Dice, agree, repeat } from "./oracle.mjs";

function random_rlp(dice, depth) {
  if (depth > 0 && dice.below(2) === 0) return repeat(dice.below(5), () => random_rlp(dice, depth - 1));
  return dice.hex(dice.pick([0, 1, 1, 2, 20, 32, 54, 55, 56, 57, 70]));
}

export function rlp_cases() {
  const dice = new Dice("rlp");
  let tower = [];
  for (let i = 0; i < 12; ++i) tower = [tower];
  const values = [
    "0x", "0x00", "0x01", "0x7f", "0x80", "0xff", "0x0400", "0x646f67", [], [[]], [[], [[]], [[], [[]]]], tower,
    ["0x636174", "0x646f67"], ["0x"], ["0x00"], [[[[["0x"]]]]],
    ...[54, 55, 56, 255, 256, 257, 65536].map((length) => dice.hex(length)),
    ...[54, 55, 56, 255, 256, 257].map((length) => repeat(length, () => "0x05")),
    ...repeat(40, () => random_rlp(dice, 4)),
  ];
  return values.map((value) => {
    const encoded = agree(ethers.encodeRlp(value), viem.toRlp(value), "rlp");
    assert.deepEqual(ethers.decodeRlp(encoded), value);
    assert.deepEqual(viem.fromRlp(encoded), value);
    return { value, encoded };
  });
}

/** Not RLP: a decoder either refuses it or decodes what encodes otherwise. */
function is_canonical_rlp(encoded) {
  try {
    return ethers.encodeRlp(ethers.decodeRlp(encoded)) === encoded;
  } catch {
    return false;
  }
}

export function rlp_invalid_cases() {
  const groups = {
    "nothing": ["0x"],
    "single byte below 0x80 with a length": ["0x8100", "0x8101", "0x817f", "0xc28100"],
    "string cut short": ["0x81", "0x8261", "0xa0", `0xb7${"aa".repeat(54)}`, `0xb838${"aa".repeat(55)}`],
    "length cut short": ["0xb8", "0xb9", "0xb900", "0xbf", "0xf8", "0xf9ff", "0xff"],
    "long form for a short string": ["0xb800", "0xb801ff", `0xb837${"aa".repeat(55)}`],
    "long form for a short list": ["0xf800", "0xf80105", `0xf837${"05".repeat(55)}`],
    "length with a leading zero": [
      `0xb90038${"aa".repeat(56)}`, `0xb900ff${"aa".repeat(255)}`, `0xf90038${"05".repeat(56)}`,
    ],
    "list cut short": ["0xc1", "0xc2c0", `0xf838${"05".repeat(55)}`],
    "element runs out of its list": ["0xc181", "0xc28261", "0xc3c28105", "0xc1c1c0"],
    "bytes after the item": ["0x0000", "0x8000", "0xc000", "0xc0c0", "0x820400ff"],
    "length far beyond the input": ["0xbbffffffff", "0xfbffffffff"],
    "length near 2^63": ["0xbf7fffffffffffffff00", "0xff7fffffffffffffff00", "0xbf8000000000000000"],
    "length near 2^64": ["0xbfffffffffffffffff", "0xffffffffffffffffff"],
    "length that overflows when added to its place": ["0xbffffffffffffffff8", "0xfffffffffffffffff8"],
  };
  const cases = Object.entries(groups).flatMap(([why, encodings]) => encodings.map((encoded) => [encoded, why]));
  return cases.map(([encoded, why]) => {
    assert.ok(!is_canonical_rlp(encoded), encoded);
    return { encoded, why };
  });
}
