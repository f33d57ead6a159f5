// Starts programs, keeps their output in files, and ends them all, whatever happens.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const kStopMs = 5_000;

/** A port nobody listens on now. */
export function free_port() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks `ready` again and again until it gives something true; throws with `what` when `seconds` are over. */
export async function until(what, ready, seconds = 30, pause_ms = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ready();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, pause_ms));
  }
}

function hand_over(child, secrets) {
  for (const [i, secret] of secrets.entries()) {
    child.stdio[3 + i].on("error", () => {}); // It ended without reading; how it ended tells why.
    child.stdio[3 + i].end(secret);
  }
}

export class Processes {
  #folder;
  #running = new Map();
  #stopped = false;

  /** Output goes to FOLDER/NAME.log. */
  constructor(folder) {
    this.#folder = folder;
  }

  log_file(name) {
    return join(this.#folder, `${name}.log`);
  }

  log_tail(name, lines = 15) {
    return readFileSync(this.log_file(name), "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** `secrets` are what the program reads from file descriptors 3, 4 and so on: never in argv or the environment. */
  start(name, command, args, { secrets = [] } = {}) {
    if (this.#stopped) throw new Error("stopping");
    const log = openSync(this.log_file(name), "a");
    const child = spawn(command, args, { stdio: ["ignore", log, log, ...secrets.map(() => "pipe")] });
    closeSync(log);
    const ended = new Promise((resolve) => {
      child.once("error", (error) => resolve({ error }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    hand_over(child, secrets);
    ended.then(() => this.#running.delete(name));
    this.#running.set(name, { child, ended });
    return { child, ended };
  }

  running(name) {
    return this.#running.has(name);
  }

  /** Ends one; SIGKILL for a crash, SIGTERM to let it finish. */
  async stop(name, signal = "SIGTERM") {
    const entry = this.#running.get(name);
    if (!entry) return;
    entry.child.kill(signal);
    const timer = setTimeout(() => entry.child.kill("SIGKILL"), kStopMs);
    await entry.ended;
    clearTimeout(timer);
  }

  /** Ends all; nothing can be started any more. */
  async stop_all() {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].reverse().map((name) => this.stop(name)));
  }
}

/** Runs a program to its end and gives what it printed; throws with that when it fails. */
export function run(command, args, { secrets = [] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe", ...secrets.map(() => "pipe")] });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    hand_over(child, secrets);
    const missing = new Error(`${command} is not there; make build`);
    child.once("error", (error) => reject(error.code === "ENOENT" ? missing : error));
    child.once("close", (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${(err || out).trim()}`));
    });
  });
}
