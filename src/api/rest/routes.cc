#include "api/rest/routes.h"

#include <algorithm>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

constexpr Roles kExchange = only(Role::exchange);
constexpr Roles kOperator = only(Role::operator_);
constexpr Roles kTighten = Role::exchange | Role::operator_;

constexpr Route kRoutes[] = {
    {"POST", "/v1/customers", kExchange, create_customer},
    {"GET", "/v1/customers/{id}", kEverybody, show_customer},
    {"POST", "/v1/customers/{id}/addresses", kExchange, create_address},
    {"GET", "/v1/customers/{id}/addresses", kEverybody, list_addresses},
    {"GET", "/v1/customers/{id}/balances", kEverybody, show_balances},
    {"GET", "/v1/customers/{id}/keys", kEverybody, list_customer_keys},
    {"POST", "/v1/customers/{id}/keys", kExchange, enrol_customer_key},
    {"POST", "/v1/customers/{id}/keys/intent", kExchange, tell_enrolment},
    {"POST", "/v1/keys/{id}/remove", kTighten, remove_customer_key},
    {"GET", "/v1/deposits", kEverybody, list_deposits},
    {"GET", "/v1/deposits/{id}", kEverybody, show_deposit},
    {"POST", "/v1/withdrawals", kExchange, request_withdrawal},
    {"POST", "/v1/withdrawals/batch", kExchange, request_withdrawals},
    {"POST", "/v1/withdrawals/intent", kExchange, tell_intent},
    {"GET", "/v1/withdrawals", kEverybody, list_withdrawals},
    {"GET", "/v1/withdrawals/{id}", kEverybody, show_withdrawal},
    {"POST", "/v1/withdrawals/{id}/cancel", kExchange, cancel_withdrawal},
    {"POST", "/v1/withdrawals/{id}/confirm", kExchange, confirm_withdrawal},
    {"POST", "/v1/withdrawals/{id}/approve", kOperator, approve_withdrawal},
    {"POST", "/v1/withdrawals/{id}/reject", kOperator, reject_withdrawal},
    {"GET", "/v1/cases", kEverybody, list_cases},
    {"GET", "/v1/cases/{id}", kEverybody, show_case},
    {"POST", "/v1/cases/{id}/assign", kOperator, assign_case},
    {"POST", "/v1/cases/{id}/note", kOperator, note_case},
    {"POST", "/v1/cases/{id}/approve", kOperator, approve_case},
    {"POST", "/v1/cases/{id}/reject", kOperator, reject_case},
    {"POST", "/v1/cases/{id}/close", kOperator, close_news},
    {"GET", "/v1/grades", kEverybody, list_grades},
    {"GET", "/v1/policies", kEverybody, list_policies},
    {"POST", "/v1/policies", kOperator, propose_policy},
    {"GET", "/v1/policies/{id}", kEverybody, show_policy},
    {"POST", "/v1/policies/{id}/approve", kOperator, approve_policy},
    {"POST", "/v1/policies/{id}/activate", kOperator, activate_policy},
    {"POST", "/v1/policies/{id}/drop", kOperator, drop_policy},
    {"GET", "/v1/assets", kEverybody, list_assets},
    {"GET", "/v1/prices", kEverybody, list_prices},
    {"POST", "/v1/prices", kTighten, set_prices},
    {"GET", "/v1/wallets", kEverybody, list_wallets},
    {"GET", "/v1/wallets/{id}/coins", kEverybody, list_coins},
    {"GET", "/v1/freezes", kEverybody, list_freezes},
    {"POST", "/v1/freezes", kTighten, place_freeze},
    {"POST", "/v1/freezes/{id}/lift", kOperator, lift_freeze},
    {"GET", "/v1/incidents", kEverybody, list_incidents},
    {"POST", "/v1/incidents", kOperator, open_incident},
    {"POST", "/v1/incidents/{id}/close", kOperator, close_incident},
    {"GET", "/v1/status", kEverybody, show_status},
    {"GET", "/v1/events", kEverybody, list_events},
    {"GET", "/v1/events/stream", kEverybody, nullptr, Special::stream},
    {"GET", "/metrics", kEverybody, nullptr, Special::metrics},
    {"GET", "/healthz", 0, nullptr, Special::health},
};

std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), segment.size() + 1));
  return segment;
}

// A fixed segment goes before {id}: /v1/withdrawals/batch is never read as an id, because a batch is no number.
bool fits(std::string_view pattern, std::string_view path, std::uint64_t& id) {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/')) return false;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted == given) continue;
    const auto number = wanted == "{id}" ? parse_number(given) : std::nullopt;
    if (!number) return false;
    id = *number;
  }
  return true;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Answer<Matched> match(std::string_view method, std::string_view path) {
  std::string allowed;
  for (const Route& route : kRoutes) {
    Matched matched{&route, 0};
    if (!fits(route.path, path, matched.id)) continue;
    if (route.method == method) return matched;
    allowed.append(allowed.empty() ? "" : ", ").append(route.method);
  }
  if (allowed.empty()) return refused(E::route_unknown);
  return refused(E::method_not_allowed, allowed);
}

}  // namespace holdfast::api
