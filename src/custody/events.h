// Facts, in the past tense. Events are journaled (engine/record.h) and never edited; state is their fold.
#pragma once

#include "custody/refusal.h"
#include "custody/types.h"
#include "custody/verdict.h"

#include <string>
#include <variant>
#include <vector>

namespace holdfast::custody {

struct ChainRegistered { Chain chain; };
struct AssetRegistered { Asset asset; };  // Also when its limits, fee or price changed.
struct PriceSet { AssetId asset; std::uint64_t micro_usd = 0; std::string by; };
struct LabelsLoaded { LabelLists lists; };
struct SignerRegistered { Signer signer; };
struct WalletRegistered { Wallet wallet; };
struct CustomerCreated { Customer customer; };
struct DepositAddressAssigned { DepositAddress address; };

struct WithdrawalRequested {
  WithdrawalId withdrawal;
  RequestId request;
  FixedBytes<16> fingerprint;
  CustomerId customer;
  AssetId asset;
  Amount amount;
  Amount fee;
  Address destination;
  PolicyId policy;
  std::uint64_t value = 0;
  WalletId payer;
  Session session;
  std::string labels;  // As of Judgement: what the verdict rests on and nobody could find again.
  Authorisation authorisation{};
};
struct CustomerKeyEnrolled {
  CustomerKey key;
  Bytes authorisation;           // Proof over the canonical enrolment, by a key that was in force; empty for a customer's first.
  CustomerKeyId authorised_key;  // Whose.
};
struct CustomerKeyRemoved { CustomerKeyId key; std::string by; };
// In the same commit, where it is not simply allowed.
struct WithdrawalJudged {
  WithdrawalId withdrawal;
  policy::Demand demand;
  std::vector<FiredRule> fired;
  std::uint32_t fired_more = 0;
  std::uint64_t passes_up_to = 0;
  CaseId case_id;
  Instant passes_from{};  // These two as of Verdict.
  std::uint64_t passes_known_for_ms = 0;
};
struct CaseOpened { Case one; };  // Only what opening sets.
struct CaseAssigned { CaseId id; std::string to; std::string by; };
struct CaseNoted { CaseId id; std::string text; std::string by; };
struct CaseOverdue { CaseId id; };  // Whoever had it has it no more.
struct AddressLabelled { LabelledAddress one; };
struct NewsClosed { CaseId id; std::string text; std::string by; };
// In front of what it led to, in the same commit; alone where that was refused, or had been done before.
struct DecisionSigned { std::string by; Hash32 key; std::string statement; FixedBytes<64> signature; };
struct GradeRaised { GradeEntry entry; };  // By a withdrawal, in its commit.
struct WithdrawalReviewed { WithdrawalId withdrawal; std::string by; std::string role; };
struct WithdrawalConfirmed { WithdrawalId withdrawal; };
struct WithdrawalHeld { WithdrawalId withdrawal; };  // amount and fee moved from available to held
struct WithdrawalApproved { WithdrawalId withdrawal; Instant expires_at; std::string by; };  // by: empty for the rule
struct WithdrawalRejected { WithdrawalId withdrawal; std::string by; };  // by: empty for the policy
struct WithdrawalReturned { WithdrawalId withdrawal; Reason reason = Reason::none; };

struct SpendPlanned { Spend spend; };  // Only what a plan sets: nothing behind `expires_at`.
struct SpendAuthorised { SpendId spend; Hash32 intent; Bytes authorisation; };
struct SpendAssigned { SpendId spend; WalletId gas_wallet; std::uint64_t gas_nonce = 0; };
struct SpendSigned { SpendId spend; Attempt attempt; };
struct SpendMined {
  SpendId spend;
  TxId txid;
  std::uint64_t height = 0;
  bool success = false;
  bool executed = false;   // The wallet's own nonce is used up.
  WalletId payer;          // Who paid network_fee: an own wallet, or none when an outsider relayed it.
  Amount network_fee;
  std::vector<Movement> movements;
};
// An own transaction was mined and did not do what its spend is for: it failed, or somebody had done it before. Its nonce
// is used up all the same, and its fee paid.
struct AttemptMined {
  SpendId spend;
  TxId txid;
  WalletId payer;
  std::uint64_t nonce = 0;  // Of the payer.
  Amount network_fee;
  std::uint64_t height = 0;
};
struct AttemptUnmined { SpendId spend; TxId txid; WalletId payer; std::uint64_t nonce = 0; Amount network_fee; };
// Somebody else emptied deposit addresses into our wallet: anybody may call the factory.
struct ForwardersSwept { ChainId chain; TxId txid; std::uint64_t height = 0; std::vector<Movement> movements; };
struct ForwardersSweepUndone { ChainId chain; TxId txid; std::vector<Movement> movements; };
struct SpendUnmined { SpendId spend; };            // Its block was reorganised away.
struct SpendSettled { SpendId spend; };            // Final. What it leads to follows from `success`.
struct SpendUnassigned { SpendId spend; };         // Its gas nonce is gone; its own nonce is not. It needs another.
struct SpendSuperseded { SpendId spend; };         // Final: another transaction used its nonce.

struct BlockConnected { ChainId chain; BlockRef block; };
struct BlockDisconnected { ChainId chain; BlockRef block; };
struct BlockFinalized { ChainId chain; std::uint64_t height = 0; };

struct DepositSeen { Deposit deposit; };
struct DepositCredited { DepositId deposit; };
struct DepositOrphaned { DepositId deposit; };
struct DepositReversed { DepositId deposit; Amount from_customer; Amount shortfall; IncidentId incident; };

// The chain holds more (to the treasury) or less (a loss) than what is explained. Undone when its block is.
struct SurplusFound { WalletId wallet; AssetId asset; Amount amount; std::uint64_t height = 0; };
struct LossFound { WalletId wallet; AssetId asset; Amount amount; std::uint64_t height = 0; IncidentId incident; };
struct SurplusUndone { WalletId wallet; AssetId asset; Amount amount; };
struct LossUndone { WalletId wallet; AssetId asset; Amount amount; IncidentId incident; };

struct IncidentOpened { Incident incident; std::string by; };
struct IncidentSpread { IncidentId incident; WalletId wallet; };  // Another wallet is touched.
struct IncidentClosed { IncidentId incident; std::string by; };
struct ForeignSpendSeen {
  IncidentId incident;
  WalletId wallet;
  TxId txid;
  std::uint64_t nonce = 0;
  Amount max_fee;
  Amount priority_fee;
};
struct ForeignSpendMined { IncidentId incident; WalletId wallet; TxId txid; std::uint64_t nonce = 0; std::uint64_t height = 0; };
struct ForeignSpendUnmined { IncidentId incident; WalletId wallet; TxId txid; std::uint64_t nonce = 0; };

struct FreezePlaced { Freeze freeze; };
struct FreezeAcknowledged { FreezeId freeze; SignerId signer; };
struct FreezeLifted { FreezeId freeze; std::string by; };

// Coins of own wallets. A coin that its block takes away and another brings again keeps its id.
struct CoinSeen { Coin coin; };
struct CoinOrphaned { CoinId coin; };
struct CoinSpent { CoinId coin; TxId txid; };
struct CoinUnspent { CoinId coin; };                                    // The block that spent it was reorganised away.
struct SpendExtended { SpendId spend; std::vector<CoinId> inputs; };
struct PolicyProposed { PolicyVersion policy; };  // Only what proposing sets.
struct PolicyApproved { PolicyId policy; std::string by; };
struct PolicyActivated { PolicyId policy; std::string by; };
struct PolicyDropped { PolicyId policy; std::string by; };

struct CoinExpected { Coin coin; };  // Change of an own transaction that is not mined; CoinSeen tells when it is.

using EventBody = std::variant<ChainRegistered, AssetRegistered, SignerRegistered, WalletRegistered, CustomerCreated,
                               DepositAddressAssigned, WithdrawalRequested, WithdrawalHeld, WithdrawalApproved,
                               WithdrawalRejected, WithdrawalReturned, SpendPlanned, SpendAuthorised, SpendAssigned,
                               SpendSigned, SpendMined, SpendUnmined, SpendSettled, SpendUnassigned, SpendSuperseded,
                               BlockConnected, BlockDisconnected, BlockFinalized, DepositSeen, DepositCredited, DepositOrphaned,
                               DepositReversed, SurplusFound, LossFound, SurplusUndone, LossUndone, IncidentOpened,
                               IncidentSpread, IncidentClosed, ForeignSpendSeen, ForeignSpendMined,
                               ForeignSpendUnmined, FreezePlaced,
                               FreezeAcknowledged, FreezeLifted, AttemptMined, AttemptUnmined,
                               ForwardersSwept, ForwardersSweepUndone, CoinSeen, CoinOrphaned, CoinSpent,
                               CoinUnspent, SpendExtended, CoinExpected, WithdrawalJudged, WithdrawalReviewed,
                               WithdrawalConfirmed, PolicyProposed, PolicyApproved, PolicyActivated, PolicyDropped,
                               GradeRaised, CaseOpened, CaseAssigned, CaseNoted, PriceSet, LabelsLoaded, CaseOverdue,
                               AddressLabelled, NewsClosed, DecisionSigned, CustomerKeyEnrolled, CustomerKeyRemoved>;

struct Event {
  Instant at;
  EventBody body;
};

}  // namespace holdfast::custody
