#include "labels/currency.h"

#include "base/hex.h"
#include "chain/evm/codec/address.h"
#include "chain/utxo/wallet/address.h"

#include <algorithm>
#include <array>

namespace holdfast::labels {
namespace {

constexpr std::size_t kInventedDigits = 24;
constexpr std::size_t kAddressTextMax = 128;

constexpr std::array kCurrencies = {
    Currency{"ETH", Form::evm, "eip155:1", false},       Currency{"ETC", Form::evm, "eip155:61", false},
    Currency{"ARB", Form::evm, "eip155:42161", false},   Currency{"BSC", Form::evm, "eip155:56", false},
    Currency{"BEP20", Form::evm, "eip155:56", false},    Currency{"MATIC", Form::evm, "eip155:137", false},
    Currency{"USDC", Form::evm, "eip155:1", true},       Currency{"USDT", Form::evm, "eip155:1", true},
    Currency{"XBT", Form::utxo, "bitcoin-main", false},  Currency{"BTC", Form::utxo, "bitcoin-main", false},
    Currency{"LTC", Form::utxo, "litecoin-main", false},
};

bool is_invented(std::string_view digits) {
  const auto from_front = digits.find_first_not_of(digits.front());
  const auto from_back = digits.find_last_not_of(digits.back());
  if (from_front == std::string_view::npos || from_back == std::string_view::npos) return true;
  return from_front >= kInventedDigits || digits.size() - 1 - from_back >= kInventedDigits;
}

Result<custody::Address> read_evm(const Currency& currency, std::string_view text) {
  if (currency.on_many_chains && !text.starts_with("0x")) return refuse("address_not_ours");
  const auto address = chain::evm::parse_address(text);
  if (!address) return std::unexpected(address.error());
  if (address->is_zero()) return refuse("address_zero");
  const ByteView front = address->view().first(chain::evm::Address20::kSize - 2);
  if (std::ranges::all_of(front, [](std::uint8_t byte) { return byte == 0; })) return refuse("address_precompile");
  if (is_invented(to_hex(address->view()))) return refuse("address_invented");
  return chain::evm::to_custody(*address);
}

Result<custody::Address> read_utxo(const Currency& currency, std::string_view text) {
  const auto network = chain::utxo::network_by_name(currency.chain);
  if (!network) return std::unexpected(network.error());
  const auto script = chain::utxo::script_of_address(**network, text);
  if (!script) return std::unexpected(script.error());
  if (script->size() > custody::Address::kMaxSize) return refuse("address_malformed", "a script longer than any address's");
  return custody::Address(*script);
}

}  // namespace

const Currency* currency_of(std::string_view word) {
  const auto* const found = std::ranges::find(kCurrencies, word, &Currency::word);
  return found == kCurrencies.end() ? nullptr : found;
}

bool is_evm_chain(std::string_view caip2) {
  constexpr std::string_view kFront = "eip155:";
  constexpr std::size_t kDigitsMax = 18;
  if (!caip2.starts_with(kFront)) return false;
  const std::string_view number = caip2.substr(kFront.size());
  return !number.empty() && number.size() <= kDigitsMax && number.front() != '0' &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view chain_of(const Currency& currency) {
  if (currency.form == Form::evm) return currency.chain;
  const auto network = chain::utxo::network_by_name(currency.chain);
  return network ? (*network)->caip2 : std::string_view{};
}

Result<custody::Address> read_address(const Currency& currency, std::string_view text) {
  if (text.empty() || text.size() > kAddressTextMax) return refuse("address_malformed");
  return currency.form == Form::evm ? read_evm(currency, text) : read_utxo(currency, text);
}

}  // namespace holdfast::labels
