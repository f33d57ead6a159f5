#include "signer/coin_config.h"

#include "chain/utxo/codec/script.h"
#include "signer/authority_config.h"
#include "signer/policy.h"

#include <fmt/format.h>
#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;
using config::TomlReader;

constexpr std::uint64_t kMaxFeerate = 10'000;  // Satoshi per virtual byte: beyond it is a slip.

std::optional<Descriptor> read_descriptor(std::string_view key, const Network& network, TomlReader& in) {
  const std::string text = in.text(key);
  if (text.empty()) return std::nullopt;
  auto parsed = Descriptor::parse(text, network);
  if (parsed) return std::move(*parsed);
  in.reject(key, fmt::format("{}: {}", parsed.error().code, parsed.error().text));
  return std::nullopt;
}

// Signatures of older kinds do not commit to amounts, and others could change the txid behind our back.
bool is_segwit(ScriptKind kind) {
  return kind == ScriptKind::p2wpkh || kind == ScriptKind::p2wsh || kind == ScriptKind::p2tr;
}

void check_quorum(const CoinWalletRule& wallet, TomlReader& in) {
  const Descriptor& descriptor = wallet.descriptor;
  if (wallet.kind == CoinWalletKind::single_key) {
    if (descriptor.key_count() != 1) in.reject("kind", "a single_key wallet has one key");
    return;
  }
  if (descriptor.threshold() < 2) in.reject("descriptor", "a multisig wallet needs at least 2 signatures");
  // Two quorums must share a signer: it is what keeps a withdrawal from being paid twice.
  if (2 * descriptor.threshold() <= descriptor.key_count()) {
    in.reject("descriptor", "has to need the signatures of more than half of its keys");
  }
  if (descriptor.has_key_path()) in.reject("descriptor", "its internal key could spend alone; use an unspendable one");
}

std::optional<CoinWalletRule> read_wallet(const Network& network, TomlReader& in) {
  const std::string name = in.text("name");
  if (!is_signer_name(name)) in.reject("name", "has to be 1 to 32 of a-z, 0-9 and '-'");
  const std::string kind = in.text("kind");
  if (kind != "multisig" && kind != "single_key") in.reject("kind", "has to be \"multisig\" or \"single_key\"");
  auto descriptor = read_descriptor("descriptor", network, in);
  if (!descriptor) return std::nullopt;
  if (!is_segwit(descriptor->kind())) in.reject("descriptor", "has to be of segwit: wpkh, wsh or tr");
  if (!descriptor->is_ranged() || descriptor->branches() != 2) {
    in.reject("descriptor", "has to have a receiving and a change branch: /<0;1>/*");
  }
  CoinWalletRule out{name, kind == "multisig" ? CoinWalletKind::multisig : CoinWalletKind::single_key,
                     std::move(*descriptor), std::nullopt};
  check_quorum(out, in);
  return out;
}

Bytes read_cold(const Network& network, TomlReader& in) {
  const auto descriptor = read_descriptor("cold", network, in);
  if (!descriptor) return {};
  auto output = descriptor->derive(kReceiveBranch, 0);
  if (!output) {
    in.reject("cold", output.error().text);
    return {};
  }
  const ScriptKind kind = classify(output->script_pubkey);
  const bool plain = is_segwit(kind) || kind == ScriptKind::p2pkh || kind == ScriptKind::p2sh;
  if (!plain) in.reject("cold", "pays no address");
  return std::move(output->script_pubkey);
}

void check_apart(const CoinChainRule& chain, TomlReader& in) {
  for (std::size_t i = 0; i < chain.wallets.size(); ++i) {
    const CoinWalletRule& wallet = chain.wallets[i];
    for (const std::uint32_t branch : {kReceiveBranch, kChangeBranch}) {
      const auto first = wallet.descriptor.derive(branch, 0);
      if (first && first->script_pubkey == chain.cold_script) in.reject("cold", fmt::format("is the wallet {} itself", wallet.name));
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (chain.wallets[other].name == wallet.name) in.reject("wallets", fmt::format("names {} twice", wallet.name));
      if (chain.wallets[other].descriptor.to_text() == wallet.descriptor.to_text()) {
        in.reject("wallets", fmt::format("{} and {} have the same descriptor", chain.wallets[other].name, wallet.name));
      }
    }
  }
}

}  // namespace

CoinChainRule read_coin_chain(const std::string& caip2, TomlReader& in) {
  CoinChainRule chain;
  chain.caip2 = caip2;
  const auto network = network_by_caip2(caip2);
  if (!network) {
    in.reject("", "is no network of the Bitcoin family that Holdfast knows");
    return chain;
  }
  chain.network = *network;
  chain.cold = in.text("cold");
  chain.cold_script = read_cold(*chain.network, in);
  chain.per_withdrawal = in.amount("per_withdrawal", kSatoshiDecimals);
  chain.per_day = in.amount("per_day", kSatoshiDecimals);
  if (chain.per_withdrawal > chain.per_day) in.reject("per_withdrawal", "is over per_day");
  chain.authority = read_authority_limits(in, kSatoshiDecimals);
  chain.max_fee = in.amount("max_fee", kSatoshiDecimals);
  chain.fees_per_day = in.amount("fees_per_day", kSatoshiDecimals);
  if (chain.max_fee > chain.fees_per_day) in.reject("max_fee", "is over fees_per_day");
  chain.max_feerate = in.number("max_feerate", 1, kMaxFeerate);
  chain.rescue_max_feerate = in.number("rescue_max_feerate", 1, kMaxFeerate);
  if (chain.max_feerate > chain.rescue_max_feerate) in.reject("rescue_max_feerate", "is under max_feerate");
  in.each_table("wallets", [&](TomlReader& inner) {
    if (auto wallet = read_wallet(*chain.network, inner)) chain.wallets.push_back(std::move(*wallet));
  });
  check_apart(chain, in);
  return chain;
}

}  // namespace holdfast::signer
