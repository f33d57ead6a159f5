// What a block means: deposits, own transactions, and whether the chain holds what the books say.
//
// Within one block the order of booking is: what the chain holds more than is explained, deposits, own transactions in
// the block's order, what it holds less. So no account passes below zero on the way, and undoing runs exactly backwards.
#include "base/planted.h"
#include "custody/coins.h"
#include "custody/handlers.h"
#include "custody/transactions.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

namespace holdfast::custody {
namespace {

// Larger single amounts come from a lying node or token: the largest supplies of tokens are near 2^109 base units.
constexpr Int128 kSane = Int128{1} << 116;
// Together in one block, and in the exchange's own capital: far from where a sum of a few of them could overflow.
constexpr Int128 kSaneTogether = Int128{1} << 124;

bool sane(Amount amount) { return amount.units() < kSane; }

// Deposits are judged one by one: nobody but its sender minds when one is left out.
bool sane(const BlockFacts& facts) {
  Int128 together = 0;
  const auto adds = [&](Amount amount) {
    if (!sane(amount)) return false;
    together += amount.units();
    return together < kSaneTogether;
  };
  const auto movements_sane = [&](const MinedFact& mined) {
    return adds(mined.network_fee) &&
           std::ranges::all_of(mined.movements, [&](const Movement& m) { return adds(m.amount); });
  };
  return std::ranges::all_of(facts.balances, [](const BalanceFact& b) { return sane(b.balance); }) &&
         std::ranges::all_of(facts.coins, [&](const CoinFact& coin) { return adds(coin.amount); }) &&
         std::ranges::all_of(facts.mined, movements_sane);
}

const Wallet* forwarders_of(const State& s, ChainId chain) {
  for (const Wallet& wallet : s.wallets) {
    if (wallet.chain == chain && wallet.kind == WalletKind::forwarders) return &wallet;
  }
  return nullptr;
}

// Judges one block. What each wallet should hold after it is added up beside the state.
class BlockJudge {
 public:
  BlockJudge(Decision& d, const ConnectBlock& c)
      : d_(d),
        c_(c),
        alarm_(d),
        forwarders_(forwarders_of(d.state, c.chain)),
        transactions_(judge_transactions(d.state, c.facts.mined)),
        coins_(judge_coins(d.state, c)) {}

  Refusal judge() {
    for (const DepositFact& deposit : c_.facts.deposits) expect_deposit(deposit);
    for (const DepositFact& deposit : coins_.deposits) expect_deposit(deposit);
    for (const Transaction& transaction : transactions_) expect_transaction(transaction);
    for (const BalanceFact& fact : c_.facts.balances) actual_[{fact.wallet, fact.asset}] = fact.balance;
    for (const BalanceFact& fact : coins_.balances) actual_[{fact.wallet, fact.asset}] = fact.balance;
    compare();
    if (!capital_stays_sane()) return Refusal::amount_overflows;
    d_.emit(BlockConnected{c_.chain, c_.facts.block});
    for (const Coin& coin : coins_.seen) d_.emit(CoinSeen{coin});
    for (const CoinSpent& spent : coins_.spent) d_.emit(spent);
    for (const auto& [key, amount] : surplus_) d_.emit(SurplusFound{key.first, key.second, amount, height()});
    for (const DepositFact* deposit : deposits_) emit_deposit(*deposit);
    for (const Transaction& transaction : transactions_) emit_transaction(transaction);
    for (const auto& [key, amount] : shortfall_) emit_loss(key, amount);
    return Refusal::none;
  }

 private:
  std::uint64_t height() const { return c_.facts.block.height; }

  struct Expected {
    Int128 balance = 0;
    Int128 lowest = 0;  // On the way, if below zero: then what is missing must have come before it left.
  };

  void expect(WalletId wallet, AssetId asset, Int128 change) {
    const auto [at, fresh] = expected_.try_emplace({wallet, asset});
    Expected& expected = at->second;
    if (fresh) expected.balance = d_.state.wallet_balance(wallet, asset).units();
    expected.balance += change;
    expected.lowest = std::min(expected.lowest, expected.balance);
  }

