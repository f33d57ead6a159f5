// For every command: what it leads to, and every way in which it is refused. One line a case.
#include "custody/test_cases.h"

#include <set>

namespace holdfast::custody {
namespace {

class table : public Outcome {};
TEST_P(table, outcome) { check(); }

Asset token(Exchange& x) { return x.state.assets.at(kToken); }
Wallet wallet(Exchange& x, WalletId id) { return x.state.wallets.at(id); }

class Delays final : public WithdrawalJudge {
 public:
  Judgement judge(const State& state, const RequestWithdrawal& request, Instant) override {
    Judgement out = without_policy(state, request);
    out.demand.delay_ms = 1;
    return out;
  }
};

constexpr std::string_view kRule = R"([[rules]]
name = "large"
when = 'value > usd("10")'
then = "review 1 risk"
reason = "large"
severity = "high"
)";

constexpr std::string_view kLooserRule = R"([[rules]]
name = "large"
when = 'value > usd("20")'
then = "review 1 risk"
reason = "large"
severity = "high"
)";

ProposePolicy proposal(std::string_view text = kRule) { return {"first", to_bytes(as_bytes(text)), "ann"}; }

void policy_in_force(Exchange& x) {
  x.must(proposal());
  x.must(ApprovePolicy{{1}, "ben"});
  x.must(ActivatePolicy{{1}, "ben"});
}

// clang-format off: one line a case.
const std::vector<Example> kRegistry = {
    {"chain again", [](Exchange& x) { return RegisterChain{x.state.chains.at(kChain)}; }, ""},
    {"chain with another depth", [](Exchange&) { return RegisterChain{{{}, "eip155:31337", 9}}; }, "ChainRegistered"},
    {"another chain", [](Exchange&) { return RegisterChain{{{}, "eip155:5", 9}}; }, "ChainRegistered"},
    {"asset again", [](Exchange& x) { return RegisterAsset{token(x)}; }, ""},
    {"asset with another limit", [](Exchange& x) { return RegisterAsset{changed(token(x), [](Asset& a) { a.withdrawal_max = units(9); })}; }, "AssetRegistered"},
    {"asset with other decimals", [](Exchange& x) { return RegisterAsset{changed(token(x), [](Asset& a) { a.decimals = 9; })}; }, "registration_conflict"},
    {"asset of no chain", [](Exchange& x) { return RegisterAsset{changed(token(x), [](Asset& a) { a.chain = {9}; })}; }, "chain_unknown"},
    {"signer again", [](Exchange&) { return RegisterSigner{{{}, "one", address(91)}}; }, ""},
    {"signer with another key", [](Exchange&) { return RegisterSigner{{{}, "one", address(99)}}; }, "registration_conflict"},
    {"wallet again", [](Exchange& x) { return RegisterWallet{wallet(x, kSafe)}; }, ""},
    {"wallet of another kind", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.kind = WalletKind::cold; })}; }, "registration_conflict"},
    {"wallet of no chain", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.chain = {9}; })}; }, "chain_unknown"},
    {"wallet with no such cold wallet", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.cold = {99}; })}; }, "wallet_unknown"},
    {"wallet with no such signer", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kGas), [](Wallet& w) { w.signer = {9}; })}; }, "signer_unknown"},
    {"two wallets at one address", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.name = "new"; })}; }, "address_taken"},
    {"wallet at a deposit address", [](Exchange& x) { return RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.name = "new", w.address = address(21); })}; }, "address_taken"},
    {"customer", [](Exchange&) { return CreateCustomer{"cid"}; }, "CustomerCreated"},
    {"customer again", [](Exchange&) { return CreateCustomer{"ann"}; }, ""},
    {"deposit address", [](Exchange&) { return AssignDepositAddress{{kBob, kChain, address(23), hash(23)}}; }, "DepositAddressAssigned"},
    {"deposit address again", [](Exchange&) { return AssignDepositAddress{{kAnn, kChain, address(21), hash(21)}}; }, ""},
    {"somebody else's deposit address", [](Exchange&) { return AssignDepositAddress{{kBob, kChain, address(21), hash(21)}}; }, "address_taken"},
    {"a wallet's address", [](Exchange&) { return AssignDepositAddress{{kBob, kChain, address(13), hash(13)}}; }, "address_taken"},
    {"deposit address of nobody", [](Exchange&) { return AssignDepositAddress{{{9}, kChain, address(23), hash(23)}}; }, "customer_unknown"},
    {"deposit address of no chain", [](Exchange&) { return AssignDepositAddress{{kAnn, {9}, address(23), hash(23)}}; }, "chain_unknown"},
};
INSTANTIATE_TEST_SUITE_P(registry, table, ::testing::ValuesIn(kRegistry));

constexpr CustomerKeyId kAnnsKey{1};

Bytes some_key(std::uint8_t byte = 1) { return Bytes(32, byte); }
EnrolCustomerKey enrolment(std::uint8_t byte = 1) { return {kAnn, CustomerKeyKind::ed25519, some_key(byte), "phone", {}, {}}; }
EnrolCustomerKey further(std::uint8_t byte, CustomerKeyId by = kAnnsKey) {
  EnrolCustomerKey out = enrolment(byte);
  out.authorisation = {1};
  out.authorised_key = by;
  return out;
}
RequestWithdrawal authorised(Exchange& x, CustomerKeyId key = kAnnsKey) {
  RequestWithdrawal out = x.request(9);
  out.authorisation = {key, x.now + 1, {1}};
  return out;
}
void bobs_key(Exchange& x) {
  EnrolCustomerKey bobs = enrolment(9);
  bobs.customer = kBob;
  x.must(bobs);
}

