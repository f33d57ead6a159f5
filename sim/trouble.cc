// What goes wrong in a life (World): power, network, signers, chain, node, and outsiders who meddle.
#include "sim/world.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/safe.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::sim {

void World::power_fails() {
  say("the engine's machine loses power");
  daemon_.crash();
}

void World::power_returns() { daemon_.start(); }

void World::signer_troubles() {
  const std::size_t which = prng_.index(kSigners);
  switch (prng_.below(3)) {
    case 0:
      say("signer " + signer_name(which) + " loses power");
      stations_[which]->crash();
      break;
    case 1:
      network_.set_attached(signer_name(which), false);
      break;
    default:
      network_.set_slow(signer_name(which), prng_.between(1'000, 40'000));
      break;
  }
}

void World::signer_returns() {
  const std::size_t which = prng_.index(kSigners);
  stations_[which]->start();
  network_.set_attached(signer_name(which), true);
  network_.set_slow(signer_name(which), 0);
}

void World::chain_reorganises() {
  if (node_.forged_head) return;  // A shallow lie must stay one.
  const std::uint64_t depth = 1 + prng_.below(4);
  say(fmt::format("reorganisation, {} deep, from height {}", depth, chain_.height()));
  chain_.reorg(depth);
}

void World::pool_forgets() {
  if (!chain_.pool().empty()) chain_.drop(prng_.index(chain_.pool().size()));
}

void World::fees_move() {
  const std::int64_t price = prng_.one_in(4) ? prng_.between(20, 80) : prng_.between(1, 10);
  chain_.set_base_fee(gwei(price));
}

void World::node_falls_behind() { node_.behind = prng_.one_in(2) ? 0 : prng_.below(5); }

// The node shows a branch of its own: other transactions, or none, in blocks that no honest node knows. In a shallow lie
// none of them becomes final; a deep one is told until they do.
void World::node_lies() {
  if (weather_.lie == Lie::none || node_.forged_head) return;
  const bool deep = weather_.lie == Lie::deep && prng_.one_in(2);
  const std::uint64_t safe_length = weather_.finality_depth == 0 ? 3 : weather_.finality_depth;
  const std::uint64_t length = deep ? safe_length + 1 + prng_.below(3) : 1 + prng_.below(safe_length);
  node_.honest_height = chain_.height();
  Hash32 at = chain_.tip();
  for (std::uint64_t i = 0; i < length; ++i) {
    std::vector<PooledTransaction> chosen;
    for (const PooledTransaction& waiting : chain_.pool()) {
      if (prng_.one_in(2)) chosen.push_back(waiting);
    }
    at = chain_.forge(at, std::move(chosen));
  }
  node_.forged_head = at;
  node_.lies_about_finality = deep;
  auditor_.excuses.deep_lie |= deep;
  ++lies_;
  say(fmt::format("the node shows {} forged blocks", length));
}

void World::node_repents() {
  // Only a chain that is longer than the lie makes an honest node of it.
  if (node_.forged_head && chain_.height() >= chain_.block(*node_.forged_head).header.height) node_.forged_head.reset();
}

// Anybody may send what our owners have signed.
void World::outsider_relays() {
  for (const PooledTransaction& seen : chain_.pool()) {
    if (seen.raw.empty() || (seen.body.to != chain_.contracts.safe && seen.body.to != chain_.contracts.module))
      continue;
    PooledTransaction copy;
    copy.body = seen.body;
    copy.body.hash = prng_.bytes<32>();
    copy.body.from = prng_.bytes<20>();
    copy.body.nonce = 0;
    copy.body.max_fee = gwei(50'000);
    copy.body.priority_fee = gwei(60);
    say("an outsider relays our call");
    chain_.submit(std::move(copy));
    return;
  }
}

// Rubbish at the Safe must alarm nobody.
void World::outsider_scribbles() {
  chain::evm::ExecTransaction call;
  call.transaction.to = thief();
  call.transaction.value = milli_ether(1).to_word();
  const auto garbage = prng_.bytes<65>();
  call.signatures = to_bytes(garbage.view());
  pay_outside(chain_.contracts.safe, Amount::zero(), chain::evm::encode_exec_transaction(call), false);
}

// Anybody may empty deposit addresses into the hot wallet.
void World::outsider_flushes() {
  const auto where = deposit_address(1 + prng_.below(customers_), prng_.below(addresses_per_customer_));
  const chain::evm::Flush call{{where.salt}, {token_contract(kDollar)}};
  pay_outside(chain_.contracts.factory, Amount::zero(), chain::evm::encode_flush(call), false);
}

void World::outsider_gives() {
  ++auditor_.excuses.gifts;
  pay_outside(prng_.one_in(2) ? chain_.contracts.safe : chain_.contracts.cold, milli_ether(prng_.between(1, 500)), {},
              false);
}

void World::snapshot_happens() {
  daemon_.write_snapshot();
  if (prng_.one_in(6)) daemon_.shelf.damage();
}

}  // namespace holdfast::sim
