// What a person needs to look around in a running installation with the command line tool.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seed_of } from "./harness/exchange.mjs";
import { program } from "./harness/installation.mjs";

const texts = (fields) => Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");

/** The key file and settings of an API key for the command line tool; gives the settings' path. */
export function write_settings(installation, key) {
  const folder = installation.path("cli");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key_file = join(folder, `${key.id}.key`);
  writeFileSync(key_file, seed_of(key), { mode: 0o600 });
  const settings = join(folder, `${key.id}.toml`);
  const url = `http://127.0.0.1:${installation.http_port}`;
  writeFileSync(settings, texts({ url, key_file, key_id: key.id }), { mode: 0o600 });
  return settings;
}

/** Writes the files, and tells how to use them. */
export function write_cli_files(installation) {
  const exchange = write_settings(installation, installation.exchange_key);
  const operator = write_settings(installation, installation.operator_key);
  const holdfast = program("holdfast");
  return [
    `  operator=${operator}`,
    `  exchange=${exchange}`,
    `  ${holdfast} --config $operator status`,
    `  ${holdfast} --config $operator events --follow`,
    `  ${holdfast} --config $exchange withdrawals list`,
    `  ${holdfast} journal verify ${installation.path("data")}`,
    `  curl http://127.0.0.1:${installation.http_port}/metrics`,
    ...installation.coins.map(({ symbol, node }) => `${symbol} is at ${node.url}, its cookie in ${node.cookie_file}`),
    `The EVM chain is at ${installation.chain.url}, the configuration in ${installation.folder}, logs in the folder above.`,
  ].join("\n");
}