const std::vector<Example> kCustomerKeys = {
    {"the first key", [](Exchange&) { return enrolment(); }, "CustomerKeyEnrolled"},
    {"a second key", [](Exchange& x) { x.must(enrolment()); return further(2); }, "CustomerKeyEnrolled"},
    {"a second key on the exchange's word", [](Exchange& x) { x.must(enrolment()); return enrolment(2); }, "authorisation_missing"},
    {"a key after all are removed", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return enrolment(2); }, "authorisation_missing"},
    {"a key by one that is removed", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return further(2); }, "customer_key_removed"},
    {"a key by somebody else's", [](Exchange& x) { x.must(enrolment()); bobs_key(x); return further(2, {2}); }, "customer_key_unknown"},
    {"a key by none that there is", [](Exchange& x) { x.must(enrolment()); return further(2, {9}); }, "customer_key_unknown"},
    {"a key with a proof of nobody's", [](Exchange& x) { x.must(enrolment()); return further(2, {}); }, "authorisation_invalid"},
    {"a key without the proof", [](Exchange& x) { x.must(enrolment()); return changed(further(2), [](auto& e) { e.authorisation.clear(); }); }, "authorisation_invalid"},
    {"a key with too long a proof", [](Exchange& x) { x.must(enrolment()); return changed(further(2), [](auto& e) { e.authorisation.resize(kMaxProof + 1); }); }, "authorisation_invalid"},
    {"the same key", [](Exchange& x) { x.must(enrolment()); return further(1); }, "customer_key_known"},
    {"the same key after it is removed", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return enrolment(); }, "customer_key_known"},
    {"the same key of somebody else", [](Exchange& x) { x.must(enrolment(9)); return changed(enrolment(9), [](auto& e) { e.customer = kBob; }); }, "CustomerKeyEnrolled"},
    {"no key", [](Exchange&) { return changed(enrolment(), [](auto& e) { e.key.clear(); }); }, "customer_key_wrong"},
    {"too long a key", [](Exchange&) { return changed(enrolment(), [](auto& e) { e.key.resize(kMaxCustomerKeyBytes + 1); }); }, "customer_key_wrong"},
    {"a key of no kind", [](Exchange&) { return changed(enrolment(), [](auto& e) { e.kind = {}; }); }, "customer_key_wrong"},
    {"too long a name", [](Exchange&) { return changed(enrolment(), [](auto& e) { e.name.resize(kMaxCustomerKeyName + 1, 'x'); }); }, "customer_key_wrong"},
    {"a key of nobody", [](Exchange&) { return changed(enrolment(), [](auto& e) { e.customer = {9}; }); }, "customer_unknown"},
    {"a seventeenth key", [](Exchange& x) {
       x.must(enrolment());
       for (std::uint8_t i = 2; i <= kMaxCustomerKeys; ++i) x.must(further(i));
       return further(99);
     }, "too_many_customer_keys"},
    {"a seventeenth key, one is removed", [](Exchange& x) {
       x.must(enrolment());
       for (std::uint8_t i = 2; i <= kMaxCustomerKeys; ++i) x.must(further(i));
       x.must(RemoveCustomerKey{{5}, "op"});
       return further(99);
     }, "CustomerKeyEnrolled"},
    {"remove", [](Exchange& x) { x.must(enrolment()); return RemoveCustomerKey{kAnnsKey, "op"}; }, "CustomerKeyRemoved"},
    {"remove twice", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return RemoveCustomerKey{kAnnsKey, "op"}; }, ""},
    {"remove nothing", [](Exchange&) { return RemoveCustomerKey{kAnnsKey, "op"}; }, "customer_key_unknown"},
    {"withdraw, signed", [](Exchange& x) { x.must(enrolment()); return authorised(x); }, "WithdrawalRequested WithdrawalHeld WithdrawalApproved"},
    {"withdraw, not signed", [](Exchange& x) { x.must(enrolment()); return x.request(9); }, "authorisation_missing"},
    {"withdraw, all keys removed", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return x.request(9); }, "authorisation_missing"},
    {"withdraw, by a removed key", [](Exchange& x) { x.must(enrolment()); x.must(RemoveCustomerKey{kAnnsKey, "op"}); return authorised(x); }, "customer_key_removed"},
    {"withdraw, by somebody else's key", [](Exchange& x) { x.must(enrolment()); bobs_key(x); return authorised(x, {2}); }, "customer_key_unknown"},
    {"withdraw, by no key that there is", [](Exchange& x) { return authorised(x); }, "customer_key_unknown"},
    {"withdraw, expired", [](Exchange& x) { x.must(enrolment()); return changed(authorised(x), [&](auto& r) { r.authorisation.expires = x.now; }); }, "authorisation_expired"},
    {"withdraw, without the proof", [](Exchange& x) { x.must(enrolment()); return changed(authorised(x), [](auto& r) { r.authorisation.proof.clear(); }); }, "authorisation_invalid"},
    {"withdraw, too long a proof", [](Exchange& x) {
       x.must(enrolment());
       return changed(authorised(x), [](auto& r) { r.authorisation.proof.resize(kMaxProof + 1); });
     }, "authorisation_invalid"},
    {"withdraw, with a proof of nobody's", [](Exchange& x) { return authorised(x, {}); }, "authorisation_invalid"},
    {"withdraw the same again, expired", [](Exchange& x) {
       x.must(enrolment());
       const auto r = authorised(x);
       x.must(r);
       x.must(RemoveCustomerKey{kAnnsKey, "op"});
       x.now = x.now + 1000;
       return r;
     }, ""},
};
INSTANTIATE_TEST_SUITE_P(customer_keys, table, ::testing::ValuesIn(kCustomerKeys));

template <class Change>
RequestWithdrawal request(Exchange& x, std::int64_t amount, Change change) {
  return changed(x.request(amount), change);
}
RequestWithdrawal request(Exchange& x, std::int64_t amount) { return x.request(amount); }

