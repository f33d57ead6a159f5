// Customers who sign: keys, withdrawals with and without their word, and operators' decisions.
#include "api/rest/test_world.h"
#include "identity/base64.h"
#include "identity/texts.h"
#include "identity/verify.h"

#include <sodium.h>

namespace holdfast::api {
namespace {

using custody::CustomerId;

constexpr std::string_view kExpires = "2023-11-15T00:00:00Z";  // Some two hours after the world's time.

// A customer's own key, as a plain one and as a passkey.
class OwnKey {
 public:
  explicit OwnKey(std::uint8_t seed) {
    const Bytes bytes(crypto_sign_SEEDBYTES, seed);
    crypto_sign_seed_keypair(public_.data(), secret_.data(), bytes.data());
  }
  std::string plain() const { return "ed25519:" + to_hex(public_); }
  std::string passkey() const {
    Bytes der = from_hex("302a300506032b6570032100").value();
    der.insert(der.end(), public_.begin(), public_.end());
    return "webauthn:" + identity::to_base64(der);
  }
  std::string sign(ByteView message) const {
    Bytes signature(crypto_sign_BYTES);
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
    return identity::to_base64url(signature);
  }
  Json plain_proof(std::uint64_t id, const std::string& text) const { return {{"key", id}, {"signature", sign(as_bytes(text))}}; }
  Json passkey_proof(std::uint64_t id, const std::string& challenge, const std::string& origin = "https://exchange.example") const {
    const std::string client = Json{{"type", "webauthn.get"}, {"challenge", challenge}, {"origin", origin}}.dump();
    Bytes data = hash(as_bytes("exchange.example"));
    data.insert(data.end(), {0x05, 0, 0, 0, 0});
    Bytes message = data;
    const Bytes client_hash = hash(as_bytes(client));
    message.insert(message.end(), client_hash.begin(), client_hash.end());
    return {{"key", id},
            {"signature", sign(message)},
            {"authenticator_data", identity::to_base64url(data)},
            {"client_data_json", identity::to_base64url(as_bytes(client))}};
  }

 private:
  static Bytes hash(ByteView bytes) {
    Bytes out(crypto_hash_sha256_BYTES);
    crypto_hash_sha256(out.data(), bytes.data(), bytes.size());
    return out;
  }
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> public_{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_{};
};

class Authorisations : public ApiTest {
 protected:
  Authorisations() : ann_(world_.rich_customer("ann", "10")), bob_(world_.rich_customer("bob", "10")) {}

  static std::string keys_path(CustomerId customer) { return "/v1/customers/" + std::to_string(customer.value) + "/keys"; }
  Seen enrol(CustomerId customer, const std::string& key, const Json& proof = {}) {
    Json body{{"key", key}, {"name", "phone"}};
    if (!proof.is_null()) body["authorisation"] = proof;
    return call(exchange_, "POST", keys_path(customer), body.dump());
  }
  std::string enrolment_text(CustomerId customer, const std::string& key) {
    return call(exchange_, "POST", keys_path(customer) + "/intent", Json{{"key", key}}.dump()).json["text"];
  }
  Json order(CustomerId customer, std::string_view amount) const {
    return Json::parse(withdrawal_body(customer.value, "ETH", amount));
  }
  Seen intent(Json body, const std::string& key, std::string_view expires = kExpires) {
    body["expires_at"] = expires;
    return call(exchange_, "POST", "/v1/withdrawals/intent", body.dump(), {{"idempotency-key", key}});
  }
  Json signed_order(const OwnKey& by, std::uint64_t id, CustomerId customer, std::string_view amount, const std::string& key,
                    std::string_view expires = kExpires) {
    Json body = order(customer, amount);
    Json proof = by.plain_proof(id, intent(body, key, expires).json["text"]);
    proof["expires_at"] = expires;
    body["authorisation"] = proof;
    return body;
  }

