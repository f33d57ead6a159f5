// Compiles the contracts and the test tokens with solc-js into contracts/out/<Name>.json. Does nothing when up to date.
// The bytecode carries no metadata, so the same sources give the same bytes everywhere.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const kHere = dirname(fileURLToPath(import.meta.url));
const kOut = join(kHere, "out");
const kStamp = ".inputs";
const kFolders = ["src", "test/tokens"];

const kSettings = {
  evmVersion: "paris",
  viaIR: true,
  optimizer: { enabled: true, runs: 10_000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

function read_sources() {
  const sources = {};
  for (const folder of kFolders) {
    for (const name of readdirSync(join(kHere, folder)).sort()) {
      if (!name.endsWith(".sol")) continue;
      const path = join(kHere, folder, name);
      sources[relative(kHere, path)] = { content: readFileSync(path, "utf8") };
    }
  }
  return sources;
}

function compile(input) {
  const output = JSON.parse(require("solc").compile(JSON.stringify(input)));
  const problems = output.errors ?? [];
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.formattedMessage).join("\n"));
  return output.contracts;
}

/** Writes everything beside the old artifacts and swaps, so that a reader never sees half of them. */
function write_artifacts(contracts, stamp) {
  const fresh = `${kOut}.${process.pid}`;
  mkdirSync(fresh);
  for (const [source, by_name] of Object.entries(contracts)) {
    for (const [name, { abi, evm }] of Object.entries(by_name)) {
      if (evm.bytecode.object === "") continue; // an interface or an abstract contract
      const path = join(fresh, `${name}.json`);
      if (existsSync(path)) throw new Error(`two contracts are called ${name}`);
      const bytecode = `0x${evm.bytecode.object}`;
      const deployed = `0x${evm.deployedBytecode.object}`;
      const artifact = { contractName: name, sourceName: source, abi, bytecode, deployedBytecode: deployed };
      writeFileSync(path, `${JSON.stringify(artifact, null, 2)}\n`);
    }
  }
  writeFileSync(join(fresh, kStamp), stamp);
  rmSync(kOut, { recursive: true, force: true });
  renameSync(fresh, kOut);
}

/** Brings contracts/out up to date. Throws with the compiler's words when a source is wrong; warnings are errors. */
export function build() {
  const input = { language: "Solidity", sources: read_sources(), settings: kSettings };
  const { version } = require("solc/package.json");
  const stamp = createHash("sha256").update(version).update(JSON.stringify(input)).digest("hex");
  const built = join(kOut, kStamp);
  if (existsSync(built) && readFileSync(built, "utf8") === stamp) return false;
  write_artifacts(compile(input), stamp);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(build() ? "contracts: built" : "contracts: up to date");
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
