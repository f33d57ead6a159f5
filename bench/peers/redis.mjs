// Redis deciding withdrawals by one script (decide.lua), every write flushed before the answer. Prints JSON.
//   node redis.mjs [--quick]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kAccounts, kAssets, kDestinations, kMostUsd, kWallets, kWeekSeconds, percentile, random_numbers } from "./workload.mjs";

const quick = process.argv.includes("--quick");
const kHistory = quick ? 100_000 : 1_000_000;
const kSeconds = quick ? 2 : 10;
const kRuns = quick ? 1 : 3;
const here = import.meta.dirname;

function is_there() {
  try {
    return execFileSync("redis-server", ["--version"], { encoding: "utf8" }).match(/v=(\S+)/)[1];
  } catch {
    return undefined;
  }
}

/** One connection, one question at a time: all that this needs of the protocol. */
class Client {
  static async open(path) {
    const client = new Client();
    client.socket = connect(path);
    await new Promise((done, failed) => client.socket.once("connect", done).once("error", failed));
    client.socket.on("data", (data) => client.take(data.toString("latin1")));
    return client;
  }
  take(data) {
    this.got = (this.got ?? "") + data;
    const is_text = this.got.startsWith("$");
    const lines = this.got.split("\r\n");
    if (lines.length < (is_text ? 3 : 2)) return;
    const answer = is_text ? lines[1] : lines[0];
    this.got = "";
    if (answer.startsWith("-")) this.failed(new Error(answer));
    else this.done(answer);
  }
  ask(...words) {
    const all = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
    return new Promise((done, failed) => {
      Object.assign(this, { done, failed });
      this.socket.write(`*${words.length}\r\n${all.join("")}`);
    });
  }
}

async function fill(client, begin) {
  const script = readFileSync(join(here, "history.lua"), "utf8");
  const at_once = 1_000;
  for (let first = 0; first < kHistory; first += at_once) {
    await client.ask("EVAL", script, 0, first, at_once, kWeekSeconds / kHistory, begin, kAccounts, kDestinations, kAssets, kWallets);
  }
}

async function run(clients, sha, seed) {
  const random = random_numbers(seed);
  const some = (below) => 1 + Math.floor(random(below));
  const latencies = [];
  const end = performance.now() + kSeconds * 1e3;
  const begun = performance.now();
  await Promise.all(clients.map(async (client) => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      await client.ask("EVALSHA", sha, 0, some(kAccounts), some(kDestinations), some(kAssets), some(kWallets), some(kMostUsd * 100),
        (Date.now() / 1e3).toFixed(3));
      latencies.push(performance.now() - now);
    }
  }));
  const took = (performance.now() - begun) / 1e3;
  return { decisions_per_s: Math.round(latencies.length / took), p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

const version = is_there();
if (!version) {
  process.stdout.write(`${JSON.stringify({ skipped: "redis-server is not installed" })}\n`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "holdfast-redis-"));
const socket = join(folder, "socket");
const server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "yes",
  "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"], { stdio: "ignore" });
try {
  for (let tries = 0; tries < 100; ++tries) {
    await sleep(100);
    const client = await Client.open(socket).catch(() => undefined);
    if (client) break;
  }
  const first = await Client.open(socket);
  await fill(first, Date.now() / 1e3 - kWeekSeconds);
  await first.ask("CONFIG", "SET", "appendfsync", "always");
  const sha = await first.ask("SCRIPT", "LOAD", readFileSync(join(here, "decide.lua"), "utf8"));
  const results = [];
  for (const count of [1, 50]) {
    const clients = await Promise.all(Array.from({ length: count }, () => Client.open(socket)));
    const runs = [];
    for (let n = 0; n < kRuns; ++n) runs.push(await run(clients, sha, n + 1));
    const median = (key) => +percentile(runs.map((each) => each[key]), 0.5).toFixed(2);
    results.push({ clients: count, decisions_per_s: median("decisions_per_s"), p50_ms: median("p50_ms"), p99_ms: median("p99_ms") });
    for (const client of clients) client.socket.destroy();
  }
  first.socket.destroy();
  process.stdout.write(`${JSON.stringify({ version, history: kHistory, results })}\n`);
} finally {
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGKILL");
  await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