  CustomerId ann_;
  CustomerId bob_;
  OwnKey phone_{11};
  OwnKey laptop_{12};
};

TEST_F(Authorisations, keys_are_enrolled_listed_and_removed) {
  EXPECT_EQ(get(keys_path(ann_)).json["keys"].size(), 0u);
  const auto first = enrol(ann_, phone_.plain());
  ASSERT_EQ(first.status, 201) << first.json;
  EXPECT_EQ(first.json["key"], phone_.plain());
  EXPECT_EQ(enrol(ann_, phone_.plain()).code, "customer_key_known");
  EXPECT_EQ(enrol(ann_, laptop_.plain()).code, "authorisation_missing");
  const std::string text = enrolment_text(ann_, laptop_.plain());
  EXPECT_EQ(text, "Holdfast key v1\nexchange: holdfast.example/journal\ncustomer: ann\nkey: " + laptop_.plain() + "\n");
  EXPECT_EQ(enrol(ann_, laptop_.plain(), laptop_.plain_proof(1, text)).code, "authorisation_invalid");
  EXPECT_EQ(enrol(ann_, laptop_.plain(), phone_.plain_proof(1, text + " ")).code, "authorisation_invalid");
  EXPECT_EQ(enrol(ann_, laptop_.plain(), phone_.plain_proof(9, text)).code, "customer_key_unknown");
  EXPECT_EQ(enrol(ann_, laptop_.plain(), phone_.plain_proof(1, text)).status, 201);
  EXPECT_EQ(call(desk_, "POST", "/v1/keys/1/remove").status, 200);
  EXPECT_EQ(call(exchange_, "POST", "/v1/keys/1/remove").status, 200);
  EXPECT_EQ(call(exchange_, "POST", "/v1/keys/9/remove").code, "customer_key_unknown");
  const Json keys = get(keys_path(ann_)).json["keys"];
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_FALSE(keys[0]["removed_at"].is_null());
  EXPECT_TRUE(keys[1]["removed_at"].is_null());
  EXPECT_EQ(get(keys_path({9})).code, "customer_unknown");
}

TEST_F(Authorisations, what_is_no_key_is_not_enrolled) {
  EXPECT_EQ(enrol(ann_, "ed25519:" + std::string(64, '0')).code, "customer_key_wrong");
  EXPECT_EQ(enrol(ann_, "rsa:1").code, "customer_key_wrong");
  EXPECT_EQ(call(exchange_, "POST", keys_path(ann_), Json{{"key", phone_.plain()}, {"name", std::string(65, 'x')}}.dump()).code,
            "customer_key_wrong");
  EXPECT_EQ(enrol({9}, phone_.plain()).code, "customer_unknown");
  EXPECT_EQ(call(desk_, "POST", keys_path(ann_), "{}").code, "role_not_allowed");
}

TEST_F(Authorisations, the_text_is_told_before_it_is_signed) {
  const auto told = intent(order(ann_, "0.5"), "k-1");
  ASSERT_EQ(told.status, 200) << told.json;
  const std::string text = told.json["text"];
  EXPECT_TRUE(text.starts_with("Holdfast withdrawal v1\nexchange: holdfast.example/journal\ncustomer: ann\nrequest: ")) << text;
  EXPECT_NE(text.find("\nasset: eip155:31337/slip44:60\namount: 500000000000000000\ndestination: " + std::string(kStranger) +
                      "\nexpires: 2023-11-15T00:00:00Z\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(told.json["challenge"], identity::challenge_of(text));
  EXPECT_NE(intent(order(ann_, "0.5"), "k-2").json["text"], text);
  EXPECT_EQ(intent(order(ann_, "0.5"), "k-1", "2023-11-15T00:00:00.5Z").code, "field_invalid");
  EXPECT_EQ(intent(order({9}, "0.5"), "k-1").code, "customer_unknown");
  EXPECT_EQ(get("/v1/withdrawals").json["withdrawals"].size(), 0u);
}

TEST_F(Authorisations, who_has_a_key_withdraws_by_it_only) {
  EXPECT_EQ(withdraw(order(ann_, "0.1").dump(), "before").status, 201);
  enrol(ann_, phone_.plain());
  enrol(bob_, laptop_.plain());
  EXPECT_EQ(withdraw(order(ann_, "0.1").dump(), "k-1").code, "authorisation_missing");
  const Json good = signed_order(phone_, 1, ann_, "0.5", "k-1");
  Json other = good;
  other["amount"] = "0.6";
  EXPECT_EQ(withdraw(other.dump(), "k-1").code, "authorisation_invalid");
  EXPECT_EQ(withdraw(good.dump(), "k-2").code, "authorisation_invalid");  // It names its request.
  EXPECT_EQ(withdraw(signed_order(laptop_, 2, ann_, "0.5", "k-1").dump(), "k-1").code, "customer_key_unknown");
  EXPECT_EQ(withdraw(signed_order(laptop_, 1, ann_, "0.5", "k-1").dump(), "k-1").code, "authorisation_invalid");
  EXPECT_EQ(withdraw(signed_order(phone_, 1, ann_, "0.5", "k-1", "2023-11-14T22:13:20Z").dump(), "k-1").code, "authorisation_expired");
  const auto paid = withdraw(good.dump(), "k-1");
  ASSERT_EQ(paid.status, 201) << paid.json;
  EXPECT_EQ(paid.json["authorised_key"], 1);
  call(exchange_, "POST", "/v1/keys/1/remove");
  EXPECT_EQ(withdraw(good.dump(), "k-1").status, 200);  // Asked for again: it was accepted once.
  EXPECT_EQ(withdraw(signed_order(phone_, 1, ann_, "0.5", "k-3").dump(), "k-3").code, "customer_key_removed");
  EXPECT_EQ(withdraw(order(ann_, "0.1").dump(), "k-4").code, "authorisation_missing");
}

// All that a signer needs to write the text anew and check the proof by itself.
TEST_F(Authorisations, the_journal_has_the_proof) {
  enrol(ann_, phone_.plain());
  const std::string text = intent(order(ann_, "0.5"), "k-1").json["text"];
  ASSERT_EQ(withdraw(signed_order(phone_, 1, ann_, "0.5", "k-1").dump(), "k-1").status, 201);
  std::optional<custody::WithdrawalRequested> seen;
  const auto events = world_.feed.read(0, 1000);
  ASSERT_TRUE(events);
  for (const auto& one : *events) {
    if (const auto* requested = std::get_if<custody::WithdrawalRequested>(&one.event.body)) seen = *requested;
  }
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->authorisation.key, custody::CustomerKeyId{1});
  const auto again = identity::withdrawal_intent({"holdfast.example/journal", "ann", seen->request, "eip155:31337/slip44:60", seen->amount,
                                                  std::string(kStranger), seen->authorisation.expires});
  EXPECT_EQ(again.value(), text);
  const auto proof = identity::decode_proof(seen->authorisation.proof);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(identity::verify(identity::Credential::from_text(phone_.plain()).value(), {}, text, *proof));
}

TEST_F(Authorisations, a_passkey_signs_as_well) {
  ASSERT_EQ(enrol(ann_, phone_.passkey()).status, 201);
  const auto told = intent(order(ann_, "0.5"), "k-1");
  Json body = order(ann_, "0.5");
  body["authorisation"] = phone_.passkey_proof(1, told.json["challenge"]);
  body["authorisation"]["expires_at"] = kExpires;
  EXPECT_EQ(withdraw(body.dump(), "k-1").status, 201);
  body["authorisation"] = phone_.passkey_proof(1, told.json["challenge"], "https://exchange.evil");
  body["authorisation"]["expires_at"] = kExpires;
  const auto phished = withdraw(body.dump(), "k-1");
  EXPECT_EQ(phished.code, "authorisation_invalid");
  EXPECT_TRUE(phished.json["detail"].get<std::string>().starts_with("proof_origin_wrong: ")) << phished.json;
}

TEST_F(Authorisations, a_batch_is_signed_item_by_item) {
  enrol(ann_, phone_.plain());
  Json good = signed_order(phone_, 1, ann_, "0.5", "a");
  good["idempotency_key"] = "a";
  Json bad = good;
  bad["idempotency_key"] = "b";
  Json none = order(ann_, "0.5");
  none["idempotency_key"] = "c";
  const auto seen = call(exchange_, "POST", "/v1/withdrawals/batch", Json{{"withdrawals", {good, bad, none}}}.dump());
  ASSERT_EQ(seen.status, 200) << seen.json;
  EXPECT_EQ(seen.json["items"][0]["status"], 201);
  EXPECT_EQ(seen.json["items"][1]["problem"]["type"], "urn:holdfast:problem:authorisation_invalid");
  EXPECT_EQ(seen.json["items"][2]["problem"]["type"], "urn:holdfast:problem:authorisation_missing");
}

TEST_F(Authorisations, an_authorisation_is_read_strictly) {
  enrol(ann_, phone_.plain());
  const Json good = signed_order(phone_, 1, ann_, "0.5", "k")["authorisation"];
  const auto sent = [&](const std::function<void(Json&)>& change) {
    Json body = order(ann_, "0.5");
    body["authorisation"] = good;
    change(body["authorisation"]);
    return withdraw(body.dump(), "k").code;
  };
  EXPECT_EQ(sent([](Json& a) { a = "text"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a.erase("key"); }), "field_missing");
  EXPECT_EQ(sent([](Json& a) { a["more"] = 1; }), "field_unknown");
  EXPECT_EQ(sent([](Json& a) { a["signature"] = "!"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["signature"] = "AAAA"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["expires_at"] = "tomorrow"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["expires_at"] = "1970-01-01T00:00:00Z"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["client_data_json"] = "AAAA"; }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["client_data_json"] = a["authenticator_data"] = std::string(4096, 'A'); }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["client_data_json"] = std::string(4097, 'A'); }), "field_invalid");
  EXPECT_EQ(sent([](Json& a) { a["client_data_json"] = a["authenticator_data"] = "AAAA"; }), "authorisation_invalid");
}

TEST_F(Authorisations, an_operators_decision_is_signed_as_a_text) {
  const OwnKey desk(2);  // The seed of desk_.
  const auto held = withdraw(order(ann_, "2").dump(), "k-1");
  ASSERT_EQ(held.json["state"], "held");
  const std::string text = "Holdfast decision v1\nexchange: holdfast.example/journal\ndecision: approve withdrawal\nwithdrawal: 1\ncustomer: ann\nrequest: " +
                           held.json["request"].get<std::string>() +
                           "\nasset: eip155:31337/slip44:60\namount: 2000000000000000000\ndestination: " + std::string(kStranger) + "\nby: desk\n";
  const auto approve = [&](const std::string& signature) {
    return call(desk_, "POST", "/v1/withdrawals/1/approve", Json{{"decision", {{"signature", signature}}}}.dump());
  };
  EXPECT_EQ(approve(desk.sign(as_bytes(text + " "))).code, "decision_wrong");
  EXPECT_EQ(approve(phone_.sign(as_bytes(text))).code, "decision_wrong");
  EXPECT_EQ(approve("AAAA").code, "decision_wrong");
  EXPECT_EQ(get("/v1/withdrawals/1").json["state"], "held");
  EXPECT_EQ(approve(desk.sign(as_bytes(text))).json["state"], "approved");
  const Json events = get("/v1/events?limit=1000").json["events"];
  std::vector<Json> decisions;
  for (const Json& event : events) {
    if (event["type"] == "decision.signed") decisions.push_back(event["data"]);
  }
  ASSERT_EQ(decisions.size(), 2u);  // Of the request, and of the decision.
  EXPECT_EQ(decisions[1]["statement"], text);
  EXPECT_EQ(decisions[1]["by"], "desk");
  EXPECT_EQ(call(desk_, "POST", "/v1/withdrawals/9/approve", R"({"decision":{"signature":")" + std::string(86, 'A') + R"("}})").code,
            "withdrawal_unknown");
}

TEST_F(Authorisations, a_signers_alarm_freezes_and_is_told) {
  world_.must(custody::ReportSignerAlarm{{1}, "journal_forked"});
  const Json incident = get("/v1/incidents").json["incidents"][0];
  EXPECT_EQ(incident["cause"], "signer_alarm");
  EXPECT_EQ(incident["alarm"], "alpha: journal_forked");
  EXPECT_EQ(get("/v1/status").json["frozen"], true);
  EXPECT_EQ(get("/v1/status").json["exchange"], "holdfast.example/journal");
  EXPECT_EQ(withdraw(order(ann_, "0.1").dump(), "k").code, "frozen");
}

}  // namespace
}  // namespace holdfast::api
