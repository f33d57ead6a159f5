// Calls routes as docs/api/openapi.json describes them, and holds each answer against the document.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kRoot } from "../../demo/harness/installation.mjs";
import { differences } from "./json_schema.mjs";

export const kDocument = JSON.parse(readFileSync(join(kRoot, "docs/api/openapi.json"), "utf8"));

/** Calls one route and holds the answer against the document. Remembers which were called. */
export class Caller {
  called = new Set();

  constructor({ exchange, installation }) {
    this.exchange = exchange;
    const { exchange_key, operator_key, second_operator_key, viewer_key } = installation;
    this.keys = { exchange: exchange_key, operator: operator_key, second: second_operator_key, viewer: viewer_key };
  }

  async call(role, method, route, { ids = [], body, query, idempotency_key, status = 200 } = {}) {
    const path = ids.reduce((text, id) => text.replace("{id}", id), route);
    const text = body && JSON.stringify(body);
    const headers = this.exchange.sign(method, path, { key: this.keys[role], query, body: text, idempotency_key });
    const answer = await this.exchange.raw(method, query ? `${path}?${query}` : path, headers, text);
    const described = kDocument.paths[route][method.toLowerCase()];
    assert.ok(described, `${method} ${route}`);
    this.called.add(`${method} ${route}`);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    const { content } = described.responses[status] ?? described.responses.default;
    const [type, { schema }] = Object.entries(content)[0];
    assert.ok(answer.headers["content-type"].startsWith(type), `${method} ${path}: ${answer.headers["content-type"]}`);
    if (schema && answer.json) assert.deepEqual(differences(kDocument, schema, answer.json), [], `${method} ${path}`);
    return answer.json;
  }
}
