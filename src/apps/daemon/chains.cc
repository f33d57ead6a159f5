#include "apps/daemon/chains.h"

#include "chain/evm/builder.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/follower.h"
#include "chain/evm/json_rpc_node.h"
#include "chain/evm/pool_watch.h"
#include "chain/utxo/builder.h"
#include "chain/utxo/follower.h"
#include "chain/utxo/node/rpc_node.h"
#include "chain/utxo/pool_watch.h"
#include "chain/utxo/wallet/descriptor.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

namespace holdfast::daemon {
namespace {

using chain::evm::Address20;
using chain::evm::JsonRpcNode;
using chain::utxo::Descriptor;
using chain::utxo::RpcNode;
using custody::ChainId;
using custody::CustomerId;
using custody::DepositAddress;
using custody::State;

constexpr std::string_view kEip155 = "eip155:";
constexpr std::int64_t kFollowPauseMs = 25;
constexpr std::int64_t kFollowCoinsPauseMs = 100;
constexpr int kWatchPauseMs = 2;
constexpr int kWatchCoinsPauseMs = 50;

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

Result<std::uint64_t> eip155_id(const std::string& caip2) {
  std::uint64_t id = 0;
  if (caip2.starts_with(kEip155)) {
    const char* end = caip2.data() + caip2.size();
    const auto parsed = std::from_chars(caip2.data() + kEip155.size(), end, id);
    if (parsed.ec == std::errc() && parsed.ptr == end && id != 0) return id;
  }
  return refuse("config_conflict", caip2 + ": chains are named like \"eip155:1\" or \"bip122:000000000019d6689c085ae165831e93\"");
}

ChainId chain_id(const chain::StateView& view, const std::string& caip2) {
  ChainId id;
  view.read([&](const State& state) {
    for (const custody::Chain& chain : state.chains) {
      if (chain.caip2 == caip2) id = chain.id;
    }
  });
  return id;
}

Result<ChainParts> open_accounts(const ChainConfig& chain, const chain::StateView& view) {
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
  parts.follow_pause_ms = kFollowPauseMs;
  parts.wait_for_pool = [] { sleep_ms(kWatchPauseMs); };
  return parts;
}

// A node that publishes its pool over ZeroMQ wakes us at once; any other is asked every so often.
void wait_for_news(RpcNode& node) {
  if (!node.wait_for_news(kWatchCoinsPauseMs) && !node.is_listening()) return sleep_ms(kWatchCoinsPauseMs);
  sleep_ms(kWatchPauseMs);
}

Result<ChainParts> open_coins(const ChainConfig& chain, const chain::StateView& view) {
  const auto network = chain::utxo::network_by_caip2(chain.caip2);
  if (!network) return std::unexpected(network.error());
  const auto connect = [&](bool listen) {
    return std::make_shared<RpcNode>(chain::utxo::RpcNodeSettings{{chain.node, chain.coins.cookie}, {}, listen});
  };
  const auto following = connect(false);
  const auto watching = connect(true);
  const auto building = connect(false);
  chain::utxo::BuilderOptions options;
  options.plan.max_feerate = chain.coins.max_feerate;
  options.plan.long_term_feerate = chain.coins.long_term_feerate;
  if (chain.coins.batch_wait_ms) options.plan.batch_wait_ms = static_cast<std::int64_t>(*chain.coins.batch_wait_ms);
  ChainParts parts;
  parts.id = chain_id(view, chain.caip2);
  parts.caip2 = chain.caip2;
  parts.follower = std::make_unique<chain::utxo::UtxoFollower>(parts.id, **network, *following, view);
  parts.watch = std::make_unique<chain::utxo::UtxoPoolWatch>(parts.id, **network, *watching, view);
  parts.builder = std::make_unique<chain::utxo::UtxoBuilder>(parts.id, **network, *building, options);
  parts.connections = {following, watching, building};
  parts.follow_pause_ms = kFollowCoinsPauseMs;
  parts.wait_for_pool = [watching] { wait_for_news(*watching); };
  return parts;
}

using ChainAddresses = std::function<Result<DepositAddress>(CustomerId, std::uint64_t number)>;

ChainAddresses forwarders(const ChainConfig& chain, ChainId id) {
  return [id, factory = Address20::from(chain.factory.view()),
          implementation = Address20::from(chain.forwarder_implementation.view())](
             CustomerId customer, std::uint64_t number) -> Result<DepositAddress> {
    const Hash32 salt = chain::evm::deposit_salt(customer.value, number);
    const Address20 address = chain::evm::forwarder_address(factory, implementation, salt);
    return DepositAddress{customer, id, custody::Address(address.view()), salt};
  };
}

const custody::Wallet* wallet_named(const State& state, ChainId chain, const std::string& name) {
  const auto found = std::find_if(state.wallets.begin(), state.wallets.end(),
                                  [&](const custody::Wallet& wallet) { return wallet.chain == chain && wallet.name == name; });
  return found == state.wallets.end() ? nullptr : &*found;
}

// The receiving branch of the chain's deposit wallet. Its descriptor is parsed once; deriving takes no lock.
class ReceivingScripts {
 public:
  ReceivingScripts(const chain::StateView& view, ChainId chain, custody::WalletId wallet, Descriptor descriptor)
      : view_(view), chain_(chain), wallet_(wallet), descriptor_(std::move(descriptor)) {}

