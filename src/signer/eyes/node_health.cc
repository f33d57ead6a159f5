#include "signer/eyes/node_health.h"

#include <fmt/format.h>

namespace holdfast::signer {
namespace {

Failure behind(std::uint64_t height, std::int64_t by_ms) {
  return fault("node_behind", fmt::format("block {} is its newest, {} seconds old", height, by_ms / kMsPerSecond));
}

}  // namespace

Failure node_down(const Error& error) { return fault("node_down", fmt::format("{}: {}", error.code, error.text)); }

Failure watch_failure(const Error& error) {
  const bool own = error.code == "node_down" || error.code == "node_behind" || error.code == "wrong_chain" || error.code == "chain_moved";
  return own ? Failure(error) : node_down(error);
}

Result<chain::evm::Header> healthy_head(chain::evm::Node& node, std::uint64_t chain_id, std::int64_t max_behind_ms, Instant now) {
  const auto id = node.chain_id();
  if (!id) return node_down(id.error());
  if (*id != chain_id) return fault("wrong_chain", fmt::format("the node serves chain {}, not {}", *id, chain_id));
  const auto head = node.head();
  if (!head) return node_down(head.error());
  if (now - head->time > max_behind_ms) return behind(head->height, now - head->time);
  return *head;
}

Result<chain::utxo::Header> healthy_head(chain::utxo::Node& node, const chain::utxo::Network& network, std::int64_t max_behind_ms,
                                         Instant now) {
  const auto info = node.info();
  if (!info) return node_down(info.error());
  if (chain::utxo::display(info->genesis) != network.genesis) {
    return fault("wrong_chain", fmt::format("the node's first block is not that of {}", network.name));
  }
  const auto best = node.best();
  if (!best) return node_down(best.error());
  if (info->initial_download || now - best->time > max_behind_ms) return behind(best->height, now - best->time);
  return *best;
}

}  // namespace holdfast::signer
