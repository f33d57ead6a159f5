// Writes the vectors beside it: keys, and passkeys' assertions right and spoiled in one place each, made with node's crypto
// and @noble/curves: code that shares nothing with Holdfast. The same on every run. `--check` writes nothing and fails when
// a file would change.
import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ed25519 } from "@noble/curves/ed25519";
import { p256 } from "@noble/curves/p256";
import { p384 } from "@noble/curves/p384";
import { secp256k1 } from "@noble/curves/secp256k1";

const kHere = dirname(fileURLToPath(import.meta.url));
const kSource = "node's crypto, @noble/curves 1.2.0";
const kParty = { id: "exchange.example", origins: ["https://exchange.example", "https://app.exchange.example:8443"] };
const kText =
  "Holdfast withdrawal v1\nexchange: holdfast.example/journal\ncustomer: alice\nrequest: 000102030405060708090a0b0c0d0e0f\n" +
  "asset: eip155:1/slip44:60\namount: 1000000000000000000\ndestination: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n" +
  "expires: 2030-01-01T00:00:00Z\n";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const seed = (number) => sha256(`holdfast test passkey ${number}`);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

const kEd25519Pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const ed25519_key = (number) => createPrivateKey({ key: Buffer.concat([kEd25519Pkcs8, seed(number)]), format: "der", type: "pkcs8" });
const spki = (key) => createPublicKey(key).export({ type: "spki", format: "der" });

function ec_spki(number, curve = p256, crv = "P-256") {
  const bytes = curve.ProjectivePoint.BASE.multiply(BigInt(`0x${hex(seed(number))}`)).toRawBytes(false).subarray(1);
  const [x, y] = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)].map((one) => Buffer.from(one).toString("base64url"));
  return createPublicKey({ key: { kty: "EC", crv, x, y }, format: "jwk" }).export({ type: "spki", format: "der" });
}

/** ECDSA after RFC 6979 in DER, with s in the half that is asked for; node must agree that it is right. */
function es256(number, message, high_s = false) {
  const plain = p256.sign(sha256(message), seed(number), { lowS: true });
  const signature = high_s ? new p256.Signature(plain.r, p256.CURVE.n - plain.s) : plain;
  const der = Buffer.from(signature.toDERRawBytes());
  assert.ok(verify("sha256", message, { key: ec_spki(number), format: "der", type: "spki" }, der));
  return der;
}

/** Ed25519 by both libraries, which agree. */
function eddsa(number, message) {
  const signature = sign(null, message, ed25519_key(number));
  assert.deepEqual(signature, Buffer.from(ed25519.sign(message, seed(number))));
  return signature;
}

const kAlgorithms = {
  ES256: { key: 1, sign: es256, credential: `webauthn:${ec_spki(1).toString("base64")}` },
  EdDSA: { key: 2, sign: eddsa, credential: `webauthn:${spki(ed25519_key(2)).toString("base64")}` },
};

const client_data = (changes = {}) => ({
  type: "webauthn.get", challenge: sha256(kText).toString("base64url"), origin: kParty.origins[0], crossOrigin: false, ...changes,
});
const authenticator_data = ({ id = kParty.id, flags = 0x05, counter = 7, rest = "" } = {}) => {
  const tail = Buffer.alloc(5);
  tail[0] = flags;
  tail.writeUInt32BE(counter, 1);
  return Buffer.concat([sha256(id), tail, Buffer.from(rest, "hex")]);
};

