// Whoever owns holdfastd has its journal's key, its certificate and all that it knows. Real signers on a real chain: each fraud is
// refused, with a code of its own, and nothing of the exchange's money moves.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSync, sign as sign_bytes } from "node:crypto";
import { test } from "node:test";
import { Interface, Transaction, Wallet, ZeroAddress, keccak256, parseUnits, toUtf8Bytes, zeroPadValue } from "ethers";
import { forwarder_address } from "../../tools/deploy.mjs";
import { deploy_token, rich_account, start_chain } from "../../demo/harness/chain.mjs";
import { balance_of } from "../../demo/harness/checks.mjs";
import { Installation, kChain, kSigners } from "../../demo/harness/installation.mjs";
import { Processes, until } from "../../demo/harness/processes.mjs";
import { HostileDaemon, b64, b64_amount } from "./hostile_daemon.mjs";

const kAssets = [
  { symbol: "ETH", decimals: 18, price_usd: "1600", auto_approve_max: "5", withdrawal_max: "100", withdrawal_fee: "0", per_day: "150" },
  { symbol: "USD", decimals: 6, price_usd: "1", auto_approve_max: "1000", withdrawal_max: "100000", per_day: "200000", withdrawal_fee: "0" },
];
const kEther = 1, kUsd = 2; // Assets in the journal.
const kAlice = 1, kMallory = 2, kCarol = 3; // Customers.

const safe_calls = new Interface([
  "function execTransaction(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice," +
    "address gasToken,address refundReceiver,bytes signatures)",
  "function swapOwner(address previous,address old,address fresh)", "function addOwnerWithThreshold(address owner,uint256 threshold)",
  "function changeThreshold(uint256 threshold)", "function setGuard(address guard)", "function enableModule(address module)",
  "function disableModule(address previous,address module)", "function setFallbackHandler(address handler)",
]);
const token_calls = new Interface([
  "function transfer(address to,uint256 amount)", "function approve(address spender,uint256 amount)",
  "function transferFrom(address from,address to,uint256 amount)",
  "function permit(address owner,address spender,uint256 value,uint256 deadline,uint8 v,bytes32 r,bytes32 s)",
]);
const guard_calls = new Interface(["function setDailyLimit(address token,uint256 limit)", "function thaw()"]);

/** keccak256("holdfast deposit" || customer || number), both 8 bytes. */
function salt_of(customer, number) {
  const eight = (n) => Buffer.from(n.toString(16).padStart(16, "0"), "hex");
  return keccak256(Buffer.concat([Buffer.from(toUtf8Bytes("holdfast deposit")), eight(customer), eight(number)]));
}

/** The intruder's pen: what stands in the journal, and what signers are asked. */
class Intruder {
  constructor(stage) {
    Object.assign(this, stage);
    this.withdrawals = 0;
    this.deposits = 0;
    this.nonce = 0n; // Of the Safe, as it is given out here.
    const { safe, factory } = this.installation.deployment;
    this.safe = safe;
    this.factory = factory;
    this.gas = this.installation.signers[0].gas;
    this.thief = Wallet.createRandom().address;
  }

  contract(asset) {
    return asset === kUsd ? this.usd.target : undefined;
  }

  async tell_installation() {
    await this.daemon.tell(
      { chain_registered: { chain: { id: 1, caip2: kChain } } },
      { asset_registered: { asset: { id: kEther, chain: 1, symbol: "ETH", decimals: 18 } } },
      { asset_registered: { asset: { id: kUsd, chain: 1, symbol: "USD", decimals: 6, contract: b64(this.usd.target) } } },
      { customer_created: { customer: { id: kAlice, reference: "alice" } } },
      { customer_created: { customer: { id: kMallory, reference: "mallory" } } },
      { customer_created: { customer: { id: kCarol, reference: "carol" } } },
      ...[kAlice, kMallory, kCarol].map((one) => this.address_assigned(one, this.deposit_address(one), salt_of(one, 1))),
    );
  }

  deposit_address(customer) {
    return forwarder_address(this.installation.deployment, salt_of(customer, 1));
  }
  address_assigned(customer, address, salt) {
    return { deposit_address_assigned: { address: { customer, chain: 1, address: b64(address), salt: b64(salt) } } };
  }

