#include "signer/eyes/open_eyes.h"

#include "chain/evm/json_rpc_node.h"
#include "chain/utxo/node/rpc_node.h"
#include "signer/eyes/coin_prover.h"
#include "signer/eyes/coin_watcher.h"
#include "signer/eyes/evm_prover.h"
#include "signer/eyes/evm_watcher.h"

namespace holdfast::signer {
namespace {

class EvmEyes final : public Eyes {
 public:
  EvmEyes(const ChainRule& rule, const NodeSettings& settings, const Address20& owner, WasSigned was_signed,
          std::optional<BlockMark> from)
      : rule_(rule), settings_(settings), node_(settings.url, {}, settings.trace), prover_(node_, rule_, settings_),
        watcher_(node_, rule_, settings_, owner, std::move(was_signed), from) {}
  DepositProver& prover() override { return prover_; }
  Watcher& watcher() override { return watcher_; }

 private:
  ChainRule rule_;
  NodeSettings settings_;
  chain::evm::JsonRpcNode node_;
  EvmProver prover_;
  EvmWatcher watcher_;
};

class CoinEyes final : public Eyes {
 public:
  CoinEyes(const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed, CoinReach reach, std::optional<BlockMark> from)
      : rule_(rule), settings_(settings), node_({{settings.url, settings.cookie}, {}, true}), prover_(node_, rule_, settings_),
        watcher_(node_, rule_, settings_, std::move(was_signed), std::move(reach), from) {}
  DepositProver& prover() override { return prover_; }
  Watcher& watcher() override { return watcher_; }

 private:
  CoinChainRule rule_;
  NodeSettings settings_;
  chain::utxo::RpcNode node_;
  CoinProver prover_;
  CoinWatcher watcher_;
};

}  // namespace

std::unique_ptr<Eyes> open_eyes(const ChainRule& rule, const NodeSettings& settings, const Address20& owner, WasSigned was_signed,
                                std::optional<BlockMark> from) {
  return std::make_unique<EvmEyes>(rule, settings, owner, std::move(was_signed), from);
}

std::unique_ptr<Eyes> open_eyes(const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed, CoinReach reach,
                                std::optional<BlockMark> from) {
  return std::make_unique<CoinEyes>(rule, settings, std::move(was_signed), std::move(reach), from);
}

}  // namespace holdfast::signer
