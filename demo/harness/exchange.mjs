// An exchange's back end as Holdfast sees it: REST calls signed per RFC 9421 with Ed25519, by node's own cryptography.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { Agent, request } from "node:http";

/** A fresh API key: {id, private_key, public_hex}. */
export function make_api_key(id) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return { id, private_key: privateKey, public_hex: raw.toString("hex") };
}

/** The 32-byte seed of a key made here, as the command line tool keeps it. */
export function seed_of(key) {
  return key.private_key.export({ format: "der", type: "pkcs8" }).subarray(-32);
}

export class Problem extends Error {
  constructor(status, body) {
    super(`${status} ${body?.type ?? ""} ${body?.detail ?? body?.title ?? ""}`.trim());
    this.status = status;
    this.body = body;
  }
}

/**
 * Headers that sign one request: method, path, query, with a body its digest, and the idempotency key if there is one.
 * `created` (Unix seconds) and `leave_out` (a component's name) are for requests that are wrong on purpose.
 */
export function sign_request(key, { method, path, query = "", authority, body, idempotency_key, created, leave_out }) {
  const headers = {};
  const parts = [["@method", method], ["@path", path]];
  if (query) parts.push(["@query", `?${query}`]);
  parts.push(["@authority", authority]);
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
    parts.push(["content-digest", headers["content-digest"]]);
  }
  if (idempotency_key !== undefined) {
    headers["idempotency-key"] = idempotency_key;
    parts.push(["idempotency-key", idempotency_key]);
  }
  const covered = parts.filter(([name]) => name !== leave_out);
  const at = created ?? Math.floor(Date.now() / 1000);
  const nonce = randomBytes(16).toString("base64url");
  const names = covered.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${names});created=${at};keyid="${key.id}";alg="ed25519";nonce="${nonce}";tag="holdfast"`;
  const base = [...covered, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
  headers["signature-input"] = `sig1=${parameters}`;
  headers.signature = `sig1=:${sign(null, Buffer.from(base), key.private_key).toString("base64")}:`;
  return headers;
}

export class Exchange {
  #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor({ host = "127.0.0.1", port, key }) {
    this.host = host;
    this.port = port;
    this.key = key;
  }

  /** One signed call; gives the parsed answer or throws a Problem. */
  async call(method, path, { body, query, idempotency_key } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = this.sign(method, path, { query, body: text, idempotency_key });
    const answer = await this.raw(method, query ? `${path}?${query}` : path, headers, text);
    if (answer.status >= 400) throw new Problem(answer.status, answer.json);
    return answer.json;
  }

  /** Headers for a call; see sign_request(). */
  sign(method, path, { key = this.key, ...more } = {}) {
    return sign_request(key, { method, path, authority: `${this.host}:${this.port}`, ...more });
  }

  /** One call with exactly these headers: {status, headers, text, json}. */
  raw(method, target, headers, text) {
    const length = text === undefined ? {} : { "content-length": Buffer.byteLength(text) };
    const { host, port } = this;
    const options = { host, port, method, path: target, agent: this.#agent, headers: { ...headers, ...length } };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.once("end", () => {
          const body = Buffer.concat(chunks).toString();
          const is_json = /json/.test(response.headers["content-type"] ?? "");
          const json = is_json ? JSON.parse(body) : undefined;
          resolve({ status: response.statusCode, headers: response.headers, text: body, json });
        });
      });
      sent.once("error", reject);
      sent.end(text);
    });
  }

  get(path, query) {
    return this.call("GET", path, { query });
  }

  post(path, body = {}, idempotency_key) {
    return this.call("POST", path, { body, idempotency_key });
  }

  close() {
    this.#agent.destroy();
  }
}

// What customers sign (docs/formats/signed-texts.md), written by code that shares nothing with Holdfast's.

/** A customer's own key: {private_key, text}; `text` is how the API calls its public half. */
export function make_customer_key() {
  const { private_key, public_hex } = make_api_key("");
  return { private_key, text: `ed25519:${public_hex}` };
}

const escaped = (value) => [...Buffer.from(String(value))]
  .map((byte) => (byte < 0x20 || byte > 0x7e || byte === 0x25 ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}` : String.fromCharCode(byte)))
  .join("");

/** {text, signature}: lines "name: value" behind the first, signed by the key. */
function sign_lines(key, first, values) {
  const text = `${first}\n${Object.entries(values).map(([name, value]) => `${name}: ${escaped(value)}\n`).join("")}`;
  return { text, signature: sign_text(key, text) };
}

/** base64url of the key's signature over a text. */
export const sign_text = (key, text) => sign(null, Buffer.from(text), key.private_key).toString("base64url");

export function sign_intent(key, { exchange, customer, request, asset, amount, destination, expires }) {
  return sign_lines(key, "Holdfast withdrawal v1", { exchange, customer, request, asset, amount, destination, expires });
}

export function sign_enrolment(key, { exchange, customer, key: enrolled }) {
  return sign_lines(key, "Holdfast key v1", { exchange, customer, key: enrolled });
}

export function sign_decision(key, { exchange, withdrawal, customer, request, asset, amount, destination, by }) {
  const decision = "approve withdrawal";
  return sign_lines(key, "Holdfast decision v1", { exchange, decision, withdrawal, customer, request, asset, amount, destination, by });
}
