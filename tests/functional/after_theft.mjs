// What must be true after any theft.
import assert from "node:assert/strict";
import { kSigners } from "../../demo/harness/installation.mjs";

/** After the freeze nothing was planned but rescues and burns, and nothing of another purpose was signed. */
export function assert_only_saved_after(events) {
  const frozen = events.findIndex(({ type }) => type === "freeze.placed");
  assert.ok(frozen >= 0);
  const purposes = new Map();
  for (const { type, data } of events) if (type === "spend.planned") purposes.set(data.spend, data.purpose);
  for (const { type, data } of events.slice(frozen)) {
    const of_a_spend = type === "spend.planned" || type === "spend.signed" || type === "spend.authorised";
    if (of_a_spend) assert.match(purposes.get(data.spend) ?? "another", /^(evacuation|burn)$/, `${type} ${data.spend}`);
  }
}

/** Every signer says so itself, from its own journal. */
export async function assert_frozen({ exchange, installation }) {
  const status = await exchange.get("/v1/status");
  assert.equal(status.frozen, true);
  const { freezes } = await exchange.get("/v1/freezes");
  assert.deepEqual([...freezes.at(-1).acknowledged_by].sort(), kSigners);
  for (const name of kSigners) assert.equal((await installation.signer_status(name)).frozen, true, name);
}
