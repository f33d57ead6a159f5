// A journal that this signer cannot have written about coins stops it.
#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

using proto::SignRequest;

utxo::OutPoint spot(std::uint8_t number) {
  utxo::OutPoint out;
  out.txid.bytes.fill(number);
  out.vout = number;
  return out;
}

proto::SignerRecord paid(std::uint64_t id = 1, std::uint8_t number = 1, std::int64_t at_ms = 1000) {
  proto::SignerRecord out;
  out.set_at_ms(at_ms);
  auto& fact = *out.mutable_signed_();
  fact.set_kind(SignRequest::TRANSACTION);
  fact.set_purpose(SignRequest::WITHDRAWAL);
  fact.set_chain(std::string(kCoinChain));
  fact.set_digest(std::string(32, static_cast<char>(id)));
  fact.set_fees("500");
  fact.set_coin_wallet(std::string(kQuorum));
  fact.set_change_index(4);
  fact.add_outpoints(encode_outpoint(spot(number)));
  auto& withdrawal = *fact.add_batch();
  withdrawal.set_id(id);
  withdrawal.set_amount("7");
  withdrawal.set_destination("script");
  return out;
}

template <class Spoil>
proto::SignerRecord spoilt(Spoil spoil, std::uint64_t id = 2, std::uint8_t number = 2) {
  proto::SignerRecord out = paid(id, number);
  spoil(*out.mutable_signed_());
  return out;
}

struct Row {
  const char* what;
  proto::SignerRecord record;
};

TEST(CoinMemory, refuses_records_that_no_signer_wrote) {
  const Row table[] = {
      {"short outpoint", spoilt([](auto& f) { f.set_outpoints(0, "short"); })},
      {"a coin twice", spoilt([](auto& f) { f.add_outpoints(f.outpoints(0)); })},
      {"short digest", spoilt([](auto& f) { f.set_digest("short"); })},
      {"no fees", spoilt([](auto& f) { f.clear_fees(); })},
      {"no batch", spoilt([](auto& f) { f.clear_batch(); })},
      {"a batch of a burn", spoilt([](auto& f) { f.set_purpose(SignRequest::BURN); })},
      {"a purpose of accounts", spoilt([](auto& f) {
         f.set_purpose(SignRequest::SWEEP);
         f.clear_batch();
       })},
      {"withdrawal 0", spoilt([](auto& f) { f.mutable_batch(0)->set_id(0); })},
      {"a withdrawal twice", spoilt([](auto& f) { *f.add_batch() = f.batch(0); })},
      {"no amount", spoilt([](auto& f) { f.mutable_batch(0)->set_amount("1.5"); })},
      {"no destination", spoilt([](auto& f) { f.mutable_batch(0)->clear_destination(); })},
      {"sum beyond every amount", spoilt([](auto& f) { f.mutable_batch(0)->set_amount(Amount::max().to_string()); })},
      {"fees beyond every amount", spoilt([](auto& f) { f.set_fees(Amount::max().to_string()); })},
      {"withdrawal 1 from another coin", paid(1, 2)},
      {"withdrawal 1 with other terms", spoilt([](auto& f) { f.mutable_batch(0)->set_amount("8"); }, 1, 1)},
      {"withdrawal 1 on another chain", spoilt([](auto& f) { f.set_chain("bip122:other"); }, 1, 1)},
      {"withdrawal 1 with another", spoilt([](auto& f) {
         *f.add_batch() = f.batch(0);
         f.mutable_batch(1)->set_id(5);
       }, 1, 1)},
      {"another from its coin", paid(2, 1)},
      {"one from a burnt coin", paid(2, 3)},
      {"withdrawal 9, which has a nonce", paid(9, 2)},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.what);
    Memory memory;
    ASSERT_TRUE(memory.apply(paid()).has_value());
    ASSERT_TRUE(memory.apply(spoilt([](auto& f) {
                        f.set_purpose(SignRequest::BURN);
                        f.clear_batch();
                      }, 7, 3)).has_value());
    proto::SignerRecord account;
    account.set_at_ms(1000);
    auto& fact = *account.mutable_signed_();
    fact.set_purpose(SignRequest::WITHDRAWAL);
    fact.set_withdrawal(9);
    fact.set_wallet(raw(kSafe.view()));
    fact.set_digest(std::string(32, 'x'));
    fact.set_amount("7");
    fact.set_destination(raw(kCustomer.view()));
    ASSERT_TRUE(memory.apply(account).has_value());

    const auto applied = memory.apply(row.record);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().kind, ErrorKind::corruption);
    EXPECT_EQ(applied.error().code, "signer_record_malformed");
  }
}

// Of so many bytes, and nothing that would get into the way of anything else.
proto::SignerRecord filler(SignRequest::Purpose purpose, std::size_t bytes, Instant at) {
  proto::SignerRecord out = paid();
  proto::SignerRecord::Signed& fact = *out.mutable_signed_();
  out.set_at_ms(at.unix_ms);
  fact.clear_batch();
  fact.set_purpose(purpose);
  fact.set_digest(std::string(32, 'f'));
  fact.set_fees("0");
  fact.set_amount(std::string(bytes - fact.ByteSizeLong(), '1'));  // Nobody reads it.
  fact.mutable_amount()->resize(fact.amount().size() - (fact.ByteSizeLong() - bytes));
  HF_CHECK(fact.ByteSizeLong() == bytes);
  return out;
}

constexpr auto kSavingPurposes = {SignRequest::EVACUATION, SignRequest::BURN};
constexpr auto kOtherPurposes = {SignRequest::WITHDRAWAL, SignRequest::CONSOLIDATION};

