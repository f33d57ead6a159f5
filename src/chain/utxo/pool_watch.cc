#include "chain/utxo/pool_watch.h"

#include <algorithm>

namespace holdfast::chain::utxo {

using custody::ReportForeignSpend;
using custody::Spend;

namespace {

// People spend from cold by hand; what leaves it shows in the books.
bool watched(const custody::Wallet& wallet, custody::ChainId chain) {
  return wallet.chain == chain && wallet.kind != custody::WalletKind::cold;
}

// Whether the outpoint is the change of one of the spend's attempts.
bool spends_change(const custody::Spend& spend, const OutPoint& outpoint) {
  for (const custody::Attempt& attempt : spend.attempts) {
    if (attempt.txid != outpoint.txid) continue;
    const auto transaction = decode_transaction(attempt.raw);
    return transaction && outpoint.vout < transaction->outputs.size() &&
           std::ranges::equal(transaction->outputs[outpoint.vout].script, spend.change.view());
  }
  return false;
}

}  // namespace

Result<std::vector<custody::Command>> UtxoPoolWatch::watch() {
  const auto pending = node_.new_pending();
  if (!pending) return Failure(pending.error());
  std::vector<custody::Command> out;
  for (const RawTransaction& transaction : *pending) {
    auto reports = judge(transaction);
    if (reports.empty()) continue;
    add_fees(transaction.txid, reports);
    for (ReportForeignSpend& report : reports) out.emplace_back(std::move(report));
  }
  return out;
}

std::vector<ReportForeignSpend> UtxoPoolWatch::judge(const RawTransaction& pending) const {
  const auto transaction = decode_transaction(pending.raw, {network_.max_money, false});
  if (!transaction) return {};  // the node took what no block may hold: it spends nothing
  std::vector<ReportForeignSpend> out;
  view_.read([&](const custody::State& state) {
    const Spend* own = state.spend_of(pending.txid);
    const bool untimely = own && own->purpose == custody::Purpose::reserve && !state.wallets.at(own->wallet).compromised_by;
    if (own && !untimely) return;
    for (const TxIn& input : transaction->inputs) {
      ReportForeignSpend report;
      report.txid = pending.txid;
      if (const custody::Coin* coin = state.coin_at({input.previous.txid, input.previous.vout})) {
        report.wallet = coin->wallet;
        report.nonce = coin->id.value;
      } else if (const Spend* ours = state.spend_of(input.previous.txid)) {
        // Change of our own that is not mined yet, taken by somebody: the coin has no id so far.
        if (ours->change.empty() || !spends_change(*ours, input.previous)) continue;
        report.wallet = ours->wallet;
      }
      if (report.wallet && watched(state.wallets.at(report.wallet), chain_)) out.push_back(report);
    }
  });
  return out;
}

void UtxoPoolWatch::add_fees(const Txid& txid, std::vector<ReportForeignSpend>& reports) {
  const auto entry = node_.pool_entry(txid);
  if (!entry || !*entry || (*entry)->vsize == 0) return;  // it has left again; the alarm is raised all the same
  const std::int64_t whole = std::max((*entry)->fee, (*entry)->descendant_fee);
  const Amount rate = Amount::of(Int128{(*entry)->fee} * 1000 / static_cast<Int128>((*entry)->vsize));
  for (ReportForeignSpend& report : reports) report.max_fee = rate, report.priority_fee = Amount::of(whole);
}

}  // namespace holdfast::chain::utxo