  /** A real payment to a customer's deposit address, final on the chain; gives what the journal honestly says of it. */
  async pay(customer, asset, amount) {
    const to = this.deposit_address(customer);
    const sent = await (asset === kEther ? this.faucet.sendTransaction({ to, value: amount }) : this.usd.transfer(to, amount));
    const receipt = await sent.wait();
    const block = await this.chain.provider.getBlock(receipt.blockNumber);
    const position = asset === kEther ? block.transactions.indexOf(receipt.hash) : receipt.logs[0].index;
    await until("the payment final", async () => (await this.chain.provider.getBlock("finalized")).number >= receipt.blockNumber);
    return { customer, asset, amount, address: to, txid: receipt.hash, position, height: receipt.blockNumber };
  }

  /** The journal credits it, true or not. */
  async credit({ customer, asset, amount, address, txid, position, height }) {
    const id = ++this.deposits;
    const deposit = { id, customer, asset, amount: b64_amount(amount), address: b64(address), txid: b64(txid), position, height };
    await this.daemon.tell({ deposit_seen: { deposit } }, { deposit_credited: { deposit: id } });
    return id;
  }

  /** Asked for and approved, as the journal tells it. */
  async withdrawal({ customer = kAlice, asset = kEther, amount = parseUnits("1", 18), to = Wallet.createRandom().address, request, more = {},
    decisions = [], approved = true }) {
    const id = ++this.withdrawals;
    const nonce = request ?? `${id.toString(16).padStart(32, "0")}`;
    const expires = Date.now() + 20 * 60_000;
    const events = [{ withdrawal_requested: {
      withdrawal: id, request: b64(nonce), customer, asset, amount: b64_amount(amount), destination: b64(to), ...more,
    } }];
    events.push(...decisions.map((decision) => ({ decision_signed: decision({ id, nonce, amount, to }) })));
    if (approved) events.push({ withdrawal_approved: { withdrawal: id, expires_at_ms: String(expires) } });
    await this.daemon.tell(...events);
    return { id, asset, amount, to, expires };
  }

  /** What a Safe's owners sign. */
  safe_call(to, value = 0n, data = "0x", more = {}) {
    const no_refund = { base_gas: 0n, gas_price: 0n, gas_token: ZeroAddress, refund: ZeroAddress };
    const call = { operation: 0, safe_tx_gas: 100_000n, ...no_refund, ...more };
    const { operation, safe_tx_gas, base_gas, gas_price, gas_token, refund } = call;
    const args = [to, value, data, operation, safe_tx_gas, base_gas, gas_price, gas_token, refund, "0x"];
    const data_of_call = safe_calls.encodeFunctionData("execTransaction", args);
    return this.outer({ to: this.safe, data: data_of_call, ...more.outer });
  }
  outer(fields) {
    const usual = {
      type: 2, chainId: 31337, nonce: 0, gasLimit: 400_000n, value: 0n,
      maxFeePerGas: parseUnits("50", 9), maxPriorityFeePerGas: parseUnits("1", 9),
    };
    return Transaction.from({ ...usual, ...fields }).unsignedSerialized;
  }
  transfer(asset, to, amount) {
    if (asset === kEther) return this.safe_call(to, amount);
    return this.safe_call(this.contract(asset), 0n, token_calls.encodeFunctionData("transfer", [to, amount]));
  }

  request(withdrawal, transaction, more = {}) {
    const { id, asset, amount, to, expires } = withdrawal;
    const stated = { id, amount: amount.toString(), destination: b64(to), approval_expires_ms: String(expires) };
    if (asset !== kEther) stated.asset_contract = b64(this.contract(asset));
    return {
      spend: 1, kind: "AUTHORISE", purpose: "WITHDRAWAL", chain: kChain, unsigned_transaction: b64(transaction),
      safe_nonce: String(this.nonce++), withdrawal: stated, ...more,
    };
  }

  /** The signer raises this alarm; others may come before it. */
  async alarmed(signer, code) {
    for (;;) {
      const { message, silent } = await this.daemon.do("await", { signer, kind: "alarm" });
      assert.ok(!silent, `${signer} raises no alarm ${code}`);
      if (message.alarm.code === code) return;
    }
  }

