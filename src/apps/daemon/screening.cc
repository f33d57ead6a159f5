#include "apps/daemon/screening.h"

#include "apps/daemon/loops.h"
#include "api/text/chain_text.h"
#include "base/hex.h"
#include "config/label_catalogue.h"
#include "engine/rescreen.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace holdfast::daemon {
namespace {

constexpr std::int64_t kLookPauseMs = 2'000;
constexpr std::int64_t kRescreenMs = 60'000;  // Deposits come in meanwhile.

std::filesystem::file_time_type changed_at(const std::string& path) {
  std::error_code failed;
  const auto at = std::filesystem::last_write_time(path, failed);
  return failed ? std::filesystem::file_time_type{} : at;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ",")); }

}  // namespace

Result<void> Screening::load() {
  const auto as_of = changed_at(catalogue_);  // Before it is read: a change meanwhile is one to come.
  auto loaded = config::load_labels(catalogue_);
  if (!loaded) return std::unexpected(loaded.error());
  read_at_ = as_of;
  const auto lists = std::make_shared<const Lists>(Lists{std::move(loaded->set), loaded->checked_at});
  spdlog::info("label lists {}: {} labels of {} addresses, {}", catalogue_, lists->set.size(), lists->set.addresses(),
               to_hex(lists->set.content_hash().view()));
  lists_.store(lists);
  return {};
}

bool Screening::has_changed() const { return has_lists() && changed_at(catalogue_) != read_at_; }

std::string Screening::say(std::string_view caip2, const custody::Address& address) const {
  const auto lists = lists_.load();
  if (!lists) return {};
  const std::vector<std::string> found = labels::categories(lists->set, caip2, address);
  return found.empty() ? "none" : joined(found);
}

std::string Screening::say_alarming(std::string_view caip2, const custody::Address& address) const {
  const auto lists = lists_.load();
  return lists ? joined(labels::alarming_categories(lists->set, caip2, address)) : std::string();
}

custody::LoadLabels Screening::loaded() const {
  const auto lists = lists_.load();
  if (!lists) return {};
  return {lists->set.content_hash(), lists->set.size(), lists->checked_at};
}

std::string address_text(std::string_view caip2, const custody::Address& address) { return api::chain_text(caip2).address(address); }

void keep_screening(std::stop_token stop, Screening& screening, engine::Submitter& submitter, const chain::StateView& view) {
  const engine::RescreenPorts ports{[&](std::string_view caip2, const custody::Address& at) { return screening.say_alarming(caip2, at); },
                                    address_text};
  std::string last_problem;
  std::int64_t until_next_ms = 0;
  for (bool is_new = true; !stop.stop_requested(); pause(stop, kLookPauseMs), until_next_ms -= kLookPauseMs) {
    if (screening.has_changed()) {
      const auto loaded = screening.load();
      const std::string problem = loaded ? std::string() : loaded.error().text;
      if (!problem.empty() && problem != last_problem) spdlog::error("label lists: {}; those from before stay, trying again", problem);
      last_problem = problem;
      is_new = is_new || loaded.has_value();
    }
    if (!is_new && until_next_ms > 0) continue;
    const custody::Command loaded = screening.loaded();
    if (is_new) submitter.submit({&loaded, 1});
    is_new = false;
    until_next_ms = kRescreenMs;
    const std::size_t reported = engine::rescreen(view, submitter, ports);
    if (reported > 0) spdlog::error("label lists say something new of {} addresses that were paid, or paid us; look at `holdfast cases`", reported);
  }
}

}  // namespace holdfast::daemon
