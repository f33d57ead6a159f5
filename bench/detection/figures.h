// What a policy does to ordinary business, and to thefts.
#pragma once

#include "bench/detection/judged_exchange.h"
#include "bench/detection/thefts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::detection {

inline constexpr std::int64_t kWarmWeeks = 5;  // What is usual needs four; nobody judges in these.

// Counts of withdrawals, none of which is a theft. One can be in several of these.
struct FalseAlarms {
  struct OfRule {
    std::string name;
    std::uint64_t fired = 0;
    std::uint64_t held = 0;   // People are asked because of it: of a detector, also while its grade stands.
    std::uint64_t alone = 0;  // And because of nothing else.
  };
  std::uint64_t judged = 0, any = 0, held = 0, delayed = 0, stepped_up = 0, denied = 0, frozen = 0;
  std::uint64_t freezes = 0;               // How often something was frozen.
  std::int64_t value = 0, held_value = 0;  // US dollars.
  std::int64_t days = 0;
  std::vector<OfRule> rules;  // And detectors, in the order of the policy; those that never did anything are left out.
};

struct Outcome {
  std::string name, what;
  std::uint64_t requests = 0, let_through = 0;
  std::int64_t asked = 0, gone = 0, gone_before = 0;  // US dollars; gone_before the first answer.
  struct Answer {
    std::int64_t after_ms = 0;  // Since the first request.
    std::uint64_t request = 0;  // From 1.
    std::string demand;
  };
  std::optional<Answer> first, review, freeze;  // Of any rule or detector; of one that asks people; the first frozen.
  std::vector<std::string> fired;               // By the first answer.
  // Ordinary withdrawals from the first answer to the last request, and those of them that people are asked about.
  std::uint64_t others = 0, others_held = 0;
};

FalseAlarms false_alarms(const policy::Policy& policy, const traffic::Assumptions& assumptions,
                         std::uint64_t withdrawals);
Outcome play(const policy::Policy& policy, const traffic::Assumptions& assumptions, const Theft& theft);
// Of the ordinary traffic alone, for people who want to know what it is like.
struct Portrait {
  std::int64_t a_day = 0, median = 0, mean = 0, ninety_nine = 0;  // US dollars, but for the first.
  std::int64_t new_percent = 0;                                   // To an address that is new to the customer.
};
Portrait portrait(const traffic::Assumptions& assumptions);

}  // namespace holdfast::detection