  async refused(signer, request, code) {
    const answer = await this.daemon.ask(signer, request);
    assert.equal(answer.refusal, code, answer.text);
    assert.equal(answer.signature, undefined);
    this.frauds.add(code);
  }
}

/** The journal's word for a customer's deposit reaches a signer at once; what its own node says, a moment later. */
async function signed_in_time(intruder, signer, request) {
  let answer;
  await until("a signature", async () => {
    answer = await intruder.daemon.ask(signer, request);
    return !["balance_unproven", "journal_behind", "head_stale", "watch_silent"].includes(answer.refusal);
  }, 30, 200);
  assert.equal(answer.refusal, "", answer.text);
}

/** The installation, its customers, and two honest withdrawals; what follows is refused for its own sake. */
async function prepare(stage) {
  const intruder = new Intruder(stage);
  const one = "signer-1";
  await intruder.tell_installation();
  await intruder.credit(await intruder.pay(kAlice, kEther, parseUnits("200", 18)));
  await intruder.credit(await intruder.pay(kAlice, kUsd, parseUnits("5000", 6)));
  await intruder.credit(await intruder.pay(kCarol, kEther, parseUnits("500", 18)));

  // An honest withdrawal is signed: whatever is refused below is refused for its own sake.
  const honest = await intruder.withdrawal({});
  const honest_request = intruder.request(honest, intruder.transfer(kEther, honest.to, honest.amount));
  await signed_in_time(intruder, one, honest_request);
  const honest_usd = await intruder.withdrawal({ asset: kUsd, amount: parseUnits("10", 6) });
  await signed_in_time(intruder, one, intruder.request(honest_usd, intruder.transfer(kUsd, honest_usd.to, honest_usd.amount)));

  const fraud = async (what, code, make) => {
    try {
      await intruder.refused(one, await make(), code);
    } catch (error) {
      error.message = `${what}: ${error.message}`;
      throw error;
    }
  };
  const of = async (options, transaction, more) => {
    const withdrawal = await intruder.withdrawal(options);
    return intruder.request(withdrawal, transaction(withdrawal), more);
  };
  const pays = ({ asset, to, amount }) => intruder.transfer(asset, to, amount);

  return { ...stage, intruder, fraud, of, pays, honest, honest_request };
}

