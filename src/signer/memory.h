// What a signer remembers of what it has signed: enough to refuse rightly for ever after. Pure; rebuilt by applying the
// records of the signer's own journal in order.
//
//   withdrawal      bound to one place (chain, wallet, nonce) and to its terms (destination, asset, amount), for ever
//   place           what was signed there: at most one withdrawal; other things; whether a burn was
//   window          per chain and asset, the withdrawals first signed within the last 24 hours
//   fees            per account, the most that the network may take for what was signed within the last 24 hours: of each
//                   nonce only the dearest transaction, because only one of them can be mined
//   reach           per wallet, the highest nonce that was signed there, and when
//   frozen          since the last Frozen without a Thawed behind it
//   life            whether the signer has forgotten what it signed, or is retired: life_memory.h
//   coins           the same for chains whose money is coins: coin_memory.h
//   unenrolled      per customer, chain and asset, and of all of them together, what was first signed within the last 24 hours for
//                   customers whom no key of their own speaks for
//   journal         the newest head of holdfastd's journal that was cosigned, and when records of it were here
//   proven          deposits that were seen final on the own node
//
// About 300 bytes a withdrawal, never forgotten: a signature over a Safe transaction never expires by itself.
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "base/result.h"
#include "chain/evm/codec/address.h"
#include "signer.pb.h"
#include "signer/coin_memory.h"
#include "signer/day_window.h"
#include "signer/replica/replica.h"
#include "signer/life_memory.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace holdfast::signer {

struct Place {
  std::string chain;  // CAIP-2
  chain::evm::Address20 wallet;
  std::uint64_t nonce = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// What a withdrawal was signed to do.
struct Terms {
  chain::evm::Address20 asset;
  chain::evm::Address20 destination;
  Amount amount;
  friend bool operator==(const Terms&, const Terms&) = default;
};

struct Binding {
  Place place;
  Terms terms;
};

struct Occupant {
  std::uint64_t withdrawal = 0;  // 0: none
  bool other = false;            // Something that is neither a withdrawal nor a burn was signed here.
  bool burned = false;
  bool transaction = false;  // The withdrawal's transaction itself was signed, not only what owners authorise.
};

class Memory {
 public:
  // Takes in one durable record. corruption signer_record_malformed: no signer of this version wrote it.
  Result<void> apply(const proto::SignerRecord& record);
  // The same, from the bytes of a journal's record.
  Result<void> apply_encoded(std::uint64_t index, ByteView record);

  const LifeMemory& life() const { return life_; }
  bool frozen() const { return frozen_; }
  std::uint64_t signed_count() const { return digests_.size(); }
  Instant last_at() const { return last_at_; }

  // The highest id of a withdrawal that was signed; 0 before the first.
  std::uint64_t highest_withdrawal() const { return highest_withdrawal_; }
  struct Reach {
    std::uint64_t highest = 0;
    Instant since;
  };
  // The highest nonce that was signed at the wallet, and when; none before the first.
  std::optional<Reach> reach(std::string_view chain, const chain::evm::Address20& wallet) const;

  bool was_signed(const Hash32& digest) const { return digests_.contains(digest); }
  void each_digest(const std::function<void(const Hash32&)>& see) const {
    for (const Hash32& digest : digests_) see(digest);
  }
  const Binding* binding(std::uint64_t withdrawal) const;
  const CoinMemory& coins() const { return coins_; }
  // Nothing was signed there: an empty occupant.
  Occupant at(const Place& place) const;
  // Wei that the network may take of the account for what was signed later than 24 hours before `now`, once a transaction
  // for `fees` is signed at `nonce` too. None: more than any amount.
  std::optional<Amount> fees_with(std::string_view chain, const chain::evm::Address20& account, std::uint64_t nonce,
                                  Amount fees, Instant now) const;
  // What was first signed for customers without a key of their own, later than 24 hours before `now`: of one, and of all.
  Amount unenrolled_within_day(std::uint64_t customer, std::string_view chain, const chain::evm::Address20& asset, Instant now) const;
  Amount unenrolled_within_day(std::string_view chain, const chain::evm::Address20& asset, Instant now) const;

  bool knows_withdrawal(std::uint64_t id) const { return binding(id) != nullptr || coins_.payment_of(id) != nullptr; }

  TreeHead cosigned() const { return cosigned_; }
  // When the journal's record `index` was here, or somewhat later. None: not before this signer last wrote.
  std::optional<Instant> learned_at(std::uint64_t index) const;
  std::optional<Hash32> proven(std::uint64_t deposit) const;

  // Sum of the withdrawals first signed later than 24 hours before `now`.
  Amount within_day(std::string_view chain, const chain::evm::Address20& asset, Instant now) const;

 private:
  using AccountKey = std::pair<std::string, chain::evm::Address20>;
  using AssetKey = std::pair<std::string, chain::evm::Address20>;

  Result<void> apply_signed(const proto::SignerRecord::Signed& fact);
  Result<void> apply_coins(const proto::SignerRecord::Signed& fact);
  Result<void> bind(std::uint64_t withdrawal, const Place& place, const proto::SignerRecord::Signed& fact);
  void extend_reach(const std::string& chain, const chain::evm::Address20& wallet, std::uint64_t nonce);
  Result<void> count_fees(const proto::SignerRecord::Signed& fact);
  Result<void> count(const std::string& chain, const chain::evm::Address20& asset, Amount amount);
  Result<void> count_unenrolled(const proto::SignerRecord::Signed& fact);
  Result<void> apply_witnessed(const proto::SignerRecord::Witnessed& fact);

  std::unordered_map<std::uint64_t, Binding> withdrawals_;
  std::map<Place, Occupant> places_;
  std::unordered_set<Hash32, FixedBytesHash<32>> digests_;
  std::map<AssetKey, DayWindow> windows_;
  std::map<AssetKey, DayWindow> unenrolled_;                              // Of all such customers.
  std::map<std::pair<std::uint64_t, AssetKey>, DayWindow> unenrolled_by_;  // By customer.
  std::map<AccountKey, DayFees<std::uint64_t>> fees_;  // By the account's nonces.
  std::map<AccountKey, Reach> reach_;
  CoinMemory coins_;
  TreeHead cosigned_;
  std::deque<std::pair<std::uint64_t, Instant>> learned_;  // Sizes of the journal, and since when.
  std::unordered_map<std::uint64_t, Hash32> proven_;
  LifeMemory life_;
  bool is_empty_ = true;  // No record was taken in yet.
  std::uint64_t highest_withdrawal_ = 0;
  Instant last_at_;
  bool frozen_ = false;
};

}  // namespace holdfast::signer