const std::vector<Example> kWithdrawals = {
    {"small", [](Exchange& x) { return request(x, 100); }, "WithdrawalRequested WithdrawalHeld WithdrawalApproved"},
    {"large", [](Exchange& x) { return request(x, 101); }, "WithdrawalRequested CaseOpened WithdrawalJudged WithdrawalHeld"},
    {"the same again", [](Exchange& x) { const auto r = request(x, 9); x.must(r); return r; }, ""},
    {"the same key for something else", [](Exchange& x) { auto r = request(x, 9); x.must(r); r.fingerprint = short_hash(1); return r; }, "idempotency_key_reused"},
    {"of nothing", [](Exchange& x) { return request(x, 0); }, "amount_not_positive"},
    {"over the limit", [](Exchange& x) { return request(x, 501); }, "amount_over_limit"},
    {"no such asset", [](Exchange& x) { return request(x, 9, [](auto& r) { r.asset = {9}; }); }, "asset_unknown"},
    {"no such customer", [](Exchange& x) { return request(x, 9, [](auto& r) { r.customer = {9}; }); }, "customer_unknown"},
    {"to an own wallet", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(13); }); }, "destination_is_own_address"},
    {"to a deposit address", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(22); }); }, "destination_is_own_address"},
    {"to a token's contract", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(77); }); }, "destination_forbidden"},
    {"to a module", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(81); }); }, "destination_forbidden"},
    {"to a guard", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(82); }); }, "destination_forbidden"},
    {"to a signer's key", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(91); }); }, "destination_forbidden"},
    {"to nowhere", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = address(0); }); }, "destination_forbidden"},
    {"to nothing", [](Exchange& x) { return request(x, 9, [](auto& r) { r.destination = Address{}; }); }, "destination_forbidden"},
    {"of more than there is", [](Exchange& x) { return request(x, 9, [](auto& r) { r.customer = kBob; }); }, "funds_insufficient"},
    {"of all, without the fee", [](Exchange& x) { x.must(x.request(500)); return request(x, 497); }, "funds_insufficient"},
    {"of all, with the fee", [](Exchange& x) { x.must(x.request(500)); return request(x, 496); }, "WithdrawalRequested WithdrawalJudged WithdrawalHeld"},
    {"fee and amount too large", [](Exchange& x) {
       x.must(RegisterAsset{changed(token(x), [](Asset& a) { a.withdrawal_max = a.withdrawal_fee = Amount::max(); })});
       return request(x, 1);
     }, "amount_overflows"},
    {"platform frozen", [](Exchange& x) { x.frozen(); return request(x, 9); }, "frozen"},
    {"chain frozen", [](Exchange& x) { x.frozen(Scope::chain, 1); return request(x, 9); }, "frozen"},
    {"asset frozen", [](Exchange& x) { x.frozen(Scope::asset, 2); return request(x, 9); }, "frozen"},
    {"other asset frozen", [](Exchange& x) { x.frozen(Scope::asset, 1); return request(x, 101); }, "WithdrawalRequested CaseOpened WithdrawalJudged WithdrawalHeld"},
    {"customer frozen", [](Exchange& x) { x.frozen(Scope::customer, 1); return request(x, 9); }, "frozen"},
    {"cancel held", [](Exchange& x) { return CancelWithdrawal{x.held()}; }, "WithdrawalReturned"},
    {"cancel approved", [](Exchange& x) { return CancelWithdrawal{x.approved()}; }, "WithdrawalReturned"},
    {"cancel twice", [](Exchange& x) { const auto id = x.held(); x.must(CancelWithdrawal{id}); return CancelWithdrawal{id}; }, ""},
    {"cancel planned", [](Exchange& x) { return CancelWithdrawal{x.spend(x.planned()).withdrawal}; }, "state_wrong"},
    {"cancel nothing", [](Exchange&) { return CancelWithdrawal{{9}}; }, "withdrawal_unknown"},
    {"approve", [](Exchange& x) { return ApproveWithdrawal{x.held(), "op"}; }, "WithdrawalReviewed WithdrawalApproved"},
    {"approve twice", [](Exchange& x) { return ApproveWithdrawal{x.approved(), "op"}; }, ""},
    {"approve rejected", [](Exchange& x) { const auto id = x.held(); x.must(RejectWithdrawal{id, "op"}); return ApproveWithdrawal{id, "op"}; }, "state_wrong"},
    {"approve nothing", [](Exchange&) { return ApproveWithdrawal{{9}, "op"}; }, "withdrawal_unknown"},
    {"reject held", [](Exchange& x) { return RejectWithdrawal{x.held(), "op"}; }, "WithdrawalRejected"},
    {"reject approved", [](Exchange& x) { return RejectWithdrawal{x.approved(), "op"}; }, "WithdrawalRejected"},
    {"reject twice", [](Exchange& x) { const auto id = x.held(); x.must(RejectWithdrawal{id, "op"}); return RejectWithdrawal{id, "op"}; }, ""},
    {"reject planned", [](Exchange& x) { return RejectWithdrawal{x.spend(x.planned()).withdrawal, "op"}; }, "state_wrong"},
    {"reject nothing", [](Exchange&) { return RejectWithdrawal{{9}, "op"}; }, "withdrawal_unknown"},
    {"expire: too early", [](Exchange& x) { x.approved(); return ExpireApprovals{}; }, ""},
    {"expire", [](Exchange& x) { x.approved(); x.now = x.now + kApprovalLifetimeMs; return ExpireApprovals{}; }, "WithdrawalReturned"},
    {"expire: some at a time", [](Exchange& x) { x.approved(); x.approved(); x.now = x.now + kApprovalLifetimeMs; return ExpireApprovals{1}; }, "WithdrawalReturned"},
    {"expire: not what is planned", [](Exchange& x) { x.planned(); x.now = x.now + kApprovalLifetimeMs; return ExpireApprovals{}; }, ""},
};
INSTANTIATE_TEST_SUITE_P(withdrawals, table, ::testing::ValuesIn(kWithdrawals));

WithdrawalId held_by_policy(Exchange& x) {  // That nobody can ask: two operators.
  policy_in_force(x);
  x.must(x.request(9));
  return {x.state.withdrawals.size()};
}

