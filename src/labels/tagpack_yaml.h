// The YAML of a TagPack as raw fields: bounded, event by event, without a tree of the document.
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::labels {

enum class Field : std::uint8_t { address, currency, network, label, actor, source, category, abuse, lastmod, confidence };
inline constexpr std::size_t kFieldCount = 10;

struct RawTag {
  std::size_t line = 0;  // from 1
  std::array<std::optional<std::string>, kFieldCount> fields;
  const std::optional<std::string>& operator[](Field field) const { return fields[static_cast<std::size_t>(field)]; }
};

struct RawPack {
  RawTag header;
  std::vector<RawTag> tags;
};

// Refuses as import_tagpack does of the whole (import_tagpack.h).
Result<RawPack> read_pack(std::string_view text);

}  // namespace holdfast::labels
