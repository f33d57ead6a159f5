// For tests: a small exchange with everything registered and money in it, and short ways to bring it somewhere.
#pragma once

#include "custody/custody.h"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::custody {

inline constexpr ChainId kChain{1};
inline constexpr AssetId kCoin{1};
inline constexpr AssetId kToken{2};
inline constexpr WalletId kForwarders{1};
inline constexpr WalletId kCold{2};
inline constexpr WalletId kSafe{3};
inline constexpr WalletId kKey{4};
inline constexpr WalletId kGas{5};
inline constexpr WalletId kOtherGas{6};
inline constexpr CustomerId kAnn{1};
inline constexpr CustomerId kBob{2};

inline Amount units(std::int64_t value) { return Amount::of(value); }
inline Hash32 hash(std::uint64_t n) {
  Hash32 out;
  for (unsigned i = 0; i < 8; ++i) out.bytes[31 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return out;
}
inline FixedBytes<16> short_hash(std::uint64_t n) { return FixedBytes<16>::from(hash(n).view().last(16)); }
inline Address address(std::uint64_t n) { return Address(hash(n).view().last(20)); }

// "WithdrawalRequested WithdrawalHeld"
std::string names_of(const Events& events);

class Exchange {
 public:
  // Wallets hold 10,000 of each asset; Ann has 1,000 of each, credited. Fees: 2. Approved by rule up to 100; at most 500.
  Exchange();

  // The refusal's name, or the events' names; "" when there was nothing to do. The events are applied, the laws checked.
  std::string run(const Command& command);
  // The same, for steps that must go well.
  void must(const Command& command);

  RequestWithdrawal request(std::int64_t amount, AssetId asset = kToken);
  WithdrawalId held();      // of 200 tokens
  WithdrawalId approved();  // of 100 tokens
  SpendId planned(WalletId wallet = kSafe);
  SpendId authorised();
  SpendId assigned(WalletId gas = kGas);
  SpendId signed_by(WalletId wallet = kSafe);  // one attempt
  SpendId mined(WalletId wallet = kSafe, bool success = true);
  SpendId settled(WalletId wallet = kSafe, bool success = true);
  IncidentId compromised(WalletId wallet);
  FreezeId frozen(Scope scope = Scope::platform, std::uint64_t subject = 0);

  Attempt attempt(std::int64_t fee = 100);
  const Spend& spend(SpendId id) const { return state.spends.at(id); }
  const Withdrawal& withdrawal_of(SpendId id) const { return state.withdrawals.at(spend(id).withdrawal); }

  // As a follower tells it: the spend's newest attempt, done.
  MinedFact own(SpendId id, bool success = true) const;
  MinedFact reverted(SpendId id) const;                // the outer transaction failed
  MinedFact relayed(SpendId id, bool success = true);  // an outsider's transaction did it
  MinedFact stolen(WalletId wallet, std::uint64_t nonce);
  DepositFact deposit(std::int64_t amount, AssetId asset = kToken);

  ConnectBlock block(std::vector<MinedFact> mined = {}, std::vector<DepositFact> deposits = {},
                     std::vector<BalanceFact> balances = {});
  std::string mine(std::vector<MinedFact> mined) { return run(block(std::move(mined))); }
  std::string finalize() { return run(FinalizeBlocks{kChain, head().height}); }
  std::string disconnect() { return run(DisconnectBlock{kChain, head().hash}); }
  BlockRef head() const { return state.head(kChain).value(); }
  Amount balance(WalletId wallet, AssetId asset = kToken) const { return state.wallet_balance(wallet, asset); }
  Amount available(CustomerId customer = kAnn, AssetId asset = kToken) const {
    return state.available(customer, asset);
  }

  State state;
  WithdrawalJudge* judge = nullptr;  // None: without a policy.
  Instant now{1'700'000'000'000};
  std::vector<Event> log;

 private:
  std::uint64_t fresh() { return ++used_; }
  std::uint64_t used_ = 1000;
};

}  // namespace holdfast::custody
