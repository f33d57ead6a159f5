// The commands: what `holdfast` can be told to do. Each is one call of the API, shown.
#pragma once

#include "apps/cli/session.h"

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::cli {

// Narrows a list; empty fields do not.
struct ListFilter {
  std::uint64_t limit = 50;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> customer;
  std::string state;
  std::string asset;
};

struct Withdrawal {
  std::uint64_t customer = 0;
  std::string asset;
  std::string amount;
  std::string destination;
  std::string device;
  std::string ip;
  std::string api_key;
  std::string credentials_changed_at;  // RFC 3339.
  std::string key;  // Idempotency key; empty: a random one, which is shown when no answer came.
};

struct FreezeScope {  // At most one is set; none: the whole platform.
  std::string chain;
  std::string asset;
  std::optional<std::uint64_t> wallet;
  std::optional<std::uint64_t> customer;
};

Result<void> keygen(const Settings& settings, const std::string& path);
Result<void> status(const Settings& settings);
Result<void> assets(const Settings& settings);
Result<void> list_prices(const Settings& settings);
Result<void> set_prices(const Settings& settings, const std::vector<std::string>& prices);  // "ETH=1234.5"
Result<void> wallets(const Settings& settings);
// Of a wallet of coins, the unspent ones first. `cursor`: where the page before has ended.
Result<void> coins(const Settings& settings, std::uint64_t wallet, std::uint64_t limit, const std::string& cursor);

Result<void> create_customer(const Settings& settings, const std::string& reference);
Result<void> show_customer(const Settings& settings, std::uint64_t customer);
Result<void> new_address(const Settings& settings, std::uint64_t customer, const std::string& chain);
Result<void> list_addresses(const Settings& settings, std::uint64_t customer, const std::string& chain);
Result<void> balances(const Settings& settings, std::uint64_t customer);
Result<void> deposits(const Settings& settings, const ListFilter& filter);

Result<void> withdraw(const Settings& settings, const Withdrawal& wanted);
Result<void> list_withdrawals(const Settings& settings, const ListFilter& filter);
Result<void> show_withdrawal(const Settings& settings, std::uint64_t id);
Result<void> why_withdrawal(const Settings& settings, std::uint64_t id);
Result<void> change_withdrawal(const Settings& settings, std::uint64_t id,
                               const std::string& verb);  // cancel, confirm, reject; approve: signing.h

// The review queue. `closed`: what is done instead.
Result<void> list_cases(const Settings& settings, bool closed);
Result<void> show_case(const Settings& settings, std::uint64_t id);
Result<void> assign_case(const Settings& settings, std::uint64_t id, const std::string& to);  // Empty: to oneself.
Result<void> note_case(const Settings& settings, std::uint64_t id, const std::string& text);
// verb: approve, reject. up_to: the last withdrawal of it that was looked at.
Result<void> close_case(const Settings& settings, std::uint64_t id, const std::string& text);
Result<void> decide_case(const Settings& settings, std::uint64_t id, const std::string& verb, std::uint64_t up_to);
Result<void> list_grades(const Settings& settings);
Result<void> list_policies(const Settings& settings);
Result<void> show_policy(const Settings& settings, std::uint64_t id);
Result<void> propose_policy(const Settings& settings, const std::string& file, const std::string& name);
// Proposes the text of an earlier version again: it goes the way of every other.
Result<void> roll_back_policy(const Settings& settings, std::uint64_t id);
Result<void> change_policy(const Settings& settings, std::uint64_t id, const std::string& verb);  // approve, activate, drop

Result<void> list_freezes(const Settings& settings);
Result<void> freeze(const Settings& settings, const FreezeScope& scope);
Result<void> thaw(const Settings& settings, std::uint64_t freeze);
Result<void> list_incidents(const Settings& settings);
Result<void> open_incident(const Settings& settings, std::uint64_t wallet);
Result<void> close_incident(const Settings& settings, std::uint64_t incident);

// Behind `after`, or from the first without; `follow`: goes on for ever, connecting again when the stream ends.
Result<void> events(const Settings& settings, std::optional<std::uint64_t> after, bool follow);

}  // namespace holdfast::cli
