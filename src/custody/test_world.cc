#include "custody/test_world.h"

#include "base/overloaded.h"
#include "custody/accounts.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

Amount units(std::uint64_t value) { return Amount::of(static_cast<Int128>(value)); }

// Says another thing of each request, and the same each time.
class Moody final : public WithdrawalJudge {
 public:
  Judgement judge(const State& state, const RequestWithdrawal& request, Instant now) override {
    constexpr std::string_view kMoods[] = {"allow", "allow", "allow", "review 2 risk", "delay 1h", "step up", "deny",
                                           "review 1 risk, step up, delay 10m"};
    Judgement out = without_policy(state, request);
    out.demand = policy::both(out.demand, *policy::read_demand(kMoods[request.request.bytes[0] % std::size(kMoods)]));
    const std::uint8_t alarm = request.request.bytes[1];
    const GradeEntry entry{{policy::Scope::customer, std::to_string(request.customer.value), "moody"}, {1, now, 3'600'000, alarm < 4}};
    if (alarm < 32) out.raised.push_back(entry);
    if (alarm < 4) out.freezes.push_back({Scope::customer, request.customer.value, "moody"});
    return out;
  }
};

constexpr std::string_view kPolicy = R"([[rules]]
name = "large"
when = 'value > usd("10")'
then = "review 1 risk"
reason = "large"
severity = "high"
)";

bool pays_itself(WalletKind kind) { return kind == WalletKind::single_key || kind == WalletKind::gas; }

}  // namespace

World::World(std::uint64_t seed, Options options) : options_(options), dice_(seed), chain_(chain_id_, coin_, dice_) {
  found();
}

Refusal World::submit(const Command& command) {
  Moody judge;
  Events events;
  const Refusal refusal = decide(state_, command, now_, events, &judge);
  HF_CHECK(refusal == Refusal::none || events.empty());
  if (refusal != Refusal::none) refusals_.insert(refusal);
  for (const Event& event : events) {
    apply(state_, event);
    log_.push_back(event);
  }
  return refusal;
}

void World::found() {
  submit(RegisterChain{{{}, "eip155:31337", 3}});
  for (const char* symbol : {"ETH", "USD"}) {
    Asset asset;
    asset.chain = chain_id_;
    asset.symbol = symbol;
    asset.decimals = 6;
    if (symbol[0] == 'U') asset.contract = dice_.address();
    asset.auto_approve_max = units(500);
    asset.withdrawal_max = units(5000);
    asset.withdrawal_fee = units(dice_.below(3));
    submit(RegisterAsset{asset});
  }
  for (int i = 0; i < 2; ++i) submit(ProposePolicy{"a policy", to_bytes(as_bytes(kPolicy)), "ann"});
  submit(ApprovePolicy{{1}, "ben"});
  submit(ActivatePolicy{{1}, "ann"});
  submit(DropPolicy{{2}, "ann"});
  for (const char* name : {"one", "two"}) submit(RegisterSigner{{{}, name, dice_.address()}});
  for (const WalletKind kind : {WalletKind::forwarders, WalletKind::cold, WalletKind::safe, WalletKind::single_key,
                                WalletKind::gas, WalletKind::gas}) {
    add_wallet(kind);
  }
  for (const char* reference : {"ann", "bob", "eve"}) {
    submit(CreateCustomer{reference});
    const CustomerId customer = state_.customer_by_reference.at(reference);
    for (int i = 0; i < 2; ++i) submit(AssignDepositAddress{{customer, chain_id_, dice_.address(), dice_.bytes<32>()}});
  }
  mine();
}

