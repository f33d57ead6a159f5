#include "custody/custody.h"

#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {

Refusal decide(const State& state, const Command& command, Instant now, Events& events, WithdrawalJudge* judge) {
  const std::size_t before = events.size();
  Decision decision{state, now, events, judge};
  const Refusal refusal = std::visit([&](const auto& c) { return decide(decision, c); }, command);
  if (refusal != Refusal::none) events.resize(before);
  return refusal;
}

void apply(State& state, const Event& event) {
  state.newest = std::max(state.newest, event.at);
  std::visit([&](const auto& body) { apply(state, event.at, body); }, event.body);
}

namespace {

bool pays(const Spend& spend, WithdrawalId withdrawal) {
  const std::vector<WithdrawalId> paid = withdrawals_of(spend);
  return std::ranges::find(paid, withdrawal) != paid.end();
}

void check_withdrawals(const State& state) {
  for (const Withdrawal& withdrawal : state.withdrawals) {
    const CustomerKeyId key = withdrawal.authorised_key;
    HF_CHECK(!key || state.customer_keys.at(key).customer == withdrawal.customer);  // Nobody signs for somebody else.
    const ledger::Hold* hold = state.books.find_hold(withdrawal.id.value);
    HF_CHECK(hold != nullptr && hold->amount == withdrawal.amount + withdrawal.fee);
    switch (withdrawal.state) {
      case WithdrawalState::requested:
        HF_CHECK(false);  // is left within the commit that entered it
        break;
      case WithdrawalState::held:
      case WithdrawalState::approved:
        HF_CHECK(hold->state == ledger::HoldState::open && !withdrawal.spend);
        HF_CHECK(withdrawal.state == WithdrawalState::held || is_satisfied(state, withdrawal));  // Nobody pays past a verdict.
        break;
      case WithdrawalState::signing:
      case WithdrawalState::broadcast:
      case WithdrawalState::confirming:
        HF_CHECK(hold->state == ledger::HoldState::open && pays(state.spends.at(withdrawal.spend), withdrawal.id));
        break;
      case WithdrawalState::completed:
        HF_CHECK(hold->state == ledger::HoldState::settled);
        break;
      case WithdrawalState::rejected:
      case WithdrawalState::returned:
        HF_CHECK(hold->state == ledger::HoldState::released);
        break;
    }
  }
}

// Every index says what the tables say.
void check_indexes(const State& state) {
  State rebuilt;
  rebuilt.chains = state.chains;
  rebuilt.assets = state.assets;
  rebuilt.deposits = state.deposits;
  rebuilt.coins = state.coins;
  rebuilt.deposit_addresses = state.deposit_addresses;
  rebuilt.customers = state.customers;
  rebuilt.customer_keys = state.customer_keys;
  rebuilt.withdrawals = state.withdrawals;
  rebuilt.wallets = state.wallets;
  rebuilt.spends = state.spends;
  rebuilt.freezes = state.freezes;
  rebuilt.incidents = state.incidents;
  rebuilt.policies = state.policies;
  rebuilt.verdicts = state.verdicts;
  rebuilt.cases = state.cases;
  rebuilt.labelled = state.labelled;
  rebuild_indexes(rebuilt);
  HF_CHECK(rebuilt.customer_by_reference == state.customer_by_reference);
  HF_CHECK(rebuilt.keys_of_customer == state.keys_of_customer);
  HF_CHECK(rebuilt.requests == state.requests);
  HF_CHECK(rebuilt.waiting_held == state.waiting_held);
  HF_CHECK(rebuilt.waiting_approved == state.waiting_approved);
  HF_CHECK(rebuilt.waiting_delay == state.waiting_delay);
  HF_CHECK(rebuilt.open_cases == state.open_cases);
  HF_CHECK(rebuilt.case_of_subject == state.case_of_subject);
  HF_CHECK(rebuilt.news_of_case == state.news_of_case);
  HF_CHECK(rebuilt.policy_in_force == state.policy_in_force);
  HF_CHECK(rebuilt.spend_by_txid == state.spend_by_txid);
  HF_CHECK(rebuilt.spend_by_intent == state.spend_by_intent);
  HF_CHECK(rebuilt.open_spends == state.open_spends);
  HF_CHECK(rebuilt.spends_by_nonce == state.spends_by_nonce);
  HF_CHECK(rebuilt.committed == state.committed);
  HF_CHECK(rebuilt.freezes_in_force == state.freezes_in_force);
  HF_CHECK(rebuilt.open_incidents == state.open_incidents);
  HF_CHECK(rebuilt.waiting_deposits == state.waiting_deposits);
  HF_CHECK(rebuilt.coin_by_outpoint == state.coin_by_outpoint);
  HF_CHECK(rebuilt.unspent_coins == state.unspent_coins);
  HF_CHECK(rebuilt.coin_total == state.coin_total);
  HF_CHECK(rebuilt.change_scripts == state.change_scripts);
  HF_CHECK(rebuilt.receiving_scripts == state.receiving_scripts);
}

}  // namespace

void check(const State& state) {
  state.books.check_laws();
  check_withdrawals(state);
  check_indexes(state);
}

}  // namespace holdfast::custody
