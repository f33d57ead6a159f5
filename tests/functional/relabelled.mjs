// Lists say of somebody who was paid, and of somebody who paid, only later that he is wanted: people are told, and what waits goes back.
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { until_withdrawals, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { fresh_address, funded_customer, on_stage } from "./stage.mjs";

const kCatalogue = `
checked = 2026-11-27T20:00:00Z
[[lists]]
file = "wanted.txt"
kind = "ofac"
currency = "ETH"
source = "test"
licence = "CC0-1.0"
day = "2026-11-27"
`;

// As whoever fetches lists does it: the list, and then the catalogue in one step.
function publish(installation, addresses) {
  writeFileSync(installation.path("wanted.txt"), `${addresses.join("\n")}\n`);
  writeFileSync(installation.path("labels.new"), kCatalogue);
  renameSync(installation.path("labels.new"), installation.path("labels.toml"));
}

async function open_news(exchange) {
  const { cases } = await exchange.get("/v1/cases", "state=open");
  return cases.filter(({ news }) => news.length > 0);
}

test("who was paid and is wanted only since", () => on_stage({ labels: "lists = []\n" }, async (stage) => {
  const { exchange, operator, installation } = stage;
  const payer = await stage.faucet.getAddress();
  const customer = await funded_customer(stage, "alice", [["ETH", "20"]]);
  const wanted = fresh_address();
  const paid = await withdraw(exchange, customer, "ETH", "1", "paid", wanted);
  await until_withdrawals("paid", exchange, [paid.id], (state) => state === "completed");
  const waits = await withdraw(exchange, customer, "ETH", "6", "waits", wanted);
  assert.equal(waits.state, "held");

  publish(installation, [wanted, payer]);
  const cases = await until("news", async () => {
    const open = await open_news(exchange);
    return open.length === 2 && open;
  });
  const news = Object.fromEntries(cases.flatMap((one) => one.news.map((item) => [item.address, item])));
  assert.deepEqual(news[wanted].withdrawals, [paid.id, waits.id]);
  assert.equal(news[wanted].labels, "sanctioned");
  assert.equal(news[wanted].paid_usd, "11200");
  assert.equal(news[payer].deposits.length, 1);
  assert.equal(news[payer].credited_usd, "32000");
  const [returned] = await until_withdrawals("given back", exchange, [waits.id], (state) => state === "returned");
  assert.equal(returned.reason, "destination_relabelled");

  for (const { id } of cases) await operator.post(`/v1/cases/${id}/close`, { text: "told the authority" });
  assert.deepEqual(await open_news(exchange), []);
  await funded_customer(stage, "bob", [["ETH", "1"]]); // From the same payer: news again, within a minute.
  await until("news again", async () => (await open_news(exchange)).length === 1, 90);
}));
