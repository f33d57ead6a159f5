#include "sim/coin_auditor.h"

#include "sim/coin_installation.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::sim {
namespace {

constexpr std::uint32_t kConsolidation = 5;
constexpr std::uint32_t kReserve = 6;

void require(bool holds, std::string_view law, const std::string& what) {
  if (!holds) throw LawBroken{std::string(law), what};
}

std::string raw(ByteView bytes) { return std::string(as_text(bytes)); }

std::string outpoint(const utxo::OutPoint& at) {
  std::string out = raw(at.txid.view());
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(at.vout >> (8 * i)));
  return out;
}

}  // namespace

const custody::Origin* CoinAuditor::own(const std::string& script) const {
  const auto found = coin_scripts().find(to_bytes(as_bytes(script)));
  return found == coin_scripts().end() ? nullptr : &found->second;
}

bool CoinAuditor::is_cold(const std::string& script) const {
  const custody::Origin* origin = own(script);
  return origin != nullptr && origin->wallet == kColdCoins;
}

Id64 CoinAuditor::asset() const { return kBitcoin.value; }

void CoinAuditor::compare_with_chain() const {
  const auto head = ledger_.heads.find(kCoinChain.value);
  if (chain_ == nullptr || head == ledger_.heads.end()) return;
  const CoinBlock* block = chain_->find(Hash32::from(as_bytes(head->second)));
  require(block != nullptr, "5 chain", "the books of coins stand at a block that never was");
  std::map<Id64, Int128> real;
  for (const auto& [at, entry] : block->after->coins) {
    const Id64 wallet = coin_scripts().at(entry.output.script).wallet.value;
    real[wallet] += entry.output.value;
    const auto known = ledger_.unspent.find(outpoint(at));
    require(known != ledger_.unspent.end() && known->second == wallet, "5 chain",
            fmt::format("a coin of wallet {} at block {} is not in the journal", wallet, block->header.height));
  }
  require(ledger_.unspent.size() == block->after->coins.size(), "5 chain",
          fmt::format("the journal has {} coins, block {} has {}", ledger_.unspent.size(), block->header.height,
                      block->after->coins.size()));
  for (const custody::WalletId wallet : {kColdCoins, kQuorum, kCoinKey}) {
    const auto booked = ledger_.wallet_money.find({wallet.value, asset()});
    const Int128 books = booked == ledger_.wallet_money.end() ? 0 : booked->second;
    require(books == real[wallet.value], "5 chain",
            fmt::format("wallet {}: the books say {}, block {} says {}", wallet.value, to_string(books), block->header.height,
                        to_string(real[wallet.value])));
  }
}

void CoinAuditor::judge_credit(const record::Deposit& deposit) const {
  const std::uint64_t head = chain_->block(node_->shown_head()).header.height;
  std::uint64_t depth = finality_depth_;
  for (const auto& tier : ledger_.assets.at(deposit.asset()).deposit_tiers()) {
    if (amount_of(deposit.amount()) >= amount_of(tier.from())) depth = std::max<std::uint64_t>(depth, tier.depth());
  }
  require(deposit.height() + depth <= head, "5 chain", fmt::format("deposit {} is credited before its time", deposit.id()));
  const CoinBlock* block = chain_->containing(Hash32::from(as_bytes(deposit.txid())), chain_->tip());
  require(block != nullptr && block->header.height == deposit.height(), "5 chain",
          fmt::format("deposit {} is credited but not on the chain", deposit.id()));
}

// --- What is signed and sent ----------------------------------------------------------------------------------------

void CoinAuditor::broadcast(ByteView bytes) const {
  const auto spend = ledger_.spend_of_attempt.find(raw(bytes));
  if (spend == ledger_.spend_of_attempt.end()) return;  // the caller says so
  const record::Spend& plan = ledger_.spends.at(spend->second).plan;
  require(plan.purpose() != kReserve || ledger_.compromised.contains(plan.wallet()), "2 intent",
          fmt::format("reserve {} was broadcast though its wallet is sound", plan.id()));
}

