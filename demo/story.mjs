// How the demo talks: a line per step with the time since it began, and tables.
const kStart = Date.now();
const kListenMs = 50;
const kShownDigits = 6;
const colour = process.stdout.isTTY ? (code, text) => `\u001b[${code}m${text}\u001b[0m` : (_, text) => text;

export const bold = (text) => colour(1, text);
export const green = (text) => colour(32, text);
export const red = (text) => colour(31, text);
export const dim = (text) => colour(2, text);

export function say(words) {
  const seconds = ((Date.now() - kStart) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${dim(seconds)}  ${words}\n`);
}

export function chapter(words) {
  process.stdout.write(`\n${bold(words)}\n`);
}

/** Columns as wide as their longest cell; numbers to the right. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const right = (text) => /^[-\d.,]+( ms| s)?$/.test(text);
  const cell = (text, i) => (right(text) ? text.padStart(widths[i]) : text.padEnd(widths[i]));
  const line = (row) => row.map(cell).join("  ").trimEnd();
  const [first, ...rest] = cells;
  return [bold(line(first)), ...rest.map(line)].map((text) => `  ${text}`).join("\n");
}

/** "1234.567891" -> "1,234.5678": cut, never rounded up. */
export function shown(amount) {
  const [whole, digits = ""] = amount.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${digits.slice(0, kShownDigits).padEnd(1, "0")}`;
}

const short = (txid) => `${txid.slice(0, 10)}…`;

/** Turns the event feed into lines. Remembers which spend pays which withdrawal, and what assets are called. */
class Narrator {
  #spends = new Map();
  #purposes = new Map();
  #symbols = new Map();
  #of_coins = new Set();
  #sent_before = new Set();
  #mined_thefts = new Set();

  #plan({ spend, purpose, withdrawal, batch, inputs }) {
    this.#purposes.set(spend, purpose);
    const paid = batch.length > 0 ? batch : withdrawal ? [withdrawal] : [];
    const words = paid.length > 1 ? `the batch of withdrawals ${paid.join(", ")}` : `withdrawal ${paid[0]}`;
    this.#spends.set(spend, paid.length > 0 ? words : `${purpose} ${spend}`);
    if (inputs.length > 0) this.#of_coins.add(spend);
  }

  #spend({ spend }) {
    return this.#spends.get(spend) ?? `spend ${spend}`;
  }

  /** A reserve lies with the signers until it is needed; of its birth there is nothing to tell. */
  #sent({ spend, txid }) {
    if (this.#purposes.get(spend) === "reserve") return undefined;
    const again = this.#sent_before.has(spend) ? " again, dearer," : "";
    this.#sent_before.add(spend);
    return dim(`${this.#spend({ spend })} is on its way${again} as ${short(txid)}`);
  }

  #lost({ spend }) {
    if (this.#purposes.get(spend) === "reserve") return undefined;
    return red(`${this.#spend({ spend })} lost its ${this.#of_coins.has(spend) ? "coins" : "nonce"} to another transaction`);
  }

  #money({ amount, asset }) {
    return `${amount} ${this.#symbols.get(asset)}`;
  }

  /** One key can save; spending takes two. */
  #owners({ spend }) {
    return this.#purposes.get(spend) === "evacuation" ? "one owner" : "two owners";
  }

  /** Of coins it is told once for each of them. */
  #thief({ txid, height }) {
    if (this.#mined_thefts.has(txid)) return undefined;
    this.#mined_thefts.add(txid);
    return red(`the thief's ${short(txid)} is in block ${height}`);
  }

  /** The line for an event, or nothing. */
  tell({ type, data }) {
    const told = {
      "asset.registered": () => void this.#symbols.set(data.asset, data.symbol),
      "withdrawal.requested": () => `withdrawal ${data.withdrawal}: ${this.#money(data)} to ${short(data.destination)}`,
      "withdrawal.rejected": () => `withdrawal ${data.withdrawal} is rejected`,
      "withdrawal.returned": () => `withdrawal ${data.withdrawal} is returned: ${data.reason}`,
      "spend.planned": () => this.#plan(data),
      "spend.authorised": () => dim(`${this.#spend(data)} is signed by ${this.#owners(data)}`),
      "spend.signed": () => this.#sent(data),
      "spend.mined": () => `${this.#spend(data)} is in block ${data.height}`,
      "spend.settled": () => green(`${this.#spend(data)} is final`),
      "spend.superseded": () => this.#lost(data),
      "incident.opened": () => bold(`INCIDENT ${data.id}: ${data.cause}, ${short(data.txid ?? "no transaction")}`),
      "foreign_spend.mined": () => this.#thief(data),
      "freeze.placed": () => bold("everything is frozen"),
      "freeze.acknowledged": () => `${data.signer} is frozen`,
    };
    return told[type]?.();
  }
}

/** Prints what the event feed tells, in order, from now on. Gives what stops it, after everything so far was told. */
export async function narrate(exchange) {
  const narrator = new Narrator();
  let next = 0;
  const listen = async (print) => {
    for (;;) {
      const page = await exchange.get("/v1/events", next === 0 ? "limit=1000" : `after=${next - 1}&limit=1000`);
      for (const event of page.events) {
        const line = narrator.tell(event);
        if (line && print) say(line);
      }
      next += page.events.length;
      if (page.events.length === 0) return;
    }
  };
  await listen(false);
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await listen(true);
      await new Promise((resolve) => setTimeout(resolve, kListenMs));
    }
    await listen(true);
  })();
  running.catch(() => {}); // Told by whoever stops it.
  return async () => {
    stopped = true;
    await running;
  };
}
