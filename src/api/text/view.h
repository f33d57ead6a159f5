// Custody's things as the JSON of the API. The shapes are those of docs/api/openapi.json; a test compares them.
//
// What needs the state is collected first (collect(), short, under the engine's lock) and written after.
#pragma once

#include "api/text/directory.h"
#include "base/instant.h"
#include "custody/state.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace holdfast::api {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json);
std::string to_rfc3339(Instant at);   // "2023-09-12T13:20:00.000Z"
Json to_json(Instant at);             // null for 0
Json text_or_null(std::string text);  // null for ""

// The spend that pays a withdrawal.
struct SpendView {
  struct Signed {
    custody::TxId txid;
    Instant at;
  };
  custody::SpendId id;
  custody::WalletId wallet;
  custody::SpendState state = custody::SpendState::planned;
  std::uint64_t nonce = 0;
  std::size_t payments = 0;  // Withdrawals that the one transaction pays.
  std::size_t inputs = 0;    // Coins that it spends; 0 where money is in accounts.
  Instant planned_at;
  std::vector<Signed> attempts;
  custody::TxId mined_txid;
  std::uint64_t height = 0;
  std::uint64_t confirmations = 0;
  Instant mined_at;  // 0 when the block is no longer remembered.
  Amount network_fee;
};

struct WithdrawalView {
  custody::Withdrawal withdrawal;
  std::optional<SpendView> spend;
  std::optional<custody::Verdict> verdict;  // None: it was allowed, and no rule fired.
  Hash32 policy;                            // Its hash; zero for none.
};

WithdrawalView collect(const custody::State& state, const custody::Withdrawal& withdrawal);
Json to_json(const WithdrawalView& view, const Directory& directory);

struct DepositView {
  custody::Deposit deposit;
  std::uint64_t confirmations = 0;
};
DepositView collect(const custody::State& state, const custody::Deposit& deposit);
Json to_json(const DepositView& view, const Directory& directory);

struct WalletView {
  custody::Wallet wallet;
  std::vector<custody::AssetAmount> balances;
  std::vector<custody::AssetAmount> free;
  std::optional<std::size_t> coins;  // Unspent ones. None where money is in accounts.
  std::size_t reserved = 0;          // Of these: with an evacuation that was signed beforehand.
};
WalletView collect(const custody::State& state, const custody::Wallet& wallet);
Json to_json(const WalletView& view, const Directory& directory);

struct CoinView {
  custody::Coin coin;
  std::uint64_t confirmations = 0;
  custody::SpendId spend;  // That counts on it; none when it is free.
};
CoinView collect(const custody::State& state, const custody::Coin& coin);
Json coin_json(const custody::Coin& coin, const Directory& directory);  // What does not change while it is there.
Json to_json(const CoinView& view, const Directory& directory);

Json fired_json(const std::vector<custody::FiredRule>& fired);
struct CaseView {
  custody::Case one;
  std::vector<custody::WithdrawalId> waiting;  // For people, in it.
  std::vector<custody::LabelledAddress> news;  // That wait, too.
};
CaseView collect(const custody::State& state, const custody::Case& one);
Json to_json(const CaseView& view, const Directory& directory);
Json news_json(const custody::LabelledAddress& one, const Directory& directory);
std::string usd_text(std::uint64_t micro);  // "1234.5"
Json to_json(const custody::GradeEntry& entry);
Json to_json(const custody::CustomerKey& key);
Json to_json(const custody::PolicyVersion& policy);  // Without its text.
Json to_json(const custody::Asset& asset, const Directory& directory);
Json to_json(const custody::Freeze& freeze, const Directory& directory);
Json to_json(const custody::Incident& incident, const Directory& directory);

}  // namespace holdfast::api
