// Keys that speak for customers. Whoever has enrolled one withdraws with a signature only, also when all are removed: an
// exchange's stolen API key can take keys away, and gains nothing by it.
#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

const std::vector<CustomerKeyId>& keys_of(const State& s, CustomerId customer) {
  static const std::vector<CustomerKeyId> kNone;
  const auto found = s.keys_of_customer.find(customer);
  return found == s.keys_of_customer.end() ? kNone : found->second;
}

Refusal check_speaker(const State& s, CustomerId customer, CustomerKeyId id) {
  const CustomerKey* key = s.customer_keys.find(id);
  if (!key || key->customer != customer) return Refusal::customer_key_unknown;
  return key->removed_at == Instant{} ? Refusal::none : Refusal::customer_key_removed;
}

bool is_proof(const Bytes& proof) { return !proof.empty() && proof.size() <= kMaxProof; }

bool is_key(const EnrolCustomerKey& c) {
  const bool known_kind = c.kind == CustomerKeyKind::ed25519 || c.kind == CustomerKeyKind::webauthn;
  return known_kind && !c.key.empty() && c.key.size() <= kMaxCustomerKeyBytes && c.name.size() <= kMaxCustomerKeyName;
}

// The first key takes the exchange's word, and no other ever does.
Refusal check_enrolment(const State& s, const EnrolCustomerKey& c) {
  const bool is_first = keys_of(s, c.customer).empty();
  if (!c.authorised_key) {
    if (!c.authorisation.empty()) return Refusal::authorisation_invalid;
    return is_first ? Refusal::none : Refusal::authorisation_missing;
  }
  if (const Refusal refusal = check_speaker(s, c.customer, c.authorised_key); refusal != Refusal::none) return refusal;
  return is_proof(c.authorisation) ? Refusal::none : Refusal::authorisation_invalid;
}

}  // namespace

Refusal check_authorisation(const Decision& d, CustomerId customer, const Authorisation& authorisation) {
  if (!authorisation.key) {
    if (!authorisation.proof.empty() || authorisation.expires != Instant{}) return Refusal::authorisation_invalid;
    return keys_of(d.state, customer).empty() ? Refusal::none : Refusal::authorisation_missing;
  }
  if (const Refusal refusal = check_speaker(d.state, customer, authorisation.key); refusal != Refusal::none) return refusal;
  if (!is_proof(authorisation.proof)) return Refusal::authorisation_invalid;
  return authorisation.expires > d.now ? Refusal::none : Refusal::authorisation_expired;
}

Refusal decide(Decision& d, const EnrolCustomerKey& c) {
  if (!d.state.customers.find(c.customer)) return Refusal::customer_unknown;
  if (!is_key(c)) return Refusal::customer_key_wrong;
  const std::vector<CustomerKeyId>& keys = keys_of(d.state, c.customer);
  const auto key_of = [&](CustomerKeyId id) -> const CustomerKey& { return d.state.customer_keys.at(id); };
  if (std::ranges::any_of(keys, [&](CustomerKeyId id) { return key_of(id).kind == c.kind && key_of(id).key == c.key; })) {
    return Refusal::customer_key_known;
  }
  const auto in_force = std::ranges::count_if(keys, [&](CustomerKeyId id) { return key_of(id).removed_at == Instant{}; });
  if (static_cast<std::size_t>(in_force) >= kMaxCustomerKeys) return Refusal::too_many_customer_keys;
  if (const Refusal refusal = check_enrolment(d.state, c); refusal != Refusal::none) return refusal;
  const CustomerKey key{d.state.customer_keys.next_id(), c.customer, c.kind, c.key, c.name, d.now, {}};
  return d.emit(CustomerKeyEnrolled{key, c.authorisation, c.authorised_key});
}

Refusal decide(Decision& d, const RemoveCustomerKey& c) {
  const CustomerKey* key = d.state.customer_keys.find(c.key);
  if (!key) return Refusal::customer_key_unknown;
  if (key->removed_at != Instant{}) return Refusal::none;
  return d.emit(CustomerKeyRemoved{c.key, c.by});
}

void apply(State& s, Instant, const CustomerKeyEnrolled& e) {
  s.customer_keys.add(e.key.id, e.key);
  s.keys_of_customer[e.key.customer].push_back(e.key.id);
}

void apply(State& s, Instant at, const CustomerKeyRemoved& e) { s.customer_keys.at(e.key).removed_at = at; }

}  // namespace holdfast::custody
