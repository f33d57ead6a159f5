#include "chain/utxo/child.h"

#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/spend_form.h"

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {
namespace {

using custody::Attempt;
using custody::Spend;
using custody::State;

Ancestors alone(const Attempt& attempt, const Transaction& transaction) {
  return {static_cast<std::int64_t>(vsize_of(transaction)), static_cast<std::int64_t>(attempt.priority_fee.units())};
}

}  // namespace

Ancestors ancestors_of(const State& state, const Spend& spend) {
  Ancestors out;
  std::set<Txid> seen;
  for (const custody::CoinId id : spend.inputs) {
    const custody::Coin& coin = state.coins.at(id);
    const Attempt* attempt = coin.state == custody::CoinState::orphaned ? state.attempt_of(coin.outpoint.txid) : nullptr;
    if (!attempt || !seen.insert(attempt->txid).second) continue;
    const auto transaction = decode_transaction(attempt->raw);
    if (!transaction) continue;
    const Ancestors above = alone(*attempt, *transaction);
    out.vsize += above.vsize;
    out.fee += above.fee;
  }
  return out;
}

std::int64_t package_fee(std::int64_t feerate, std::int64_t weight, const Ancestors& above) {
  const std::int64_t together = fee_for(feerate, weight + 4 * above.vsize) - above.fee;
  return std::max(together, fee_for(feerate, weight));
}

std::optional<Child> child_of(const State& state, const Spend& parent, const Txid& txid, const ChildRules& rules,
                              const Wallets& wallets) {
  const custody::Wallet& wallet = state.wallets.at(parent.wallet);
  const Attempt* attempt = attempt_with(parent, txid);
  const auto transaction = attempt ? decode_transaction(attempt->raw) : refuse("attempt_unknown");
  const auto input = input_weight(wallet, wallets);
  if (!transaction || !input) return std::nullopt;
  const auto change = std::ranges::find_if(transaction->outputs, [&](const TxOut& output) {
    return std::ranges::equal(output.script, parent.change.view());
  });
  if (change == transaction->outputs.end()) return std::nullopt;
  Child out;
  out.output = {txid, static_cast<std::uint32_t>(change - transaction->outputs.begin())};
  out.amount = Amount::of(change->value);
  out.planned = state.coin_at(out.output) != nullptr;
  const std::int64_t weight = kEnvelopeWeight + *input + output_weight(parent.change.view());
  const std::int64_t together = package_fee(rules.feerate, weight, alone(*attempt, *transaction));
  out.needed = together > fee_for(rules.feerate, weight);
  const std::int64_t fee = std::min(together, fee_for(rules.max_feerate, weight));
  const bool worth = change->value - fee > std::max(fee, dust_limit(parent.change.view(), wallets.network().dust_feerate));
  return out.planned || worth ? std::optional(out) : std::nullopt;
}

}  // namespace holdfast::chain::utxo
