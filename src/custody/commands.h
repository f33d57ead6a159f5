// Wishes, in the imperative. Each may be refused (refusal.h). They are not journaled: the events they lead to are.
#pragma once

#include "custody/facts.h"
#include "custody/types.h"
#include "custody/verdict.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::custody {

// What this installation is made of. Registering the same again changes nothing; an asset's limits and price may change.
struct RegisterChain { Chain chain; };
struct RegisterAsset { Asset asset; };
struct RegisterSigner { Signer signer; };
struct RegisterWallet { Wallet wallet; };

// What the verdicts rest on.
struct SetPrice { AssetId asset; std::uint64_t micro_usd = 0; std::string by; bool by_operator = false; };  // Of one whole coin.
struct LoadLabels { Hash32 hash; std::uint64_t labels = 0; Instant checked_at; };
// What lists say now of an address that we paid, or were paid by. `text`: the address as people write it.
struct ReportLabels { LabelledAddress found; std::string text; };

struct CreateCustomer { std::string reference; };
struct AssignDepositAddress { DepositAddress address; };

// A customer's first key takes the exchange's word; every further one a proof by one that is in force. The proof was checked
// before (api/rest/identity.h): here it is only whether that key may speak.
struct EnrolCustomerKey {
  CustomerId customer;
  CustomerKeyKind kind = CustomerKeyKind::ed25519;
  Bytes key;
  std::string name;
  Bytes authorisation{};
  CustomerKeyId authorised_key{};
};
struct RemoveCustomerKey { CustomerKeyId key; std::string by; };

// From the exchange.
struct RequestWithdrawal {
  RequestId request;             // Asking again with the same id gives the same withdrawal.
  FixedBytes<16> fingerprint;    // Of the rest of the request: the same id for something else is refused.
  CustomerId customer;
  AssetId asset;
  Amount amount;
  Address destination;
  Session session{};             // Not of the fingerprint: who asks again may do so from elsewhere.
  Authorisation authorisation{}; // Nor this. Its proof was checked before, as of EnrolCustomerKey.
};
struct CancelWithdrawal { WithdrawalId withdrawal; };
struct ConfirmWithdrawal { WithdrawalId withdrawal; };  // The customer did, by a second factor.

// From operators.
// By one person, in the first of their roles whose review is missing. Everybody has the role "operator".
struct ApproveWithdrawal { WithdrawalId withdrawal; std::string by; std::vector<std::string> roles{}; };
struct RejectWithdrawal { WithdrawalId withdrawal; std::string by; };
struct PlaceFreeze { Scope scope = Scope::platform; std::uint64_t subject = 0; std::string by; };
struct LiftFreeze { FreezeId freeze; std::string by; };
struct OpenIncident { IncidentCause cause = IncidentCause::operator_report; WalletId wallet; std::string by; };
struct CloseIncident { IncidentId incident; std::string by; };
struct ProposePolicy { std::string name; Bytes text; std::string by; };
struct ApprovePolicy { PolicyId policy; std::string by; };
struct ActivatePolicy { PolicyId policy; std::string by; };
struct DropPolicy { PolicyId policy; std::string by; };
struct AssignCase { CaseId id; std::string to; std::string by; };
struct NoteCase { CaseId id; std::string text; std::string by; };
// All of it that waits, up to the withdrawal that was the last when somebody looked: approves what this person may, or rejects. At most
// kMaxDecided at once; again for the others.
struct DecideCase { CaseId id; WithdrawalId up_to; bool approve = false; std::string by; std::vector<std::string> roles{}; };
inline constexpr std::size_t kMaxDecided = 1'000;
struct CloseNews { CaseId id; std::string text; std::string by; };  // Somebody looked at what lists say, and tells what came of it.

