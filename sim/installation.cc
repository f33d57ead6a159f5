#include "sim/installation.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/secp256k1.h"
#include "sim/coin_installation.h"
#include "sim/known_keys.h"

#include <fmt/format.h>

#include <array>

namespace holdfast::sim {

using namespace custody;

namespace {

constexpr std::array<unsigned, 3> kDecimals = {18, 6, 8};

Address20 place(std::uint8_t last) {
  Address20 out;
  out.bytes.fill(0xa0);
  out.bytes.back() = last;
  return out;
}

Secret known_key(std::uint8_t byte) { return Secret::copy_of(Bytes(32, byte)); }

std::vector<Secret> accounts_of(std::size_t signer) {
  std::vector<Secret> out;
  out.push_back(Secret::copy_of((signer < 2 ? gas_key(signer) : hot_key()).reveal()));
  return out;
}

Amount power_of_ten(unsigned exponent) {
  Int128 out = 1;
  for (unsigned i = 0; i < exponent; ++i) out *= 10;
  return Amount::of(out);
}

Asset asset(AssetId id, std::string symbol, Amount auto_max, Amount max, Amount fee, std::uint64_t micro_usd) {
  Asset out;
  out.chain = kChain;
  out.symbol = std::move(symbol);
  out.decimals = static_cast<std::uint8_t>(kDecimals[id.value - 1]);
  if (id != kEther) out.contract = chain::evm::to_custody(token_contract(id));
  out.auto_approve_max = auto_max;
  out.withdrawal_max = max;
  out.withdrawal_fee = fee;
  out.price_micro_usd = micro_usd;
  return out;
}

Wallet wallet(WalletKind kind, std::string name, const Address20& address) {
  Wallet out;
  out.chain = kChain;
  out.kind = kind;
  out.name = std::move(name);
  out.address = chain::evm::to_custody(address);
  if (kind != WalletKind::cold && kind != WalletKind::forwarders) out.cold = kColdWallet;
  return out;
}

}  // namespace

const std::string& signer_name(std::size_t signer) {
  static const std::array<std::string, kSigners> kNames = {"alpha", "beta", "gamma"};
  return kNames.at(signer);
}

const Secret& owner_key(std::size_t signer) {
  static const std::array<Secret, kSigners> kKeys = {known_key(1), known_key(2), known_key(3)};
  return kKeys.at(signer);
}

const Secret& gas_key(std::size_t signer) {
  static const std::array<Secret, 2> kKeys = {known_key(11), known_key(12)};
  return kKeys.at(signer);
}

const Secret& hot_key() {
  static const Secret kKey = known_key(21);
  return kKey;
}

Address20 address_of(const Secret& key) { return *chain::evm::address_of_key(key); }

const signer::Keys& key_ring(std::size_t signer) {
  static const std::array<KnownKeys, kSigners> kRings = {
      KnownKeys(*signer::KeyRing::of(known_key(1), accounts_of(0), seed_entropy(0)), coin_master(0)),
      KnownKeys(*signer::KeyRing::of(known_key(2), accounts_of(1), seed_entropy(1)), coin_master(1)),
      KnownKeys(*signer::KeyRing::of(known_key(3), accounts_of(2), seed_entropy(2)), coin_master(2))};
  return kRings.at(signer);
}

const journal::LogKey& log_key() {
  static const journal::LogKey kKey = journal::LogKey::from_seed(known_key(31), "holdfast.example/sim");
  return kKey;
}

const journal::LogKey& witness_key(std::size_t signer) {
  static const std::array<journal::LogKey, kSigners> kKeys = {
      journal::LogKey::from_seed(known_key(41), "holdfast.example/alpha"), journal::LogKey::from_seed(known_key(42), "holdfast.example/beta"),
      journal::LogKey::from_seed(known_key(43), "holdfast.example/gamma")};
  return kKeys.at(signer);
}

signer::FollowRules follow_rules(std::size_t signer) {
  signer::FollowRules out{log_key().verifier(), {}};
  for (std::size_t i = 0; i < kSigners; ++i) {
    if (i != signer) out.witnesses.others.push_back(journal::WitnessKey::of(witness_key(i)));
  }
  out.witnesses.max_age_ms = 10 * 60 * kMsPerSecond;
  return out;
}

signer::AuthorityLimits unbounded() { return {Amount::max(), Amount::max(), Amount::max(), Amount::max(), 2}; }

Address20 token_contract(AssetId asset) { return place(static_cast<std::uint8_t>(0x20 + asset.value)); }
Address20 thief() { return place(0x66); }

Contracts contracts() {
  Contracts out;
  out.chain_id = kChainNumber;
  out.safe = place(1);
  out.module = place(2);
  out.factory = place(3);
  out.implementation = place(4);
  out.cold = place(5);
  for (std::size_t i = 0; i < kSigners; ++i) out.owners.push_back(address_of(owner_key(i)));
  out.tokens = {token_contract(kDollar), token_contract(kCoin)};
  out.fake_token = place(0x30);
  out.splitter = place(0x31);
  return out;
}

EvmState genesis() {
  EvmState out;
  const Contracts standing = contracts();
  out.accounts[standing.safe].balance = milli_ether(500'000);
  out.accounts[address_of(gas_key(0))].balance = milli_ether(50'000);
  out.accounts[address_of(gas_key(1))].balance = milli_ether(50'000);
  out.accounts[address_of(hot_key())].balance = milli_ether(100'000);
  for (std::size_t i = 0; i < kSigners; ++i) out.accounts[address_of(owner_key(i))].balance = milli_ether(1'000);
  for (const AssetId id : {kDollar, kCoin}) {
    out.tokens[{token_contract(id), standing.safe}] = units(id, 1'000'000'000);
    out.tokens[{token_contract(id), address_of(hot_key())}] = units(id, 200'000'000);
  }
  return out;
}

const std::string& policy_text() {
  static const std::string kText = fmt::format(R"(
[[windows]]
name = "customer_day"
keys = ["customer"]
length = "24h"

[[windows]]
name = "platform_hour"
keys = ["platform"]
length = "1h"

[[windows]]
name = "destination_ever"
keys = ["destination"]
length = "ever"

[[rules]]
name = "enormous"
when = 'value > usd("21000")'
then = "deny"
reason = "more than is ever paid"
severity = "critical"

[[rules]]
name = "new_and_large"
when = '!destination_ever.known && value > usd("9000")'
then = "step up"
reason = "much, to an address that was never paid"
severity = "low"

[[limits]]
name = "customer_limit"
window = "customer_day"
sum = "{}"
then = "review 1 risk"
reason = "a customer's day"
severity = "medium"

[[limits]]
name = "pace_limit"
window = "platform_hour"
count = {}
then = "delay {}s"
reason = "everybody's hour"
severity = "medium"

[[detectors]]
name = "hasty"
when = 'customer_day.count >= 9'
reason = "one customer, again and again"
severity = "high"
scope = "customer"
steps = ["review 1 compliance", "review 2 risk", "freeze"]
decay = "1h"
)", kCustomerDayUsd, kPlatformHourCount, kPaceDelayMs / 1'000);
  return kText;
}

std::vector<Command> registration(std::uint32_t finality_depth) {
  std::vector<Command> out;
  const Contracts standing = contracts();
  out.push_back(RegisterChain{{{}, "eip155:31337", finality_depth}});
  out.push_back(
      RegisterAsset{asset(kEther, "ETH", milli_ether(1'000), milli_ether(10'000), milli_ether(1), 2'000'000'000)});
  out.push_back(RegisterAsset{
      asset(kDollar, "USDT", units(kDollar, 1'000'000), units(kDollar, 10'000'000), units(kDollar, 1'000), 1'000'000)});
  out.push_back(RegisterAsset{asset(kCoin, "COIN", units(kCoin, 100'000), units(kCoin, 1'000'000), Amount::zero(), 0)});
  for (std::size_t i = 0; i < kSigners; ++i) {
    out.push_back(RegisterSigner{{{}, signer_name(i), chain::evm::to_custody(standing.owners[i])}});
  }
  out.push_back(RegisterWallet{wallet(WalletKind::cold, "cold", standing.cold)});
  Wallet safe = wallet(WalletKind::safe, "safe", standing.safe);
  safe.module = chain::evm::to_custody(standing.module);
  out.push_back(RegisterWallet{safe});
  for (std::size_t i = 0; i < 2; ++i) {
    Wallet gas = wallet(WalletKind::gas, "gas " + signer_name(i), address_of(gas_key(i)));
    gas.signer = {i + 1};
    out.push_back(RegisterWallet{gas});
  }
  Wallet hot = wallet(WalletKind::single_key, "hot", address_of(hot_key()));
  hot.signer = {3};
  out.push_back(RegisterWallet{hot});
  out.push_back(RegisterWallet{wallet(WalletKind::forwarders, "deposits", standing.factory)});
  out.push_back(ProposePolicy{"everyday", to_bytes(as_bytes(policy_text())), "anna"});
  out.push_back(ApprovePolicy{{1}, "bert"});
  out.push_back(ActivatePolicy{{1}, "anna"});
  return out;
}

signer::Policy policy(std::size_t signer, bool tight, bool coins) {
  const Contracts standing = contracts();
  signer::ChainRule chain;
  chain.caip2 = "eip155:31337";
  chain.chain_id = kChainNumber;
  chain.cold = standing.cold;
  chain.factory = standing.factory;
  chain.max_fee = gwei(5'000);
  chain.max_priority_fee = gwei(5'000);
  chain.max_gas = 20'000'000;
  chain.safes = {{standing.safe, standing.module, place(9), standing.owners, standing.threshold}};
  const std::int64_t share = tight ? 3 : 10;
  chain.assets = {
      {chain::evm::kNativeAsset, "ETH", 18, milli_ether(1'000 * share), milli_ether(10'000'000), unbounded()},
      {token_contract(kDollar), "USDT", 6, units(kDollar, 1'000'000 * share), units(kDollar, 10'000'000'000), unbounded()},
      {token_contract(kCoin), "COIN", 8, units(kCoin, 100'000 * share), units(kCoin, 1'000'000'000), unbounded()}};
  if (signer < 2)
    chain.accounts = {{address_of(gas_key(signer)), signer::AccountKind::gas, milli_ether(1'000'000'000)}};
  else
    chain.accounts = {{address_of(hot_key()), signer::AccountKind::single_key, milli_ether(1'000'000'000)}};
  signer::Policy out;
  out.name = signer_name(signer);
  out.chains = {chain};
  if (coins) out.coin_chains = {coin_rule(signer, tight)};
  return out;
}

DepositAddress deposit_address(std::uint64_t customer, std::uint64_t number) {
  const Contracts standing = contracts();
  DepositAddress out;
  out.customer = {customer};
  out.chain = kChain;
  out.salt = chain::evm::deposit_salt(customer, number);
  out.address =
      chain::evm::to_custody(chain::evm::forwarder_address(standing.factory, standing.implementation, out.salt));
  return out;
}

Amount milli_ether(std::int64_t count) { return Amount::of(Int128{count} * 1'000'000'000'000'000); }
Amount gwei(std::int64_t count) { return Amount::of(Int128{count} * 1'000'000'000); }

Amount units(AssetId asset, std::int64_t thousandths) {
  return Amount::of(power_of_ten(kDecimals[asset.value - 1]).units() / 1'000 * thousandths);
}

}  // namespace holdfast::sim
