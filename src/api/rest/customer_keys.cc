// Customers' own keys over REST, and the texts that they sign.
#include "api/rest/authorisation.h"
#include "api/rest/handlers.h"
#include "identity/verify.h"

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using R = custody::Refusal;
using custody::CustomerId;

Json text_json(const std::string& text) { return {{"text", text}, {"challenge", identity::challenge_of(text)}}; }

Answer<Reply> key_reply(const Call& call, custody::CustomerKeyId id, int status) {
  const auto key = look_up(call, &custody::State::customer_keys, id, R::customer_key_unknown);
  if (!key) return std::unexpected(key.error());
  return Reply{status, to_json(*key)};
}

Answer<identity::Credential> read_key(const std::string& text) {
  const auto key = identity::Credential::from_text(text);
  if (!key) return refused(R::customer_key_wrong, std::string(key.error().code).append(": ").append(key.error().text));
  return *key;
}

}  // namespace

Answer<Reply> list_customer_keys(const Call& call) {
  std::vector<custody::CustomerKey> keys;
  bool known = false;
  call.ports.view.read([&](const custody::State& state) {
    known = state.customers.find({call.id}) != nullptr;
    const auto found = state.keys_of_customer.find({call.id});
    if (found == state.keys_of_customer.end()) return;
    for (const custody::CustomerKeyId id : found->second) keys.push_back(state.customer_keys.at(id));
  });
  if (!known) return refused(R::customer_unknown);
  Json list = Json::array();
  for (const custody::CustomerKey& key : keys) list.push_back(to_json(key));
  return Reply{200, {{"keys", std::move(list)}}};
}

Answer<Reply> enrol_customer_key(const Call& call) {
  static constexpr Field kFields[] = {{"key", FieldKind::blob}, {"name"}, {"authorisation", FieldKind::object, false}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const auto key = read_key(fields->text(0));
  if (!key) return std::unexpected(key.error());
  custody::EnrolCustomerKey command{
      {call.id}, static_cast<custody::CustomerKeyKind>(key->kind()), key->key(), fields->text(1), {}, {}};
  if (fields->has(2)) {
    const auto by = read_enrolment_proof(fields->text(2));
    if (!by) return std::unexpected(by.error());
    const auto text = enrolment_text(call, command.customer, *key);
    if (!text) return std::unexpected(text.error());
    if (const auto good = check_proof(call, command.customer, *by, *text); !good) return std::unexpected(good.error());
    command.authorisation = by->proof;
    command.authorised_key = by->key;
  }
  if (const auto outcome = submit(call, command); !outcome) return std::unexpected(outcome.error());
  custody::CustomerKeyId id;
  call.ports.view.read([&](const custody::State& state) {
    for (const custody::CustomerKeyId one : state.keys_of_customer.at(command.customer)) {
      const custody::CustomerKey& known = state.customer_keys.at(one);
      if (known.kind == command.kind && known.key == command.key) id = one;
    }
  });
  return key_reply(call, id, 201);
}

Answer<Reply> remove_customer_key(const Call& call) {
  const auto outcome = submit(call, custody::RemoveCustomerKey{{call.id}, call.key.id});
  if (!outcome) return std::unexpected(outcome.error());
  return key_reply(call, {call.id}, 200);
}

Answer<Reply> tell_enrolment(const Call& call) {
  static constexpr Field kFields[] = {{"key", FieldKind::blob}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const auto key = read_key(fields->text(0));
  if (!key) return std::unexpected(key.error());
  const auto text = enrolment_text(call, {call.id}, *key);
  if (!text) return std::unexpected(text.error());
  return Reply{200, text_json(*text)};
}

Answer<Reply> tell_intent(const Call& call) {
  const auto key = call.head.header("idempotency-key");
  if (!key) return refused(E::idempotency_key_missing);
  const auto fields = read_object(call.body, kIntentFields);
  if (!fields) return std::unexpected(fields.error());
  const auto command = read_withdrawal(*fields, call.directory, name(call.key.role), *key);
  if (!command) return std::unexpected(command.error());
  const auto expires = identity::read_second(fields->text(kIntentExpires));
  if (!expires) return refused(E::field_invalid, "expires_at: must be a second in UTC, such as 2030-01-01T00:00:00Z");
  const auto text = intent_text(call, *command, *expires);
  if (!text) return std::unexpected(text.error());
  return Reply{200, text_json(*text)};
}

}  // namespace holdfast::api
