#include "api/text/chain_text.h"

#include "base/hex.h"
#include "chain/evm/codec/address.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/network.h"

#include <algorithm>
#include <vector>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

bool all_in(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

// The forms of other families, well enough to tell "wrong chain" from "mistyped": this only chooses the problem's name.
bool looks_like_base58(std::string_view text) {
  return text.size() >= 25 && text.size() <= 44 &&
         all_in(text, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
}

bool looks_like_bech32(std::string_view text) {
  const auto one = text.rfind('1');
  return one != std::string_view::npos && one > 0 && text.size() - one > 30 && text.size() <= 90 &&
         all_in(text.substr(one + 1), "qpzry9x8gf2tvdw0s3jn54khce6mua7lQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L");
}

bool looks_like_long_hex(std::string_view text) {
  return text.size() == 66 && text.starts_with("0x") && all_in(text.substr(2), "0123456789abcdefABCDEF");
}

bool looks_like_evm(std::string_view text) {
  return text.size() == 42 && text.starts_with("0x") && all_in(text.substr(2), "0123456789abcdefABCDEF");
}

// The words of a library as a sentence of a problem.
std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + '.';
}

class EvmText final : public ChainText {
 public:
  std::string address(const custody::Address& address) const override {
    const auto raw = chain::evm::from_custody(address);
    return raw ? chain::evm::to_checksum_text(*raw) : to_0x_hex(address.view());
  }

  Answer<custody::Address> parse_address(std::string_view text) const override {
    const auto parsed = chain::evm::parse_address(text);
    if (parsed && !parsed->is_zero()) return chain::evm::to_custody(*parsed);
    if (parsed) return refused(E::address_malformed, "The zero address is nobody's: what is sent there is lost.");
    if (parsed.error().code == "address_checksum") return refused(E::address_checksum_wrong);
    const bool other = looks_like_base58(text) || looks_like_bech32(text) || looks_like_long_hex(text);
    return refused(other ? E::address_of_other_chain : E::address_malformed);
  }

  std::string asset(const custody::Address& contract) const override {
    return contract.empty() ? "slip44:60" : "erc20:" + address(contract);
  }
  std::string txid(const custody::TxId& txid) const override { return to_0x_hex(txid.view()); }
};

// Bitcoin, Litecoin and their test networks. An address is a script here; ids are shown reversed, as everybody shows them.
class UtxoText final : public ChainText {
 public:
  explicit UtxoText(const chain::utxo::Network& network) : network_(network) {}

  std::string address(const custody::Address& address) const override {
    return chain::utxo::address_of_script(network_, address.view()).value_or(to_hex(address.view()));
  }

  Answer<custody::Address> parse_address(std::string_view text) const override {
    const auto script = chain::utxo::script_of_address(network_, text);
    if (script && script->size() <= custody::Address::kMaxSize) return custody::Address(*script);
    if (script) return refused(E::address_malformed, "No money is sent to a script as long as this.");
    const std::string_view code = script.error().code;
    if (code == "address_checksum") return refused(E::address_checksum_wrong);
    if (code == "address_of_another_network") return refused(E::address_of_other_chain, sentence(script.error().text));
    if (is_foreign(text)) return refused(E::address_of_other_chain);
    return refused(E::address_malformed, sentence(script.error().text));
  }

  // SLIP 44: 0 Bitcoin, 2 Litecoin, 1 whatever is a test. There is no other asset than the coin.
  std::string asset(const custody::Address& contract) const override {
    return contract.empty() ? "slip44:" + std::to_string(network_.coin_type) : "token:" + to_hex(contract.view());
  }
  std::string txid(const custody::TxId& txid) const override { return chain::utxo::display(txid); }

 private:
  static constexpr std::size_t kLongestBase58 = 35;  // Of an address of this family.

  // Of no network of this family, but of the form of another family's addresses.
  static bool is_foreign(std::string_view text) {
    const std::string_view prefix = text.substr(0, text.rfind('1'));
    const bool own = std::ranges::any_of(chain::utxo::networks(), [&](const auto& one) { return one.hrp == prefix; });
    return looks_like_evm(text) || looks_like_long_hex(text) || (looks_like_bech32(text) && !own) ||
           (looks_like_base58(text) && text.size() > kLongestBase58);
  }

  const chain::utxo::Network& network_;
};

const ChainText* utxo_text(std::string_view caip2) {
  static const std::vector<UtxoText> all(chain::utxo::networks().begin(), chain::utxo::networks().end());
  const auto network = chain::utxo::network_by_caip2(caip2);
  return network ? &all[static_cast<std::size_t>(*network - chain::utxo::networks().data())] : nullptr;
}

class PlainText final : public ChainText {
 public:
  std::string address(const custody::Address& address) const override { return to_hex(address.view()); }
  Answer<custody::Address> parse_address(std::string_view) const override {
    return refused(E::address_malformed, "Addresses of this chain are not known here.");
  }
  std::string asset(const custody::Address& contract) const override {
    return contract.empty() ? "native" : "token:" + to_hex(contract.view());
  }
  std::string txid(const custody::TxId& txid) const override { return to_hex(txid.view()); }
};

}  // namespace

const ChainText& chain_text(std::string_view caip2) {
  static const EvmText evm;
  static const PlainText plain;
  if (caip2.starts_with("eip155:")) return evm;
  if (const ChainText* utxo = utxo_text(caip2)) return *utxo;
  return plain;
}

}  // namespace holdfast::api
