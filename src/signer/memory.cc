#include "signer/memory.h"

#include <algorithm>
#include <utility>

namespace holdfast::signer {
namespace {

using chain::evm::Address20;

constexpr std::int64_t kLearnedKeptMs = 32 * kMsPerDay;  // kMaxDelayMs (authority.h), and something more.

Failure malformed(std::string_view what) {
  return corruption("signer_record_malformed", "a record of the signer's journal has a bad " + std::string(what));
}

std::optional<Address20> address_from(const std::string& raw) {
  if (raw.size() != Address20::kSize) return std::nullopt;
  return Address20::from(as_bytes(raw));
}

// The native coin is written as no bytes at all.
std::optional<Address20> asset_from(const std::string& raw) {
  return raw.empty() ? std::optional<Address20>(Address20{}) : address_from(raw);
}

}  // namespace

const Binding* Memory::binding(std::uint64_t withdrawal) const {
  const auto found = withdrawals_.find(withdrawal);
  return found == withdrawals_.end() ? nullptr : &found->second;
}

Occupant Memory::at(const Place& place) const {
  const auto found = places_.find(place);
  return found == places_.end() ? Occupant{} : found->second;
}

Amount Memory::within_day(std::string_view chain, const Address20& asset, Instant now) const {
  const auto found = windows_.find(AssetKey(chain, asset));
  return found == windows_.end() ? Amount::zero() : found->second.total(now);
}

Amount Memory::unenrolled_within_day(std::uint64_t customer, std::string_view chain, const Address20& asset, Instant now) const {
  const auto found = unenrolled_by_.find({customer, AssetKey(chain, asset)});
  return found == unenrolled_by_.end() ? Amount::zero() : found->second.total(now);
}

Amount Memory::unenrolled_within_day(std::string_view chain, const Address20& asset, Instant now) const {
  const auto found = unenrolled_.find(AssetKey(chain, asset));
  return found == unenrolled_.end() ? Amount::zero() : found->second.total(now);
}

std::optional<Instant> Memory::learned_at(std::uint64_t index) const {
  const auto is_behind = [&](const auto& known) { return known.first <= index; };
  const auto first = std::ranges::find_if_not(learned_, is_behind);
  return first == learned_.end() ? std::nullopt : std::optional(first->second);
}

std::optional<Hash32> Memory::proven(std::uint64_t deposit) const {
  const auto found = proven_.find(deposit);
  return found == proven_.end() ? std::nullopt : std::optional(found->second);
}

Result<void> Memory::apply_witnessed(const proto::SignerRecord::Witnessed& fact) {
  if (fact.size() < cosigned_.size || fact.root().size() != Hash32::kSize) return malformed("head");
  cosigned_ = {fact.size(), Hash32::from(as_bytes(fact.root()))};
  learned_.emplace_back(fact.size(), last_at_);
  // Whatever was here before the oldest that is kept counts as from then: the longest wait that a policy knows is shorter.
  while (learned_.size() > 1 && last_at_ - learned_.front().second > kLearnedKeptMs) learned_.pop_front();
  return {};
}

Result<void> Memory::count_unenrolled(const proto::SignerRecord::Signed& fact) {
  const auto asset = asset_from(fact.asset_contract());
  for (const auto& one : fact.unenrolled()) {
    const auto amount = Amount::from_string(one.amount());
    const AssetKey key(fact.chain(), asset.value_or(Address20{}));
    if (!amount || !asset) return malformed("amount");
    if (!unenrolled_[key].add(*amount, last_at_) || !unenrolled_by_[{one.customer(), key}].add(*amount, last_at_)) {
      return malformed("amount");
    }
  }
  return {};
}

std::optional<Amount> Memory::fees_with(std::string_view chain, const Address20& account, std::uint64_t nonce,
                                        Amount fees, Instant now) const {
  const auto found = fees_.find(AccountKey(chain, account));
  return found == fees_.end() ? fees : found->second.total_with(std::span(&nonce, 1), fees, now);
}

std::optional<Memory::Reach> Memory::reach(std::string_view chain, const Address20& wallet) const {
  const auto found = reach_.find(AccountKey(chain, wallet));
  return found == reach_.end() ? std::nullopt : std::optional(found->second);
}

void Memory::extend_reach(const std::string& chain, const Address20& wallet, std::uint64_t nonce) {
  const auto [reach, is_new] = reach_.try_emplace(AccountKey(chain, wallet));
  if (is_new || nonce > reach->second.highest) reach->second = {nonce, last_at_};
}

Result<void> Memory::apply(const proto::SignerRecord& record) {
  // Times of records never run backward (Signer sees to it), so that windows stay in order.
  if (Instant{record.at_ms()} < last_at_) return malformed("time");
  last_at_ = Instant{record.at_ms()};
  const bool is_first = std::exchange(is_empty_, false);
  switch (record.event_case()) {
    case proto::SignerRecord::kSigned:
      return apply_signed(record.signed_());
    case proto::SignerRecord::kFrozen:
      frozen_ = true;
      return {};
    case proto::SignerRecord::kThawed:
      frozen_ = false;
      return {};
    case proto::SignerRecord::kWitnessed:
      return apply_witnessed(record.witnessed());
    case proto::SignerRecord::kDepositProven:
      if (record.deposit_proven().claim().size() != Hash32::kSize) return malformed("claim");
      proven_[record.deposit_proven().deposit()] = Hash32::from(as_bytes(record.deposit_proven().claim()));
      return {};
    case proto::SignerRecord::kForgot:
      return life_.apply(record.forgot(), is_first);
    case proto::SignerRecord::kRetired:
      life_.apply(record.retired());
      return {};
    case proto::SignerRecord::EVENT_NOT_SET:
      break;
  }
  return malformed("event");
}

Result<void> Memory::apply_encoded(std::uint64_t index, ByteView bytes) {
  proto::SignerRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return corruption("signer_record_malformed", "record " + std::to_string(index) + " is no signer's record");
  }
  return apply(record);
}