void CoinAuditor::requested(const proto::SignRequest& request, Instant now) {
  for (const auto& stated : request.batch()) {
    const auto known = ledger_.withdrawals.find(stated.id());
    const bool valid = known != ledger_.withdrawals.end() && known->second.approved_until_ms > now.unix_ms;
    if (valid) begun_.insert(stated.id());
  }
}

void CoinAuditor::replied(const std::string& signer, const proto::SignRequest& request, bool frozen, Instant now) {
  const auto read = read_coin_psbt(request.unsigned_transaction());
  require(read.has_value() && !read->outputs.empty(), "2 intent", "a signer signed bytes that are no transaction of coins");
  std::size_t foreign = 0;
  for (const auto& [script, amount] : read->outputs) foreign += own(script) == nullptr;
  if (std::ranges::any_of(read->outputs, [&](const auto& output) { return is_cold(output.first); })) {
    judge_rescue(request, *read);
    return;
  }
  if (foreign == 0) {
    const bool burn = request.purpose() == proto::SignRequest::BURN;
    require(!frozen || burn, "6 freeze", signer + " signed a consolidation after it acknowledged a freeze");
    require(read->outputs.size() == 1, "2 intent", signer + " split coins that nobody asked to split");
    return;
  }
  require(!frozen, "6 freeze", signer + " signed a payment of coins after it acknowledged a freeze");
  judge_payment(request, *read, now);
}

// A reserve is of one coin, and needs no incident as long as it is not broadcast.
void CoinAuditor::judge_rescue(const proto::SignRequest& request, const ReadCoins& read) const {
  require(read.outputs.size() == 1, "2 intent", "a rescue pays somebody besides");
  const auto spend = ledger_.spends.find(request.spend());
  const bool reserve = spend != ledger_.spends.end() && spend->second.plan.purpose() == kReserve;
  require(reserve ? read.inputs.size() == 1 : ledger_.incidents > 0, "2 intent", "a rescue of coins was signed without an incident");
}

void CoinAuditor::judge_payment(const proto::SignRequest& request, const ReadCoins& read, Instant now) {
  std::size_t changes = 0;
  for (const auto& [script, amount] : read.outputs) {
    if (own(script) != nullptr) {
      require(++changes == 1, "2 intent", fmt::format("spend {} has two change outputs", request.spend()));
      continue;
    }
    const auto known = ledger_.by_destination.find(script);
    require(known != ledger_.by_destination.end(), "2 intent",
            fmt::format("spend {} pays a script that no withdrawal names", request.spend()));
    const AuditedWithdrawal& withdrawal = ledger_.withdrawals.at(known->second);
    require(withdrawal.asked.asset == asset() && withdrawal.asked.amount == amount, "2 intent",
            fmt::format("withdrawal {} was signed with another asset or amount", known->second));
    require(withdrawal.approved_until_ms > now.unix_ms || begun_.contains(known->second), "2 intent",
            fmt::format("withdrawal {} was signed without a valid approval", known->second));
    pin(known->second, read);
  }
}

// As long as one coin is in all that was ever signed for it, at most one of it can be mined.
void CoinAuditor::pin(Id64 withdrawal, const ReadCoins& read) {
  const std::set<std::string> spends(read.inputs.begin(), read.inputs.end());
  const auto [at, first] = pins_.try_emplace(withdrawal, spends);
  if (!first) std::erase_if(at->second, [&](const std::string& coin) { return !spends.contains(coin); });
  require(!at->second.empty(), "3 once", fmt::format("withdrawal {} was signed into two transactions that can both be mined", withdrawal));
}

// --- The end --------------------------------------------------------------------------------------------------------

void CoinAuditor::judge_chain(std::map<Id64, int>& payments) const {
  if (chain_ == nullptr) return;
  for (const CoinBlock* at = &chain_->block(chain_->tip()); at != nullptr; at = chain_->find(at->header.previous)) {
    for (std::size_t i = 1; i < at->transactions.size(); ++i) judge_spending(*at, i, payments);
  }
  judge_attempts();
}

