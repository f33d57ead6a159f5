// What a policy would have said: every withdrawal of a journal is judged again, at its place in it, on the state and the windows of
// that moment and nothing later.
//
// With the policies as they came into force it must lead to the very records that stand in the journal. With another policy, windows
// and grades follow what that policy says; what then became of a withdrawal (paid, cancelled, reviewed) stays as it was.
#pragma once

#include "engine/desk.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::engine {

// Of all withdrawals, what one of the two said.
struct BacktestSide {
  std::uint64_t allowed = 0, delayed = 0, stepped_up = 0, reviewed = 0, denied = 0;  // Of those not allowed, one may be in several.
  std::uint64_t reviews = 0;     // Approvals by people that were asked for.
  Uint128 stopped_micro_usd = 0;  // Value of all that was not allowed at once.
};

struct BacktestChange {
  custody::WithdrawalId withdrawal;
  Instant at;
  std::uint64_t micro_usd = 0;
  policy::Demand was;
  policy::Demand would_be;
  std::vector<std::string> fired;  // Under the policy that is tested.
};

struct BacktestReport {
  static constexpr std::size_t kMaxChanges = 1'000;

  std::uint64_t records = 0;
  std::uint64_t withdrawals = 0;
  std::uint64_t from_before = 0;  // Of these: of a journal from before verdicts. Only counted, when no policy is given.
  std::uint64_t different = 0;   // Without a policy to test: judged otherwise than the journal says. With one: of another demand.
  std::uint64_t stricter = 0;    // Something is asked for that was not, and nothing less,
  std::uint64_t milder = 0;      // the other way round; neither: different in both ways.
  Uint128 stricter_micro_usd = 0;
  Uint128 milder_micro_usd = 0;
  BacktestSide was;
  BacktestSide would_be;
  std::map<std::string, std::uint64_t> fired;  // By rule or detector.
  std::vector<BacktestChange> changes;         // The first kMaxChanges.
};

class Backtest {
 public:
  // `policy`: none for those that came into force. It has to outlive the test.
  explicit Backtest(const policy::Policy* policy, DeskOptions options = {});

  Backtest(const Backtest&) = delete;
  Backtest& operator=(const Backtest&) = delete;

  // The journal's records, from the first one on.
  void see(const custody::Event& event);

  const BacktestReport& report() const { return report_; }
  // For whoever follows a journal that grows. The changes since the last call, which the report has no longer.
  std::vector<BacktestChange> take_changes() { return std::exchange(report_.changes, {}); }
  // What was counted so far is forgotten; windows, grades and all else stay.
  void count_anew() { report_ = {}; }
  const custody::State& state() const { return state_; }  // The fold so far, with verdicts and grades of the policy that is tested.

 private:
  bool tests_another() const { return policy_ != nullptr; }
  void judge(const custody::WithdrawalRequested& asked, Instant at);
  void compare_records(const custody::Event& event);
  void compare_demands();
  bool is_from_before(const custody::WithdrawalRequested& asked) const;
  bool is_replaced(const custody::Event& event) const;

  const policy::Policy* policy_;
  Desk desk_;
  custody::State state_;
  BacktestReport report_;
  // Of the withdrawal that was judged last:
  custody::WithdrawalId judged_;
  bool is_judging_ = false;  // It has not been held yet.
  std::deque<custody::Event> expected_;  // What it leads to, and has not been seen yet.
  policy::Demand was_;
  std::vector<std::string> fired_;
  std::string labels_;  // What lists said of the destination then.
};

}  // namespace holdfast::engine