WalletId World::add_wallet(WalletKind kind) {
  Wallet wallet;
  wallet.chain = chain_id_;
  wallet.kind = kind;
  wallet.name = to_string(state_.wallets.next_id().value);
  wallet.address = dice_.address();
  if (kind != WalletKind::cold && kind != WalletKind::forwarders) wallet.cold = {2};
  if (pays_itself(kind)) wallet.signer = {1};
  const WalletId id = state_.wallets.next_id();
  submit(RegisterWallet{wallet});
  const bool spends = kind != WalletKind::cold && kind != WalletKind::forwarders;
  if (spends) chain_.gifts.push_back({{id, coin_}, units(20'000)});
  if (spends) chain_.gifts.push_back({{id, token_}, units(20'000)});
  return id;
}

WalletId World::some(WalletKind kind) {
  std::vector<WalletId> found;
  for (const Wallet& wallet : state_.wallets) {
    if (wallet.kind == kind && !wallet.compromised_by) found.push_back(wallet.id);
  }
  return found.empty() ? add_wallet(kind) : dice_.pick(found);
}

void World::customer_acts() {
  switch (dice_.below(4)) {
    case 0:
    case 1: {
      PoolDeposit deposit;
      deposit.txid = new_txid();
      deposit.position = static_cast<std::uint32_t>(dice_.below(5));
      deposit.address = dice_.pick(state_.deposit_addresses).second.address;
      deposit.asset = dice_.one_in(2) ? coin_ : token_;
      deposit.amount = units(1 + dice_.below(3000));
      chain_.deposits.push_back(deposit);
      return;
    }
    case 2: {
      const CustomerId customer{1 + dice_.below(3)};
      const AssetId asset = dice_.one_in(2) ? coin_ : token_;
      const auto most = static_cast<std::uint64_t>(state_.available(customer, asset).units());
      RequestWithdrawal request{dice_.bytes<16>(), dice_.bytes<16>(), customer, asset, units(dice_.below(most + 2)),
                                dice_.address()};
      if (dice_.one_in(20)) request.destination = dice_.pick(state_.wallets).address;
      request.authorisation = some_authorisation(customer);
      submit(request);
      if (dice_.one_in(10)) submit(request);
      return;
    }
    case 3:
      if (dice_.one_in(3)) submit(CancelWithdrawal{any(state_.withdrawals)});
      key_acts();
      return;
  }
}

// The third customer signs. The proof itself is nobody's business here.
void World::key_acts() {
  if (!dice_.one_in(3)) return;
  const CustomerKeyId known = any(state_.customer_keys);
  const Bytes key = to_bytes(dice_.bytes<32>().view());
  const bool is_first = state_.customer_keys.size() == 0;
  EnrolCustomerKey enrol{{3}, CustomerKeyKind::ed25519, key, "phone", is_first ? Bytes{} : Bytes{1}, is_first ? CustomerKeyId{} : known};
  submit(enrol);
  const auto in_force = [](const CustomerKey& one) { return one.removed_at == Instant{}; };
  if (std::ranges::count_if(state_.customer_keys, in_force) > 1) submit(RemoveCustomerKey{known, "operator"});
}

Authorisation World::some_authorisation(CustomerId customer) {
  if (customer != CustomerId{3} || state_.customer_keys.size() == 0) return {};
  return {any(state_.customer_keys), now_ + static_cast<std::int64_t>(dice_.below(1000)), Bytes{1}};
}

void World::operator_acts() {
  switch (dice_.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      for (const WithdrawalId id : std::set(state_.waiting_held)) {
        if (dice_.one_in(5))
          submit(RejectWithdrawal{id, "operator"});
        else
          submit(ApproveWithdrawal{id, dice_.one_in(2) ? "ann" : "ben", {"risk"}});
        if (dice_.one_in(2)) submit(ConfirmWithdrawal{id});
      }
      return;
    case 4:
      if (dice_.one_in(6)) submit(PlaceFreeze{static_cast<Scope>(1 + dice_.below(5)), dice_.below(3), "operator"});
      return;
    case 5:
    case 6:
      for (const IncidentId id : std::set(state_.open_incidents)) submit(CloseIncident{id, "operator"});
      for (const FreezeId id : std::set(state_.freezes_in_force)) {
        if (!dice_.one_in(3)) submit(LiftFreeze{id, "operator"});
      }
      if (!state_.open_cases.empty()) {
        const CaseId id = state_.open_cases.begin()->first;
        if (dice_.one_in(2)) submit(NoteCase{id, "looked at", "ann"});
        else submit(AssignCase{id, dice_.one_in(2) ? "ann" : "ben", "ann"});
      }
      return;
    case 7:
      if (state_.freezes.size() != 0) submit(AcknowledgeFreeze{any(state_.freezes), any(state_.signers)});
      return;
    case 8:
      if (options_.thieves && dice_.one_in(30))
        submit(OpenIncident{IncidentCause::operator_report, some(WalletKind::safe), "operator"});
      return;
    case 9:
      now_ = now_ + static_cast<std::int64_t>(dice_.below(kApprovalLifetimeMs / 2));
      submit(ExpireApprovals{1 + dice_.below(3)});
      submit(ReleaseDelayed{1 + dice_.below(3)});
      return;
  }
}

void World::conductor_acts(const Spend& spend) {
  const WalletKind kind = state_.wallets.at(spend.wallet).kind;
  const SpendId id = spend.id;
  if (spend.state == SpendState::planned && kind == WalletKind::safe) {
    submit(AuthoriseSpend{id, dice_.bytes<32>(), Bytes{1, 2, 3}});
  } else if (spend.state == SpendState::authorised ||
             (spend.state == SpendState::planned && kind == WalletKind::forwarders)) {
    WalletId gas = some(WalletKind::gas);
    for (const SpendId other : state_.open_spends) {
      const bool same_lane = state_.spends.at(other).wallet == spend.wallet && state_.spends.at(other).gas_wallet;
      if (same_lane && !dice_.one_in(4)) gas = state_.spends.at(other).gas_wallet;
    }
    submit(AssignGas{id, gas});
  } else if (spend.state == SpendState::assigned || spend.state == SpendState::signed_ ||
             spend.state == SpendState::planned) {
    if (spend.state == SpendState::assigned && dice_.one_in(12)) submit(UnassignGas{id});
    Attempt attempt{new_txid(), Bytes{4}, units(100), units(100), now_};
    if (spend.attempts.size() > spend.live_from) {
      if (!dice_.one_in(4)) return;
      attempt.max_fee =
          units(static_cast<std::uint64_t>(spend.attempts.back().max_fee.units()) * (105 + dice_.below(10)) / 100 + 1);
      attempt.priority_fee = attempt.max_fee;
    }
    if (submit(AddAttempt{id, attempt}) != Refusal::none) return;
    PoolTransaction transaction{attempt.txid,
                                spend.gas_wallet ? spend.gas_wallet : spend.wallet,
                                spend.gas_wallet ? spend.gas_nonce : spend.nonce,
                                {id},
                                {},
                                {},
                                dice_.one_in(8),
                                {}};
    const SpendId other = dice_.pick(state_.open_spends);
    if (other != id && dice_.one_in(4)) transaction.inside = other;
    chain_.pool.push_back(transaction);
  }
}

void World::plan() {
  for (const WithdrawalId id : std::set(state_.waiting_approved)) {
    if (!dice_.one_in(3)) submit(PlanWithdrawal{id, some(dice_.one_in(3) ? WalletKind::single_key : WalletKind::safe)});
  }
  if (dice_.one_in(4)) plan_sweep();
  for (const SpendId id : std::set(state_.open_spends)) {
    if (dice_.one_in(25)) submit(PlanBurn{id});
  }
}

std::vector<Hash32> World::some_salts() {
  std::vector<Hash32> salts;
  for (const auto& [key, address] : state_.deposit_addresses) {
    if (dice_.one_in(2)) salts.push_back(address.salt);
  }
  return salts;
}

void World::plan_sweep() { submit(PlanSweep{{1}, some_salts(), {coin_, token_}}); }

void World::plan_evacuations() {
  for (const Wallet& wallet : state_.wallets) {
    if (!wallet.compromised_by || !dice_.one_in(2)) continue;
    std::vector<AssetAmount> money;
    for (const AssetId asset : {token_, coin_}) {
      const Amount balance = state_.wallet_balance(wallet.id, asset);
      const Amount keep = asset == coin_ && pays_itself(wallet.kind) ? units(200) : units(0);
      if (balance > keep) money.push_back({asset, balance - keep});
    }
    submit(PlanEvacuation{wallet.compromised_by, wallet.id, money});
  }
}

// Empties deposit addresses; relays what owners have signed, several in a transaction, with a stolen gas key even.
void World::outsider_acts() {
  if (dice_.one_in(4)) chain_.pool.push_back({new_txid(), {}, 0, {}, {}, {}, false, some_salts()});
  std::vector<SpendId> signed_by_owners;
  for (const Spend& spend : state_.spends) {
    if (!spend.intent.is_zero() && (!ended(spend.state) || dice_.one_in(10))) signed_by_owners.push_back(spend.id);
  }
  if (signed_by_owners.empty()) return;
  PoolTransaction relay{new_txid(), {}, 0, {dice_.pick(signed_by_owners)}, {}, {}, false, {}};
  if (dice_.one_in(6)) relay.flushes = some_salts();
  if (dice_.one_in(3)) relay.does.push_back(dice_.pick(signed_by_owners));
  if (relay.does.size() == 2 && relay.does[0] == relay.does[1]) relay.does.pop_back();
  if (options_.thieves && dice_.one_in(8)) {
    relay.sender = some(WalletKind::gas);
    relay.nonce = chain_.head().nonces.contains(relay.sender) ? chain_.head().nonces.at(relay.sender) : 0;
  }
  chain_.pool.push_back(relay);
}

void World::thief_acts() {
  PoolTransaction theft{new_txid(), {}, 0, {}, {}, {}, false, {}};
  theft.robs = some(dice_.one_in(3) ? WalletKind::safe : dice_.one_in(2) ? WalletKind::gas : WalletKind::single_key);
  const Wallet& wallet = state_.wallets.at(theft.robs);
  if (pays_itself(wallet.kind)) {
    theft.sender = wallet.id;
    theft.nonce = dice_.one_in(3) ? wallet.next_nonce : state_.mined_nonce.at(wallet.id);
  }
  chain_.pool.push_back(theft);
  if (dice_.one_in(2)) {
    const IncidentCause cause = theft.sender ? IncidentCause::unmatched_spend : IncidentCause::leaked_owner;
    submit(ReportForeignSpend{cause, theft.robs, theft.txid, theft.nonce, units(500), units(500)});
  }
}

void World::mine() {
  const BlockFacts facts = chain_.mine(state_);
  HF_CHECK(submit(ConnectBlock{chain_id_, facts}) == Refusal::none);
}

void World::reorganise() {
  const std::uint64_t final_height = state_.progress.at(0).final_height;
  const bool deep = options_.deep_reorgs && dice_.one_in(8);
  for (std::uint64_t blocks = 1 + dice_.below(4); blocks > 0; --blocks) {
    if (state_.progress.at(0).recent.size() < 2) return;
    const BlockRef head = chain_.head().block;
    if (head.height <= final_height && !deep) return;
    was_deep_ = was_deep_ || head.height <= final_height;
    HF_CHECK(submit(DisconnectBlock{chain_id_, head.hash}) == Refusal::none);
    chain_.drop_head();
  }
}

void World::finalize() {
  const std::uint64_t head = chain_.head().block.height;
  submit(FinalizeBlocks{chain_id_, head - std::min<std::uint64_t>(dice_.below(5), head)});
}

// Commands that make no sense at this moment: refused, or harmless.
void World::nonsense() {
  switch (dice_.below(26)) {
    case 20: submit(SetPrice{dice_.one_in(2) ? coin_ : token_, 1 + dice_.below(4), "feed", dice_.one_in(2)}); return;
    case 25: submit(RecordSignature{"ann", dice_.bytes<32>(), "a statement", {}}); return;
    case 21: submit(LoadLabels{dice_.bytes<32>(), dice_.below(9), now_}); return;
    case 22: {
      const Withdrawal* paid = state_.withdrawals.find(any(state_.withdrawals));
      if (!paid) return;
      ReportLabels report;
      report.found.chain = chain_id_;
      report.found.address = paid->destination;
      report.found.labels = dice_.one_in(2) ? "scam" : "scam,stolen";
      report.found.last_withdrawal = paid->id;
      report.text = "there";
      submit(report);
      if (!dice_.one_in(3) || state_.news_of_case.empty()) return;
      submit(CloseNews{state_.news_of_case.begin()->first, "known", "ann"});
      return;
    }
    case 23:
      if (!state_.news_of_case.empty()) submit(CloseNews{state_.news_of_case.begin()->first, "known", "ann"});
      return;
    case 24:
      if (!state_.open_cases.empty() && dice_.one_in(2)) now_ = std::max(now_, state_.cases.at(state_.open_cases.begin()->first).due_at);
      submit(MarkOverdue{});
      return;
    case 17: submit(NoteCase{any(state_.cases), "a note", "ann"}); return;
    case 18: submit(AssignCase{any(state_.cases), dice_.one_in(2) ? "ann" : "ben", "ann"}); return;
    case 19: submit(DecideCase{any(state_.cases), any(state_.withdrawals), dice_.one_in(2), "cat", {"risk"}}); return;
    case 13: submit(ProposePolicy{"a policy", to_bytes(as_bytes(kPolicy)), "ann"}); return;
    case 14: submit(ApprovePolicy{any(state_.policies), dice_.one_in(3) ? "ann" : "ben"}); return;
    case 15:
      for (std::uint64_t id = 1; id <= state_.policies.size(); ++id) submit(ActivatePolicy{{id}, "ann"});
      return;
    case 16:
      if (dice_.one_in(4)) submit(DropPolicy{any(state_.policies), "ann"});
      return;
    case 12: submit(UnassignGas{any(state_.spends)}); return;
    case 0: submit(AuthoriseSpend{any(state_.spends), dice_.bytes<32>(), {}}); return;
    case 1: submit(AssignGas{any(state_.spends), any(state_.wallets)}); return;
    case 2: submit(PlanWithdrawal{any(state_.withdrawals), any(state_.wallets)}); return;
    case 3: submit(PlanBurn{any(state_.spends)}); return;
    case 4: submit(PlanEvacuation{any(state_.incidents), any(state_.wallets), {{coin_, units(1)}}}); return;
    case 5: submit(PlanSweep{any(state_.wallets), {dice_.bytes<32>()}, {coin_}}); return;
    case 6: submit(ApproveWithdrawal{any(state_.withdrawals), "nobody"}); return;
    case 7: submit(RejectWithdrawal{any(state_.withdrawals), "nobody"}); return;
    case 8: submit(DisconnectBlock{chain_id_, dice_.bytes<32>()}); return;
    case 9: submit(ConnectBlock{chain_id_, BlockFacts{}}); return;
    case 10: submit(LiftFreeze{any(state_.freezes), "nobody"}); return;
    case 11: {
      Asset asset = state_.assets.at(dice_.one_in(2) ? coin_ : token_);
      asset.withdrawal_fee = units(dice_.below(3));
      submit(RegisterAsset{asset});
      return;
    }
  }
}

void World::step() {
  now_ = now_ + static_cast<std::int64_t>(dice_.below(2000));
  const std::uint64_t what = dice_.below(100);
  if (what < 25) return customer_acts();
  if (what < 35) return operator_acts();
  if (what < 45) return plan();
  if (what < 65) {
    for (const SpendId id : std::set(state_.open_spends)) {
      if (dice_.one_in(2)) conductor_acts(Spend(state_.spends.at(id)));
    }
    return;
  }
  if (what < 80) return mine();
  if (what < 86) return finalize();
  if (what < 89) return reorganise();
  if (what < 92) return plan_evacuations();
  if (what < 95) return outsider_acts();
  if (what < 96) return options_.thieves && dice_.one_in(3) ? thief_acts() : nonsense();
  return nonsense();
}

void World::audit() const {
  check(state_);
  audit_balances();
  audit_nonces();
  audit_withdrawals();
  audit_credits();
}

void World::audit_balances() const {
  const Truth& truth = chain_.head();
  for (const Wallet& wallet : state_.wallets) {
    for (const Asset& asset : state_.assets) {
      Int128 really = 0;
      if (wallet.kind == WalletKind::forwarders) {
        for (const auto& [key, amount] : truth.at_addresses) really += key.second == asset.id ? amount : 0;
      } else if (const auto found = truth.balances.find({wallet.id, asset.id}); found != truth.balances.end()) {
        really = found->second;
      }
      HF_CHECK(state_.wallet_balance(wallet.id, asset.id).units() == really);
    }
  }
  for (const auto& [key, amount] : truth.at_addresses) {
    const auto found = state_.unswept.find(key);
    HF_CHECK((found == state_.unswept.end() ? 0 : found->second.units()) == amount);
  }
}

// Where a rescue would start.
void World::audit_nonces() const {
  const Truth& truth = chain_.head();
  for (const auto& [wallet, nonce] : state_.mined_nonce) {
    const auto found = truth.nonces.find(wallet);
    HF_CHECK(nonce == (found == truth.nonces.end() ? 0 : found->second));
  }
}

void World::audit_withdrawals() const {
  const Truth& head = chain_.head();
  const std::uint64_t final_height = std::max(state_.progress.at(0).final_height, chain_.first_height());
  for (const Withdrawal& withdrawal : state_.withdrawals) {
    const auto found = head.paid.find(withdrawal.id);
    const int paid = found == head.paid.end() ? 0 : found->second;
    HF_CHECK(paid <= 1);
    if (was_deep_) continue;
    const auto final_found = chain_.at(final_height).paid.find(withdrawal.id);
    const bool finally_paid = final_found != chain_.at(final_height).paid.end();
    const bool unpaid = withdrawal.state == WithdrawalState::returned || withdrawal.state == WithdrawalState::rejected;
    HF_CHECK((withdrawal.state == WithdrawalState::completed) == finally_paid);
    HF_CHECK(!unpaid || paid == 0);
  }
}

// What customers have been credited is what came in final blocks.
void World::audit_credits() const {
  if (was_deep_) return;
  std::map<std::pair<CustomerId, AssetId>, Int128> credited;
  for (const Deposit& deposit : state_.deposits) {
    if (deposit.state == DepositState::credited) credited[{deposit.customer, deposit.asset}] += deposit.amount.units();
  }
  const std::uint64_t final_height = std::max(state_.progress.at(0).final_height, chain_.first_height());
  HF_CHECK(credited == chain_.at(final_height).received);
}

// Every withdrawal has come to its end, unless its wallet may only be evacuated; and those wallets are.
bool World::settled() const {
  const auto waits = [&](const Withdrawal& withdrawal) {
    const bool ended = withdrawal.state == WithdrawalState::completed ||
                       withdrawal.state == WithdrawalState::returned || withdrawal.state == WithdrawalState::rejected;
    return !ended && withdrawal.spend && !state_.wallets.at(state_.spends.at(withdrawal.spend).wallet).compromised_by;
  };
  const auto endangered = [&](const Wallet& wallet) {
    return wallet.compromised_by && wallet.cold && !state_.wallet_balance(wallet.id, token_).is_zero();
  };
  return std::none_of(state_.withdrawals.begin(), state_.withdrawals.end(), waits) &&
         std::none_of(state_.wallets.begin(), state_.wallets.end(), endangered);
}

void World::settle_down() {
  for (int round = 0; round < 200 && !settled(); ++round) {
    for (const IncidentId id : std::set(state_.open_incidents)) submit(CloseIncident{id, "operator"});
    for (const FreezeId id : std::set(state_.freezes_in_force)) submit(LiftFreeze{id, "operator"});
    plan_evacuations();
    for (const SpendId id : std::set(state_.open_spends)) conductor_acts(Spend(state_.spends.at(id)));
    for (const Wallet& wallet : state_.wallets) chain_.gifts.push_back({{wallet.id, coin_}, units(100)});
    mine();
    submit(FinalizeBlocks{chain_id_, chain_.head().block.height - 1});
    audit();
  }
  HF_CHECK(settled());
}

}  // namespace holdfast::custody