Result<void> Memory::apply_signed(const proto::SignerRecord::Signed& fact) {
  if (auto counted = count_unenrolled(fact); !counted) return counted;
  if (fact.outpoints_size() > 0) return apply_coins(fact);
  const auto wallet = address_from(fact.wallet());
  if (!wallet) return malformed("wallet");
  if (fact.digest().size() != Hash32::kSize) return malformed("digest");
  const Place place{fact.chain(), *wallet, fact.nonce()};

  if (fact.purpose() == proto::SignRequest::WITHDRAWAL) {
    if (auto bound = bind(fact.withdrawal(), place, fact); !bound) return bound;
  } else if (fact.purpose() == proto::SignRequest::BURN) {
    places_[place].burned = true;
  } else {
    places_[place].other = true;
  }
  extend_reach(fact.chain(), *wallet, fact.nonce());
  digests_.insert(Hash32::from(as_bytes(fact.digest())));
  return fact.account().empty() ? Result<void>{} : count_fees(fact);
}

Result<void> Memory::bind(std::uint64_t withdrawal, const Place& place, const proto::SignerRecord::Signed& fact) {
  const auto asset = asset_from(fact.asset_contract());
  const auto destination = address_from(fact.destination());
  const auto amount = Amount::from_string(fact.amount());
  if (withdrawal == 0 || !asset || !destination || !amount) return malformed("withdrawal");
  if (coins_.payment_of(withdrawal) != nullptr) return malformed("binding");

  const Terms terms{*asset, *destination, *amount};
  const auto [bound, is_new] = withdrawals_.try_emplace(withdrawal, Binding{place, terms});
  if (!is_new) {
    // Signed again, with other fees, or after it was authorised: counted already.
    if (bound->second.place != place || bound->second.terms != terms) return malformed("binding");
  } else if (places_[place].withdrawal != 0) {
    return malformed("place");
  }
  highest_withdrawal_ = std::max(highest_withdrawal_, withdrawal);
  Occupant& occupant = places_[place];
  occupant.withdrawal = withdrawal;
  occupant.transaction = occupant.transaction || fact.kind() == proto::SignRequest::TRANSACTION;
  return is_new ? count(place.chain, *asset, *amount) : Result<void>{};
}

Result<void> Memory::count_fees(const proto::SignerRecord::Signed& fact) {
  const auto account = address_from(fact.account());
  const auto amount = Amount::from_string(fact.fees());
  if (!account || !amount) return malformed("fees");
  extend_reach(fact.chain(), *account, fact.account_nonce());
  auto& known = fees_[AccountKey(fact.chain(), *account)];
  return known.raise(fact.account_nonce(), *amount, last_at_) ? Result<void>{} : malformed("fees");
}

Result<void> Memory::count(const std::string& chain, const Address20& asset, Amount amount) {
  return windows_[AssetKey(chain, asset)].add(amount, last_at_) ? Result<void>{} : malformed("amount");
}

Result<void> Memory::apply_coins(const proto::SignerRecord::Signed& fact) {
  for (const auto& paid : fact.batch()) {
    if (binding(paid.id()) != nullptr) return malformed("binding");
  }
  if (auto applied = coins_.apply(fact, last_at_); !applied) return applied;
  for (const auto& paid : fact.batch()) highest_withdrawal_ = std::max(highest_withdrawal_, paid.id());
  digests_.insert(Hash32::from(as_bytes(fact.digest())));
  return {};
}

}  // namespace holdfast::signer
