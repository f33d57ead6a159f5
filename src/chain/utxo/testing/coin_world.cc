#include "chain/utxo/testing/coin_world.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/wallet/address.h"

#include <fmt/format.h>

#include <cstdio>

namespace holdfast::chain::utxo {
namespace {

using namespace custody;

const Network& network_of(Coin coin) {
  return **network_by_name(coin == Coin::bitcoin ? "bitcoin-regtest" : "litecoin-regtest");
}

ExtendedSecretKey master(std::string_view name) {
  Secret seed(32);
  const Hash32 digest = sha256(as_bytes(name));
  std::copy(digest.bytes.begin(), digest.bytes.end(), seed.mutable_data());
  auto made = master_of_seed(seed);
  HF_CHECK(made.has_value());
  return std::move(*made);
}

// [fingerprint/48h/1h/0h/2h]xpub.../<0;1>/*
std::string key_text(const ExtendedSecretKey& key, const Network& network) {
  const auto path = parse_path("48h/1h/0h/2h");
  const auto account = derive(key, *path);
  const auto root = neuter(key);
  const auto shown = neuter(*account);
  HF_CHECK(root && shown);
  return fmt::format("[{}/{}]{}/<0;1>/*", to_hex(fingerprint_of(root->key).view()), to_text(*path), to_text(*shown, network));
}

std::string quorum_text(std::string_view form, unsigned threshold, const std::vector<ExtendedSecretKey>& keys,
                        const Network& network) {
  std::string inside = std::to_string(threshold);
  for (const ExtendedSecretKey& key : keys) inside += "," + key_text(key, network);
  return fmt::format(fmt::runtime(form), inside);
}

std::vector<std::string> with_index(std::vector<std::string> arguments) {
  arguments.emplace_back("-txindex");
  return arguments;
}

BuilderOptions options() {
  BuilderOptions out;
  out.plan.batch_wait_ms = 0;
  return out;
}

}  // namespace

void CoinBooks::submit(const Command& command) {
  const Refusal refusal = ask(command);
  if (refusal != Refusal::none) std::fprintf(stderr, "refused: %s\n", std::string(name(refusal)).c_str());
  HF_CHECK(refusal == Refusal::none);
}

Refusal CoinBooks::ask(const Command& command) {
  Events events;
  const Refusal refusal = decide(state, command, now, events);
  for (const Event& event : events) apply(state, event);
  check(state);
  return refusal;
}

CoinWorld::CoinWorld(Coin coin, HotKind hot_kind, std::uint32_t finality_depth, const std::vector<std::string>& node_arguments)
    : core(coin, with_index(node_arguments)),
      network(network_of(coin)),
      node(core.settings()),
      chain{1},
      single_key(master("single")),
      follower(chain, network, node, books),
      pool(chain, network, node, books),
      builder(chain, network, node, options()) {
  for (int i = 0; i < 3; ++i) owners.push_back(master(fmt::format("owner {}", i)));
  register_all(hot_kind, finality_depth);
  core.mine(101);
  follow();
}

void CoinWorld::register_all(HotKind hot_kind, std::uint32_t finality_depth) {
  books.submit(RegisterChain{{{}, std::string(network.caip2), finality_depth, ChainFamily::coins}});
  Asset coin;
  coin.chain = chain;
  coin.symbol = std::string(network.coin);
  coin.decimals = 8;
  coin.auto_approve_max = coin.withdrawal_max = Amount::of(1'000'000'000'000);
  coin.withdrawal_fee = Amount::of(1'000);
  coin.withdrawal_min = Amount::of(1'000);
  books.submit(RegisterAsset{coin});
  asset = {1};
  for (std::uint8_t i = 1; i <= 3; ++i) {
    const std::array<std::uint8_t, 20> owner{i};
    books.submit(RegisterSigner{{{}, fmt::format("signer-{}", i), Address(owner)}});
  }
  std::vector<ExtendedSecretKey> cold_keys;
  for (int i = 0; i < 5; ++i) cold_keys.push_back(master(fmt::format("cold {}", i)));
  cold = add_wallet(WalletKind::cold, "cold", quorum_text("wsh(sortedmulti({}))", 3, cold_keys, network), {}, {});
  const std::string hot_form =
      hot_kind == HotKind::p2wsh
          ? "wsh(sortedmulti({}))"
          : "tr(" + to_hex(unspendable_internal_key().view()) + ",sortedmulti_a({}))";
  hot = add_wallet(WalletKind::multisig, "hot", quorum_text(hot_form, 2, owners, network), cold, {});
  single = add_wallet(WalletKind::single_key, "old", "wpkh(" + key_text(single_key, network) + ")", cold, {1});
  books.submit(CreateCustomer{"alice"});
  customer = {1};
}

WalletId CoinWorld::add_wallet(WalletKind kind, const std::string& name, const std::string& text, WalletId cold_wallet,
                               SignerId signer) {
  const auto descriptor = Descriptor::parse(text, network);
  HF_CHECK(descriptor.has_value());
  Wallet wallet;
  wallet.chain = chain;
  wallet.kind = kind;
  wallet.name = name;
  wallet.cold = cold_wallet;
  wallet.signer = signer;
  wallet.output_descriptor = descriptor->to_text();
  wallet.address = Address(descriptor->derive(0, 0)->script_pubkey);
  books.submit(RegisterWallet{wallet});
  return {books.state.wallets.size()};
}

std::string CoinWorld::deposit_address() {
  const Wallet& wallet = books.state.wallets.at(hot);
  const auto output = Descriptor::parse(wallet.output_descriptor, network)->derive(0, wallet.next_receive);
  HF_CHECK(output.has_value());
  books.submit(AssignDepositAddress{{customer, chain, Address(output->script_pubkey), {}, hot, wallet.next_receive}});
  return *address_of_script(network, output->script_pubkey);
}

Txid CoinWorld::deposit(std::string_view coins) { return core.pay(deposit_address(), coins); }

void CoinWorld::mine(unsigned blocks) {
  core.mine(blocks);
  follow();
}

void CoinWorld::follow() {
  while (true) {
    const auto commands = follower.follow(32);
    if (!commands) std::fprintf(stderr, "follow: %s\n", commands.error().text.c_str());
    HF_CHECK(commands.has_value());
    if (commands->empty()) return;
    for (const Command& command : *commands) books.submit(command);
  }
}

void CoinWorld::fund(std::string_view coins) {
  deposit(coins);
  mine(4);
}

WithdrawalId CoinWorld::request(std::int64_t satoshi, const std::string& address) {
  RequestWithdrawal command;
  command.request.bytes[0] = static_cast<std::uint8_t>(++requests_);
  command.request.bytes[1] = static_cast<std::uint8_t>(requests_ >> 8);
  command.customer = customer;
  command.asset = asset;
  command.amount = Amount::of(satoshi);
  command.destination = Address(*script_of_address(network, address));
  books.submit(command);
  return {books.state.withdrawals.size()};
}

std::size_t CoinWorld::plan(const std::set<SpendId>& given_up) {
  const auto quote = builder.quote();
  HF_CHECK(quote.has_value() && builder.prepare(books).has_value());
  const auto commands = builder.plan(books.state, {books.now, *quote, given_up});
  for (const Command& command : commands) books.submit(command);
  HF_CHECK(builder.prepare(books).has_value());
  return commands.size();
}

Result<Attempt> CoinWorld::sign(SpendId id, const FeeQuote& fees, const std::vector<std::size_t>& by) {
  const Spend& spend = books.state.spends.at(id);
  const auto unsigned_psbt = builder.build(books.state, spend, fees);
  if (!unsigned_psbt) return Failure(unsigned_psbt.error());
  std::vector<const ExtendedSecretKey*> keys;
  if (spend.wallet == single) {
    keys.push_back(&single_key);
  } else {
    for (const std::size_t owner : by) keys.push_back(&owners[owner]);
  }
  std::vector<SignerAnswer> answers;
  for (const ExtendedSecretKey* key : keys) {
    const auto psbt = read_psbt(*unsigned_psbt);
    const auto digests = digests_for(*psbt, fingerprint_of(neuter(*key)->key));
    HF_CHECK(digests.has_value());
    SignerAnswer answer;
    for (const InputDigest& digest : *digests) {
      const auto child = derive(*key, digest.derivation.path);
      Bytes signature;
      if (digest.taproot) {
        signature = to_bytes(sign_schnorr(child->key, digest.digest)->view());
      } else {
        signature = *sign_ecdsa(child->key, digest.digest);
        signature.push_back(0x01);
      }
      answer.input_signatures.push_back(std::move(signature));
    }
    answers.push_back(std::move(answer));
  }
  auto command = builder.complete(books.state, spend, *unsigned_psbt, answers, keys.size(), books.now);
  if (!command) return Failure(command.error());
  return std::get<AddAttempt>(*command).attempt;
}

void CoinWorld::sign_and_send(SpendId spend, std::int64_t feerate) {
  const auto attempt = sign(spend, {Amount::of(feerate), {}});
  if (!attempt) std::fprintf(stderr, "sign: %s %s\n", std::string(attempt.error().code).c_str(), attempt.error().text.c_str());
  HF_CHECK(attempt.has_value());
  books.submit(AddAttempt{spend, *attempt});
  const auto sent = builder.broadcast(attempt->raw);
  if (!sent) std::fprintf(stderr, "send: %s %s\n", std::string(sent.error().code).c_str(), sent.error().text.c_str());
  HF_CHECK(sent.has_value());
}

void CoinWorld::watch() {
  const auto reports = pool.watch();
  HF_CHECK(reports.has_value());
  for (const Command& report : *reports) books.submit(report);
}

std::int64_t CoinWorld::on_chain(WalletId wallet) {
  const auto descriptor = Descriptor::parse(books.state.wallets.at(wallet).output_descriptor, network);
  std::vector<ScanTarget> targets;
  for (std::uint32_t branch = 0; branch < 2; ++branch) {
    for (std::uint32_t index = 0; index < 60; ++index) {
      targets.push_back({"raw(" + to_hex(descriptor->derive(branch, index)->script_pubkey) + ")"});
    }
  }
  const auto scanned = node.scan(targets);
  if (!scanned) std::fprintf(stderr, "scan: %s\n", scanned.error().text.c_str());
  HF_CHECK(scanned.has_value());
  return scanned->total;
}

}  // namespace holdfast::chain::utxo
