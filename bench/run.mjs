// make bench: runs every bench in turn, prints a table, writes build/bench.json. Nothing here asserts a speed.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { core_program } from "../demo/harness/core_node.mjs";

const kRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const kBuild = resolve(kRoot, process.env.HOLDFAST_BUILD ?? "build/release");
const kRuns = 3;
const quick = process.argv.includes("--quick");

function run_json(command, args) {
  process.stdout.write(`${[command.split("/").at(-1), ...args].join(" ")}\n`);
  const out = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });
  return JSON.parse(out.slice(out.indexOf("{")));
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Every figure of several runs as {median, min, max}; what is not a number is kept from the first. */
function summary(runs) {
  if (typeof runs[0] === "number") return { median: median(runs), min: Math.min(...runs), max: Math.max(...runs) };
  if (runs[0] === null || typeof runs[0] !== "object") return runs[0];
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, summary(runs.map((each) => each[key]))]));
}

const repeat = (command, args) => summary(Array.from({ length: quick ? 1 : kRuns }, () => run_json(command, args)));
const program = (name) => join(kBuild, "bench", `${name}_bench`);

const machine = {
  cpu: cpus()[0].model.trim(), cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release(),
};
const blocks = process.env.HOLDFAST_BLOCKS; // A folder with bitcoin blocks in their wire form.
const nab = process.env.HOLDFAST_NAB; // A folder of the Numenta Anomaly Benchmark.
const count = quick ? 100_000 : 1_000_000;
const results = {
  date: new Date().toISOString(),
  machine,
  in_process_batch_1024: repeat(program("withdrawals"), [String(count), "1024"]),
  in_process_by_policy: repeat(program("withdrawals"), [String(count), "1024", "policy"]),
  by_policy_3m: quick ? undefined : run_json(program("withdrawals"), ["3000000", "1024", "policy"]),
  steady: [0, ...(quick ? [] : [1_000_000])].map((history) => repeat(program("steady"), ["10000", quick ? "2" : "10", String(history)])),
  in_process_batch_64: repeat(program("withdrawals"), [String(count / 5), "64"]),
  start_10m_records: quick ? undefined : run_json(program("withdrawals"), ["3330000", "4096"]),
  http: repeat(program("http"), [quick ? "5000" : "50000", "16"]),
  coin_selection: run_json(program("coin_selection"), [quick ? "10" : "365"]),
  watch: repeat(program("watch"), [quick ? "1000000" : "10000000", ...(blocks ? [blocks] : [])]),
  psbt: repeat(program("psbt"), [quick ? "20" : "200"]),
  keys: repeat(program("keys"), [quick ? "1" : "3"]),
  policy_language: repeat(program("cel"), [quick ? "500000" : "5000000"]),
  windows: [1_000_000, ...(quick ? [] : [30_000_000])].map((history) => run_json(program("windows"), [String(history)])),
  windows_of_8_keys: run_json(program("windows"), [quick ? "100000" : "1000000", "8"]),
  verdicts: [1_000_000, ...(quick ? [] : [30_000_000])].map((history) => run_json(program("policy"), [String(history)])),
  detection: run_json(program("detection"), [join(kRoot, "policies/default.toml"), quick ? "100000" : "1000000", "--json"]),
  series: nab && run_json(program("nab"), [nab]),
  journal: run_json(program("journal"), ["--benchmark_format=json", ...(quick ? ["--benchmark_min_time=0.05"] : [])]),
};
if (["bitcoin", "litecoin"].some(core_program)) {
  results.node_verification = run_json(process.execPath, [join(kRoot, "bench/node_verify.mjs"), ...(quick ? ["--quick"] : [])]);
}
const latency = join(kRoot, "bench/freeze_latency.mjs");
if (existsSync(latency)) {
  const report = join(kRoot, "build/freeze_latency.json");
  execFileSync(process.execPath, [latency, "--out", report, ...(quick ? ["--times", "5"] : [])], { stdio: "inherit" });
  results.theft_to_freeze = JSON.parse(readFileSync(report, "utf8"));
}
mkdirSync(join(kRoot, "build"), { recursive: true });
writeFileSync(join(kRoot, "build/bench.json"), `${JSON.stringify(results, null, 2)}\n`);
const { in_process_batch_1024: big, http } = results;
process.stdout.write(`
accepted in process, batches of 1024   ${big.accepted_per_s.median}/s
accepted over HTTP, one per request    ${http.single.withdrawals_per_s.median}/s  p50 ${http.single.p50_ms.median} ms  p99 ${http.single.p99_ms.median} ms
accepted over HTTP, 100 per request    ${http.batch_of_100.withdrawals_per_s.median}/s
replayed                               ${big.replayed_per_s.median} records/s
raw fdatasync in the same run          ${big.raw_fdatasync_per_s[0].median ?? big.raw_fdatasync_per_s[0]}/s
`);
const { coin_selection, watch } = results;
process.stdout.write(`fees saved over a year                 ${coin_selection.saved_percent.by_selection}% by the choice of coins, \
${coin_selection.saved_percent.by_selection_and_batching}% with batches
a script among ${watch.scripts.median} own ones        ${watch.queued_lookup_ns.median} ns, ${watch.bytes_per_script.median} bytes each
blocks read and matched                ${watch.blocks_skipped ? `skipped: ${watch.blocks_skipped}` : `${watch.visit_and_match_mb_per_s.median} MB/s`}
`);
const verification = results.node_verification;
process.stdout.write(`blocks verified by a node              ${verification
  ? `${verification.node_verify_mb_per_s.median} MB/s by ${verification.node}; the same read and matched \
${verification.ours.visit_and_match_mb_per_s} MB/s, ${verification.times_as_fast} times as fast`
  : "skipped: neither bitcoind nor litecoind is there"}
`);
const { library, p2wsh_2_of_3: p2wsh } = results.psbt;
process.stdout.write(`PSBTs of one input signed               ${p2wsh[0].signed_per_s.median}/s, of 20 inputs ${p2wsh[1].signed_per_s.median}/s \
(the library alone signs ${library.ecdsa_sign_per_s.median}/s)
`);
const { typical, many } = results.policy_language;
process.stdout.write(`rules of the policy language, one core   ${typical.rules_per_s.median}/s; \
${many.rules.median} rules read and checked in ${many.compile_ms.median} ms
`);
const { in_process_by_policy: by_policy, windows_of_8_keys: eight } = results;
process.stdout.write(`judged by a policy and accepted         ${by_policy.accepted_per_s.median}/s; judged again by a backtest \
${by_policy.backtest_per_s.median}/s
`);
for (const { rate_per_s, history, p50_ms, p99_ms } of results.steady) {
  process.stdout.write(`at a steady ${rate_per_s.median}/s, ${history.median} before   p50 ${p50_ms.median} ms  p99 ${p99_ms.median} ms\n`);
}
for (const { history, kinds_of_keys, decisions_per_s, megabytes, resident_megabytes } of [...results.windows, eight]) {
  process.stdout.write(`windows that hold ${history} withdrawals   ${decisions_per_s}/s looked at and added, ${megabytes} MB \
(${resident_megabytes} MB resident), ${kinds_of_keys} kinds of keys
`);
}
for (const { history, rules, verdicts_per_s, rules_alone_per_s } of results.verdicts) {
  process.stdout.write(`verdicts with ${history} withdrawals before   ${verdicts_per_s}/s: windows, ${rules} rules, why; the rules alone \
${rules_alone_per_s}/s
`);
}
const { detection } = results;
const per_million = (figure) => Math.round((figure * 1e6) / detection.withdrawals);
const answered = Object.values(detection.thefts).filter((theft) => theft.first);
process.stdout.write(`false alarms of the default policy     ${per_million(detection.not_allowed)} in a million withdrawals, people are asked about \
${per_million(detection.held)}
thefts answered                        ${answered.length} of ${Object.keys(detection.thefts).length}; at worst after \
${Math.max(...answered.map((theft) => theft.gone_before_usd))} USD
`);
process.stdout.write(`NAB, standard profile                   ${results.series
  ? `${results.series.score.standard}; ${results.series.us_a_number} us a number` : "skipped: HOLDFAST_NAB names no folder"}\n`);
if (results.theft_to_freeze) {
  const { median_ms, worst_ms } = results.theft_to_freeze;
  process.stdout.write(`theft visible to all signers frozen    median ${median_ms} ms, worst ${worst_ms} ms\n`);
}
process.stdout.write("build/bench.json has it all\n");
