// Text for people: aligned columns, and a little colour where the output is a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  // Precondition: as many cells as titles. Control characters in them are shown as '?': they come from outside.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string to_text(bool colour) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

// How many columns a UTF-8 text takes: one for each code point.
std::size_t width(std::string_view text);

}  // namespace holdfast::cli