  // The wallet that holds what comes to this address; none when the address is nobody's.
  WalletId home_of(const Address& address) const {
    const DepositAddress* known = d_.state.deposit_address(c_.chain, address);
    if (!known) return {};
    return known->wallet ? known->wallet : forwarders_ ? forwarders_->id : WalletId{};
  }

  // What all deposit addresses hold together must be sane, too: no token has more.
  bool is_deposit(const DepositFact& deposit, WalletId home) const {
    if (!home || deposit.amount.is_zero() || !sane(deposit.amount)) return false;
    const auto at = expected_.find({home, deposit.asset});
    const Int128 before = at != expected_.end() ? at->second.balance
                                                : d_.state.wallet_balance(home, deposit.asset).units();
    return before + deposit.amount.units() < kSane;
  }

  void expect_deposit(const DepositFact& deposit) {
    const WalletId home = home_of(deposit.address);
    if (!is_deposit(deposit, home)) return;
    expect(home, deposit.asset, deposit.amount.units());
    deposits_.push_back(&deposit);
  }

  // What is explained by nobody is not expected: it shows as a loss.
  void expect_transaction(const Transaction& transaction) {
    for (const Movement& movement : transaction.movements) {
      expect(movement.from, movement.asset, -movement.amount.units());
      if (movement.to) expect(movement.to, movement.asset, movement.amount.units());
    }
    const auto native = d_.state.asset_by_contract(c_.chain, {});
    if (transaction.payer && native) expect(transaction.payer, *native, -transaction.network_fee.units());
  }

  void compare() {
    for (const auto& [key, fact] : actual_) expect(key.first, key.second, 0);
    for (const auto& [key, expected] : expected_) {
      const auto fact = actual_.find(key);
      const Int128 came = -expected.lowest;
      // What was not read is believed.
      const Int128 is = fact != actual_.end() ? fact->second.units() : expected.balance + came;
      const Int128 surplus = std::max(is - expected.balance, came);
      const Int128 shortfall = expected.balance + surplus - is;
      if (surplus > 0) surplus_[key] = Amount::of(surplus);
      if (shortfall > 0) shortfall_[key] = Amount::of(shortfall);
    }
  }

  // A node that tells another balance with every block would fill the books with money that never was.
  bool capital_stays_sane() const {
    std::map<AssetId, Int128> capital;
    for (const auto& [key, amount] : surplus_) {
      const auto [sum, fresh] = capital.try_emplace(key.second);
      if (fresh) sum->second = d_.state.books.side(capital_account(key.second)).units();
      sum->second += amount.units();
      if (sum->second >= kSaneTogether) return false;
    }
    return true;
  }

  void emit_deposit(const DepositFact& fact) {
    Deposit deposit;
    deposit.id = {d_.state.deposits.next_id().value + emitted_++};
    deposit.customer = d_.state.deposit_address(c_.chain, fact.address)->customer;
    deposit.asset = fact.asset;
    deposit.amount = fact.amount;
    deposit.address = fact.address;
    deposit.txid = fact.txid;
    deposit.position = fact.position;
    deposit.height = height();
    d_.emit(DepositSeen{deposit});
  }

  void emit_transaction(const Transaction& t) {
    const MinedFact& fact = *t.fact;
    switch (t.meaning) {
      case Meaning::done:
        if (is_untimely(*t.spend)) alarm_.raise(IncidentCause::unmatched_spend, t.spend->wallet, c_.chain, fact.txid, {});
        d_.emit(SpendMined{t.spend->id, fact.txid, height(), t.success, fact.executed || !fact.safe, t.payer,
                           t.network_fee, t.movements});
        return;
      case Meaning::wasted:
        d_.emit(AttemptMined{t.spend->id, fact.txid, t.payer, fact.sender_nonce, t.network_fee, height()});
        return;
      case Meaning::foreign: {
        const IncidentId incident = alarm_.raise(IncidentCause::unmatched_spend, t.wallet, c_.chain, fact.txid, {});
        if (fact.spent.empty()) d_.emit(ForeignSpendMined{incident, t.wallet, fact.txid, fact.sender_nonce, height()});
        for (const CoinSpent& spent : coins_.spent) {
          const bool here = spent.txid == fact.txid && coins_.wallet_of(d_.state, spent.coin) == t.wallet;
          if (here) d_.emit(ForeignSpendMined{incident, t.wallet, fact.txid, spent.coin.value, height()});
        }
        return;
      }
      case Meaning::swept:
        d_.emit(ForwardersSwept{c_.chain, fact.txid, height(), t.movements});
        return;
    }
  }