const std::vector<Example> kPolicies = {
    {"approve: one of two", [](Exchange& x) { return ApproveWithdrawal{held_by_policy(x), "op"}; }, "WithdrawalReviewed"},
    {"approve: the same one", [](Exchange& x) {
       const auto id = held_by_policy(x);
       x.must(ApproveWithdrawal{id, "op"});
       return ApproveWithdrawal{id, "op"};
     }, "reviewed_already"},
    {"confirm what nobody asked for", [](Exchange& x) { return ConfirmWithdrawal{x.held()}; }, ""},
    {"confirm nothing", [](Exchange&) { return ConfirmWithdrawal{{9}}; }, "withdrawal_unknown"},
    {"release nothing", [](Exchange&) { return ReleaseDelayed{}; }, ""},
    {"propose", [](Exchange&) { return proposal(); }, "PolicyProposed"},
    {"propose nonsense", [](Exchange&) { return proposal("nonsense"); }, "policy_wrong"},
    {"approve a policy alone", [](Exchange& x) { x.must(proposal()); return ApprovePolicy{{1}, "ann"}; }, "proposer_approves"},
    {"approve no policy", [](Exchange&) { return ApprovePolicy{{9}, "ben"}; }, "policy_unknown"},
    {"activate too early", [](Exchange& x) {
       policy_in_force(x);
       x.must(proposal(kLooserRule));
       x.must(ApprovePolicy{{2}, "ben"});
       return ActivatePolicy{{2}, "ben"};
     }, "policy_locked"},
    {"activate over another base", [](Exchange& x) {
       x.must(proposal());
       x.must(ApprovePolicy{{1}, "ben"});
       x.must(proposal());
       x.must(ApprovePolicy{{2}, "ben"});
       x.must(ActivatePolicy{{2}, "ben"});
       return ActivatePolicy{{1}, "ben"};
     }, "policy_outdated"},
    {"note what is not there", [](Exchange&) { return NoteCase{{9}, "x", "op"}; }, "case_unknown"},
    {"note too much", [](Exchange& x) { x.held(); return NoteCase{{1}, std::string(kMaxNoteText + 1, 'x'), "op"}; }, "case_full"},
    {"decide what is done", [](Exchange& x) {
       x.must(CancelWithdrawal{x.held()});
       return DecideCase{{1}, {9}, true, "op"};
     }, "case_closed"},
    {"propose a ninth", [](Exchange& x) {
       for (int i = 0; i < 8; ++i) x.must(proposal());
       return proposal();
     }, "too_many_proposals"},
    {"approve: not their part", [](Exchange& x) {
       static Delays delays;
       x.judge = &delays;
       x.must(x.request(9));
       return ApproveWithdrawal{{x.state.withdrawals.size()}, "op"};
     }, "review_not_wanted"},
};
INSTANTIATE_TEST_SUITE_P(policies, table, ::testing::ValuesIn(kPolicies));

ReportLabels labelled(std::uint64_t to = 900, const char* labels = "sanctioned") {
  LabelledAddress found;
  found.chain = kChain;
  found.address = address(to);
  found.labels = labels;
  found.withdrawals = {{1}};
  found.last_withdrawal = {1};
  return {found, "0x900"};
}

const std::vector<Example> kGrounds = {
    {"the first price", [](Exchange&) { return SetPrice{kToken, 1'000'000, "ann", true}; }, "PriceSet"},
    {"the first price by the feed", [](Exchange&) { return SetPrice{kToken, 1'000'000, "feed"}; }, "price_unknown"},
    {"the same price", [](Exchange& x) { x.must(SetPrice{kToken, 5, "ann", true}); return SetPrice{kToken, 5, "feed"}; }, ""},
    {"the same price later", [](Exchange& x) { x.must(SetPrice{kToken, 5, "ann", true}); x.now = x.now + kPriceKeptMs; return SetPrice{kToken, 5, "feed"}; }, "PriceSet"},
    {"no price", [](Exchange&) { return SetPrice{kToken, 0, "feed"}; }, "price_wrong"},
    {"a price of nothing", [](Exchange&) { return SetPrice{{9}, 1, "feed"}; }, "asset_unknown"},
    {"a price that is double", [](Exchange& x) { x.must(SetPrice{kToken, 1000, "ann", true}); return SetPrice{kToken, 2001, "feed"}; }, "PriceSet"},
    {"a price that jumps", [](Exchange& x) { x.must(SetPrice{kToken, 1000, "ann", true}); return SetPrice{kToken, 2002, "feed"}; }, "price_jumps"},
    {"a price that falls by half", [](Exchange& x) { x.must(SetPrice{kToken, 1000, "ann", true}); return SetPrice{kToken, 500, "feed"}; }, "PriceSet"},
    {"a price that falls", [](Exchange& x) { x.must(SetPrice{kToken, 1000, "ann", true}); return SetPrice{kToken, 499, "feed"}; }, "price_jumps"},
    {"lists", [](Exchange& x) { return LoadLabels{hash(1), 7, x.now}; }, "LabelsLoaded"},
    {"lists again", [](Exchange& x) { x.must(LoadLabels{hash(1), 7, x.now}); return LoadLabels{hash(1), 7, x.now}; }, ""},
    {"no lists", [](Exchange&) { return LoadLabels{}; }, ""},
    {"no lists any more", [](Exchange& x) { x.must(LoadLabels{hash(1), 7, x.now}); return LoadLabels{}; }, "LabelsLoaded"},
    {"news", [](Exchange&) { return labelled(); }, "CaseOpened AddressLabelled"},
    {"news that are none", [](Exchange& x) { x.must(labelled()); return labelled(); }, ""},
    {"news of who waits", [](Exchange& x) { x.held(); x.approved(); return labelled(); }, "CaseOpened AddressLabelled WithdrawalReturned WithdrawalReturned"},
    {"news of who is paid", [](Exchange& x) { x.planned(); return labelled(); }, "CaseOpened AddressLabelled"},
    {"close the news", [](Exchange& x) { x.must(labelled()); return CloseNews{{1}, "frozen at the exchange", "op"}; }, "NewsClosed"},
    {"close no news", [](Exchange& x) { x.held(); return CloseNews{{1}, "x", "op"}; }, "state_wrong"},
    {"close what is closed", [](Exchange& x) { x.must(labelled()); x.must(CloseNews{{1}, "x", "op"}); return CloseNews{{1}, "x", "op"}; }, "case_closed"},
    {"close nothing", [](Exchange&) { return CloseNews{{1}, "x", "op"}; }, "case_unknown"},
    {"sign", [](Exchange&) { return RecordSignature{"ann", hash(1), "POST", {}}; }, "DecisionSigned"},
    {"nothing is late", [](Exchange& x) { x.held(); return MarkOverdue{}; }, ""},
    {"late", [](Exchange& x) { x.held(); x.now = x.now + kCaseDueMs[0]; return MarkOverdue{}; }, "CaseOverdue"},
    {"late already", [](Exchange& x) { x.held(); x.now = x.now + kCaseDueMs[0]; x.must(MarkOverdue{}); return MarkOverdue{}; }, ""},
};
INSTANTIATE_TEST_SUITE_P(grounds, table, ::testing::ValuesIn(kGrounds));

