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
