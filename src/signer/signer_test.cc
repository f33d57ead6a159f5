// The core over time: durable before signed, the same twice, freezes, restarts, and a journal that fails.
#include "signer/signer.h"

#include "signer/test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

using proto::SignRequest;

proto::FreezeOrder order(std::uint64_t id) {
  proto::FreezeOrder out;
  out.set_freeze(id);
  out.set_reason("drill");
  return out;
}

// Looks at the signer's own durable journal, as an auditor would.
std::vector<proto::SignerRecord> records(World& world) {
  std::vector<proto::SignerRecord> out;
  const auto visit = [&](std::uint64_t, ByteView bytes) -> Result<void> {
    proto::SignerRecord record;
    record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!record.has_deposit_proven()) out.push_back(std::move(record));
    return {};
  };
  EXPECT_TRUE(journal::Journal::open(world.storage, world.log_key, visit).has_value());
  return out;
}

// Keys somewhere else: away at times, and with another good signature each time, as a token's are.
class FarKeys final : public Keys {
 public:
  chain::evm::Address20 owner() const override { return near_.owner(); }
  std::vector<chain::evm::Address20> accounts() const override { return near_.accounts(); }
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override {
    if (away) return fault("token_unavailable", "C_Sign gives 0x32");
    auto out = near_.sign(key, digest);
    out->bytes[0] = ++count_;
    return out;
  }
  std::optional<chain::utxo::Hash20> seed_id() const override { return std::nullopt; }
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath&) const override { return refuse("key_missing"); }
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt&) const override { return refuse("key_missing"); }

  bool away = false;

 private:
  KeyRing near_ = std::move(World().keys);
  mutable std::uint8_t count_ = 0;
};

TEST(Signer, asks_to_be_asked_again_while_its_token_is_away) {
  World world;
  FarKeys keys;
  keys.away = true;
  world.signer = *Signer::open(policy(), keys, world.storage, world.log_key, world.clock, Exchange::rules(), world.copy);
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "key_unavailable");
  EXPECT_EQ(world.signer->memory().signed_count(), 1u);  // It may have been signed: it counts.
  keys.away = false;
  const auto once = world.sign(safe_coins());
  const auto again = world.sign(safe_coins());
  EXPECT_EQ(once.refusal() + again.refusal(), "");
  EXPECT_EQ(once.digest(), again.digest());
  EXPECT_NE(once.signature(), again.signature());
  EXPECT_EQ(world.signer->memory().signed_count(), 1u);
  EXPECT_EQ(world.sign(safe_coins(2)).refusal(), "nonce_taken");
  world.signer.reset();
}

