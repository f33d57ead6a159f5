// What a block means: deposits, own transactions, and whether the chain holds what the books say.
//
// Within one block the order of booking is: what the chain holds more than is explained, deposits, own transactions in
// the block's order, what it holds less. So no account passes below zero on the way, and undoing runs exactly backwards.
#include "base/planted.h"
#include "custody/coins.h"
#include "custody/handlers.h"
#include "custody/value.h"
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
    deposit.from = fact.from;
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

void apply(State& s, Instant at, const BlockConnected& e) {
  RecentBlock block;
  block.ref = e.block;
  block.seen_at = at;
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

void apply(State& s, Instant at, const DepositCredited& e) {
  Deposit& deposit = s.deposits.at(e.deposit);
  HF_CHECK(deposit.state == DepositState::seen);
  deposit.state = DepositState::credited;
  deposit.credited_at = at;
  deposit.value = value_of(s.assets.at(deposit.asset), deposit.amount);
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
