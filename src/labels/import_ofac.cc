#include "labels/import_ofac.h"

#include "labels/currency.h"

#include <algorithm>

namespace holdfast::labels {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::uint8_t kOfacConfidence = 100;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The address of a line of either form; empty where there is none. What is no quoted word stays as it is: it is refused.
std::string_view address_text(std::string_view line, bool json) {
  std::string_view text = trimmed(line);
  if (!json) return text;
  if (text == "[" || text == "]" || text == "[]") return {};
  if (text.ends_with(',')) text.remove_suffix(1);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) return text.substr(1, text.size() - 2);
  return text;
}

void take(const Currency& currency, std::string_view text, std::size_t line, const ListOrigin& origin, Imported& out) {
  const auto address = read_address(currency, text);
  if (!address) {
    if (address.error().code == "address_not_ours") ++out.not_ours;
    else out.refused.push_back({line, address.error().code});
    return;
  }
  const std::string_view chain = currency.form == Form::evm ? kEveryEvmChain : chain_of(currency);
  out.labels.push_back({std::string(chain), *address, Category::sanctioned, "OFAC", origin.source, origin.licence, origin.day,
                        kOfacConfidence});
}

}  // namespace

Result<Imported> import_ofac(std::string_view currency, std::string_view text, const ListOrigin& origin) {
  if (text.size() > kOfacSizeMax) return refuse("list_too_large");
  const Currency* const known = currency_of(currency);
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && text[first] == '[';
  Imported out;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view address = address_text(text.substr(0, end), json);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (address.empty()) continue;
    if (known == nullptr) ++out.not_ours;
    else take(*known, address, line, origin, out);
  }
  return out;
}

}  // namespace holdfast::labels
