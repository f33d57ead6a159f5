// Customers of the exchange: they pay in, take out, and wait.
import { Wallet, parseUnits } from "ethers";
import { sign_text } from "./exchange.mjs";
import { kChain } from "./installation.mjs";
import { until } from "./processes.mjs";

const kEnds = new Set(["completed", "returned", "rejected"]);

/** Pays `amount` coins of an asset from the faucet, tokens by minting; gives the transaction. */
export async function pay(faucet, asset, to, amount) {
  const units = parseUnits(amount, asset.decimals);
  if (asset.contract) return asset.contract.connect(faucet).mint(to, units);
  return faucet.sendTransaction({ to, value: units });
}

/** A new customer with a deposit address: {id, reference, address}. */
export async function open_customer(exchange, reference, chain = kChain) {
  const { id } = await exchange.post("/v1/customers", { reference });
  return { id, reference, address: await new_address(exchange, { id }, chain) };
}

/** The customer's next deposit address on a chain. */
export async function new_address(exchange, customer, chain = kChain) {
  return (await exchange.post(`/v1/customers/${customer.id}/addresses`, { chain })).address;
}

export async function deposits_of(exchange, customer) {
  return (await exchange.get("/v1/deposits", `customer=${customer.id}&limit=1000`)).deposits;
}

/** Waits until `count` deposits in all are credited. */
export async function credited(exchange, count, seconds = 30) {
  await until(`${count} deposits credited`, async () => {
    const { deposits } = await exchange.get("/v1/deposits", "state=credited&limit=1000");
    return deposits.length >= count;
  }, seconds, 50);
}

/** {symbol: {available, held}} in whole coins, as text. */
export async function balances(exchange, customer) {
  const answer = await exchange.get(`/v1/customers/${customer.id}/balances`);
  return Object.fromEntries(answer.balances.map(({ symbol, available, held }) => [symbol, { available, held }]));
}

/** Asks for a withdrawal to an address nobody used before, if none is given. */
export async function withdraw(exchange, customer, asset, amount, key, destination = Wallet.createRandom().address) {
  return exchange.post("/v1/withdrawals", { customer: customer.id, asset, amount, destination }, key);
}

/** Enrols a key of make_customer_key(); a further one with the word of `by`, which is in force. Gives the key with its id. */
export async function enrol_key(exchange, customer, key, by) {
  const body = { key: key.text, name: "phone" };
  if (by) {
    const { text } = await exchange.post(`/v1/customers/${customer.id}/keys/intent`, { key: key.text });
    body.authorisation = { key: by.id, signature: sign_text(by, text) };
  }
  return { ...key, id: (await exchange.post(`/v1/customers/${customer.id}/keys`, body)).id };
}

/** The body of a withdrawal that the customer's key has signed, for this idempotency key. */
export async function signed_order(exchange, customer, key, asset, amount, idempotency_key, expires_at = in_an_hour()) {
  const order = { customer: customer.id, asset, amount, destination: Wallet.createRandom().address };
  const { text } = await exchange.call("POST", "/v1/withdrawals/intent", { body: { ...order, expires_at }, idempotency_key });
  return { ...order, authorisation: { key: key.id, expires_at, signature: sign_text(key, text) } };
}

const in_an_hour = () => new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");

export async function withdrawals(exchange, ids) {
  return Promise.all(ids.map((id) => exchange.get(`/v1/withdrawals/${id}`)));
}

/** Waits until each withdrawal is in a state that `reached` accepts; gives them. */
export async function until_withdrawals(what, exchange, ids, reached, seconds = 60) {
  return until(what, async () => {
    const now = await withdrawals(exchange, ids);
    return now.every(({ state }) => reached(state)) && now;
  }, seconds, 50);
}

/** Waits until each withdrawal is at its end; gives them. */
export async function until_ended(exchange, ids, seconds = 60) {
  return until_withdrawals("every withdrawal at its end", exchange, ids, (state) => kEnds.has(state), seconds);
}