  // A reserve that somebody has broadcast while its wallet is in no danger that anybody knows of.
  bool is_untimely(const Spend& spend) const {
    return spend.purpose == Purpose::reserve && !d_.state.wallets.at(spend.wallet).compromised_by;
  }

  void emit_loss(const WalletAsset& key, Amount amount) {
    IncidentId incident;
    if (!HF_PLANTED(loss_without_incident)) {
      incident = alarm_.raise(IncidentCause::books_differ, key.first, c_.chain, {}, {});
    }
    d_.emit(LossFound{key.first, key.second, amount, height(), incident});
  }

  Decision& d_;
  const ConnectBlock& c_;
  Alarm alarm_;
  const Wallet* forwarders_;
  std::vector<Transaction> transactions_;
  BlockCoins coins_;
  std::map<WalletAsset, Expected> expected_;
  std::map<WalletAsset, Amount> actual_;
  std::map<WalletAsset, Amount> surplus_;
  std::map<WalletAsset, Amount> shortfall_;
  std::vector<const DepositFact*> deposits_;  // Those that count.
  std::uint64_t emitted_ = 0;                 // Of them.
};

// A burn of the gas wallet's own nonce.
Spend filler(const Decision& d, const WalletNonce& nonce, SpendId burns, std::uint64_t offset) {
  Spend burn;
  burn.id = {d.state.spends.next_id().value + offset};
  burn.purpose = Purpose::burn;
  burn.wallet = nonce.first;
  burn.nonce = nonce.second;
  burn.burns = burns;
  burn.planned_at = d.now;
  return burn;
}

// Takes back what a block that is gone had brought, newest first.
class BlockUndo {
 public:
  BlockUndo(Decision& d, ChainId chain, const RecentBlock& block, bool was_final)
      : d_(d), chain_(chain), block_(block), was_final_(was_final) {}

  void undo() {
    Alarm alarm(d_);
    if (was_final_) incident_ = alarm.raise(IncidentCause::deep_reorg, {}, chain_, block_.ref.hash, {});
    undo_adjustments(true);
    for (auto foreign = block_.foreign.rbegin(); foreign != block_.foreign.rend(); ++foreign) {
      d_.emit(ForeignSpendUnmined{foreign->incident, foreign->wallet, foreign->txid, foreign->nonce});
    }
    for (auto wasted = block_.wasted.rbegin(); wasted != block_.wasted.rend(); ++wasted) undo_wasted(*wasted);
    for (auto id = block_.spends.rbegin(); id != block_.spends.rend(); ++id) undo_spend(d_.state.spends.at(*id));
    for (auto flush = block_.flushes.rbegin(); flush != block_.flushes.rend(); ++flush) {
      d_.emit(ForwardersSweepUndone{chain_, flush->txid, flush->movements});
    }
    for (auto id = block_.deposits.rbegin(); id != block_.deposits.rend(); ++id)
      undo_deposit(d_.state.deposits.at(*id));
    undo_adjustments(false);
    for (auto id = block_.spent_coins.rbegin(); id != block_.spent_coins.rend(); ++id) d_.emit(CoinUnspent{*id});
    for (auto id = block_.coins.rbegin(); id != block_.coins.rend(); ++id) d_.emit(CoinOrphaned{*id});
    d_.emit(BlockDisconnected{chain_, block_.ref});
  }

 private:
  void undo_adjustments(bool losses) {
    for (auto adjustment = block_.adjustments.rbegin(); adjustment != block_.adjustments.rend(); ++adjustment) {
      if (bool(adjustment->incident) != losses) continue;
      if (losses) {
        d_.emit(LossUndone{adjustment->wallet, adjustment->asset, adjustment->amount, adjustment->incident});
      } else {
        d_.emit(SurplusUndone{adjustment->wallet, adjustment->asset, adjustment->amount});
      }
    }
  }

  bool is_here(const Spend& spend) const { return !spend.mined_txid.is_zero() && spend.height == block_.ref.height; }

