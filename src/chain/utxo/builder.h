// Plans, builds, combines and broadcasts transactions of a chain of the Bitcoin family: the Builder port over a Node.
#pragma once

#include "chain/port.h"
#include "chain/utxo/coin_planner.h"
#include "chain/utxo/node/node.h"
#include "chain/utxo/spend_form.h"

#include <map>

namespace holdfast::chain::utxo {

struct BuilderOptions {
  CoinPlanOptions plan;
  unsigned target_blocks = 3;  // Within which a payment should be mined.
};

// `network` and `node` have to outlive it. Only quote(), prepare() and broadcast() use the node. One thread drives it.
class UtxoBuilder final : public Builder {
 public:
  UtxoBuilder(custody::ChainId chain, const Network& network, Node& node, BuilderOptions options)
      : chain_(chain), node_(node), options_(options), wallets_(network) {}

  // What the node expects; when it has seen too little to say, what the long term costs. At least its floor, at most the
  // ceiling of the options.
  Result<FeeQuote> quote() override;
  // An eighth more and 1 sat/vB, in rate and in sum, so that BIP 125's rules 3 and 4 hold; at least the quote's rate.
  FeeQuote bump(const FeeQuote& previous, const FeeQuote& quoted) const override;
  // Refusals: those of form_of().
  Result<Bytes> build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const override;
  std::vector<custody::Command> plan(const custody::State& state, const PlanInput& input) const override;
  // The node's pool holds an older attempt of a payment that has or can have a child, or of a consolidation.
  bool is_bump_in_vain(const custody::State& state, const custody::Spend& spend) const override;
  Amount rate_of(const custody::State& state, const custody::Spend& spend) const override;
  // The transactions of others that own coins of segwit v0 wallets come from: their signers want to see them whole. And which
  // attempts of those that were bumped the node's pool holds: once after each quote(), and when it has refused one.
  Result<void> prepare(const StateView& view) override;
  // Refusals: `quorum_missing`, and those of reading and finalising PSBTs.
  Result<custody::Command> complete(const custody::State& state, const custody::Spend& spend, ByteView unsigned_transaction,
                                    const std::vector<SignerAnswer>& answers, std::size_t needed, Instant now) const override;
  // Faults: `underpriced`, and those of the node.
  Result<void> broadcast(ByteView raw) override;

 private:
  struct Needed {
    Txid txid;
    std::uint64_t height = 0;
    friend auto operator<=>(const Needed&, const Needed&) = default;
  };
  std::vector<Needed> missing(const custody::State& state) const;
  Result<void> fetch(const Needed& needed);
  struct Bumped {
    custody::SpendId spend;
    std::vector<Txid> attempts;  // The newest first.
  };
  Result<void> look_at_pool(const StateView& view);

  custody::ChainId chain_;
  Node& node_;
  BuilderOptions options_;
  Wallets wallets_;
  std::map<Txid, Transaction> previous_;
  std::int64_t relay_feerate_ = 1000;
  std::int64_t market_feerate_ = 0;
  OlderInPool older_;
  bool look_at_pool_ = true;
};

}  // namespace holdfast::chain::utxo
