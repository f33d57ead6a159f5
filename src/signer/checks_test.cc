// What is signed, with whose key, and what the signature is over.
#include "signer/checks.h"

#include "signer/test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

struct Good {
  const char* what;
  Draft draft;
  Address20 key;
};

std::vector<Good> good() {
  const Address20 owner = address_of_secret(1);
  return {
      {"coins out of the Safe", safe_coins(), owner},
      {"tokens out of the Safe", safe_tokens(), owner},
      {"burn of a Safe nonce", safe_burn(), owner},
      {"evacuation of the Safe", module_evacuation(), owner},
      {"freeze of the guard", guard_freeze_draft(), owner},
      {"relay of a withdrawal", relayed(safe_coins()), kGas},
      {"relay of a token withdrawal", relayed(safe_tokens()), kGas},
      {"relay of a burn", relayed(safe_burn()), kGas},
      {"relay of an evacuation", relayed_evacuation(), kGas},
      {"relay of a guard freeze", relayed_guard_freeze(), kGas},
      {"sweep", sweep(), kGas},
      {"burn of a gas nonce", account_draft(proto::SignRequest::BURN, kGas, kGas, Amount::zero(), {}), kGas},
      {"coins of the single-key wallet", hot_coins(), kHot},
      {"tokens of the single-key wallet", hot_tokens(), kHot},
      {"burn of its nonce", hot_burn(), kHot},
      {"its coins to the cold address", hot_evacuation(), kHot},
      {"the gas wallet's coins to the cold address",
       account_draft(proto::SignRequest::EVACUATION, kGas, kCold, coins(1), {}), kGas},
      {"its tokens to the cold address",
       account_draft(proto::SignRequest::EVACUATION, kHot, kToken, Amount::zero(),
                     encode_transfer({kCold, token_units(9)})),
       kHot},
  };
}

TEST(Checks, each_good_request_is_signed_with_the_right_key) {
  for (const Good& row : good()) {
    SCOPED_TRACE(row.what);
    World world;
    const auto reply = world.sign(row.draft);
    ASSERT_EQ(reply.refusal(), "") << reply.text();
    const auto signature = Signature::from(as_bytes(reply.signature()));
    EXPECT_EQ(recover(Hash32::from(as_bytes(reply.digest())), signature).value(), row.key);
    EXPECT_EQ(reply.signed_by(), raw(row.key.view()));
    EXPECT_EQ(reply.request(), 7u);
    EXPECT_EQ(reply.spend(), 70u);
  }
}

TEST(Checks, the_digest_is_what_the_contracts_verify) {
  World world;
  const Draft payment = safe_coins();
  EXPECT_EQ(world.sign(payment).digest(),
            raw(safe_transaction_hash(kChainId, kSafe, payment.safe.transaction, 5).view()));
  EXPECT_EQ(world.sign(module_evacuation()).digest(), raw(evacuation_hash(kChainId, kModule, evacuation()).view()));
  EXPECT_EQ(world.sign(guard_freeze_draft()).digest(), raw(guard_freeze_hash(kChainId, kGuard, guard_freeze()).view()));
  const Draft direct = hot_coins(2);
  EXPECT_EQ(world.sign(direct).digest(), raw(signing_hash(direct.outer).view()));
}

