// A policy that is tried on a journal while an engine writes to it.
#include "apps/cli/backtest_tool.h"

#include "engine/engine.h"
#include "engine/test_desk.h"
#include "journal/sqlite_storage.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace holdfast::cli {
namespace {

using namespace custody;

using engine::founding, engine::HandClock;

RequestWithdrawal request(std::uint8_t number, std::uint64_t units) { return engine::request(number, 1, static_cast<Int128>(units)); }

constexpr std::string_view kPolicy = R"(
[[windows]]
name = "day"
keys = ["customer"]
length = "24h"

[[rules]]
name = "much"
when = 'day.sum + value > usd("100")'
then = "delay 1h"
reason = "more than 100 USD within a day"
severity = "low"
)";

class Shadow : public ::testing::Test {
 protected:
  Shadow() {
    std::ofstream(folder_.file("journal.vkey")) << key_.verifier().to_string() << '\n';
    std::ofstream(folder_.file("new.toml")) << kPolicy;
    EXPECT_TRUE(journal::SqliteStorage::create(folder_.file("journal.db")));
    storage_ = std::move(*journal::SqliteStorage::open(folder_.file("journal.db")));
    engine_ = std::move(*engine::Engine::open(*storage_, key_, clock_));
    for (const Command& command : founding()) submit(command);
  }
  void submit(const Command& command) { ASSERT_EQ(engine_->submit({&command, 1}).front().refusal, Refusal::none); }
  JournalPlace place() const { return {folder_.file(""), ""}; }

  journal::TestFolder folder_;
  HandClock clock_;
  std::unique_ptr<journal::SqliteStorage> storage_;
  const journal::LogKey key_ = journal::LogKey::from_seed(Secret(32), "holdfast.example/log");
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(Shadow, a_tail_shows_each_record_once) {
  auto tail = JournalTail::open(place());
  ASSERT_TRUE(tail);
  std::uint64_t seen = 0;
  const auto read_on = [&] {
    const auto done = tail->read_on([&](const Event&) { ++seen; });
    EXPECT_TRUE(done) << done.error().text;
    return seen;
  };
  const std::uint64_t founded = read_on();
  EXPECT_GT(founded, 8U);
  EXPECT_EQ(read_on(), founded);
  submit(CreateCustomer{"ben"});
  submit(CreateCustomer{"cat"});
  EXPECT_EQ(read_on(), founded + 2);
  EXPECT_EQ(tail->size(), seen);
}

// What was asked for before it began counts in its windows, and is not shown.
TEST_F(Shadow, prints_what_differs_from_when_it_began) {
  submit(request(1, 90));
  std::size_t looks = 0;
  const auto wait = [&] {
    ++looks;
    if (looks == 1) submit(request(2, 5));
    if (looks == 2) submit(request(3, 50)), submit(request(4, 1));
    return looks < 4;
  };
  Settings settings;
  settings.json = true;
  ::testing::internal::CaptureStdout();
  const auto done = shadow_policy(settings, place(), folder_.file("new.toml"), wait);
  std::istringstream lines(::testing::internal::GetCapturedStdout());
  ASSERT_TRUE(done) << done.error().text;
  std::vector<Json> told;
  for (std::string line; std::getline(lines, line);) told.push_back(Json::parse(line));
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[0]["follows"]["withdrawals"], 1);
  EXPECT_EQ(told[1]["withdrawal"], 3);
  EXPECT_EQ(told[1]["was"], "allow");
  EXPECT_EQ(told[1]["would_be"], "delay 1h");
  EXPECT_EQ(told[1]["value_usd"], "50");
  EXPECT_EQ(told[1]["fired"][0], "much");
  EXPECT_EQ(told[2]["withdrawal"], 4);
  EXPECT_EQ(told[3]["summary"]["withdrawals"], 3);
  EXPECT_EQ(told[3]["summary"]["stricter"], 2);
  EXPECT_EQ(told[3]["summary"]["would_be"]["allowed"], 1);
}

TEST_F(Shadow, is_a_line_for_people) {
  const auto wait = [&, is_first = true]() mutable {
    if (is_first) submit(request(1, 60)), submit(request(2, 101)), submit(request(3, 5));
    return std::exchange(is_first, false);
  };
  ::testing::internal::CaptureStdout();
  ASSERT_TRUE(shadow_policy({}, place(), folder_.file("new.toml"), wait));
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("\n2023-11-14T22:13:20.000Z  withdrawal 2  101 USD  was allow  would be delay 1h  by much\n"), std::string::npos) << text;
  EXPECT_NE(text.find("2 of 3 different: 2 stricter (106 USD), 0 milder (0 USD)"), std::string::npos) << text;
}

TEST_F(Shadow, refuses_a_policy_or_a_journal_that_is_not_there) {
  const auto never = [] { return false; };
  EXPECT_FALSE(shadow_policy({}, place(), folder_.file("none.toml"), never));
  EXPECT_EQ(shadow_policy({}, {folder_.file("none.db"), folder_.file("journal.vkey")}, folder_.file("new.toml"), never).error().code,
            "journal_missing");
}

}  // namespace
}  // namespace holdfast::cli
