#include "sim/coin_installation.h"

#include "base/hex.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/psbt/sign_input.h"
#include "signer/keys/keys.h"
#include "sim/installation.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace holdfast::sim {

using namespace custody;
using chain::utxo::ExtendedPublicKey;

namespace {

constexpr std::size_t kSeeds = 8;
constexpr std::uint32_t kReceiving = 80;
constexpr std::uint32_t kChanges = 500;
constexpr std::string_view kQuorumPath = "48h/1h/0h/2h";
constexpr std::string_view kSinglePath = "84h/1h/0h";
constexpr std::size_t kHotSeed = 2;

ExtendedPublicKey account(std::size_t seed, std::string_view path) {
  return *utxo::neuter(*utxo::derive(coin_master(seed), *utxo::parse_path(path)));
}

std::string key_text(std::size_t seed, std::string_view path) {
  const auto master = *utxo::neuter(coin_master(seed));
  return "[" + to_hex(utxo::fingerprint_of(master.key).view()) + "/" + std::string(path) + "]" +
         to_text(account(seed, path), coin_network()) + "/<0;1>/*";
}

std::string quorum_text(unsigned threshold, std::size_t from, std::size_t keys) {
  std::string out = "wsh(sortedmulti(" + std::to_string(threshold);
  for (std::size_t i = 0; i < keys; ++i) out += "," + key_text(from + i, kQuorumPath);
  return out + "))";
}

const std::string& descriptor_text(WalletId wallet) {
  static const std::array<std::string, 3> kTexts = {quorum_text(3, 3, 5), quorum_text(2, 0, 3),
                                                    "wpkh(" + key_text(kHotSeed, kSinglePath) + ")"};
  return kTexts.at(wallet.value - kColdCoins.value);
}

void add_scripts(std::map<Bytes, Origin>& out, WalletId wallet, unsigned threshold, std::vector<ExtendedPublicKey> accounts) {
  for (std::uint32_t branch = 0; branch < 2; ++branch) {
    std::vector<ExtendedPublicKey> parents;
    for (const ExtendedPublicKey& one : accounts) parents.push_back(*utxo::derive(one, branch));
    const std::uint32_t count = wallet == kColdCoins ? 1 - branch : branch == 0 ? kReceiving : kChanges;
    for (std::uint32_t index = 0; index < count; ++index) {
      std::vector<utxo::PublicKey33> keys;
      for (const ExtendedPublicKey& parent : parents) keys.push_back(utxo::derive(parent, index)->key);
      std::ranges::sort(keys);
      const Bytes script = threshold == 0 ? utxo::p2wpkh_script(utxo::hash160(keys.front().view()))
                                          : utxo::p2wsh_script(utxo::multisig_script(threshold, keys));
      out[script] = {wallet, branch, index};
    }
  }
}

std::map<Bytes, Origin> make_scripts() {
  std::map<Bytes, Origin> out;
  std::vector<ExtendedPublicKey> cold;
  std::vector<ExtendedPublicKey> quorum;
  for (std::size_t i = 0; i < 3; ++i) quorum.push_back(account(i, kQuorumPath));
  for (std::size_t i = 3; i < kSeeds; ++i) cold.push_back(account(i, kQuorumPath));
  add_scripts(out, kColdCoins, 3, cold);
  add_scripts(out, kQuorum, 2, quorum);
  add_scripts(out, kCoinKey, 0, {account(kHotSeed, kSinglePath)});
  return out;
}

Wallet wallet(WalletId id, WalletKind kind, std::string name) {
  Wallet out;
  out.chain = kCoinChain;
  out.kind = kind;
  out.name = std::move(name);
  out.address = Address(coin_script(id, 0, 0));
  out.output_descriptor = descriptor_text(id);
  if (kind != WalletKind::cold) out.cold = kColdCoins;
  if (kind == WalletKind::single_key) out.signer = {kHotSeed + 1};
  return out;
}

const utxo::Descriptor& descriptor(WalletId id) {
  static const std::array<utxo::Descriptor, 3> kParsed = {
      *utxo::Descriptor::parse(descriptor_text(kColdCoins), coin_network()),
      *utxo::Descriptor::parse(descriptor_text(kQuorum), coin_network()),
      *utxo::Descriptor::parse(descriptor_text(kCoinKey), coin_network())};
  return kParsed.at(id.value - kColdCoins.value);
}

}  // namespace

const utxo::Network& coin_network() { return **utxo::network_by_name("bitcoin-regtest"); }

