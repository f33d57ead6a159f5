// For benches: withdrawals as a back end asks for them, and a policy that judges all of them and stops none.
#pragma once

#include "api/rest/handlers.h"
#include "api/rest/input.h"
#include "bench/exchange.h"
#include "bench/policy_text.h"

#include <fmt/format.h>

namespace holdfast::bench {

inline constexpr std::uint64_t kCustomers = 10'000;

// As a back end sends it; the destination in lower case needs no checksum.
inline std::string request_body(std::uint64_t n) {
  return fmt::format(R"({{"customer":{},"asset":"ETH","amount":"0.{:06}","destination":"0x{:040x}"}})",
                     n * 7919 % kCustomers + 1, n % 999'999 + 1, n % 5'000 + 1'000'000);
}

inline custody::Command read_request(const std::string& body, const api::Directory& directory, std::uint64_t n) {
  const auto fields = api::read_object(body, api::kWithdrawalFields);
  if (!fields) std::abort();
  const auto command = api::read_withdrawal(*fields, directory, "exchange", fmt::format("request-{}", n));
  if (!command) std::abort();
  return *command;
}

// None of its rules fires on this workload: what is timed is the whole way of a withdrawal that is allowed.
inline std::string policy_text() {
  return window("c1m", "customer", "1m") + window("c1h", "customer", "1h") + window("c24h", "customer", "24h") +
         window("c7d", "customer", "168h") + window("d24h", "destination", "24h") + window("a1h", "asset", "1h") +
         window("p1h", "platform", "1h") + window("p24h", "platform", "24h") + "[lists]\nbad = [\"0xbad\"]\n" +
         rule("listed", "destination in bad || \"sanctioned\" in labels", "deny") + rule("burst", "c1m.count >= 100000", "delay 1h") +
         rule("many", "c1h.count >= 200000", "review 1 risk") + rule("hour", "c1h.sum + value > usd(\"500000000\")", "review 1 risk") +
         rule("day", "c24h.sum + value > usd(\"1000000000\")", "review 1 risk") +
         rule("week", "c7d.sum + value > usd(\"4000000000\")", "review 2 risk") +
         rule("shared", "d24h.count >= 100000 && d24h.sum > usd(\"20000\")", "review 1 risk") +
         rule("asset_hour", "a1h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("platform_hour", "p1h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("platform_day", "p24h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("large", "value > usd(\"5000\")", "delay 2h") +
         rule("large_at_night", "value > usd(\"4000\") && time.getHours() < 3 && d24h.count == 0", "step up");
}

inline void put_in_force(engine::Engine& engine) {
  const std::vector<custody::Command> commands{custody::ProposePolicy{"bench", to_bytes(as_bytes(policy_text())), "ann"},
                                               custody::ApprovePolicy{{1}, "ben"}, custody::ActivatePolicy{{1}, "ann"}};
  for (const engine::Outcome& outcome : engine.submit(commands)) {
    if (outcome.refusal != custody::Refusal::none) std::abort();
  }
}

}  // namespace holdfast::bench
