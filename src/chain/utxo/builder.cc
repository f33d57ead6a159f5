#include "chain/utxo/builder.h"

#include "base/planted.h"
#include "chain/utxo/child.h"
#include "chain/utxo/psbt/sign_input.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace holdfast::chain::utxo {
namespace {

constexpr std::size_t kFetchedAtOnce = 64;
constexpr std::size_t kKeptPrevious = 20'000;
constexpr std::size_t kLookedAtOnce = 64;

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

// Its id does not commit to witnesses, and nobody needs them.
std::optional<Transaction> without_witness(ByteView raw, const Network& network) {
  auto decoded = decode_transaction(raw, {network.max_money, true});
  if (!decoded) return std::nullopt;
  for (TxIn& input : decoded->inputs) input.witness.clear();
  return std::move(*decoded);
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
  look_at_pool_ = true;
  const auto estimate = node_.fee_estimate(options_.target_blocks);
  if (!estimate) return Failure(estimate.error());
  relay_feerate_ = std::clamp<std::int64_t>(estimate->increment_per_kvb, 1000, options_.plan.max_feerate);
  const std::int64_t rate = estimate->rate_per_kvb.value_or(options_.plan.long_term_feerate);
  const std::int64_t floor = std::min(std::max<std::int64_t>(estimate->floor_per_kvb, 1000), options_.plan.max_feerate);
  market_feerate_ = std::clamp(rate, floor, options_.plan.max_feerate);
  return FeeQuote{Amount::of(market_feerate_), Amount::zero()};
}

FeeQuote UtxoBuilder::bump(const FeeQuote& previous, const FeeQuote& quoted) const {
  const Amount rate = plus(raised(previous.max_fee), Amount::of(relay_feerate_));
  return {std::max(rate, quoted.max_fee), std::max(raised(previous.priority_fee), quoted.priority_fee)};
}

Result<Bytes> UtxoBuilder::build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const {
  std::map<Txid, Transaction> own;  // What comes from own attempts is in the state, mined or not.
  const auto previous = [&](const Txid& txid) -> const Transaction* {
    if (const auto found = previous_.find(txid); found != previous_.end()) return &found->second;
    const custody::Attempt* attempt = state.attempt_of(txid);
    auto decoded = attempt ? without_witness(attempt->raw, wallets_.network()) : std::nullopt;
    return decoded ? &(own[txid] = std::move(*decoded)) : nullptr;
  };
  const auto psbt = form_of(state, spend, {fees, options_.plan.max_feerate, relay_feerate_, market_feerate_}, wallets_,
                            previous);
  if (!psbt) return Failure(psbt.error());
  return write_psbt(*psbt, PsbtVersion::v2);
}

std::vector<custody::Command> UtxoBuilder::plan(const custody::State& state, const PlanInput& input) const {
  return plan_coins(state, chain_, input, options_.plan, wallets_, older_);
}

// Nobody can hang anything on a consolidation: a node that lets nothing take its place lets nothing take anything's place.
bool UtxoBuilder::is_bump_in_vain(const custody::State& state, const custody::Spend& spend) const {
  const auto older = older_.find(spend.id);
  if (older == older_.end()) return false;
  if (spend.purpose == custody::Purpose::consolidation) return true;
  return child_of(state, spend, older->second, {market_feerate_, options_.plan.max_feerate}, wallets_).has_value();
}

Amount UtxoBuilder::rate_of(const custody::State& state, const custody::Spend& spend) const {
  const custody::Attempt& newest = spend.attempts.back();
  const Ancestors above = ancestors_of(state, spend);
  const auto transaction = above.vsize == 0 ? refuse("no_ancestors") : decode_transaction(newest.raw);
  if (!transaction) return newest.max_fee;
  const Int128 vsize = Int128{above.vsize} + static_cast<Int128>(vsize_of(*transaction));
  return Amount::of((newest.priority_fee.units() + above.fee) * 1000 / vsize);
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
      const bool own = state.attempt_of(known.outpoint.txid) != nullptr;
      if (!own && !previous_.contains(known.outpoint.txid)) out.insert({known.outpoint.txid, known.height});
      if (out.size() == kFetchedAtOnce) return {out.begin(), out.end()};
    }
  }
  return {out.begin(), out.end()};
}

Result<void> UtxoBuilder::fetch(const Needed& needed) {
  const auto header = node_.header_at(needed.height);
  if (!header) return Failure(header.error());
  if (!*header) return {};
  const auto mined = node_.transaction(needed.txid, (*header)->hash);
  if (!mined) return Failure(mined.error());
  if (!*mined) return {};  // reorganised away: the follower will tell
  if (auto decoded = without_witness((*mined)->transaction.raw, wallets_.network())) previous_[needed.txid] = std::move(*decoded);
  return {};
}

Result<void> UtxoBuilder::prepare(const StateView& view) {
  auto looked = look_at_pool_ ? look_at_pool(view) : Result<void>();
  std::vector<Needed> needed;
  view.read([&](const custody::State& state) { needed = missing(state); });
  if (!needed.empty() && previous_.size() > kKeptPrevious) previous_.clear();
  for (const Needed& each : needed) {
    if (auto done = fetch(each); !done) return done;
  }
  return looked;
}

// A spend whose newest attempt is nowhere while an older one waits was sent in vain, or not yet.
Result<void> UtxoBuilder::look_at_pool(const StateView& view) {
  std::vector<Bumped> bumped;
  view.read([&](const custody::State& state) {
    for (const custody::SpendId id : state.open_spends) {
      const custody::Spend& spend = state.spends.at(id);
      const bool pays = spend.purpose == custody::Purpose::withdrawal || spend.purpose == custody::Purpose::consolidation;
      const bool waits = spend.state == custody::SpendState::signed_ && spend.attempts.size() > 1 && !spend.inputs.empty();
      if (!pays || !waits || state.wallets.at(spend.wallet).chain != chain_) continue;
      Bumped& one = bumped.emplace_back(Bumped{id, {}});
      for (const custody::Attempt& attempt : std::views::reverse(spend.attempts)) one.attempts.push_back(attempt.txid);
      if (bumped.size() == kLookedAtOnce) return;
    }
  });
  OlderInPool found;
  for (const Bumped& one : bumped) {
    for (const Txid& txid : one.attempts) {
      const auto entry = node_.pool_entry(txid);
      if (!entry) return Failure(entry.error());
      if (!*entry) continue;
      if (txid != one.attempts.front()) found[one.spend] = txid;
      break;
    }
  }
  older_ = std::move(found);
  look_at_pool_ = false;
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
  const bool underpriced = error.code == "underpriced" || error.code == "fee_too_low" || error.code == "conflict";
  look_at_pool_ = look_at_pool_ || underpriced;
  return underpriced ? fault("underpriced", error.text) : Failure(error);
}

}  // namespace holdfast::chain::utxo
