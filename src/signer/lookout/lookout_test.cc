// What the eyes tell a signer, and what it does about it. The eyes themselves are played here.
#include "signer/lookout/lookout.h"

#include "signer/eyes/deposit_addresses.h"
#include "signer/test_world.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace holdfast::signer::test {
namespace {

const std::string kCaip2{kChain};

class lookout : public testing::Test {
 protected:
  lookout() : folder_(testing::TempDir() + "lookout." + std::to_string(::getpid())) { open(); }
  ~lookout() override { std::filesystem::remove_all(folder_); }

  void open() { eyes = std::make_unique<Lookout>(*world.signer, world.clock, std::vector<NodeSettings>{}, folder_); }
  std::vector<std::string> round() {
    std::vector<std::string> codes;
    for (const proto::Alarm& alarm : eyes->round(*world.signer)) codes.push_back(alarm.code());
    return codes;
  }
  void see(std::vector<Sighting> sightings = {}, bool caught_up = true) {
    Round out;
    out.seen = {7, Hash32{}};
    out.at = world.clock.at;
    out.caught_up = caught_up;
    out.sightings = std::move(sightings);
    eyes->on_round(kCaip2, out);
  }
  static Sighting sighting(SightingKind kind, std::string_view what, std::uint8_t digest = 1) {
    Sighting out;
    out.kind = kind;
    out.what = what;
    out.digest.bytes.fill(digest);
    out.txid.bytes.fill(0x77);
    return out;
  }

  // A journal with a customer, an address of theirs and a deposit on it.
  void tell_deposit(std::uint64_t customer = 1, std::uint64_t of_salt = 1) {
    const Hash32 salt = deposit_salt(of_salt, 1);
    const Address20 address = forwarder_address(kFactory, implementation_of(kFactory), salt);
    world.exchange.tell(chain_event(1, kCaip2));
    world.exchange.tell(asset_event(1, 1, {}));
    world.exchange.tell(address_event(customer, 1, address.view(), salt));
    auto deposit = deposit_event(1, customer, 1, coins(1'000));
    deposit.mutable_deposit_seen()->mutable_deposit()->set_address(raw(address.view()));
    world.exchange.tell(deposit);
    world.exchange.tell(credited_event(1));
    std::vector<proto::JournalPart> parts;
    for (const auto& block : world.exchange.storage.blocks) {
      auto& part = parts.emplace_back();
      part.set_first_index(block.first_index);
      part.set_records(raw(block.records));
      part.set_checkpoint(block.checkpoint);
    }
    ASSERT_TRUE(world.signer->follow(parts).has_value());
  }
  DepositClaim claim() const {
    const BookedDeposit& booked = world.signer->follower().books().unproven().at(1);
    return {kCaip2, booked.address, {}, booked.amount, booked.txid, booked.position, booked.height, booked.from};
  }
  Amount proven() const { return world.signer->follower().books().cover(1, 1).proven; }

  World world;
  std::unique_ptr<Lookout> eyes;

 private:
  std::string folder_;
};

TEST_F(lookout, a_look_is_a_heartbeat) {
  world.announce(safe_coins().finish());
  world.clock.at = kNow + 20 * kMsPerSecond + Signer::kHeartbeatMs;
  proto::CosignedHead head;
  head.set_note(world.exchange.cosigned(world.clock.at));
  ASSERT_TRUE(world.signer->hear(head).has_value());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "watch_silent");
  eyes->on_fault(kCaip2, Error{ErrorKind::fault, "node_down", "no answer"});
  EXPECT_TRUE(round().empty());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "watch_silent");
  see({}, false);  // It has not looked at the newest block.
  EXPECT_TRUE(round().empty());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "watch_silent");
  see();
  EXPECT_TRUE(round().empty());
  EXPECT_EQ(world.signer->sign(safe_coins().finish()).refusal(), "");
}

