#include "policy/cel/syntax/problem.h"

#include "base/printable.h"
#include "policy/cel/syntax/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy::cel {

namespace {

constexpr std::size_t kBefore = 60;  // Bytes of a line that are shown on either side of the place.
constexpr std::size_t kAfter = 40;

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

// Control characters would move the caret, or a terminal's cursor.
std::string shown(std::string_view text) {
  std::string out(text);
  for (char& each : out) {
    if (is_control(each)) each = ' ';
  }
  if (is_utf8(out)) return out;
  for (char& each : out) {
    if (static_cast<unsigned char>(each) >= 0x80) each = '?';
  }
  return out;
}

}  // namespace

Position position_of(std::string_view text, std::uint32_t at) {
  const std::size_t place = std::min<std::size_t>(at, text.size());
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  const std::size_t begin = line_begin(text, place);
  return {static_cast<std::uint32_t>(lines) + 1,
          static_cast<std::uint32_t>(count_code_points(text.substr(begin, place - begin))) + 1};
}

std::string explain(std::string_view text, const Problem& problem) {
  const std::size_t place = std::min<std::size_t>(problem.at, text.size());
  const Position position = position_of(text, problem.at);
  std::size_t begin = line_begin(text, place);
  std::size_t end = std::min(text.find('\n', place), text.size());
  if (place - begin > kBefore) begin = place - kBefore;
  while (begin < place && !starts_code_point(text[begin])) ++begin;
  if (end - place > kAfter) end = place + kAfter;
  while (end > place && end < text.size() && !starts_code_point(text[end])) --end;
  const std::string before = shown(text.substr(begin, place - begin));
  return fmt::format("{}:{}: {}\n | {}{}\n | {:>{}}", position.line, position.column, problem.text, before,
                     shown(text.substr(place, end - place)), "^", count_code_points(before) + 1);
}

}  // namespace holdfast::policy::cel