/** Whatever the transaction does but what it is said to do. */
async function play_bytes({ intruder, fraud, of, pays, installation, usd }) {
  const { safe, thief } = intruder;
  const { module, guard, cold } = installation.deployment;
  await fraud("wrong recipient", "recipient_differs", () => of({}, ({ asset, amount }) => intruder.transfer(asset, thief, amount)));
  await fraud("wrong token", "asset_differs", () => of({ asset: kUsd, amount: 10n }, ({ to, amount }) => intruder.transfer(kEther, to, amount)));
  await fraud("swapped decimals", "amount_differs", () => of({ asset: kUsd, amount: parseUnits("10", 6) },
    ({ asset, to }) => intruder.transfer(asset, to, parseUnits("10", 18))));
  await fraud("delegatecall", "delegatecall", () => of({}, ({ to, amount }) => intruder.safe_call(to, amount, "0x", { operation: 1 })));
  await fraud("gas refund", "refund_set", () => of({}, ({ to, amount }) => intruder.safe_call(to, amount, "0x", { gas_price: 1n, refund: thief })));
  const to_safe = (name, args) => () => of({}, () => intruder.safe_call(safe, 0n, safe_calls.encodeFunctionData(name, args)));
  const [first, second] = installation.signers.map(({ owner }) => owner);
  await fraud("owner swap", "call_unknown", to_safe("swapOwner", [first, second, thief]));
  await fraud("owner added", "call_unknown", to_safe("addOwnerWithThreshold", [thief, 1]));
  await fraud("threshold of one", "call_unknown", to_safe("changeThreshold", [1]));
  await fraud("guard removal", "call_unknown", to_safe("setGuard", [ZeroAddress]));
  await fraud("module enable", "call_unknown", to_safe("enableModule", [thief]));
  await fraud("module disable", "call_unknown", to_safe("disableModule", [thief, module]));
  await fraud("fallback handler", "call_unknown", to_safe("setFallbackHandler", [thief]));
  const to_token = (name, args) => () => of({}, () => intruder.safe_call(usd.target, 0n, token_calls.encodeFunctionData(name, args)));
  await fraud("unlimited approve", "call_unknown", to_token("approve", [thief, 2n ** 256n - 1n]));
  await fraud("transferFrom", "call_unknown", to_token("transferFrom", [safe, thief, 1n]));
  await fraud("permit", "call_unknown", to_token("permit", [safe, thief, 1n, 2n ** 64n, 27, zeroPadValue("0x01", 32), zeroPadValue("0x01", 32)]));
  const loosened = guard_calls.encodeFunctionData("setDailyLimit", [ZeroAddress, 1n]);
  await fraud("the guard's limits", "call_unknown", () => of({}, () => intruder.safe_call(guard, 0n, loosened)));
  await fraud("a contract nobody named", "target_unknown", () => of({}, ({ to, amount }) => intruder.outer({ to: thief, value: amount, data: "0x" })));
  const with_outer = (outer) => () => of({}, ({ to, amount }) => intruder.safe_call(to, amount, "0x", { outer }));
  await fraud("another chain", "chain_id_differs", with_outer({ chainId: 1 }));
  await fraud("contract creation", "contract_creation", () => of({}, () => intruder.outer({ to: null, data: "0x00" })));
  await fraud("access list", "access_list_present", with_outer({ accessList: [{ address: thief, storageKeys: [] }] }));
  await fraud("gas limit", "gas_too_high", with_outer({ gasLimit: 2n ** 40n }));
  await fraud("fee", "fee_too_high", with_outer({ maxFeePerGas: parseUnits("1", 18) }));
  await fraud("no transaction at all", "transaction_malformed", () => of({}, () => "0x02c0"));
  await fraud("a burn that pays", "burn_moves_money", () => of({}, pays, { purpose: "BURN" }));
  await fraud("a sweep that pays", "effect_differs", () => of({}, pays, { purpose: "SWEEP" }));
  const old = installation.old_wallets[0];
  await fraud("evacuation to another address", "evacuation_elsewhere", async () => ({
    spend: 1, kind: "TRANSACTION", purpose: "EVACUATION", chain: kChain, account: b64(old.address),
    unsigned_transaction: b64(intruder.outer({ to: thief, value: 1n, gasLimit: 21_000n })),
  }));
  await fraud("to the cold address as a withdrawal", "destination_forbidden", () => of({ to: cold }, pays));
  await fraud("a quorum that is none", "quorum_missing", async () => {
    const request = await of({}, pays);
    return { ...request, kind: "TRANSACTION", account: b64(intruder.gas) };
  });
}

async function play_memory({ intruder, fraud, of, pays, honest, honest_request }) {
  await fraud("one withdrawal at two nonces", "withdrawal_bound_elsewhere", async () =>
    intruder.request(honest, intruder.transfer(kEther, honest.to, honest.amount)));
  await fraud("two withdrawals at one nonce", "nonce_taken", () => of({}, pays, { safe_nonce: honest_request.safe_nonce }));
  await fraud("one withdrawal with other terms", "withdrawal_changed", async () => {
    const other = { ...honest, amount: honest.amount + 1n };
    return intruder.request(other, intruder.transfer(kEther, other.to, other.amount), { safe_nonce: honest_request.safe_nonce });
  });
  await fraud("a nonce far ahead", "nonce_too_far", () => of({}, pays, { safe_nonce: "1000000" }));
}

