#include "chain/evm/mined.h"

#include "base/planted.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/safe.h"

#include <algorithm>

namespace holdfast::chain::evm {

using custody::MinedFact;
using custody::Movement;

namespace {

// One time that an own Safe did something: at its owners' order, or at its module's.
struct Execution {
  custody::WalletId safe;
  bool by_owners = true;
  bool success = false;
  Hash32 intent;
  std::uint32_t log_index = 0;  // Of its event: what it moved was logged before.
};

Amount product(std::uint64_t gas, Amount price) {
  if (gas != 0 && price.units() > kInt128Max / static_cast<Int128>(gas)) return Amount::max();
  return Amount::of(price.units() * static_cast<Int128>(gas));
}

// One transaction of the block, turned into facts.
class TransactionJudge {
 public:
  TransactionJudge(std::uint64_t chain_id, const BlockEvidence& evidence, const Own& own, const Transaction& transaction)
      : chain_id_(chain_id), evidence_(evidence), own_(own), transaction_(transaction) {
    const OwnWallet* sender = own.wallet(transaction.from);
    sender_ = sender && sender->has_key() ? sender : nullptr;
    find_executions();
  }

  void judge(std::vector<MinedFact>& out) {
    facts_.resize(std::max<std::size_t>(1, executions_.size()));
    for (std::size_t i = 0; i < executions_.size(); ++i) describe_execution(facts_[i], executions_[i]);
    if (executions_.empty()) describe_plain(facts_[0]);
    if (sender_) describe_sender(facts_[0]);
    add_token_movements();
    add_native_movements();
    for (MinedFact& fact : facts_) {
      fact.txid = transaction_.hash;
      const bool ours = fact.sender || fact.safe || moves_forwarders(fact);
      if (ours) out.push_back(std::move(fact));
    }
  }

 private:
  const Receipt* receipt() const {
    const auto found = evidence_.receipts.find(transaction_.hash);
    return found == evidence_.receipts.end() ? nullptr : &found->second;
  }

  void find_executions() {
    for (const Log& log : evidence_.executed) {
      const OwnWallet* safe = own_.wallet(log.address);
      if (log.txid != transaction_.hash || !safe || log.topics.size() != 2) continue;
      executions_.push_back({safe->id, true, log.topics[0] == execution_success_topic(), log.topics[1], log.index});
    }
    for (const Log& log : evidence_.module_executed) {
      if (log.txid == transaction_.hash) add_module_execution(log);
    }
    std::ranges::sort(executions_, {}, &Execution::log_index);
  }

  // The module logs once for each asset; together they are one evacuation.
  void add_module_execution(const Log& log) {
    const OwnWallet* safe = own_.wallet(log.address);
    if (!safe) return;
    const auto known = std::ranges::find_if(executions_, [&](const Execution& e) { return !e.by_owners && e.safe == safe->id; });
    if (known != executions_.end()) {
      known->log_index = std::max(known->log_index, log.index);
      return;
    }
    executions_.push_back({safe->id, false, true, evacuation_intent(*safe), log.index});
  }

  // Zero when another contract carried the order: then it is known by its transaction, or not at all.
  Hash32 evacuation_intent(const OwnWallet& safe) const {
    const auto call = read_evacuation(transaction_.input);
    if (!call || transaction_.to != safe.module) return {};
    return evacuation_hash(chain_id_, safe.module, call->evacuation);
  }

  void describe_execution(MinedFact& fact, const Execution& execution) const {
    fact.safe = execution.safe;
    fact.intent = execution.intent;
    fact.executed = execution.by_owners;
    fact.success = execution.success;
  }

  void describe_plain(MinedFact& fact) const {
    fact.success = !receipt() || receipt()->success;  // without a receipt: an outsider's flush, known by its logs
    const OwnWallet* called = transaction_.to ? own_.wallet(*transaction_.to) : nullptr;
    const bool undone_exec = sender_ && called && called->kind == custody::WalletKind::safe &&
                             read_exec_transaction(transaction_.input).has_value();
    if (!undone_exec) return;
    fact.safe = called->id;  // Reverted: the Safe's nonce is as it was.
    fact.success = false;
  }

