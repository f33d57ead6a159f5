// An exchange whose withdrawals a policy judges, as the engine does it: windows, grades, verdict. Its hot wallets are topped up, and
// what is frozen is looked at by people.
#pragma once

#include "bench/traffic/traffic.h"
#include "policy/judge.h"

#include <array>
#include <queue>
#include <string>
#include <vector>

namespace holdfast::detection {

inline constexpr std::int64_t kLookMs = 30 * traffic::kMinute;   // After so long people have looked: granted a review, lifted a freeze.
inline constexpr std::int64_t kFinalMs = 10 * traffic::kMinute;  // From the moment that nothing holds a payment until it is final.

class JudgedExchange {
 public:
  // The policy has to outlive it and stay where it is.
  explicit JudgedExchange(const policy::Policy& policy);

  // It happened, and nobody judged it: a deposit, or a withdrawal of the time before the policy.
  void happened(const traffic::Payment& payment);
  // Precondition: a withdrawal. Unless it is denied it is in the windows from now on.
  policy::Verdict judge(const traffic::Payment& payment);
  // It is paid out, or as much of it as there is: how much. Final, and in the windows of what was paid, it is later: after what was
  // demanded of it, and kFinalMs.
  std::int64_t pay(const traffic::Payment& payment, const policy::Demand& demand);
  // Set to false when what froze is a theft: then they lift nothing.
  bool people_lift = true;
  std::int64_t balance(std::size_t asset) const { return balances_[asset]; }

 private:
  struct Later {
    bool operator()(const risk::Fact& a, const risk::Fact& b) const { return a.at > b.at; }
  };

  void pass_time(Instant now);

  const policy::Policy& policy_;
  risk::Windows windows_;
  risk::Look look_;
  policy::Judge judge_;
  policy::Inputs inputs_;
  policy::Grades grades_;
  std::priority_queue<risk::Fact, std::vector<risk::Fact>, Later> paying_;  // Not final yet. Of one time the order means nothing.
  std::vector<std::pair<Instant, policy::GradeKey>> frozen_;  // Since when, oldest first.
  std::array<std::int64_t, traffic::kAssets.size()> balances_{};
  std::int64_t hour_ = 0;
  std::string customer_, destination_, device_, ip_, api_key_;  // What the inputs borrow.
};

}  // namespace holdfast::detection
