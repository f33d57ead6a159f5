// Risk control at work: a policy comes into force by two people, stops a withdrawal and says why, and a detector climbs.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet, parseUnits } from "ethers";
import { balance_of } from "./harness/checks.mjs";
import { until_ended } from "./harness/customers.mjs";
import { Exchange } from "./harness/exchange.mjs";
import { kRoot, program } from "./harness/installation.mjs";
import { write_settings } from "./look_around.mjs";
import { chapter, dim, green, say } from "./story.mjs";

const kShared = "50"; // DAI that each of four customers asks for, to one address.

/** What the command line tool prints for an operator, indented. */
function told(installation, ...words) {
  const settings = write_settings(installation, installation.operator_key);
  const text = execFileSync(program("holdfast"), ["--config", settings, ...words], { encoding: "utf8" });
  say(dim(`$ holdfast ${words.join(" ")}`));
  process.stdout.write(`${text.trimEnd().replace(/^/gm, "          ")}\n`);
}

async function put_in_force({ operator }, second) {
  const text = readFileSync(join(kRoot, "demo/policy.toml"), "utf8");
  const policy = await operator.post("/v1/policies", { name: "demo", text });
  await second.post(`/v1/policies/${policy.id}/approve`);
  await operator.post(`/v1/policies/${policy.id}/activate`);
  say(`demo/policy.toml is in force: proposed by one operator, approved by another (${policy.hash.slice(0, 12)}…)`);
}

/** Held by a rule; goes on when somebody of risk and the customer have said yes. */
async function large_to_unknown({ exchange, installation, customers, assets }, second) {
  const dai = assets.find(({ symbol }) => symbol === "DAI");
  const destination = Wallet.createRandom().address;
  const body = { customer: customers[1].id, asset: "DAI", amount: "4500", destination, device: "a new phone", ip: "203.0.113.9" };
  const held = await exchange.post("/v1/withdrawals", body, "demo-risk-large");
  say(`${customers[1].reference} asks for 4,500 DAI to an address that was never paid: ${held.verdict.demand}`);
  told(installation, "withdrawals", "why", String(held.id));
  await second.post(`/v1/withdrawals/${held.id}/approve`);
  await exchange.post(`/v1/withdrawals/${held.id}/confirm`);
  await until_ended(exchange, [held.id], 60);
  if ((await balance_of(installation.chain, dai, destination)) !== parseUnits("4500", dai.decimals)) throw new Error("4,500 DAI did not arrive");
  say(green("somebody of risk approves, the customer confirms: paid"));
}

/** The fourth customer of one address waits for two people, who say no. */
async function shared_destination({ exchange, installation, customers, assets }, second) {
  const dai = assets.find(({ symbol }) => symbol === "DAI");
  const destination = Wallet.createRandom().address;
  const asked = [];
  for (const [n, customer] of customers.slice(0, 4).entries()) {
    const body = { customer: customer.id, asset: "DAI", amount: kShared, destination };
    const made = await exchange.post("/v1/withdrawals", body, `demo-risk-shared-${n}`);
    asked.push(made);
    say(`${customer.reference} asks for ${kShared} DAI to the same new address: ${made.verdict?.demand ?? "allow"}`);
  }
  const demands = asked.map(({ verdict }) => verdict?.demand ?? "allow");
  if (demands.join("; ") !== "allow; allow; delay 2s; review 2 risk, delay 2s") throw new Error(`the detector says ${demands.join("; ")}`);
  told(installation, "grades");
  told(installation, "cases", "list");
  await second.post(`/v1/cases/${asked[3].verdict.case}/reject`, { up_to: asked[3].id });
  const ended = await until_ended(exchange, asked.map(({ id }) => id), 60);
  const states = ended.map(({ state }) => state).join(", ");
  const arrived = await balance_of(installation.chain, dai, destination);
  if (states !== "completed, completed, completed, rejected" || arrived !== parseUnits("150", dai.decimals)) throw new Error(states);
  say(green("the third was slowed down, the fourth is rejected with its case"));
}

export async function risk_control(work) {
  chapter("Risk control: a verdict with its why and why not, and a detector");
  const { installation } = work;
  const second = new Exchange({ port: installation.http_port, key: installation.second_operator_key });
  await put_in_force(work, second);
  await large_to_unknown(work, second);
  await shared_destination(work, second);
  second.close();
}
