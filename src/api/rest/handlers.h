// The handlers, by subject. The table of routes (routes.cc) says which path each of them answers, and for whom.
#pragma once

#include "api/rest/call.h"

#include <algorithm>
#include <array>

namespace holdfast::api {

// customers.cc
Answer<Reply> create_customer(const Call& call);
Answer<Reply> show_customer(const Call& call);
Answer<Reply> create_address(const Call& call);
Answer<Reply> list_addresses(const Call& call);
Answer<Reply> show_balances(const Call& call);
Answer<Reply> list_deposits(const Call& call);
Answer<Reply> show_deposit(const Call& call);

// customer_keys.cc
Answer<Reply> list_customer_keys(const Call& call);
Answer<Reply> enrol_customer_key(const Call& call);
Answer<Reply> remove_customer_key(const Call& call);
Answer<Reply> tell_enrolment(const Call& call);
Answer<Reply> tell_intent(const Call& call);

// withdrawals.cc
Answer<Reply> request_withdrawal(const Call& call);
Answer<Reply> request_withdrawals(const Call& call);
Answer<Reply> list_withdrawals(const Call& call);
Answer<Reply> show_withdrawal(const Call& call);
Answer<Reply> cancel_withdrawal(const Call& call);
Answer<Reply> confirm_withdrawal(const Call& call);
Answer<Reply> approve_withdrawal(const Call& call);
Answer<Reply> reject_withdrawal(const Call& call);

// safety.cc
Answer<Reply> list_wallets(const Call& call);
Answer<Reply> list_freezes(const Call& call);
Answer<Reply> place_freeze(const Call& call);
Answer<Reply> lift_freeze(const Call& call);
Answer<Reply> list_incidents(const Call& call);
Answer<Reply> open_incident(const Call& call);
Answer<Reply> close_incident(const Call& call);

// policies.cc
Answer<Reply> list_grades(const Call& call);
Answer<Reply> list_policies(const Call& call);
Answer<Reply> show_policy(const Call& call);
Answer<Reply> propose_policy(const Call& call);
Answer<Reply> approve_policy(const Call& call);
Answer<Reply> activate_policy(const Call& call);
Answer<Reply> drop_policy(const Call& call);

// cases.cc
Answer<Reply> list_cases(const Call& call);
Answer<Reply> close_news(const Call& call);
Answer<Reply> show_case(const Call& call);
Answer<Reply> assign_case(const Call& call);
Answer<Reply> note_case(const Call& call);
Answer<Reply> approve_case(const Call& call);
Answer<Reply> reject_case(const Call& call);

// coins.cc
Answer<Reply> list_coins(const Call& call);

// prices.cc
Answer<Reply> list_prices(const Call& call);
Answer<Reply> set_prices(const Call& call);

// status.cc
Answer<Reply> list_assets(const Call& call);
Answer<Reply> show_status(const Call& call);
Answer<Reply> list_events(const Call& call);

// What a client asks for, read and checked, as custody's command. The fuzz target's door.
Answer<custody::RequestWithdrawal> read_withdrawal(const Fields& fields, const Directory& directory,
                                                   std::string_view client, std::string_view idempotency_key);
// Where the customer asks from is optional: what the exchange does not tell, no rule can see.
inline constexpr Field kWithdrawalFields[] = {{"customer", FieldKind::number},
                                              {"asset"},
                                              {"amount"},
                                              {"destination"},
                                              {"device", FieldKind::text, false},
                                              {"ip", FieldKind::text, false},
                                              {"api_key", FieldKind::text, false},
                                              {"credentials_changed_at", FieldKind::text, false},
                                              {"authorisation", FieldKind::object, false}};
// These, and one behind them.
consteval std::array<Field, std::size(kWithdrawalFields) + 1> withdrawal_fields_and(std::string_view last) {
  std::array<Field, std::size(kWithdrawalFields) + 1> out{};
  std::copy(std::begin(kWithdrawalFields), std::end(kWithdrawalFields), out.begin());
  out.back() = {last};
  return out;
}
inline constexpr std::size_t kBatchKey = std::size(kWithdrawalFields);
inline constexpr auto kBatchFields = withdrawal_fields_and("idempotency_key");
inline constexpr std::size_t kIntentExpires = std::size(kWithdrawalFields);
inline constexpr auto kIntentFields = withdrawal_fields_and("expires_at");

}  // namespace holdfast::api