CoinDraft asked_for(SignRequest::Purpose purpose) {
  if (purpose == SignRequest::WITHDRAWAL) return payment(5, 50);
  if (purpose == SignRequest::CONSOLIDATION) return consolidation(kTaproot);
  return purpose == SignRequest::BURN ? burn_of_coin(60) : rescue(60);
}
std::string_view refusal_of(SignRequest::Purpose purpose, const Memory& memory, Instant now) {
  const auto answer = check_announced(memory, asked_for(purpose).finish(), now);
  return answer ? "" : name(answer.error().refusal);
}

TEST(CoinMemory, grows_no_faster_than_it_may) {
  const std::pair<SignRequest::Purpose, bool> table[] = {{SignRequest::CONSOLIDATION, false}, {SignRequest::EVACUATION, true}};
  for (const auto& [purpose, saving] : table) {
    Memory memory;
    constexpr std::int64_t kPieces = 32;
    for (std::int64_t i = 0; i < kPieces; ++i) {
      for (const auto each : {SignRequest::EVACUATION, SignRequest::WITHDRAWAL}) EXPECT_EQ(refusal_of(each, memory, kNow), "");
      ASSERT_TRUE(memory.apply(filler(purpose, ByteBudget::kMost / kPieces, kNow)).has_value());
    }
    for (const auto each : kSavingPurposes) EXPECT_EQ(refusal_of(each, memory, kNow), saving ? "records_too_many" : "");
    for (const auto each : kOtherPurposes) EXPECT_EQ(refusal_of(each, memory, kNow), saving ? "" : "records_too_many");
    // It goes on by itself.
    for (const auto each : kSavingPurposes) EXPECT_EQ(refusal_of(each, memory, kNow + kMsPerSecond), "");
    for (const auto each : kOtherPurposes) EXPECT_EQ(refusal_of(each, memory, kNow + kMsPerSecond), "");
  }
}

TEST(CoinMemory, has_room_for_what_it_has_signed_already) {
  Memory memory;
  const auto before = check_announced(memory, asked_for(SignRequest::BURN).finish(), kNow);
  proto::SignerRecord record;
  *record.mutable_signed_() = before->record;
  record.set_at_ms(kNow.unix_ms);
  ASSERT_TRUE(memory.apply(record).has_value());
  ASSERT_TRUE(memory.apply(filler(SignRequest::EVACUATION, ByteBudget::kMost, kNow)).has_value());
  EXPECT_EQ(refusal_of(SignRequest::BURN, memory, kNow), "");
  EXPECT_EQ(refusal_of(SignRequest::EVACUATION, memory, kNow), "records_too_many");
}

TEST(ByteBudget, fills_with_time_and_never_over_what_it_holds) {
  ByteBudget budget;
  const Instant begin = kNow;
  EXPECT_EQ(budget.left(begin), ByteBudget::kMost);
  budget.take(ByteBudget::kMost, begin);
  EXPECT_EQ(budget.left(begin), 0);
  EXPECT_EQ(budget.left(Instant{begin.unix_ms - kMsPerDay}), 0);
  EXPECT_EQ(budget.left(begin + (kMsPerSecond - 1)), 0);
  EXPECT_EQ(budget.left(begin + kMsPerSecond), ByteBudget::kPerSecond);
  EXPECT_EQ(budget.left(begin + 10 * kMsPerSecond), 10 * ByteBudget::kPerSecond);
  EXPECT_EQ(budget.left(begin + 1000 * kMsPerDay), ByteBudget::kMost);
  EXPECT_EQ(budget.left(Instant{INT64_MAX}), ByteBudget::kMost);
  budget.take(SIZE_MAX / 2, begin);  // A journal may hold more.
  EXPECT_EQ(budget.left(begin), 0);
  // Taking a little again and again loses no time that has passed.
  for (int i = 1; i <= 10'000; ++i) budget.take(0, begin + i);
  EXPECT_EQ(budget.left(begin + 10'000), 10 * ByteBudget::kPerSecond);
}

TEST(CoinMemory, knows_what_it_was_told) {
  Memory memory;
  ASSERT_TRUE(memory.apply(paid()).has_value());
  const CoinMemory& coins = memory.coins();
  EXPECT_EQ(memory.highest_withdrawal(), 1u);
  EXPECT_EQ(memory.signed_count(), 1u);
  EXPECT_EQ(coins.terms(1)->amount, Amount::of(7));
  EXPECT_EQ(coins.payment_of(1), coins.payment_from(kCoinChain, spot(1)));
  EXPECT_EQ(coins.payment_of(1)->coins, std::vector{spot(1)});
  EXPECT_EQ(coins.payment_of(2), nullptr);
  EXPECT_EQ(coins.payment_from("bip122:other", spot(1)), nullptr);
  EXPECT_FALSE(coins.is_burned(kCoinChain, spot(1)));
  EXPECT_EQ(coins.change_reach(kCoinChain, kQuorum)->highest, 4u);
  EXPECT_FALSE(coins.change_reach(kCoinChain, kSingle).has_value());
  EXPECT_TRUE(coins.signed_fee(kCoinChain, Hash32::from(Bytes(32, 1)), SignRequest::WITHDRAWAL).has_value());
  EXPECT_FALSE(coins.signed_fee(kCoinChain, Hash32::from(Bytes(32, 1)), SignRequest::BURN).has_value());
  EXPECT_EQ(coins.within_day(kCoinChain, Instant{1000}), Amount::of(7));
  EXPECT_EQ(coins.within_day(kCoinChain, Instant{1000} + kMsPerDay), Amount::zero());
}

}  // namespace
}  // namespace holdfast::signer::test
