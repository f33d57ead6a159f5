#include "config/label_catalogue.h"

#include "config/files.h"
#include "config/toml_reader.h"
#include "labels/currency.h"
#include "labels/day.h"
#include "labels/import_etherscan.h"
#include "labels/import_hacks.h"
#include "labels/import_ofac.h"
#include "labels/import_tagpack.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

namespace holdfast::config {
namespace {

struct Kind {
  std::string_view name;
  ListKind kind;
  std::size_t size_max;  // bytes of a file
};
constexpr std::array kKinds = {
    Kind{"ofac", ListKind::ofac, labels::kOfacSizeMax},
    Kind{"tagpack", ListKind::tagpack, labels::kPackSizeMax},
    Kind{"etherscan", ListKind::etherscan, labels::kEtherscanSizeMax},
    Kind{"hacks", ListKind::hacks, labels::kHacksSizeMax},
};

const Kind& about(ListKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

ListKind read_kind(TomlReader& in) {
  const std::string word = in.text("kind");
  const auto* const found = std::ranges::find(kKinds, word, &Kind::name);
  if (found != kKinds.end()) return found->kind;
  in.reject("kind", "has to be \"ofac\", \"tagpack\", \"etherscan\" or \"hacks\"");
  return ListKind::ofac;
}

std::string read_chain(TomlReader& in) {
  std::string chain = in.text("chain");
  if (!labels::is_evm_chain(chain)) in.reject("chain", "has to be one EVM chain, such as \"eip155:1\"");
  return chain;
}

std::optional<std::int32_t> read_list_day(TomlReader& in, ListKind kind) {
  if (kind == ListKind::hacks || (kind == ListKind::tagpack && !in.has("day"))) return std::nullopt;
  const auto day = labels::read_day(in.text("day"));
  if (!day) in.reject("day", "has to be a day in quotes, such as \"2024-09-27\"");
  return day;
}

ListEntry read_entry(TomlReader& in) {
  ListEntry entry;
  entry.file = in.text("file");
  entry.kind = read_kind(in);
  if (entry.kind == ListKind::ofac) entry.currency = in.text("currency");
  if (entry.kind == ListKind::etherscan) entry.chain = read_chain(in);
  entry.origin.source = in.text("source");
  entry.origin.licence = in.text("licence");
  entry.origin.day = read_list_day(in, entry.kind);
  return entry;
}

Result<labels::Imported> import_list(const ListEntry& entry, std::string_view text) {
  switch (entry.kind) {
    case ListKind::ofac: return labels::import_ofac(entry.currency, text, entry.origin);
    case ListKind::tagpack: return labels::import_tagpack(text, entry.origin);
    case ListKind::etherscan: return labels::import_etherscan(entry.chain, text, entry.origin);
    case ListKind::hacks: return labels::import_hacks(text, entry.origin);
  }
  return refuse("list_kind_unknown");
}

ListCount count_of(const ListEntry& entry, const labels::Imported& list) {
  ListCount count{entry, list.labels.size(), list.not_ours, {}, {}, {}};
  for (const labels::RefusedLine& line : list.refused) {
    ++count.refused[line.code];
    if (count.refused_lines.size() < kLinesToldMax) count.refused_lines.push_back(line);
  }
  for (const labels::Label& label : list.labels) count.newest_day = std::max(count.newest_day, label.day);
  return count;
}

Failure in_file(const std::string& path, const Error& error) {
  return Failure(Error{error.kind, error.code, error.text.empty() ? path + ": " + std::string(error.code) : path + ": " + error.text});
}

// Adds the list's labels to those there are.
Result<ListCount> load_list(const ListEntry& entry, const std::string& path, std::size_t& bytes_left, std::vector<labels::Label>& labels) {
  const auto text = read_file(path, about(entry.kind).size_max);
  if (!text) return Failure(text.error());
  if (text->size() > bytes_left) return refuse("lists_too_large", path + ": the lists are too large together");
  bytes_left -= text->size();
  auto list = import_list(entry, *text);
  if (!list) return in_file(path, list.error());
  if (list->labels.empty() && list->not_ours == 0) {
    return refuse("list_empty", path + ": nothing in it is an address; is it whole, and of the kind \"" + std::string(name_of(entry.kind)) + "\"?");
  }
  if (list->labels.size() > kLabelsMax - labels.size()) return refuse("lists_too_large", path + ": the lists have too many labels together");
  ListCount count = count_of(entry, *list);
  std::ranges::move(list->labels, std::back_inserter(labels));
  return count;
}

}  // namespace

std::string_view name_of(ListKind kind) { return about(kind).name; }

Result<Catalogue> read_catalogue(std::string_view text, const std::string& name) {
  Problem problem(name);
  const toml::parse_result parsed = parse_toml(text, name);
  if (!parsed) {
    problem.report(parsed.error().source(), parsed.error().description());
    return refuse("catalogue_wrong", problem.text());
  }
  TomlReader in(parsed.table(), "", problem);
  Catalogue out;
  if (in.has("checked")) out.checked_at = in.time("checked");
  if (!in.has("lists")) in.reject("lists", "names no list; write lists = [] where there are none on purpose");
  in.each_table("lists", [&](TomlReader& list) {
    if (out.lists.size() < kListsMax) out.lists.push_back(read_entry(list));
    else list.reject("", "more than 1000 lists");
  });
  in.finish();
  if (problem.found()) return refuse("catalogue_wrong", problem.text());
  return out;
}

Result<LoadedLabels> load_labels(const std::string& catalogue_path) {
  const auto text = read_file(catalogue_path, kCatalogueBytesMax);
  if (!text) return Failure(text.error());
  const auto catalogue = read_catalogue(*text, catalogue_path);
  if (!catalogue) return Failure(catalogue.error());
  const auto folder = std::filesystem::path(catalogue_path).parent_path();
  std::vector<labels::Label> labels;
  std::vector<ListCount> counts;
  std::size_t bytes_left = kListsBytesMax;
  for (const ListEntry& entry : catalogue->lists) {
    auto count = load_list(entry, (folder / entry.file).string(), bytes_left, labels);
    if (!count) return Failure(count.error());
    counts.push_back(*std::move(count));
  }
  return LoadedLabels{labels::LabelSet::build(std::move(labels)), std::move(counts), catalogue->checked_at};
}

}  // namespace holdfast::config
