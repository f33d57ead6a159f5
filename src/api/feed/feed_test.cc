#include "api/feed/feed.h"

#include "engine/record.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <thread>

namespace holdfast::api {
namespace {

// A journal of blocks of these sizes, and a feed over it. Event number i is of instant i + 1.
class FeedTest : public ::testing::Test {
 protected:
  void commit(std::uint64_t count) {
    journal::Batch batch;
    custody::Events events;
    for (std::uint64_t i = 0; i < count; ++i) {
      events.push_back({{static_cast<std::int64_t>(feed_.size() + i + 1)}, custody::WithdrawalHeld{{1}}});
      ASSERT_TRUE(engine::encode(events.back(), batch));
    }
    ASSERT_TRUE(storage_.append({feed_.size(), count, batch.records(), {}, "checkpoint"}));
    feed_.publish({feed_.size(), events});
  }
  // Reads from everywhere and checks each page.
  void expect_whole() {
    for (std::uint64_t from = 0; from <= feed_.size() + 1; ++from) {
      const auto page = feed_.read(from, 7);
      ASSERT_TRUE(page);
      const std::uint64_t left = from < feed_.size() ? feed_.size() - from : 0;
      ASSERT_GE(page->size(), std::min<std::uint64_t>(left, 1));
      ASSERT_LE(page->size(), std::min<std::uint64_t>(left, 7));
      for (std::size_t i = 0; i < page->size(); ++i) {
        EXPECT_EQ((*page)[i].index, from + i);
        EXPECT_EQ((*page)[i].event.at.unix_ms, static_cast<std::int64_t>(from + i + 1));
      }
    }
  }

  journal::MemoryStorage storage_;
  EventFeed feed_{storage_, 0, 5};
};

TEST_F(FeedTest, every_index_is_found_whatever_block_it_is_in) {
  for (const std::uint64_t count : {1u, 30u, 2u, 1u, 1u, 9u, 3u}) commit(count);
  expect_whole();
}

TEST_F(FeedTest, an_empty_feed_has_nothing) {
  const auto page = feed_.read(0, 7);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->empty());
}

TEST_F(FeedTest, what_the_journal_has_but_nobody_was_told_of_is_not_shown) {
  commit(9);
  journal::Batch batch;
  ASSERT_TRUE(engine::encode({{99}, custody::WithdrawalHeld{{1}}}, batch));
  ASSERT_TRUE(storage_.append({9, 1, batch.records(), {}, "checkpoint"}));
  const auto page = feed_.read(0, 100);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->size(), 9u);
}

TEST_F(FeedTest, a_record_that_cannot_be_read_is_an_error_and_not_a_gap) {
  journal::Batch batch;
  batch.add(as_bytes("\xff\xff\xff"));
  ASSERT_TRUE(storage_.append({0, 1, batch.records(), {}, "checkpoint"}));
  EventFeed feed(storage_, 1);
  EXPECT_EQ(feed.read(0, 1).error().code, "record_unreadable");
}

TEST_F(FeedTest, a_page_is_bounded) {
  commit(EventFeed::kMaxPage + 10);
  EXPECT_EQ(feed_.read(0, 1 << 30)->size(), EventFeed::kMaxPage);
}

TEST_F(FeedTest, who_waits_is_woken_by_a_commit_and_by_the_end) {
  std::thread committer([&] { commit(1); });
  EXPECT_TRUE(feed_.wait(0, 60'000));
  committer.join();
  EXPECT_FALSE(feed_.wait(1, 0));
  std::thread closer([&] { feed_.close(); });
  EXPECT_FALSE(feed_.wait(1, 60'000));
  closer.join();
  EXPECT_TRUE(feed_.closed());
}

TEST_F(FeedTest, counts_registrations) {
  const custody::Events events{{{1}, custody::ChainRegistered{{{1}, "eip155:1", 0}}},
                               {{1}, custody::WithdrawalHeld{{1}}}};
  feed_.publish({0, events});
  EXPECT_EQ(feed_.registrations(), 1u);
}

}  // namespace
}  // namespace holdfast::api
