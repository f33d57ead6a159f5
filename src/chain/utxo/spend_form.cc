#include "chain/utxo/spend_form.h"

#include "base/planted.h"
#include "chain/utxo/child.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace holdfast::chain::utxo {

using custody::Purpose;
using custody::Spend;
using custody::State;
using custody::Wallet;

namespace {

constexpr std::int64_t kInputBaseWeight = 41 * 4;

class Form {
 public:
  Form(const State& state, const Spend& spend, const SpendFees& fees, const Wallets& wallets,
       const PreviousTransaction& previous)
      : s_(state), spend_(spend), fees_(fees), wallets_(wallets), previous_(previous), wallet_(state.wallets.at(spend.wallet)),
        above_(ancestors_of(state, spend)) {}

  Result<Psbt> make() {
    psbt_.version = PsbtVersion::v2;
    if (const auto head = s_.head(wallet_.chain)) psbt_.fallback_locktime = static_cast<std::uint32_t>(head->height);
    if (auto done = add_inputs(); !done) return Failure(done.error());
    if (auto done = saves() ? add_rescue() : add_payments(); !done) return Failure(done.error());
    shuffle();
    return std::move(psbt_);
  }

 private:
  bool saves() const { return spend_.purpose == Purpose::evacuation || spend_.purpose == Purpose::reserve; }

  // But for what had joined for a higher fee, and is gone.
  std::vector<custody::CoinId> coins() const {
    std::vector<custody::CoinId> out;
    for (std::size_t i = 0; i < spend_.inputs.size(); ++i) {
      const bool there = s_.coins.at(spend_.inputs[i]).state == custody::CoinState::unspent;
      if (there || i < spend_.in_all_attempts) out.push_back(spend_.inputs[i]);
    }
    if (HF_PLANTED(replacement_with_other_coins) && !spend_.attempts.empty() && !spend_.batch.empty()) {
      const auto unspent = s_.unspent_coins.find(wallet_.id);
      if (unspent == s_.unspent_coins.end()) return out;
      for (const custody::CoinId id : unspent->second) {
        if (!s_.reserved(s_.coins.at(id)) && s_.coins.at(id).amount > spend_.money.amount + spend_.money.amount) return {id};
      }
    }
    return out;
  }

  Result<void> add_inputs() {
    const auto descriptor = wallets_.descriptor(wallet_);
    if (!descriptor) return Failure(descriptor.error());
    const bool whole_previous = is_segwit_v0(**descriptor);
    for (const custody::CoinId id : coins()) {
      const custody::Coin& coin = s_.coins.at(id);
      const auto output = (*descriptor)->derive(coin.branch, coin.index);
      if (!output) return Failure(output.error());
      if (!std::ranges::equal(output->script_pubkey, coin.script.view())) return refuse("script_differs");
      PsbtInput input;
      input.previous = {coin.outpoint.txid, coin.outpoint.vout};
      input.sequence = kSequenceReplaceable;
      input.witness_utxo = TxOut{static_cast<std::int64_t>(coin.amount.units()), output->script_pubkey};
      if (whole_previous) {
        const Transaction* previous = previous_(coin.outpoint.txid);
        if (previous == nullptr) return refuse("previous_missing", display(coin.outpoint.txid));
        input.non_witness_utxo = *previous;
      }
      describe(input, *output);
      psbt_.inputs.push_back(std::move(input));
      in_ += static_cast<std::int64_t>(coin.amount.units());
      weight_ += kInputBaseWeight + static_cast<std::int64_t>(output->satisfaction_weight);
    }
    return {};
  }

  void add_output(std::int64_t value, ByteView script) {
    PsbtOutput output;
    output.value = value;
    output.script = to_bytes(script);
    psbt_.outputs.push_back(std::move(output));
    weight_ += output_weight(script);
  }

  // At the rate asked for, and at least what the replacement of others has to pay in all; never more than `most`.
  std::int64_t fee(std::int64_t feerate, std::int64_t weight, std::int64_t most) const {
    const std::int64_t by_rate = fee_for(feerate, weight);
    if (fees_.quote.priority_fee.is_zero()) return std::min(by_rate, most);
    const Int128 floor = std::min(fees_.quote.priority_fee.units(), Int128{in_}) + fee_for(fees_.relay_feerate, weight);
    return std::min(std::max(by_rate, static_cast<std::int64_t>(std::min(floor, Int128{in_}))), most);
  }

