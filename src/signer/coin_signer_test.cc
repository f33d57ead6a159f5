// Coins over time: honest requests give signatures with which the network would take the transaction; bumps, burns, rescues,
// freezes and restarts.
#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace holdfast::signer::test {
namespace {

using namespace chain::utxo;
using proto::SignRequest;

// The transaction, complete: with the reply's signatures, and the second signer's where it takes two.
std::optional<Transaction> completed(const CoinDraft& draft, const proto::SignReply& reply) {
  Psbt psbt = draft.psbt;
  if (!take_signatures(psbt, reply)) return std::nullopt;
  if (draft.request.wallet() != kSingle && !sign_psbt(psbt, master(2))) return std::nullopt;
  const auto final = finalize(psbt);
  if (!final) return std::nullopt;
  const auto extracted = extract(*final);
  return extracted ? std::optional(*extracted) : std::nullopt;
}

std::vector<CoinDraft> good() {
  std::vector<CoinDraft> out;
  for (const auto wallet : {kQuorum, kTaproot, kSingle}) {
    out.push_back(payment(1, 1, wallet));
    out.push_back(burn_of_coin(2, wallet));
    out.push_back(rescue(3, wallet));
    out.push_back(consolidation(wallet));
  }
  return out;
}

TEST(CoinSigner, signs_what_the_network_takes_and_no_larger_than_it_was_counted) {
  for (const CoinDraft& draft : good()) {
    SCOPED_TRACE(draft.request.wallet() + " " + std::to_string(draft.request.purpose()));
    CoinWorld world;
    const auto reply = world.sign(draft);
    ASSERT_EQ(reply.refusal(), "") << reply.text();
    const auto transaction = completed(draft, reply);
    ASSERT_TRUE(transaction.has_value());
    EXPECT_EQ(reply.digest(), raw(txid_of(*transaction).view()));
    EXPECT_EQ(reply.signed_by(), raw(master_id(1).view()));
    EXPECT_EQ(reply.signature(), "");
    EXPECT_EQ(reply.request(), 7u);
    Policy own = coin_policy();
    ASSERT_TRUE(find_own_keys(own, world.keys).has_value());
    const auto& rule = *own.coin_chains[0].wallet(draft.request.wallet());
    const auto effect = explain_coins(own.coin_chains[0], rule, as_bytes(draft.finish().unsigned_transaction()));
    ASSERT_TRUE(effect.has_value());
    EXPECT_LE(vsize_of(*transaction), effect->vsize);
    EXPECT_GE(vsize_of(*transaction) + 2 * draft.psbt.inputs.size(), effect->vsize);
  }
}

TEST(CoinSigner, records_what_it_signs_before_it_signs) {
  CoinWorld world;
  world.announce(payment().finish());
  world.storage.fail_next_append = Error{ErrorKind::fault, "disk_full", ""};
  EXPECT_EQ(world.sign(payment()).refusal(), "journal_unavailable");
  const auto reply = world.sign(payment());
  EXPECT_EQ(reply.refusal(), "");
  std::vector<proto::SignerRecord> records;
  const auto visit = [&](std::uint64_t, ByteView bytes) -> Result<void> {
    proto::SignerRecord record;
    record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!record.has_deposit_proven()) records.push_back(std::move(record));
    return {};
  };
  ASSERT_TRUE(journal::Journal::open(world.storage, world.log_key, visit).has_value());
  ASSERT_EQ(records.size(), 1u);
  const auto& fact = records[0].signed_();
  EXPECT_EQ(fact.digest(), reply.digest());
  EXPECT_EQ(fact.withdrawal(), 0u);
  EXPECT_EQ(fact.batch_size(), 2);
  EXPECT_EQ(fact.batch(1).destination(), raw(customer(2)));
  EXPECT_EQ(fact.fees(), "5000");
  EXPECT_EQ(fact.coin_wallet(), kQuorum);
  EXPECT_EQ(fact.change_index(), 7u);
  ASSERT_EQ(fact.outpoints_size(), 1);
  EXPECT_EQ(fact.outpoints(0), encode_outpoint(outpoint(coin(kQuorum, 1, kCoinValue))));
}

