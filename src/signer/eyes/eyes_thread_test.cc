// The thread of the eyes: it looks until it has caught up, proves what it is asked, and goes on after faults.
#include "signer/eyes/eyes_thread.h"

#include <gtest/gtest.h>

#include <functional>

namespace holdfast::signer {
namespace {

// Two looks to catch up, then a fault, then a good one, and so on.
class ScriptedEyes final : public Eyes, public DepositProver, public Watcher {
 public:
  DepositProver& prover() override { return *this; }
  Watcher& watcher() override { return *this; }
  Result<std::vector<Verdict>> prove(std::span<const DepositClaim> claims, Instant) override {
    if (claims.front().chain != "chain") return refuse("chain_differs");
    return std::vector<Verdict>(claims.size(), {Proof::proven, "", ""});
  }
  Result<Round> look(Instant now) override {
    const std::uint64_t turn = ++looks_;
    if (turn % 3 == 0) return fault("node_down");
    Round out;
    out.seen.height = turn;
    out.at = now;
    out.caught_up = turn % 3 == 2;
    return out;
  }

 private:
  std::uint64_t looks_ = 0;
};

class FixedClock final : public Clock {
 public:
  Instant now() override { return Instant{1'700'000'000'000}; }
};

class Notes final : public EyesListener {
 public:
  void on_round(const std::string&, const Round& round) override { note([&] { rounds += round.seen.height != 0, at = round.at; }); }
  void on_fault(const std::string& chain, const Error& error) override { note([&] { faults += chain == "chain", fault = error.code; }); }
  void on_verdicts(const std::string&, const std::vector<DepositClaim>& claims, const std::vector<Verdict>& verdicts) override {
    note([&] { proven += claims.size() == verdicts.size() ? verdicts.size() : 0; });
  }
  void wait_until(const std::function<bool()>& is) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, is);
  }

  std::size_t rounds = 0, faults = 0, proven = 0;
  std::string fault;
  Instant at;

 private:
  void note(const std::function<void()>& what) {
    const std::lock_guard lock(mutex_);
    what();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

TEST(eyes_thread, looks_and_proves_and_goes_on_after_faults) {
  FixedClock clock;
  Notes notes;
  EyesThread thread("chain", std::make_unique<ScriptedEyes>(), 1, clock, notes);
  const DepositClaim claim{"chain", {}, {}, {}, {}};
  EXPECT_TRUE(thread.ask({claim, claim, claim}));
  EXPECT_TRUE(thread.ask(std::vector(2'000, claim)));
  EXPECT_FALSE(thread.ask(std::vector(EyesThread::kMaxWaiting + 1, claim)));
  notes.wait_until([&] { return notes.rounds > 5 && notes.faults > 2 && notes.proven == 2'003; });
  EXPECT_EQ(notes.fault, "node_down");
  EXPECT_EQ(notes.at, clock.now());
}

TEST(eyes_thread, a_refused_question_is_told) {
  FixedClock clock;
  Notes notes;
  EyesThread thread("chain", std::make_unique<ScriptedEyes>(), 1, clock, notes);
  EXPECT_TRUE(thread.ask({DepositClaim{"other", {}, {}, {}, {}}}));
  notes.wait_until([&] { return notes.fault == "chain_differs"; });
  EXPECT_EQ(notes.proven, 0u);
}

}  // namespace
}  // namespace holdfast::signer