PlanSweep sweep(std::uint64_t salt = 21) { return {kForwarders, {hash(salt)}, {kToken}}; }
PlanEvacuation evacuation(Exchange& x, WalletId id) { return {x.compromised(id), id, {{kToken, units(10)}, {kCoin, units(5)}}}; }

const std::vector<Example> kPlans = {
    {"withdraw", [](Exchange& x) { return PlanWithdrawal{x.approved(), kSafe}; }, "SpendPlanned"},
    {"withdraw by key", [](Exchange& x) { return PlanWithdrawal{x.approved(), kKey}; }, "SpendPlanned"},
    {"withdraw nothing", [](Exchange&) { return PlanWithdrawal{{9}, kSafe}; }, "withdrawal_unknown"},
    {"withdraw from nowhere", [](Exchange& x) { return PlanWithdrawal{x.approved(), {99}}; }, "wallet_unknown"},
    {"withdraw unapproved", [](Exchange& x) { return PlanWithdrawal{x.held(), kSafe}; }, "state_wrong"},
    {"withdraw too late", [](Exchange& x) { const auto id = x.approved(); x.now = x.now + kApprovalLifetimeMs; return PlanWithdrawal{id, kSafe}; }, "approval_expired"},
    {"withdraw from cold", [](Exchange& x) { return PlanWithdrawal{x.approved(), kCold}; }, "wallet_kind_wrong"},
    {"withdraw from a compromised wallet", [](Exchange& x) { const auto id = x.approved(); x.compromised(kSafe); return PlanWithdrawal{id, kSafe}; }, "wallet_compromised"},
    {"withdraw what is promised", [](Exchange& x) {
       x.must(RegisterWallet{changed(wallet(x, kSafe), [](Wallet& w) { w.name = "new", w.address = address(5), w.next_nonce = 0; })});
       x.must(x.block({}, {}, {{{7}, kToken, units(199)}}));
       x.must(PlanWithdrawal{x.approved(), {7}});
       return PlanWithdrawal{x.approved(), {7}};
     }, "wallet_short"},
    {"withdraw while frozen", [](Exchange& x) { const auto id = x.approved(); x.frozen(Scope::wallet, kSafe.value); return PlanWithdrawal{id, kSafe}; }, "frozen"},
    {"sweep", [](Exchange&) { return sweep(); }, "SpendPlanned"},
    {"sweep nothing", [](Exchange&) { return PlanSweep{kForwarders, {}, {kToken}}; }, "amount_not_positive"},
    {"sweep what is swept", [](Exchange& x) { x.must(sweep()); return sweep(); }, "already_done"},
    {"sweep something else", [](Exchange& x) { x.must(sweep()); return sweep(22); }, "SpendPlanned"},
    {"sweep a Safe", [](Exchange&) { return PlanSweep{kSafe, {hash(21)}, {kToken}}; }, "wallet_kind_wrong"},
    {"sweep nowhere", [](Exchange&) { return PlanSweep{{99}, {hash(21)}, {kToken}}; }, "wallet_unknown"},
    {"sweep while frozen", [](Exchange& x) { x.frozen(); return sweep(); }, "frozen"},
    {"evacuate a Safe", [](Exchange& x) { return evacuation(x, kSafe); }, "SpendPlanned"},
    {"evacuate a key", [](Exchange& x) { return evacuation(x, kKey); }, "SpendPlanned SpendPlanned"},
    {"evacuate a Safe twice", [](Exchange& x) { const auto c = evacuation(x, kSafe); x.must(c); return c; }, "already_done"},
    {"evacuate a key twice", [](Exchange& x) { const auto c = evacuation(x, kKey); x.must(c); return c; }, "already_done"},
    {"evacuate nothing", [](Exchange& x) { return PlanEvacuation{x.compromised(kSafe), kSafe, {}}; }, "amount_not_positive"},
    {"evacuate a sound wallet", [](Exchange& x) { return PlanEvacuation{x.compromised(kSafe), kKey, {{kToken, units(1)}}}; }, "state_wrong"},
    {"evacuate without an incident", [](Exchange& x) { x.compromised(kSafe); return PlanEvacuation{{9}, kSafe, {{kToken, units(1)}}}; }, "incident_unknown"},
    {"evacuate nowhere", [](Exchange& x) { return PlanEvacuation{x.compromised(kSafe), {99}, {}}; }, "wallet_unknown"},
    {"evacuate cold", [](Exchange& x) { return PlanEvacuation{x.compromised(kCold), kCold, {{kToken, units(1)}}}; }, "state_wrong"},
    {"burn planned", [](Exchange& x) { return PlanBurn{x.planned()}; }, "SpendPlanned"},
    {"burn assigned", [](Exchange& x) { return PlanBurn{x.assigned()}; }, "SpendPlanned"},
    {"burn signed", [](Exchange& x) { return PlanBurn{x.signed_by()}; }, "state_wrong"},
    {"burn twice", [](Exchange& x) { const auto id = x.planned(); x.must(PlanBurn{id}); return PlanBurn{id}; }, "already_done"},
    {"burn settled", [](Exchange& x) { return PlanBurn{x.settled()}; }, "state_wrong"},
    {"burn nothing", [](Exchange&) { return PlanBurn{{9}}; }, "spend_unknown"},
};
INSTANTIATE_TEST_SUITE_P(plans, table, ::testing::ValuesIn(kPlans));