  void undo_spend(const Spend& spend) {
    if (is_here(spend)) d_.emit(SpendUnmined{spend.id});
  }

  // When nobody counts on the nonce any more, nobody would broadcast the transaction again, and its gas wallet would wait
  // for it for ever.
  void undo_wasted(const RecentBlock::Wasted& wasted) {
    d_.emit(AttemptUnmined{wasted.spend, wasted.txid, wasted.payer, wasted.nonce, wasted.network_fee});
    if (d_.state.of_coins(chain_)) return;  // coins wait for nobody
    const WalletNonce nonce{wasted.payer, wasted.nonce};
    const bool counted_on = d_.state.spends_by_nonce.contains(nonce) || is_here(d_.state.spends.at(wasted.spend));
    if (!counted_on) d_.emit(SpendPlanned{filler(d_, nonce, wasted.spend, fillers_++)});
  }

  void undo_deposit(const Deposit& deposit) {
    if (HF_PLANTED(reorg_not_undone)) return;
    if (deposit.state == DepositState::seen) {
      d_.emit(DepositOrphaned{deposit.id});
      return;
    }
    if (deposit.state != DepositState::credited) return;
    const std::pair key{deposit.customer, deposit.asset};
    const auto [left, fresh] = available_.try_emplace(key, Amount::zero());
    if (fresh) left->second = d_.state.available(deposit.customer, deposit.asset);
    const Amount taken = std::min(left->second, deposit.amount);
    left->second -= taken;
    d_.emit(DepositReversed{deposit.id, taken, deposit.amount - taken, incident_});
  }

  Decision& d_;
  ChainId chain_;
  const RecentBlock& block_;
  bool was_final_;
  IncidentId incident_;
  std::map<std::pair<CustomerId, AssetId>, Amount> available_;
  std::uint64_t fillers_ = 0;
};

// What becomes certain with a block: credits, ends of spends, and of those whose nonce they used up.
class Finality {
 public:
  explicit Finality(Decision& d) : d_(d) {}

  // Every deposit waits for finality; a large one for as many blocks as its asset's tiers ask for.
  void credit_deposits(ChainId chain, std::uint64_t height, std::uint64_t newest) {
    // Whoever cuts a large deposit into small ones waits as long: what a customer brings in one block counts together.
    std::map<std::tuple<CustomerId, AssetId, std::uint64_t>, Amount> brought;
    for (const DepositId id : d_.state.waiting_deposits) {
      const Deposit& deposit = d_.state.deposits.at(id);
      Amount& sum = brought[{deposit.customer, deposit.asset, deposit.height}];
      sum = Amount::sum(sum, deposit.amount).value_or(Amount::max());
    }
    for (const DepositId id : d_.state.waiting_deposits) {
      const Deposit& deposit = d_.state.deposits.at(id);
      const Asset& asset = d_.state.assets.at(deposit.asset);
      if (asset.chain != chain || deposit.height > height) continue;
      const Amount together = brought.at({deposit.customer, deposit.asset, deposit.height});
      if (newest - deposit.height >= depth_for(asset, together)) d_.emit(DepositCredited{id});
    }
  }

  void finalize(const RecentBlock& block) {
    for (const SpendId id : block.spends) {
      const Spend& spend = d_.state.spends.at(id);
      if (spend.state == SpendState::mined && spend.height == block.ref.height) settle(spend);
    }
    for (const RecentBlock::Wasted& wasted : block.wasted) nonce_is_gone({wasted.payer, wasted.nonce}, {});
    for (const RecentBlock::Foreign& foreign : block.foreign) nonce_is_gone({foreign.wallet, foreign.nonce}, {});
    for (const CoinId id : block.spent_coins) coin_is_gone(d_.state.coins.at(id));
  }

  // A spend that counts on change of a transaction that can never be mined any more can itself never be mined. And what
  // hangs on its own change neither, and so on.
  void end_what_hangs_on_nothing(ChainId chain) {
    if (!d_.state.of_coins(chain)) return;
    bool found = true;
    while (found) {
      found = false;
      for (const SpendId id : d_.state.open_spends) {
        const Spend& spend = d_.state.spends.at(id);
        if (done_.contains(id) || spend.state == SpendState::mined || spend.inputs.empty()) continue;
        const auto needed = std::span(spend.inputs).first(spend.in_all_attempts);
        if (std::ranges::none_of(needed, [&](CoinId coin) { return never_comes(d_.state.coins.at(coin)); })) continue;
        supersede(spend);
        found = true;
      }
    }
  }

