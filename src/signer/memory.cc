#include "signer/memory.h"

#include <algorithm>
#include <utility>

namespace holdfast::signer {
namespace {

using chain::evm::Address20;

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
  if (found == windows_.end()) return Amount::zero();
  Amount total = found->second.total;
  for (const auto& entry : found->second.entries) {
    if (now - entry.at < kMsPerDay) break;
    total -= entry.amount;
  }
  return total;
}

std::optional<Amount> Memory::fees_with(std::string_view chain, const Address20& account, std::uint64_t nonce,
                                        Amount fees, Instant now) const {
  const auto found = fees_.find(AccountKey(chain, account));
  if (found == fees_.end()) return fees;
  const Fees& known = found->second;
  const auto counts = [&](Instant at) { return now - at < kMsPerDay; };
  Amount total = known.total;
  for (const auto& [at, raised] : known.raisings) {
    if (counts(at)) break;
    const auto fee = known.by_nonce.find(raised);
    if (fee != known.by_nonce.end() && fee->second.at == at) total -= fee->second.highest;
  }
  const auto before = known.by_nonce.find(nonce);
  if (before == known.by_nonce.end() || !counts(before->second.at)) return Amount::sum(total, fees);
  if (fees <= before->second.highest) return total;
  return Amount::sum(total - before->second.highest, fees);
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
  switch (record.event_case()) {
    case proto::SignerRecord::kSigned:
      return apply_signed(record.signed_());
    case proto::SignerRecord::kFrozen:
      frozen_ = true;
      return {};
    case proto::SignerRecord::kThawed:
      frozen_ = false;
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
  Fees& known = fees_[AccountKey(fact.chain(), *account)];
  while (!known.raisings.empty() && last_at_ - known.raisings.front().first >= kMsPerDay) {
    const auto [at, nonce] = known.raisings.front();
    known.raisings.pop_front();
    const auto fee = known.by_nonce.find(nonce);
    if (fee == known.by_nonce.end() || fee->second.at != at) continue;
    known.total -= fee->second.highest;
    known.by_nonce.erase(fee);
  }
  extend_reach(fact.chain(), *account, fact.account_nonce());
  const auto [fee, is_new] = known.by_nonce.try_emplace(fact.account_nonce());
  if (!is_new && *amount <= fee->second.highest) return {};
  const auto total = Amount::sum(known.total - fee->second.highest, *amount);
  if (!total) return malformed("fees");
  known.total = *total;
  // What is bumped counts from now: it is now that it became as dear.
  if (is_new || fee->second.at != last_at_) known.raisings.emplace_back(last_at_, fact.account_nonce());
  fee->second = {last_at_, *amount};
  return {};
}

Result<void> Memory::count(const std::string& chain, const Address20& asset, Amount amount) {
  Window& window = windows_[AssetKey(chain, asset)];
  while (!window.entries.empty() && last_at_ - window.entries.front().at >= kMsPerDay) {
    window.total -= window.entries.front().amount;
    window.entries.pop_front();
  }
  const auto total = Amount::sum(window.total, amount);
  if (!total) return malformed("amount");
  window.total = *total;
  window.entries.push_back({last_at_, amount});
  return {};
}

}  // namespace holdfast::signer