/** Limits, and who says so. */
async function play_authority({ intruder, fraud, of, pays }) {
  const { daemon, thief } = intruder;
  await fraud("more than one withdrawal may be", "over_withdrawal_limit", () => of({ customer: kCarol, amount: parseUnits("101", 18) }, pays));
  await fraud("an approval that has expired", "approval_expired", async () => {
    const withdrawal = await intruder.withdrawal({});
    return intruder.request({ ...withdrawal, expires: Date.now() - 1 }, pays(withdrawal));
  });
  await fraud("an approval for ever", "approval_too_long", async () => {
    const withdrawal = await intruder.withdrawal({});
    return intruder.request({ ...withdrawal, expires: Date.now() + 365 * 86_400_000 }, pays(withdrawal));
  });

  await fraud("a withdrawal that nobody asked for", "withdrawal_unknown", async () => {
    const made_up = { id: intruder.withdrawals + 1, asset: kEther, amount: 1n, to: thief, expires: Date.now() + 60_000 };
    return intruder.request(made_up, pays(made_up));
  });
  await fraud("another recipient than was asked for", "withdrawal_unlike", async () => {
    const withdrawal = { ...(await intruder.withdrawal({})), to: thief };
    return intruder.request(withdrawal, pays(withdrawal));
  });
  await fraud("a withdrawal that nobody approved", "withdrawal_unapproved", () => of({ approved: false }, pays));
  await fraud("a withdrawal that was returned", "withdrawal_ended", async () => {
    const withdrawal = await intruder.withdrawal({});
    await daemon.tell({ withdrawal_returned: { withdrawal: withdrawal.id, reason: 1 } });
    return intruder.request(withdrawal, pays(withdrawal));
  });
  await fraud("a request that is played again", "withdrawal_repeated", () => of({ request: "1".padStart(32, "0") }, pays));
}

/** Deposits that never were; each only makes its own customer's withdrawals wait for ever. */
async function play_deposits({ intruder, fraud, of, pays }) {
  const claim = { customer: kMallory, asset: kEther, amount: parseUnits("20", 18), position: 0, height: 1, txid: keccak256("0x01") };
  const mallory = { customer: kMallory, amount: parseUnits("10", 18), to: intruder.thief };
  await intruder.credit({ ...claim, address: intruder.deposit_address(kMallory) });
  await fraud("a forged deposit", "balance_unproven", () => of(mallory, pays));
  await intruder.alarmed("signer-1", "deposit_false");

  // A true payment to somebody else, claimed for mallory: by an address that is given out twice, and by one of no forwarder.
  const paid = await intruder.pay(kCarol, kEther, parseUnits("30", 18));
  await intruder.daemon.tell(intruder.address_assigned(kMallory, intruder.deposit_address(kCarol), salt_of(kMallory, 2)));
  await intruder.credit({ ...paid, customer: kMallory });
  await fraud("another customer's deposit", "balance_unproven", () => of(mallory, pays));
  await intruder.alarmed("signer-1", "deposit_foreign");

  // One that was there, and is reorganised away before it is final.
  const { chain, faucet } = intruder;
  const to = intruder.deposit_address(kMallory);
  const snapshot = await chain.send("evm_snapshot");
  const gone = await (await faucet.sendTransaction({ to, value: parseUnits("40", 18) })).wait();
  await chain.send("evm_revert", snapshot);
  faucet.reset();
  await chain.mine(8);
  await intruder.credit({ ...claim, amount: parseUnits("40", 18), address: to, txid: gone.hash, height: gone.blockNumber });
  await fraud("a reorged deposit", "balance_unproven", () => of(mallory, pays));

  // The same true payment, twice.
  const once = await intruder.pay(kMallory, kEther, parseUnits("1", 18));
  await intruder.credit(once);
  await intruder.credit(once);
  await fraud("one deposit counted twice", "balance_unproven", () => of(mallory, pays));
}

/** Carol has a key of her own; whoever owns holdfastd has not. */
async function play_customers({ intruder, fraud, of, pays }) {
  const keys = () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    return { raw, sign: (text) => sign_bytes(null, Buffer.from(text), privateKey) };
  };
  const carol = keys(), intruders = keys();
  const enrolled = (id, key) => ({
    customer_key_enrolled: { key: { id, customer: kCarol, kind: 1, key: key.raw.toString("base64"), name: `key ${id}` } },
  });
  const proof = (key, text) => Buffer.concat([Buffer.from([1]), key.sign(text)]).toString("base64");
  await intruder.daemon.tell(enrolled(1, carol));
  await fraud("for an enrolled customer without her word", "authorisation_missing", () => of({ customer: kCarol }, pays));

  const expires = Math.floor(Date.now() / 1000) * 1000 + 600_000;
  const intent = ({ nonce, amount, to }) => [
    "Holdfast withdrawal v1", "exchange: holdfast.demo/journal", "customer: carol", `request: ${nonce}`, `asset: ${kChain}/slip44:60`,
    `amount: ${amount}`, `destination: ${to}`, `expires: ${new Date(expires).toISOString().replace(".000", "")}`, "",
  ].join("\n");
  const with_word = (key, id, spoil = (text) => text) => {
    const nonce = `${(intruder.withdrawals + 1).toString(16).padStart(32, "0")}`;
    const terms = { nonce, amount: parseUnits("2", 18), to: Wallet.createRandom().address };
    const more = { authorisation: proof(key, spoil(intent(terms))), authorised_key: id, intent_expires_ms: String(expires) };
    return of({ customer: kCarol, amount: terms.amount, to: terms.to, more }, pays);
  };
  await fraud("a forged word", "authorisation_invalid", () => with_word(intruders, 1));
  await fraud("her word for another amount", "authorisation_invalid", () => with_word(carol, 1, (text) => text.replace("amount: 2", "amount: 1")));
  await intruder.daemon.tell(enrolled(2, intruders));
  await fraud("a key that the intruder enrols", "customer_key_not_in_force", () => with_word(intruders, 2));
  assert.equal((await intruder.daemon.ask("signer-1", await with_word(carol, 1))).refusal, "");
  await fraud("more than customers without a key may have", "over_customer_limit", async () => {
    const alice = { customer: kAlice, amount: parseUnits("48", 18) };
    return of(alice, pays);
  });
}