 private:
  static std::uint32_t depth_for(const Asset& asset, Amount amount) {
    return HF_PLANTED(tiers_ignored) ? 0 : deposit_depth(asset, amount);
  }

  void settle(const Spend& spend) {
    done_.insert(spend.id);
    d_.emit(SpendSettled{spend.id});
    if (!spend.success) give_back(spend, Reason::failed_on_chain);
    if (spend.inputs.empty()) {  // of coins: those that the mined transaction really spends
      for (const WalletNonce& own : own_nonces(d_.state, spend)) nonce_is_gone(own, spend.id);
    }
    if (const auto gas = gas_nonce(spend); gas && spend.payer) nonce_is_gone(*gas, spend.id);
    if (!spend.payer) fill_gas_nonce(spend);
  }

  // An attempt from before its spend was extended leaves the coins that joined later unspent.
  void coin_is_gone(const Coin& coin) {
    const auto owner = d_.state.spend_by_txid.find(coin.spent_by);
    const bool done = owner != d_.state.spend_by_txid.end() && d_.state.spends.at(owner->second).mined_txid == coin.spent_by;
    nonce_is_gone({coin.wallet, coin.id.value}, done ? owner->second : SpendId{});
  }

  // Whether a coin whose block is gone is of an own transaction in whose place another one is final.
  bool never_comes(const Coin& coin) const {
    if (HF_PLANTED(child_outlives_parent)) return false;
    const auto parent = d_.state.spend_by_txid.find(coin.outpoint.txid);
    if (coin.state != CoinState::orphaned || parent == d_.state.spend_by_txid.end()) return false;
    const Spend& spend = d_.state.spends.at(parent->second);
    return (ended(spend.state) || done_.contains(spend.id)) && spend.mined_txid != coin.outpoint.txid;
  }

  void supersede(const Spend& spend) {
    done_.insert(spend.id);
    d_.emit(SpendSuperseded{spend.id});
    give_back(spend, reason_for(spend));
  }

  // `used` is final at this nonce; whoever else counted on it must go on without.
  void nonce_is_gone(const WalletNonce& nonce, SpendId used) {
    const auto others = d_.state.spends_by_nonce.find(nonce);
    if (others == d_.state.spends_by_nonce.end()) return;
    for (const SpendId id : others->second) {
      if (id == used || done_.contains(id)) continue;
      const Spend& other = d_.state.spends.at(id);
      if (other.state == SpendState::mined) continue;
      std::vector<WalletNonce> own = own_nonces(d_.state, other);
      // An attempt without those that joined later may still be mined.
      if (!other.inputs.empty()) own.resize(other.in_all_attempts);
      if (std::ranges::find(own, nonce) != own.end()) {
        done_.insert(id);
        d_.emit(SpendSuperseded{id});
        if (!used || gas_nonce(other) != gas_nonce(d_.state.spends.at(used))) fill_gas_nonce(other);
        give_back(other, reason_for(other));
      } else if (other.inputs.empty() && unassigned_.insert(id).second) {
        d_.emit(SpendUnassigned{id});
      }
    }
  }

  Reason reason_for(const Spend& spend) const {
    const bool expired = std::ranges::any_of(withdrawals_of(spend), [&](WithdrawalId id) {
      return d_.state.withdrawals.at(id).approval_expires_at <= d_.now;
    });
    return expired ? Reason::approval_expired : Reason::nonce_superseded;
  }

  void give_back(const Spend& spend, Reason reason) {
    for (const WithdrawalId id : withdrawals_of(spend)) {
      const WithdrawalState state = d_.state.withdrawals.at(id).state;
      const bool ended = state == WithdrawalState::completed || state == WithdrawalState::returned;
      if (!ended) d_.emit(WithdrawalReturned{id, reason});  // an end is an end
    }
  }

