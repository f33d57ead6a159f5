// Shows the API's answers: as JSON for programs, as tables for people.
#pragma once

#include "apps/cli/session.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace holdfast::cli {

struct Column {
  std::string_view title;
  std::string_view path;  // Into the row's JSON: "state", "spend.mined_txid".
};

// What stands at the path, for people: texts as they are, null and absent as "-", lists joined by commas, yes and no.
std::string cell(const Json& row, std::string_view path);

void print_list(const Settings& settings, const Json& answer, std::string_view list,
                std::initializer_list<Column> columns);
void print_thing(const Settings& settings, const Json& answer);
void print_verdict(const Settings& settings, const Json& withdrawal);  // Why, and why not.
void print_status(const Settings& settings, const Json& status);
void print_wallets(const Settings& settings, const Json& answer);
void print_event(const Settings& settings, const Json& event);  // One line.
void print_text(std::string_view text);

}  // namespace holdfast::cli
