// What the event feed tells of a theft: how fast it was seen and stopped, what is still open, and where money went.
import { kSigners } from "./harness/installation.mjs";

const kEnds = new Set(["spend.settled", "spend.superseded"]);

/** The data of all events of a type that `wanted` accepts. */
export function data_of(events, type, wanted = () => true) {
  return events.filter((event) => event.type === type && wanted(event.data)).map(({ data }) => data);
}

/** What the journal tells of an incident, in ms since `at`, when the thief handed his first transaction to the node. */
export function timeline(events, at) {
  const since = (event) => event && Date.parse(event.at) - at;
  const planned = data_of(events, "spend.planned", ({ purpose }) => purpose === "evacuation");
  const rescues = new Set(planned.map(({ spend }) => spend));
  const is_rescue = ({ type, data }) => type === "spend.mined" && data.success && rescues.has(data.spend);
  const frozen = new Set(data_of(events, "freeze.acknowledged").map(({ signer }) => signer));
  const all_frozen = kSigners.every((name) => frozen.has(name));
  return {
    seen_ms: since(events.find(({ type }) => type === "incident.opened")),
    frozen_ms: all_frozen ? since(events.findLast(({ type }) => type === "freeze.acknowledged")) : undefined,
    rescued_ms: since(events.findLast(is_rescue)),
  };
}

/** What was planned and is not at its end. A reserve has none before its coin is spent: it does not count. */
export function open_plans(events) {
  const ended = new Set(events.filter(({ type }) => kEnds.has(type)).map(({ data }) => data.spend));
  return data_of(events, "spend.planned", ({ spend, purpose }) => purpose !== "reserve" && !ended.has(spend));
}

/** Where else than to the cold wallet money went by what was planned after the freeze, in words. */
export async function strayed({ exchange }, events) {
  const { wallets } = await exchange.get("/v1/wallets");
  const cold = new Set(wallets.filter(({ kind }) => kind === "cold").map(({ id }) => id));
  const after = events.slice(events.findIndex(({ type }) => type === "freeze.placed"));
  const planned = new Set(data_of(after, "spend.planned").map(({ spend }) => spend));
  const movements = data_of(after, "spend.mined", ({ spend }) => planned.has(spend)).flatMap((data) => data.movements);
  const stray = movements.filter(({ to }) => !cold.has(to));
  return stray.map(({ amount, asset }) => `${amount} ${asset} left after the freeze`);
}
