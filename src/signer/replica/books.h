// The signer's own books: a fold over the records of holdfastd's journal that believes no sum of it. Pure.
//
// The blueprint has a signer replay the same code as holdfastd. That code trusts its one writer: what cannot be, ends the process.
// Here the writer may be the thief, so this fold is its own, reads the records with protobuf's own reader, keeps what a signature
// may rest on, and is total: whatever stands in the journal, it goes on or refuses the record.
//
//   proven       of a customer and asset, the deposits that this signer saw final on its own node (prove())
//   taken        of the same, what was ever asked for with its fee, less what came back and was never signed here
//   covered      taken <= proven: what the journal itself says of balances counts for nothing
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/chunked.h"
#include "base/flat_map.h"
#include "base/instant.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::record {
class Event;
}

namespace holdfast::signer {

struct BookedChain {
  std::string caip2;
};

struct BookedAsset {
  std::uint64_t chain = 0;
  Bytes contract;  // Raw; empty for the native coin.
};

// A customer's own key, as the journal enrols it. Whether it speaks for the customer is for authority.h to say.
struct BookedKey {
  std::uint64_t id = 0;
  std::uint32_t kind = 0;
  Bytes key;
  Bytes authorisation;  // By an earlier key; empty for a first one.
  std::uint64_t authorised_by = 0;
  bool is_first = false;
  Instant learned;      // By this signer's clock.
  bool removed = false;
};

struct BookedCustomer {
  std::string reference;
  std::vector<BookedKey> keys;  // Once there was one, the customer is enrolled for ever.
};

// What an operator signed about a withdrawal. Not checked here.
struct BookedDecision {
  std::string by;
  FixedBytes<32> key;
  std::string statement;
  FixedBytes<64> signature;
};

struct BookedWithdrawal {
  std::uint64_t customer = 0;
  std::uint64_t asset = 0;
  Amount amount;
  Amount fee;
  Bytes destination;
  FixedBytes<16> request;
  Bytes authorisation;
  std::uint64_t authorised_key = 0;
  std::int64_t intent_expires_ms = 0;
  Instant destination_learned;  // When this customer first named this destination.
  std::optional<Instant> approved_until;
  bool ended = false;           // Rejected or returned.
  bool repeats = false;         // Its request id is an earlier withdrawal's: the same word of the customer, used twice.
  std::vector<BookedDecision> decisions;
};

// A deposit as the journal claims it.
struct BookedDeposit {
  std::uint64_t id = 0;
  std::uint64_t customer = 0;
  std::uint64_t asset = 0;
  Amount amount;
  Bytes address;
  Hash32 txid;
  std::uint32_t position = 0;
  std::uint64_t height = 0;
  Bytes from;                   // Who paid; empty: not told.
  Hash32 fingerprint() const;  // SHA-256 over all of it: what a proof is remembered by.
};

struct BookedAddress {
  std::uint64_t customer = 0;
  std::uint64_t chain = 0;
  Hash32 salt;                  // EVM
  std::uint64_t wallet = 0;     // Of coins: whose descriptor,
  std::uint32_t index = 0;      // at which index of the receiving branch.
};

class Books {
 public:
  static constexpr std::size_t kMaxKeys = 64;       // Of a customer; those over it are passed over.
  static constexpr std::size_t kMaxDecisions = 32;  // Of a withdrawal.

  // Takes in record `index` of the journal. `learned`: when this signer had it, by its own clock, or later.
  //   corruption journal_record_unreadable    it is no event that this version knows: update the signer before holdfastd
  //   corruption journal_record_impossible    it contradicts the records before it
  Result<void> apply(std::uint64_t index, ByteView record, Instant learned);

  // Whether a withdrawal was signed here is the signer's own memory: what was may still be paid, whatever the journal says.
  // Asked when a withdrawal comes back.
  using WasSigned = std::function<bool(std::uint64_t withdrawal)>;
  void listen(WasSigned was_signed) { was_signed_ = std::move(was_signed); }

