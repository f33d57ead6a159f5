// Deploys the on-chain half of Holdfast to one EVM chain and reads it back: Safe 1.5.0 for hot and cold wallet, guard,
// evacuation module, forwarder factory.
//
// No owner signs anything here, because owners' keys live elsewhere: guard and module go in through the hot Safe's own
// `setup`. The hot Safe's address depends on its guard's address and the guard must know its Safe; the circle is cut by
// taking the guard's and the module's address from the deployer's account nonce, which depends on neither.
//
// The hot Safe has no fallback handler: with one that answers EIP-1271, a hot quorum could sign a token's `permit` and
// spend past the guard.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  AbiCoder, Contract, ContractFactory, Interface, JsonRpcProvider, Wallet, ZeroAddress, concat, dataSlice, getAddress,
  getCreate2Address, getCreateAddress, isAddress, keccak256, solidityPackedKeccak256, toBeHex, zeroPadValue,
} from "ethers";
import { build } from "../contracts/build.mjs";

const require = createRequire(import.meta.url);
const kRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const kSafeArtifacts = "@safe-global/safe-smart-account/build/artifacts/contracts";
const kGuardSlot = "0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8"; // guard_manager.guard.address
const kModuleGuardSlot = "0xb104e0b93118902c651344349b610029d694cfdec91c589c91ebafbcd0289947";
const kFallbackHandlerSlot = "0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5";
const kFirstModule = "0x0000000000000000000000000000000000000001"; // head of the Safe's module list
const kLimitMax = (1n << 112n) - 1n;
const kForwarderHead = "0x3d602d80600a3d3981f3363d3d373d3d3d363d73"; // EIP-1167 around the implementation's address
const kForwarderTail = "0x5af43d82803e903d91602b57fd5bf3";

const safe_artifact = (path) => require(`${kSafeArtifacts}/${path}`);
const kSafe = safe_artifact("Safe.sol/Safe.json");
const kSafeProxy = safe_artifact("proxies/SafeProxy.sol/SafeProxy.json");
const kSafeFactory = safe_artifact("proxies/SafeProxyFactory.sol/SafeProxyFactory.json");
const kSafeHandler = safe_artifact("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json");

/** Artifact of one of our contracts, from contracts/out (see contracts/build.mjs). */
export function artifact(name) {
  return JSON.parse(readFileSync(join(kRoot, "contracts/out", `${name}.json`), "utf8"));
}

/** Keccak-256 of a forwarder's creation code, as CREATE2 wants it. */
export function forwarder_init_code_hash(implementation) {
  return keccak256(concat([kForwarderHead, implementation, kForwarderTail]));
}

/** The deposit address of a salt. */
export function forwarder_address(deployment, salt) {
  return getCreate2Address(deployment.factory, salt, deployment.initCodeHash);
}

function require_that(condition, words) {
  if (!condition) throw new Error(`deploy: ${words}`);
}

function check_quorum(name, { owners, threshold }, threshold_min) {
  require_that(Array.isArray(owners) && owners.every((owner) => isAddress(owner)), `${name}.owners are not addresses`);
  const different = new Set(owners.map((owner) => getAddress(owner)));
  require_that(different.size === owners.length && !different.has(ZeroAddress), `${name}.owners repeat or are zero`);
  require_that(
    Number.isInteger(threshold) && threshold >= threshold_min && threshold <= owners.length,
    `${name}.threshold must be ${threshold_min} to ${owners.length}`,
  );
}

function checked_tokens(tokens) {
  require_that(Array.isArray(tokens) && tokens.length > 0, "tokens are missing");
  const checked = tokens.map(({ address, dailyLimit }) => {
    require_that(isAddress(address), `token ${address} is not an address`);
    const limit = BigInt(dailyLimit);
    require_that(limit > 0n && limit <= kLimitMax, `dailyLimit of ${address} is out of range`);
    return { address: getAddress(address), dailyLimit: limit.toString() };
  });
  require_that(new Set(checked.map((token) => token.address)).size === checked.length, "tokens repeat");
  return checked;
}