TEST(Checks, limits_are_met_exactly) {
  World world;
  EXPECT_EQ(world.sign(hot_coins(1, coins(10'000))).refusal(), "");
  Draft second = hot_coins(2, coins(10'000));
  second.outer.nonce = 10;
  EXPECT_EQ(world.sign(second).refusal(), "");
  Draft third = hot_coins(3, coins(5'001));
  third.outer.nonce = 11;
  EXPECT_EQ(world.sign(third).refusal(), "over_day_limit");
  third = hot_coins(4, coins(5'000));
  third.outer.nonce = 11;
  EXPECT_EQ(world.sign(third).refusal(), "");
}

TEST(Checks, the_day_rolls) {
  World world;
  world.sign(hot_coins(1, coins(10'000)));
  world.clock.at = kNow + 20 * kMinute;
  Draft second = hot_coins(2, coins(10'000));
  second.outer.nonce = 10;
  ASSERT_EQ(world.sign(second).refusal(), "");

  Draft third = hot_coins(3, coins(10'000));
  third.outer.nonce = 11;
  third.request.mutable_withdrawal()->set_approval_expires_ms((kNow + 2 * kMsPerDay).unix_ms);
  world.clock.at = kNow + (kMsPerDay - 1);
  EXPECT_EQ(world.sign(third).refusal(), "over_day_limit");
  world.clock.at = kNow + kMsPerDay;
  EXPECT_EQ(world.sign(third).refusal(), "");
}

TEST(Checks, a_nonce_lies_within_a_thousand_for_each_hour_of_the_highest_before) {
  const auto far = [](std::uint64_t nonce) {
    Draft out = safe_burn();
    out.request.set_safe_nonce(nonce);
    return out;
  };
  World world;
  ASSERT_EQ(world.sign(safe_coins(1)).refusal(), "");  // At nonce 5; before it any would do.
  world.clock.at = kNow + (60 * kMinute - 1);
  EXPECT_EQ(world.sign(far(1'006)).refusal(), "nonce_too_far");
  EXPECT_EQ(world.sign(far(~std::uint64_t{0})).refusal(), "nonce_too_far");
  world.reopen();
  EXPECT_EQ(world.sign(far(1'006)).refusal(), "nonce_too_far");
  world.clock.at = kNow + 60 * kMinute;
  EXPECT_EQ(world.sign(far(2'006)).refusal(), "nonce_too_far");
  EXPECT_EQ(world.sign(far(2'005)).refusal(), "");
  EXPECT_EQ(world.sign(far(3'005)).refusal(), "");
  EXPECT_EQ(world.sign(far(0)).refusal(), "");
}

TEST(Checks, relays_carry_the_gas_wallets_nonce_along) {
  World world;
  Draft burn = account_draft(proto::SignRequest::BURN, kGas, kGas, Amount::zero(), {});
  ASSERT_EQ(world.sign(burn).refusal(), "");  // At nonce 9.
  Draft relay = relayed(safe_coins(1));
  relay.outer.nonce = 1'000;
  ASSERT_EQ(world.sign(relay).refusal(), "");
  burn.outer.nonce = 2'000;
  EXPECT_EQ(world.sign(burn).refusal(), "");
  burn.outer.nonce = 3'001;
  EXPECT_EQ(world.sign(burn).refusal(), "nonce_too_far");
}

// With a fee of 1 gwei for each gas, this costs so many thousandths of an ETH.
Draft costing(Draft draft, std::uint64_t milli, std::uint64_t nonce) {
  draft.outer.gas = 1'000'000;
  draft.outer.max_fee = gwei(static_cast<std::int64_t>(milli));
  draft.outer.nonce = nonce;
  return draft;
}

TEST(Checks, fees_are_met_exactly_and_a_bump_counts_only_what_it_adds) {
  World world;
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) EXPECT_EQ(world.sign(costing(hot_burn(), 90, nonce)).refusal(), "");
  EXPECT_EQ(world.sign(costing(hot_burn(), 51, 5)).refusal(), "over_fee_limit");
  world.reopen();
  EXPECT_EQ(world.sign(costing(hot_burn(), 100, 0)).refusal(), "");
  EXPECT_EQ(world.sign(costing(hot_burn(), 95, 0)).refusal(), "");
  EXPECT_EQ(world.sign(costing(hot_burn(), 41, 5)).refusal(), "over_fee_limit");
  EXPECT_EQ(world.sign(costing(hot_burn(), 40, 5)).refusal(), "");
  EXPECT_EQ(world.sign(costing(hot_burn(), 40, 5)).refusal(), "");  // The same again.
  EXPECT_EQ(world.sign(costing(hot_burn(), 1, 6)).refusal(), "over_fee_limit");
  EXPECT_EQ(world.sign(sweep()).refusal(), "");  // Another account.
}

TEST(Checks, fees_of_a_relay_are_those_of_the_relaying_account) {
  World world;
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) {
    EXPECT_EQ(world.sign(costing(relayed(safe_coins()), 100, nonce)).refusal(), "");
  }
  EXPECT_EQ(world.sign(costing(relayed(safe_coins()), 1, 5)).refusal(), "over_fee_limit");
  EXPECT_EQ(world.sign(costing(sweep(), 1, 5)).refusal(), "over_fee_limit");
}

TEST(Checks, rescues_may_use_twice_the_fees) {
  World world;
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) world.sign(costing(sweep(), 100, nonce));
  EXPECT_EQ(world.sign(costing(sweep(), 1, 5)).refusal(), "over_fee_limit");
  EXPECT_EQ(world.sign(costing(relayed_guard_freeze(), 100, 5)).refusal(), "");
  for (std::uint64_t nonce = 6; nonce < 10; ++nonce) {
    EXPECT_EQ(world.sign(costing(relayed_evacuation(), 100, nonce)).refusal(), "");
  }
  EXPECT_EQ(world.sign(costing(relayed_evacuation(), 1, 10)).refusal(), "over_fee_limit");
}

TEST(Checks, the_day_of_fees_rolls_and_a_bump_begins_it_anew) {
  World world;
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) world.sign(costing(hot_burn(), 90, nonce));
  world.clock.at = kNow + kMinute;
  ASSERT_EQ(world.sign(costing(hot_burn(), 100, 0)).refusal(), "");
  world.clock.at = kNow + (kMsPerDay - 1);
  EXPECT_EQ(world.sign(costing(hot_burn(), 41, 5)).refusal(), "over_fee_limit");
  world.clock.at = kNow + kMsPerDay;
  for (std::uint64_t nonce = 5; nonce < 9; ++nonce) {
    EXPECT_EQ(world.sign(costing(hot_burn(), 100, nonce)).refusal(), "");
  }
  EXPECT_EQ(world.sign(costing(hot_burn(), 1, 9)).refusal(), "over_fee_limit");
  world.clock.at = kNow + kMsPerDay + kMinute;
  EXPECT_EQ(world.sign(costing(hot_burn(), 100, 9)).refusal(), "");
}

TEST(Checks, a_relayed_withdrawal_counts_once) {
  World world;
  world.sign(safe_coins(1, coins(10'000)));
  world.sign(relayed(safe_coins(1, coins(10'000))));
  EXPECT_EQ(world.signer->memory().within_day(kChain, kNativeAsset, kNow), coins(10'000));
}

}  // namespace
}  // namespace holdfast::signer::test
