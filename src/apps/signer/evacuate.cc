// holdfast-signer evacuate: the rescue of coins by one signer alone. It needs no passphrase: what it broadcasts has all of its
// signatures already, and pays nothing but the cold script.
#include "apps/signer/commands.h"
#include "chain/utxo/node/rpc_node.h"
#include "signer/evacuation_files.h"

#include <fmt/core.h>
#include <algorithm>
#include <map>

namespace holdfast::signer::app {
namespace {

using namespace chain::utxo;

constexpr unsigned kSoon = 2;  // Blocks.
constexpr std::int64_t kPerKvb = 1'000;

struct Candidate {
  Bytes raw;
  Txid txid;
  Amount fee;
  std::int64_t rate_per_kvb = 0;
};
// Of the same coins only one can be mined. Cheapest first.
using Choices = std::map<std::vector<OutPoint>, std::vector<Candidate>>;

Result<const CoinChainRule*> chain_of(Node& node, const Policy& policy) {
  Error last{ErrorKind::refusal, "chain_unknown", "the policy names no chain of coins"};
  for (const CoinChainRule& chain : policy.coin_chains) {
    const auto same = check_network(node, chain.network->genesis);
    if (same) return &chain;
    last = same.error();
  }
  return Failure(last);
}

Result<void> gather(const CoinChainRule& chain, const CoinWalletRule& wallet, EvacuationStore& store, Choices& out) {
  const auto kept = store.kept(chain.caip2, wallet.name);
  if (!kept) return Failure(kept.error());
  for (const CoinEvacuation& one : *kept) {
    const auto checked = check_evacuation(chain, wallet, one);
    if (!checked) {
      fmt::print("left out: {}: {}\n", checked.error().code, checked.error().text);
      continue;
    }
    const auto rate = checked->fee.units() * kPerKvb / static_cast<Int128>(vsize_of(checked->transaction));
    std::vector<OutPoint> coins;
    for (const TxIn& input : checked->transaction.inputs) coins.push_back(input.previous);
    std::ranges::sort(coins);
    out[coins].push_back({one.raw, checked->txid, checked->fee, static_cast<std::int64_t>(rate)});
  }
  for (auto& [coins, choices] : out) std::ranges::sort(choices, {}, &Candidate::rate_per_kvb);
  return {};
}

// The node's estimate; more than anything when it has none: then the dearest goes out.
std::int64_t wanted_rate(Node& node, std::uint64_t feerate) {
  if (feerate != 0) return static_cast<std::int64_t>(feerate) * kPerKvb;
  const auto estimate = node.fee_estimate(kSoon);
  if (!estimate || !estimate->rate_per_kvb) return INT64_MAX;
  return std::max(*estimate->rate_per_kvb, estimate->floor_per_kvb);
}

// What became of the coins of one entry.
enum class Outcome : std::uint8_t { sent, waits, mined, gone, left };

constexpr std::string_view kToldAs[] = {
    "sent", "in the node's pool already", "mined already", "spent by another transaction", "NOT saved",
};

void tell(const Candidate& one, std::size_t coins, std::string_view what) {
  fmt::print("{}  {}, fee {} ({} sat/vB): {}\n", display(one.txid), coins == 1 ? "1 coin" : fmt::format("{} coins", coins),
             one.fee.to_decimal(kSatoshiDecimals), one.rate_per_kvb / kPerKvb, what);
}

// The evacuation whose first output is there: mined, or also in the pool.
Result<const Candidate*> there(Node& node, const std::vector<Candidate>& choices, bool with_pool) {
  for (const Candidate& choice : choices) {
    const auto output = node.unspent({choice.txid, 0}, with_pool);
    if (!output) return Failure(output.error());
    if (*output) return &choice;
  }
  return nullptr;
}

Result<bool> any_unspent(Node& node, const std::vector<OutPoint>& coins) {
  for (const OutPoint& coin : coins) {
    const auto output = node.unspent(coin, false);
    if (!output) return Failure(output.error());
    if (*output) return true;
  }
  return false;
}

// The cheapest that is dear enough; when the node finds it too cheap, the next one. True once the node has one of them.
bool send(Node& node, std::size_t coins, const std::vector<Candidate>& choices, std::int64_t wanted) {
  auto next = std::ranges::find_if(choices, [&](const Candidate& choice) { return choice.rate_per_kvb >= wanted; });
  if (next == choices.end()) --next;
  for (; next != choices.end(); ++next) {
    const auto sent = node.send(next->raw);
    tell(*next, coins, sent ? "sent" : fmt::format("not sent: {}: {}", sent.error().code, sent.error().text));
    if (sent) return true;
    if (sent.error().code != "fee_too_low" && sent.error().code != "underpriced") return false;
  }
  return false;
}

// A coin that is spent is either saved already, or was paid out since this signer was given its evacuation.
Result<Outcome> save(Node& node, const std::vector<OutPoint>& coins, const std::vector<Candidate>& choices, std::int64_t wanted) {
  const auto unspent = any_unspent(node, coins);
  if (!unspent) return Failure(unspent.error());
  if (!*unspent) {
    const auto mined = there(node, choices, false);
    if (!mined) return Failure(mined.error());
    const Outcome outcome = *mined ? Outcome::mined : Outcome::gone;
    tell(*mined ? **mined : choices.front(), coins.size(), kToldAs[static_cast<std::size_t>(outcome)]);
    return outcome;
  }
  if (send(node, coins.size(), choices, wanted)) return Outcome::sent;
  const auto waiting = there(node, choices, true);
  if (!waiting) return Failure(waiting.error());
  if (*waiting) tell(**waiting, coins.size(), kToldAs[static_cast<std::size_t>(Outcome::waits)]);
  return *waiting ? Outcome::waits : Outcome::left;
}

// Nothing that could not be done is hidden behind what was.
Result<void> report(const std::map<Outcome, std::size_t>& outcomes) {
  std::string line;
  for (const auto& [outcome, count] : outcomes) {
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count, kToldAs[static_cast<std::size_t>(outcome)]);
  }
  fmt::print("{}\n", line);
  const auto left = outcomes.find(Outcome::left);
  if (left == outcomes.end()) return {};
  return fault("evacuation_not_sent", fmt::format("{} not saved: what the node said stands above; a payment that waits in the pool is "
                                                  "replaced only by nodes that replace, for a higher --feerate", left->second));
}

}  // namespace

