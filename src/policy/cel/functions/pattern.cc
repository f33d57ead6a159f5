#include "policy/cel/functions/pattern.h"

#include <re2/re2.h>

namespace holdfast::policy::cel {

namespace {

constexpr std::int64_t kMaxPatternMemory = 256 << 10;  // Of one. A policy may have thousands.

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::optional<Pattern> Pattern::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) return std::nullopt;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  auto compiled = std::make_unique<re2::RE2>(piece(pattern), options);
  if (!compiled->ok()) return std::nullopt;
  return Pattern(std::move(compiled));
}

bool Pattern::is_in(std::string_view text) const { return re2::RE2::PartialMatch(piece(text), *compiled_); }

}  // namespace holdfast::policy::cel
