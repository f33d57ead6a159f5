#include "chain/evm/pool_watch.h"

#include "chain/evm/judge.h"
#include "chain/evm/read_own.h"

namespace holdfast::chain::evm {

Result<std::vector<custody::Command>> EvmPoolWatch::watch() {
  const auto pending = node_.new_pending();
  if (!pending) return Failure(pending.error());
  Own own;
  view_.read([&](const custody::State& state) { own = read_own(state, chain_); });
  const Judge judge(chain_id_, own, view_);
  std::vector<custody::Command> out;
  for (const Transaction& transaction : *pending) {
    for (auto& report : judge.judge(transaction)) out.emplace_back(std::move(report));
  }
  return out;
}

}  // namespace holdfast::chain::evm