const std::vector<Example> kSpends = {
    {"authorise", [](Exchange& x) { return AuthoriseSpend{x.planned(), hash(1), Bytes{1}}; }, "SpendAuthorised"},
    {"authorise twice", [](Exchange& x) { return AuthoriseSpend{x.authorised(), hash(1), Bytes{1}}; }, "state_wrong"},
    {"authorise with another's intent", [](Exchange& x) { const auto other = x.authorised(); return AuthoriseSpend{x.planned(), x.spend(other).intent, Bytes{1}}; }, "already_done"},
    {"authorise with no intent", [](Exchange& x) { return AuthoriseSpend{x.planned(), {}, Bytes{1}}; }, "state_wrong"},
    {"authorise a key's", [](Exchange& x) { return AuthoriseSpend{x.planned(kKey), hash(1), Bytes{1}}; }, "wallet_kind_wrong"},
    {"authorise while frozen", [](Exchange& x) { const auto id = x.planned(); x.frozen(); return AuthoriseSpend{id, hash(1), Bytes{1}}; }, "frozen"},
    {"authorise nothing", [](Exchange&) { return AuthoriseSpend{{9}, hash(1), Bytes{1}}; }, "spend_unknown"},
    {"assign", [](Exchange& x) { return AssignGas{x.authorised(), kGas}; }, "SpendAssigned"},
    {"assign too early", [](Exchange& x) { return AssignGas{x.planned(), kGas}; }, "state_wrong"},
    {"assign a sweep", [](Exchange& x) { x.must(sweep()); return AssignGas{{1}, kGas}; }, "SpendAssigned"},
    {"assign what is not gas", [](Exchange& x) { return AssignGas{x.authorised(), kKey}; }, "wallet_kind_wrong"},
    {"assign to what pays itself", [](Exchange& x) { return AssignGas{x.planned(kKey), kGas}; }, "wallet_kind_wrong"},
    {"assign a compromised wallet", [](Exchange& x) { const auto id = x.authorised(); x.compromised(kGas); return AssignGas{id, kGas}; }, "wallet_compromised"},
    {"assign while frozen", [](Exchange& x) { const auto id = x.authorised(); x.frozen(); return AssignGas{id, kGas}; }, "frozen"},
    {"assign out of turn", [](Exchange& x) { x.planned(); return AssignGas{x.authorised(), kGas}; }, "nonce_wrong"},
    {"assign another lane", [](Exchange& x) { x.assigned(kGas); return AssignGas{x.authorised(), kOtherGas}; }, "nonce_wrong"},
    {"assign no wallet", [](Exchange& x) { return AssignGas{x.authorised(), {99}}; }, "wallet_unknown"},
    {"assign nothing", [](Exchange&) { return AssignGas{{9}, kGas}; }, "spend_unknown"},
    {"unassign", [](Exchange& x) { return UnassignGas{x.assigned()}; }, "SpendUnassigned SpendPlanned"},
    {"unassign what a burn shares", [](Exchange& x) { const auto id = x.assigned(); x.must(PlanBurn{id}); return UnassignGas{id}; }, "SpendUnassigned"},
    {"unassign what has no gas", [](Exchange& x) { return UnassignGas{x.authorised()}; }, "state_wrong"},
    {"unassign signed", [](Exchange& x) { return UnassignGas{x.signed_by()}; }, "state_wrong"},
    {"unassign mined", [](Exchange& x) { return UnassignGas{x.mined()}; }, "state_wrong"},
    {"unassign settled", [](Exchange& x) { return UnassignGas{x.settled()}; }, "state_wrong"},
    {"unassign nothing", [](Exchange&) { return UnassignGas{{9}}; }, "spend_unknown"},
    {"sign", [](Exchange& x) { return AddAttempt{x.assigned(), x.attempt()}; }, "SpendSigned"},
    {"sign by key", [](Exchange& x) { return AddAttempt{x.planned(kKey), x.attempt()}; }, "SpendSigned"},
    {"sign too early", [](Exchange& x) { return AddAttempt{x.authorised(), x.attempt()}; }, "state_wrong"},
    {"sign mined", [](Exchange& x) { return AddAttempt{x.mined(), x.attempt(1000)}; }, "state_wrong"},
    {"sign the same", [](Exchange& x) { const auto id = x.signed_by(); return AddAttempt{id, x.spend(id).attempts[0]}; }, "already_done"},
    {"bump by 10 %", [](Exchange& x) { return AddAttempt{x.signed_by(), x.attempt(110)}; }, "SpendSigned"},
    {"bump by less", [](Exchange& x) { return AddAttempt{x.signed_by(), x.attempt(109)}; }, "fee_bump_too_small"},
    {"bump one fee only", [](Exchange& x) { return AddAttempt{x.signed_by(), changed(x.attempt(110), [](Attempt& a) { a.priority_fee = units(100); })}; }, "fee_bump_too_small"},
    {"bump beyond all bounds", [](Exchange& x) { return AddAttempt{x.signed_by(), changed(x.attempt(110), [](Attempt& a) { a.max_fee = Amount::max(); })}; }, "fee_bump_too_small"},
    {"sign while frozen", [](Exchange& x) { const auto id = x.assigned(); x.frozen(); return AddAttempt{id, x.attempt()}; }, "frozen"},
    {"sign nothing", [](Exchange& x) { return AddAttempt{{9}, x.attempt()}; }, "spend_unknown"},
};
INSTANTIATE_TEST_SUITE_P(spends, table, ::testing::ValuesIn(kSpends));

