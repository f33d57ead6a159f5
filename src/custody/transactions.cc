#include "custody/transactions.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace holdfast::custody {
namespace {

class TransactionsJudge {
 public:
  TransactionsJudge(const State& state, const std::vector<MinedFact>& facts)
      : s_(state), facts_(facts), done_by_(facts.size()) {}

  std::vector<Transaction> judge() {
    for (std::size_t i = 0; i < facts_.size(); ++i) claim(i, by_intent(facts_[i]));
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const Spend* owner = by_txid(facts_[i]);
      if (!done_by_[i] && owner && carries_out(facts_[i], *owner)) claim(i, owner);
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) tell(i);
    return std::move(out_);
  }

 private:
  const Spend* by_txid(const MinedFact& fact) const { return s_.spend_of(fact.txid); }

  const Spend* by_intent(const MinedFact& fact) const {
    const auto found = fact.safe ? s_.spend_by_intent.find(fact.intent) : s_.spend_by_intent.end();
    return found == s_.spend_by_intent.end() ? nullptr : &s_.spends.at(found->second);
  }

  // Whether the spend's own transaction, by being mined, has used up what the spend stands for. A Safe's has not unless
  // the Safe executed: until then its nonce is free, and the same intent may be carried out by another transaction.
  bool ends_when_mined(const Spend& spend) const {
    return s_.wallets.at(spend.wallet).kind != WalletKind::safe || spend.purpose == Purpose::evacuation;
  }

  bool carries_out(const MinedFact& fact, const Spend& spend) const {
    if (ends_when_mined(spend)) return true;
    return fact.executed && fact.safe == spend.wallet && (fact.intent.is_zero() || fact.intent == spend.intent);
  }

  bool can_be_done(const Spend& spend) const {
    return !ended(spend.state) && spend.state != SpendState::mined && !done_.contains(spend.id);
  }

  void claim(std::size_t i, const Spend* spend) {
    if (!spend || !can_be_done(*spend)) return;
    done_.insert(spend->id);
    done_by_[i] = spend;
  }

  // The fact of the same transaction that says who sent it. None: an outsider.
  const MinedFact* sent(const MinedFact& fact) const {
    const auto found = std::find_if(facts_.begin(), facts_.end(),
                                    [&](const MinedFact& other) { return other.txid == fact.txid && other.sender; });
    return found == facts_.end() ? nullptr : &*found;
  }

  // Whether the sender's nonce is the one that the spend counts on.
  bool as_assigned(const Spend& spend, const MinedFact& sent) const {
    if (!spend.inputs.empty()) return sent.sender == spend.wallet;  // the txid commits to the coins
    const WalletNonce used{sent.sender, sent.sender_nonce};
    if (gas_nonce(spend) == used) return true;
    return !spend.gas_wallet && own_nonces(s_, spend) == std::vector{used};
  }

  // A token's transfer may answer false and pay nobody, and the Safe's event says success all the same: a withdrawal of
  // a token has succeeded when the token itself says that the money went.
  bool paid(const Spend& spend, const MinedFact& fact) const {
    if (spend.purpose != Purpose::withdrawal || s_.assets.at(spend.money.asset).native()) return true;
    Amount left;
    for (const Movement& m : fact.movements) {
      if (m.from == spend.wallet && !m.to && m.asset == spend.money.asset) left += m.amount;
    }
    return left >= spend.money.amount;
  }

  // What left the spend's wallet. A withdrawal's movement is known beforehand; what else moved shows in the balances.
  std::vector<Movement> movements(const Spend& spend, bool success, const MinedFact& fact) const {
    std::vector<Movement> out;
    switch (spend.purpose) {
      case Purpose::withdrawal:
        if (success) out.push_back({spend.wallet, {}, spend.money.asset, spend.money.amount, {}});
        break;
      case Purpose::burn:
      case Purpose::consolidation:
        break;
      case Purpose::sweep:
      case Purpose::evacuation:
      case Purpose::reserve:
        std::ranges::copy_if(fact.movements, std::back_inserter(out),
                             [&](const Movement& m) { return m.from == spend.wallet; });
        break;
    }
    return out;
  }

  void tell(std::size_t i) {
    const MinedFact& fact = facts_[i];
    if (done_by_[i]) tell_done(fact, *done_by_[i], fact.success);
    if (fact.sender) tell_sender(fact);
    const bool acted = fact.safe && (fact.executed || fact.success);
    if (acted && !done_by_[i]) out_.push_back({Meaning::foreign, &fact, nullptr, fact.safe, false, {}, {}, {}});
    tell_swept(fact);
  }

  void tell_done(const MinedFact& fact, const Spend& spend, bool carried_out) {
    const bool success = carried_out && paid(spend, fact);
    Transaction done{Meaning::done, &fact, &spend, {}, success, {}, {}, movements(spend, success, fact)};
    const MinedFact* by = by_txid(fact) == &spend ? sent(fact) : nullptr;
    if (by && as_assigned(spend, *by)) done.payer = by->sender, done.network_fee = by->network_fee;
    out_.push_back(std::move(done));
  }

  void tell_sender(const MinedFact& fact) {
    const Spend* owner = by_txid(fact);
    if (!owner) {
      if (s_.wallets.at(fact.sender).kind == WalletKind::cold) return;  // its balance is compared all the same
      out_.push_back({Meaning::foreign, &fact, nullptr, fact.sender, false, {}, {}, {}});
      return;
    }
    bool done = false;
    for (std::size_t i = 0; i < facts_.size(); ++i)
      done = done || (facts_[i].txid == fact.txid && done_by_[i] == owner);
    if (!done && ends_when_mined(*owner) && can_be_done(*owner)) {
      // Something else was done inside of it, and the fact speaks of that. It was not undone, so the spend was done, too.
      done_.insert(owner->id);
      tell_done(fact, *owner, true);
      done = true;
    }
    if (done && as_assigned(*owner, fact)) return;
    out_.push_back({Meaning::wasted, &fact, owner, {}, false, fact.sender, fact.network_fee, {}});
  }

  // Whoever it was, and whatever else the transaction did: the factory sends the money nowhere but to our wallet.
  void tell_swept(const MinedFact& fact) {
    const bool asked_for = std::ranges::any_of(out_, [&](const Transaction& told) {
      return told.fact == &fact && told.meaning == Meaning::done && told.spend->purpose == Purpose::sweep;
    });
    if (asked_for) return;
    Transaction swept{Meaning::swept, &fact, nullptr, {}, true, {}, {}, {}};
    std::ranges::copy_if(fact.movements, std::back_inserter(swept.movements),
                         [](const Movement& m) { return !m.source.empty() && m.to; });
    if (!swept.movements.empty()) out_.push_back(std::move(swept));
  }

  const State& s_;
  const std::vector<MinedFact>& facts_;
  std::vector<const Spend*> done_by_;  // By place of the fact.
  std::set<SpendId> done_;
  std::vector<Transaction> out_;
};

}  // namespace

std::vector<Transaction> judge_transactions(const State& state, const std::vector<MinedFact>& facts) {
  return TransactionsJudge(state, facts).judge();
}

}  // namespace holdfast::custody
