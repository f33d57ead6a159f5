#include "apps/daemon/chains.h"

#include "chain/evm/builder.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/follower.h"
#include "chain/evm/json_rpc_node.h"
#include "chain/evm/pool_watch.h"

#include <algorithm>
#include <charconv>

namespace holdfast::daemon {
namespace {

using chain::evm::Address20;
using chain::evm::JsonRpcNode;

constexpr std::string_view kEip155 = "eip155:";

Result<std::uint64_t> eip155_id(const std::string& caip2) {
  std::uint64_t id = 0;
  if (caip2.starts_with(kEip155)) {
    const char* end = caip2.data() + caip2.size();
    const auto parsed = std::from_chars(caip2.data() + kEip155.size(), end, id);
    if (parsed.ec == std::errc() && parsed.ptr == end && id != 0) return id;
  }
  return refuse("config_conflict", caip2 + ": chains are named like \"eip155:1\"");
}

custody::ChainId chain_id(const chain::StateView& view, const std::string& caip2) {
  custody::ChainId id;
  view.read([&](const custody::State& state) {
    for (const custody::Chain& chain : state.chains) {
      if (chain.caip2 == caip2) id = chain.id;
    }
  });
  return id;
}

}  // namespace

Result<std::vector<ChainParts>> open_chains(const Config& config, const chain::StateView& view) {
  std::vector<ChainParts> out;
  for (const ChainConfig& chain : config.chains) {
    const auto eip155 = eip155_id(chain.caip2);
    if (!eip155) return std::unexpected(eip155.error());
    const auto connect = [&] { return std::make_shared<JsonRpcNode>(chain.node); };
    const auto following = connect();
    const auto watching = connect();
    const auto building = connect();
    ChainParts parts;
    parts.id = chain_id(view, chain.caip2);
    parts.caip2 = chain.caip2;
    parts.follower = std::make_unique<chain::evm::EvmFollower>(parts.id, *eip155, *following, view);
    parts.watch = std::make_unique<chain::evm::EvmPoolWatch>(parts.id, *eip155, *watching, view);
    parts.builder = std::make_unique<chain::evm::EvmBuilder>(*eip155, *building);
    parts.connections = {following, watching, building};
    out.push_back(std::move(parts));
  }
  return out;
}

NonceOf nonce_source(const Config& config) {
  return [&config](const std::string& caip2, const custody::Address& account) -> Result<std::uint64_t> {
    const auto chain = std::find_if(config.chains.begin(), config.chains.end(), [&](const ChainConfig& c) { return c.caip2 == caip2; });
    if (chain == config.chains.end()) return refuse("config_conflict", "a wallet names the unknown chain " + caip2);
    return JsonRpcNode(chain->node).nonce(Address20::from(account.view()));
  };
}

AddressSource address_source(const Config& config, const chain::StateView& view) {
  return [&config, &view](custody::CustomerId customer, custody::ChainId id, std::uint64_t number) -> Result<custody::DepositAddress> {
    for (const ChainConfig& chain : config.chains) {
      if (chain_id(view, chain.caip2) != id) continue;
      const Hash32 salt = chain::evm::deposit_salt(customer.value, number);
      const Address20 address = chain::evm::forwarder_address(Address20::from(chain.factory.view()),
                                                              Address20::from(chain.forwarder_implementation.view()), salt);
      return custody::DepositAddress{customer, id, custody::Address(address.view()), salt};
    }
    return refuse("chain_unknown", "this chain is not in the configuration any more");
  };
}

}  // namespace holdfast::daemon
