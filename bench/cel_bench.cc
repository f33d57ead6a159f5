// How many rules of the policy language one core evaluates a second, features given; and how long a policy of 10,000 rules takes to
// be read and checked. Prints JSON.
//
//   cel_bench [evaluations of each rule]
#include "bench/measure.h"
#include "policy/cel/expression.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <unordered_set>

namespace {

using namespace holdfast::policy::cel;

using Names = std::unordered_set<std::string_view>;

constexpr std::size_t kKnown = 1'000;   // Destinations in the set.
constexpr std::size_t kRequests = 256;  // Different ones, in turn.
constexpr std::size_t kManyRules = 10'000;
constexpr std::uint64_t kSeed = 20'260'101;

Value set_contains(Context& /*context*/, const Value* arguments, const void* /*state*/) {
  return Value::of(arguments[1].object<Names>().contains(arguments[0].text()));
}

struct World {
  World() {
    set_type = environment.declare_type("set", nullptr, true);
    const TypeId names = environment.types().opaque(set_type, types::kString);
    environment.declare_variable("amount", types::kInt);
    environment.declare_variable("customer_age_hours", types::kInt);
    environment.declare_variable("destination", types::kString, Bound::text(64));
    environment.declare_variable("known", names, Bound::list(kKnown, Bound::text(64)));
    environment.declare_variable("share", types::kDouble);
    environment.declare_variable("now", types::kTimestamp);
    environment.declare_variable("last", types::kTimestamp);
    environment.declare_variable("asset", types::kString, Bound::text(16));
    Overload in;
    in.id = "in_set";
    in.parameters = {types::kString, names};
    in.result = types::kBool;
    in.native = set_contains;
    environment.declare_function("@in", in);
    std::mt19937_64 random(kSeed);
    for (std::size_t i = 0; i < kKnown * 2; ++i) addresses.push_back(fmt::format("0x{:016x}{:016x}{:08x}", random(), random(), random() >> 32));
    for (std::size_t i = 0; i < kKnown; ++i) known.insert(addresses[i]);
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::int64_t now = 1'767'225'600 + static_cast<std::int64_t>(random() % 100'000);
      requests.push_back({Value::of(static_cast<std::int64_t>(random() % 2'000)), Value::of(static_cast<std::int64_t>(random() % 48)),
                          Value::string(addresses[random() % addresses.size()]), Value::opaque(set_type, &known, known.size()),
                          Value::of(static_cast<double>(random() % 100) / 100), Value::timestamp(now, 0),
                          Value::timestamp(now - static_cast<std::int64_t>(random() % 7'200), 0),
                          Value::string(random() % 2 == 0 ? "BTC" : "ETH")});
    }
  }

  Environment environment;
  std::uint16_t set_type = 0;
  std::vector<std::string> addresses;
  Names known;
  std::vector<std::vector<Value>> requests;
};

struct Rule {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<Rule, 6> kRules{{
    {"typical", "amount > 1000 && customer_age_hours < 24 && !(destination in known)"},
    {"all_parts_needed", "amount >= 0 && customer_age_hours < 48 && (destination in known || share >= 0.0)"},
    {"set_only", "!(destination in known)"},
    {"time", "now - last < duration('1h') && now.getHours() < 6"},
    {"text", "asset in ['BTC', 'LTC', 'DOGE'] && destination.startsWith('0x')"},
    {"arithmetic", "amount * 3 + 7 > 2 * customer_age_hours + 100 ? share > 0.5 : share < 0.25"},
}};

double rules_per_second(const World& world, const Program& program, std::size_t times, std::size_t& fired) {
  Machine machine;
  const double begin = holdfast::bench::cpu_seconds();
  for (std::size_t i = 0; i < times; ++i) fired += machine.evaluate(program, world.requests[i % kRequests]).is_bool(true) ? 1U : 0U;
  return static_cast<double>(times) / (holdfast::bench::cpu_seconds() - begin);
}

// A policy of many rules, each a little different.
std::string many(const World& world) {
  const double begin = holdfast::bench::cpu_seconds();
  std::vector<Program> programs;
  for (std::size_t i = 0; i < kManyRules; ++i) {
    auto program = build(fmt::format("amount > {} && customer_age_hours < {} && !(destination in known)", i, i % 97), world.environment);
    if (!program) std::abort();
    programs.push_back(std::move(*program));
  }
  const double compiled = holdfast::bench::cpu_seconds();
  Machine machine;
  std::size_t fired = 0;
  for (const Program& each : programs) fired += machine.evaluate(each, world.requests[0]).is_bool(true) ? 1U : 0U;
  const double done = holdfast::bench::cpu_seconds();
  return fmt::format(R"({{"rules": {}, "compile_ms": {:.1f}, "evaluate_all_us": {:.0f}, "fired": {}}})", kManyRules,
                     (compiled - begin) * 1e3, (done - compiled) * 1e6, fired);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t times = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000'000;
  if (times == 0) return EXIT_FAILURE;
  const World world;
  fmt::print(R"({{"evaluations": {})", times);
  for (const Rule& rule : kRules) {
    const auto program = build(rule.text, world.environment, {.allows_dyn = false, .expected = types::kBool});
    if (!program) {
      fmt::print(stderr, "{}\n", explain(rule.text, program.error()));
      return EXIT_FAILURE;
    }
    std::size_t fired = 0;
    const double rate = rules_per_second(world, *program, times, fired);
    fmt::print(R"(, "{}": {{"rules_per_s": {:.0f}, "fired_percent": {:.1f}, "instructions": {}, "cost_bound": {}}})", rule.name, rate,
               100.0 * static_cast<double>(fired) / static_cast<double>(times), program->code.size(), program->cost_bound);
  }
  fmt::print(R"(, "many": {}}})" "\n", many(world));
}