void CoinAuditor::judge_spending(const CoinBlock& block, std::size_t place, std::map<Id64, int>& payments) const {
  const utxo::Transaction& transaction = block.transactions[place];
  const utxo::Txid& txid = block.txids[place];
  const std::string where = fmt::format("{} at height {}", utxo::display(txid).substr(0, 10), block.header.height);
  const bool ours = std::ranges::any_of(transaction.inputs, [&](const utxo::TxIn& in) {
    const utxo::TxOut* spent = chain_->output(in.previous);
    return spent != nullptr && coin_scripts().contains(spent->script);
  });
  if (!ours) return;
  if (thefts.contains(txid)) {
    require(ledger_.incidents > 0, "2 intent", "coins were stolen and no incident was opened: " + where);
    return;
  }
  const auto attempt = ledger_.spend_of_txid.find(raw(txid.view()));
  require(attempt != ledger_.spend_of_txid.end(), "2 intent", "own coins were spent by what is not in the journal: " + where);
  const record::Spend& plan = ledger_.spends.at(attempt->second).plan;
  for (const utxo::TxOut& output : transaction.outputs) {
    const std::string script = raw(output.script);
    if (const custody::Origin* origin = own(script)) {
      const bool rescue = origin->wallet == kColdCoins;
      require(!rescue || ledger_.incidents > 0, "2 intent", "coins went to cold without an incident: " + where);
      continue;
    }
    const auto paid = ledger_.by_destination.find(script);
    require(paid != ledger_.by_destination.end(), "2 intent",
            fmt::format("spend {} paid a script that no withdrawal names: {}", plan.id(), where));
    require(ledger_.withdrawals.at(paid->second).asked.amount == output.value, "2 intent",
            fmt::format("withdrawal {} was paid with another amount: {}", paid->second, where));
    require(++payments[paid->second] == 1, "3 once", fmt::format("withdrawal {} was paid twice: {}", paid->second, where));
  }
}

// Of all that is durable for a withdrawal, no two can both be mined.
void CoinAuditor::judge_attempts() const {
  std::map<Id64, std::set<std::string>> common;
  for (const auto& [bytes, spend] : ledger_.spend_of_attempt) {
    const auto& batch = ledger_.spends.at(spend).plan.batch();
    if (batch.empty()) continue;
    const auto read = read_coins(bytes);
    require(read.has_value(), "2 intent", fmt::format("an attempt of spend {} is no transaction", spend));
    const std::set<std::string> spends(read->inputs.begin(), read->inputs.end());
    for (const Id64 withdrawal : batch) {
      const auto [at, first] = common.try_emplace(withdrawal, spends);
      if (!first) std::erase_if(at->second, [&](const std::string& coin) { return !spends.contains(coin); });
      require(!at->second.empty(), "3 once", fmt::format("withdrawal {} has two transactions that can both be mined", withdrawal));
    }
  }
}

void CoinAuditor::add_deposits(std::map<AuditLedger::Key, Int128>& arrived) const {
  if (chain_ == nullptr) return;
  for (const CoinBlock* at = &chain_->block(chain_->tip()); at != nullptr; at = chain_->find(at->header.previous)) {
    for (const utxo::Transaction& transaction : at->transactions) {
      for (const utxo::TxOut& output : transaction.outputs) {
        const auto owner = ledger_.deposit_addresses.find(raw(output.script));
        if (owner != ledger_.deposit_addresses.end()) arrived[{owner->second, asset()}] += output.value;
      }
    }
  }
}

bool CoinAuditor::incident_due() const {
  return chain_ != nullptr &&
         std::ranges::any_of(thefts, [&](const utxo::Txid& txid) { return chain_->containing(txid, chain_->tip()) != nullptr; });
}

}  // namespace holdfast::sim
