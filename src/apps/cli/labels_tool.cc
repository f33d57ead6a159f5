#include "apps/cli/labels_tool.h"

#include "apps/cli/descriptor_tool.h"
#include "apps/cli/print.h"
#include "base/hex.h"
#include "chain/evm/codec/address.h"
#include "chain/utxo/wallet/address.h"
#include "config/label_catalogue.h"
#include "labels/currency.h"
#include "labels/day.h"

#include <nlohmann/json.hpp>

#include <chrono>

namespace holdfast::cli {
namespace {

Json told(const config::ListCount& list, std::int32_t today) {
  Json refused = Json::object();
  for (const auto& [code, count] : list.refused) refused[std::string(code)] = count;
  Json lines = Json::array();
  for (const labels::RefusedLine& line : list.refused_lines) lines.push_back({{"line", line.line}, {"code", line.code}});
  Json out{{"file", list.entry.file},   {"kind", config::name_of(list.entry.kind)}, {"source", list.entry.origin.source},
           {"taken", list.taken},       {"not_ours", list.not_ours},                {"refused", std::move(refused)},
           {"refused_lines", std::move(lines)}};
  if (list.newest_day) out["newest"] = labels::write_day(*list.newest_day);
  if (list.newest_day) out["age_days"] = today - *list.newest_day;
  return out;
}

// {"address_zero": 2} as "2 address_zero".
Json with_codes_in_a_row(Json lists) {
  for (Json& list : lists) {
    Json row = Json::array();
    for (const auto& [code, count] : list["refused"].items()) row.push_back(count.dump() + ' ' + code);
    list["refused"] = std::move(row);
  }
  return lists;
}

Result<custody::Address> read_address(const std::string& chain, const std::string& text) {
  if (!labels::is_evm_chain(chain)) {
    const auto network = find_network(chain);
    if (!network) return Failure(network.error());
    const auto script = chain::utxo::script_of_address(**network, text);
    if (!script) return Failure(script.error());
    if (script->size() > custody::Address::kMaxSize) return refuse("address_malformed", "a script longer than any address's");
    return custody::Address(*script);
  }
  const auto address = chain::evm::parse_address(text);
  if (!address) return Failure(address.error());
  return chain::evm::to_custody(*address);
}

void add(Json& rows, std::span<const labels::SetLabel> labels, std::string_view where) {
  for (const labels::SetLabel& label : labels) {
    rows.push_back({{"category", labels::name_of(label.category)},
                    {"holds", where},
                    {"actor", label.actor},
                    {"day", label.day ? Json(labels::write_day(*label.day)) : Json()},
                    {"confidence", label.confidence},
                    {"source", label.source},
                    {"licence", label.licence}});
  }
}

}  // namespace

std::int32_t today() {
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return static_cast<std::int32_t>(now.time_since_epoch().count());
}

Result<void> check_labels(const Settings& settings, const std::string& catalogue, std::int32_t today) {
  const auto loaded = config::load_labels(catalogue);
  if (!loaded) return Failure(loaded.error());
  Json lists = Json::array();
  for (const config::ListCount& list : loaded->lists) lists.push_back(told(list, today));
  const std::string hash = to_hex(loaded->set.content_hash().view());
  const Json out{{"lists", settings.json ? lists : with_codes_in_a_row(lists)},
                 {"labels", loaded->set.size()},
                 {"addresses", loaded->set.addresses()},
                 {"content", hash}};
  print_list(settings, out, "lists",
             {{"LIST", "file"}, {"KIND", "kind"}, {"TAKEN", "taken"}, {"NOT OURS", "not_ours"}, {"AGE", "age_days"}, {"REFUSED", "refused"}});
  if (settings.json) return {};
  print_text(std::to_string(loaded->set.size()) + " labels of " + std::to_string(loaded->set.addresses()) + " addresses\ncontent " + hash + '\n');
  return {};
}

Result<void> find_labels(const Settings& settings, const std::string& catalogue, const std::string& chain, const std::string& address) {
  const auto read = read_address(chain, address);
  if (!read) return Failure(read.error());
  std::string caip2 = chain;
  if (const auto network = find_network(chain)) caip2 = (*network)->caip2;
  const auto loaded = config::load_labels(catalogue);
  if (!loaded) return Failure(loaded.error());
  const auto found = loaded->set.find(caip2, *read);
  Json rows = Json::array();
  add(rows, found.on_chain, "on " + caip2);
  add(rows, found.on_every_evm_chain, "on all EVM chains");
  const Json out{{"categories", labels::categories(loaded->set, caip2, *read)}, {"labels", std::move(rows)}};
  print_list(settings, out, "labels",
             {{"CATEGORY", "category"}, {"HOLDS", "holds"}, {"ACTOR", "actor"}, {"DAY", "day"}, {"SURE", "confidence"}, {"SOURCE", "source"}, {"LICENCE", "licence"}});
  return {};
}

}  // namespace holdfast::cli
