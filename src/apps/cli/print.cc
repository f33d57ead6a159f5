#include "apps/cli/print.h"

#include "apps/cli/descriptor_tool.h"
#include "apps/cli/table.h"
#include "base/printable.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace holdfast::cli {
namespace {

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

std::string value_text(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return dump(value, -1);
  std::string out;
  for (const Json& one : value) out.append(out.empty() ? "" : ", ").append(value_text(one));
  return out.empty() ? "-" : out;
}

void print_json(const Json& json) { print_text(dump(json, 2) + '\n'); }

void add_rows(Table& table, const Json& json) {
  for (const auto& [name, value] : json.items()) {
    const bool nested = value.is_object() || (value.is_array() && !value.empty() && value[0].is_object());
    if (!nested) {
      table.add({name, value_text(value)});
    } else if (value.is_object()) {
      for (const auto& [inner, one] : value.items()) table.add({name + '.' + inner, value_text(one)});
    } else {
      for (const Json& one : value) {
        std::string line;
        for (const auto& item : one) line.append(line.empty() ? "" : "  ").append(value_text(item));
        table.add({name, line});
      }
    }
  }
}

// Of a wallet of coins: what its scripts are, out of its descriptor. "wsh(sortedmulti) 2 of 3"
std::string script_kind(const Json& wallet) {
  const auto network = find_network(cell(wallet, "chain"));
  if (!network) return "-";
  const auto descriptor = chain::utxo::Descriptor::parse(cell(wallet, "descriptor"), **network);
  return descriptor ? kind_of(*descriptor) : "-";
}

}  // namespace

void print_text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string cell(const Json& row, std::string_view path) {
  const Json* at = &row;
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    if (!at->is_object() || !at->contains(std::string(step))) return "-";
    at = &(*at)[std::string(step)];
  }
  return value_text(*at);
}

void print_list(const Settings& settings, const Json& answer, std::string_view list,
                std::initializer_list<Column> columns) {
  if (settings.json) return print_json(answer);
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.emplace_back(column.title);
  Table table(std::move(titles));
  for (const Json& row : answer.value(std::string(list), Json::array())) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(cell(row, column.path));
    table.add(std::move(cells));
  }
  print_text(table.empty() ? "none\n" : table.to_text(settings.colour));
  if (!answer.contains("next") || answer["next"].is_null() || table.empty()) return;
  print_text((answer["next"].is_number() ? "more: --before " : "more: --cursor ") + value_text(answer["next"]) + '\n');
}

void print_thing(const Settings& settings, const Json& answer) {
  if (settings.json) return print_json(answer);
  Table table({"FIELD", "VALUE"});
  add_rows(table, answer);
  print_text(table.to_text(settings.colour));
}

namespace {

// What alone might have been otherwise, one line for each.
std::vector<std::string> would_have_passed(const Json& withdrawal) {
  const Json& verdict = withdrawal["verdict"];
  std::vector<std::string> out;
  if (verdict["passes_up_to"].is_object()) {
    out.push_back("up to " + cell(verdict, "passes_up_to.amount") + ' ' + cell(withdrawal, "symbol") + " (" +
                  cell(verdict, "passes_up_to.usd") + " USD)");
  }
  if (verdict.contains("passes_from") && verdict["passes_from"].is_string()) out.push_back("asked for from " + cell(verdict, "passes_from") + " on");
  if (verdict.contains("passes_known_for") && verdict["passes_known_for"].is_string()) {
    out.push_back("to an address known for " + cell(verdict, "passes_known_for"));
  }
  if (out.empty()) out.emplace_back("with no amount, moment or age of the address that was found");
  return out;
}

}  // namespace

