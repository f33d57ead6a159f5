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

// The cheapest that is dear enough; when the node finds it too cheap, the next one. True once one is on its way.
bool send(Node& node, std::size_t coins, const std::vector<Candidate>& choices, std::int64_t wanted) {
  auto next = std::ranges::find_if(choices, [&](const Candidate& choice) { return choice.rate_per_kvb >= wanted; });
  if (next == choices.end()) --next;
  for (; next != choices.end(); ++next) {
    const auto sent = node.send(next->raw);
    fmt::print("{}  {} coins, fee {} ({} sat/kvB): {}\n", display(next->txid), coins, next->fee.to_decimal(kSatoshiDecimals),
               next->rate_per_kvb, sent ? "sent" : fmt::format("not sent: {}: {}", sent.error().code, sent.error().text));
    if (sent) return true;
    if (sent.error().code != "fee_too_low" && sent.error().code != "underpriced") return false;
  }
  return false;
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
  std::size_t sent = 0;
  for (const auto& [coins, candidates] : choices) {
    if (send(node, coins.size(), candidates, wanted)) ++sent;
  }
  fmt::print("{} of {} sent\n", sent, choices.size());
  return sent == 0 ? fault("evacuation_not_sent", "the node took none of them") : Result<void>{};
}

}  // namespace holdfast::signer::app