/** Each spoiled in one place, and everything that holds it signed again by the right key. */
const kSigned = [
  ["as it should be", "ok", {}],
  ["the other origin", "ok", { client: client_data({ origin: kParty.origins[1] }) }],
  ["crossOrigin left out", "ok", { client: client_data({ crossOrigin: undefined }) }],
  ["members that came later", "ok", { client: client_data({ other_keys_can_be_added_here: "do not compare", topOrigin: "x" }) }],
  ["flags of a synchronised passkey", "ok", { authenticator: authenticator_data({ flags: 0x1d, counter: 0 }) }],
  ["with extensions", "ok", { authenticator: authenticator_data({ flags: 0x85, rest: "a0" }) }],
  ["another challenge", "proof_challenge_wrong", { client: client_data({ challenge: sha256(`${kText} `).toString("base64url") }) }],
  ["a padded challenge", "proof_challenge_wrong", { client: client_data({ challenge: `${sha256(kText).toString("base64url")}=` }) }],
  ["a registration", "proof_type_wrong", { client: client_data({ type: "webauthn.create" }) }],
  ["another origin", "proof_origin_wrong", { client: client_data({ origin: "https://exchange.example.evil" }) }],
  ["an origin without TLS", "proof_origin_wrong", { client: client_data({ origin: "http://exchange.example" }) }],
  ["in a frame", "proof_cross_origin", { client: client_data({ crossOrigin: true }) }],
  ["crossOrigin as a text", "proof_client_data_malformed", { client: client_data({ crossOrigin: "false" }) }],
  ["no challenge", "proof_client_data_malformed", { client: client_data({ challenge: undefined }) }],
  ["a number as origin", "proof_client_data_malformed", { client: client_data({ origin: 7 }) }],
  ["a list", "proof_client_data_malformed", { client: [client_data()] }],
  ["no JSON", "proof_client_data_malformed", { raw_client: "webauthn.get" }],
  ["two challenges", "proof_client_data_malformed", { raw_client: `${JSON.stringify(client_data()).slice(0, -1)},"challenge":"x"}` }],
  ["something behind the JSON", "proof_client_data_malformed", { raw_client: `${JSON.stringify(client_data())} {}` }],
  ["deep JSON", "proof_client_data_malformed", { raw_client: `{"x":${"[".repeat(30)}${"]".repeat(30)},${JSON.stringify(client_data()).slice(1)}` }],
  ["another relying party", "proof_relying_party_wrong", { authenticator: authenticator_data({ id: "exchange.example.evil" }) }],
  ["nobody there", "proof_user_absent", { authenticator: authenticator_data({ flags: 0x04 }) }],
  ["not verified", "proof_user_unverified", { authenticator: authenticator_data({ flags: 0x01 }) }],
  ["cut off", "proof_authenticator_data_malformed", { authenticator: authenticator_data().subarray(0, 36) }],
  ["empty", "proof_authenticator_data_malformed", { authenticator: Buffer.alloc(0) }],
  ["a byte behind", "proof_authenticator_data_malformed", { authenticator: authenticator_data({ rest: "00" }) }],
  ["extensions announced, none there", "proof_authenticator_data_malformed", { authenticator: authenticator_data({ flags: 0x85 }) }],
  ["with attested data", "proof_authenticator_data_malformed", { authenticator: authenticator_data({ flags: 0x45, rest: "00".repeat(18) }) }],
];

function assertion(algorithm, { client = client_data(), raw_client, authenticator = authenticator_data(), key, high_s } = {}) {
  const client_bytes = Buffer.from(raw_client ?? JSON.stringify(client));
  const message = Buffer.concat([authenticator, sha256(client_bytes)]);
  const signature = algorithm.sign(key ?? algorithm.key, message, high_s);
  return { authenticator_data: hex(authenticator), client_data_json: hex(client_bytes), signature: hex(signature) };
}

function spoiled_signatures(name, algorithm) {
  const good = assertion(algorithm);
  const wrong = (what, changes) => [what, "proof_signature_wrong", { ...good, ...changes }];
  const flipped = Buffer.from(good.signature, "hex");
  flipped[flipped.length - 1] ^= 1;
  const counter = authenticator_data({ counter: 8 });
  const out = [
    wrong("by another key", assertion(algorithm, { key: 3 })),
    wrong("a flipped bit", { signature: hex(flipped) }),
    wrong("a byte behind the signature", { signature: `${good.signature}00` }),
    wrong("no signature", { signature: "" }),
    wrong("the counter changed", { authenticator_data: hex(counter) }),
    wrong("a blank in clientDataJSON", { client_data_json: hex(`${JSON.stringify(client_data())} `) }),
  ];
  if (name === "EdDSA") return out;
  const r = Buffer.from(good.signature, "hex");
  const loose = Buffer.concat([Buffer.from([0x30, 0x81]), r.subarray(1)]);  // A length in two bytes where one does.
  return [
    ...out,
    wrong("DER that is not in its only form", { signature: hex(loose) }),
    wrong("r and s without DER", { signature: hex(p256.Signature.fromDER(good.signature).toCompactRawBytes()) }),
    ["s of the upper half", "ok", assertion(algorithm, { high_s: true })],
  ];
}