TEST(CoinSigner, gives_the_same_signatures_for_the_same_psbt_and_counts_it_once) {
  for (const CoinDraft& draft : good()) {
    CoinWorld world;
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

TEST(CoinSigner, bumps_a_payment_also_with_more_coins_and_after_its_approval_has_expired) {
  CoinWorld world;
  ASSERT_EQ(world.sign(payment()).refusal(), "");
  world.reopen();
  world.clock.at = kNow + kMsPerDay;
  EXPECT_EQ(world.sign(payment(1, 1, kQuorum, 9'000)).refusal(), "");
  CoinDraft more = payment(1, 1, kQuorum, 9'000);
  spend(more, coin(kQuorum, 2, 20'000));
  more.psbt.outputs.back().value += 4'000;
  EXPECT_EQ(world.sign(more).refusal(), "");
  EXPECT_EQ(world.sign(payment(3, 3)).refusal(), "approval_expired");
  EXPECT_EQ(world.signer->memory().coins().within_day(kCoinChain, kNow), Amount::of(50'000'000));
}

TEST(CoinSigner, replaces_a_payment_by_a_burn_and_either_by_a_rescue) {
  CoinWorld world;
  for (const CoinDraft& draft : {payment(), burn_of_coin(), rescue(), burn_of_coin()}) {
    EXPECT_EQ(world.sign(draft).refusal(), "");
  }
  EXPECT_EQ(world.sign(payment()).refusal(), "coin_burned");
}

TEST(CoinSigner, pays_from_a_coin_whose_rescue_lies_ready) {
  CoinWorld world;
  for (const std::int64_t fee : {1'000, 10'000, 40'000}) EXPECT_EQ(world.sign(rescue(1, kQuorum, fee)).refusal(), "");
  EXPECT_EQ(world.sign(payment()).refusal(), "");
}

TEST(CoinSigner, in_a_freeze_signs_only_rescues_and_burns) {
  CoinWorld world;
  ASSERT_EQ(world.sign(payment()).refusal(), "");
  proto::FreezeOrder order;
  order.set_freeze(4);
  ASSERT_TRUE(world.signer->freeze(order).has_value());
  for (int restarts = 0; restarts < 2; ++restarts) {
    for (const CoinDraft& draft : {payment(), payment(3, 3), consolidation()}) {
      EXPECT_EQ(world.sign(draft).refusal(), "frozen");
    }
    for (const CoinDraft& draft : {rescue(), burn_of_coin()}) EXPECT_EQ(world.sign(draft).refusal(), "");
    world.reopen();
  }
}

TEST(CoinSigner, pays_nobody_by_a_clock_that_is_behind_its_own_records) {
  CoinWorld world;
  ASSERT_EQ(world.sign(payment()).refusal(), "");
  world.clock.at = kNow + (-kMinute - 1);
  EXPECT_EQ(world.sign(payment()).refusal(), "clock_wrong");
  EXPECT_EQ(world.sign(rescue()).refusal(), "");
}

TEST(CoinSigner, rescues_do_not_use_up_the_days_fees) {
  CoinWorld world;
  for (std::uint8_t number = 0; number < 100; ++number) {
    ASSERT_EQ(world.sign(rescue(number)).refusal(), "");  // 4,000,000 in all.
  }
  EXPECT_EQ(world.signer->memory().coins().fees_with(kCoinChain, std::vector{OutPoint{}}, Amount::of(1), kNow), Amount::of(1));
}

TEST(CoinSigner, counts_of_transactions_that_share_a_coin_only_the_dearest) {
  CoinWorld world;
  for (const std::int64_t fee : {5'000, 9'000, 7'000}) EXPECT_EQ(world.sign(payment(1, 1, kQuorum, fee)).refusal(), "");
  EXPECT_EQ(world.sign(burn_of_coin()).refusal(), "");
  const std::vector other = {OutPoint{}};
  const auto fees = [&](Instant now) {
    return *world.signer->memory().coins().fees_with(kCoinChain, other, Amount::of(100), now);
  };
  EXPECT_EQ(fees(kNow), Amount::of(9'100));
  EXPECT_EQ(fees(kNow + kMsPerDay), Amount::of(100));
}

TEST(CoinSigner, counts_chains_of_shared_coins_by_what_can_be_mined_together) {
  // Each shares a coin with the next; the first, the third and so on can all be mined.
  CoinWorld world;
  for (std::uint8_t number = 0; number < 4; ++number) {
    CoinDraft draft = coin_draft(SignRequest::CONSOLIDATION);
    for (const std::uint8_t of : {number, static_cast<std::uint8_t>(number + 1)}) spend(draft, coin(kQuorum, of, 50'000));
    change(draft, 90'000);
    ASSERT_EQ(world.sign(draft).refusal(), "");
  }
  const auto fees = *world.signer->memory().coins().fees_with(kCoinChain, std::vector{OutPoint{}}, Amount::zero(), kNow);
  EXPECT_GE(fees, Amount::of(20'000));
  EXPECT_LE(fees, Amount::of(25'000));
}

TEST(CoinSigner, does_not_start_without_its_own_key_in_each_wallet) {
  CoinWorld world;
  const auto code = [&](const CoinWalletRule& wallet) {
    Policy with = coin_policy();
    with.coin_chains[0].wallets = {wallet};
    const auto opened = Signer::open(with, world.keys, world.storage, world.log_key, world.clock, Exchange::rules(), world.copy);
    return opened ? std::string_view() : opened.error().code;
  };
  const auto quorum = [](const std::string& keys) {
    return CoinWalletRule{"w", CoinWalletKind::multisig, descriptor("wsh(sortedmulti(2," + keys + "))"), {}};
  };
  const std::string path = "48h/1h/0h/2h";
  EXPECT_EQ(code(quorum(quorum_text(path))), "");
  EXPECT_EQ(code(quorum(key_text(2, path) + "," + key_text(3, path) + "," + key_text(4, path))), "wallet_without_key");
  EXPECT_EQ(code(quorum(key_text(1, path) + "," + key_text(1, "48h/1h/1h/2h") + "," + key_text(3, path))), "wallet_key_twice");
  // Our fingerprint in front of a stranger's key.
  std::string forged = key_text(4, path);
  forged.replace(1, 8, to_hex(fingerprint(1).view()));
  EXPECT_EQ(code(quorum(forged + "," + key_text(2, path) + "," + key_text(3, path))), "wallet_without_key");
  const KeyRing seedless = *KeyRing::of(secret(1), {});
  Policy with = coin_policy();
  with.chains.clear();
  EXPECT_EQ(Signer::open(with, seedless, world.storage, world.log_key, world.clock, Exchange::rules(), world.copy).error().code, "wallet_without_key");
}

// The seeds of coin_request_fuzz: they get as far as their names say.
TEST(CoinSigner, the_fuzzers_seeds_are_signed_and_refused_as_they_are_named) {
  std::size_t signed_ones = 0;
  std::set<std::string> refusals;
  for (const auto& entry : std::filesystem::directory_iterator("tests/corpus/coin_request_fuzz")) {
    std::ifstream file(entry.path(), std::ios::binary);
    SignRequest request;
    ASSERT_TRUE(request.ParseFromIstream(&file)) << entry.path();
    const std::string named = entry.path().filename().string();
    const auto reply = CoinWorld().sign(request);
    EXPECT_EQ(reply.refusal().empty(), !named.starts_with("refused_")) << named << ": " << reply.refusal();
    if (reply.refusal().empty()) ++signed_ones;
    else refusals.insert(reply.refusal());
  }
  EXPECT_GE(signed_ones, 10u);
  EXPECT_GE(refusals.size(), 18u);
}

}  // namespace
}  // namespace holdfast::signer::test
