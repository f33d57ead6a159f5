// Regular expressions in RE2's syntax: matching takes time in proportion to the text, whatever the pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace re2 {
class RE2;
}

namespace holdfast::policy::cel {

inline constexpr std::size_t kMaxPatternBytes = 1'000;
inline constexpr std::uint64_t kPatternCost = 10'000;  // Of making one while an expression runs, beside what its length costs.

class Pattern {
 public:
  // Nothing: not a regular expression, or too large a one.
  static std::optional<Pattern> compile(std::string_view pattern);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  bool is_in(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> compiled);

  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace holdfast::policy::cel
