// A signer and holdfastd's journal: what it signs by, what makes it deaf, what freezes it, and what it cosigns.
#include "signer/test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

const journal::LogKey& witness() {
  static const journal::LogKey kKey = journal::test_key(43, "witness.example/alpha");
  return kKey;
}

proto::JournalPart part_of(const journal::MemoryStorage::Block& block) {
  proto::JournalPart out;
  out.set_first_index(block.first_index);
  out.set_records(raw(block.records));
  out.set_checkpoint(block.checkpoint);
  return out;
}

proto::CosignedHead cosigned_by(const Exchange& exchange, Instant at) {
  proto::CosignedHead out;
  out.set_note(exchange.cosigned(at));
  return out;
}

TEST(Following, without_the_journal_it_signs_what_saves_and_nothing_else) {
  World world;
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "head_stale");
  EXPECT_EQ(world.signer->sign(sweep().finish()).refusal(), "head_stale");
  EXPECT_EQ(world.signer->sign(module_evacuation().finish()).refusal(), "");
  EXPECT_EQ(world.signer->sign(guard_freeze_draft().finish()).refusal(), "");
  EXPECT_EQ(world.signer->sign(safe_burn().finish()).refusal(), "");
}

TEST(Following, a_signer_that_is_cut_off_from_the_others_stops) {
  World world;
  ASSERT_EQ(world.sign(safe_coins(1)).refusal(), "");
  world.clock.at = kNow + 31 * kMsPerSecond;
  Draft next = safe_coins(2);
  next.request.set_safe_nonce(6);
  EXPECT_EQ(world.signer->sign(next.finish()).refusal(), "head_stale");
  EXPECT_EQ(world.sign(next).refusal(), "");  // They are heard again.
}

TEST(Following, a_signer_that_does_not_see_the_chain_stops) {
  World world;
  world.announce(safe_coins().finish());
  world.clock.at = kNow + Signer::kHeartbeatMs;
  ASSERT_TRUE(world.signer->hear(cosigned_by(world.exchange, world.clock.at)).has_value());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "");
  world.clock.at = world.clock.at + 1;
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "watch_silent");
  EXPECT_EQ(world.signer->sign(module_evacuation().finish()).refusal(), "");
  world.signer->heartbeat("another", world.clock.at);
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "watch_silent");
  world.signer->heartbeat(std::string(kChain), world.clock.at);
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "");
}

TEST(Following, a_question_waits_for_the_journal_it_rests_on) {
  World world;
  world.announce(safe_coins().finish());
  Draft early = safe_coins();
  early.request.set_journal_size(world.signer->follower().size() + 1);
  EXPECT_EQ(world.signer->sign(early.finish()).refusal(), "journal_behind");
  early.request.set_journal_size(world.signer->follower().size());
  EXPECT_EQ(world.signer->sign(early.finish()).refusal(), "");
}

TEST(Following, a_forked_journal_freezes_it_for_good) {
  World world;
  world.announce(safe_coins().finish());
  Exchange other;  // The same name and key, another past.
  other.tell(customer_event(2, "mallory"));
  while (other.storage.blocks.size() <= world.exchange.storage.blocks.size()) other.tell(key_event(other.storage.blocks.size(), 1, "key"));
  const auto forked = world.signer->follow(std::vector{part_of(other.storage.blocks.back())});
  ASSERT_FALSE(forked.has_value());
  EXPECT_EQ(forked.error().code, "journal_forked");
  EXPECT_TRUE(world.signer->frozen());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "frozen");
  ASSERT_TRUE(world.signer->follower().has_evidence());
  EXPECT_EQ(world.signer->sign(module_evacuation().finish()).refusal(), "");
  EXPECT_FALSE(world.signer->cosign(witness())->has_value());
  world.reopen();  // The copy is good, the signer frozen.
  EXPECT_TRUE(world.signer->frozen());
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "frozen");
}

TEST(Following, an_older_head_freezes_it) {
  World world;
  world.announce(safe_coins().finish());
  proto::JournalHead head;
  head.set_checkpoint(world.exchange.storage.blocks.front().checkpoint);
  EXPECT_EQ(world.signer->hear(head).error().code, "journal_rolled_back");
  EXPECT_TRUE(world.signer->frozen());
}

