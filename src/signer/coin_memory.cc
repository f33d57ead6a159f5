#include "signer/coin_memory.h"

#include "chain/utxo/codec/compact.h"

#include <algorithm>
#include <iterator>

namespace holdfast::signer {
namespace {

using proto::SignRequest;

Failure malformed(std::string_view what) {
  return corruption("signer_record_malformed", "a record of the signer's journal has a bad " + std::string(what));
}

// Sorted; nothing when one is of another size, or there twice.
std::optional<std::vector<OutPoint>> coins_of(const proto::SignerRecord::Signed& fact) {
  std::vector<OutPoint> out;
  for (const std::string& raw : fact.outpoints()) {
    if (raw.size() != kOutPointSize) return std::nullopt;
    chain::utxo::WireReader in(as_bytes(raw));
    OutPoint coin{in.hash(), 0};
    coin.vout = in.u32();
    out.push_back(coin);
  }
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end()) return std::nullopt;
  return out;
}

bool saves(const proto::SignerRecord::Signed& fact) {
  return fact.purpose() == SignRequest::EVACUATION || fact.purpose() == SignRequest::BURN;
}

// Rounded up: the shares together are never less than the fee.
Amount share_of(Amount fee, std::size_t coins) {
  const auto count = static_cast<Int128>(coins);
  const Int128 whole = fee.units() / count;
  return Amount::of(fee.units() % count == 0 ? whole : whole + 1);
}

}  // namespace

std::string encode_outpoint(const OutPoint& outpoint) {
  Bytes out = to_bytes(outpoint.txid.view());
  chain::utxo::put_u32(out, outpoint.vout);
  return std::string(as_text(out));
}

const CoinMemory::OfChain* CoinMemory::of(std::string_view chain) const {
  const auto found = chains_.find(chain);
  return found == chains_.end() ? nullptr : &found->second;
}

const CoinMemory::Use* CoinMemory::use(std::string_view chain, const OutPoint& coin) const {
  const OfChain* known = of(chain);
  if (known == nullptr) return nullptr;
  const auto found = known->uses.find(coin);
  return found == known->uses.end() ? nullptr : &found->second;
}

std::optional<Amount> CoinMemory::signed_fee(std::string_view chain, const Hash32& txid,
                                             SignRequest::Purpose purpose) const {
  const OfChain* known = of(chain);
  if (known == nullptr) return std::nullopt;
  const auto found = known->signed_for.find(txid);
  if (found == known->signed_for.end()) return std::nullopt;
  for (const auto& [signed_purpose, fee] : found->second) {
    if (signed_purpose == purpose) return fee;
  }
  return std::nullopt;
}

const CoinTerms* CoinMemory::terms(std::uint64_t withdrawal) const {
  const auto found = withdrawals_.find(withdrawal);
  return found == withdrawals_.end() ? nullptr : &found->second.terms;
}

const CoinPayment* CoinMemory::payment_of(std::uint64_t withdrawal) const {
  const auto found = withdrawals_.find(withdrawal);
  return found == withdrawals_.end() ? nullptr : &payments_[found->second.payment];
}

const CoinPayment* CoinMemory::payment_from(std::string_view chain, const OutPoint& coin) const {
  const Use* known = use(chain, coin);
  return known == nullptr || !known->payment ? nullptr : &payments_[*known->payment];
}

bool CoinMemory::is_burned(std::string_view chain, const OutPoint& coin) const {
  const Use* known = use(chain, coin);
  return known != nullptr && known->burned;
}

Amount CoinMemory::within_day(std::string_view chain, Instant now) const {
  const OfChain* known = of(chain);
  return known == nullptr ? Amount::zero() : known->window.total(now);
}

std::optional<Amount> CoinMemory::fees_with(std::string_view chain, std::span<const OutPoint> coins, Amount fee,
                                            Instant now) const {
  const OfChain* known = of(chain);
  return known == nullptr ? fee : known->fees.total_with(coins, share_of(fee, coins.size()), now);
}

std::optional<CoinMemory::Reach> CoinMemory::change_reach(std::string_view chain, std::string_view wallet) const {
  const OfChain* known = of(chain);
  if (known == nullptr) return std::nullopt;
  const auto found = known->reach.find(wallet);
  return found == known->reach.end() ? std::nullopt : std::optional(found->second);
}

