// holdfast-sim-planted: the simulator with planted bugs in the code it runs. Each must be found, or it proves nothing.
//
// Every life is lived in a process of its own: some bugs are found by the code's own checks, which end the process.
#include "base/planted.h"
#include "sim/world.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using holdfast::PlantedBug;

using holdfast::sim::Life;

struct Named {
  PlantedBug bug;
  const char* name;
  Life life;
};
#define HF_NAMED(bug) \
  Named { PlantedBug::bug, #bug, Life::accounts }
#define HF_NAMED_OF_COINS(bug) \
  Named { PlantedBug::bug, #bug, Life::coins }
constexpr std::array kBugs = {HF_NAMED(sync_lies),
                              HF_NAMED(broadcast_before_durable),
                              HF_NAMED(hold_not_released),
                              HF_NAMED(approval_skipped),
                              HF_NAMED(cancelled_while_signed),
                              HF_NAMED(request_forgotten),
                              HF_NAMED(snapshot_loses_unswept),
                              HF_NAMED(credit_before_final),
                              HF_NAMED(reorg_not_undone),
                              HF_NAMED(sweep_counted_twice),
                              HF_NAMED(own_fee_forgotten),
                              HF_NAMED(loss_without_incident),
                              HF_NAMED(stolen_owner_ignored),
                              HF_NAMED(gas_nonce_not_filled),
                              HF_NAMED(paid_at_two_nonces),
                              HF_NAMED(bump_at_new_nonce),
                              HF_NAMED(frozen_attempt),
                              HF_NAMED(evacuation_elsewhere),
                              HF_NAMED(signer_forgets),
                              HF_NAMED(signer_ignores_freeze),
                              HF_NAMED(signer_signs_unrecorded),
                              HF_NAMED(windows_cold),
                              HF_NAMED(windows_blind),
                              HF_NAMED_OF_COINS(coin_spent_twice),
                              HF_NAMED_OF_COINS(change_not_booked),
                              HF_NAMED_OF_COINS(replacement_with_other_coins),
                              HF_NAMED_OF_COINS(tiers_ignored),
                              HF_NAMED_OF_COINS(child_outlives_parent),
                              HF_NAMED_OF_COINS(reserve_broadcast_early)};

// In the child: lives, and says on `out` how that ended badly.
[[noreturn]] void live_in_child(std::uint64_t seed, Life life, int out, bool quiet) {
  if (quiet) static_cast<void>(!std::freopen("/dev/null", "w", stderr));
  try {
    holdfast::sim::World(seed, false, life).live();
  } catch (const holdfast::sim::LawBroken& broken) {
    const std::string text = "law " + broken.law + ": " + broken.what;
    static_cast<void>(!::write(out, text.data(), text.size()));
  }
  std::_Exit(EXIT_SUCCESS);
}

std::string read_all(int in) {
  std::string out;
  std::array<char, 512> buffer{};
  for (ssize_t size = 0; (size = ::read(in, buffer.data(), buffer.size())) > 0;) {
    out.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return out;
}

// How the life of this seed ends badly; nothing when it does not.
std::optional<std::string> trouble(std::uint64_t seed, Life life, bool quiet) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  const pid_t child = ::fork();
  if (child < 0) std::abort();
  if (child == 0) {
    ::close(ends[0]);
    live_in_child(seed, life, ends[1], quiet);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) std::abort();
  if (!text.empty()) return text;
  if (WIFSIGNALED(status)) return "one of the code's own checks";
  return std::nullopt;
}

bool found(const Named& planted, std::uint64_t seeds, bool quiet) {
  holdfast::planted_bug = planted.bug;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    if (const auto how = trouble(seed, planted.life, quiet)) {
      fmt::print("{:<26} seed {:>4}  {}\n", planted.name, seed, *how);
      std::fflush(stdout);
      return true;
    }
  }
  fmt::print("{:<26} not found in {} lives: the simulator does not see this bug\n", planted.name, seeds);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Shows that the simulator finds each planted bug.");
  std::uint64_t seeds = 500;
  std::string only;
  app.add_option("--seeds", seeds, "how many lives at most for each bug");
  app.add_option("--bug", only, "this bug only, by name; its checks speak");
  CLI11_PARSE(app, argc, argv);

  bool all = true;
  bool any = false;
  for (const Named& planted : kBugs) {
    if (!only.empty() && only != planted.name) continue;
    any = true;
    all = found(planted, seeds, only.empty()) && all;
  }
  if (!any) fmt::print(stderr, "no planted bug is called {}\n", only);
  return all && any ? EXIT_SUCCESS : EXIT_FAILURE;
}
