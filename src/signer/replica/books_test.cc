#include "signer/replica/books.h"

#include "signer/replica/test_journal.h"

#include <gtest/gtest.h>
#include <set>

namespace holdfast::signer {
namespace {

using namespace test;

constexpr Instant kNow{1'700'000'000'000};
Amount coins(std::int64_t n) { return Amount::of(n); }

class books : public testing::Test {
 protected:
  books() {
    kept.listen([this](std::uint64_t id) { return signed_here.contains(id); });
    add(chain_event(1, "eip155:1"));
    add(asset_event(1, 1, {}));
    add(customer_event(1, "alice"));
    add(customer_event(2, "bob"));
  }
  Result<void> apply(const record::Event& event) { return kept.apply(next++, as_bytes(event.SerializeAsString()), now); }
  void add(const record::Event& event) {
    const auto applied = apply(event);
    ASSERT_TRUE(applied.has_value()) << applied.error().text;
  }
  void expect_impossible(const record::Event& event) {
    const auto applied = apply(event);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, "journal_record_impossible");
    EXPECT_EQ(applied.error().kind, ErrorKind::corruption);
  }
  void credit(std::uint64_t id, std::uint64_t customer, Amount amount, std::uint8_t txid) {
    add(deposit_event(id, customer, 1, amount, txid));
    add(credited_event(id));
  }
  void prove(std::uint64_t id) { kept.prove(id, kept.unproven().at(id).fingerprint()); }