  // Whatever somebody else offered for these coins once, and whatever hangs above: a payment stays under the ceiling.
  std::int64_t payment_fee(std::int64_t weight) const {
    const std::int64_t most = fee_for(fees_.max_feerate, weight);
    const std::int64_t alone = fee(feerate(), weight, most);
    if (above_.vsize == 0) return alone;
    return std::max(alone, std::min(package_fee(fees_.market_feerate, weight, above_), most));
  }

  std::int64_t dust(ByteView script) const { return dust_limit(script, wallets_.network().dust_feerate); }

  std::int64_t feerate() const {
    return static_cast<std::int64_t>(std::min(fees_.quote.max_fee.units(), Int128{kMaxFeerate}));
  }

  Result<void> add_rescue() {
    const bool reserve = spend_.purpose == Purpose::reserve;
    const std::size_t level = std::min(spend_.attempts.size(), kReserveFeerates.size() - 1);
    add_output(0, spend_.destination.view());
    const std::int64_t wanted = reserve ? fee_for(kReserveFeerates[level], weight_) : fee(feerate(), weight_, in_);
    const std::int64_t paid = std::min(wanted, in_ / kRescueShare);
    psbt_.outputs.front().value = in_ - paid;
    const bool worth = in_ - paid > dust(spend_.destination.view()) && paid > 0;
    return worth ? Result<void>() : refuse("funds_below_fee", "the coins are worth less than saving them costs");
  }

  Result<void> add_payments() {
    std::int64_t out = 0;
    for (const custody::WithdrawalId id : custody::withdrawals_of(spend_)) {
      const custody::Withdrawal& withdrawal = s_.withdrawals.at(id);
      add_output(static_cast<std::int64_t>(withdrawal.amount.units()), withdrawal.destination.view());
      out += static_cast<std::int64_t>(withdrawal.amount.units());
    }
    const ByteView change_script = spend_.change.view();
    const std::int64_t with_change = payment_fee(weight_ + output_weight(change_script));
    const std::int64_t change = in_ - out - with_change;
    if (change > dust(change_script)) return add_change(change);
    // Without change the rest is the miners'. A transaction has to have an output, though.
    const bool enough = !psbt_.outputs.empty() && in_ - out >= payment_fee(weight_);
    return enough ? Result<void>() : refuse("funds_below_fee", "the coins do not pay for the payments and the fee");
  }

  Result<void> add_change(std::int64_t value) {
    const auto derived = wallets_.derive(wallet_, 1, spend_.change_index);
    if (!derived) return Failure(derived.error());
    if (!std::ranges::equal(derived->script_pubkey, spend_.change.view())) return refuse("script_differs");
    add_output(value, derived->script_pubkey);
    describe(psbt_.outputs.back(), *derived);
    return {};
  }

  // The same each time, and nobody can tell from it which output is the change.
  void shuffle() {
    const auto key = [&](const PsbtOutput& output) {
      Bytes bytes = to_bytes(psbt_.inputs.front().previous.txid.view());
      put_u64(bytes, static_cast<std::uint64_t>(output.value));
      put_bytes(bytes, output.script);
      return sha256(bytes);
    };
    std::ranges::stable_sort(psbt_.outputs, {}, key);
  }

  static constexpr std::int64_t kMaxFeerate = 100'000'000;  // 100,000 sat/vB: keeps products far from overflow

  const State& s_;
  const Spend& spend_;
  const SpendFees& fees_;
  const Wallets& wallets_;
  const PreviousTransaction& previous_;
  const Wallet& wallet_;
  const Ancestors above_;
  Psbt psbt_;
  std::int64_t in_ = 0;
  std::int64_t weight_ = kEnvelopeWeight;
};

}  // namespace

std::int64_t fee_for(std::int64_t feerate, std::int64_t weight) {
  const Int128 vsize = (weight + 3) / 4;
  return static_cast<std::int64_t>((Int128{feerate} * vsize + 999) / 1000);
}

std::int64_t output_weight(ByteView script) { return 4 * (9 + static_cast<std::int64_t>(script.size())); }

Result<std::int64_t> input_weight(const Wallet& wallet, const Wallets& wallets) {
  const auto output = wallets.derive(wallet, 0, 0);
  if (!output) return Failure(output.error());
  return kInputBaseWeight + static_cast<std::int64_t>(output->satisfaction_weight);
}

Result<Psbt> form_of(const State& state, const Spend& spend, const SpendFees& fees, const Wallets& wallets,
                     const PreviousTransaction& previous) {
  if (spend.inputs.empty() || spend.purpose == Purpose::sweep) return refuse("purpose_wrong");
  return Form(state, spend, fees, wallets, previous).make();
}

}  // namespace holdfast::chain::utxo
