#include "chain/utxo/follower.h"

#include "base/hex.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace holdfast::chain::utxo {

using custody::BlockRef;
using custody::Command;

struct UtxoFollower::Known {
  std::vector<BlockRef> recent;  // Oldest first.
  std::uint64_t final_height = 0;
  std::uint32_t finality_depth = 0;
};

namespace {

// What one command brings stands in one block of the journal.
constexpr std::size_t kMaxFirstCoins = 30'000;

BlockRef ref_of(const Header& header) { return {header.height, header.hash, header.previous, header.time}; }

}  // namespace

Result<std::vector<Command>> UtxoFollower::follow(std::size_t limit) {
  if (auto checked = check_once(); !checked) return Failure(checked.error());
  const Known known = look();
  std::vector<Command> out;
  if (known.recent.empty()) {
    const auto started = start(out);
    if (!started) return Failure(started.error());
    return out;
  }
  const auto best = node_.best();
  if (!best) return Failure(best.error());
  if (best->hash == known.recent.back().hash) return out;
  auto newest = unwind(known, best->height, out);
  if (newest) newest = connect(*newest, *best, limit, out);
  if (!newest) return Failure(newest.error());
  finalize(known, *newest, out);
  return out;
}

UtxoFollower::Known UtxoFollower::look() const {
  Known known;
  view_.read([&](const custody::State& state) {
    known.finality_depth = state.chains.at(chain_).finality_depth;
    const custody::ChainProgress& progress = state.progress.at(chain_.value - 1);
    known.final_height = progress.final_height;
    for (const custody::RecentBlock& block : progress.recent) known.recent.push_back(block.ref);
  });
  return known;
}

Result<void> UtxoFollower::check_once() {
  if (checked_) return {};
  if (auto right = check_network(node_, network_.genesis); !right) return right;
  checked_ = true;
  return {};
}

// The scan and the block have to be of the same moment.
Result<BlockRef> UtxoFollower::start(std::vector<Command>& out) {
  if (auto refreshed = own_.refresh(view_); !refreshed) return Failure(refreshed.error());
  const auto best = node_.best();
  if (!best) return Failure(best.error());
  auto coins = coins_before();
  if (!coins) return Failure(coins.error());
  if (coins->size() > kMaxFirstCoins) {
    return fault("too_many_coins", fmt::format("{}: the wallets have {} coins, of which at most {} can be taken over at once; "
                                               "put them together in the old wallet first", network_.name, coins->size(), kMaxFirstCoins));
  }
  const auto still = node_.best();
  if (!still) return Failure(still.error());
  if (still->hash != best->hash) return fault("chain_moved", "the best chain changed while its coins were looked for");
  custody::BlockFacts facts;
  facts.block = ref_of(*best);
  facts.coins = std::move(*coins);
  out.emplace_back(custody::ConnectBlock{chain_, std::move(facts)});
  return ref_of(*best);
}

// Asked for by the scripts themselves: every node knows raw(), few know all descriptors. Whatever is found near the end of
// what was looked for makes it look further: that is the gap of BIP 44, with every wallet's descriptor.
Result<std::vector<custody::CoinFact>> UtxoFollower::coins_before() {
  while (true) {
    std::vector<ScanTarget> targets;
    std::unordered_map<custody::Address, custody::Origin> looked_for = own_.ahead();
    view_.read([&](const custody::State& state) {  // addresses may be handed out before the first block is there
      for (const auto& [at, address] : state.deposit_addresses) {
        if (at.first == chain_) looked_for[at.second] = {address.wallet, 0, address.index};
      }
    });
    for (const auto& [script, origin] : looked_for) targets.push_back({"raw(" + to_hex(script.view()) + ")"});
    std::vector<custody::CoinFact> found;
    if (targets.empty()) return found;
    const auto scanned = node_.scan(targets);
    if (!scanned) return Failure(scanned.error());
    for (const ScannedCoin& coin : scanned->coins) {
      if (coin.output.script.size() > custody::Address::kMaxSize || coin.output.value <= 0) continue;
      const custody::Address script(coin.output.script);
      const auto origin = looked_for.find(script);
      if (origin == looked_for.end()) continue;
      const custody::OutPoint at{coin.outpoint.txid, coin.outpoint.vout};
      found.push_back({at, script, origin->second, Amount::of(coin.output.value), false, false, coin.height});
    }
    const auto further = look_further(found);
    if (!further) return Failure(further.error());
    if (!*further) return found;
  }
}

Result<bool> UtxoFollower::look_further(const std::vector<custody::CoinFact>& found) {
  bool further = false;
  for (const custody::CoinFact& coin : found) {
    custody::Wallet wallet;
    view_.read([&](const custody::State& state) { wallet = state.wallets.at(coin.origin.wallet); });
    const auto reached = own_.found_at(wallet, coin.origin.branch, coin.origin.index);
    if (!reached) return Failure(reached.error());
    further = further || *reached;
  }
  return further;
}

Result<BlockRef> UtxoFollower::unwind(const Known& known, std::uint64_t node_height, std::vector<Command>& out) {
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
  return fault("reorg_too_deep",
               fmt::format("{}: no common block down to height {}", network_.name, known.recent.front().height));
}

Result<BlockRef> UtxoFollower::connect(BlockRef parent, const Header& best, std::size_t limit, std::vector<Command>& out) {
  PendingCoins pending;
  for (std::size_t count = 0; count < limit && parent.height < best.height; ++count) {
    const auto header = node_.header_at(parent.height + 1);
    if (!header) return Failure(header.error());
    if (!*header || (*header)->previous != parent.hash) return fault("chain_moved", "the best chain changed meanwhile");
    auto facts = facts_of(**header, pending);
    if (!facts) return Failure(facts.error());
    parent = ref_of(**header);
    facts->block = parent;
    out.emplace_back(custody::ConnectBlock{chain_, std::move(*facts)});
  }
  return parent;
}

Result<custody::BlockFacts> UtxoFollower::facts_of(const Header& header, PendingCoins& pending) {
  const auto raw = node_.block(header.hash);
  if (!raw) return Failure(raw.error());
  if (!*raw) return fault("block_not_there", "the node does not have the block that it names");
  if (auto refreshed = own_.refresh(view_); !refreshed) return Failure(refreshed.error());  // after the block was fetched
  return read_block(**raw, network_, chain_, own_, view_, pending);
}

void UtxoFollower::finalize(const Known& known, const BlockRef& newest, std::vector<Command>& out) const {
  const std::uint64_t height = newest.height - std::min<std::uint64_t>(newest.height, known.finality_depth);
  const bool remembered = height >= known.recent.front().height;
  if (height > known.final_height && remembered) out.emplace_back(custody::FinalizeBlocks{chain_, height});
}

}  // namespace holdfast::chain::utxo