TEST(Signer, records_before_it_signs) {
  World world;
  const auto reply = world.sign(safe_coins());
  const auto written = records(world);
  ASSERT_EQ(written.size(), 1u);
  const auto& fact = written[0].signed_();
  EXPECT_EQ(fact.digest(), reply.digest());
  EXPECT_EQ(fact.withdrawal(), 1u);
  EXPECT_EQ(fact.wallet(), raw(kSafe.view()));
  EXPECT_EQ(fact.nonce(), 5u);
  EXPECT_EQ(fact.amount(), coins(2'000).to_string());
  EXPECT_EQ(fact.destination(), raw(kCustomer.view()));
}

TEST(Signer, signs_nothing_when_it_cannot_record) {
  for (const auto kind : {ErrorKind::fault, ErrorKind::unknown}) {
    World world;
    world.announce(safe_coins().finish());
    world.storage.fail_next_append = Error{kind, "disk_full", ""};
    const auto reply = world.signer->sign(safe_coins().finish());
    EXPECT_EQ(reply.refusal(), "journal_unavailable");
    EXPECT_EQ(reply.signature(), "");
  }
}

TEST(Signer, makes_good_what_it_could_not_record) {
  World world;
  world.announce(safe_coins().finish());
  world.storage.fail_next_append = Error{ErrorKind::fault, "disk_full", ""};
  world.sign(safe_coins());
  const auto reply = world.sign(safe_coins());
  EXPECT_EQ(reply.refusal(), "");
  EXPECT_EQ(records(world).size(), 1u);
  EXPECT_EQ(reply.digest(), records(world)[0].signed_().digest());
}

TEST(Signer, stays_silent_after_an_append_of_unknown_outcome_until_it_is_opened_anew) {
  World world;
  world.storage.fail_next_append = Error{ErrorKind::unknown, "connection_lost", ""};
  world.sign(safe_coins());
  EXPECT_EQ(world.sign(hot_coins(2)).refusal(), "journal_unavailable");
  EXPECT_FALSE(world.signer->freeze(order(1)).has_value());
  world.reopen();
  EXPECT_EQ(world.sign(hot_coins(2)).refusal(), "");
}

TEST(Signer, gives_the_same_signature_for_the_same_bytes_and_counts_it_once) {
  for (const Draft& draft :
       {safe_coins(), hot_tokens(), relayed(safe_coins()), module_evacuation(), sweep(), safe_burn()}) {
    World world;
    const auto first = world.sign(draft);
    const auto second = world.sign(draft);
    world.reopen();
    const auto third = world.sign(draft);
    ASSERT_EQ(first.refusal(), "");
    EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
    EXPECT_EQ(first.SerializeAsString(), third.SerializeAsString());
    EXPECT_EQ(world.blocks(), 1u);
    EXPECT_EQ(world.signer->hello().signed_count(), 1u);
  }
}

TEST(Signer, signs_a_bumped_fee_at_the_same_nonce) {
  World world;
  world.sign(hot_coins());
  Draft bumped = hot_coins();
  bumped.outer.max_fee = gwei(60);
  EXPECT_EQ(world.sign(bumped).refusal(), "");
  EXPECT_EQ(world.signer->memory().within_day(kChain, kNativeAsset, kNow), coins(2'000));
  EXPECT_EQ(world.signer->hello().signed_count(), 2u);
}

TEST(Signer, bumps_a_fee_after_the_approval_has_expired_but_begins_nothing) {
  World world;
  world.sign(hot_coins(1));
  world.sign(safe_coins(2));
  world.reopen();
  world.clock.at = kNow + kMsPerDay;
  Draft bumped = hot_coins(1);
  bumped.outer.max_fee = gwei(60);
  EXPECT_EQ(world.sign(bumped).refusal(), "");
  EXPECT_EQ(world.sign(safe_coins(2)).refusal(), "approval_expired");
  EXPECT_EQ(world.sign(relayed(safe_coins(2))).refusal(), "approval_expired");
}

TEST(Signer, replaces_a_withdrawal_by_a_burn_or_an_evacuation) {
  World world;
  world.sign(hot_coins());
  EXPECT_EQ(world.sign(hot_burn()).refusal(), "");
  EXPECT_EQ(world.sign(hot_evacuation()).refusal(), "");
  EXPECT_EQ(world.sign(hot_coins()).refusal(), "nonce_burned");
}

TEST(Signer, remembers_after_a_restart) {
  World world;
  world.sign(safe_coins(1, coins(10'000)));
  world.sign(hot_burn());
  world.reopen();
  Draft elsewhere = safe_coins(1, coins(10'000));
  elsewhere.request.set_safe_nonce(6);
  EXPECT_EQ(world.sign(elsewhere).refusal(), "withdrawal_bound_elsewhere");
  EXPECT_EQ(world.sign(hot_coins(2)).refusal(), "nonce_burned");
  EXPECT_EQ(world.signer->memory().within_day(kChain, kNativeAsset, kNow), coins(10'000));
}

TEST(Signer, in_a_freeze_signs_only_what_saves_or_moves_nothing) {
  World world;
  world.sign(safe_coins(1));
  const auto acknowledged = world.signer->freeze(order(4));
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->freeze(), 4u);
  EXPECT_TRUE(acknowledged->frozen());
  for (int restarts = 0; restarts < 2; ++restarts) {
    // Also what was signed before: its signature might not have left yet.
    for (const Draft& draft : {safe_coins(1), safe_tokens(2), hot_coins(3), relayed(safe_coins(1)), sweep()}) {
      EXPECT_EQ(world.sign(draft).refusal(), "frozen");
    }
    for (const Draft& draft : {module_evacuation(), relayed_evacuation(), hot_evacuation(), safe_burn(),
                               relayed(safe_burn()), hot_burn(), guard_freeze_draft(), relayed_guard_freeze()}) {
      EXPECT_EQ(world.sign(draft).refusal(), "");
    }
    world.reopen();
    EXPECT_TRUE(world.signer->hello().frozen());
  }
}

TEST(Signer, acknowledges_a_freeze_only_once_it_is_durable) {
  World world;
  world.storage.fail_next_append = Error{ErrorKind::fault, "disk_full", ""};
  EXPECT_FALSE(world.signer->freeze(order(4)).has_value());
  EXPECT_TRUE(world.signer->frozen());  // It errs on the side of the freeze.
  EXPECT_TRUE(records(world).empty());
  EXPECT_TRUE(world.signer->freeze(order(4)).has_value());
  EXPECT_EQ(records(world).size(), 1u);
}

TEST(Signer, starts_again_whatever_the_reason_of_a_freeze_was) {
  World world;
  auto strange = order(4);
  strange.set_reason(std::string(1023, 'x') + "\xc3\xa9\n");
  ASSERT_TRUE(world.signer->freeze(strange).has_value());
  ASSERT_TRUE(world.signer->thaw("\xff\xfe").has_value());
  world.reopen();
  EXPECT_EQ(records(world)[1].thawed().by(), "??");
}

TEST(Signer, acknowledges_every_order_while_it_is_frozen) {
  World world;
  ASSERT_TRUE(world.signer->freeze(order(4)).has_value());
  EXPECT_EQ(world.signer->freeze(order(5))->freeze(), 5u);
  EXPECT_EQ(records(world).size(), 1u);
}

TEST(Signer, thaws_by_its_own_operator) {
  World world;
  EXPECT_EQ(world.signer->thaw("alice").error().code, "not_frozen");
  ASSERT_TRUE(world.signer->freeze(order(4)).has_value());
  ASSERT_TRUE(world.signer->thaw("alice").has_value());
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "");
  EXPECT_EQ(records(world)[1].thawed().by(), "alice");
  world.reopen();
  EXPECT_FALSE(world.signer->frozen());
}

TEST(Signer, answers_a_batch_in_order_with_one_commit) {
  World world;
  const std::vector<SignRequest> requests = {safe_coins(1).finish(), safe_coins(2).finish(), hot_coins(3).finish()};
  for (const auto& request : requests) world.announce(request);
  const auto replies = world.signer->sign(requests);
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].refusal(), "");
  EXPECT_EQ(replies[1].refusal(), "nonce_taken");
  EXPECT_EQ(replies[2].refusal(), "");
  EXPECT_EQ(world.blocks(), 1u);
}

TEST(Signer, keeps_its_windows_in_order_when_the_clock_steps_back) {
  World world;
  world.sign(hot_coins(1, coins(10'000)));
  world.clock.at = kNow + -kMinute;
  Draft second = hot_coins(2, coins(10'000));
  second.outer.nonce = 10;
  second.request.mutable_withdrawal()->set_approval_expires_ms(kNow.unix_ms);
  EXPECT_EQ(world.sign(second).refusal(), "");
  world.reopen();
  EXPECT_EQ(world.signer->memory().within_day(kChain, kNativeAsset, kNow), coins(20'000));
}

TEST(Signer, pays_nobody_by_a_clock_that_is_behind_its_own_records) {
  World world;
  world.sign(safe_coins(1));
  world.clock.at = kNow + (-kMinute - 1);
  world.reopen();
  for (const Draft& draft : {safe_coins(1), hot_coins(2), relayed(safe_coins(1)), sweep()}) {
    EXPECT_EQ(world.sign(draft).refusal(), "clock_wrong");
  }
  for (const Draft& draft : {hot_evacuation(), safe_burn()}) EXPECT_EQ(world.sign(draft).refusal(), "");
}

TEST(Signer, does_not_start_without_the_key_of_an_account) {
  World world;
  Policy greedy = policy();
  greedy.chains[0].accounts.push_back({kThief, AccountKind::gas, {}});
  const auto opened = Signer::open(greedy, world.keys, world.storage, world.log_key, world.clock, Exchange::rules(), world.copy);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, "account_without_key");
}

TEST(Signer, withdraws_nothing_that_its_policy_does_not_list) {
  World world;
  Policy tokens_only = policy();
  tokens_only.chains[0].assets.erase(tokens_only.chains[0].assets.begin());
  world.reopen(tokens_only);
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "asset_unknown");
  EXPECT_EQ(world.sign(hot_coins()).refusal(), "asset_unknown");
  EXPECT_EQ(world.sign(hot_evacuation()).refusal(), "");  // What is saved needs no limit.
}

TEST(Signer, is_no_owner_of_a_safe_that_does_not_list_it) {
  World world;
  Policy other = policy();
  other.chains[0].safes[0].owners[0] = address_of_secret(4);
  world.reopen(other);
  EXPECT_EQ(world.sign(safe_coins()).refusal(), "account_unknown");
}

}  // namespace
}  // namespace holdfast::signer::test
