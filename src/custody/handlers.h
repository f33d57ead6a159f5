// One handler per message. custody.cc holds the tables; the bodies stand by subject:
// registry.cc, customer_keys.cc, grounds.cc, news.cc, withdrawals.cc, verdicts.cc, cases.cc, policies.cc, spends.cc, coins.cc,
// blocks.cc, reorg.cc, finality.cc, alarms.cc.
#pragma once

#include "custody/accounts.h"
#include "custody/custody.h"

namespace holdfast::custody {

// What a decision may look at, and where its events go.
struct Decision {
  const State& state;
  Instant now;
  Events& events;
  WithdrawalJudge* judge = nullptr;

  Refusal emit(EventBody body) {
    events.push_back({now, std::move(body)});
    return Refusal::none;
  }
};

// registry.cc
Refusal decide(Decision& d, const RegisterChain& c);
Refusal decide(Decision& d, const RegisterAsset& c);
Refusal decide(Decision& d, const RegisterSigner& c);
Refusal decide(Decision& d, const RegisterWallet& c);
Refusal decide(Decision& d, const CreateCustomer& c);
Refusal decide(Decision& d, const AssignDepositAddress& c);
void apply(State& s, Instant at, const ChainRegistered& e);
void apply(State& s, Instant at, const AssetRegistered& e);
void apply(State& s, Instant at, const SignerRegistered& e);
void apply(State& s, Instant at, const WalletRegistered& e);
void apply(State& s, Instant at, const CustomerCreated& e);
void apply(State& s, Instant at, const DepositAddressAssigned& e);

// customer_keys.cc
Refusal decide(Decision& d, const EnrolCustomerKey& c);
Refusal decide(Decision& d, const RemoveCustomerKey& c);
void apply(State& s, Instant at, const CustomerKeyEnrolled& e);
void apply(State& s, Instant at, const CustomerKeyRemoved& e);
// Whether the customer may ask for a withdrawal with this: who has enrolled a key has to sign.
Refusal check_authorisation(const Decision& d, CustomerId customer, const Authorisation& authorisation);

// grounds.cc
Refusal decide(Decision& d, const SetPrice& c);
Refusal decide(Decision& d, const LoadLabels& c);
Refusal decide(Decision& d, const RecordSignature& c);
void apply(State& s, Instant at, const PriceSet& e);
void apply(State& s, Instant at, const LabelsLoaded& e);
void apply(State& s, Instant at, const DecisionSigned& e);

// news.cc
Refusal decide(Decision& d, const ReportLabels& c);
Refusal decide(Decision& d, const CloseNews& c);
void apply(State& s, Instant at, const AddressLabelled& e);
void apply(State& s, Instant at, const NewsClosed& e);
// Keeps news_of_case, and open_cases with it.
void enter_news(State& s, const LabelledAddress& one);

// withdrawals.cc
Refusal decide(Decision& d, const RequestWithdrawal& c);
Refusal decide(Decision& d, const CancelWithdrawal& c);
Refusal decide(Decision& d, const RejectWithdrawal& c);
Refusal decide(Decision& d, const ExpireApprovals& c);
void apply(State& s, Instant at, const WithdrawalRequested& e);
void apply(State& s, Instant at, const WithdrawalHeld& e);
void apply(State& s, Instant at, const WithdrawalApproved& e);
void apply(State& s, Instant at, const WithdrawalRejected& e);
void apply(State& s, Instant at, const WithdrawalReturned& e);

// verdicts.cc
Refusal decide(Decision& d, const ApproveWithdrawal& c);
Refusal decide(Decision& d, const ConfirmWithdrawal& c);
Refusal decide(Decision& d, const ReleaseDelayed& c);
void apply(State& s, Instant at, const WithdrawalJudged& e);
void apply(State& s, Instant at, const GradeRaised& e);
void apply(State& s, Instant at, const WithdrawalReviewed& e);
void apply(State& s, Instant at, const WithdrawalConfirmed& e);
// People have lifted the freeze: no detector stands on it any more.
void lift_grades(State& s, const Freeze& freeze);
// Of one that is approved: all that its verdict demanded was there when it was.
bool is_satisfied(const State& s, const Withdrawal& withdrawal);
// Keeps waiting_delay: it is in there exactly while it is held and waits for nothing but time.
void enter_delay(State& s, const Withdrawal& withdrawal);
void leave_delay(State& s, const Withdrawal& withdrawal);

// cases.cc
Refusal decide(Decision& d, const AssignCase& c);
Refusal decide(Decision& d, const NoteCase& c);
Refusal decide(Decision& d, const DecideCase& c);
void apply(State& s, Instant at, const CaseOpened& e);
void apply(State& s, Instant at, const CaseAssigned& e);
void apply(State& s, Instant at, const CaseNoted& e);
Refusal decide(Decision& d, const MarkOverdue& c);
void apply(State& s, Instant at, const CaseOverdue& e);
// A case of its own, or that of the same subject which is open.
CaseId case_for(Decision& d, policy::Scope scope, const std::string& subject, const std::string& cause, std::uint32_t severity);
// Where people will look at it: the open case of its subject, or one that is opened by this. None: it wants no review.
CaseId case_for(Decision& d, const RequestWithdrawal& c, const Judgement& judgement);
// Keep open_cases and case_of_subject: a withdrawal is in there exactly while it is held and misses reviews.
void enter_case(State& s, const Withdrawal& withdrawal);
void leave_case(State& s, Instant at, const Withdrawal& withdrawal);
void leave_case_if_reviewed(State& s, Instant at, const Withdrawal& withdrawal);
void close_case_if_done(State& s, Instant at, CaseId id);

// policies.cc
Refusal decide(Decision& d, const ProposePolicy& c);
Refusal decide(Decision& d, const ApprovePolicy& c);
Refusal decide(Decision& d, const ActivatePolicy& c);
Refusal decide(Decision& d, const DropPolicy& c);
void apply(State& s, Instant at, const PolicyProposed& e);
void apply(State& s, Instant at, const PolicyApproved& e);
void apply(State& s, Instant at, const PolicyActivated& e);
void apply(State& s, Instant at, const PolicyDropped& e);

// spends.cc
Refusal decide(Decision& d, const PlanWithdrawal& c);
Refusal decide(Decision& d, const PlanSweep& c);
Refusal decide(Decision& d, const PlanEvacuation& c);
Refusal decide(Decision& d, const PlanBurn& c);
Refusal decide(Decision& d, const AuthoriseSpend& c);
Refusal decide(Decision& d, const AssignGas& c);
Refusal decide(Decision& d, const UnassignGas& c);
Refusal decide(Decision& d, const AddAttempt& c);
void apply(State& s, Instant at, const SpendPlanned& e);
void apply(State& s, Instant at, const SpendAuthorised& e);
void apply(State& s, Instant at, const SpendAssigned& e);
void apply(State& s, Instant at, const SpendSigned& e);
void apply(State& s, Instant at, const SpendMined& e);
void apply(State& s, Instant at, const AttemptMined& e);
void apply(State& s, Instant at, const AttemptUnmined& e);
void apply(State& s, Instant at, const ForwardersSwept& e);
void apply(State& s, Instant at, const ForwardersSweepUndone& e);
void apply(State& s, Instant at, const SpendUnmined& e);
void apply(State& s, Instant at, const SpendSettled& e);
void apply(State& s, Instant at, const SpendUnassigned& e);
void apply(State& s, Instant at, const SpendSuperseded& e);

// coins.cc
Refusal decide(Decision& d, const PlanCoins& c);
Refusal decide(Decision& d, const PlanChild& c);
Refusal decide(Decision& d, const ExtendSpend& c);
Refusal decide(Decision& d, const DropConsolidation& c);
void apply(State& s, Instant at, const CoinSeen& e);
void apply(State& s, Instant at, const CoinOrphaned& e);
void apply(State& s, Instant at, const CoinSpent& e);
void apply(State& s, Instant at, const CoinUnspent& e);
void apply(State& s, Instant at, const SpendExtended& e);
void apply(State& s, Instant at, const CoinExpected& e);

// blocks.cc; reorg.cc; finality.cc
Refusal decide(Decision& d, const ConnectBlock& c);
Refusal decide(Decision& d, const DisconnectBlock& c);
Refusal decide(Decision& d, const FinalizeBlocks& c);
void apply(State& s, Instant at, const BlockConnected& e);
void apply(State& s, Instant at, const BlockDisconnected& e);
void apply(State& s, Instant at, const BlockFinalized& e);
void apply(State& s, Instant at, const DepositSeen& e);
void apply(State& s, Instant at, const DepositCredited& e);
void apply(State& s, Instant at, const DepositOrphaned& e);
void apply(State& s, Instant at, const DepositReversed& e);
void apply(State& s, Instant at, const SurplusFound& e);
void apply(State& s, Instant at, const LossFound& e);
void apply(State& s, Instant at, const SurplusUndone& e);
void apply(State& s, Instant at, const LossUndone& e);

// alarms.cc
Refusal decide(Decision& d, const ReportForeignSpend& c);
Refusal decide(Decision& d, const OpenIncident& c);
Refusal decide(Decision& d, const CloseIncident& c);
Refusal decide(Decision& d, const PlaceFreeze& c);
Refusal decide(Decision& d, const LiftFreeze& c);
Refusal decide(Decision& d, const AcknowledgeFreeze& c);
Refusal decide(Decision& d, const ReportSignerAlarm& c);
void apply(State& s, Instant at, const IncidentOpened& e);
void apply(State& s, Instant at, const IncidentSpread& e);
void apply(State& s, Instant at, const IncidentClosed& e);
void apply(State& s, Instant at, const ForeignSpendSeen& e);
void apply(State& s, Instant at, const ForeignSpendMined& e);
void apply(State& s, Instant at, const ForeignSpendUnmined& e);
void apply(State& s, Instant at, const FreezePlaced& e);
void apply(State& s, Instant at, const FreezeAcknowledged& e);
void apply(State& s, Instant at, const FreezeLifted& e);

// Raises the alarm over a wallet: the open incident takes it in, or a new one opens and the platform freezes.
// One incident for a storm of alarms. Gives the incident's id. Within one decision, call through the same Alarm.
class Alarm {
 public:
  explicit Alarm(Decision& d) : d_(d) {}
  IncidentId raise(IncidentCause cause, WalletId wallet, ChainId chain, const TxId& txid, const std::string& by);

 private:
  Decision& d_;
  IncidentId opened_;                // By this decision.
  std::vector<WalletId> touched_;    // By this decision.
};

// What detectors stand on: each subject once, and none that is frozen already.
void freeze_as_asked(Decision& d, const std::vector<FreezeAsked>& asked);

// The block at the chain's head; a bug when there is none.
RecentBlock& head_block(State& s, ChainId chain);
// A burn of the gas wallet's own nonce. `offset`: how many spends the same decision has planned before.
Spend filler(const Decision& d, const WalletNonce& nonce, SpendId burns, std::uint64_t offset);

}  // namespace holdfast::custody
