// Counters, and the OpenMetrics text of them and of the state. Metrics are for watching; money is never read from them.
#pragma once

#include "api/rest/routes.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::api {

inline constexpr std::string_view kMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

class Metrics {
 public:
  // Upper bounds of the histogram's buckets, in microseconds.
  static constexpr std::array<std::uint64_t, 10> kBucketsUs = {500,    1'000,  2'000,   5'000,     10'000,
                                                               20'000, 50'000, 100'000, 1'000'000, 10'000'000};

  Metrics();

  // `route`: none for what matched no route.
  void count(const Route* route, int status, std::uint64_t microseconds);
  void connection_opened() { ++connections_; }
  void connection_closed() { --connections_; }
  void stream_opened() { ++streams_; }
  void stream_closed() { --streams_; }
  std::uint64_t streams() const { return streams_; }
  void webhook(bool delivered) { ++(delivered ? webhooks_delivered_ : webhooks_failed_); }

  std::string to_text(const Ports& ports) const;

 private:
  struct Counts {
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  // 2 is 2xx; 0 is any other.
    std::array<std::atomic<std::uint64_t>, kBucketsUs.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_us{0};
  };
  const std::size_t size_;
  std::unique_ptr<Counts[]> counts_;  // By route; the last for none.
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::uint64_t> streams_{0};
  std::atomic<std::uint64_t> webhooks_delivered_{0};
  std::atomic<std::uint64_t> webhooks_failed_{0};
};

}  // namespace holdfast::api