  Result<DepositAddress> operator()(CustomerId customer, std::uint64_t number) const {
    std::uint64_t known = 0;
    std::optional<DepositAddress> there;
    DepositAddress next{customer, chain_, {}, {}, wallet_, 0};
    bool compromised = false;
    view_.read([&](const State& state) {
      const custody::Wallet& wallet = state.wallets.at(wallet_);
      next.index = wallet.next_receive;
      compromised = bool(wallet.compromised_by);
      const auto scripts = state.receiving_scripts.find({customer, chain_});
      if (scripts == state.receiving_scripts.end()) return;
      known = scripts->second.size();
      if (number < known) there = *state.deposit_address(chain_, scripts->second[number]);
    });
    if (there) return *there;
    if (number > known) return refuse("number_skips", "addresses are numbered without gaps");
    if (compromised) return refuse("wallet_compromised", "the wallet of deposits is compromised: nobody should pay into it");
    const auto output = descriptor_.derive(0, next.index);
    if (!output) return std::unexpected(output.error());
    next.address = custody::Address(output->script_pubkey);
    return next;
  }

 private:
  const chain::StateView& view_;
  ChainId chain_;
  custody::WalletId wallet_;
  Descriptor descriptor_;
};

ChainAddresses none(const std::string& why) {
  return [why](CustomerId, std::uint64_t) -> Result<DepositAddress> { return refuse("chain_unknown", why); };
}

ChainAddresses receiving_scripts(const ChainConfig& chain, ChainId id, const chain::StateView& view) {
  custody::Wallet wallet;
  view.read([&](const State& state) {
    if (const auto* known = wallet_named(state, id, chain.coins.deposits)) wallet = *known;
  });
  const auto network = chain::utxo::network_by_caip2(chain.caip2);
  if (!wallet.id || !network) return none("no wallet of this chain takes deposits");
  auto descriptor = Descriptor::parse(wallet.output_descriptor, **network);
  if (!descriptor) return none(descriptor.error().text);
  return ReceivingScripts(view, id, wallet.id, std::move(*descriptor));
}

}  // namespace

Result<std::vector<ChainParts>> open_chains(const Config& config, const chain::StateView& view) {
  std::vector<ChainParts> out;
  for (const ChainConfig& chain : config.chains) {
    const bool coins = chain.family == custody::ChainFamily::coins;
    auto parts = coins ? open_coins(chain, view) : open_accounts(chain, view);
    if (!parts) return std::unexpected(parts.error());
    out.push_back(std::move(*parts));
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
  std::map<ChainId, ChainAddresses> by_chain;
  for (const ChainConfig& chain : config.chains) {
    const ChainId id = chain_id(view, chain.caip2);
    const bool coins = chain.family == custody::ChainFamily::coins;
    by_chain[id] = coins ? receiving_scripts(chain, id, view) : forwarders(chain, id);
  }
  return [by_chain = std::move(by_chain)](CustomerId customer, ChainId id, std::uint64_t number) -> Result<DepositAddress> {
    const auto source = by_chain.find(id);
    if (source != by_chain.end()) return source->second(customer, number);
    return refuse("chain_unknown", "this chain is not in the configuration any more");
  };
}

}  // namespace holdfast::daemon