// From the conductor (engine/conductor.h), which moves spends along.
struct PlanWithdrawal { WithdrawalId withdrawal; WalletId wallet; };
struct PlanSweep { WalletId forwarders; std::vector<Hash32> salts; std::vector<AssetId> assets; };
struct PlanEvacuation { IncidentId incident; WalletId wallet; std::vector<AssetAmount> money; };  // most valuable first
struct PlanBurn { SpendId spend; };
// A spend of coins, whatever its purpose. Who plans it has chosen the coins and derived the change script.
struct PlanCoins {
  Purpose purpose = Purpose::withdrawal;
  WalletId wallet;
  std::vector<CoinId> inputs;
  std::vector<WithdrawalId> batch;  // withdrawal
  Address change;                   // withdrawal, burn, consolidation: a fresh script of the wallet's change branch
  std::uint32_t change_index = 0;
  IncidentId incident;              // evacuation
  SpendId burns;                    // burn
};
struct DropConsolidation { SpendId spend; };  // Nobody will sign it. It pays nobody: mined one day or not, nothing is lost.
// A child pays for its parent (CPFP): it spends the change of a payment's attempt that is not mined, where the network lets
// nothing replace that attempt. Who plans it has read the output out of the attempt.
struct PlanChild {
  SpendId parent;
  OutPoint output;
  Amount amount;                    // Of the output.
  Address change;                   // As of PlanCoins.
  std::uint32_t change_index = 0;
};
struct ExtendSpend { SpendId spend; std::vector<CoinId> inputs; };  // More coins, to pay a higher fee.
struct AuthoriseSpend { SpendId spend; Hash32 intent; Bytes authorisation; };
struct AssignGas { SpendId spend; WalletId gas_wallet; };
struct UnassignGas { SpendId spend; };  // Nothing was ever signed with its gas nonce, and nobody is there who could.
struct AddAttempt { SpendId spend; Attempt attempt; };
struct ExpireApprovals { std::size_t limit = 1000; };
struct ReleaseDelayed { std::size_t limit = 1000; };  // Approves what waited only for its delay to be over.
struct MarkOverdue { std::size_t limit = 1000; };  // Cases.
// What an operator signed, beside the command that it says. Checked before (api/rest/gate.h); kept for whoever asks later.
struct RecordSignature { std::string by; Hash32 key; std::string statement; FixedBytes<64> signature; };
struct AcknowledgeFreeze { FreezeId freeze; SignerId signer; };
// A signer will not go on: what it was shown cannot be true. `code` is its own stable word for it.
struct ReportSignerAlarm { SignerId signer; std::string code; };

// From a chain's follower.
struct ConnectBlock { ChainId chain; BlockFacts facts; };
struct DisconnectBlock { ChainId chain; Hash32 hash; };  // The newest block is no longer on the best chain.
struct FinalizeBlocks { ChainId chain; std::uint64_t height = 0; };  // All up to here are final.
// A transaction nobody asked for, signed by an own key, seen before it was mined (or in a block).
struct ReportForeignSpend {
  IncidentCause cause = IncidentCause::unmatched_spend;
  WalletId wallet;          // The wallet that it spends from.
  TxId txid;
  std::uint64_t nonce = 0;  // single_key and gas: the account nonce it uses.
  Amount max_fee;
  Amount priority_fee;
};

using Command = std::variant<RegisterChain, RegisterAsset, RegisterSigner, RegisterWallet, CreateCustomer,
                             AssignDepositAddress, RequestWithdrawal, CancelWithdrawal, ApproveWithdrawal,
                             RejectWithdrawal, PlaceFreeze, LiftFreeze, OpenIncident, CloseIncident, PlanWithdrawal,
                             PlanSweep, PlanEvacuation, PlanBurn, PlanCoins, PlanChild, ExtendSpend, DropConsolidation,
                             AuthoriseSpend, AssignGas, UnassignGas,
                             AddAttempt, ExpireApprovals, AcknowledgeFreeze, ConnectBlock, DisconnectBlock, FinalizeBlocks,
                             ReportForeignSpend, ConfirmWithdrawal, ReleaseDelayed, ProposePolicy, ApprovePolicy,
                             ActivatePolicy, DropPolicy, AssignCase, NoteCase, DecideCase, SetPrice, LoadLabels,
                             ReportLabels, CloseNews, MarkOverdue, RecordSignature, EnrolCustomerKey,
                             RemoveCustomerKey, ReportSignerAlarm>;

}  // namespace holdfast::custody