function check_request({ hot, cold }) {
  check_quorum("hot", hot, 2); // one key must not be able to spend
  check_quorum("cold", cold, 1);
  const hot_owners = new Set(hot.owners.map((owner) => getAddress(owner)));
  require_that(!cold.owners.some((owner) => hot_owners.has(getAddress(owner))), "an owner is both hot and cold");
}

/** Sends the deployer's transactions one after the other, with nonces known beforehand. */
class Sender {
  static async open(provider, deployer) {
    const address = await deployer.getAddress();
    return new Sender(provider, deployer, address, await provider.getTransactionCount(address, "pending"));
  }

  constructor(provider, deployer, address, nonce) {
    Object.assign(this, { provider, deployer, address, nonce, gas: {}, first_block: undefined });
  }

  /** Address of the contract that the transaction `ahead` transactions from now will create. */
  created_address(ahead = 0) {
    return getCreateAddress({ from: this.address, nonce: this.nonce + ahead });
  }

  async send(name, transaction) {
    const sent = await this.deployer.sendTransaction({ ...transaction, nonce: this.nonce });
    this.nonce += 1;
    const receipt = await sent.wait();
    this.gas[name] = Number(receipt.gasUsed);
    this.first_block ??= receipt.blockNumber;
    return receipt;
  }

  async create(name, { abi, bytecode }, args = []) {
    const expected = this.created_address();
    const receipt = await this.send(name, await new ContractFactory(abi, bytecode).getDeployTransaction(...args));
    require_that(receipt.contractAddress === expected, `${name} is not where it was predicted`);
    return expected;
  }
}

/** Deploys the published Safe contracts, or takes those that stand, if their code is the published one. */
async function safe_contracts(sender, existing = {}) {
  const standing = {};
  for (const [key, source] of [["singleton", kSafe], ["factory", kSafeFactory], ["handler", kSafeHandler]]) {
    if (existing[key] === undefined) {
      standing[key] = await sender.create(`safe_${key}`, source);
    } else {
      standing[key] = getAddress(existing[key]);
      const code = await sender.provider.getCode(standing[key]);
      require_that(code === source.deployedBytecode, `code at ${standing[key]} is not Safe 1.5.0's ${key}`);
    }
  }
  return standing;
}

function safe_initializer({ owners, threshold }, to, data, handler) {
  const setup = [owners, threshold, to, data, handler, ZeroAddress, 0, ZeroAddress];
  return new Interface(kSafe.abi).encodeFunctionData("setup", setup);
}

function proxy_address({ factory, singleton }, initializer, salt_nonce) {
  const salt = solidityPackedKeccak256(["bytes32", "uint256"], [keccak256(initializer), salt_nonce]);
  const constructor_args = AbiCoder.defaultAbiCoder().encode(["address"], [singleton]);
  return getCreate2Address(factory, salt, keccak256(concat([kSafeProxy.bytecode, constructor_args])));
}

/** Creating a proxy is open to anybody and gives the same result, so one that stands already is as good. */
async function create_proxy(sender, name, contracts, initializer, salt_nonce) {
  const address = proxy_address(contracts, initializer, salt_nonce);
  if ((await sender.provider.getCode(address)) === "0x") {
    const order = [contracts.singleton, initializer, salt_nonce];
    const data = new Interface(kSafeFactory.abi).encodeFunctionData("createProxyWithNonce", order);
    await sender.send(name, { to: contracts.factory, data });
  }
  return address;
}

/** Guard, module and hot Safe, each of which knows the other two's addresses from birth. */
async function deploy_hot(sender, contracts, { hot, cold, tokens, salt_nonce }) {
  const setup = await sender.create("safe_setup", artifact("SafeSetup"));
  const guard = sender.created_address(0);
  const module = sender.created_address(1);
  const install = new Interface(artifact("SafeSetup").abi).encodeFunctionData("install", [guard, module]);
  const initializer = safe_initializer(hot, setup, install, ZeroAddress);
  const safe = proxy_address(contracts, initializer, salt_nonce);
  const limits = tokens.map((token) => token.dailyLimit);
  await sender.create("guard", artifact("LimitGuard"), [safe, cold, tokens.map((token) => token.address), limits]);
  await sender.create("module", artifact("EvacuationModule"), [safe, cold]);
  await create_proxy(sender, "hot_safe", contracts, initializer, salt_nonce);
  return { safe, guard, module, safeSetup: setup };
}