TEST(Following, after_a_gap_it_goes_on_with_the_next_stream) {
  World world;
  world.announce(safe_coins(1).finish());
  world.exchange.announce(safe_coins(2).finish());
  EXPECT_EQ(world.signer->follow(std::vector{part_of(world.exchange.storage.blocks.back())}).error().code, "journal_gap");
  EXPECT_FALSE(world.signer->frozen());
  EXPECT_EQ(world.signer->sign(safe_coins(1).finish()).refusal(), "journal_not_followed");
  world.signer->begin_stream();
  EXPECT_EQ(world.sign(safe_coins(2)).refusal(), "");
}

TEST(Following, what_it_cosigned_outlives_its_copy) {
  World world;
  world.announce(safe_coins().finish());
  ASSERT_TRUE(world.signer->cosign(witness())->has_value());
  world.copy.blocks.clear();
  world.exchange.storage.blocks.clear();  // And holdfastd would begin anew.
  world.reopen();
  Exchange anew;
  const auto told = world.signer->follow(std::vector{part_of(anew.storage.blocks.back())});
  EXPECT_TRUE(told.has_value());  // Shorter than what was cosigned: nothing is known yet,
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "journal_behind");  // and nothing is signed.
  EXPECT_FALSE(world.signer->cosign(witness())->has_value());
  proto::JournalHead head;
  head.set_checkpoint(anew.storage.blocks.back().checkpoint);
  EXPECT_EQ(world.signer->hear(head).error().code, "journal_rolled_back");
  EXPECT_TRUE(world.signer->frozen());
}

TEST(Following, cosigns_what_is_durable_and_what_anybody_can_check) {
  World world;
  EXPECT_FALSE(world.signer->cosign(witness())->has_value());  // Nothing is there yet.
  world.announce(safe_coins().finish());
  world.storage.fail_next_append = Error{ErrorKind::fault, "journal_disk_full", {}};
  EXPECT_FALSE(world.signer->cosign(witness()).has_value());
  const auto head = world.signer->cosign(witness());
  ASSERT_TRUE(head.has_value() && head->has_value());
  const auto note = journal::Note::parse((*head)->note());
  EXPECT_EQ(journal::cosigned_at(*note, journal::WitnessKey::of(witness())), static_cast<std::uint64_t>(kNow.unix_ms / kMsPerSecond));
  EXPECT_EQ(journal::Checkpoint::from_text(note->text)->size, world.signer->follower().size());
  EXPECT_EQ(world.signer->memory().cosigned().size, world.signer->follower().size());
}

TEST(Following, what_was_proven_is_not_asked_for_again) {
  World world;
  world.announce(safe_coins().finish());
  world.reopen();
  EXPECT_TRUE(world.signer->take_unproven().empty());
  ASSERT_TRUE(world.signer->hear(cosigned_by(world.exchange, kNow)).has_value());
  world.signer->heartbeat(std::string(kChain), kNow);
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "");
}

TEST(Following, a_deposit_that_was_not_seen_pays_nothing) {
  World world;
  world.exchange.announce(safe_coins().finish());
  std::vector<proto::JournalPart> parts;
  for (const auto& block : world.exchange.storage.blocks) parts.push_back(part_of(block));
  ASSERT_TRUE(world.signer->follow(parts).has_value());
  ASSERT_TRUE(world.signer->hear(cosigned_by(world.exchange, kNow)).has_value());
  world.signer->heartbeat(std::string(kChain), kNow);
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "balance_unproven");
  for (const BookedDeposit& claim : world.signer->take_unproven()) world.signer->prove(claim.id, claim.fingerprint());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "");
}

// Delays count from when this signer had the record, also after a restart: never from an earlier time.
TEST(Following, remembers_since_when_it_knows_what) {
  World world;
  world.exchange.announce(safe_coins(1).finish());
  world.exchange.stream(*world.signer, kNow);
  ASSERT_TRUE(world.signer->cosign(witness()).has_value());
  world.clock.at = kNow + kMinute;
  Draft second = safe_coins(2, coins(2'000), kGas);
  world.exchange.announce(second.finish());
  world.exchange.stream(*world.signer, world.clock.at);
  world.clock.at = kNow + 10 * kMinute;
  world.reopen();
  const Books& books = world.signer->follower().books();
  EXPECT_EQ(books.withdrawal(1)->destination_learned, kNow);
  EXPECT_EQ(books.withdrawal(2)->destination_learned, world.clock.at);  // It was never cosigned: it counts from now.
}

}  // namespace
}  // namespace holdfast::signer::test
