// What Holdfast signs: EIP-712 data and EIP-1559 transactions.
import * as ethers from "ethers";
import * as viem from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { plain, random_argument } from "./abi_cases.mjs";
import { Dice, agree, quantity, repeat, signature_of, test_key } from "./oracle.mjs";

const kTypes = {
  SafeTx: [
    ["address", "to"], ["uint256", "value"], ["bytes", "data"], ["uint8", "operation"],
    ["uint256", "safeTxGas"], ["uint256", "baseGas"], ["uint256", "gasPrice"],
    ["address", "gasToken"], ["address", "refundReceiver"], ["uint256", "nonce"],
  ],
  Evacuate: [["address[]", "assets"], ["uint256", "nonce"], ["uint256", "deadline"]],
  Freeze: [["uint256", "nonce"], ["uint256", "deadline"]],
};
const kUint64 = new Set(["SafeTx.nonce", "Freeze.nonce", "Freeze.deadline"]); // kept within 64 bits, as in our code

async function typed_case(primaryType, domain, message, privateKey) {
  const types = { [primaryType]: kTypes[primaryType].map(([type, name]) => ({ type, name })) };
  const by_ethers = ethers.TypedDataEncoder.hash(domain, types, message);
  const hash = agree(by_ethers, viem.hashTypedData({ domain, types, primaryType, message }), primaryType);
  return {
    chainId: quantity(domain.chainId),
    verifyingContract: domain.verifyingContract,
    ...Object.fromEntries(Object.entries(message).map(([name, value]) => [name, plain(value)])),
    domainSeparator: agree(ethers.TypedDataEncoder.hashDomain(domain), viem_domain(domain), "domain"),
    structHash: ethers.TypedDataEncoder.hashStruct(primaryType, types, message),
    hash,
    privateKey,
    signer: agree(ethers.computeAddress(privateKey), privateKeyToAccount(privateKey).address, "signer"),
    signature: await signature_of(hash, privateKey),
  };
}

function viem_domain(domain) {
  const kinds = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address" };
  const fields = Object.keys(kinds).filter((name) => domain[name] !== undefined);
  return viem.hashDomain({ domain, types: { EIP712Domain: fields.map((name) => ({ name, type: kinds[name] })) } });
}

export function typed_cases(primaryType, name, count) {
  const dice = new Dice(`eip712 ${primaryType}`);
  return Promise.all(repeat(count, (i) => {
    const chainId = dice.pick([1n, 56n, 137n, 8453n, 42161n, 11155111n, 31337n, 1n + dice.uint(4)]);
    const own = name === undefined ? {} : { name, version: "1" };
    const domain = { ...own, chainId, verifyingContract: dice.address() };
    const fields = kTypes[primaryType].map(([type, field]) => {
      const is_short = kUint64.has(`${primaryType}.${field}`);
      return [field, is_short ? dice.uint(8) : random_argument(dice, type)];
    });
    return typed_case(primaryType, domain, Object.fromEntries(fields), test_key(1 + (i % 5)));
  }));
}

const kKinds = { plain: 60, access_list: 12, creates_contract: 8 };

function random_fields(dice, kind) {
  const only_value = dice.below(3) === 0;
  const maxFeePerGas = dice.uint(6);
  const entry = () => ({ address: dice.address(), storageKeys: repeat(dice.below(3), () => dice.hex(32)) });
  return {
    chainId: Number(dice.pick([1n, 10n, 56n, 8453n, 31337n, 11155111n])),
    nonce: Number(dice.uint(4)),
    maxPriorityFeePerGas: dice.uint(6) % (maxFeePerGas + 1n),
    maxFeePerGas,
    gasLimit: 21_000n + (only_value ? 0n : dice.uint(3)),
    to: kind === "creates_contract" ? null : dice.address(),
    value: dice.uint(12),
    data: only_value ? "0x" : dice.hex(dice.pick([0, 1, 4, 68, 200, 600])),
    accessList: kind === "access_list" ? repeat(1 + dice.below(3), entry) : [],
  };
}

async function transaction_case(dice, kind, privateKey) {
  const fields = random_fields(dice, kind);
  const signed = ethers.Transaction.from({ type: 2, ...fields });
  signed.signature = new ethers.SigningKey(privateKey).sign(signed.unsignedHash);
  const { gasLimit: gas, ...rest } = fields;
  const for_viem = { type: "eip1559", gas, ...rest };
  const unsigned = agree(signed.unsignedSerialized, viem.serializeTransaction(for_viem), "unsigned transaction");
  const by_viem = await privateKeyToAccount(privateKey).signTransaction(for_viem);
  const raw = agree(signed.serialized, by_viem, "signed transaction");
  const numbers = Object.entries(fields).filter(([, value]) => /number|bigint/.test(typeof value));
  return {
    kind,
    ...fields,
    ...Object.fromEntries(numbers.map(([name, value]) => [name, quantity(value)])),
    privateKey,
    unsigned,
    sighash: agree(signed.unsignedHash, viem.keccak256(unsigned), "sighash"),
    yParity: quantity(signed.signature.yParity),
    r: signed.signature.r,
    s: signed.signature.s,
    signed: raw,
    hash: agree(signed.hash, viem.keccak256(raw), "transaction hash"),
    sender: agree(signed.from, await viem.recoverTransactionAddress({ serializedTransaction: raw }), "sender"),
  };
}

export async function transaction_cases() {
  const dice = new Dice("transaction");
  const cases = [];
  for (const [kind, count] of Object.entries(kKinds)) {
    for (let i = 0; i < count; ++i) cases.push(await transaction_case(dice, kind, test_key(1 + (i % 5))));
  }
  return cases;
}
