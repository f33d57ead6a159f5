// holdfast-sim: lives from seeds, each lived twice. Says on failure which law is broken and how to see it again.
#include "sim/world.h"

#include "base/hex.h"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <optional>

namespace {

using holdfast::sim::LawBroken;
using holdfast::sim::Life;
using holdfast::sim::Report;
using holdfast::sim::World;

char last_words[160];  // Written when one of the program's own checks ends it.

extern "C" void on_abort(int) {
  static_cast<void>(!::write(STDERR_FILENO, last_words, std::char_traits<char>::length(last_words)));
}

void prepare_last_words(std::uint64_t seed) {
  const auto out =
      fmt::format_to_n(last_words, sizeof last_words - 1,
                       "seed {}: a check failed. See it again: holdfast-sim --seed {} --trace\n", seed, seed);
  *out.out = '\0';
}

// Nothing when a law is broken.
std::optional<Report> live(std::uint64_t seed, bool trace, Life kind) {
  try {
    prepare_last_words(seed);
    return World(seed, trace, kind).live();
  } catch (const LawBroken& broken) {
    fmt::print("seed {}: law {} is broken: {}.\nSee it again: holdfast-sim {}--seed {} --trace\n", seed, broken.law,
               broken.what, kind == Life::coins ? "--coins " : "", seed);
    return std::nullopt;
  }
}

void add(Report& sum, const Report& one) {
  sum.events += one.events;
  sum.crashes += one.crashes;
  sum.signer_crashes += one.signer_crashes;
  sum.blocks += one.blocks;
  sum.reorgs += one.reorgs;
  sum.deposits += one.deposits;
  sum.withdrawals += one.withdrawals;
  sum.paid += one.paid;
  sum.thefts += one.thefts;
  sum.lies += one.lies;
  sum.incidents += one.incidents;
  sum.children += one.children;
}

void print(const Report& sum) {
  fmt::print(
      "{} events, {} crashes of the engine, {} of signers, {} blocks, {} reorganisations, {} deposits, {} withdrawals "
      "({} paid), {} thefts, {} lies of nodes, {} incidents, {} children\n",
      sum.events, sum.crashes, sum.signer_crashes, sum.blocks, sum.reorgs, sum.deposits, sum.withdrawals, sum.paid,
      sum.thefts, sum.lies, sum.incidents, sum.children);
}

bool live_all(std::uint64_t from, std::uint64_t seeds, Life kind) {
  Report sum;
  for (std::uint64_t i = 0; i < seeds; ++i) {
    const std::uint64_t seed = from + i;
    const auto once = live(seed, false, kind);
    if (!once) return false;
    const auto again = live(seed, false, kind);
    if (again != once) {
      fmt::print("seed {}: the same seed led to two different lives\n", seed);
      return false;
    }
    add(sum, *once);
    if ((i + 1) % 100 == 0) {
      fmt::print("{} lives, each twice\n", i + 1);
      std::fflush(stdout);
    }
  }
  fmt::print("{} lives kept the laws 1 to 6, each twice with equal journals.\n", seeds);
  print(sum);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Holdfast's simulator: the engine, three signers and a chain in one thread, from a seed.");
  std::uint64_t seeds = 100;
  std::uint64_t from = 1;
  std::uint64_t seed = 0;
  bool trace = false;
  bool coins = false;
  app.add_option("--seeds", seeds, "how many lives, each lived twice");
  app.add_option("--from", from, "the first seed");
  app.add_option("--seed", seed, "one life only");
  app.add_flag("--coins", coins, "lives with a chain of coins beside the accounts");
  app.add_flag("--trace", trace, "tell that life");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, on_abort);

  const Life kind = coins ? Life::coins : Life::accounts;
  if (seed == 0) return live_all(from, seeds, kind) ? EXIT_SUCCESS : EXIT_FAILURE;
  const auto report = live(seed, trace, kind);
  if (!report) return EXIT_FAILURE;
  fmt::print("seed {} kept the laws; journal root {}\n", seed, holdfast::to_hex(report->root.view()));
  print(*report);
  return EXIT_SUCCESS;
}