// As much as a deposit may be, while there are 1,000 of the token at deposit addresses.
DepositFact most(Exchange& x) {
  return changed(x.deposit(1), [](DepositFact& d) { d.amount = Amount::of((Int128{1} << 116) - 1'003); });
}

const std::vector<Example> kBlocks = {
    {"next", [](Exchange& x) { return x.block(); }, "BlockConnected"},
    {"another parent", [](Exchange& x) { return changed(x.block(), [](ConnectBlock& c) { c.facts.block.parent = hash(1); }); }, "block_not_next"},
    {"a gap", [](Exchange& x) { return changed(x.block(), [](ConnectBlock& c) { ++c.facts.block.height; }); }, "block_not_next"},
    {"of no chain", [](Exchange& x) { return changed(x.block(), [](ConnectBlock& c) { c.chain = {9}; }); }, "chain_unknown"},
    {"with a mad deposit", [](Exchange& x) { return x.block({}, {changed(x.deposit(1), [](DepositFact& d) { d.amount = Amount::max(); }), x.deposit(2)}); }, "BlockConnected DepositSeen"},
    {"with deposits that are mad together", [](Exchange& x) { return x.block({}, {most(x), most(x), x.deposit(2)}); }, "BlockConnected DepositSeen DepositSeen"},
    {"with a mad fee", [](Exchange& x) { return x.block({changed(x.stolen(kKey, 0), [](MinedFact& f) { f.network_fee = Amount::max(); })}); }, "amount_overflows"},
    {"with movements that are mad together", [](Exchange& x) {
       const Movement most_of_it{kKey, {}, kToken, most(x).amount, {}};
       return x.block({changed(x.stolen(kKey, 0), [&](MinedFact& f) { f.movements.assign(3000, most_of_it); })});
     }, "amount_overflows"},
    {"of a token of many", [](Exchange& x) { return x.block({}, {most(x)}, {{kSafe, kToken, most(x).amount}}); }, "BlockConnected SurplusFound DepositSeen"},
    {"with a mad balance", [](Exchange& x) { return x.block({}, {}, {{kSafe, kToken, Amount::max()}}); }, "amount_overflows"},
    {"with a stranger's deposit", [](Exchange& x) { return x.block({}, {changed(x.deposit(1), [](DepositFact& d) { d.address = address(1); })}); }, "BlockConnected"},
    {"gone", [](Exchange& x) { x.must(x.block()); return DisconnectBlock{kChain, x.head().hash}; }, "BlockDisconnected"},
    {"gone, but not the newest", [](Exchange&) { return DisconnectBlock{kChain, hash(1)}; }, "block_unknown"},
    {"gone, the only one", [](Exchange& x) { return DisconnectBlock{kChain, x.head().hash}; }, "block_unknown"},
    {"gone, of no chain", [](Exchange&) { return DisconnectBlock{{9}, hash(1)}; }, "chain_unknown"},
    {"final", [](Exchange& x) { x.must(x.block()); return FinalizeBlocks{kChain, x.head().height}; }, "BlockFinalized"},
    {"final already", [](Exchange& x) { return FinalizeBlocks{kChain, x.head().height}; }, ""},
    {"final beyond the head", [](Exchange& x) { x.must(x.block()); return FinalizeBlocks{kChain, 1'000'000}; }, "block_unknown"},
    {"final, of no chain", [](Exchange&) { return FinalizeBlocks{{9}, 1}; }, "chain_unknown"},
    {"final before the first", [](Exchange& x) { x.must(RegisterChain{{{}, "eip155:5", 0}}); return FinalizeBlocks{{2}, 1}; }, "block_unknown"},
};
INSTANTIATE_TEST_SUITE_P(blocks, table, ::testing::ValuesIn(kBlocks));

ReportForeignSpend report(WalletId id, std::uint64_t txid = 5) {
  return {IncidentCause::unmatched_spend, id, hash(txid), 0, units(9), units(9)};
}

const std::vector<Example> kAlarms = {
    {"foreign spend", [](Exchange&) { return report(kKey); }, "IncidentOpened FreezePlaced ForeignSpendSeen"},
    {"foreign spend again", [](Exchange& x) { x.must(report(kKey)); return report(kKey); }, ""},
    {"another of the same wallet", [](Exchange& x) { x.must(report(kKey)); return report(kKey, 6); }, "ForeignSpendSeen"},
    {"of another wallet", [](Exchange& x) { x.must(report(kKey)); return report(kGas, 6); }, "IncidentSpread ForeignSpendSeen"},
    {"foreign spend that is ours", [](Exchange& x) {
       auto ours = report(kKey);
       ours.txid = x.spend(x.signed_by(kKey)).attempts[0].txid;
       return ours;
     }, ""},
    {"foreign spend of no wallet", [](Exchange&) { return report({99}); }, "wallet_unknown"},
    {"while the platform is frozen", [](Exchange& x) { x.frozen(); return report(kKey); }, "IncidentOpened ForeignSpendSeen"},
    {"incident", [](Exchange&) { return OpenIncident{IncidentCause::operator_report, kSafe, "op"}; }, "IncidentOpened FreezePlaced"},
    {"incident over nothing", [](Exchange&) { return OpenIncident{IncidentCause::operator_report, {}, "op"}; }, "IncidentOpened FreezePlaced"},
    {"incident over no wallet", [](Exchange&) { return OpenIncident{IncidentCause::operator_report, {99}, "op"}; }, "wallet_unknown"},
    {"a signer's alarm", [](Exchange&) { return ReportSignerAlarm{{1}, "journal_forked"}; }, "IncidentOpened FreezePlaced"},
    {"a signer's alarm again", [](Exchange& x) { x.must(ReportSignerAlarm{{1}, "journal_forked"}); return ReportSignerAlarm{{1}, "journal_forked"}; }, ""},
    {"another alarm of the signer's", [](Exchange& x) { x.must(ReportSignerAlarm{{1}, "journal_forked"}); return ReportSignerAlarm{{1}, "head_stale"}; }, "IncidentOpened"},
    {"another signer's alarm", [](Exchange& x) {
       x.must(ReportSignerAlarm{{1}, "journal_forked"});
       return ReportSignerAlarm{{2}, "journal_forked"};
     }, "IncidentOpened"},
    {"a signer's alarm after the first is closed", [](Exchange& x) {
       x.must(ReportSignerAlarm{{1}, "journal_forked"});
       x.must(CloseIncident{{1}, "op"});
       return ReportSignerAlarm{{1}, "journal_forked"};
     }, "IncidentOpened"},
    {"a signer's alarm without an end", [](Exchange& x) {
       for (std::size_t i = 0; i < kMaxSignerAlarms; ++i) x.must(ReportSignerAlarm{{1}, "code_" + std::to_string(i)});
       return ReportSignerAlarm{{1}, "journal_forked"};
     }, ""},
    {"alarm of no signer", [](Exchange&) { return ReportSignerAlarm{{9}, "journal_forked"}; }, "signer_unknown"},
    {"alarm without a code", [](Exchange&) { return ReportSignerAlarm{{1}, ""}; }, "alarm_wrong"},
    {"alarm with a text", [](Exchange&) { return ReportSignerAlarm{{1}, "Journal forked"}; }, "alarm_wrong"},
    {"alarm with a long code", [](Exchange&) { return ReportSignerAlarm{{1}, std::string(kMaxAlarmCode + 1, 'x')}; }, "alarm_wrong"},
    {"close", [](Exchange& x) { return CloseIncident{x.compromised(kSafe), "op"}; }, "IncidentClosed"},
    {"close twice", [](Exchange& x) { const auto id = x.compromised(kSafe); x.must(CloseIncident{id, "op"}); return CloseIncident{id, "op"}; }, ""},
    {"close nothing", [](Exchange&) { return CloseIncident{{9}, "op"}; }, "incident_unknown"},
    {"freeze", [](Exchange&) { return PlaceFreeze{Scope::wallet, kSafe.value, "op"}; }, "FreezePlaced"},
    {"freeze twice", [](Exchange& x) { x.frozen(); return PlaceFreeze{Scope::platform, 0, "op"}; }, ""},
    {"freeze no chain", [](Exchange&) { return PlaceFreeze{Scope::chain, 99, "op"}; }, "state_wrong"},
    {"freeze no asset", [](Exchange&) { return PlaceFreeze{Scope::asset, 99, "op"}; }, "state_wrong"},
    {"freeze no wallet", [](Exchange&) { return PlaceFreeze{Scope::wallet, 99, "op"}; }, "state_wrong"},
    {"freeze no customer", [](Exchange&) { return PlaceFreeze{Scope::customer, 99, "op"}; }, "state_wrong"},
    {"freeze a part of the platform", [](Exchange&) { return PlaceFreeze{Scope::platform, 1, "op"}; }, "state_wrong"},
    {"lift", [](Exchange& x) { return LiftFreeze{x.frozen(), "op"}; }, "FreezeLifted"},
    {"lift twice", [](Exchange& x) { const auto id = x.frozen(); x.must(LiftFreeze{id, "op"}); return LiftFreeze{id, "op"}; }, ""},
    {"lift while the incident is open", [](Exchange& x) { x.compromised(kSafe); return LiftFreeze{{1}, "op"}; }, "state_wrong"},
    {"lift a person's while an incident is open", [](Exchange& x) { const auto id = x.frozen(); x.compromised(kSafe); return LiftFreeze{id, "op"}; }, "state_wrong"},
    {"lift a part while an incident is open", [](Exchange& x) { const auto id = x.frozen(Scope::asset, 1); x.compromised(kSafe); return LiftFreeze{id, "op"}; }, "FreezeLifted"},
    {"lift when it is closed", [](Exchange& x) { x.must(CloseIncident{x.compromised(kSafe), "op"}); return LiftFreeze{{1}, "op"}; }, "FreezeLifted"},
    {"lift nothing", [](Exchange&) { return LiftFreeze{{9}, "op"}; }, "freeze_unknown"},
    {"acknowledge", [](Exchange& x) { return AcknowledgeFreeze{x.frozen(), {1}}; }, "FreezeAcknowledged"},
    {"acknowledge twice", [](Exchange& x) { const auto id = x.frozen(); x.must(AcknowledgeFreeze{id, {1}}); return AcknowledgeFreeze{id, {1}}; }, ""},
    {"acknowledge by nobody", [](Exchange& x) { return AcknowledgeFreeze{x.frozen(), {9}}; }, "signer_unknown"},
    {"acknowledge nothing", [](Exchange&) { return AcknowledgeFreeze{{9}, {1}}; }, "freeze_unknown"},
};
INSTANTIATE_TEST_SUITE_P(alarms, table, ::testing::ValuesIn(kAlarms));

// clang-format on

// Every refusal there is comes out in some case above or of coins, and has its words.
TEST(refusals, all_come_out) {
  std::set<std::string> seen;
  for (const auto* cases : {&kRegistry, &kCustomerKeys, &kWithdrawals, &kPolicies, &kGrounds, &kPlans, &kSpends, &kBlocks, &kAlarms,
                            &coin_cases()}) {
    for (const Example& one : *cases) seen.insert(one.outcome);
  }
  for (int n = 1; name(static_cast<Refusal>(n)) != "unknown"; ++n) {
    const auto refusal = static_cast<Refusal>(n);
    EXPECT_TRUE(seen.contains(std::string(name(refusal)))) << name(refusal);
    EXPECT_NE(explain(refusal), "unknown");
  }
}

}  // namespace
}  // namespace holdfast::custody
