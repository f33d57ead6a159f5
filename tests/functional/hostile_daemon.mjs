// A holdfastd in the hands of an intruder (tests/hostile), beside real signers: what it does is told here, line by line.
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { kRoot, kSigners } from "../../demo/harness/installation.mjs";
import { until } from "../../demo/harness/processes.mjs";

const kBuild = process.env.HOLDFAST_BUILD ?? "build/release";

export const b64 = (hex) => Buffer.from(hex.replace(/^0x/, ""), "hex").toString("base64");
/** Money as records write it: big-endian, no leading zero byte. */
export function b64_amount(units) {
  const hex = units === 0n ? "" : units.toString(16);
  return b64(hex.length % 2 ? `0${hex}` : hex);
}

export class HostileDaemon {
  #child;
  #waiting = [];

  constructor(installation) {
    const path = (name) => installation.path(name);
    const args = [
      path("data"), `127.0.0.1:${installation.signer_port}`, path("tls/ca.pem"), path("tls/holdfastd.pem"), path("tls/holdfastd.key"),
      "holdfast.demo/journal", ...kSigners,
    ];
    this.#child = spawn(resolve(kRoot, kBuild, "tests/hostile/hostile-holdfastd"), args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift()?.(JSON.parse(line)));
    this.ended = new Promise((done) => this.#child.once("exit", done));
  }

  async do(what, more = {}) {
    const answer = new Promise((done) => this.#waiting.push(done));
    this.#child.stdin.write(`${JSON.stringify({ do: what, ...more })}\n`);
    const got = await answer;
    if (got.error) throw new Error(got.error);
    return got;
  }

  async tell(...events) {
    const at_ms = String(Date.now());
    return (await this.do("tell", { events: events.map((event) => ({ at_ms, ...event })) })).size;
  }

  /** What a signer answers; its refusal's code, or "" when it has signed. */
  async ask(signer, request) {
    const { reply, silent } = await this.do("ask", { signer, request });
    if (silent) throw new Error(`${signer} does not answer`);
    return { refusal: reply.refusal ?? "", text: reply.text ?? "", signature: reply.signature };
  }

  async ready() {
    await until("three signers attached", async () => (await this.do("attached")).signers.length === kSigners.length);
  }

  async stop() {
    this.#child.stdin.end();
    this.#child.kill();
    await this.ended;
  }
}