  const BookedWithdrawal* withdrawal(std::uint64_t id) const;
  const BookedCustomer* customer(std::uint64_t id) const;
  const BookedAsset* asset(std::uint64_t id) const;
  const BookedChain* chain(std::uint64_t id) const;
  const BookedAddress* address(std::uint64_t chain, ByteView address) const;
  std::size_t customers() const { return customers_.size(); }
  // Of coins: how many indices of receiving branches were handed out on the chain, whichever the wallet.
  std::uint32_t handed_out(std::string_view caip2) const;

  // Whether the journal tells of a spend with this intent (of a Safe: the EIP-712 hash) or this transaction.
  bool knows_intent(const Hash32& digest) const { return intents_.contains(digest); }

  // --- Deposits ---------------------------------------------------------------------------------------------------
  // Credited by the journal, and not proven yet; in the order of their ids.
  const std::map<std::uint64_t, BookedDeposit>& unproven() const { return unproven_; }
  // Those that were credited since this was last asked.
  std::vector<std::uint64_t> take_credited() { return std::exchange(credited_, {}); }
  // This signer saw it. Does nothing when the journal has taken it back meanwhile, claims another under this id, or has counted
  // the same payment already.
  void prove(std::uint64_t deposit, const Hash32& fingerprint);

  // What all that the customer asked for of this asset needs, and what is proven of it.
  struct Cover {
    Amount proven;
    Amount taken;
    bool holds() const { return taken <= proven; }
  };
  Cover cover(std::uint64_t customer, std::uint64_t asset) const;

 private:
  struct PairKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    friend bool operator==(const PairKey&, const PairKey&) = default;
  };
  struct PairHash {
    std::size_t operator()(const PairKey& key) const;
  };
  struct AddressKey {
    std::uint64_t chain = 0;
    Bytes address;
    friend bool operator==(const AddressKey&, const AddressKey&) = default;
  };
  struct AddressHash {
    std::size_t operator()(const AddressKey& key) const;
  };
  struct Proven {
    std::uint64_t customer = 0;
    std::uint64_t asset = 0;
    Amount amount;
    FixedBytes<16> payment;
  };

  Result<void> apply_event(const record::Event& event, Instant learned);
  Result<void> apply_customer(const record::Event& event, Instant learned);
  Result<void> apply_withdrawal(const record::Event& event, Instant learned);
  Result<void> apply_deposit(const record::Event& event);
  Result<void> request(const record::Event& event, Instant learned);
  Result<void> end(std::uint64_t id, bool keeps_fee);
  void decide(const record::Event& event);
  void note_intent(const record::Event& event);

  std::map<std::uint64_t, BookedChain> chains_;
  std::map<std::uint64_t, BookedAsset> assets_;
  Chunked<BookedCustomer> customers_;
  FlatMap<PairKey, std::uint64_t, PairHash> key_owners_;  // By the key's id (and 0).
  FlatMap<AddressKey, BookedAddress, AddressHash> addresses_;
  std::map<std::uint64_t, std::uint32_t> handed_out_;      // By chain.
  Chunked<BookedWithdrawal> withdrawals_;
  FlatMap<PairKey, Cover, PairHash> covers_;              // By customer and asset.
  FlatMap<FixedBytes<16>, Instant, FixedBytesHash<16>> destinations_;
  FlatMap<Hash32, bool, FixedBytesHash<32>> intents_;
  std::map<std::uint64_t, BookedDeposit> seen_;            // Not credited yet.
  std::map<std::uint64_t, BookedDeposit> unproven_;
  std::vector<std::uint64_t> credited_;
  FlatMap<PairKey, Proven, PairHash> proven_;             // By the deposit's id (and 0): for what is taken back.
  FlatMap<FixedBytes<16>, std::uint64_t, FixedBytesHash<16>> paid_by_;   // Which deposit counts a payment on the chain; 0: none.
  FlatMap<FixedBytes<16>, std::uint64_t, FixedBytesHash<16>> requests_;  // Which withdrawal a request id was first used for.
  WasSigned was_signed_ = [](std::uint64_t) { return false; };
};

}  // namespace holdfast::signer