/** Whoever hides the journal from a signer, or shows it another. */
async function play_journal({ intruder, fraud, of, pays, installation }) {
  const { daemon } = intruder;
  await daemon.do("mute", { muted: true });
  const late = await of({}, pays);
  await until("the head stale", async () => (await daemon.ask("signer-1", late)).refusal === "head_stale", 20, 500);
  await fraud("a stale head", "head_stale", async () => late);
  await daemon.do("mute", { muted: false });
  await until("the head fresh", async () => (await daemon.ask("signer-1", late)).refusal === "", 20, 500);

  await fraud("a question about records that it does not show", "journal_behind", () => of({}, pays, { journal_size: "1000000" }));
  const { heads } = await daemon.do("heads");
  await daemon.do("send", { signer: "signer-2", message: { head: { checkpoint: heads[0] } } });
  await intruder.alarmed("signer-2", "journal_rolled_back");
  await until("signer-2 frozen", async () => (await installation.signer_status("signer-2")).frozen);
}

test("whoever owns holdfastd takes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const processes = new Processes(folder);
  let chain, daemon, passed = false;
  try {
    chain = await start_chain(processes);
    const faucet = await rich_account(chain, "faucet");
    const usd = await deploy_token(faucet, { name: "USD", symbol: "USD", decimals: 6 });
    await (await usd.mint(await faucet.getAddress(), parseUnits("1000000", 6))).wait();
    const assets = [kAssets[0], { ...kAssets[1], contract: usd }];
    const installation = new Installation({
      folder: join(folder, "holdfast"), processes, chain, assets, single_keys: 1,
      signer_rules: { max_age_seconds: 5, unenrolled_customer_per_day: { ETH: "48", USD: "5000" } },
    });
    await installation.prepare();
    const { safe } = installation.deployment;
    await (await faucet.sendTransaction({ to: safe, value: parseUnits("1000", 18) })).wait();
    await (await usd.mint(safe, parseUnits("1000000", 6))).wait();
    daemon = new HostileDaemon(installation);
    for (const name of kSigners) installation.start_signer(name);
    await daemon.ready();
    await chain.mine_every(200);
    const stage = { chain, faucet, usd, installation, daemon, frauds: new Set() };
    const played = await prepare(stage);
    await play_bytes(played);
    await play_memory(played);
    await play_authority(played);
    await play_deposits(played);
    await play_customers(played);
    await play_journal(played);
    assert.ok(stage.frauds.size >= 25, `${stage.frauds.size} kinds of refusals`);
    assert.equal(await balance_of(chain, assets[0], safe), parseUnits("1000", 18));
    assert.equal(await balance_of(chain, assets[1], safe), parseUnits("1000000", 6));
    passed = true;
  } finally {
    if (!passed) for (const name of kSigners) console.error(`--- ${name}\n${processes.log_tail(name)}`);
    chain?.close();
    await daemon?.stop();
    await processes.stop_all();
    if (passed) rmSync(folder, { recursive: true, force: true });
    else console.error(`files and logs: ${folder}`);
  }
});
