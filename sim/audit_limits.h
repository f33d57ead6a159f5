// The auditor's own view of risk control: no customer gets more than the policy's limit in a day past people, in whatever way
// requests, restarts and crashes fall together. A plain list of what was asked for, looked through at every request.
#pragma once

#include "base/amount.h"
#include "custody.pb.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace holdfast::sim {

class AuditLimits {
 public:
  // By the price of then; none: nobody can tell, so people have to look at it.
  void requested(const record::WithdrawalRequested& e, std::int64_t at_ms, std::optional<Uint128> micro_usd);
  void denied(std::uint64_t withdrawal);
  void reviewed(std::uint64_t withdrawal, const std::string& role);
  // Throws LawBroken where it should have waited for somebody, or longer.
  void approved(std::uint64_t withdrawal, std::int64_t at_ms) const;

 private:
  struct Asked {
    std::uint64_t customer = 0;
    std::int64_t at_ms = 0;
    Uint128 micro_usd = 0;
    bool counts = true;
    bool over_limit = false;   // The customer's day, this one included,
    bool over_pace = false;    // or more than so many of anybody within an hour.
    std::set<std::string> roles;
  };
  std::map<std::uint64_t, Asked> asked_;
};

}  // namespace holdfast::sim