  // Somebody else relayed what our owners had signed, or the Safe's nonce is gone. Our own transaction may never be mined
  // now, and everything of the gas wallet waits behind its nonce: use it up.
  void fill_gas_nonce(const Spend& spend) {
    const auto nonce = gas_nonce(spend);
    if (!nonce || nonce->second < d_.state.mined_nonce.at(nonce->first) || !filled_.insert(*nonce).second) return;
    const auto at = d_.state.spends_by_nonce.find(*nonce);
    const bool taken = at != d_.state.spends_by_nonce.end() &&
                       std::any_of(at->second.begin(), at->second.end(),
                                   [&](SpendId id) { return d_.state.spends.at(id).wallet == nonce->first; });
    if (!taken && !HF_PLANTED(gas_nonce_not_filled)) d_.emit(SpendPlanned{filler(d_, *nonce, spend.id, fillers_++)});
  }

  Decision& d_;
  std::set<SpendId> done_;
  std::set<SpendId> unassigned_;
  std::set<WalletNonce> filled_;
  std::uint64_t fillers_ = 0;
};

void unsweep(State& s, const Deposit& deposit) {
  const std::pair<Address, AssetId> key{deposit.address, deposit.asset};
  const auto found = s.unswept.find(key);
  if (found == s.unswept.end()) return;
  found->second -= std::min(found->second, deposit.amount);
  if (found->second.is_zero()) s.unswept.erase(found);
}

void one_less_unfinal(State& s, const Deposit& deposit) {
  const auto found = s.unfinal_deposits.find({s.assets.at(deposit.asset).chain, deposit.address});
  HF_CHECK(found != s.unfinal_deposits.end());
  if (--found->second == 0) s.unfinal_deposits.erase(found);
}

// Of the wallet that holds it: all forwarders of the chain together, or the wallet of coins whose address it is.
AccountId home_account(const State& s, const Deposit& deposit) {
  const ChainId chain = s.assets.at(deposit.asset).chain;
  const DepositAddress* address = s.deposit_address(chain, deposit.address);
  if (address && address->wallet) return wallet_account(address->wallet, deposit.asset);
  const Wallet* forwarders = forwarders_of(s, chain);
  HF_CHECK(forwarders != nullptr);
  return wallet_account(forwarders->id, deposit.asset);
}

}  // namespace

RecentBlock& head_block(State& s, ChainId chain) {
  auto& recent = s.progress.at(chain.value - 1).recent;
  HF_CHECK(!recent.empty());
  return recent.back();
}

Refusal decide(Decision& d, const ConnectBlock& c) {
  if (!d.state.chains.find(c.chain)) return Refusal::chain_unknown;
  if (const auto head = d.state.head(c.chain)) {
    const bool next = c.facts.block.parent == head->hash && c.facts.block.height == head->height + 1;
    if (!next) return Refusal::block_not_next;
  }
  if (!sane(c.facts)) return Refusal::amount_overflows;
  return BlockJudge(d, c).judge();
}

Refusal decide(Decision& d, const DisconnectBlock& c) {
  if (!d.state.chains.find(c.chain)) return Refusal::chain_unknown;
  const ChainProgress& progress = d.state.progress.at(c.chain.value - 1);
  if (progress.recent.size() < 2 || progress.recent.back().ref.hash != c.hash) return Refusal::block_unknown;
  const RecentBlock& block = progress.recent.back();
  BlockUndo(d, c.chain, block, block.ref.height <= progress.final_height).undo();
  return Refusal::none;
}

Refusal decide(Decision& d, const FinalizeBlocks& c) {
  if (!d.state.chains.find(c.chain)) return Refusal::chain_unknown;
  const ChainProgress& progress = d.state.progress.at(c.chain.value - 1);
  if (progress.recent.empty()) return Refusal::block_unknown;
  const std::uint64_t newest = progress.recent.back().ref.height;
  // A block that nobody has seen cannot be final: the follower's words do not fit to what became of its blocks.
  if (c.height > newest) return Refusal::block_unknown;
  const std::uint64_t height = HF_PLANTED(credit_before_final) ? newest : c.height;
  if (height <= progress.final_height) return Refusal::none;
  Finality finality(d);
  finality.credit_deposits(c.chain, height, newest);
  for (const RecentBlock& block : progress.recent) {
    if (block.ref.height > progress.final_height && block.ref.height <= height) finality.finalize(block);
  }
  finality.end_what_hangs_on_nothing(c.chain);
  return d.emit(BlockFinalized{c.chain, height});
}

void apply(State& s, Instant, const BlockConnected& e) {
  RecentBlock block;
  block.ref = e.block;
  s.progress.at(e.chain.value - 1).recent.push_back(std::move(block));
}

void apply(State& s, Instant, const BlockDisconnected& e) {
  ChainProgress& progress = s.progress.at(e.chain.value - 1);
  progress.recent.pop_back();
  HF_CHECK(!progress.recent.empty());
  progress.final_height = std::min(progress.final_height, progress.recent.back().ref.height);
}

void apply(State& s, Instant, const BlockFinalized& e) {
  ChainProgress& progress = s.progress.at(e.chain.value - 1);
  progress.final_height = e.height;
  const auto forgotten = [&](const RecentBlock& block) { return block.ref.height + kRememberedFinalBlocks < e.height; };
  while (progress.recent.size() > 1 && forgotten(progress.recent.front())) progress.recent.pop_front();
}

void apply(State& s, Instant, const DepositSeen& e) {
  s.deposits.add(e.deposit.id, e.deposit);
  post(s, home_account(s, e.deposit), incoming_account(e.deposit.asset), e.deposit.amount);
  const ChainId chain = s.assets.at(e.deposit.asset).chain;
  s.waiting_deposits.insert(e.deposit.id);
  if (!s.of_coins(chain)) s.unswept[{e.deposit.address, e.deposit.asset}] += e.deposit.amount;
  ++s.unfinal_deposits[{chain, e.deposit.address}];
  head_block(s, chain).deposits.push_back(e.deposit.id);
}

void apply(State& s, Instant, const DepositCredited& e) {
  Deposit& deposit = s.deposits.at(e.deposit);
  HF_CHECK(deposit.state == DepositState::seen);
  deposit.state = DepositState::credited;
  s.waiting_deposits.erase(e.deposit);
  post(s, incoming_account(deposit.asset), available_account(deposit.customer, deposit.asset), deposit.amount);
  one_less_unfinal(s, deposit);
}

void apply(State& s, Instant, const DepositOrphaned& e) {
  Deposit& deposit = s.deposits.at(e.deposit);
  HF_CHECK(deposit.state == DepositState::seen);
  deposit.state = DepositState::orphaned;
  s.waiting_deposits.erase(e.deposit);
  post(s, incoming_account(deposit.asset), home_account(s, deposit), deposit.amount);
  unsweep(s, deposit);
  one_less_unfinal(s, deposit);
}

void apply(State& s, Instant, const DepositReversed& e) {
  Deposit& deposit = s.deposits.at(e.deposit);
  HF_CHECK(deposit.state == DepositState::credited);
  deposit.state = DepositState::reversed;
  const AccountId forwarders = home_account(s, deposit);
  post(s, available_account(deposit.customer, deposit.asset), forwarders, e.from_customer);
  post(s, loss_account(e.incident, deposit.asset), forwarders, e.shortfall);
  unsweep(s, deposit);
}

void apply(State& s, Instant, const SurplusFound& e) {
  post(s, wallet_account(e.wallet, e.asset), capital_account(e.asset), e.amount);
  head_block(s, s.wallets.at(e.wallet).chain).adjustments.push_back({e.wallet, e.asset, e.amount, {}});
}

void apply(State& s, Instant, const LossFound& e) {
  post(s, loss_account(e.incident, e.asset), wallet_account(e.wallet, e.asset), e.amount);
  head_block(s, s.wallets.at(e.wallet).chain).adjustments.push_back({e.wallet, e.asset, e.amount, e.incident});
}

void apply(State& s, Instant, const SurplusUndone& e) {
  post(s, capital_account(e.asset), wallet_account(e.wallet, e.asset), e.amount);
}

void apply(State& s, Instant, const LossUndone& e) {
  post(s, wallet_account(e.wallet, e.asset), loss_account(e.incident, e.asset), e.amount);
}

}  // namespace holdfast::custody
