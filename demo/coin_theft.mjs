// The thieves of coins, with nothing of Holdfast's code: @scure/btc-signer, stolen keys, and an address of their own.
import * as btc from "@scure/btc-signer";

const kReplaceable = 0xfffffffd; // BIP 125
const kGap = 20;
const kVsizeOfRest = 11 + 43; // Envelope and one output.
const kVsizeOfInput = 68; // p2wpkh

const to_hex = (bytes) => Buffer.from(bytes).toString("hex");
const to_bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

/** An address of the thief's. */
export function loot_address(coins, master) {
  return btc.p2wpkh(master.publicKey, coins.scure).address;
}

/** Everything at the first addresses of a key's two branches, as a wallet program finds it. */
async function find_coins(coins, account) {
  const keys = new Map();
  for (const branch of [0, 1]) {
    for (let index = 0; index < kGap; ++index) {
      const { privateKey, publicKey } = account.deriveChild(branch).deriveChild(index);
      keys.set(to_hex(btc.p2wpkh(publicKey, coins.scure).script), privateKey);
    }
  }
  const found = await coins.scan([...keys.keys()].map((script) => ({ desc: `raw(${script})` })));
  return found.coins.map((coin) => ({ ...coin, key: keys.get(coin.script) }));
}

/**
 * The whole key of a wallet, and all its coins in one transaction to the thief. When it is replaced he raises his fee, up to
 * `raises` times.
 */
export class Sweep {
  constructor({ coins, account, loot, feerate = 20, raises = 2, pause_ms = 700, told = () => {} }) {
    Object.assign(this, { coins, account, loot, feerate, raises, pause_ms, told });
    this.sent = []; // {txid, at, feerate}
  }

  #transaction(found, feerate) {
    const transaction = new btc.Transaction();
    let amount = -BigInt(Math.ceil(feerate * (kVsizeOfRest + kVsizeOfInput * found.length)));
    for (const coin of found) {
      const witnessUtxo = { script: to_bytes(coin.script), amount: coin.amount };
      transaction.addInput({ txid: coin.txid, index: coin.vout, witnessUtxo, sequence: kReplaceable });
      amount += coin.amount;
    }
    transaction.addOutputAddress(this.loot, amount, this.coins.scure);
    for (const [i, { key }] of found.entries()) transaction.signIdx(key, i);
    transaction.finalize();
    return transaction.hex;
  }

  async #send(found, feerate) {
    const raw = this.#transaction(found, feerate);
    const at = Date.now();
    const txid = await this.coins.node.send("sendrawtransaction", raw).catch(() => undefined); // Outbid, or too late.
    if (!txid) return;
    this.sent.push({ txid, at, feerate });
    this.told(this.sent.at(-1));
  }

  async run() {
    const found = await find_coins(this.coins, this.account);
    for (let raise = 0; raise <= this.raises; ++raise) {
      await this.#send(found, this.feerate * 3 ** raise);
      await new Promise((resolve) => setTimeout(resolve, this.pause_ms));
    }
    if (this.sent.length === 0) throw new Error("the node did not take the thief's transaction");
  }
}

/**
 * One signer's stolen seed against the quorum's wallet: the coin's script and keys as the node tells them, one true
 * signature, put in twice for good measure. Gives the transaction, for the node to judge.
 */
export function spend_with_one_seed({ coins, coin, master, loot, fee = 10_000n }) {
  const keys = [...coin.desc.matchAll(/\[([0-9a-f]{8})\/([^\]]+)\]([0-9a-f]{66})/g)];
  const fingerprint = master.fingerprint.toString(16).padStart(8, "0");
  const [, , path] = keys.find(([, of_whom]) => of_whom === fingerprint);
  const { privateKey } = master.derive(`m/${path.replaceAll("h", "'")}`);
  const quorum = btc.p2wsh(btc.p2ms(2, keys.map(([, , , key]) => to_bytes(key))), coins.scure);
  const transaction = new btc.Transaction();
  const witnessUtxo = { script: quorum.script, amount: coin.amount };
  transaction.addInput({ txid: coin.txid, index: coin.vout, witnessUtxo, witnessScript: quorum.witnessScript });
  transaction.addOutputAddress(loot, coin.amount - fee, coins.scure);
  transaction.signIdx(privateKey, 0);
  const [[, signature]] = transaction.getInput(0).partialSig;
  const finalScriptWitness = [new Uint8Array(), signature, signature, quorum.witnessScript];
  transaction.updateInput(0, { finalScriptWitness }, true);
  return transaction.hex;
}
