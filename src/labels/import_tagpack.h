// Reads a TagPack of GraphSense: YAML, a header whose fields each tag inherits, and a list of tags.
//
//   pack = map of { field: text } and { tags: list of map of { field: text } }
//   field = address | currency | network | label | actor | source | category | abuse | lastmod | confidence; others are passed over
//
// An abuse outweighs a category. Labels of wrongdoing hold on every EVM chain, since they are of whoever holds the key; the
// others hold on the chain that is named, since a contract of that address elsewhere may be another's.
#pragma once

#include "base/result.h"
#include "labels/label.h"

#include <span>
#include <string_view>

namespace holdfast::labels {

inline constexpr std::size_t kPackSizeMax = 4 << 20;  // bytes; of the hostile texts tried at this size, the worst took 424 MB to refuse
inline constexpr std::size_t kPackDepthMax = 8;
inline constexpr std::size_t kPackOpenMax = 1'000;  // brackets open at once, those in quotes counted, too
inline constexpr std::size_t kPackTagsMax = 200'000;
inline constexpr std::size_t kPackFieldMax = 512;  // bytes of a field that is kept

// GraphSense's words for how a statement was come by, as numbers: the order is GraphSense's, the numbers are ours.
struct ConfidenceWord {
  std::string_view word;
  std::uint8_t confidence;
};
std::span<const ConfidenceWord> confidence_words();

// origin: what holds where the pack is silent. Refusals of the whole: `list_too_large`, `list_too_long`, `yaml_too_deep`,
// `yaml_alias` (anchors and aliases multiply), `yaml_malformed`, `pack_shape` (not the grammar above, or no tags).
// Refusals of a tag, at its line: those of read_address (currency.h); `address_missing`, `currency_missing`, `field_too_long`,
// `field_unprintable`, `confidence_unknown`, `category_unknown`, `date_malformed`.
Result<Imported> import_tagpack(std::string_view text, const ListOrigin& origin);

}  // namespace holdfast::labels
