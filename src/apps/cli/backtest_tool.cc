#include "apps/cli/backtest_tool.h"

#include "api/text/chain_text.h"
#include "api/text/view.h"
#include "apps/cli/print.h"
#include "apps/cli/table.h"
#include "config/files.h"
#include "engine/backtest.h"
#include "policy/domain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

namespace holdfast::cli {
namespace {

using engine::BacktestReport;
using engine::BacktestSide;

constexpr std::size_t kShownChanges = 20;

std::string usd(Uint128 micro) { return policy::write_usd({static_cast<Int128>(micro)}); }

Json side_json(const BacktestSide& side) {
  return {{"allowed", side.allowed},
          {"delayed", side.delayed},
          {"stepped_up", side.stepped_up},
          {"reviewed", side.reviewed},
          {"denied", side.denied},
          {"reviews", side.reviews},
          {"stopped_usd", usd(side.stopped_micro_usd)}};
}

Json change_json(const engine::BacktestChange& change) {
  return {{"withdrawal", change.withdrawal.value},
          {"at", api::to_json(change.at)},
          {"value_usd", usd(change.micro_usd)},
          {"was", policy::write_demand(change.was)},
          {"would_be", policy::write_demand(change.would_be)},
          {"fired", change.fired}};
}

Json report_json(const BacktestReport& report) {
  Json changes = Json::array();
  for (const auto& change : report.changes) changes.push_back(change_json(change));
  return {{"records", report.records},
          {"withdrawals", report.withdrawals},
          {"different", report.different},
          {"stricter", report.stricter},
          {"stricter_usd", usd(report.stricter_micro_usd)},
          {"milder", report.milder},
          {"milder_usd", usd(report.milder_micro_usd)},
          {"was", side_json(report.was)},
          {"would_be", side_json(report.would_be)},
          {"fired", report.fired},
          {"changes", std::move(changes)}};
}

void print_sides(const Settings& settings, const BacktestReport& report) {
  Table table({"WITHDRAWALS", "AS IT WAS", "WITH THIS POLICY"});
  const auto row = [&](const char* what, std::uint64_t BacktestSide::*count) {
    table.add({what, std::to_string(report.was.*count), std::to_string(report.would_be.*count)});
  };
  row("allowed at once", &BacktestSide::allowed);
  row("delayed", &BacktestSide::delayed);
  row("stepped up", &BacktestSide::stepped_up);
  row("to be reviewed", &BacktestSide::reviewed);
  row("denied", &BacktestSide::denied);
  row("approvals by people", &BacktestSide::reviews);
  table.add({"not at once, USD", usd(report.was.stopped_micro_usd), usd(report.would_be.stopped_micro_usd)});
  print_text(table.to_text(settings.colour));
  print_text(fmt::format("\n{} of {} different: {} stricter ({} USD), {} milder ({} USD)\n", report.different, report.withdrawals,
                         report.stricter, usd(report.stricter_micro_usd), report.milder, usd(report.milder_micro_usd)));
}

void print_rules(const Settings& settings, const BacktestReport& report) {
  Table table({"RULE", "FIRED"});
  for (const auto& [rule, count] : report.fired) table.add({rule, std::to_string(count)});
  if (!table.empty()) print_text('\n' + table.to_text(settings.colour));
}

void print_changes(const Settings& settings, const BacktestReport& report) {
  Table table({"WITHDRAWAL", "AT", "USD", "WAS", "WOULD BE", "BY"});
  for (const auto& change : report.changes | std::views::take(kShownChanges)) {
    table.add({std::to_string(change.withdrawal.value), api::to_rfc3339(change.at), usd(change.micro_usd), policy::write_demand(change.was),
               policy::write_demand(change.would_be), fmt::format("{}", fmt::join(change.fired, ", "))});
  }
  if (!table.empty()) print_text('\n' + table.to_text(settings.colour));
  if (report.different > kShownChanges) print_text(fmt::format("and {} more; --json has up to 1,000\n", report.different - kShownChanges));
}

std::string address_text(std::string_view caip2, const custody::Address& address) { return api::chain_text(caip2).address(address); }

Result<policy::Policy> read_policy(const std::string& file) {
  const auto text = config::read_file(file, policy::kMaxPolicyBytes);
  if (!text) return std::unexpected(text.error());
  return policy::Policy::read(*text, file);
}

void print_line(const Json& json) { print_text(json.dump() + '\n'); }

void print_change(const Settings& settings, const engine::BacktestChange& change) {
  if (settings.json) return print_line(change_json(change));
  print_text(fmt::format("{}  withdrawal {}  {} USD  was {}  would be {}{}{}\n", api::to_rfc3339(change.at), change.withdrawal.value,
                         usd(change.micro_usd), policy::write_demand(change.was), policy::write_demand(change.would_be),
                         change.fired.empty() ? "" : "  by ", fmt::join(change.fired, ", ")));
}

// Of the time in which it was followed.
void print_summary(const Settings& settings, const BacktestReport& report) {
  if (!settings.json) {
    print_text("\nsince then:\n");
    print_sides(settings, report);
    return print_rules(settings, report);
  }
  Json summary = report_json(report);
  summary.erase("changes");  // Each stands above.
  print_line({{"summary", std::move(summary)}});
}

}  // namespace

Result<void> backtest_policy(const Settings& settings, const JournalPlace& place, const std::string& policy_file) {
  std::optional<policy::Policy> policy;
  if (!policy_file.empty()) {
    auto read = read_policy(policy_file);
    if (!read) return std::unexpected(read.error());
    policy = std::move(*read);
  }
  engine::Backtest backtest(policy ? &*policy : nullptr, {address_text});
  if (auto seen = each_event(place, [&](const custody::Event& event) { backtest.see(event); }); !seen) return seen;
  const BacktestReport& report = backtest.report();
  if (settings.json) print_thing(settings, report_json(report));
  if (policy) {
    if (settings.json) return {};
    print_sides(settings, report);
    print_rules(settings, report);
    print_changes(settings, report);
    return {};
  }
  if (report.different != 0) {
    return refuse("backtest_differs", fmt::format("{} of {} withdrawals are judged otherwise than the journal says", report.different, report.withdrawals));
  }
  if (!settings.json) print_text(fmt::format("{} withdrawals judged again: every record the same, byte for byte\n", report.withdrawals));
  return {};
}

Result<void> shadow_policy(const Settings& settings, const JournalPlace& place, const std::string& policy_file,
                           const std::function<bool()>& wait) {
  const auto policy = read_policy(policy_file);
  if (!policy) return std::unexpected(policy.error());
  auto tail = JournalTail::open(place);
  if (!tail) return std::unexpected(tail.error());
  engine::Backtest backtest(&*policy, {address_text});
  if (auto seen = tail->read_on([&](const custody::Event& event) { backtest.see(event); }); !seen) return seen;
  if (settings.json) print_line({{"follows", {{"records", tail->size()}, {"withdrawals", backtest.report().withdrawals}}}});
  else print_text(fmt::format("{} records and {} withdrawals seen; what comes now:\n", tail->size(), backtest.report().withdrawals));
  backtest.count_anew();
  while (wait()) {
    std::vector<engine::BacktestChange> changes;
    auto seen = tail->read_on([&](const custody::Event& event) {
      backtest.see(event);
      std::ranges::move(backtest.take_changes(), std::back_inserter(changes));
    });
    if (!seen) return seen;
    for (const auto& change : changes) print_change(settings, change);
  }
  print_summary(settings, backtest.report());
  return {};
}

std::function<bool()> each_second(std::int64_t seconds) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  return [=, begun = std::optional<std::chrono::steady_clock::time_point>()]() mutable {
    if (!begun) {
      begun = std::chrono::steady_clock::now();
      pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    }
    if (seconds > 0 && std::chrono::steady_clock::now() - *begun >= std::chrono::seconds(seconds)) return false;
    const timespec second{1, 0};
    return sigtimedwait(&ends, nullptr, &second) < 0;
  };
}

}  // namespace holdfast::cli