  Books kept;
  std::set<std::uint64_t> signed_here;
  Instant now = kNow;
  std::uint64_t next = 0;
};

const Bytes kThere = {1, 2, 3};

TEST_F(books, what_the_journal_credits_counts_once_it_is_proven) {
  credit(1, 1, coins(10), 1);
  add(withdrawal_event(1, 1, 1, coins(7), kThere, coins(1)));
  EXPECT_FALSE(kept.cover(1, 1).holds());
  prove(1);
  EXPECT_TRUE(kept.cover(1, 1).holds());
  EXPECT_EQ(kept.cover(1, 1).proven, coins(10));
  EXPECT_EQ(kept.cover(1, 1).taken, coins(8));
  EXPECT_TRUE(kept.unproven().empty());
  EXPECT_TRUE(kept.cover(2, 1).proven.is_zero());
}

TEST_F(books, all_of_it_and_not_one_unit_more) {
  credit(1, 1, coins(10), 1);
  prove(1);
  add(withdrawal_event(1, 1, 1, coins(10), kThere));
  EXPECT_TRUE(kept.cover(1, 1).holds());
  add(withdrawal_event(2, 1, 1, coins(1), kThere));
  EXPECT_FALSE(kept.cover(1, 1).holds());
}

TEST_F(books, a_deposit_that_was_only_seen_is_not_asked_for) {
  add(deposit_event(1, 1, 1, coins(10)));
  EXPECT_TRUE(kept.unproven().empty());
  record::Event orphaned;
  orphaned.mutable_deposit_orphaned()->set_deposit(1);
  add(orphaned);
  expect_impossible(credited_event(1));
}

TEST_F(books, one_payment_counts_once_under_whatever_names) {
  credit(1, 1, coins(10), 1);
  credit(2, 2, coins(10), 1);  // The same transaction and place, for somebody else.
  prove(1);
  prove(2);
  EXPECT_TRUE(kept.cover(2, 1).proven.is_zero());
  expect_impossible(deposit_event(1, 1, 1, coins(10), 9));  // The same name, for another payment.
}

TEST_F(books, a_proof_is_of_what_was_claimed) {
  credit(1, 1, coins(10), 1);
  BookedDeposit other = kept.unproven().at(1);
  other.amount = coins(1);
  kept.prove(1, other.fingerprint());
  kept.prove(7, other.fingerprint());
  EXPECT_TRUE(kept.cover(1, 1).proven.is_zero());
  EXPECT_EQ(kept.unproven().size(), 1u);
}

TEST_F(books, what_is_taken_back_counts_no_more_and_may_come_again) {
  credit(1, 1, coins(10), 1);
  prove(1);
  record::Event reversed;
  reversed.mutable_deposit_reversed()->set_deposit(1);
  add(reversed);
  add(reversed);
  EXPECT_TRUE(kept.cover(1, 1).proven.is_zero());
  credit(2, 1, coins(10), 1);  // Mined again.
  prove(2);
  EXPECT_EQ(kept.cover(1, 1).proven, coins(10));
}

TEST_F(books, an_end_gives_back_what_was_never_signed_here) {
  credit(1, 1, coins(10), 1);
  prove(1);
  for (std::uint64_t id = 1; id <= 3; ++id) add(withdrawal_event(id, 1, 1, coins(2), kThere, coins(1)));
  signed_here = {3};
  add(rejected_event(1));
  add(returned_event(2, 4));  // It failed on the chain: the network was paid.
  add(returned_event(3));     // Signed here: it may still be mined.
  add(returned_event(1));     // An end comes once.
  EXPECT_EQ(kept.cover(1, 1).taken, coins(1 + 3));
  EXPECT_TRUE(kept.withdrawal(3)->ended);
}

TEST_F(books, a_request_id_is_good_for_one_withdrawal) {
  add(withdrawal_event(1, 1, 1, coins(2), kThere));
  auto again = withdrawal_event(2, 1, 1, coins(2), kThere);
  again.mutable_withdrawal_requested()->set_request(withdrawal_event(1, 1, 1, coins(2), kThere).withdrawal_requested().request());
  add(again);
  EXPECT_FALSE(kept.withdrawal(1)->repeats);
  EXPECT_TRUE(kept.withdrawal(2)->repeats);
}

TEST_F(books, times_are_this_signers_own) {
  add(withdrawal_event(1, 1, 1, coins(2), kThere));
  now = kNow + 1000;
  add(withdrawal_event(2, 1, 1, coins(2), kThere));
  add(withdrawal_event(3, 2, 1, coins(2), kThere));
  add(key_event(1, 1, "key"));
  EXPECT_EQ(kept.withdrawal(2)->destination_learned, kNow);
  EXPECT_EQ(kept.withdrawal(3)->destination_learned, now);  // Another customer's.
  EXPECT_EQ(kept.customer(1)->keys.at(0).learned, now);
}

TEST_F(books, keys_are_the_customers_for_ever_and_their_number_is_bounded) {
  for (std::uint64_t id = 1; id <= Books::kMaxKeys + 1; ++id) add(key_event(id, 1, "key"));
  add(key_removed_event(1));
  add(key_removed_event(Books::kMaxKeys + 1));
  const BookedCustomer& alice = *kept.customer(1);
  ASSERT_EQ(alice.keys.size(), Books::kMaxKeys);
  EXPECT_TRUE(alice.keys[0].is_first);
  EXPECT_TRUE(alice.keys[0].removed);
  EXPECT_FALSE(alice.keys[1].is_first);
  EXPECT_FALSE(alice.keys[1].removed);
  expect_impossible(key_event(2, 2, "a key's id again"));
}

TEST_F(books, an_address_stays_with_whom_it_was_given_to) {
  const Bytes at = {9, 9};
  add(address_event(1, 1, at));
  add(address_event(2, 1, at));
  EXPECT_EQ(kept.address(1, at)->customer, 1u);
  EXPECT_EQ(kept.address(2, at), nullptr);
  EXPECT_EQ(kept.handed_out("eip155:1"), 0u);
  auto of_coins = address_event(1, 1, Bytes{7});
  of_coins.mutable_deposit_address_assigned()->mutable_address()->set_wallet(3);
  of_coins.mutable_deposit_address_assigned()->mutable_address()->set_index(41);
  add(of_coins);
  EXPECT_EQ(kept.handed_out("eip155:1"), 42u);
  EXPECT_EQ(kept.handed_out("another"), 0u);
}

TEST_F(books, decisions_are_kept_with_what_they_are_about) {
  add(withdrawal_event(1, 1, 1, coins(2), kThere));
  record::Event decision;
  auto* signed_one = decision.mutable_decision_signed();
  signed_one->set_by("carol");
  signed_one->set_key(std::string(32, 'k'));
  signed_one->set_signature(std::string(64, 's'));
  signed_one->set_statement("Holdfast decision v1\nexchange: x\ndecision: approve withdrawal\nwithdrawal: 1\n");
  for (std::size_t i = 0; i < Books::kMaxDecisions + 1; ++i) add(decision);
  EXPECT_EQ(kept.withdrawal(1)->decisions.size(), Books::kMaxDecisions);
  signed_one->set_statement("\"@method\": POST");
  add(decision);
  signed_one->set_statement("Holdfast decision v1\nexchange: x\ndecision: approve withdrawal\nwithdrawal: 99999999999999999999999\n");
  add(decision);
}

TEST_F(books, nonsense_is_refused_and_what_is_not_known_too) {
  expect_impossible(customer_event(4, "a gap"));
  expect_impossible(key_event(1, 9, "of nobody"));
  expect_impossible(withdrawal_event(2, 1, 1, coins(1), kThere));
  expect_impossible(withdrawal_event(1, 9, 1, coins(1), kThere));
  expect_impossible(withdrawal_event(1, 1, 9, coins(1), kThere));
  expect_impossible(approved_event(1, 0));
  expect_impossible(returned_event(1));
  expect_impossible(deposit_event(1, 1, 9, coins(1)));
  auto overlong = withdrawal_event(1, 1, 1, coins(1), kThere);
  overlong.mutable_withdrawal_requested()->set_amount(std::string(17, '\1'));
  expect_impossible(overlong);
  add(withdrawal_event(1, 1, 1, Amount::max(), kThere));
  expect_impossible(withdrawal_event(2, 1, 1, coins(1), kThere));
  for (const std::string_view bytes : {std::string_view("\xff\xff"), std::string_view()}) {
    const auto applied = kept.apply(next, as_bytes(bytes), now);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, "journal_record_unreadable");
  }
}

}  // namespace
}  // namespace holdfast::signer
