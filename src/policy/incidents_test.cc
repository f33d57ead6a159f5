// The default policy against withdrawals as they came in the thefts that are known, after five weeks of ordinary business.
//
// Money is scaled to a new exchange: hot wallets of two million US dollars for each of eight assets on two chains. What is
// allowed at once is gone, and ten minutes later final; what waits for time or people never is.
#include "policy/judge.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>
#include <queue>
#include <random>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kMinute = 60 * kMsPerSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kWeek = 7 * kMsPerDay;
constexpr Instant kMonday{1'767'571'200'000};  // 2026-01-05, midnight UTC
constexpr std::int64_t kFloat = 2'000'000;     // US dollars of each asset.
constexpr const char* kAssets[] = {"ETH", "USDT", "GRT", "UNI", "TRX", "SUN", "JST", "WIN"};

const Policy& default_policy() {
  static const Policy policy = [] {
    std::ifstream file("policies/default.toml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return std::move(*Policy::read(text, "default.toml"));
  }();
  return policy;
}

struct Asked {
  std::string customer;
  std::string destination;
  std::size_t asset = 0;
  double usd = 0;
  std::string device;
  std::string api_key;
  std::optional<std::int64_t> since_reset;
  bool cancelled = false;  // Before it is paid.
};

class Exchange {
 public:
  Instant now = kMonday;
  std::int64_t asked = 0, held = 0, frozen = 0;
  double gone = 0;
  std::map<std::string, int> firings;  // By rule or detector.

  Exchange() { balances_.fill(kFloat); }

  Verdict withdraw(const Asked& wanted) {
    pass_time();
    const risk::Fact fact = fact_of(wanted);
    const std::string chain = wanted.asset < 4 ? "eip155:1" : "tron:main";
    windows_.look(fact, look_);
    inputs_.usd(kValue, {fact.value});
    inputs_.usd(kWalletBalance, {static_cast<Int128>(balances_[wanted.asset] * 1e6)});
    inputs_.text(kAsset, kAssets[wanted.asset]);
    inputs_.text(kChain, chain);
    inputs_.text(kCustomer, wanted.customer);
    inputs_.text(kDestination, wanted.destination);
    inputs_.text(kDevice, wanted.device);
    inputs_.text(kApiKey, wanted.api_key);
    inputs_.since_reset(wanted.since_reset);
    inputs_.labels({});
    for (const Slot age : {kPriceAge, kLabelsAge, kChainLag}) inputs_.age(age, 0);
    inputs_.time(now);
    inputs_.look(look_, fact);
    Subjects subjects;
    subjects.set(Scope::customer, wanted.customer);
    subjects.set(Scope::destination, wanted.destination);
    subjects.set(Scope::asset, kAssets[wanted.asset]);
    subjects.set(Scope::chain, chain);
    Verdict verdict = judge_.judge(inputs_, grades_, subjects, now);
    for (const auto& [key, grade] : climbs(default_policy(), verdict, subjects, now)) grades_.raise(key, grade);
    windows_.add(fact);
    count(wanted, verdict);
    return verdict;
  }

  void deposit(const std::string& customer, double usd) {
    risk::Fact fact = fact_of({customer, "", 0, usd, "", "", {}});
    fact.of = risk::Stream::deposits;
    pass_time();
    windows_.add(fact);
  }

  // Of a wallet's money people top up what is gone.
  void refill() { balances_.fill(kFloat); }

  // From here on, what is counted is the theft's.
  void begin() {
    refill();
    asked = held = frozen = 0;
    gone = 0;
    firings.clear();
  }

 private:
  void pass_time() {
    for (; !paying_.empty() && paying_.front().at <= now; paying_.pop()) windows_.add(paying_.front());
  }

  std::uint64_t id(const std::string& text) { return text.empty() ? 0 : ids_.try_emplace(text, ids_.size() + 1).first->second; }

  risk::Fact fact_of(const Asked& wanted) {
    using risk::KeyKind;
    risk::Fact fact;
    fact.at = now;
    fact.value = static_cast<std::int64_t>(wanted.usd * 1e6);
    const auto set = [&](KeyKind kind, std::uint64_t key) { fact.keys[static_cast<std::size_t>(kind)] = key; };
    set(KeyKind::customer, id(wanted.customer));
    set(KeyKind::destination, id(wanted.destination));
    set(KeyKind::asset, 1 + wanted.asset);
    set(KeyKind::chain, 1 + wanted.asset / 4);
    set(KeyKind::wallet, 1 + wanted.asset / 2);
    set(KeyKind::device, id(wanted.device));
    set(KeyKind::api_key, id(wanted.api_key));
    set(KeyKind::platform, 1);
    return fact;
  }

  void count(const Asked& wanted, const Verdict& verdict) {
    ++asked;
    for (const Fired& fired : verdict.fired) ++firings[default_policy().rules()[fired.rule].name];
    for (const Raised& raised : verdict.raised) ++firings[default_policy().detectors()[raised.detector].name];
    if (verdict.frozen) ++frozen;
    if (!verdict.demand.allows()) {
      ++held;
      return;
    }
    if (wanted.cancelled) return;
    gone += wanted.usd;
    balances_[wanted.asset] -= wanted.usd;
    risk::Fact paid = fact_of(wanted);
    paid.of = risk::Stream::paid;
    paid.at = now + 10 * kMinute;
    paying_.push(paid);
  }

  risk::Windows windows_ = std::move(*risk::Windows::make(default_policy().groups()));
  risk::Look look_;
  Judge judge_{default_policy()};
  Inputs inputs_{default_policy()};
  Grades grades_;
  std::map<std::string, std::uint64_t> ids_;
  std::queue<risk::Fact> paying_;  // Not final yet.
  std::array<double, std::size(kAssets)> balances_{};
};

std::string customer(std::size_t number) { return fmt::format("customer-{}", number); }

// 500 customers, each with a device and two addresses of his own; 10 withdrawals an hour by night and 40 by day, of 20 to 4,000 US dollars,
// small ones more often; as much is paid in. One in a hundred goes to an address that is new.
class Business {
 public:
  void hour(Exchange& exchange) {
    const std::int64_t of_day = exchange.now.unix_ms % kMsPerDay / kHour;
    const int count = of_day < 6 ? 10 : 40;
    for (int i = 0; i < count; ++i) {
      const std::size_t who = random_() % 500;
      const double part = static_cast<double>(random_() % 1'000) / 1'000;
      const double usd = 20 + 3'980 * part * part * part;
      exchange.deposit(customer(who), usd);
      const bool is_new = random_() % 100 == 0;
      const std::string to = is_new ? fmt::format("new-{}", random_()) : fmt::format("{}-{}", who, random_() % 2);
      exchange.withdraw({customer(who), to, random_() % std::size(kAssets), usd, fmt::format("device-{}", who), "", {}});
      exchange.now = exchange.now + kHour / count;
    }
    exchange.refill();
  }

 private:
  std::mt19937_64 random_{7};
};

class Incidents : public testing::Test {
 protected:
  // Five weeks, and so many hours more.
  void open(std::int64_t hours) {
    for (std::int64_t hour = 0; hour < 5 * 7 * 24 + hours; ++hour) {
      if (hour == 4 * 7 * 24) exchange.begin();
      business.hour(exchange);
    }
  }
  void steal_from(std::int64_t hours) {
    open(hours);
    exchange.begin();
  }
  Exchange exchange;
  Business business;
};

TEST_F(Incidents, ordinary_business_waits_for_nobody) {
  open(0);
  EXPECT_EQ(exchange.asked, 7 * (6 * 10 + 18 * 40));
  EXPECT_LE(exchange.held * 1'000, exchange.asked);
  EXPECT_EQ(exchange.frozen, 0);
}

// 10 XEM, two minutes later six payments in eight minutes.
TEST_F(Incidents, coincheck_2018) {
  steal_from(3 * 24 + 15);
  exchange.withdraw({"intruder", "thief", 0, 10, "", "", {}});
  exchange.now = exchange.now + 2 * kMinute;
  for (int i = 0; i < 6; ++i) {
    exchange.withdraw({"intruder", "thief", 0, 330'000, "", "", {}});
    exchange.now = exchange.now + 80 * kMsPerSecond;
  }
  EXPECT_EQ(exchange.gone, 10);
  EXPECT_GT(exchange.firings["probe_then_large"], 0);
  EXPECT_GT(exchange.frozen, 0);
}

// The coin itself and then token after token, of both chains, to one address each; before 13:21 nobody had seen these.
TEST_F(Incidents, coinex_2023) {
  steal_from(24 + 13);
  for (std::size_t round = 0; round < 20; ++round) {
    for (std::size_t asset = 0; asset < std::size(kAssets); ++asset) {
      exchange.withdraw({"intruder", asset < 4 ? "thief-evm" : "thief-tron", asset, kFloat / 20.0, "", "", {}});
      exchange.now = exchange.now + 5 * kMsPerSecond;
    }
  }
  EXPECT_EQ(exchange.gone, 0);
  EXPECT_GT(exchange.firings["many_assets_to_one"], 0);
  EXPECT_GT(exchange.firings["chain_burst"], 0);
  EXPECT_GT(exchange.frozen, 100);
}

// 44 customers and 44 addresses at once, each amount made to pass. Where devices are told, each is stopped; where not, the ninth is.
TEST_F(Incidents, binance_2019) {
  steal_from(24 + 17);
  for (std::size_t i = 0; i < 44; ++i) {
    exchange.withdraw({customer(i), fmt::format("thief-{}", i), 0, 9'500, "", "", {}});
  }
  EXPECT_LE(exchange.gone, 8 * 9'500);
  EXPECT_GT(exchange.firings["many_below_the_limit"], 0);
  exchange.begin();
  for (std::size_t i = 100; i < 144; ++i) {
    exchange.withdraw({customer(i), fmt::format("thief-{}", i), 1, 9'500, fmt::format("farm-{}", i), "", {}});
  }
  EXPECT_EQ(exchange.gone, 0);
}

// 483 accounts past their second factors: small amounts, few machines.
TEST_F(Incidents, cryptocom_2022) {
  steal_from(46);
  for (std::size_t i = 0; i < 483; ++i) {
    exchange.withdraw({customer(i), fmt::format("thief-{}", i), 0, 900, fmt::format("farm-{}", i % 4), "", {}});
    exchange.now = exchange.now + 20 * kMsPerSecond;
  }
  EXPECT_LE(exchange.gone, 4 * 3 * 900);
}

// At night, six wallets one after the other, in parts, each to an address of its own.
TEST_F(Incidents, eterbase_2020) {
  steal_from(22);
  for (std::size_t i = 0; i < 420; ++i) {
    exchange.withdraw({fmt::format("ghost-{}", i), fmt::format("thief-{}", i), i / 70, 9'900, "", "", {}});
    exchange.now = exchange.now + kMinute;
  }
  EXPECT_LE(exchange.gone, 3 * 70 * 9'900 / 5);
  EXPECT_GT(exchange.firings["asset_burst"], 0);
  EXPECT_GT(exchange.firings["platform_burst"], 0);
}

// For 157 minutes a service that had been changed asked for withdrawals of many customers, each to an address of its own. None of these
// looks like a theft.
TEST_F(Incidents, bigone_2025) {
  steal_from(24 + 17);
  for (std::size_t i = 0; i < 157 * 60; ++i) {
    exchange.withdraw({customer(i), fmt::format("thief-{}", i), i % 8, 1'500, "", "", {}});
    exchange.now = exchange.now + kMsPerSecond;
  }
  EXPECT_LE(exchange.gone, 510'000);
  EXPECT_GT(exchange.firings["platform_burst"], 0);
  EXPECT_GT(exchange.firings["many_destinations"], 0);
  EXPECT_GT(exchange.firings["obeys_an_intruder"], 0);
  EXPECT_GT(exchange.frozen, 0);
}

// 80 wallets to 180 addresses within minutes; here to one, in parts that no rule of one payment sees.
TEST_F(Incidents, upbit_2025) {
  steal_from(2 * 24 + 19);
  for (std::size_t i = 0; i < 180; ++i) {
    exchange.withdraw({fmt::format("ghost-{}", i), "thief", 2 * (i % 4), 4'900, "", "", {}});
    exchange.now = exchange.now + kMsPerSecond;
  }
  EXPECT_LE(exchange.gone, 2 * 4'900);
  EXPECT_GT(exchange.firings["many_wallets_to_one"], 0);
  EXPECT_GT(exchange.firings["many_customers_to_one"], 0);
}

// A customer's mailbox is another's: the password is reset, a new device, an address never paid, a small amount first.
TEST_F(Incidents, an_account_is_taken_over) {
  steal_from(24 + 12);
  const auto withdraw = [&](double usd) {
    const Verdict verdict = exchange.withdraw({"victim", "thief", 0, usd, "his-phone", "", 10 * kMinute});
    exchange.now = exchange.now + kMinute;
    return write_demand(verdict.demand);
  };
  EXPECT_EQ(withdraw(20), "allow");
  EXPECT_EQ(withdraw(2'000), "step up, delay 24h");
  EXPECT_EQ(withdraw(20), "review 1 risk, step up, delay 24h");  // All of this day's is one amount, in however many parts.
  EXPECT_EQ(withdraw(2'000), "review 2 risk, step up, delay 24h");
  withdraw(20);
  EXPECT_EQ(exchange.frozen, 0);
  withdraw(20);
  EXPECT_EQ(exchange.frozen, 1);
  EXPECT_EQ(exchange.gone, 20);
  // Others are not his, and go on.
  EXPECT_TRUE(exchange.withdraw({customer(4), "4-0", 0, 2'000, "device-4", "", {}}).demand.allows());
}

// Who asks, and cancels before it is paid, is a stranger still a day later: by address and by device. Who was paid is known.
TEST_F(Incidents, asking_makes_nothing_known) {
  steal_from(24 + 12);
  for (const char* who : {"asker", "owner"}) exchange.withdraw({who, fmt::format("{}-own", who), 0, 100, "old-phone", "", {}});
  exchange.now = exchange.now + 2 * kMsPerDay;
  EXPECT_TRUE(exchange.withdraw({"asker", "thief", 0, 900, "his-phone", "", {}, true}).demand.allows());
  EXPECT_TRUE(exchange.withdraw({"owner", "friend", 0, 900, "new-phone", "", {}}).demand.allows());
  exchange.now = exchange.now + kMsPerDay + 10 * kMinute;
  EXPECT_EQ(write_demand(exchange.withdraw({"asker", "thief", 0, 8'900, "his-phone", "", {}}).demand), "step up, delay 24h");
  EXPECT_TRUE(exchange.withdraw({"owner", "friend", 0, 8'900, "new-phone", "", {}}).demand.allows());
}

// Keys to the API of a customer, used from anywhere.
TEST_F(Incidents, kronos_2023) {
  steal_from(5 * 24 + 20);
  for (int i = 0; i < 30; ++i) exchange.withdraw({"victim", "thief", 0, 800, "", "trading-bot", {}});
  EXPECT_EQ(exchange.gone, 800);
}

}  // namespace
}  // namespace holdfast::policy
