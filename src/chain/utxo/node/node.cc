#include "chain/utxo/node/node.h"

#include <fmt/format.h>

namespace holdfast::chain::utxo {

Result<void> check_network(Node& node, std::string_view genesis, std::string_view chain) {
  const auto info = node.info();
  if (!info) return Failure(info.error());
  if (display(info->genesis) != genesis) {
    return refuse("node_other_network", fmt::format("the node's chain begins with block {}, not with {}",
                                                    display(info->genesis), genesis));
  }
  if (!chain.empty() && info->chain != chain) {
    return refuse("node_other_network", fmt::format("the node calls its chain {}, not {}", info->chain, chain));
  }
  return {};
}

}  // namespace holdfast::chain::utxo
