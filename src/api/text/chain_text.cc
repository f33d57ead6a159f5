#include "api/text/chain_text.h"

#include "base/hex.h"
#include "chain/evm/codec/address.h"

#include <algorithm>

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
  return plain;
}

}  // namespace holdfast::api
