#include "chain/evm/testing/exchange_world.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/spend_form.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace holdfast::chain::evm {

namespace {

using Json = nlohmann::json;

// The key of anvil's first account, which the whole world knows.
constexpr std::string_view kDeployerKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr std::string_view kDailyLimit = "1000000000000000000000";  // A thousand coins of either.

Secret test_key(std::string_view name) { return Secret::copy_of(keccak256(as_bytes(name)).view()); }

std::vector<Secret> owner_keys() {
  std::vector<Secret> out;
  for (const auto* name : {"test owner 1", "test owner 2", "test owner 3"}) out.push_back(test_key(name));
  return out;
}

struct Deployment {
  Address20 safe, cold, guard, module, factory, implementation;
};

Address20 address_in(const Json& json, const char* name) { return *parse_address(json.at(name).get<std::string>()); }

// tools/deploy.mjs, with its files in a folder that is gone afterwards.
Deployment run_deploy(const std::string& url, const Json& config) {
  std::string folder = (std::filesystem::temp_directory_path() / "holdfast-deploy-XXXXXX").string();
  HF_CHECK(::mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/config.json") << config;
  std::ofstream(folder + "/key") << kDeployerKey;
  run_program({"node", "tools/deploy.mjs", "--rpc", url, "--config", folder + "/config.json", "--key-file", folder + "/key",
               "--out", folder + "/out.json"});
  std::ifstream in(folder + "/out.json");
  const Json made = Json::parse(in);
  std::filesystem::remove_all(folder);
  return {address_in(made, "safe"),   address_in(made, "cold"),    address_in(made, "guard"),
          address_in(made, "module"), address_in(made, "factory"), address_in(made, "forwarderImplementation")};
}

}  // namespace

void Bookkeeper::submit(const custody::Command& command) {
  custody::Events events;
  const custody::Refusal refusal = custody::decide(state, command, now, events);
  if (refusal != custody::Refusal::none) {
    die(fmt::format("custody refused command {}: {}", command.index(), custody::name(refusal)).c_str());
  }
  for (const custody::Event& event : events) custody::apply(state, event);
}

void Bookkeeper::submit(const std::vector<custody::Command>& commands) {
  for (const custody::Command& command : commands) submit(command);
}

ExchangeWorld::ExchangeWorld(Options options)
    : anvil(options.slots_in_an_epoch),
      node(anvil.url(), {}, options.trace),
      builder(kAnvilChainId, node),
      owners(owner_keys()),
      gas_key(test_key("test gas")),
      single_key(test_key("test single")),
      chain{1},
      follower(chain, kAnvilChainId, node, books),
      pool(chain, kAnvilChainId, node, books) {
  single_address = *address_of_key(single_key);
  gas_address = *address_of_key(gas_key);
  deploy();
  register_all(options.finality_depth);
  anvil.send(2, gas_address, milliether(10'000));
  anvil.mine();
  follow();
  HF_CHECK(pool.watch().has_value());  // From here on.
}

void ExchangeWorld::deploy() {
  const Bytes arguments = AbiWriter().bytes(as_bytes("Test")).bytes(as_bytes("TST")).number(18).finish();
  token_contract = anvil.deploy(1, "TestToken", arguments);
  Json hot_owners = Json::array();
  for (const Secret& key : owners) hot_owners.push_back(to_checksum_text(*address_of_key(key)));
  const Json cold_owners = {to_checksum_text(*address_of_key(test_key("test cold")))};
  const Json tokens = {{{"address", to_checksum_text(kNativeAsset)}, {"dailyLimit", kDailyLimit}},
                       {{"address", to_checksum_text(token_contract)}, {"dailyLimit", kDailyLimit}}};
  anvil.call("evm_setAutomine", "[true]");
  const Deployment made = run_deploy(anvil.url(), {{"hot", {{"owners", hot_owners}, {"threshold", 2}}},
                                                   {"cold", {{"owners", cold_owners}, {"threshold", 1}}},
                                                   {"tokens", tokens}});
  anvil.call("evm_setAutomine", "[false]");
  hot_address = made.safe;
  cold_address = made.cold;
  module = made.module;
  factory = made.factory;
  implementation = made.implementation;
}

void ExchangeWorld::register_all(std::uint32_t finality_depth) {
  using namespace custody;
  books.submit(RegisterChain{{chain, "eip155:31337", finality_depth}});
  Asset asset{{1}, chain, "ETH", 18, {}, milliether(1'000'000), milliether(1'000'000), {}, 0};
  books.submit(RegisterAsset{asset});
  asset.symbol = "TST";
  asset.contract = to_custody(token_contract);
  books.submit(RegisterAsset{asset});
  eth = {1};
  token = {2};
  for (std::size_t i = 0; i < owners.size(); ++i) {
    books.submit(RegisterSigner{{{}, fmt::format("signer{}", i + 1), to_custody(*address_of_key(owners[i]))}});
  }
  const auto add = [&](WalletKind kind, std::string name, const Address20& address) {
    Wallet wallet;
    wallet.chain = chain;
    wallet.kind = kind;
    wallet.name = std::move(name);
    wallet.address = to_custody(address);
    if (kind != WalletKind::cold) wallet.cold = cold;
    if (kind == WalletKind::safe) wallet.module = to_custody(module);
    wallet.signer = {1};
    books.submit(RegisterWallet{wallet});
    return WalletId{books.state.wallets.size()};
  };
  cold = add(WalletKind::cold, "cold", cold_address);
  hot = add(WalletKind::safe, "hot", hot_address);
  gas = add(WalletKind::gas, "gas", gas_address);
  single = add(WalletKind::single_key, "single", single_address);
  forwarders = add(WalletKind::forwarders, "deposits", factory);
  books.submit(CreateCustomer{"alice"});
  customer = {1};
}

Address20 ExchangeWorld::deposit_address(std::uint64_t number) {
  const Hash32 salt = deposit_salt(customer.value, number);
  const Address20 address = forwarder_address(factory, implementation, salt);
  books.submit(custody::AssignDepositAddress{{customer, chain, to_custody(address), salt}});
  return address;
}

void ExchangeWorld::follow() {
  for (;;) {
    const auto commands = follower.follow(16);
    if (!commands) die(fmt::format("follow: {} {}", commands.error().code, commands.error().text).c_str());
    if (commands->empty()) break;
    books.submit(*commands);
  }
  custody::check(books.state);
}

void ExchangeWorld::mine() {
  anvil.mine();
  follow();
}

custody::SpendId ExchangeWorld::withdraw(custody::AssetId asset, Amount amount, custody::WalletId wallet,
                                         const Address20& destination) {
  custody::RequestId request;
  request.bytes[0] = static_cast<std::uint8_t>(books.state.withdrawals.size() + 1);
  books.submit(custody::RequestWithdrawal{request, {}, customer, asset, amount, to_custody(destination)});
  books.submit(custody::PlanWithdrawal{{books.state.withdrawals.size()}, wallet});
  return {books.state.spends.size()};
}

custody::SpendId ExchangeWorld::sweep(const std::vector<std::uint64_t>& numbers) {
  std::vector<Hash32> salts;
  for (const std::uint64_t number : numbers) salts.push_back(deposit_salt(customer.value, number));
  books.submit(custody::PlanSweep{forwarders, salts, {eth, token}});
  return {books.state.spends.size()};
}

void ExchangeWorld::fund_hot() {
  const Address20 address = deposit_address(1);
  anvil.send(4, address, milliether(50));
  anvil.send(4, token_contract, {}, mint_call(address, milliether(50)));
  mine();
  mine();
  sign_and_broadcast(sweep({1}));
  mine();
  mine();
}

Bytes mint_call(const Address20& to, Amount amount) {
  return AbiWriter().address(to).amount(amount).finish(selector_of("mint(address,uint256)"));
}

Signature ExchangeWorld::owner_signature(std::size_t index, const Hash32& hash) const { return *sign(owners[index], hash); }

void ExchangeWorld::authorise(custody::SpendId id) {
  const Hash32 intent = *intent_of(kAnvilChainId, books.state, spend(id));
  std::vector<OwnerSignature> signatures;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    signatures.push_back({to_custody(*address_of_key(owners[i])), owner_signature(i, intent)});
  }
  const auto authorisation = builder.combine_owners(books.state, spend(id), signatures, 2);
  if (!authorisation) die("the owners' signatures do not combine");
  books.submit(custody::AuthoriseSpend{id, authorisation->intent, authorisation->bytes});
}

const Secret& ExchangeWorld::payer_key(const custody::Spend& spend) const {
  return spend.wallet == single ? single_key : gas_key;
}

custody::Attempt ExchangeWorld::attempt(custody::SpendId id, const FeeQuote& fees) const {
  const auto unsigned_transaction = builder.build(books.state, spend(id), fees);
  if (!unsigned_transaction) die(fmt::format("build: {}", unsigned_transaction.error().code).c_str());
  const Secret& key = payer_key(spend(id));
  const Signature signature = *sign(key, signing_hash(*decode_unsigned(*unsigned_transaction)));
  const auto made = builder.combine(*unsigned_transaction, signature, to_custody(*address_of_key(key)), books.now);
  if (!made) die("the sender's signature does not combine");
  return *made;
}

void ExchangeWorld::sign_and_broadcast(custody::SpendId id) {
  const bool own_key = spend(id).wallet == single || spend(id).wallet == gas;
  if (!own_key && !spend(id).gas_wallet) books.submit(custody::AssignGas{id, gas});
  const auto fees = builder.quote();
  HF_CHECK(fees.has_value());
  const custody::Attempt made = attempt(id, *fees);
  books.submit(custody::AddAttempt{id, made});
  const auto sent = builder.broadcast(made.raw);
  if (!sent) die(fmt::format("broadcast: {} {}", sent.error().code, sent.error().text).c_str());
}

}  // namespace holdfast::chain::evm