/**
 * Deploys everything, reads it back and returns the deployment (see contracts/README.md for its fields).
 *
 * @param provider ethers provider of the chain
 * @param deployer ethers signer with coins for gas, connected to the provider; it keeps no power over the result
 * @param hot {owners, threshold} of the hot Safe, threshold at least 2
 * @param cold {owners, threshold} of the cold Safe, no owner in common with hot
 * @param tokens [{address, dailyLimit}] what may leave the hot Safe per 24 hours, in base units; ZeroAddress is native
 * @param existing {singleton, factory, handler} Safe 1.5.0 contracts that stand already, any of them
 * @param salt_nonce another number gives other Safe addresses
 */
export async function deploy({ provider, deployer, hot, cold, tokens, existing = {}, salt_nonce = 0n }) {
  build();
  check_request({ hot, cold });
  const listed = checked_tokens(tokens);
  const sender = await Sender.open(provider, deployer);
  const contracts = await safe_contracts(sender, existing);
  const cold_initializer = safe_initializer(cold, ZeroAddress, "0x", contracts.handler);
  const cold_safe = await create_proxy(sender, "cold_safe", contracts, cold_initializer, salt_nonce);
  const parts = await deploy_hot(sender, contracts, { hot, cold: cold_safe, tokens: listed, salt_nonce });
  const factory = await sender.create("factory", artifact("ForwarderFactory"), [cold_safe, parts.safe]);
  const forwarders = new Contract(factory, artifact("ForwarderFactory").abi, provider);
  const deployment = {
    chainId: Number((await provider.getNetwork()).chainId),
    blockNumber: sender.first_block,
    safe: parts.safe,
    cold: cold_safe,
    guard: parts.guard,
    module: parts.module,
    factory,
    forwarderImplementation: await forwarders.implementation(),
    initCodeHash: await forwarders.initCodeHash(),
    hot: { owners: hot.owners.map((owner) => getAddress(owner)), threshold: hot.threshold },
    coldQuorum: { owners: cold.owners.map((owner) => getAddress(owner)), threshold: cold.threshold },
    tokens: listed,
    safeContracts: { ...contracts, setup: parts.safeSetup },
    gasUsed: sender.gas,
  };
  await verify({ provider, deployment });
  return deployment;
}

async function stored_address(provider, contract, slot) {
  return getAddress(dataSlice(zeroPadValue(await provider.getStorage(contract, slot), 32), 12));
}

/** [what, is, should be] of one Safe; owners in the order the Safe keeps them. */
async function safe_facts(provider, name, address, quorum, expected) {
  const safe = new Contract(address, kSafe.abi, provider);
  const [modules] = await safe.getModulesPaginated(kFirstModule, 10);
  return [
    [`${name}: singleton`, await stored_address(provider, address, 0), expected.singleton],
    [`${name}: version`, await safe.VERSION(), "1.5.0"],
    [`${name}: owners`, [...(await safe.getOwners())].sort(), [...quorum.owners].sort()],
    [`${name}: threshold`, await safe.getThreshold(), quorum.threshold],
    [`${name}: guard`, await stored_address(provider, address, kGuardSlot), expected.guard],
    [`${name}: module guard`, await stored_address(provider, address, kModuleGuardSlot), ZeroAddress],
    [`${name}: modules`, [...modules], expected.modules],
    [`${name}: fallback handler`, await stored_address(provider, address, kFallbackHandlerSlot), expected.handler],
  ];
}

