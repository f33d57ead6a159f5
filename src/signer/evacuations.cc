#include "signer/evacuations.h"

#include "chain/utxo/psbt/check_witness.h"
#include "signer/coin_checks.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>
#include <set>

namespace holdfast::signer {

using namespace chain::utxo;

namespace {

constexpr std::size_t kWitnessFlagWeight = 2;
constexpr std::size_t kWitnessScale = 4;

// All but what it spends: cheap to look at.
Result<Transaction> read(const CoinChainRule& chain, const CoinEvacuation& stated) {
  const DecodeRules rules{.max_money = chain.network->max_money, .from_block = false};
  auto transaction = decode_transaction(stated.raw, rules);
  if (!transaction) return refuse("evacuation_malformed", std::string(transaction.error().code));
  if (transaction->inputs.size() != stated.coins.size()) return refuse("evacuation_malformed", "not one coin for each input");
  const bool cold = transaction->outputs.size() == 1 && transaction->outputs.front().script == chain.cold_script;
  if (!cold) return refuse("evacuation_elsewhere", display(txid_of(*transaction)));
  return transaction;
}

// The transaction as its signers saw it, built from what the wallet derives.
struct Rebuilt {
  Psbt psbt;
  Int128 spent = 0;
  std::size_t weight = 0;  // Once signed, at most.
};

Result<Rebuilt> rebuild(const CoinChainRule& chain, const CoinWalletRule& wallet, const Transaction& transaction,
                        const std::vector<SpentCoin>& coins) {
  Rebuilt out;
  out.psbt.version = PsbtVersion::v2;
  out.psbt.transaction_version = transaction.version;
  out.psbt.fallback_locktime = transaction.locktime;
  out.weight = kWitnessScale * encode_without_witness(transaction).size() + kWitnessFlagWeight;
  for (std::size_t i = 0; i < coins.size(); ++i) {
    const SpentCoin& coin = coins[i];
    const auto derived = wallet.descriptor.derive(coin.branch, coin.index);
    if (!derived) return refuse("evacuation_foreign", std::string(derived.error().code));
    if (coin.amount.units() > Int128{chain.network->max_money}) return refuse("evacuation_malformed", "an amount over all there can be");
    PsbtInput& input = out.psbt.inputs.emplace_back();
    input.previous = transaction.inputs[i].previous;
    input.sequence = transaction.inputs[i].sequence;
    input.witness_utxo = TxOut{static_cast<std::int64_t>(coin.amount.units()), derived->script_pubkey};
    describe(input, *derived);
    out.spent += coin.amount.units();
    out.weight += derived->satisfaction_weight;
  }
  for (const TxOut& output : transaction.outputs) {
    PsbtOutput& own = out.psbt.outputs.emplace_back();
    own.value = output.value;
    own.script = output.script;
  }
  return out;
}

Result<Amount> fee_of(const CoinChainRule& chain, const Transaction& transaction, const Rebuilt& rebuilt) {
  const Int128 fee = rebuilt.spent - Int128{transaction.outputs.front().value};
  if (fee < 0 || rebuilt.spent > Int128{chain.network->max_money}) return refuse("evacuation_fee", "it pays more than it spends");
  const std::size_t vsize = (rebuilt.weight + kWitnessScale - 1) / kWitnessScale;
  const auto judged = judge_rescue_fee(chain, Amount::of(rebuilt.spent), Amount::of(fee), vsize);
  if (!judged) return refuse("evacuation_fee", judged.error().detail);
  return Amount::of(fee);
}

Result<void> check_signatures(const Transaction& transaction, const Psbt& psbt) {
  const auto no = [](std::size_t input, const std::string& why) { return refuse("evacuation_unsigned", fmt::format("input {}: {}", input, why)); };
  const auto view = SigningView::of(psbt);
  if (!view) return no(0, std::string(view.error().code));
  for (std::size_t i = 0; i < transaction.inputs.size(); ++i) {
    if (!transaction.inputs[i].script_sig.empty()) return no(i, "a scriptSig");
    const auto form = (*view)->form(i);
    if (!form) return no(i, std::string(form.error().code));
    if (const auto checked = check_witness(**view, i, *form, transaction.inputs[i].witness); !checked) return no(i, checked.error().text);
  }
  return {};
}

Result<Txid> txid_of_kept(const CoinChainRule& chain, const CoinEvacuation& kept) {
  const auto transaction = read(chain, kept);
  if (!transaction) return Failure(transaction.error());
  return txid_of(*transaction);
}

Result<Txid> txid_of_new(const CoinChainRule& chain, const CoinWalletRule& wallet, const CoinEvacuation& stated) {
  const auto checked = check_evacuation(chain, wallet, stated);
  if (!checked) return Failure(checked.error());
  return checked->txid;
}

bool in_order(const CoinEvacuation& a, const CoinEvacuation& b) { return InByteOrder{}(a.raw, b.raw); }

}  // namespace

Result<CheckedEvacuation> check_evacuation(const CoinChainRule& chain, const CoinWalletRule& wallet, const CoinEvacuation& stated) {
  auto transaction = read(chain, stated);
  if (!transaction) return Failure(transaction.error());
  const auto rebuilt = rebuild(chain, wallet, *transaction, stated.coins);
  if (!rebuilt) return Failure(rebuilt.error());
  const auto fee = fee_of(chain, *transaction, *rebuilt);
  if (!fee) return Failure(fee.error());
  if (auto checked = check_signatures(*transaction, rebuilt->psbt); !checked) return Failure(checked.error());
  const Txid txid = txid_of(*transaction);
  return CheckedEvacuation{std::move(*transaction), txid, *fee};
}

Result<std::vector<CoinEvacuation>> good_evacuations(const CoinChainRule& chain, const CoinWalletRule& wallet,
                                                 std::vector<CoinEvacuation> stated, std::vector<CoinEvacuation> kept_before) {
  std::size_t bytes = 0;
  for (const CoinEvacuation& each : stated) bytes += each.raw.size();
  if (stated.size() > kMaxKeptEvacuations || bytes > kMaxKeptBytes) return refuse("evacuations_too_many");
  std::ranges::sort(kept_before, in_order);
  std::set<Txid> seen;
  std::vector<CoinEvacuation> good;
  std::optional<Error> first;
  for (CoinEvacuation& each : stated) {
    const auto before = std::ranges::lower_bound(kept_before, each, in_order);
    const bool had = before != kept_before.end() && *before == each;
    const auto txid = had ? txid_of_kept(chain, each) : txid_of_new(chain, wallet, each);
    if (!txid) {
      if (!first) first = txid.error();
      continue;
    }
    if (!seen.insert(*txid).second) return refuse("evacuation_twice", display(*txid));
    good.push_back(std::move(each));
  }
  if (!good.empty()) return good;
  return refuse("evacuations_none", first ? std::string(first->code) + ": " + first->text : "an empty set");
}

}  // namespace holdfast::signer
