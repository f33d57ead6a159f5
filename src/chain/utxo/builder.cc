#include "chain/utxo/builder.h"

#include "base/planted.h"
#include "chain/utxo/psbt/sign_input.h"

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {
namespace {

constexpr std::size_t kFetchedAtOnce = 64;
constexpr std::size_t kKeptPrevious = 20'000;

Amount plus(Amount a, Amount b) { return Amount::sum(a, b).value_or(Amount::max()); }
Amount raised(Amount amount) { return plus(plus(amount, Amount::of(amount.units() / 8)), Amount::of(1)); }

// Every signature that any key of the inputs could make, by input.
Result<std::vector<std::vector<InputDigest>>> all_digests(const Psbt& psbt) {
  std::set<Fingerprint> masters;
  for (const PsbtInput& input : psbt.inputs) {
    for (const auto& [key, derivation] : input.derivations) masters.insert(derivation.master);
    for (const auto& [key, derivation] : input.tap_derivations) masters.insert(derivation.derivation.master);
  }
  std::vector<std::vector<InputDigest>> out(psbt.inputs.size());
  for (const Fingerprint& master : masters) {
    auto digests = digests_for(psbt, master);
    if (!digests) return Failure(digests.error());
    for (InputDigest& digest : *digests) out[digest.input].push_back(std::move(digest));
  }
  return out;
}

// Puts in what is a good signature of somebody's; the rest is dropped.
void add_answer(Psbt& psbt, const std::vector<std::vector<InputDigest>>& digests, const SignerAnswer& answer) {
  const std::size_t inputs = std::min(psbt.inputs.size(), answer.input_signatures.size());
  for (std::size_t i = 0; i < inputs; ++i) {
    for (const InputDigest& digest : digests[i]) {
      if (add_signature(psbt, digest, answer.input_signatures[i])) break;
    }
  }
}

custody::Attempt attempt_of(const Psbt& psbt, const Transaction& transaction, Instant now) {
  std::int64_t fee = 0;
  for (const PsbtInput& input : psbt.inputs) fee += spent_output(input)->value;
  for (const TxOut& output : transaction.outputs) fee -= output.value;
  custody::Attempt out;
  out.raw = encode(transaction);
  out.txid = txid_of(transaction);
  out.priority_fee = Amount::of(std::max<std::int64_t>(fee, 0));
  out.max_fee = Amount::of(out.priority_fee.units() * 1000 / static_cast<Int128>(vsize_of(transaction)));
  out.signed_at = now;
  return out;
}

}  // namespace

Result<FeeQuote> UtxoBuilder::quote() {
  const auto estimate = node_.fee_estimate(options_.target_blocks);
  if (!estimate) return Failure(estimate.error());
  relay_feerate_ = std::clamp<std::int64_t>(estimate->increment_per_kvb, 1000, options_.plan.max_feerate);
  const std::int64_t rate = estimate->rate_per_kvb.value_or(options_.plan.long_term_feerate);
  const std::int64_t floor = std::min(std::max<std::int64_t>(estimate->floor_per_kvb, 1000), options_.plan.max_feerate);
  return FeeQuote{Amount::of(std::clamp(rate, floor, options_.plan.max_feerate)), Amount::zero()};
}

FeeQuote UtxoBuilder::bump(const FeeQuote& previous, const FeeQuote& quoted) const {
  const Amount rate = plus(raised(previous.max_fee), Amount::of(relay_feerate_));
  return {std::max(rate, quoted.max_fee), std::max(raised(previous.priority_fee), quoted.priority_fee)};
}

Result<Bytes> UtxoBuilder::build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const {
  const auto previous = [&](const Txid& txid) {
    const auto found = previous_.find(txid);
    return found == previous_.end() ? nullptr : &found->second;
  };
  const auto psbt = form_of(state, spend, {fees, options_.plan.max_feerate, relay_feerate_}, wallets_, previous);
  if (!psbt) return Failure(psbt.error());
  return write_psbt(*psbt, PsbtVersion::v2);
}

std::vector<custody::Command> UtxoBuilder::plan(const custody::State& state, const PlanInput& input) const {
  return plan_coins(state, chain_, input, options_.plan, wallets_);
}

std::vector<UtxoBuilder::Needed> UtxoBuilder::missing(const custody::State& state) const {
  std::set<Needed> out;
  for (const custody::SpendId id : state.open_spends) {
    const custody::Spend& spend = state.spends.at(id);
    const custody::Wallet& wallet = state.wallets.at(spend.wallet);
    const bool ours = wallet.chain == chain_ && !spend.inputs.empty() && spend.state != custody::SpendState::mined;
    const auto descriptor = ours ? wallets_.descriptor(wallet) : nullptr;
    if (!descriptor || *descriptor == nullptr || !is_segwit_v0(**descriptor)) continue;
    for (const custody::CoinId coin : spend.inputs) {
      const custody::Coin& known = state.coins.at(coin);
      if (!previous_.contains(known.outpoint.txid)) out.insert({known.outpoint.txid, known.height});
      if (out.size() == kFetchedAtOnce) return {out.begin(), out.end()};
    }
  }
  return {out.begin(), out.end()};
}

Result<void> UtxoBuilder::prepare(const StateView& view) {
  std::vector<Needed> needed;
  view.read([&](const custody::State& state) { needed = missing(state); });
  if (!needed.empty() && previous_.size() > kKeptPrevious) previous_.clear();
  for (const Needed& each : needed) {
    const auto header = node_.header_at(each.height);
    if (!header) return Failure(header.error());
    if (!*header) continue;
    const auto mined = node_.transaction(each.txid, (*header)->hash);
    if (!mined) return Failure(mined.error());
    if (!*mined) continue;  // reorganised away: the follower will tell
    auto decoded = decode_transaction((*mined)->transaction.raw, {wallets_.network().max_money, true});
    if (!decoded) continue;
    for (TxIn& input : decoded->inputs) input.witness.clear();  // its id does not commit to them, nobody needs them
    previous_[each.txid] = std::move(*decoded);
  }
  return {};
}

Result<custody::Command> UtxoBuilder::complete(const custody::State&, const custody::Spend& spend,
                                               ByteView unsigned_transaction, const std::vector<SignerAnswer>& answers,
                                               std::size_t needed, Instant now) const {
  auto psbt = read_psbt(unsigned_transaction);
  if (!psbt) return Failure(psbt.error());
  if (answers.size() < needed) return refuse("quorum_missing");
  const auto digests = all_digests(*psbt);
  if (!digests) return Failure(digests.error());
  for (const SignerAnswer& answer : answers) add_answer(*psbt, *digests, answer);
  const auto final_psbt = finalize(*psbt);
  if (!final_psbt) return refuse("quorum_missing", final_psbt.error().text);
  const auto transaction = extract(*final_psbt);
  if (!transaction) return Failure(transaction.error());
  return custody::AddAttempt{spend.id, attempt_of(*psbt, *transaction, now)};
}

Result<void> UtxoBuilder::broadcast(ByteView raw) {
  const auto sent = node_.send(raw);
  if (sent) return {};
  const Error& error = sent.error();
  if (error.code == "fee_too_low" || error.code == "conflict") return fault("underpriced", error.text);
  return Failure(error);
}

}  // namespace holdfast::chain::utxo
