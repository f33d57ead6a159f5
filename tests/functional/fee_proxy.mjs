// Stands between holdfastd and a node: passes everything on as it is, except that it says itself what fees are like.
import { createServer } from "node:http";

const kAnswered = "estimatesmartfee";
const kBadGateway = 502;

/** The answer to one call, as text. */
function estimate({ id, params }, feerate) {
  return JSON.stringify({ result: { feerate, blocks: params[0] }, error: null, id });
}

async function body_of(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Puts answers in front of a batch's, which stay as the node wrote them: numbers, too. */
function with_answers(batch, answers) {
  const rest = batch.trim().slice(1, -1).trim();
  return `[${[...answers, ...(rest ? [rest] : [])].join(",")}]`;
}

export class FeeProxy {
  #node;
  #server;

  /** `feerate` in whole coins per 1000 virtual bytes, as the node says it; set it to change it. */
  constructor(node, feerate) {
    this.#node = node;
    this.feerate = feerate;
  }

  async start() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(kBadGateway).end());
    });
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#server.unref(); // It ends with the test.
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async #answer(request, response) {
    const body = await body_of(request);
    const calls = body.includes(kAnswered) ? JSON.parse(body) : undefined;
    const estimates = calls?.filter(({ method }) => method === kAnswered).map((call) => estimate(call, this.feerate)) ?? [];
    const others = calls ? JSON.stringify(calls.filter(({ method }) => method !== kAnswered)) : body;
    const { authorization } = request.headers;
    const headers = { "content-type": "application/json", authorization };
    const answer = await fetch(`${this.#node.url}${request.url}`, { method: "POST", headers, body: others });
    const text = Buffer.from(await answer.arrayBuffer());
    const whole = estimates.length > 0 && answer.ok ? with_answers(text.toString(), estimates) : text;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(whole);
  }
}
