#include "sim/reading.h"

#include <vector>

namespace holdfast::sim {
namespace {

constexpr std::size_t kWord = 32;
constexpr std::size_t kSelector = 4;
const std::string kExecTransaction("\x6a\x76\x12\x02", kSelector);
const std::string kTransfer("\xa9\x05\x9c\xbb", kSelector);

std::uint8_t byte_at(const std::string& text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Big-endian; nothing over 2^127 - 1.
std::optional<Int128> number(const std::string& bytes) {
  Uint128 out = 0;
  for (const char c : bytes) {
    if (out >> 119 != 0) return std::nullopt;
    out = out << 8 | static_cast<std::uint8_t>(c);
  }
  return static_cast<Int128>(out);
}

// Length and begin of the RLP item at `at`; lists give their payload.
struct Item {
  std::size_t begin = 0;
  std::size_t size = 0;
};
std::optional<Item> item_at(const std::string& text, std::size_t at) {
  if (at >= text.size()) return std::nullopt;
  const std::uint8_t tag = byte_at(text, at);
  if (tag < 0x80) return Item{at, 1};
  const std::uint8_t base = tag < 0xc0 ? 0x80 : 0xc0;
  const std::size_t short_size = static_cast<std::size_t>(tag - base);
  Item out{at + 1, short_size};
  if (short_size > 55) {
    const std::size_t digits = short_size - 55;
    if (digits > 4 || at + 1 + digits > text.size()) return std::nullopt;
    out = {at + 1 + digits, static_cast<std::size_t>(number(text.substr(at + 1, digits)).value_or(0))};
  }
  if (out.begin + out.size > text.size()) return std::nullopt;
  return out;
}

std::optional<std::string> word_at(const std::string& data, std::size_t slot) {
  const std::size_t begin = kSelector + slot * kWord;
  if (data.size() < begin + kWord) return std::nullopt;
  return data.substr(begin, kWord);
}

std::optional<std::string> address_at(const std::string& data, std::size_t slot) {
  const auto word = word_at(data, slot);
  if (!word || word->find_first_not_of('\0') < 12) return std::nullopt;
  return word->substr(12);
}

}  // namespace

std::optional<OuterCall> read_outer(const std::string& unsigned_transaction) {
  if (unsigned_transaction.empty() || byte_at(unsigned_transaction, 0) != 2) return std::nullopt;
  const auto list = item_at(unsigned_transaction, 1);
  if (!list || byte_at(unsigned_transaction, 1) < 0xc0) return std::nullopt;
  std::vector<std::string> fields;
  const std::string body = unsigned_transaction.substr(list->begin, list->size);
  for (std::size_t at = 0; at < body.size();) {
    const auto item = item_at(body, at);
    if (!item) return std::nullopt;
    fields.push_back(body.substr(item->begin, item->size));
    at = item->begin + item->size;
  }
  if (fields.size() != 9 || fields[5].size() != 20) return std::nullopt;
  const auto nonce = number(fields[1]);
  const auto value = number(fields[6]);
  if (!nonce || !value) return std::nullopt;
  return OuterCall{static_cast<std::uint64_t>(*nonce), fields[5], *value, fields[7]};
}

std::optional<OuterCall> read_inner(const OuterCall& outer) {
  if (outer.data.substr(0, kSelector) != kExecTransaction) return std::nullopt;
  const auto to = address_at(outer.data, 0);
  const auto value = word_at(outer.data, 1);
  const auto offset = word_at(outer.data, 2);
  if (!to || !value || !offset) return std::nullopt;
  const auto coins = number(*value);
  const auto begin = number(*offset);
  if (!coins || !begin || *begin % static_cast<Int128>(kWord) != 0) return std::nullopt;
  const auto slot = static_cast<std::size_t>(*begin) / kWord;
  const auto size_word = word_at(outer.data, slot);
  const auto size = size_word ? number(*size_word) : std::nullopt;
  const std::size_t data_begin = kSelector + (slot + 1) * kWord;
  if (!size || outer.data.size() < data_begin + static_cast<std::size_t>(*size)) return std::nullopt;
  return OuterCall{0, *to, *coins, outer.data.substr(data_begin, static_cast<std::size_t>(*size))};
}

std::optional<Payment> read_payment(const OuterCall& call) {
  if (call.data.empty()) return Payment{"", call.to, call.value};
  const bool is_transfer = call.data.size() == kSelector + 2 * kWord && call.data.substr(0, kSelector) == kTransfer;
  if (!is_transfer || call.value != 0) return std::nullopt;
  const auto to = address_at(call.data, 0);
  const auto amount = number(*word_at(call.data, 1));
  if (!to || !amount) return std::nullopt;
  return Payment{call.to, *to, *amount};
}

}  // namespace holdfast::sim