void print_verdict(const Settings& settings, const Json& withdrawal) {
  if (settings.json) return print_json(withdrawal["verdict"]);
  const Json& verdict = withdrawal["verdict"];
  if (verdict.is_null()) return print_text("allowed, and no rule fired (" + cell(withdrawal, "state") + ")\n");
  Table table({"VERDICT", cell(verdict, "demand")});
  table.add({"of", cell(withdrawal, "amount") + ' ' + cell(withdrawal, "symbol") + ", " + cell(withdrawal, "value_usd") + " USD"});
  table.add({"state", cell(withdrawal, "state")});
  table.add({"still missing", cell(verdict, "missing")});
  table.add({"not before", cell(verdict, "not_before")});
  for (std::string& each : would_have_passed(withdrawal)) table.add({"would have passed", std::move(each)});
  for (const Json& review : verdict["reviews"]) {
    table.add({"approved by", cell(review, "by") + " as " + cell(review, "role") + ", " + cell(review, "at")});
  }
  table.add({"policy", cell(withdrawal, "policy")});
  print_text(table.to_text(settings.colour) + '\n');
  Table fired({"RULE", "SEVERITY", "REASON", "SAW"});
  for (const Json& rule : verdict["fired"]) {
    std::string saw;
    for (const auto& [variable, value] : rule["saw"].items()) saw.append(saw.empty() ? "" : ", ").append(variable + " = " + value_text(value));
    if (rule.value("untold", false)) saw.append(saw.empty() ? "" : ", ").append("could not be told, so it counts");
    fired.add({cell(rule, "rule"), cell(rule, "severity"), cell(rule, "reason"), saw});
  }
  print_text(fired.to_text(settings.colour));
}

void print_status(const Settings& settings, const Json& status) {
  if (settings.json) return print_json(status);
  Table table({"WHAT", "STATE", "DETAIL"});
  const bool frozen = status.value("frozen", false);
  table.add({"platform", frozen ? "frozen" : "open", cell(status, "freezes_in_force") + " freezes in force"});
  table.add({"incidents", status["incidents_open"].empty() ? "none" : "open", cell(status, "incidents_open")});
  table.add({"journal", cell(status, "journal.size"), "records"});
  for (const Json& signer : status["signers"]) {
    table.add({"signer " + cell(signer, "name"), signer.value("connected", false) ? "connected" : "absent", ""});
  }
  for (const Json& chain : status["chains"]) {
    table.add({cell(chain, "chain"), cell(chain, "head"),
               "final " + cell(chain, "final") + ", head of " + cell(chain, "head_time")});
  }
  for (const auto& [state, count] : status["backlog"].items())
    table.add({"withdrawals " + state, value_text(count), ""});
  print_text(table.to_text(settings.colour));
}

void print_wallets(const Settings& settings, const Json& answer) {
  if (settings.json) return print_json(answer);
  Table table({"ID", "NAME", "KIND", "CHAIN", "STATE", "ASSET", "BALANCE", "COINS", "RESERVED", "SCRIPT", "ADDRESS"});
  for (const Json& wallet : answer["wallets"]) {
    const std::string state = wallet.value("compromised", false) ? "compromised" : "-";
    for (const Json& balance : wallet["balances"]) {
      table.add({cell(wallet, "id"), cell(wallet, "name"), cell(wallet, "kind"), cell(wallet, "chain"), state,
                 cell(balance, "symbol"), cell(balance, "amount"), cell(wallet, "coins"), cell(wallet, "reserved_coins"), script_kind(wallet),
                 cell(wallet, "address")});
    }
  }
  print_text(table.empty() ? "none\n" : table.to_text(settings.colour));
}

void print_event(const Settings& settings, const Json& event) {
  if (settings.json) return print_text(dump(event, -1) + '\n');
  std::string line = cell(event, "index") + "  " + cell(event, "at") + "  " + cell(event, "type");
  const Json data = event.value("data", Json::object());
  for (const auto& [name, value] : data.items()) line.append("  ").append(name).append("=").append(value_text(value));
  print_text(printable(line) + '\n');
}

}  // namespace holdfast::cli
