#include "chain/evm/read_deposits.h"

#include <algorithm>
#include <map>

namespace holdfast::chain::evm {

Result<DepositReading> read_deposits(Node& node, const BlockEvidence& evidence, const Own& own) {
  const std::vector<Touched> touched = touched_deposits(evidence, own);
  if (touched.empty()) return DepositReading{};
  std::vector<BalanceQuery> queries;
  for (const auto& [address, asset] : touched) {
    const auto of_asset = std::ranges::find(own.assets, asset, &OwnAsset::id);
    queries.push_back({address, of_asset->contract});
  }
  const auto before = node.balances(evidence.block.header.parent, queries);
  if (!before) return Failure(before.error());
  const auto after = node.balances(evidence.block.header.hash, queries);
  if (!after) return Failure(after.error());
  if (before->size() != touched.size() || after->size() != touched.size()) return fault("node_answer_malformed", "balances");
  DepositReading out;
  std::map<Touched, BalanceChange> changes;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    BalanceChange& change = changes[touched[i]];
    if ((*before)[i] && (*after)[i]) {
      change = {*(*before)[i], *(*after)[i]};
    } else {
      out.unread.push_back(touched[i]);
    }
  }
  out.facts = judge_deposits(evidence, own, changes);
  return out;
}

}  // namespace holdfast::chain::evm
