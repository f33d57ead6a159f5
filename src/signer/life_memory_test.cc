// A signer that has forgotten signs what saves and nothing else; one that is retired signs nothing.
#include "signer/test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

std::vector<std::pair<std::string, Draft>> spending() {
  return {{"safe", safe_coins()}, {"tokens", safe_tokens()}, {"hot", hot_coins()}, {"hot tokens", hot_tokens()}, {"sweep", sweep()}};
}

std::vector<std::pair<std::string, Draft>> saving() {
  return {{"burn", safe_burn()},           {"hot burn", hot_burn()},
          {"evacuation", hot_evacuation()}, {"module", module_evacuation()},
          {"relayed", relayed_evacuation()}, {"guard", guard_freeze_draft()}};
}

Result<void> forget(World& world) {
  Hash32 root;
  root.bytes.fill(7);
  return begin_forgotten(world.storage, world.log_key, 1234, root, "alice", kNow);
}

TEST(Life, one_that_has_forgotten_signs_what_saves_and_nothing_else) {
  World world;
  ASSERT_TRUE(forget(world).has_value());
  for (int round = 0; round < 2; ++round) {
    world.reopen();
    EXPECT_TRUE(world.signer->hello().forgot());
    for (const auto& [what, draft] : spending()) EXPECT_EQ(world.sign(draft).refusal(), "memory_lost") << what;
    for (const auto& [what, draft] : saving()) EXPECT_EQ(world.sign(draft).refusal(), "") << what;
  }
}

TEST(Life, no_thaw_gives_a_memory_back) {
  World world;
  ASSERT_TRUE(forget(world).has_value());
  world.reopen();
  ASSERT_TRUE(world.signer->freeze({}).has_value());
  ASSERT_TRUE(world.signer->thaw("alice").has_value());
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "memory_lost");
}

TEST(Life, a_journal_that_has_records_forgets_nothing) {
  World world;
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "");
  EXPECT_EQ(forget(world).error().code, "journal_not_empty");
  world.reopen();
  EXPECT_FALSE(world.signer->hello().forgot());
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "");
}

TEST(Life, forgetting_is_no_record_but_the_first) {
  Memory memory;
  proto::SignerRecord record;
  record.mutable_frozen();
  ASSERT_TRUE(memory.apply(record).has_value());
  record.mutable_forgot()->set_root(std::string(32, '\1'));
  EXPECT_EQ(memory.apply(record).error().code, "signer_record_malformed");
  record.mutable_forgot()->set_root("short");
  EXPECT_EQ(Memory().apply(record).error().code, "signer_record_malformed");
}

TEST(Life, one_that_is_retired_signs_nothing_ever) {
  World world;
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "");
  ASSERT_TRUE(world.signer->retire("alice").has_value());
  for (int round = 0; round < 2; ++round) {
    for (const auto& [what, draft] : spending()) EXPECT_EQ(world.sign(draft).refusal(), "retired") << what;
    for (const auto& [what, draft] : saving()) EXPECT_EQ(world.sign(draft).refusal(), "retired") << what;
    world.reopen();
  }
  EXPECT_EQ(world.signer->retire("alice").error().code, "retired_already");
}

TEST(Life, is_retired_only_when_that_is_durable) {
  World world;
  world.storage.fail_next_append = Error{ErrorKind::fault, "disk_full", {}};
  EXPECT_EQ(world.signer->retire("alice").error().kind, ErrorKind::fault);
}

}  // namespace
}  // namespace holdfast::signer::test