Secret seed_entropy(std::size_t seed) {
  return Secret::copy_of(Bytes(signer::kSeedEntropySize, static_cast<std::uint8_t>(0x51 + seed)));
}

const utxo::ExtendedSecretKey& coin_master(std::size_t seed) {
  static std::map<std::size_t, utxo::ExtendedSecretKey> kept;
  const auto found = kept.find(seed);
  return found != kept.end() ? found->second : kept.emplace(seed, *signer::master_of_entropy(seed_entropy(seed))).first->second;
}

const std::map<Bytes, Origin>& coin_scripts() {
  static const std::map<Bytes, Origin> kScripts = make_scripts();
  return kScripts;
}

const Bytes& coin_script(WalletId id, std::uint32_t branch, std::uint32_t index) {
  using Place = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;
  static const std::map<Place, Bytes> kByPlace = [] {
    std::map<Place, Bytes> out;
    for (const auto& [script, origin] : coin_scripts()) out[{origin.wallet.value, origin.branch, origin.index}] = script;
    return out;
  }();
  return kByPlace.at({id.value, branch, index});
}

std::set<Bytes> own_coin_scripts() {
  std::set<Bytes> out;
  for (const auto& [script, origin] : coin_scripts()) out.insert(script);
  return out;
}

std::vector<Command> coin_registration(std::uint32_t finality_depth) {
  Asset asset;
  asset.chain = kCoinChain;
  asset.symbol = "BTC";
  asset.decimals = 8;
  asset.auto_approve_max = Amount::of(50'000'000);
  asset.withdrawal_max = Amount::of(2'000'000'000);
  asset.withdrawal_fee = Amount::of(5'000);
  asset.withdrawal_min = Amount::of(1'000);
  asset.price_micro_usd = 60'000'000'000;
  asset.deposit_tiers = {{Amount::of(100'000'000), finality_depth + 2}};
  return {RegisterChain{{{}, std::string(coin_network().caip2), finality_depth, ChainFamily::coins}},
          RegisterAsset{asset},
          RegisterWallet{wallet(kColdCoins, WalletKind::cold, "cold coins")},
          RegisterWallet{wallet(kQuorum, WalletKind::multisig, "quorum")},
          RegisterWallet{wallet(kCoinKey, WalletKind::single_key, "coin key")}};
}

signer::CoinChainRule coin_rule(std::size_t of, bool tight) {
  signer::CoinChainRule out;
  out.caip2 = coin_network().caip2;
  out.network = &coin_network();
  out.cold = descriptor_text(kColdCoins);
  out.cold_script = coin_script(kColdCoins, 0, 0);
  out.per_withdrawal = Amount::of(tight ? 150'000'000 : 2'000'000'000);
  out.per_day = Amount::of(10'000'000'000'000);
  out.authority = unbounded();
  out.max_fee = Amount::of(500'000'000);
  out.fees_per_day = Amount::of(1'000'000'000'000);
  out.max_feerate = 1'000;
  out.rescue_max_feerate = 100'000;
  out.wallets.push_back({"quorum", signer::CoinWalletKind::multisig, descriptor(kQuorum), {}});
  if (of == kHotSeed) out.wallets.push_back({"coin key", signer::CoinWalletKind::single_key, descriptor(kCoinKey), {}});
  return out;
}

std::optional<utxo::Transaction> sign_stolen(const std::vector<StolenCoin>& coins, const std::vector<utxo::TxOut>& outputs,
                                             const std::vector<std::size_t>& seeds) {
  utxo::Psbt psbt;
  psbt.version = utxo::PsbtVersion::v2;
  for (const StolenCoin& coin : coins) {
    const Origin& origin = coin_scripts().at(coin.output.script);
    utxo::PsbtInput input;
    input.previous = coin.at;
    input.sequence = utxo::kSequenceReplaceable;
    input.witness_utxo = coin.output;
    input.non_witness_utxo = coin.previous;
    describe(input, *descriptor(origin.wallet).derive(origin.branch, origin.index));
    psbt.inputs.push_back(std::move(input));
  }
  for (const utxo::TxOut& out : outputs) {
    psbt.outputs.emplace_back();
    psbt.outputs.back().value = out.value;
    psbt.outputs.back().script = out.script;
  }
  for (const std::size_t seed : seeds) static_cast<void>(sign_psbt(psbt, coin_master(seed)));
  const auto done = finalize(psbt);
  if (!done) return std::nullopt;
  const auto transaction = extract(*done);
  return transaction ? std::optional(*transaction) : std::nullopt;
}

}  // namespace holdfast::sim
