// What a signer remembers of the coins it has signed away: the part of Memory (memory.h) for chains whose money is coins.
// Pure; rebuilt from the same journal.
//
//   withdrawal   bound for ever to its terms, to the withdrawals it was first paid with, and to the coins that all of its
//                payments spend: every later payment spends them all (and may add others), so that no two can be mined
//   coin         which payment it was signed into, and whether into a burn. Evacuations and consolidations leave no trace
//                on a coin: they pay nobody, and who spends the coin otherwise only puts itself in their place
//   window       per chain, the withdrawals first signed within the last 24 hours
//   fees         per chain, of the last 24 hours: each coin carries its share of the dearest transaction that spends it.
//                No set of transactions that can be mined together costs more than the sum
//   reach        per wallet, the highest index of a change output, and when
//   room         how many bytes of records may still be taken in, so that nobody who asks for ever fills the disk; what saves
//                (evacuations, burns) has a store of its own, which nothing else uses up
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "base/result.h"
#include "chain/utxo/codec/transaction.h"
#include "signer.pb.h"
#include "signer/byte_budget.h"
#include "signer/day_window.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::signer {

using chain::utxo::OutPoint;

inline constexpr std::size_t kOutPointSize = 36;
std::string encode_outpoint(const OutPoint& outpoint);  // txid as on the wire, vout little-endian

// What a withdrawal was signed to do.
struct CoinTerms {
  Bytes script;
  Amount amount;
  friend bool operator==(const CoinTerms&, const CoinTerms&) = default;
};

// All transactions that pay the same withdrawals.
struct CoinPayment {
  std::string chain;
  std::vector<std::uint64_t> withdrawals;  // Sorted.
  std::vector<OutPoint> coins;             // Sorted. Of the newest transaction: it spends what all earlier ones spent.
};

class CoinMemory {
 public:
  // Takes in one record that has outpoints. corruption signer_record_malformed.
  Result<void> apply(const proto::SignerRecord::Signed& fact, Instant at);

  // With which fee the transaction was signed for this purpose, the highest if with several; none when it never was. Its id
  // does not commit to what its inputs are worth: told another time, its fee may be another one.
  std::optional<Amount> signed_fee(std::string_view chain, const Hash32& txid, proto::SignRequest::Purpose purpose) const;
  // Null: the withdrawal was never signed.
  const CoinTerms* terms(std::uint64_t withdrawal) const;
  const CoinPayment* payment_of(std::uint64_t withdrawal) const;
  // Null: the coin was never signed into a payment.
  const CoinPayment* payment_from(std::string_view chain, const OutPoint& coin) const;
  bool is_burned(std::string_view chain, const OutPoint& coin) const;

  Amount within_day(std::string_view chain, Instant now) const;
  // What the network may take for what was signed within 24 hours before `now`, once a transaction that spends these coins
  // for `fee` is signed, too. None: more than any amount.
  std::optional<Amount> fees_with(std::string_view chain, std::span<const OutPoint> coins, Amount fee, Instant now) const;

  // Whether one more record is within what a signer remembers in a time. Nothing that was remembered is ever forgotten.
  bool has_room(const proto::SignerRecord::Signed& fact, Instant now) const;

  struct Reach {
    std::uint32_t highest = 0;
    Instant since;
  };
  std::optional<Reach> change_reach(std::string_view chain, std::string_view wallet) const;

 private:
  struct Bound {
    std::size_t payment = 0;  // Of payments_.
    CoinTerms terms;
  };
  struct Use {
    std::optional<std::size_t> payment;
    bool burned = false;
  };
  struct OutPointHash {
    std::size_t operator()(const OutPoint& coin) const {
      return FixedBytesHash<32>{}(coin.txid) + coin.vout;
    }
  };
  struct OfChain {
    std::unordered_map<OutPoint, Use, OutPointHash> uses;
    using Fees = std::vector<std::pair<proto::SignRequest::Purpose, Amount>>;
    std::unordered_map<Hash32, Fees, FixedBytesHash<32>> signed_for;  // By txid.
    std::map<std::string, Reach, std::less<>> reach;  // By wallet.
    DayWindow window;
    DayFees<OutPoint> fees;
  };
  const OfChain* of(std::string_view chain) const;
  const Use* use(std::string_view chain, const OutPoint& coin) const;
  Result<void> apply_payment(const proto::SignerRecord::Signed& fact, const std::vector<OutPoint>& coins, Instant at);
  Result<void> bind(const proto::SignerRecord::Signed& fact, std::size_t payment, Instant at);

  std::map<std::string, OfChain, std::less<>> chains_;
  std::vector<CoinPayment> payments_;
  std::unordered_map<std::uint64_t, Bound> withdrawals_;
  ByteBudget saving_;
  ByteBudget other_;
};

}  // namespace holdfast::signer
