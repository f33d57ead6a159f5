#include "api/rest/metrics.h"

#include "api/text/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace holdfast::api {
namespace {

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(out(), "# TYPE holdfast_{} {}\n# HELP holdfast_{} {}\n", name, type, name, help);
  }
  template <class Value>
  void sample(std::string_view name, std::string_view labels, Value value) {
    const std::string braced = labels.empty() ? std::string() : fmt::format("{{{}}}", labels);
    fmt::format_to(out(), "holdfast_{}{} {}\n", name, braced, value);
  }
  std::string take() {
    text_.append("# EOF\n");
    return std::move(text_);
  }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }
  std::string text_;
};

// What is read under the engine's lock.
struct Gauges {
  std::vector<std::pair<std::string, std::uint64_t>> heads, finals, backlog;
  std::uint64_t incidents = 0, freezes = 0, cases = 0, overdue = 0, labels = 0, labels_checked_s = 0;
  std::uint64_t customers = 0, withdrawals = 0, deposits = 0;
};

Gauges collect(const custody::State& state) {
  Gauges gauges;
  for (const custody::Chain& chain : state.chains) {
    const auto head = state.head(chain.id);
    const std::string label = fmt::format("chain=\"{}\"", chain.caip2);
    gauges.heads.emplace_back(label, head ? head->height : 0);
    gauges.finals.emplace_back(label, state.progress[chain.id.value - 1].final_height);
  }
  const auto waiting = [&](std::string_view what, std::size_t count) {
    gauges.backlog.emplace_back(fmt::format("state=\"{}\"", what), count);
  };
  waiting("held", state.waiting_held.size());
  waiting("approved", state.waiting_approved.size());
  waiting("spending", state.open_spends.size());
  gauges.incidents = state.open_incidents.size();
  gauges.freezes = state.freezes_in_force.size();
  gauges.cases = state.open_cases.size();
  for (const auto& [id, withdrawals] : state.open_cases) {
    if (state.cases.at(id).overdue) ++gauges.overdue;
  }
  gauges.labels = state.label_lists.labels;
  gauges.labels_checked_s = static_cast<std::uint64_t>(std::max<std::int64_t>(state.label_lists.checked_at.unix_ms, 0) / kMsPerSecond);
  gauges.customers = state.customers.size();
  gauges.withdrawals = state.withdrawals.size();
  gauges.deposits = state.deposits.size();
  return gauges;
}

void write_state(Text& text, const Gauges& gauges) {
  text.family("chain_head_height", "gauge", "Newest block known.");
  for (const auto& [label, value] : gauges.heads) text.sample("chain_head_height", label, value);
  text.family("chain_final_height", "gauge", "Newest final block.");
  for (const auto& [label, value] : gauges.finals) text.sample("chain_final_height", label, value);
  text.family("backlog", "gauge", "Withdrawals that wait, and spends under way.");
  for (const auto& [label, value] : gauges.backlog) text.sample("backlog", label, value);
  const std::tuple<std::string_view, std::uint64_t, std::string_view> single[] = {
      {"incidents_open", gauges.incidents, "Open incidents."},
      {"freezes_in_force", gauges.freezes, "Freezes in force."},
      {"cases_open", gauges.cases, "Cases that wait for people."},
      {"cases_overdue", gauges.overdue, "Of these, those that should have been looked at by now."},
      {"labels", gauges.labels, "Labels of addresses that are loaded."},
      {"labels_checked_timestamp_seconds", gauges.labels_checked_s, "When somebody last looked for newer lists; 0: nobody says."},
      {"customers", gauges.customers, "Customers."},
      {"withdrawals", gauges.withdrawals, "Withdrawals ever requested."},
      {"deposits", gauges.deposits, "Deposits ever seen."}};
  for (const auto& [name, value, help] : single) {
    text.family(name, "gauge", help);
    text.sample(name, "", value);
  }
}

}  // namespace

Metrics::Metrics() : size_(routes().size() + 1), counts_(new Counts[size_]) {}

void Metrics::count(const Route* route, int status, std::uint64_t microseconds) {
  Counts& counts = counts_[route ? static_cast<std::size_t>(route - routes().data()) : size_ - 1];
  const int status_class = status / 100;
  ++counts.by_class[status_class >= 1 && status_class <= 5 ? static_cast<std::size_t>(status_class) : 0];
  const auto bucket = std::lower_bound(kBucketsUs.begin(), kBucketsUs.end(), microseconds);
  ++counts.buckets[static_cast<std::size_t>(bucket - kBucketsUs.begin())];
  counts.sum_us += microseconds;
}

std::string Metrics::to_text(const Ports& ports) const {
  Text text;
  text.family("http_requests", "counter", "Requests answered, by route and class of status.");
  const auto labels = [&](std::size_t i) {
    return i + 1 == size_ ? std::string("method=\"\",route=\"\"")
                          : fmt::format("method=\"{}\",route=\"{}\"", routes()[i].method, routes()[i].path);
  };
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t c = 0; c < 6; ++c) {
      const std::uint64_t value = counts_[i].by_class[c];
      if (value != 0) text.sample("http_requests_total", fmt::format("{},status=\"{}xx\"", labels(i), c), value);
    }
  }
  text.family("http_request_seconds", "histogram", "From the header's end to the answer's begin.");
  for (std::size_t i = 0; i < size_; ++i) {
    std::uint64_t sum = 0;
    for (const auto& bucket : counts_[i].buckets) sum += bucket;
    if (sum == 0) continue;
    std::uint64_t below = 0;
    for (std::size_t b = 0; b < kBucketsUs.size(); ++b) {
      below += counts_[i].buckets[b];
      text.sample("http_request_seconds_bucket",
                  fmt::format("{},le=\"{}\"", labels(i), static_cast<double>(kBucketsUs[b]) / 1e6), below);
    }
    text.sample("http_request_seconds_bucket", labels(i) + ",le=\"+Inf\"", sum);
    text.sample("http_request_seconds_count", labels(i), sum);
    text.sample("http_request_seconds_sum", labels(i), static_cast<double>(counts_[i].sum_us.load()) / 1e6);
  }
  text.family("http_connections", "gauge", "Open connections.");
  text.sample("http_connections", "", connections_.load());
  text.family("event_streams", "gauge", "Open event streams.");
  text.sample("event_streams", "", streams_.load());
  text.family("webhooks", "counter", "Webhook deliveries tried, by outcome.");
  text.sample("webhooks_total", "outcome=\"delivered\"", webhooks_delivered_.load());
  text.sample("webhooks_total", "outcome=\"failed\"", webhooks_failed_.load());
  text.family("journal_records", "gauge", "Records in the journal.");
  text.sample("journal_records", "", ports.feed.size());
  text.family("signers_connected", "gauge", "Signers attached.");
  text.sample("signers_connected", "", ports.signers_connected().size());
  Gauges gauges;
  ports.view.read([&](const custody::State& state) { gauges = collect(state); });
  write_state(text, gauges);
  return text.take();
}

}  // namespace holdfast::api
