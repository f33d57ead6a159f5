// The catalogue of label lists: a TOML file that says which files to read, what they are, and where they come from.
//
//   checked   2026-11-27T20:00:00Z: when somebody last looked for newer lists. Whoever fetches them writes it, in front of the first
//             list; without it nobody can say how old they are.
//   catalogue = *list | "lists = []"       The latter says: we have none, on purpose. A file that names no lists is refused,
//   list      = "[[lists]]" with           so that one cut short does not pass for it.
//     file      seen from the catalogue
//     kind      "ofac" | "tagpack" | "etherscan" | "hacks"
//     currency  the list's word for it; of ofac
//     chain     CAIP-2, "eip155:1"; of etherscan
//     source, licence
//     day       "2024-09-27", of the list; tags of a tagpack have days of their own, so it may be left out there, and rows of hacks
//               always have, so it is not taken there
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "labels/label_set.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

inline constexpr std::size_t kCatalogueBytesMax = 1 << 20;
inline constexpr std::size_t kListsMax = 1'000;
inline constexpr std::size_t kListsBytesMax = 256 << 20;  // of all files together
inline constexpr std::size_t kLabelsMax = 2'000'000;
inline constexpr std::size_t kLinesToldMax = 100;  // of the refused lines of a list

enum class ListKind : unsigned char { ofac, tagpack, etherscan, hacks };
std::string_view name_of(ListKind kind);

struct ListEntry {
  std::string file;
  ListKind kind = ListKind::ofac;
  std::string currency;  // of ofac; of the others empty
  std::string chain;     // of etherscan; of the others empty
  labels::ListOrigin origin;
};

struct Catalogue {
  std::vector<ListEntry> lists;
  Instant checked_at;  // 0: it does not say.
};

// name: for messages.   Refuses `catalogue_wrong` with "NAME:LINE: what".
Result<Catalogue> read_catalogue(std::string_view text, const std::string& name);

// What came of a list.
struct ListCount {
  ListEntry entry;
  std::size_t taken = 0;
  std::size_t not_ours = 0;  // of chains that Holdfast does not serve
  std::map<std::string_view, std::size_t> refused;  // by code
  std::vector<labels::RefusedLine> refused_lines;   // the first kLinesToldMax
  std::optional<std::int32_t> newest_day;           // of the labels taken
};

struct LoadedLabels {
  labels::LabelSet set;
  std::vector<ListCount> lists;  // in the catalogue's order
  Instant checked_at;            // as of Catalogue
};

// Reads the catalogue and every list of it. All of them or nothing: a list that is missing is an error, not a shorter set.
// Lines that are refused are counted and left out.   Refuses as read_catalogue(), as read_file() (files.h), with the codes of the
// importers for a list as a whole, and
//   list_empty        nothing in it is an address: cut short, or of another kind than the catalogue says
//   lists_too_large   more than kListsBytesMax, or kLabelsMax, in all
Result<LoadedLabels> load_labels(const std::string& catalogue_path);

}  // namespace holdfast::config
