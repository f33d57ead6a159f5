#include "api/rest/authorisation.h"

#include "identity/base64.h"
#include "identity/proof.h"
#include "identity/verify.h"

#include <sodium.h>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using R = custody::Refusal;

constexpr Field kProofFields[] = {{"key", FieldKind::number},
                                  {"signature"},
                                  {"authenticator_data", FieldKind::blob, false},
                                  {"client_data_json", FieldKind::blob, false},
                                  {"expires_at"}};
constexpr std::size_t kKey = 0, kSignature = 1, kAuthenticatorData = 2, kClientData = 3, kExpires = 4;

Refused wrong(std::string_view field, std::string_view what) {
  return refused(E::field_invalid, std::string("authorisation.").append(field).append(": ").append(what));
}

Answer<Bytes> read_bytes(const Fields& fields, std::size_t place) {
  const auto bytes = identity::from_base64url(fields.text(place));
  if (!bytes || bytes->empty()) return wrong(kProofFields[place].name, "must be base64url without padding");
  return *bytes;
}

// Of a plain key by its 64 bytes; of a passkey where the two further parts are there.
Answer<identity::Proof> read_proof(const Fields& fields) {
  auto signature = read_bytes(fields, kSignature);
  if (!signature) return std::unexpected(signature.error());
  if (fields.has(kAuthenticatorData) != fields.has(kClientData)) {
    return wrong("client_data_json", "a passkey's answer has authenticator_data and client_data_json");
  }
  if (!fields.has(kClientData)) {
    if (signature->size() != identity::Ed25519Signature::kSize) return wrong("signature", "an Ed25519 signature has 64 bytes");
    return identity::Proof(identity::Ed25519Signature::from(*signature));
  }
  auto data = read_bytes(fields, kAuthenticatorData);
  if (!data) return std::unexpected(data.error());
  auto client = read_bytes(fields, kClientData);
  if (!client) return std::unexpected(client.error());
  return identity::Proof(identity::Assertion{std::move(*data), std::move(*client), std::move(*signature)});
}

Answer<custody::Authorisation> read(std::string_view json, std::span<const Field> known) {
  const auto fields = read_object(json, known);
  if (!fields) return std::unexpected(fields.error());
  const auto proof = read_proof(*fields);
  if (!proof) return std::unexpected(proof.error());
  const auto bytes = identity::encode(*proof);
  if (!bytes) return wrong("client_data_json", bytes.error().text);
  custody::Authorisation out;
  out.key = {fields->number(kKey)};
  out.proof = *bytes;
  if (known.size() <= kExpires) return out;
  const auto expires = identity::read_second(fields->text(kExpires));
  if (!expires || *expires == Instant{}) return wrong("expires_at", "must be a second in UTC, such as 2030-01-01T00:00:00Z");
  out.expires = *expires;
  return out;
}

Answer<std::string> text_or_problem(const Result<std::string>& text) {
  if (!text) return refused(R::authorisation_invalid, std::string(text.error().code).append(": ").append(text.error().text));
  return *text;
}

Refused not_proven(const Error& error) {
  return refused(R::authorisation_invalid, std::string(error.code).append(": ").append(error.text));
}

identity::CredentialKind kind_of(custody::CustomerKeyKind kind) {
  static_assert(static_cast<int>(custody::CustomerKeyKind::ed25519) == static_cast<int>(identity::CredentialKind::ed25519));
  static_assert(static_cast<int>(custody::CustomerKeyKind::webauthn) == static_cast<int>(identity::CredentialKind::webauthn));
  return static_cast<identity::CredentialKind>(kind);
}

Answer<std::string> reference_of(const Call& call, custody::CustomerId id) {
  const auto customer = look_up(call, &custody::State::customers, id, R::customer_unknown);
  if (!customer) return std::unexpected(customer.error());
  return customer->reference;
}

}  // namespace

