// PostgreSQL deciding withdrawals by a function (postgres.sql), durable before the answer. Prints JSON.
//   node postgres.mjs [--quick]
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { kAccounts, kAssets, kDestinations, kMostUsd, kWallets, percentile } from "./workload.mjs";

const quick = process.argv.includes("--quick");
const kHistory = quick ? 100_000 : 1_000_000;
const kSeconds = quick ? 2 : 10;
const kRuns = quick ? 1 : 3;
const kPrograms = "/usr/lib/postgresql/15/bin";
const kSettings = `listen_addresses = ''
shared_buffers = 2GB
max_wal_size = 8GB
checkpoint_timeout = 15min
work_mem = 16MB
random_page_cost = 1.1
`;
const kQuestion = `\\set account random(1, ${kAccounts})
\\set destination random(1, ${kDestinations})
\\set asset random(1, ${kAssets})
\\set wallet random(1, ${kWallets})
\\set value random(1, ${kMostUsd * 100})
SELECT decide(:account, :destination, :asset, :wallet, :value);
`;

if (!existsSync(join(kPrograms, "postgres"))) {
  process.stdout.write(`${JSON.stringify({ skipped: "postgresql-15 is not installed" })}\n`);
  process.exit(0);
}

// The server runs under no root: as Debian's user then.
const as = userInfo().uid === 0 ? ["runuser", "-u", "postgres", "--"] : [];
const folder = mkdtempSync(join(tmpdir(), "holdfast-postgres-"));
function run(program, ...args) {
  const [command, ...rest] = [...as, join(kPrograms, program), ...args];
  return execFileSync(command, rest, { encoding: "utf8", cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
}

function measure(clients) {
  const out = run("pgbench", "-n", "-h", folder, "-M", "prepared", "-f", "question.sql", "-c", clients, "-j", 1, "-T", kSeconds,
    "-l", "--log-prefix=latency", "postgres");
  const latencies = [];
  for (const name of readdirSync(folder).filter((each) => each.startsWith("latency"))) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) if (line) latencies.push(Number(line.split(" ")[2]) / 1e3);
    rmSync(join(folder, name));
  }
  const decisions_per_s = Number(out.match(/tps = ([\d.]+)/)[1]);
  return { decisions_per_s, p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

const data = join(folder, "data");
let runs_now = false;
try {
  if (as.length > 0) chownSync(folder, Number(execFileSync("id", ["-u", "postgres"])), -1);
  chmodSync(folder, 0o755);
  run("initdb", "-D", data, "-A", "trust", "--no-sync");
  writeFileSync(join(data, "postgresql.auto.conf"), `${kSettings}unix_socket_directories = '${folder}'\n`);
  writeFileSync(join(folder, "question.sql"), kQuestion);
  run("pg_ctl", "-D", data, "-l", join(folder, "log"), "-w", "start");
  runs_now = true;
  const limits = { accounts: kAccounts, destinations: kDestinations, assets: kAssets, wallets: kWallets, history: kHistory };
  writeFileSync(join(folder, "postgres.sql"), readFileSync(join(import.meta.dirname, "postgres.sql")));
  const sized = Object.entries(limits).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  run("psql", "-q", "-h", folder, "-v", "ON_ERROR_STOP=1", ...sized,
    "-f", join(folder, "postgres.sql"), "postgres");
  const results = [];
  for (const clients of [1, 8, 32]) {
    const runs = Array.from({ length: kRuns }, () => measure(String(clients)));
    const median = (key) => +percentile(runs.map((each) => each[key]), 0.5).toFixed(2);
    results.push({ clients, decisions_per_s: median("decisions_per_s"), p50_ms: median("p50_ms"), p99_ms: median("p99_ms") });
  }
  process.stdout.write(`${JSON.stringify({ version: run("postgres", "--version").trim(), history: kHistory, results })}\n`);
} finally {
  if (runs_now) run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
