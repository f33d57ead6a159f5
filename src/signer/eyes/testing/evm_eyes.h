// For tests: a signer's eyes on the small exchange of chain/evm/testing, whose own keys are owner 0, the gas and the
// single-key wallet.
#pragma once

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/testing/exchange_world.h"
#include "signer/eyes/evm_prover.h"
#include "signer/eyes/evm_watcher.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace holdfast::signer::test {

using namespace chain::evm;

struct EvmEyes {
  explicit EvmEyes(ExchangeWorld& of) : world(of), own_node(of.anvil.url()) {
    rule.caip2 = "eip155:31337";
    rule.chain_id = kAnvilChainId;
    rule.cold = world.cold_address;
    rule.factory = world.factory;
    SafeRule safe;
    safe.address = world.hot_address;
    safe.module = world.module;
    for (const Secret& owner : world.owners) safe.owners.push_back(*address_of_key(owner));
    const auto state = read_safe_state(own_node, own_node.head()->hash, safe.address);
    safe.guard = (**state).guard;
    rule.safes = {safe};
    rule.accounts = {{world.gas_address, AccountKind::gas, {}}, {world.single_address, AccountKind::single_key, {}}};
    settings.chain = rule.caip2;
    settings.depth = 1;
    settings.max_behind_ms = kMsPerDay;
  }

  Instant now() { return own_node.head()->time; }

  // What the journal would say of every deposit of the books.
  std::vector<DepositClaim> claims() const {
    std::vector<DepositClaim> out;
    for (const custody::Deposit& deposit : world.books.state.deposits) out.push_back(claim_of(deposit));
    return out;
  }
  DepositClaim claim_of(const custody::Deposit& deposit) const {
    const custody::Asset& asset = world.books.state.assets.at(deposit.asset);
    return {rule.caip2,   to_bytes(deposit.address.view()), to_bytes(asset.contract.view()), deposit.amount,
            deposit.txid, deposit.position,                 deposit.height,                  to_bytes(deposit.from.view())};
  }
  std::vector<Verdict> prove(const std::vector<DepositClaim>& claims) {
    EvmProver prover(own_node, rule, settings);
    const auto out = prover.prove(claims, now());
    if (!out) die(out.error().text.c_str());
    return *out;
  }
  Verdict prove_one(const DepositClaim& claim) { return prove({claim}).front(); }

  std::unique_ptr<EvmWatcher> watcher(std::optional<BlockMark> from = {}) {
    return std::make_unique<EvmWatcher>(own_node, rule, settings, *address_of_key(world.owners[0]),
                                        [this](const Hash32& digest) { return signed_digests.contains(digest); }, from);
  }
  // "what@kind" of each, in their order; "+" behind it when it is mined. Looks until it has caught up.
  std::string look(EvmWatcher& watcher) {
    last.clear();
    clock.unix_ms = std::max(clock.unix_ms + EvmWatcher::kStateEveryMs, now().unix_ms);
    std::string out;
    for (;;) {
      const auto round = watcher.look(clock);
      if (!round) return std::string(round.error().code);
      for (const Sighting& sighting : round->sightings) {
        out += (out.empty() ? "" : " ") + std::string(sighting.what) + "@" + std::string(name(sighting.kind)) + (sighting.height ? "+" : "");
        last.push_back(sighting);
      }
      newest = *round;
      if (round->caught_up) return out;
    }
  }

  ExchangeWorld& world;
  JsonRpcNode own_node;  // A connection of its own, as a signer has.
  ChainRule rule;
  NodeSettings settings;
  std::set<Hash32> signed_digests;
  std::vector<Sighting> last;
  Round newest;
  Instant clock;
};

}  // namespace holdfast::signer::test
