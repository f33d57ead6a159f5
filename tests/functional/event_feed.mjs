// The event feed has no gap over a restart; the stream goes on where a client left it; webhooks are signed as the
// standard says, checked by node's own cryptography.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { createServer, get } from "node:http";
import { test } from "node:test";
import { events_from } from "../../demo/harness/checks.mjs";
import { until_ended, withdraw } from "../../demo/harness/customers.mjs";
import { until } from "../../demo/harness/processes.mjs";
import { funded_customer, on_stage, until_swept } from "./stage.mjs";

const kStream = "/v1/events/stream";
const kSecret = randomBytes(32);

/** Opens an event stream and gathers its events; close() ends it. */
function open_stream(exchange, { query, last_event_id } = {}) {
  const headers = exchange.sign("GET", kStream, { query });
  if (last_event_id !== undefined) headers["last-event-id"] = String(last_event_id);
  const stream = { events: [], close: () => request.destroy() };
  let text = "";
  const path = query ? `${kStream}?${query}` : kStream;
  const request = get({ host: exchange.host, port: exchange.port, path, headers }, (response) => {
    stream.type = response.headers["content-type"];
    response.on("data", (data) => {
      text += data;
      const parts = text.split("\n\n");
      text = parts.pop();
      stream.events.push(...parts.map(parse_event).filter((event) => event.id !== undefined));
    });
    response.on("error", () => {});
  });
  request.on("error", () => {});
  return stream;
}

function parse_event(text) {
  const lines = text.split("\n").filter((line) => line && !line.startsWith(":")); // ":" begins a heartbeat.
  return Object.fromEntries(lines.map((line) => /^(\w+): ?(.*)$/.exec(line).slice(1)));
}

/** Compares what a stream told with the feed, from index `from` on. */
function assert_same(stream, feed, from) {
  for (const [i, event] of stream.events.entries()) {
    assert.equal(Number(event.id), from + i);
    assert.deepEqual(JSON.parse(event.data), feed[from + i]);
    assert.equal(event.event, feed[from + i].type);
  }
}

/** Receives webhooks; takes all but the tenth at its first try. */
async function open_receiver() {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.statusCode = received.length === 10 ? 503 : 204;
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.closeAllConnections(), server.close());
  return { received, url: `http://127.0.0.1:${server.address().port}/hook`, close };
}

function assert_signed({ headers, body }) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = headers;
  const mac = createHmac("sha256", kSecret).update(`${id}.${at}.${body}`).digest("base64");
  assert.ok(signature.split(" ").includes(`v1,${mac}`), id);
  assert.ok(Math.abs(Number(at) - Date.now() / 1000) < 300);
  const { type, timestamp, data } = JSON.parse(body);
  assert.ok(type && timestamp);
  assert.equal(id, `evt_${data.index}`);
}

async function restart({ processes, installation }) {
  await processes.stop("holdfastd", "SIGKILL");
  installation.start_daemon();
  await installation.ready();
}

test("feed and stream have no gap", () => on_stage({}, async (stage) => {
  const { exchange } = stage;
  const early = open_stream(exchange, { query: "after=0" });
  const customer = await funded_customer(stage, "alice", [["ETH", "10"]]);
  await until_swept(stage);
  const told_of_sweep = () => early.events.some(({ event }) => event === "spend.settled");
  await until("the stream has told of the sweep", told_of_sweep);
  const last = Number(early.events.at(-1).id);
  early.close();

  await restart(stage);
  const late = open_stream(exchange, { last_event_id: last });
  const { id } = await withdraw(exchange, customer, "ETH", "1", "feed");
  await until_ended(exchange, [id]);
  const enough = (await exchange.get("/v1/status")).journal.size - 1;
  await until("the stream has caught up", async () => Number(late.events.at(-1)?.id ?? 0) >= enough);
  late.close();

  const feed = await events_from(exchange);
  assert.deepEqual(feed.map(({ index }) => index), feed.map((_, i) => i));
  assert.equal(early.type, "text/event-stream");
  assert_same(early, feed, 1);
  assert_same(late, feed, last + 1);

  const query = "after=999999";
  const ahead = await exchange.raw("GET", `${kStream}?${query}`, exchange.sign("GET", kStream, { query }));
  assert.equal(ahead.json.type, "urn:holdfast:problem:cursor_ahead");
}));

test("webhooks", async () => {
  const receiver = await open_receiver();
  const webhooks = [{ url: receiver.url, secret: `whsec_${kSecret.toString("base64")}` }];
  try {
    await on_stage({ webhooks }, async (stage) => {
      await funded_customer(stage, "alice", [["ETH", "10"]]);
      await restart(stage);
      const size = (await stage.exchange.get("/v1/status")).journal.size;
      const index = ({ body }) => JSON.parse(body).data.index;
      await until("all delivered", async () => receiver.received.some((hook) => index(hook) >= size - 1), 60);
      receiver.received.forEach(assert_signed);
      const told = [...new Set(receiver.received.map(index))].sort((a, b) => a - b);
      assert.deepEqual(told, told.map((_, i) => told[0] + i)); // From its first one on, without a gap.
      assert.ok(receiver.received.length > told.length, "what was not taken came again");
    });
  } finally {
    receiver.close();
  }
});
