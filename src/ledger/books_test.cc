#include "ledger/books.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace holdfast::ledger {
namespace {

constexpr std::uint64_t kAsset = 1;
const AccountId kWallet{AccountKind::wallet, 1, kAsset};
const AccountId kCapital{AccountKind::capital, 0, kAsset};
const AccountId kAlice{AccountKind::customer_available, 1, kAsset};
const AccountId kAliceHeld{AccountKind::customer_held, 1, kAsset};
const AccountId kFees{AccountKind::fee_income, 0, kAsset};

Books with_alice(Int128 units) {
  Books books;
  books.post({1, kWallet, kAlice, Amount::of(units)});
  return books;
}

struct RefusalCase {
  const char* what;
  Transfer transfer;
  Refusal refusal;
};

class BooksRefuse : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(BooksRefuse, WithTheReason) {
  const Books books = with_alice(100);
  EXPECT_EQ(name(books.check(GetParam().transfer)), name(GetParam().refusal)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(Table, BooksRefuse, ::testing::Values(
  RefusalCase{"fits", {2, kAlice, kCapital, Amount::of(100)}, Refusal::none},
  RefusalCase{"zero", {2, kAlice, kCapital, Amount::zero()}, Refusal::amount_not_positive},
  RefusalCase{"one too much", {2, kAlice, kCapital, Amount::of(101)}, Refusal::funds_insufficient},
  RefusalCase{"wallet below zero", {2, kCapital, kWallet, Amount::of(101)}, Refusal::funds_insufficient},
  RefusalCase{"other asset", {2, kAlice, {AccountKind::capital, 0, 2}, Amount::of(1)}, Refusal::asset_mismatch},
  RefusalCase{"to itself", {2, kAlice, kAlice, Amount::of(1)}, Refusal::same_account},
  RefusalCase{"again", {1, kWallet, kAlice, Amount::of(100)}, Refusal::transfer_already_seen},
  RefusalCase{"gap", {3, kWallet, kAlice, Amount::of(1)}, Refusal::transfer_out_of_order},
  RefusalCase{"over the bound", {2, kWallet, kAlice, Amount::max()}, Refusal::balance_overflows}));

TEST(Books, HoldMovesMoneyAsideAndSettlesWithItsFee) {
  Books books = with_alice(100);
  EXPECT_EQ(books.check_hold(1, 1, kAsset, Amount::of(101)), Refusal::funds_insufficient);
  EXPECT_EQ(books.check_hold(2, 1, kAsset, Amount::of(1)), Refusal::hold_out_of_order);
  books.open_hold(1, 1, kAsset, Amount::of(60));
  EXPECT_EQ(books.check_hold(1, 1, kAsset, Amount::of(1)), Refusal::hold_already_seen);
  EXPECT_EQ(books.side(kAlice), Amount::of(40));
  EXPECT_EQ(books.side(kAliceHeld), Amount::of(60));
  books.settle_hold(1, kCapital, Amount::of(50), kFees);
  EXPECT_EQ(books.side(kAliceHeld), Amount::zero());
  EXPECT_EQ(books.side(kFees), Amount::of(10));
  books.check_laws();
}

TEST(Books, AHoldIsReleasedAllButItsFee) {
  Books books = with_alice(100);
  books.open_hold(1, 1, kAsset, Amount::of(60));
  EXPECT_DEATH(books.release_hold(1, Amount::of(61), kFees), "bug");
  books.release_hold(1, Amount::of(10), kFees);
  EXPECT_EQ(books.side(kAlice), Amount::of(90));
  EXPECT_EQ(books.side(kAliceHeld), Amount::zero());
  EXPECT_EQ(books.side(kFees), Amount::of(10));
  EXPECT_EQ(books.find_hold(1)->state, HoldState::released);
  books.check_laws();
}

TEST(Books, AHoldEndsOnce) {
  Books books = with_alice(100);
  books.open_hold(1, 1, kAsset, Amount::of(60));
  books.release_hold(1);
  EXPECT_EQ(books.side(kAlice), Amount::of(100));
  EXPECT_DEATH(books.release_hold(1), "bug");
  EXPECT_DEATH(books.settle_hold(1, kCapital, Amount::of(60), kFees), "bug");
}

// Any sequence of what check() allows conserves money; a naive model agrees on every balance.
TEST(Books, ConservesMoneyWhateverHappens) {
  const bool held = rc::check([] {
    Books books;
    std::map<std::uint64_t, Int128> model;
    const auto accounts = std::vector<AccountId>{kWallet, kCapital, kAlice, kFees, {AccountKind::loss, 1, kAsset}};
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const Transfer transfer{books.next_transfer(), *rc::gen::elementOf(accounts), *rc::gen::elementOf(accounts),
                              Amount::of(*rc::gen::inRange(0, 1000))};
      if (books.check(transfer) != Refusal::none) continue;
      books.post(transfer);
      model[transfer.debit.packed()] += transfer.amount.units();
      model[transfer.credit.packed()] -= transfer.amount.units();
    }
    books.check_laws();
    for (const auto& [packed, value] : model) RC_ASSERT(books.balance(AccountId::from_packed(packed)) == value);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace holdfast::ledger