TEST_F(lookout, a_stolen_key_and_a_changed_wallet_freeze_at_once) {
  for (const auto kind : {SightingKind::own_key_misused, SightingKind::wallet_changed}) {
    World fresh;
    Lookout one(*fresh.signer, fresh.clock, {}, testing::TempDir() + "lookout.b");
    Round seen;
    seen.sightings = {sighting(kind, "owner_signed")};
    one.on_round(kCaip2, seen);
    const auto alarms = one.round(*fresh.signer);
    ASSERT_EQ(alarms.size(), 1u);
    EXPECT_EQ(alarms[0].code(), "owner_signed");
    EXPECT_TRUE(fresh.signer->frozen());
    fresh.reopen();
    EXPECT_TRUE(fresh.signer->frozen());
  }
  std::filesystem::remove_all(testing::TempDir() + "lookout.b");
}

TEST_F(lookout, a_guard_that_the_cold_quorum_lets_go_is_told_and_no_more) {
  see({sighting(SightingKind::wallet_changed, "guard_loosened")});
  EXPECT_EQ(round(), std::vector<std::string>{"guard_loosened"});
  EXPECT_FALSE(world.signer->frozen());
}

TEST_F(lookout, what_others_spent_has_a_minute_to_appear_in_the_journal) {
  see({sighting(SightingKind::unknown_spend, "safe_spend", 1), sighting(SightingKind::unknown_spend, "safe_spend", 2)});
  EXPECT_TRUE(round().empty());
  record::Event authorised;
  authorised.mutable_spend_authorised()->set_intent(std::string(32, 1));
  world.exchange.tell(authorised);
  world.exchange.stream(*world.signer, world.clock.at);
  world.clock.at = kNow + (Lookout::kGraceMs - 1);
  EXPECT_TRUE(round().empty());
  EXPECT_FALSE(world.signer->frozen());
  world.clock.at = kNow + Lookout::kGraceMs;
  EXPECT_EQ(round(), std::vector<std::string>{"safe_spend"});  // The second.
  EXPECT_TRUE(world.signer->frozen());
}

TEST_F(lookout, a_deposit_counts_once_the_node_shows_it) {
  tell_deposit();
  EXPECT_TRUE(round().empty());
  const DepositClaim asked = claim();
  eyes->on_verdicts(kCaip2, {asked}, {{Proof::not_yet, "not_final", {}}});
  round();
  EXPECT_TRUE(proven().is_zero());
  eyes->on_verdicts(kCaip2, {asked}, {{Proof::proven, "", {}}});
  EXPECT_TRUE(round().empty());
  EXPECT_EQ(proven(), coins(1'000));
  eyes->on_verdicts(kCaip2, {asked}, {{Proof::proven, "", {}}});  // Nobody asked again.
  round();
  EXPECT_EQ(proven(), coins(1'000));
}

TEST_F(lookout, a_false_deposit_is_an_alarm_and_counts_for_nothing) {
  tell_deposit();
  round();
  const DepositClaim asked = claim();
  DepositClaim another = asked;
  another.position = 9;
  eyes->on_verdicts(kCaip2, {another}, {{Proof::proven, "", {}}});  // Of what nobody asked about.
  eyes->on_verdicts(kCaip2, {asked}, {{Proof::false_claim, "no_such_transaction", "it is in no block"}});
  EXPECT_EQ(round(), std::vector<std::string>{"deposit_false"});
  EXPECT_TRUE(proven().is_zero());
}

TEST_F(lookout, an_address_of_another_customer_or_of_no_factory_is_not_asked_about) {
  tell_deposit(1, 2);  // The salt is customer 2's.
  EXPECT_EQ(round(), std::vector<std::string>{"deposit_foreign"});
  eyes->on_verdicts(kCaip2, {claim()}, {{Proof::proven, "", {}}});
  round();
  EXPECT_TRUE(proven().is_zero());
}

TEST_F(lookout, knows_what_was_signed_before_it_and_since) {
  SignedDigests digests;
  const auto reply = world.sign(safe_coins());
  world.signer->memory().each_digest([&](const Hash32& digest) { digests.add(digest); });
  EXPECT_TRUE(digests.contains(Hash32::from(as_bytes(reply.digest()))));
  std::vector<Hash32> told;
  world.signer->tell_of_signed([&](const Hash32& digest) { told.push_back(digest); });
  const auto second = world.sign(hot_coins(2));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(raw(told[0].view()), second.digest());
}

}  // namespace
}  // namespace holdfast::signer::test
