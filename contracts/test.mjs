// Builds the contracts and tests the built bytecode with forge on solc-js. Further arguments go to `forge test`.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

const require = createRequire(import.meta.url);
const kHere = dirname(fileURLToPath(import.meta.url));
const kArch = { x64: "amd64", arm64: "arm64" }[process.arch] ?? process.arch;
const kPackage = `@foundry-rs/forge-${process.platform}-${kArch}`;

const forge = join(dirname(require.resolve(`${kPackage}/package.json`)), "bin/forge");
const args = ["test", "--root", kHere, "--use", join(kHere, "solc-wrap.cjs"), ...process.argv.slice(2)];
build();
const { status, error } = spawnSync(forge, args, { cwd: kHere, stdio: "inherit" });
if (error) throw error;
process.exitCode = status ?? 1;
