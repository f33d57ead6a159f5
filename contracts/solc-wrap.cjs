#!/usr/bin/env node
// Stands in for the solc binary that forge wants: solc-js behind the two options forge uses.
const { readFileSync, writeSync } = require("node:fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (process.argv.includes("--standard-json")) {
  const answer = Buffer.from(solc.compile(readFileSync(0, "utf8")));
  for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
} else {
  console.error("solc-wrap: only --version and --standard-json");
  process.exitCode = 1;
}
