#include "apps/daemon/registration.h"

#include <algorithm>

namespace holdfast::daemon {
namespace {

using namespace custody;

Result<void> submit(engine::Submitter& submitter, const Command& command, const std::string& what) {
  const auto outcome = submitter.submit({&command, 1}).front();
  if (outcome.refusal == Refusal::none) return {};
  return refuse("config_conflict", what + ": " + std::string(explain(outcome.refusal)));
}

// Which facts of a wallet the file tells otherwise than the journal; empty for one that is not known yet.
std::string changed_facts(const Wallet& known, const Wallet& wanted) {
  std::string out;
  const auto compare = [&](bool same, std::string_view name) {
    if (!same) out.append(out.empty() ? "" : ", ").append(name);
  };
  compare(known.kind == wanted.kind, "kind");
  compare(known.cold == wanted.cold, "cold");
  compare(known.signer == wanted.signer, "signer");
  compare(known.module == wanted.module, "module");
  compare(known.guard == wanted.guard, "guard");
  const bool same_text = known.output_descriptor == wanted.output_descriptor;
  const bool same_address = known.address == wanted.address;
  compare(same_address || !same_text, "address");
  compare(same_text, same_address ? "descriptor (of the same first address, but not the same text)" : "descriptor");
  return out;
}

template <class Table, class Match>
auto id_where(const Table& table, Match match) {
  const auto found = std::find_if(table.begin(), table.end(), match);
  return found == table.end() ? decltype(found->id){} : found->id;
}

class Registration {
 public:
  Registration(engine::Submitter& submitter, const chain::StateView& view, const NonceOf& nonce_of)
      : submitter_(submitter), view_(view), nonce_of_(nonce_of) {}

  Result<void> chain(const ChainConfig& config) {
    return submit(submitter_, RegisterChain{{{}, config.caip2, config.finality_depth, config.family}}, "chain " + config.caip2);
  }

  Result<void> asset(const AssetConfig& config) {
    Asset asset = config.asset;
    asset.chain = chain_id(config.chain);
    return submit(submitter_, RegisterAsset{asset}, "asset " + asset.symbol + " of " + config.chain);
  }

  Result<void> signer(const Signer& signer) { return submit(submitter_, RegisterSigner{signer}, "signer " + signer.name); }

  Result<void> wallet(const WalletConfig& config) {
    Wallet wallet = config.wallet;
    wallet.chain = chain_id(config.chain);
    bool known = false;
    std::string changed;
    bool of_coins = false;
    view_.read([&](const State& state) {
      of_coins = state.of_coins(wallet.chain);
      wallet.cold = id_where(state.wallets, [&](const Wallet& w) { return w.chain == wallet.chain && w.name == config.cold; });
      wallet.signer = id_where(state.signers, [&](const Signer& s) { return s.name == config.signer; });
      const WalletId id = id_where(state.wallets, [&](const Wallet& w) { return w.chain == wallet.chain && w.name == wallet.name; });
      known = bool(id);
      if (known) changed = changed_facts(state.wallets.at(id), wallet);
    });
    if (!config.cold.empty() && !wallet.cold) return refuse("config_conflict", "wallet " + wallet.name + ": no wallet " + config.cold);
    if (!changed.empty()) {
      return refuse("config_conflict", "wallet " + wallet.name + " of " + config.chain + " is registered already, with another " + changed +
                                           "; what it is can never change: restore the line, or give the new wallet a new name");
    }
    if (!known && !config.signer.empty() && !of_coins) {
      const auto nonce = nonce_of_(config.chain, wallet.address);
      if (!nonce) return std::unexpected(nonce.error());
      wallet.next_nonce = *nonce;
    }
    return submit(submitter_, RegisterWallet{wallet}, "wallet " + wallet.name + " of " + config.chain);
  }

 private:
  ChainId chain_id(const std::string& caip2) const {
    ChainId id;
    view_.read([&](const State& state) { id = id_where(state.chains, [&](const Chain& c) { return c.caip2 == caip2; }); });
    return id;
  }

  engine::Submitter& submitter_;
  const chain::StateView& view_;
  const NonceOf& nonce_of_;
};

// Cold wallets first: the others name them.
std::vector<WalletConfig> in_order(std::vector<WalletConfig> wallets) {
  std::stable_partition(wallets.begin(), wallets.end(), [](const WalletConfig& w) { return w.wallet.kind == WalletKind::cold; });
  return wallets;
}

}  // namespace

Result<void> register_all(const Config& config, engine::Submitter& submitter, const chain::StateView& view,
                          const NonceOf& nonce_of) {
  Registration registration(submitter, view, nonce_of);
  for (const ChainConfig& chain : config.chains) {
    if (auto done = registration.chain(chain); !done) return done;
  }
  for (const AssetConfig& asset : config.assets) {
    if (auto done = registration.asset(asset); !done) return done;
  }
  for (const Signer& signer : config.signers) {
    if (auto done = registration.signer(signer); !done) return done;
  }
  for (const WalletConfig& wallet : in_order(config.wallets)) {
    if (auto done = registration.wallet(wallet); !done) return done;
  }
  return {};
}

}  // namespace holdfast::daemon