function assertion_cases() {
  return Object.entries(kAlgorithms).flatMap(([name, algorithm]) => {
    const signed = kSigned.map(([what, outcome, changes]) => [what, outcome, assertion(algorithm, changes)]);
    return [...signed, ...spoiled_signatures(name, algorithm)].map(([what, outcome, proof]) => ({
      what: `${name}: ${what}`, credential: algorithm.credential, relying_party: kParty, text: kText, ...proof, outcome,
    }));
  });
}

function key_cases() {
  const base64 = (der) => `webauthn:${Buffer.from(der).toString("base64")}`;
  const es = ec_spki(1);
  const off_curve = Buffer.from(es);
  off_curve[90] ^= 1;
  const over_field = Buffer.concat([es.subarray(0, 27), Buffer.alloc(64, 0xff)]);
  const compressed = Buffer.concat([
    Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"), p256.getPublicKey(seed(1), true),
  ]);
  const long_form = Buffer.concat([Buffer.from("308159", "hex"), es.subarray(2)]);
  const raw = (number) => Buffer.from(ed25519.getPublicKey(seed(number)));
  const torsion = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";  // Of order 8.
  const mixed = ed25519.ExtendedPoint.fromHex(hex(raw(2))).add(ed25519.ExtendedPoint.fromHex(torsion)).toRawBytes();
  const ed_der = (key) => base64(Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]));
  const unsupported = "credential_algorithm_unsupported";
  const invalid = "credential_key_invalid";
  return [
    ["ES256", base64(es), "ok"],
    ["EdDSA", base64(spki(ed25519_key(2))), "ok"],
    ["plain Ed25519", `ed25519:${hex(raw(2))}`, "ok"],
    ["P-384", base64(ec_spki(1, p384, "P-384")), unsupported],
    ["secp256k1", base64(ec_spki(1, secp256k1, "secp256k1")), unsupported],
    ["a compressed point", base64(compressed), unsupported],
    ["a length that is not in its only form", base64(long_form), unsupported],
    ["a byte behind", base64(Buffer.concat([es, Buffer.from([0])])), unsupported],
    ["cut off", base64(es.subarray(0, 90)), unsupported],
    ["no bytes", "webauthn:", unsupported],
    ["off the curve", base64(off_curve), invalid],
    ["over the field", base64(over_field), invalid],
    ["Ed25519 of order 1", `ed25519:01${"00".repeat(31)}`, invalid],
    ["Ed25519 of order 8", `ed25519:${torsion}`, invalid],
    ["Ed25519 outside of the main subgroup", `ed25519:${hex(mixed)}`, invalid],
    ["Ed25519 not canonical", `ed25519:${"ff".repeat(31)}7f`, invalid],
    ["a passkey's Ed25519 of order 8", ed_der(Buffer.from(torsion, "hex")), invalid],
    ["31 bytes", `ed25519:${hex(raw(2)).slice(2)}`, unsupported],
    ["upper case", `ed25519:${hex(raw(2)).toUpperCase()}`, "credential_malformed"],
    ["with 0x", `ed25519:0x${hex(raw(2))}`, "credential_malformed"],
    ["no kind", hex(raw(2)), "credential_malformed"],
    ["another kind", `rsa:${hex(raw(2))}`, "credential_malformed"],
    ["base64 without padding", base64(es).replace(/=+$/, ""), "credential_malformed"],
    ["a blank", `${base64(es)} `, "credential_malformed"],
    ["nothing", "", "credential_malformed"],
    ["too long", base64(Buffer.alloc(800)), "credential_malformed"],
  ].map(([what, text, outcome]) => ({ what, text, outcome }));
}

/** [file, description, cases] */
const kFiles = [
  ["keys.json", "Public keys as texts, right and wrong.", key_cases],
  ["assertions.json", "What passkeys answer, right and spoiled in one place.", assertion_cases],
];
const check_only = process.argv.includes("--check");
for (const [name, description, make] of kFiles) {
  const cases = make().map((one) => `    ${JSON.stringify(one)}`).join(",\n");
  const head = `{\n  "description": ${JSON.stringify(description)},\n  "source": ${JSON.stringify(kSource)},\n`;
  const text = `${head}  "cases": [\n${cases}\n  ]\n}\n`;
  const path = join(kHere, name);
  if (!check_only) writeFileSync(path, text);
  else assert.ok(readFileSync(path, "utf8") === text, `${name} is not what make.mjs writes`);
}