  void describe_sender(MinedFact& fact) const {
    fact.sender = sender_->id;
    fact.sender_nonce = transaction_.nonce;
    const Amount gas_fee = product(receipt()->gas_used, receipt()->effective_gas_price);
    fact.network_fee = Amount::sum(gas_fee, receipt()->extra_fee).value_or(Amount::max());
    if (HF_PLANTED(own_fee_forgotten)) fact.network_fee = {};
  }

  // A movement out of an own wallet or a deposit address; none for a stranger's money.
  std::optional<Movement> movement(const Address20& from, const Address20& to, custody::AssetId asset, Amount amount) const {
    const OwnWallet* payer = own_.wallet(from);
    const bool deposit_address = own_.forwarders && evidence_.deposit_addresses.contains(from);
    if (amount.is_zero() || from == to || (!payer && !deposit_address)) return std::nullopt;
    const OwnWallet* payee = own_.wallet(to);
    Movement out;
    out.from = payer ? payer->id : *own_.forwarders;
    if (payee) out.to = payee->id;
    out.asset = asset;
    out.amount = amount;
    if (!payer) out.source = to_custody(from);
    return out;
  }

  // The first execution of the payer whose event stands behind the log.
  MinedFact& fact_of_log(const Movement& movement, std::uint32_t log_index) {
    for (std::size_t i = 0; i < executions_.size(); ++i) {
      if (executions_[i].safe == movement.from && executions_[i].log_index > log_index) return facts_[i];
    }
    return facts_[0];
  }

  void add_token_movements() {
    for (const Log& log : evidence_.token_transfers) {
      const auto transfer = read_transfer_log(log);
      if (log.txid != transaction_.hash || !transfer) continue;
      if (auto moved = movement(transfer->from, transfer->to, own_.tokens.at(log.address), transfer->amount)) {
        MinedFact& fact = fact_of_log(*moved, log.index);
        if (HF_PLANTED(sweep_counted_twice) && !moved->source.empty()) fact.movements.push_back(*moved);
        fact.movements.push_back(std::move(*moved));
      }
    }
  }

  // A Safe's transaction moves either a token or the coin, and Safes execute in order: so a coin belongs to the first
  // execution that has moved nothing yet. Should that be wrong, the sum over the transaction is right all the same.
  MinedFact& fact_of_coin(const Movement& movement) {
    for (std::size_t i = 0; i < executions_.size(); ++i) {
      const Execution& execution = executions_[i];
      if (execution.safe != movement.from || !execution.success) continue;
      if (!execution.by_owners || facts_[i].movements.empty()) return facts_[i];
    }
    return facts_[0];
  }

  void add_native_movements() {
    if (!own_.native) return;
    if (sender_ && receipt()->success && transaction_.to) {
      if (auto moved = movement(transaction_.from, *transaction_.to, *own_.native, transaction_.value)) {
        facts_[0].movements.push_back(std::move(*moved));
      }
    }
    for (const InternalTransfer& transfer : evidence_.internal) {
      if (transfer.txid != transaction_.hash) continue;
      if (auto moved = movement(transfer.from, transfer.to, *own_.native, transfer.value)) {
        MinedFact& fact = fact_of_coin(*moved);
        fact.movements.push_back(std::move(*moved));
      }
    }
  }

  bool moves_forwarders(const MinedFact& fact) const {
    return std::ranges::any_of(fact.movements, [](const Movement& moved) { return !moved.source.empty(); });
  }

  std::uint64_t chain_id_;
  const BlockEvidence& evidence_;
  const Own& own_;
  const Transaction& transaction_;
  const OwnWallet* sender_ = nullptr;
  std::vector<Execution> executions_;
  std::vector<MinedFact> facts_;
};

}  // namespace

std::vector<MinedFact> judge_mined(std::uint64_t chain_id, const BlockEvidence& evidence, const Own& own) {
  std::vector<MinedFact> out;
  for (const Transaction& transaction : evidence.block.transactions) {
    TransactionJudge(chain_id, evidence, own, transaction).judge(out);
  }
  return out;
}

}  // namespace holdfast::chain::evm
