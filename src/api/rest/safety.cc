// Wallets, freezes and incidents over REST. Tightening takes one key; loosening is an operator's.
#include "api/rest/handlers.h"
#include "api/text/names.h"

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using R = custody::Refusal;

// A whole table of few rows, newest first.
template <class Id, class Thing>
Json list_json(const Call& call, const custody::Table<Id, Thing> custody::State::* table) {
  std::vector<Thing> things;
  call.ports.view.read(
      [&](const custody::State& state) { things.assign((state.*table).begin(), (state.*table).end()); });
  Json list = Json::array();
  for (auto thing = things.rbegin(); thing != things.rend(); ++thing) list.push_back(to_json(*thing, call.directory));
  return list;
}

Answer<Reply> freeze_reply(const Call& call, custody::FreezeId id, int status) {
  const auto freeze = look_up(call, &custody::State::freezes, id, R::freeze_unknown);
  if (!freeze) return std::unexpected(freeze.error());
  return Reply{status, to_json(*freeze, call.directory)};
}

Answer<Reply> incident_reply(const Call& call, custody::IncidentId id, int status) {
  const auto incident = look_up(call, &custody::State::incidents, id, R::incident_unknown);
  if (!incident) return std::unexpected(incident.error());
  return Reply{status, to_json(*incident, call.directory)};
}

constexpr Field kFreezeFields[] = {{"scope"},
                                   {"chain", FieldKind::text, false},
                                   {"asset", FieldKind::text, false},
                                   {"wallet", FieldKind::number, false},
                                   {"customer", FieldKind::number, false}};

// The place of the field that names the subject of a scope; 0 for the platform, which has none.
std::size_t subject_place(custody::Scope scope) { return static_cast<std::size_t>(scope) - 1; }

Answer<std::uint64_t> read_subject(const Call& call, custody::Scope scope, const Fields& fields) {
  const std::size_t place = subject_place(scope);
  for (std::size_t i = 1; i < std::size(kFreezeFields); ++i) {
    if (fields.has(i) == (i == place)) continue;
    return refused(i == place ? E::field_missing : E::field_unknown,
                   std::string(kFreezeFields[i].name) + ": a freeze names what its scope says and nothing else");
  }
  if (place == 0) return 0u;
  if (scope == custody::Scope::chain) {
    const auto chain = call.directory.find_chain(fields.text(place));
    if (!chain) return std::unexpected(chain.error());
    return chain->value;
  }
  if (scope == custody::Scope::asset) {
    const auto asset = call.directory.find_asset(fields.text(place));
    if (!asset) return std::unexpected(asset.error());
    return (*asset)->id.value;
  }
  return fields.number(place);
}

bool subject_exists(const custody::State& state, custody::Scope scope, std::uint64_t subject) {
  if (scope == custody::Scope::wallet) return state.wallets.find({subject}) != nullptr;
  if (scope == custody::Scope::customer) return state.customers.find({subject}) != nullptr;
  return true;  // The directory has found it.
}

// The freeze in force on a subject; none if there is none.
custody::FreezeId in_force(const custody::State& state, custody::Scope scope, std::uint64_t subject) {
  for (const custody::FreezeId id : state.freezes_in_force) {
    const custody::Freeze& freeze = state.freezes.at(id);
    if (freeze.scope == scope && freeze.subject == subject) return id;
  }
  return {};
}

}  // namespace

Answer<Reply> list_wallets(const Call& call) {
  std::vector<WalletView> views;
  call.ports.view.read([&](const custody::State& state) {
    for (const custody::Wallet& wallet : state.wallets) views.push_back(collect(state, wallet));
  });
  Json list = Json::array();
  for (const WalletView& view : views) list.push_back(to_json(view, call.directory));
  return Reply{200, {{"wallets", std::move(list)}}};
}

Answer<Reply> list_freezes(const Call& call) {
  return Reply{200, {{"freezes", list_json(call, &custody::State::freezes)}}};
}

Answer<Reply> place_freeze(const Call& call) {
  const auto fields = read_object(call.body, kFreezeFields);
  if (!fields) return std::unexpected(fields.error());
  const auto scope = api::scope(fields->text(0));
  if (!scope) return refused(E::field_invalid, "scope: must be platform, chain, asset, wallet or customer");
  const auto subject = read_subject(call, *scope, *fields);
  if (!subject) return std::unexpected(subject.error());
  bool exists = false;
  call.ports.view.read([&](const custody::State& state) { exists = subject_exists(state, *scope, *subject); });
  if (!exists) return refused(*scope == custody::Scope::wallet ? R::wallet_unknown : R::customer_unknown);
  const auto outcome = submit(call, custody::PlaceFreeze{*scope, *subject, call.key.id});
  if (!outcome) return std::unexpected(outcome.error());
  custody::FreezeId id;
  call.ports.view.read([&](const custody::State& state) { id = in_force(state, *scope, *subject); });
  return freeze_reply(call, id, outcome->events > 0 ? 201 : 200);
}

Answer<Reply> lift_freeze(const Call& call) {
  const auto outcome = submit(call, custody::LiftFreeze{{call.id}, call.key.id});
  if (!outcome && outcome.error().code == custody::name(R::state_wrong)) {
    return refused(R::state_wrong, "An incident is open: close it first, then lift the freeze of the platform.");
  }
  if (!outcome) return std::unexpected(outcome.error());
  return freeze_reply(call, {call.id}, 200);
}

Answer<Reply> list_incidents(const Call& call) {
  return Reply{200, {{"incidents", list_json(call, &custody::State::incidents)}}};
}

Answer<Reply> open_incident(const Call& call) {
  static constexpr Field kFields[] = {{"wallet", FieldKind::number}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const custody::WalletId wallet{fields->number(0)};
  if (!wallet) return refused(R::wallet_unknown);
  const auto outcome =
      submit(call, custody::OpenIncident{custody::IncidentCause::operator_report, wallet, call.key.id});
  if (!outcome) return std::unexpected(outcome.error());
  custody::IncidentId id;
  call.ports.view.read([&](const custody::State& state) { id = state.wallets.at(wallet).compromised_by; });
  return incident_reply(call, id, outcome->events > 0 ? 201 : 200);
}

Answer<Reply> close_incident(const Call& call) {
  const auto outcome = submit(call, custody::CloseIncident{{call.id}, call.key.id});
  if (!outcome) return std::unexpected(outcome.error());
  return incident_reply(call, {call.id}, 200);
}

}  // namespace holdfast::api
