// Rule engines on one core, with all that the rules ask about given: verdicts a second of twelve rules. Prints JSON.
//   node rules.mjs [--quick]
import { createRequire } from "node:module";
import { features, kRules, percentile, random_numbers } from "./workload.mjs";

const require = createRequire(import.meta.url);
const kSheets = 1_024;
const kSlices = 9;
const seconds = process.argv.includes("--quick") ? 0.1 : 0.5;
const random = random_numbers(1);
const sheets = Array.from({ length: kSheets }, () => features(random));

/** In JavaScript by hand: what fired, as a list of names. */
const by_hand = new Function("x", `
  const { ${Object.keys(sheets[0]).join(", ")} } = x;
  const fired = [];
  ${kRules.map(([name, when]) => `if (${when}) fired.push("${name}");`).join("\n  ")}
  return fired;`);

function cel() {
  const { Environment } = require("@marcbachmann/cel-js");
  const environment = new Environment();
  const kinds = { boolean: "bool" };
  for (const [name, value] of Object.entries(sheets[0])) {
    environment.registerVariable(name, kinds[typeof value] ?? (/_count$|^hour$/.test(name) ? "int" : "double"));
  }
  const programs = kRules.map(([name, when]) => [name, environment.parse(when)]);
  const is_int = /_count$|^hour$/;
  const given = new Map(sheets.map((sheet) => [sheet, Object.fromEntries(
    Object.entries(sheet).map(([name, value]) => [name, is_int.test(name) ? BigInt(value) : value]))]));
  return (sheet) => programs.filter(([, program]) => program(given.get(sheet))).map(([name]) => name);
}

async function zen() {
  const { ZenEngine } = require("@gorules/zen-engine");
  const expressions = kRules.map(([name, when]) => ({
    id: name, key: name, value: when.replaceAll("||", "or").replaceAll("&&", "and").replaceAll(/(\d)\.0/g, "$1"),
  }));
  const graph = {
    nodes: [
      { id: "in", name: "in", type: "inputNode", content: {} },
      { id: "rules", name: "rules", type: "expressionNode", content: { expressions } },
      { id: "out", name: "out", type: "outputNode", content: {} },
    ],
    edges: [{ id: "1", sourceId: "in", targetId: "rules", type: "edge" }, { id: "2", sourceId: "rules", targetId: "out", type: "edge" }],
  };
  const decision = new ZenEngine().createDecision(graph);
  return async (sheet) => {
    const { result } = await decision.evaluate(sheet);
    return kRules.map(([name]) => name).filter((name) => result[name]);
  };
}

function json_rules() {
  const { Engine } = require("json-rules-engine");
  const engine = new Engine([], { allowUndefinedFacts: false });
  for (const [name, when] of kRules) {
    // It knows no arithmetic: each condition is a fact computed from the others, as its documentation does it.
    const test = new Function("x", `const { ${Object.keys(sheets[0]).join(", ")} } = x; return ${when};`);
    engine.addFact(`is_${name}`, async (_, almanac) => test(await almanac.factValue("sheet")));
    engine.addRule({ conditions: { all: [{ fact: `is_${name}`, operator: "equal", value: true }] }, event: { type: name } });
  }
  return async (sheet) => (await engine.run({ sheet })).events.map((event) => event.type);
}

/** The same verdicts as by hand, then verdicts a second: the median of some slices. */
async function measure(make) {
  let judge;
  try {
    judge = await make();
  } catch (error) {
    return { skipped: String(error.message).split("\n")[0] };
  }
  for (const sheet of sheets) {
    const got = (await judge(sheet)).toSorted().join();
    if (got !== by_hand(sheet).toSorted().join()) throw new Error(`another verdict: ${got}`);
  }
  const is_async = judge(sheets[0]) instanceof Promise;
  const rates = [];
  let fired = 0;
  for (let slice = 0; slice < kSlices; ++slice) {
    const begun = performance.now();
    let judged = 0;
    while (performance.now() - begun < seconds * 1e3) {
      for (let i = 0; i < 64; ++i, ++judged) {
        const verdict = judge(sheets[judged % kSheets]);
        fired += (is_async ? await verdict : verdict).length;
      }
    }
    rates.push(judged / ((performance.now() - begun) / 1e3));
  }
  return { verdicts_per_s: Math.round(percentile(rates, 0.5)), fired };
}

process.stdout.write(`${JSON.stringify({
  javascript_by_hand: await measure(() => by_hand),
  cel_js: await measure(cel),
  zen: await measure(zen),
  json_rules_engine: await measure(json_rules),
  opa_wasm: { skipped: "the compiler of Rego is in none of the package sources here" },
})}\n`);