bool CoinMemory::has_room(const proto::SignerRecord::Signed& fact, Instant now) const {
  return (saves(fact) ? saving_ : other_).has(fact.ByteSizeLong(), now);
}

Result<void> CoinMemory::apply(const proto::SignerRecord::Signed& fact, Instant at) {
  if (fact.digest().size() != Hash32::kSize) return malformed("digest");
  const auto coins = coins_of(fact);
  if (!coins || coins->empty()) return malformed("outpoint");
  const auto fee = Amount::from_string(fact.fees());
  if (!fee) return malformed("fees");
  const Hash32 txid = Hash32::from(as_bytes(fact.digest()));
  (saves(fact) ? saving_ : other_).take(fact.ByteSizeLong(), at);
  OfChain& known = chains_[fact.chain()];

  if (fact.purpose() == SignRequest::WITHDRAWAL) {
    if (auto paid = apply_payment(fact, *coins, at); !paid) return paid;
  } else if (fact.batch_size() > 0) {
    return malformed("batch");
  } else if (fact.purpose() == SignRequest::BURN) {
    for (const OutPoint& coin : *coins) known.uses[coin].burned = true;
  } else if (fact.purpose() != SignRequest::EVACUATION && fact.purpose() != SignRequest::CONSOLIDATION) {
    return malformed("purpose");
  }
  auto& fees = known.signed_for[txid];
  const auto same = std::ranges::find(fees, fact.purpose(), &std::pair<SignRequest::Purpose, Amount>::first);
  if (same == fees.end()) fees.emplace_back(fact.purpose(), *fee);
  else same->second = std::max(same->second, *fee);
  if (fact.purpose() == SignRequest::EVACUATION) return {};  // Bounded one by one, whatever a day has cost.
  for (const OutPoint& coin : *coins) {
    if (!known.fees.raise(coin, share_of(*fee, coins->size()), at)) return malformed("fees");
  }
  if (!fact.has_change_index()) return {};
  const auto [reach, is_new] = known.reach.try_emplace(fact.coin_wallet());
  if (is_new || fact.change_index() > reach->second.highest) reach->second = {fact.change_index(), at};
  return {};
}

Result<void> CoinMemory::apply_payment(const proto::SignerRecord::Signed& fact, const std::vector<OutPoint>& coins,
                                       Instant at) {
  std::vector<std::uint64_t> ids;
  for (const auto& paid : fact.batch()) ids.push_back(paid.id());
  std::sort(ids.begin(), ids.end());
  const bool distinct = std::adjacent_find(ids.begin(), ids.end()) == ids.end();
  if (ids.empty() || ids.front() == 0 || !distinct) return malformed("batch");

  const auto first = withdrawals_.find(ids.front());
  const bool is_new = first == withdrawals_.end();
  const std::size_t index = is_new ? payments_.size() : first->second.payment;
  if (!is_new) {
    CoinPayment& before = payments_[index];
    const bool all = std::includes(coins.begin(), coins.end(), before.coins.begin(), before.coins.end());
    if (before.chain != fact.chain() || before.withdrawals != ids || !all) return malformed("binding");
  }
  auto& uses = chains_[fact.chain()].uses;
  for (const OutPoint& coin : coins) {
    const Use& before = uses[coin];
    if (before.burned || (before.payment && *before.payment != index)) return malformed("binding");
  }
  if (is_new) payments_.push_back({fact.chain(), ids, {}});
  payments_[index].coins = coins;
  for (const OutPoint& coin : coins) uses[coin].payment = index;
  return bind(fact, index, at);
}

Result<void> CoinMemory::bind(const proto::SignerRecord::Signed& fact, std::size_t payment, Instant at) {
  for (const auto& paid : fact.batch()) {
    const auto amount = Amount::from_string(paid.amount());
    if (!amount || paid.destination().empty()) return malformed("withdrawal");
    Bound bound{payment, {to_bytes(as_bytes(paid.destination())), *amount}};
    const auto [known, is_new] = withdrawals_.try_emplace(paid.id(), bound);
    if (!is_new && (known->second.payment != payment || known->second.terms != bound.terms)) return malformed("binding");
    if (is_new && !chains_[fact.chain()].window.add(*amount, at)) return malformed("amount");
  }
  return {};
}

}  // namespace holdfast::signer
