// make bench-peers: what others decide on this machine with the workload of workload.mjs, beside ours and the raw limits of the same
// minutes. Prints a table, writes build/bench_peers.json. A peer that cannot run says so.
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { percentile } from "./workload.mjs";

const kRoot = resolve(import.meta.dirname, "../..");
const kBuild = resolve(kRoot, process.env.HOLDFAST_BUILD ?? "build/release");
const quick = process.argv.includes("--quick");
const flags = quick ? ["--quick"] : [];

function run_json(command, args) {
  process.stdout.write(`${[command.split("/").at(-1), ...args.map((each) => each.split("/").at(-1))].join(" ")}\n`);
  const out = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(out.slice(out.indexOf("{")));
}

/** Appends of 4 KiB, each flushed: commits one by one that the disk allows, a second. */
function flushes_per_s() {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-raw-"));
  const file = openSync(join(folder, "raw"), "a");
  const times = Array.from({ length: 400 }, () => {
    const begun = performance.now();
    writeSync(file, Buffer.alloc(4096, "x"));
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round(1e3 / percentile(times, 0.5));
}

/** One core, far more than the caches hold. */
function copied_gb_per_s() {
  const from = Buffer.alloc(1 << 28, 1);
  const to = Buffer.alloc(1 << 28, 2);
  const times = Array.from({ length: 7 }, () => {
    const begun = performance.now();
    from.copy(to);
    return performance.now() - begun;
  });
  return +((from.length / 1e6) / percentile(times, 0.5)).toFixed(1);
}

function peer(name) {
  try {
    return run_json(process.execPath, [join(import.meta.dirname, `${name}.mjs`), ...flags]);
  } catch (error) {
    return { skipped: `it failed: ${error.message.split("\n")[0]}` };
  }
}
const ours = (name, ...args) => {
  const program = join(kBuild, "bench", `${name}_bench`);
  return existsSync(program) ? run_json(program, args) : { skipped: "not built" };
};
const raw = () => ({ fdatasync_per_s: flushes_per_s(), memcpy_gb_per_s: copied_gb_per_s(), load: loadavg()[0] });

const results = { date: new Date().toISOString(), raw_before: raw() };
if (!existsSync(join(import.meta.dirname, "node_modules"))) {
  // Not `npm ci`: it asks for the ZEN engines of other machines, too, which not every package source has.
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund"], { cwd: import.meta.dirname, stdio: "inherit" });
}
results.rules = { ...peer("rules"), ours: ours("policy", "1000000") };
results.redis = peer("redis");
results.postgres = peer("postgres");
results.ours = ours("withdrawals", quick ? "100000" : "300000", "1024", "policy");
results.raw_after = raw();
mkdirSync(join(kRoot, "build"), { recursive: true });
writeFileSync(join(kRoot, "build/bench_peers.json"), `${JSON.stringify(results, null, 2)}\n`);

const line = (name, figure) => process.stdout.write(`${name.padEnd(46)} ${figure}\n`);
line("raw fdatasync, copying", `${results.raw_before.fdatasync_per_s}/s, ${results.raw_before.memcpy_gb_per_s} GB/s, load ${results.raw_before.load}`);
for (const [name, { verdicts_per_s, skipped, rules_alone_per_s }] of Object.entries(results.rules)) {
  line(`twelve rules alone, ${name}`, skipped ? `skipped: ${skipped}` : `${rules_alone_per_s ?? verdicts_per_s}/s`);
}
for (const name of ["redis", "postgres"]) {
  const { skipped, results: measured = [] } = results[name];
  if (skipped) line(`whole decision, ${name}`, `skipped: ${skipped}`);
  for (const { clients, decisions_per_s, p50_ms, p99_ms } of measured) {
    line(`whole decision, ${name}, ${clients} at once`, `${decisions_per_s}/s  p50 ${p50_ms} ms  p99 ${p99_ms} ms`);
  }
}
line("whole decision, ours, batches of 1,024", results.ours.skipped ? "skipped: not built" : `${results.ours.accepted_per_s}/s`);
process.stdout.write("build/bench_peers.json has it all\n");