Answer<custody::Authorisation> read_authorisation(std::string_view json) { return read(json, kProofFields); }
Answer<custody::Authorisation> read_enrolment_proof(std::string_view json) { return read(json, std::span(kProofFields).first(kExpires)); }

Answer<std::string> intent_text(const Call& call, const custody::RequestWithdrawal& wanted, Instant expires) {
  const auto reference = reference_of(call, wanted.customer);
  if (!reference) return std::unexpected(reference.error());
  const std::string to = call.directory.address(call.directory.chain_of(wanted.asset), wanted.destination);
  return text_or_problem(identity::withdrawal_intent({call.ports.exchange, *reference, wanted.request,
                                                      call.directory.asset_name(wanted.asset), wanted.amount, to, expires}));
}

Answer<std::string> enrolment_text(const Call& call, custody::CustomerId customer, const identity::Credential& key) {
  const auto reference = reference_of(call, customer);
  if (!reference) return std::unexpected(reference.error());
  return text_or_problem(identity::key_enrolment({call.ports.exchange, *reference, key}));
}

Answer<std::string> decision_text(const Call& call, custody::WithdrawalId id) {
  const auto withdrawal = look_up(call, &custody::State::withdrawals, id, R::withdrawal_unknown);
  if (!withdrawal) return std::unexpected(withdrawal.error());
  const auto reference = reference_of(call, withdrawal->customer);
  if (!reference) return std::unexpected(reference.error());
  const std::string to = call.directory.address(call.directory.chain_of(withdrawal->asset), withdrawal->destination);
  const auto text = identity::withdrawal_decision({call.ports.exchange, id.value, *reference, withdrawal->request,
                                                   call.directory.asset_name(withdrawal->asset), withdrawal->amount, to, call.key.id});
  if (!text) return refused(E::decision_wrong, text.error().text);
  return *text;
}

Answer<void> check_proof(const Call& call, custody::CustomerId customer, const custody::Authorisation& by, const std::string& text) {
  const auto key = look_up(call, &custody::State::customer_keys, by.key, R::customer_key_unknown);
  if (!key) return std::unexpected(key.error());
  if (key->customer != customer) return refused(R::customer_key_unknown);
  const auto credential = identity::Credential::from_key(kind_of(key->kind), key->key);
  if (!credential) return not_proven(credential.error());
  const auto proof = identity::decode_proof(by.proof);
  if (!proof) return not_proven(proof.error());
  if (const auto good = identity::verify(*credential, call.ports.relying_party, text, *proof); !good) return not_proven(good.error());
  return {};
}

Answer<void> check_authorisation(const Call& call, const custody::RequestWithdrawal& wanted) {
  if (!wanted.authorisation.key && wanted.authorisation.proof.empty()) return {};  // Custody says whether there has to be one.
  const auto text = intent_text(call, wanted, wanted.authorisation.expires);
  if (!text) return std::unexpected(text.error());
  return check_proof(call, wanted.customer, wanted.authorisation, *text);
}

Answer<std::optional<custody::RecordSignature>> read_decision(const Call& call) {
  static constexpr Field kFields[] = {{"decision", FieldKind::object, false}};
  static constexpr Field kDecisionFields[] = {{"signature"}};
  if (call.body.empty()) return std::nullopt;
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  if (!fields->has(0)) return std::nullopt;
  const auto decision = read_object(fields->text(0), kDecisionFields);
  if (!decision) return std::unexpected(decision.error());
  const auto bytes = identity::from_base64url(decision->text(0));
  if (!bytes || bytes->size() != identity::Ed25519Signature::kSize) return refused(E::decision_wrong);
  const auto text = decision_text(call, {call.id});
  if (!text) return std::unexpected(text.error());
  const bool good = crypto_sign_verify_detached(bytes->data(), as_bytes(*text).data(), text->size(), call.key.key.bytes.data()) == 0;
  if (!good) return refused(E::decision_wrong);
  return custody::RecordSignature{call.key.id, Hash32{call.key.key.bytes}, *text, FixedBytes<64>::from(*bytes)};
}

}  // namespace holdfast::api
