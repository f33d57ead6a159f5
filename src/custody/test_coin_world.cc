#include "custody/test_coin_world.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

Amount units(std::uint64_t value) { return Amount::of(static_cast<Int128>(value)); }

}  // namespace

CoinWorld::CoinWorld(std::uint64_t seed, Options options) : options_(options), dice_(seed), chain_(dice_) { found(); }

Refusal CoinWorld::submit(const Command& command) {
  Events events;
  const Refusal refusal = decide(state_, command, now_, events);
  HF_CHECK(refusal == Refusal::none || events.empty());
  if (refusal != Refusal::none) refusals_.insert(refusal);
  for (const Event& event : events) {
    apply(state_, event);
    log_.push_back(event);
  }
  return refusal;
}

void CoinWorld::found() {
  submit(RegisterChain{{{}, "bip122:test", 3, ChainFamily::coins}});
  Asset asset;
  asset.chain = chain_id_;
  asset.symbol = "BTC";
  asset.decimals = 8;
  asset.auto_approve_max = units(500);
  asset.withdrawal_max = units(5'000);
  asset.withdrawal_fee = units(dice_.below(3));
  asset.withdrawal_min = units(10);
  asset.deposit_tiers = {{units(1'000), 4}, {units(2'500), 6}};
  submit(RegisterAsset{asset});
  submit(RegisterSigner{{{}, "one", dice_.address()}});
  mine();
  add_wallet(WalletKind::cold);
  add_wallet(WalletKind::multisig);
  add_wallet(WalletKind::single_key);
  for (const char* reference : {"ann", "bob", "eve"}) {
    submit(CreateCustomer{reference});
    for (int i = 0; i < 2; ++i) assign(state_.customer_by_reference.at(reference), {2 + dice_.below(2)});
  }
  mine();
}

WalletId CoinWorld::add_wallet(WalletKind kind) {
  Wallet wallet;
  wallet.chain = chain_id_;
  wallet.kind = kind;
  wallet.name = to_string(state_.wallets.next_id().value);
  wallet.address = dice_.address();
  wallet.output_descriptor = "descriptor of " + wallet.name;
  if (kind != WalletKind::cold) wallet.cold = {1};
  if (kind == WalletKind::single_key) wallet.signer = {1};
  const WalletId id = state_.wallets.next_id();
  submit(RegisterWallet{wallet});
  chain_.own[wallet.address] = {id, 0, 0};
  chain_.own[dice_.address()] = {id, 1, 5'000};  // of the gap: never handed out
  for (int i = 0; i < 12 && kind != WalletKind::cold; ++i) pay_in(wallet.address);
  return id;
}

WalletId CoinWorld::some_wallet() {
  std::vector<WalletId> found;
  for (const Wallet& wallet : state_.wallets) {
    if (wallet.kind != WalletKind::cold && !wallet.compromised_by) found.push_back(wallet.id);
  }
  return found.empty() ? add_wallet(WalletKind::multisig) : dice_.pick(found);
}

Address CoinWorld::assign(CustomerId customer, WalletId wallet) {
  const std::uint32_t index = state_.wallets.at(wallet).next_receive;
  const Address script = dice_.address();
  HF_CHECK(submit(AssignDepositAddress{{customer, chain_id_, script, {}, wallet, index}}) == Refusal::none);
  chain_.own[script] = {wallet, 0, index};
  chain_.customers.insert(script);
  return script;
}

// Now and then its sender takes it back by another transaction.
void CoinWorld::pay_in(const Address& script) {
  const bool changes_his_mind = dice_.one_in(5);
  if (!changes_his_mind || rivals_ == 0) ++rivals_;
  chain_.pool.push_back({dice_.bytes<32>(), {}, {{script, Int128{1 + dice_.below(3'000)}}}, {}, rivals_});
}

void CoinWorld::customer_acts() {
  switch (dice_.below(5)) {
    case 0:
    case 1:
      pay_in(dice_.one_in(4) ? dice_.pick(chain_.own).first : dice_.pick(chain_.customers));
      return;
    case 2:
    case 3: {
      const CustomerId customer{1 + dice_.below(3)};
      const auto most = static_cast<std::uint64_t>(state_.available(customer, coin_).units());
      RequestWithdrawal request{dice_.bytes<16>(), dice_.bytes<16>(), customer, coin_, units(dice_.below(most / 3 + 20)),
                                dice_.address()};
      if (dice_.one_in(20)) request.destination = dice_.pick(chain_.own).first;
      submit(request);
      return;
    }
    case 4:
      if (dice_.one_in(3)) submit(CancelWithdrawal{{1 + dice_.below(state_.withdrawals.size() + 1)}});
      if (dice_.one_in(10)) assign({1 + dice_.below(3)}, some_wallet());
      return;
  }
}

void CoinWorld::operator_acts() {
  switch (dice_.below(8)) {
    case 0:
    case 1:
    case 2:
      for (const WithdrawalId id : std::set(state_.waiting_held)) {
        if (dice_.one_in(5))
          submit(RejectWithdrawal{id, "operator"});
        else
          submit(ApproveWithdrawal{id, "operator"});
      }
      return;
    case 3:
      if (dice_.one_in(6)) submit(PlaceFreeze{static_cast<Scope>(1 + dice_.below(5)), dice_.below(3), "operator"});
      return;
    case 4:
    case 5:
      for (const IncidentId id : std::set(state_.open_incidents)) submit(CloseIncident{id, "operator"});
      for (const FreezeId id : std::set(state_.freezes_in_force)) {
        if (!dice_.one_in(3)) submit(LiftFreeze{id, "operator"});
      }
      return;
    case 6:
      if (options_.thieves && dice_.one_in(20)) submit(OpenIncident{IncidentCause::operator_report, some_wallet(), "operator"});
      return;
    case 7:
      now_ = now_ + static_cast<std::int64_t>(dice_.below(kApprovalLifetimeMs / 2));
      submit(ExpireApprovals{});
      return;
  }
}

// All that pays for a spend and is still there; what joined it later and is gone is left out.
void CoinWorld::conductor_acts(const Spend& spend) {
  if (spend.state != SpendState::planned && spend.state != SpendState::signed_) return;
  Attempt attempt{dice_.bytes<32>(), Bytes{4}, units(100), units(100), now_};
  if (!spend.attempts.empty()) {
    if (!dice_.one_in(4)) return;
    const auto last = static_cast<std::uint64_t>(spend.attempts.back().max_fee.units());
    attempt.max_fee = attempt.priority_fee = units(last * (105 + dice_.below(10)) / 100 + 1);
  }
  CoinTransaction transaction;
  transaction.txid = attempt.txid;
  Int128 left = 0;
  for (std::size_t i = 0; i < spend.inputs.size(); ++i) {
    const Coin& coin = state_.coins.at(spend.inputs[i]);
    if (i >= spend.in_all_attempts && coin.state != CoinState::unspent) continue;
    transaction.inputs.push_back(coin.outpoint);
    left += coin.amount.units();
  }
  for (const WithdrawalId id : withdrawals_of(spend)) {
    const Withdrawal& withdrawal = state_.withdrawals.at(id);
    transaction.outputs.emplace_back(withdrawal.destination, withdrawal.amount.units());
    transaction.pays.push_back(id);
    left -= withdrawal.amount.units();
  }
  left -= std::min<Int128>(left, Int128{1 + dice_.below(20)});
  const Address& rest = spend.change.empty() ? spend.destination : spend.change;
  if (left > 0) transaction.outputs.emplace_back(rest, left);
  if (submit(AddAttempt{spend.id, attempt}) != Refusal::none) return;
  const bool lies_ready = spend.purpose == Purpose::reserve && !state_.wallets.at(spend.wallet).compromised_by;
  if (lies_ready)
    reserves_.emplace_back(spend.wallet, std::move(transaction));
  else
    chain_.pool.push_back(std::move(transaction));
}

// Careful: such as custody lets pay.
std::vector<CoinId> CoinWorld::some_coins(WalletId wallet, bool careful) {
  std::vector<CoinId> out;
  const auto unspent = state_.unspent_coins.find(wallet);
  if (unspent == state_.unspent_coins.end()) return out;
  for (const CoinId id : unspent->second) {
    const Coin& coin = state_.coins.at(id);
    const bool sure = coin.height <= state_.progress.at(0).final_height || state_.spend_by_txid.contains(coin.outpoint.txid);
    const bool good = sure && !state_.reserved(coin);
    if ((good || !careful) && dice_.one_in(2)) out.push_back(id);
    if (out.size() == 4) break;
  }
  return out;
}

void CoinWorld::plan_change(PlanCoins& command) {
  command.change_index = state_.wallets.at(command.wallet).next_change + static_cast<std::uint32_t>(dice_.below(2));
  command.change = dice_.address();
  if (submit(command) == Refusal::none) chain_.own[command.change] = {command.wallet, 1, command.change_index};
}

void CoinWorld::plan_payment(WalletId wallet) {
  PlanCoins command;
  command.wallet = wallet;
  command.inputs = some_coins(wallet, true);
  Amount worth;
  for (const CoinId id : command.inputs) worth += state_.coins.at(id).amount;
  for (const WithdrawalId id : state_.waiting_approved) {
    const Amount amount = state_.withdrawals.at(id).amount;
    if (amount + units(5) > worth || dice_.one_in(4)) continue;
    worth -= amount;
    command.batch.push_back(id);
  }
  if (!command.batch.empty()) plan_change(command);
}

// Of a payment whose transaction is on its way: what is left of one of its attempts, whether or not that is ever mined.
void CoinWorld::plan_child() {
  for (const SpendId id : state_.open_spends) {
    const Spend& parent = state_.spends.at(id);
    if (parent.purpose != Purpose::withdrawal || parent.attempts.empty() || !dice_.one_in(2)) continue;
    const TxId txid = parent.attempts[dice_.below(parent.attempts.size())].txid;
    const auto sent = std::ranges::find(chain_.pool, txid, &CoinTransaction::txid);
    if (sent == chain_.pool.end()) continue;
    const auto change = std::ranges::find(sent->outputs, parent.change, &std::pair<Address, Int128>::first);
    if (change == sent->outputs.end()) continue;
    const OutPoint output{txid, static_cast<std::uint32_t>(change - sent->outputs.begin())};
    PlanChild command{id, output, Amount::of(change->second), dice_.address(), state_.wallets.at(parent.wallet).next_change};
    const WalletId wallet = parent.wallet;
    if (submit(command) == Refusal::none) chain_.own[command.change] = {wallet, 1, command.change_index};
    return;
  }
}

void CoinWorld::plan() {
  if (dice_.one_in(3)) plan_child();
  if (!state_.waiting_approved.empty() && !dice_.one_in(3)) plan_payment(some_wallet());
  for (const SpendId id : std::set(state_.open_spends)) {
    const Spend& spend = state_.spends.at(id);
    if (dice_.one_in(20)) {
      PlanCoins burn{Purpose::burn, spend.wallet, spend.inputs, {}, {}, 0, {}, id};
      plan_change(burn);
    } else if (dice_.one_in(20)) {
      submit(ExtendSpend{id, some_coins(spend.wallet, !dice_.one_in(4))});
    }
  }
  if (dice_.one_in(4)) {
    PlanCoins command{Purpose::consolidation, some_wallet(), {}, {}, {}, 0, {}, {}};
    command.inputs = some_coins(command.wallet, !dice_.one_in(4));
    plan_change(command);
  }
  for (const Wallet& wallet : state_.wallets) {
    if (wallet.kind == WalletKind::multisig && dice_.one_in(2)) {
      for (const CoinId id : some_coins(wallet.id, false)) submit(PlanCoins{Purpose::reserve, wallet.id, {id}, {}, {}, 0, {}, {}});
    }
  }
}

void CoinWorld::plan_saving(const Wallet& wallet) {
  const auto unspent = state_.unspent_coins.find(wallet.id);
  if (!wallet.compromised_by || unspent == state_.unspent_coins.end()) return;
  std::vector<CoinId> inputs;
  for (const CoinId id : unspent->second) {
    const PlanCoins alone{Purpose::evacuation, wallet.id, {id}, {}, {}, 0, wallet.compromised_by, {}};
    Events events;
    if (decide(state_, alone, now_, events) == Refusal::none && !dice_.one_in(4)) inputs.push_back(id);
  }
  submit(PlanCoins{Purpose::evacuation, wallet.id, inputs, {}, {}, 0, wallet.compromised_by, {}});
}

void CoinWorld::thief_acts() {
  if (dice_.one_in(6) && !reserves_.empty()) {  // what was signed beforehand leaked
    chain_.pool.push_back(dice_.pick(reserves_).second);
    return;
  }
  CoinTransaction theft;
  theft.txid = dice_.bytes<32>();
  const WalletId wallet = dice_.one_in(8) ? WalletId{1} : some_wallet();
  const auto unspent = state_.unspent_coins.find(wallet);
  if (unspent == state_.unspent_coins.end()) return;
  std::vector<CoinId> coins;
  Int128 loot = 0;
  for (const CoinId id : unspent->second) {
    if (!dice_.one_in(3)) continue;
    coins.push_back(id);
    theft.inputs.push_back(state_.coins.at(id).outpoint);
    loot += state_.coins.at(id).amount.units();
  }
  if (coins.empty()) return;
  theft.outputs.emplace_back(dice_.address(), (loot + 1) / 2);
  if (dice_.one_in(4) && loot > 2) theft.outputs.emplace_back(dice_.pick(chain_.own).first, 1);
  chain_.pool.push_back(theft);
  if (wallet == WalletId{1} || dice_.one_in(2)) return;
  for (const CoinId id : coins) {
    submit(ReportForeignSpend{IncidentCause::unmatched_spend, wallet, theft.txid, id.value, units(500), units(500)});
  }
}

// Reserves go out once their wallet is in danger.
void CoinWorld::send_reserves() {
  std::erase_if(reserves_, [&](const auto& reserve) {
    const bool due = static_cast<bool>(state_.wallets.at(reserve.first).compromised_by);
    if (due) chain_.pool.push_back(reserve.second);
    return due;
  });
}

void CoinWorld::mine() {
  send_reserves();
  const BlockFacts facts = chain_.mine();
  HF_CHECK(submit(ConnectBlock{chain_id_, facts}) == Refusal::none);
}

void CoinWorld::reorganise() {
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

void CoinWorld::finalize() {
  const std::uint64_t head = chain_.head().block.height;
  submit(FinalizeBlocks{chain_id_, head - std::min<std::uint64_t>(dice_.below(5), head)});
}

// Commands that make no sense at this moment: refused, or harmless.
void CoinWorld::nonsense() {
  const WalletId wallet{1 + dice_.below(state_.wallets.size() + 1)};
  const CoinId coin{1 + dice_.below(state_.coins.size() + 2)};
  const SpendId spend{1 + dice_.below(state_.spends.size() + 1)};
  PlanCoins command{Purpose::withdrawal, wallet, {coin}, {{1 + dice_.below(state_.withdrawals.size() + 1)}}, {}, 0, {1}, spend};
  command.purpose = static_cast<Purpose>(1 + dice_.below(6));
  switch (dice_.below(7)) {
    case 0: submit(command); return;
    case 1:
      if (state_.wallets.find(wallet)) plan_change(command);
      return;
    case 2: submit(ExtendSpend{spend, {coin}}); return;
    case 3: submit(AddAttempt{spend, {dice_.bytes<32>(), {}, units(1), units(1), now_}}); return;
    case 4: submit(DisconnectBlock{chain_id_, dice_.bytes<32>()}); return;
    case 5: submit(ApproveWithdrawal{{1 + dice_.below(state_.withdrawals.size() + 1)}, "nobody"}); return;
    case 6: submit(PlanChild{spend, {dice_.bytes<32>(), 0}, units(1), dice_.address(), 1'000'000}); return;
  }
}

void CoinWorld::step() {
  now_ = now_ + static_cast<std::int64_t>(dice_.below(2000));
  const std::uint64_t what = dice_.below(100);
  if (what < 25) return customer_acts();
  if (what < 33) return operator_acts();
  if (what < 48) return plan();
  if (what < 65) {
    for (const SpendId id : std::set(state_.open_spends)) {
      if (dice_.one_in(2)) conductor_acts(Spend(state_.spends.at(id)));
    }
    return;
  }
  if (what < 80) return mine();
  if (what < 86) return finalize();
  if (what < 90) return reorganise();
  if (what < 94) {
    for (const Wallet& wallet : state_.wallets) plan_saving(wallet);
    return;
  }
  if (what < 96) return options_.thieves && dice_.one_in(3) ? thief_acts() : nonsense();
  return nonsense();
}

void CoinWorld::audit() const {
  check(state_);
  audit_coins();
  audit_spends();
  audit_withdrawals();
  audit_credits();
}

void CoinWorld::audit_coins() const {
  std::map<WalletId, Int128> totals;
  std::size_t own = 0;
  for (const auto& [outpoint, output] : chain_.head().unspent) {
    const Coin* coin = state_.coin_at(outpoint);
    HF_CHECK(coin != nullptr && coin->state == CoinState::unspent && coin->amount.units() == output.second);
    HF_CHECK(coin->wallet == chain_.owner(output.first));
    totals[coin->wallet] += output.second;
    ++own;
  }
  std::size_t known = 0;
  for (const auto& [wallet, coins] : state_.unspent_coins) known += coins.size();
  HF_CHECK(known == own);
  for (const Wallet& wallet : state_.wallets) HF_CHECK(state_.wallet_balance(wallet.id, coin_).units() == totals[wallet.id]);
}

// No coin is counted on by two that pay, and nobody waits for what never comes: change of one attempt when another is final.
void CoinWorld::audit_spends() const {
  std::set<CoinId> counted;
  for (const SpendId id : state_.open_spends) {
    const Spend& spend = state_.spends.at(id);
    const bool pays = spend.purpose == Purpose::withdrawal || spend.purpose == Purpose::consolidation;
    if (!pays || spend.settled_once || was_deep_) continue;
    for (const CoinId coin : spend.inputs) HF_CHECK(counted.insert(coin).second);
    const Coin& first = state_.coins.at(spend.inputs.front());
    const auto parent = state_.spend_by_txid.find(first.outpoint.txid);
    if (first.state != CoinState::orphaned || parent == state_.spend_by_txid.end()) continue;
    const Spend& above = state_.spends.at(parent->second);
    HF_CHECK(!ended(above.state) || above.mined_txid == first.outpoint.txid);
  }
}

void CoinWorld::audit_withdrawals() const {
  const CoinTruth& final_truth = chain_.at(std::max(state_.progress.at(0).final_height, chain_.first_height()));
  for (const Withdrawal& withdrawal : state_.withdrawals) {
    const auto found = chain_.head().paid.find(withdrawal.id);
    const int paid = found == chain_.head().paid.end() ? 0 : found->second;
    HF_CHECK(paid <= 1);
    if (was_deep_) continue;
    const bool unpaid = withdrawal.state == WithdrawalState::returned || withdrawal.state == WithdrawalState::rejected;
    HF_CHECK((withdrawal.state == WithdrawalState::completed) == final_truth.paid.contains(withdrawal.id));
    HF_CHECK(!unpaid || paid == 0);
  }
}

// Nothing is credited that is not final, nothing twice, and the large not before their time.
void CoinWorld::audit_credits() const {
  if (was_deep_) return;
  const CoinTruth& final_truth = chain_.at(std::max(state_.progress.at(0).final_height, chain_.first_height()));
  std::set<OutPoint> credited;
  for (const Deposit& deposit : state_.deposits) {
    if (deposit.state != DepositState::credited) continue;
    const auto came = final_truth.deposits.find({deposit.txid, deposit.position});
    HF_CHECK(came != final_truth.deposits.end() && came->second == deposit.amount.units());
    HF_CHECK(credited.insert(came->first).second);
  }
}

// Every withdrawal has come to its end; wallets that are compromised are empty.
bool CoinWorld::settled() const {
  const auto waits = [&](const Withdrawal& withdrawal) {
    const bool ended = withdrawal.state == WithdrawalState::completed ||
                       withdrawal.state == WithdrawalState::returned || withdrawal.state == WithdrawalState::rejected;
    return !ended && withdrawal.spend;
  };
  const auto endangered = [&](const Wallet& wallet) {
    return wallet.compromised_by && wallet.cold && state_.unspent_coins.contains(wallet.id);
  };
  return std::none_of(state_.withdrawals.begin(), state_.withdrawals.end(), waits) &&
         std::none_of(state_.wallets.begin(), state_.wallets.end(), endangered);
}

void CoinWorld::settle_down() {
  for (int round = 0; round < 200 && !settled(); ++round) {
    for (const IncidentId id : std::set(state_.open_incidents)) submit(CloseIncident{id, "operator"});
    for (const FreezeId id : std::set(state_.freezes_in_force)) submit(LiftFreeze{id, "operator"});
    for (const Wallet& wallet : state_.wallets) plan_saving(wallet);
    for (const SpendId id : std::set(state_.open_spends)) conductor_acts(Spend(state_.spends.at(id)));
    mine();
    submit(FinalizeBlocks{chain_id_, chain_.head().block.height - 1});
    audit();
  }
  HF_CHECK(settled());
}

}  // namespace holdfast::custody