async function own_contract_facts(provider, deployment) {
  const at = (name, address) => new Contract(address, artifact(name).abi, provider);
  const guard = at("LimitGuard", deployment.guard);
  const module = at("EvacuationModule", deployment.module);
  const factory = at("ForwarderFactory", deployment.factory);
  const salt = toBeHex(1, 32);
  const facts = [
    ["guard: safe", await guard.safe(), deployment.safe],
    ["guard: cold", await guard.cold(), deployment.cold],
    ["guard: frozen", await guard.frozen(), false],
    ["module: safe", await module.safe(), deployment.safe],
    ["module: cold", await module.cold(), deployment.cold],
    ["factory: admin", await factory.admin(), deployment.cold],
    ["factory: hotWallet", await factory.hotWallet(), deployment.safe],
    ["factory: initCodeHash", deployment.initCodeHash, forwarder_init_code_hash(deployment.forwarderImplementation)],
    ["factory: addressOf", await factory.addressOf(salt), forwarder_address(deployment, salt)],
  ];
  for (const { address, dailyLimit } of deployment.tokens) {
    facts.push([`guard: limit of ${address}`, (await guard.bucketOf(address)).dailyLimit, dailyLimit]);
  }
  return facts;
}

/** Reads a deployment back from the chain and throws with every difference. Asks the chain only. */
export async function verify({ provider, deployment }) {
  const { singleton, handler } = deployment.safeContracts;
  const facts = [
    ["chain id", (await provider.getNetwork()).chainId, deployment.chainId],
    ["singleton: code", keccak256(await provider.getCode(singleton)), keccak256(kSafe.deployedBytecode)],
    ...(await safe_facts(provider, "hot safe", deployment.safe, deployment.hot, {
      singleton, guard: deployment.guard, modules: [deployment.module], handler: ZeroAddress,
    })),
    ...(await safe_facts(provider, "cold safe", deployment.cold, deployment.coldQuorum, {
      singleton, guard: ZeroAddress, modules: [], handler,
    })),
    ...(await own_contract_facts(provider, deployment)),
  ];
  const wrong = facts.filter(([, is, should_be]) => String(is) !== String(should_be));
  require_that(wrong.length === 0, wrong.map(([what, is, be]) => `${what} is ${is}, not ${be}`).join("; "));
}

const kUsage = `Usage: node tools/deploy.mjs --rpc URL --config FILE (--key-file FILE | --key-fd N) [--out FILE]
       node tools/deploy.mjs --rpc URL --verify FILE

  --config   JSON: {"hot": {"owners": [..], "threshold": 2}, "cold": {"owners": [..], "threshold": n},
             "tokens": [{"address": "0x..", "dailyLimit": "base units"}],
             "existing": {"singleton", "factory", "handler"} (optional)}
  --key-file, --key-fd   where to read the deployer's private key (hex); never on the command line
  --out      deployment file; standard output without it
  --verify   read an earlier deployment file back from the chain, send nothing`;

async function main() {
  const options = Object.fromEntries(
    ["rpc", "config", "key-file", "key-fd", "out", "verify"].map((name) => [name, { type: "string" }]),
  );
  const { values } = parseArgs({ options: { ...options, help: { type: "boolean" } } });
  const has_key = values["key-file"] !== undefined || values["key-fd"] !== undefined;
  if (values.help || !values.rpc || (!values.verify && !(values.config && has_key))) {
    console.log(kUsage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const polling = { cacheTimeout: -1, polling: true, pollingInterval: 500 };
  const provider = new JsonRpcProvider(values.rpc, undefined, polling);
  try {
    if (values.verify) {
      await verify({ provider, deployment: JSON.parse(readFileSync(values.verify, "utf8")) });
      console.log("deploy: as recorded");
      return;
    }
    const key = readFileSync(values["key-file"] ?? Number(values["key-fd"]), "utf8").trim();
    const request = JSON.parse(readFileSync(values.config, "utf8"));
    const deployment = await deploy({ ...request, provider, deployer: new Wallet(key, provider) });
    const text = `${JSON.stringify(deployment, null, 2)}\n`;
    if (!values.out) return void process.stdout.write(text);
    writeFileSync(`${values.out}.new`, text);
    renameSync(`${values.out}.new`, values.out);
  } finally {
    provider.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.shortMessage ?? error.message);
    process.exitCode = 1;
  });
}
