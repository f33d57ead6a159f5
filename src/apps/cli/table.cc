#include "apps/cli/table.h"

#include "base/check.h"
#include "base/printable.h"

#include <algorithm>
#include <array>

namespace holdfast::cli {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kPlain = "\033[0m";

// Words that tell at a glance how something stands.
std::string_view colour_of(std::string_view word) {
  static constexpr std::array<std::string_view, 3> kGood = {"completed", "credited", "connected"};
  static constexpr std::array<std::string_view, 3> kWaiting = {"held", "approved", "seen"};
  static constexpr std::array<std::string_view, 7> kBad = {"rejected", "returned",    "orphaned", "reversed",
                                                           "frozen",   "compromised", "absent"};
  const auto is_in = [&](const auto& words) { return std::find(words.begin(), words.end(), word) != words.end(); };
  if (is_in(kGood)) return kGreen;
  if (is_in(kWaiting)) return kYellow;
  return is_in(kBad) ? kRed : std::string_view{};
}

void append_cell(std::string& out, std::string_view cell, std::size_t to_width, std::string_view colour) {
  out.append(colour).append(cell).append(colour.empty() ? "" : kPlain);
  out.append(to_width - width(cell), ' ');
}

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void Table::add(std::vector<std::string> cells) {
  HF_CHECK(cells.size() == titles_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::to_text(bool colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < titles_.size(); ++column) {
    widths.push_back(width(titles_[column]));
    for (const auto& row : rows_) widths[column] = std::max(widths[column], width(row[column]));
  }
  std::string out;
  const auto append_row = [&](const std::vector<std::string>& row, bool title) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string_view tint = !colour ? "" : title ? kBold : colour_of(row[column]);
      const bool last = column + 1 == row.size();
      append_cell(out, row[column], last ? width(row[column]) : widths[column] + 2, tint);
    }
    out.push_back('\n');
  };
  append_row(titles_, true);
  for (const auto& row : rows_) append_row(row, false);
  return out;
}

}  // namespace holdfast::cli