Result<void> evacuate(const EvacuateArguments& arguments) {
  constexpr std::uint64_t kMaxFeerate = 1'000'000;
  if (arguments.feerate > kMaxFeerate) return refuse("feerate_invalid", "no feerate is as high as that");
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  RpcNodeSettings settings;
  settings.address = {arguments.node, arguments.cookie};
  settings.listen = false;
  RpcNode node(settings);
  const auto chain = chain_of(node, config->policy);
  if (!chain) return Failure(chain.error());
  if (!arguments.wallet.empty() && (*chain)->wallet(arguments.wallet) == nullptr) {
    return refuse("wallet_unknown", "the policy names no wallet " + arguments.wallet + " on " + (*chain)->caip2);
  }

  EvacuationFiles store(config->data);
  Choices choices;
  for (const CoinWalletRule& wallet : (*chain)->wallets) {
    if (!arguments.wallet.empty() && wallet.name != arguments.wallet) continue;
    if (auto gathered = gather(**chain, wallet, store, choices); !gathered) return gathered;
  }
  if (choices.empty()) return refuse("evacuations_none", "this signer keeps no evacuation of that");
  const std::int64_t wanted = wanted_rate(node, arguments.feerate);
  const auto is_cheaper = [&](const auto& entry) { return entry.second.back().rate_per_kvb < wanted; };
  if (arguments.feerate != 0 && std::ranges::any_of(choices, is_cheaper)) {
    fmt::print("not every coin has an evacuation that pays {} sat/vB: then the dearest goes out\n", arguments.feerate);
  }
  std::map<Outcome, std::size_t> outcomes;
  for (const auto& [coins, candidates] : choices) {
    const auto outcome = save(node, coins, candidates, wanted);
    if (!outcome) return Failure(outcome.error());
    ++outcomes[*outcome];
  }
  return report(outcomes);
}

}  // namespace holdfast::signer::app
