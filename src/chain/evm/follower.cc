#include "chain/evm/follower.h"

#include "chain/evm/block_evidence.h"
#include "chain/evm/judge.h"
#include "chain/evm/mined.h"
#include "chain/evm/read_deposits.h"
#include "chain/evm/read_own.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::chain::evm {

using custody::BlockRef;
using custody::Command;

struct EvmFollower::Known {
  Own own;
  std::vector<BlockRef> recent;  // Oldest first.
  std::uint64_t final_height = 0;
  std::uint32_t finality_depth = 0;
};

namespace {

BlockRef ref_of(const Header& header) { return {header.height, header.hash, header.parent, header.time}; }

}  // namespace

Result<std::vector<Command>> EvmFollower::follow(std::size_t limit) {
  if (auto checked = check_chain_id(); !checked) return Failure(checked.error());
  const Known known = look();
  const auto head = node_.head();
  if (!head) return Failure(head.error());
  std::vector<Command> out;
  Result<BlockRef> newest;
  if (known.recent.empty()) {
    newest = connect_block(known, *head, out);
  } else {
    newest = unwind(known, head->height, out);
    if (newest) newest = connect(known, *newest, *head, limit, out);
  }
  if (!newest) return Failure(newest.error());
  if (auto finalized = finalize(known, *newest, out); !finalized) return Failure(finalized.error());
  return out;
}

EvmFollower::Known EvmFollower::look() const {
  Known known;
  view_.read([&](const custody::State& state) {
    known.own = read_own(state, chain_);
    known.finality_depth = state.chains.at(chain_).finality_depth;
    if (chain_.value > state.progress.size()) return;
    const custody::ChainProgress& progress = state.progress[chain_.value - 1];
    known.final_height = progress.final_height;
    for (const custody::RecentBlock& block : progress.recent) known.recent.push_back(block.ref);
  });
  return known;
}

AddressSet EvmFollower::deposits_among(const AddressSet& candidates) const {
  AddressSet out;
  view_.read([&](const custody::State& state) {
    for (const Address20& candidate : candidates) {
      if (state.deposit_address(chain_, to_custody(candidate))) out.insert(candidate);
    }
  });
  return out;
}

Result<void> EvmFollower::check_chain_id() {
  if (chain_checked_) return {};
  const auto id = node_.chain_id();
  if (!id) return Failure(id.error());
  if (*id != chain_id_) return fault("wrong_chain", fmt::format("the node serves chain {}, not {}", *id, chain_id_));
  chain_checked_ = true;
  return {};
}

Result<BlockRef> EvmFollower::unwind(const Known& known, std::uint64_t node_height, std::vector<Command>& out) {
  std::vector<Command> disconnects;
  for (auto ref = known.recent.rbegin(); ref != known.recent.rend(); ++ref) {
    const auto there = node_.header_at(ref->height);
    if (!there) return Failure(there.error());
    const bool missing = !there->has_value() || ref->height > node_height;
    if (!missing && (*there)->hash == ref->hash) {
      // Blocks that the node lacks, on top of one that it has: it is behind, nothing was undone.
      const bool only_behind = ref->height == node_height;
      if (only_behind) return known.recent.back();
      std::ranges::move(disconnects, std::back_inserter(out));
      return *ref;
    }
    disconnects.emplace_back(custody::DisconnectBlock{chain_, ref->hash});
  }
  return fault("reorg_too_deep", fmt::format("chain {}: no common block down to height {}", chain_id_, known.recent.front().height));
}

Result<BlockRef> EvmFollower::connect(const Known& known, BlockRef parent, const Header& head, std::size_t limit,
                                      std::vector<Command>& out) {
  for (std::size_t count = 0; count < limit && parent.height < head.height; ++count) {
    const auto header = node_.header_at(parent.height + 1);
    if (!header) return Failure(header.error());
    if (!*header || (*header)->parent != parent.hash) return fault("chain_moved", "the best chain changed meanwhile");
    const auto connected = connect_block(known, **header, out);
    if (!connected) return connected;
    parent = *connected;
  }
  return parent;
}

Result<BlockRef> EvmFollower::connect_block(const Known& known, const Header& header, std::vector<Command>& out) {
  const auto evidence = gather(node_, known.own, [&](const AddressSet& candidates) { return deposits_among(candidates); }, header.hash);
  if (!evidence) return Failure(evidence.error());
  auto deposit_facts = read_deposits(node_, *evidence, known.own);
  if (!deposit_facts) return Failure(deposit_facts.error());
  auto balance_facts = balances(known, header.hash);
  if (!balance_facts) return Failure(balance_facts.error());
  custody::BlockFacts facts;
  facts.block = ref_of(header);
  facts.deposits = std::move(deposit_facts->facts);
  facts.mined = judge_mined(chain_id_, *evidence, known.own);
  facts.balances = std::move(*balance_facts);
  out.emplace_back(custody::ConnectBlock{chain_, std::move(facts)});
  const Judge judge(chain_id_, known.own, view_);
  for (const Transaction& transaction : evidence->block.transactions) {
    for (auto& report : judge.judge_owners(transaction)) out.emplace_back(std::move(report));
  }
  return ref_of(header);
}

Result<std::vector<custody::BalanceFact>> EvmFollower::balances(const Known& known, const Hash32& block) {
  std::vector<BalanceQuery> queries;
  std::vector<custody::BalanceFact> asked;
  for (const OwnWallet& wallet : known.own.wallets) {
    for (const OwnAsset& asset : known.own.assets) {
      queries.push_back({wallet.address, asset.contract});
      asked.push_back({wallet.id, asset.id, {}});
    }
  }
  if (queries.empty()) return asked;
  const auto amounts = node_.balances(block, queries);
  if (!amounts) return Failure(amounts.error());
  if (amounts->size() != asked.size()) return fault("node_answer_malformed", "balances");
  std::vector<custody::BalanceFact> out;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!(*amounts)[i]) continue;  // Not read: zero in its place would look like a loss.
    asked[i].balance = *(*amounts)[i];
    out.push_back(asked[i]);
  }
  return out;
}

Result<void> EvmFollower::finalize(const Known& known, const BlockRef& newest, std::vector<Command>& out) {
  std::uint64_t height = 0;
  if (known.finality_depth != 0) {
    height = newest.height - std::min<std::uint64_t>(newest.height, known.finality_depth);
  } else {
    const auto finalized = node_.finalized();
    if (!finalized) return Failure(finalized.error());
    if (*finalized) height = std::min((*finalized)->height, newest.height);
  }
  const std::uint64_t oldest = known.recent.empty() ? newest.height : known.recent.front().height;
  if (height > known.final_height && height >= oldest) out.emplace_back(custody::FinalizeBlocks{chain_, height});
  return {};
}

}  // namespace holdfast::chain::evm
