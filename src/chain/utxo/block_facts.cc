#include "chain/utxo/block_facts.h"

#include "chain/utxo/codec/block.h"

#include <map>
#include <vector>

namespace holdfast::chain::utxo {
namespace {

using custody::Address;
using custody::MinedFact;
using custody::State;
using custody::WalletId;

custody::OutPoint to_custody(const OutPoint& outpoint) { return {outpoint.txid, outpoint.vout}; }

// Keeps the outputs that may be ours, and every input, which is settled once the block was read.
class Collector final : public BlockVisitor {
 public:
  struct Output {
    std::size_t transaction = 0;
    std::uint32_t vout = 0;
    std::int64_t value = 0;
    ByteView script;
  };
  struct Input {
    std::size_t transaction = 0;
    OutPoint previous;
  };

  explicit Collector(const OwnScripts& own) : own_(own) {}

  void input(const OutPoint& previous) override { inputs.push_back({transactions.size(), previous}); }
  void output(std::uint32_t vout, std::int64_t value, ByteView script) override {
    if (own_.may_be_ours(script)) outputs.push_back({transactions.size(), vout, value, script});
  }
  void end(const TransactionView& transaction) override { transactions.push_back(transaction); }

  std::vector<TransactionView> transactions;
  std::vector<Output> outputs;
  std::vector<Input> inputs;

 private:
  const OwnScripts& own_;
};

class FactsOfBlock {
 public:
  FactsOfBlock(const Collector& block, const Network& network, custody::ChainId chain, const OwnScripts& own,
               const State& state, PendingCoins& pending)
      : block_(block), network_(network), chain_(chain), own_(own), s_(state), pending_(pending) {}

  Result<custody::BlockFacts> read() {
    for (const Collector::Output& output : block_.outputs) see(output);
    for (const Collector::Input& input : block_.inputs) spend(input);
    for (const auto& [transaction, wallets] : spent_) {
      if (auto told = tell(block_.transactions[transaction], wallets); !told) return Failure(told.error());
    }
    return std::move(facts_);
  }

 private:
  struct Spent {
    std::vector<custody::OutPoint> outpoints;
    Amount amount;
  };
  using ByWallet = std::map<WalletId, Spent>;

  void see(const Collector::Output& output) {
    const Address script(output.script);
    const auto origin = own_.origin_of(s_, script);
    if (!origin || output.value <= 0) return;  // only looked like one of ours
    const TransactionView& transaction = block_.transactions[output.transaction];
    const custody::OutPoint at{transaction.txid, output.vout};
    const Amount amount = Amount::of(output.value);
    const bool heavy = transaction.raw.size() > custody::kHeavyTransaction;
    facts_.coins.push_back({at, script, *origin, amount, transaction.index == 0, heavy});
    pending_.by_outpoint[at] = {origin->wallet, amount};
  }

  void spend(const Collector::Input& input) {
    const custody::OutPoint at = to_custody(input.previous);
    WalletId wallet;
    Amount amount;
    if (const auto fresh = pending_.by_outpoint.find(at); fresh != pending_.by_outpoint.end()) {
      wallet = fresh->second.wallet, amount = fresh->second.amount;
    } else if (const custody::Coin* coin = s_.coin_at(at)) {
      wallet = coin->wallet, amount = coin->amount;
    }
    if (!wallet || s_.wallets.at(wallet).chain != chain_) return;
    Spent& spent = spent_[input.transaction][wallet];
    spent.outpoints.push_back(at);
    spent.amount += amount;
  }

  // One fact for each wallet whose coins it spends. The fee is known when all its coins are ours.
  Result<void> tell(const TransactionView& view, const ByWallet& wallets) {
    const auto transaction = decode_transaction(view.raw, {network_.max_money, true});
    if (!transaction) return Failure(transaction.error());
    const auto native = s_.asset_by_contract(chain_, {});
    if (!native) return {};
    std::size_t own_inputs = 0;
    Int128 in = 0;
    for (const auto& [wallet, spent] : wallets) own_inputs += spent.outpoints.size(), in += spent.amount.units();
    Int128 out = 0;
    for (const TxOut& output : transaction->outputs) out += output.value;
    const bool all_ours = own_inputs == transaction->inputs.size() && in >= out;
    bool first = true;
    for (const auto& [wallet, spent] : wallets) {
      MinedFact fact;
      fact.txid = view.txid;
      fact.sender = wallet;
      fact.spent = spent.outpoints;
      fact.success = true;
      fact.executed = true;
      if (first && all_ours) fact.network_fee = Amount::of(in - out);
      if (first) fact.movements = movements(wallet, *transaction, *native);
      first = false;
      facts_.mined.push_back(std::move(fact));
    }
    return {};
  }

  std::vector<custody::Movement> movements(WalletId from, const Transaction& transaction, custody::AssetId native) const {
    std::vector<custody::Movement> out;
    for (const TxOut& output : transaction.outputs) {
      if (output.value <= 0) continue;
      const bool could_be = own_.may_be_ours(output.script);
      const auto origin = could_be ? own_.origin_of(s_, Address(output.script)) : std::nullopt;
      const WalletId to = origin ? origin->wallet : WalletId{};
      if (to != from) out.push_back({from, to, native, Amount::of(output.value), {}});
    }
    return out;
  }

  const Collector& block_;
  const Network& network_;
  custody::ChainId chain_;
  const OwnScripts& own_;
  const State& s_;
  PendingCoins& pending_;
  custody::BlockFacts facts_;
  std::map<std::size_t, ByWallet> spent_;  // By the transaction's place in the block.
};

}  // namespace

Result<custody::BlockFacts> read_block(ByteView raw, const Network& network, custody::ChainId chain,
                                       const OwnScripts& own, const StateView& view, PendingCoins& pending) {
  Collector block(own);
  if (const auto header = visit_block(raw, block); !header) return Failure(header.error());
  Result<custody::BlockFacts> facts;
  view.read([&](const State& state) { facts = FactsOfBlock(block, network, chain, own, state, pending).read(); });
  return facts;
}

}  // namespace holdfast::chain::utxo
