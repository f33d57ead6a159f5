// Who says so: each reason for which a withdrawal that is well formed and within all limits is not signed all the same.
#include "signer/authority.h"

#include "identity/texts.h"
#include "signer/replica/test_journal.h"
#include "signer/test_world.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>

namespace holdfast::signer {
namespace {

using namespace test;
using identity::Credential;
using identity::CredentialKind;

constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::uint64_t kAlice = 1, kBob = 2;
const std::string kExchange = "holdfast.example/journal";

// A person with an Ed25519 key.
struct Person {
  explicit Person(std::uint8_t seed) {
    const Bytes seed_bytes(32, seed);
    crypto_sign_seed_keypair(public_key.bytes.data(), secret_key.bytes.data(), seed_bytes.data());
  }
  Credential credential() const { return *Credential::from_key(CredentialKind::ed25519, public_key.view()); }
  std::string key() const { return raw(public_key.view()); }
  FixedBytes<64> sign(const std::string& text) const {
    FixedBytes<64> out;
    crypto_sign_detached(out.bytes.data(), nullptr, as_bytes(text).data(), text.size(), secret_key.bytes.data());
    return out;
  }
  std::string proof(const std::string& text) const { return raw(*identity::encode(identity::Proof(sign(text)))); }

  FixedBytes<32> public_key;
  FixedBytes<64> secret_key;
};

const Person kAlicesPhone(1), kAlicesLaptop(2), kThief(3), kCarol(4), kDave(5), kMallory(6);

Amount units(std::int64_t n) { return Amount::of(n); }

class authority : public testing::Test {
 protected:
  authority() {
    rules.exchange = kExchange;
    rules.key_delay_ms = 48 * kHour;
    rules.destination_delay_ms = 24 * kHour;
    rules.approvers = {{"carol", kCarol.credential()}, {"dave", kDave.credential()}};
    claimed.id = 1;
    claimed.chain = "eip155:1";
    claimed.asset_name = "slip44:60";
    claimed.amount = units(100);
    claimed.destination = destination.view();
    claimed.destination_text = to_checksum_text(destination);
    claimed.limits = {units(150), units(250), units(1'000), Amount::max(), 2};
    tell(chain_event(1, "eip155:1"));
    tell(asset_event(1, 1, {}));
    tell(customer_event(kAlice, "alice"));
    tell(customer_event(kBob, "bob"));
    fund(kAlice, units(1'000));
    fund(kBob, units(1'000));
  }

  void tell(const record::Event& event) {
    const auto applied = books.apply(index++, as_bytes(event.SerializeAsString()), now);
    ASSERT_TRUE(applied.has_value()) << applied.error().text;
  }
  void fund(std::uint64_t customer, Amount amount) {
    ++deposits;
    tell(deposit_event(deposits, customer, 1, amount, static_cast<std::uint8_t>(deposits)));
    tell(credited_event(deposits));
    books.prove(deposits, books.unproven().at(deposits).fingerprint());
  }
  // Asked for and approved; the claim is about it.
  record::Event requested(std::uint64_t customer = kAlice, Amount amount = units(100)) {
    claimed.id = books.withdrawal(1) == nullptr ? 1 : claimed.id + 1;
    claimed.amount = amount;
    claimed.approved_until = now + 30 * kMinute;
    return withdrawal_event(claimed.id, customer, 1, amount, destination.view());
  }
  void ask(const record::Event& event) {
    tell(event);
    tell(approved_event(claimed.id, claimed.approved_until.unix_ms));
  }
  // With the customer's own word, spoiled as a test likes.
  std::string intent(const std::string& customer = "alice", const std::function<void(identity::WithdrawalIntent&)>& spoil = {}) {
    FixedBytes<16> request;
    for (std::size_t i = 0; i < 8; ++i) request.bytes[i] = static_cast<std::uint8_t>(claimed.id >> (8 * i));
    request.bytes[15] = 'r';
    identity::WithdrawalIntent out{kExchange,      customer,                 request,   "eip155:1/slip44:60",
                                   claimed.amount, claimed.destination_text, expires()};
    if (spoil) spoil(out);
    return *identity::withdrawal_intent(out);
  }
  Instant expires() const { return {(now + kHour).unix_ms / kMsPerSecond * kMsPerSecond}; }
  void ask_signed(const Person& by, std::uint64_t key, const std::function<void(identity::WithdrawalIntent&)>& spoil = {}) {
    auto event = requested();
    event.mutable_withdrawal_requested()->set_authorised_key(key);
    event.mutable_withdrawal_requested()->set_intent_expires_ms(expires().unix_ms);
    event.mutable_withdrawal_requested()->set_authorisation(by.proof(intent("alice", spoil)));
    ask(event);
  }
  void enrol(std::uint64_t id, const Person& person, std::uint64_t customer = kAlice, const Person* by = nullptr,
             std::uint64_t by_key = 0) {
    auto event = key_event(id, customer, person.key());
    event.mutable_customer_key_enrolled()->set_authorised_key(by_key);
    if (by) {
      event.mutable_customer_key_enrolled()->set_authorisation(
          by->proof(*identity::key_enrolment({kExchange, customer == kAlice ? "alice" : "bob", person.credential()})));
    }
    tell(event);
  }
  void approve(const Person& by, const std::string& name, const std::string& decision_of = "") {
    const BookedWithdrawal& booked = *books.withdrawal(claimed.id);
    const auto text = identity::withdrawal_decision({kExchange, claimed.id, "alice", booked.request, "eip155:1/slip44:60", claimed.amount,
                                                     claimed.destination_text, decision_of.empty() ? name : decision_of});
    record::Event event;
    event.mutable_decision_signed()->set_by(name);
    event.mutable_decision_signed()->set_key(by.key());
    event.mutable_decision_signed()->set_statement(*text);
    event.mutable_decision_signed()->set_signature(raw(by.sign(*text).view()));
    tell(event);
  }

  std::string refusal(std::span<const Unenrolled> beside = {}) const {
    const auto judged = judge_authority(rules, books, memory, claimed, beside, now);
    return judged ? "" : std::string(name(judged.error().refusal));
  }
  // What this signer signs for a customer without a key.
  void remember(std::uint64_t customer, Amount amount) {
    proto::SignerRecord record;
    record.set_at_ms(now.unix_ms);
    auto& fact = *record.mutable_signed_();
    fact.set_purpose(proto::SignRequest::BURN);
    fact.set_chain("eip155:1");
    fact.set_wallet(raw(kSafe.view()));
    fact.set_digest(std::string(32, 'd'));
    fact.add_unenrolled()->set_customer(customer);
    fact.mutable_unenrolled(0)->set_amount(amount.to_string());
    ASSERT_TRUE(memory.apply(record).has_value());
  }

  Address20 destination = kCustomer;
  AuthorityRules rules;
  Books books;
  Memory memory;
  Claimed claimed;
  Instant now = kNow;
  std::uint64_t index = 0;
  std::uint64_t deposits = 0;
};

TEST_F(authority, what_was_asked_for_approved_and_covered_is_paid) {
  ask(requested());
  EXPECT_EQ(refusal(), "");
}

// --- The journal --------------------------------------------------------------------------------------------------

TEST_F(authority, the_journal_has_to_say_the_same) {
  EXPECT_EQ(refusal(), "withdrawal_unknown");
  ask(requested());
  const Claimed honest = claimed;
  claimed.amount = units(99);
  EXPECT_EQ(refusal(), "withdrawal_unlike");
  claimed = honest;
  claimed.destination = kGas.view();
  EXPECT_EQ(refusal(), "withdrawal_unlike");
  claimed = honest;
  claimed.contract = kToken.view();
  EXPECT_EQ(refusal(), "withdrawal_unlike");
  claimed = honest;
  claimed.chain = "eip155:2";
  EXPECT_EQ(refusal(), "withdrawal_unlike");
}

TEST_F(authority, it_has_to_be_approved_and_not_ended) {
  tell(requested());
  EXPECT_EQ(refusal(), "withdrawal_unapproved");
  tell(approved_event(1, (now + 30 * kMinute).unix_ms));
  EXPECT_EQ(refusal(), "");
  claimed.approved_until = now + 31 * kMinute;
  EXPECT_EQ(refusal(), "withdrawal_unapproved");
  claimed.approved_until = now + 30 * kMinute;
  now = claimed.approved_until;
  EXPECT_EQ(refusal(), "withdrawal_unapproved");
  now = kNow;
  tell(returned_event(1));
  EXPECT_EQ(refusal(), "withdrawal_ended");
}

TEST_F(authority, one_word_of_the_customer_pays_once) {
  ask(requested());
  auto again = requested();
  const auto first = withdrawal_event(1, 1, 1, units(1), destination.view());
  again.mutable_withdrawal_requested()->set_request(first.withdrawal_requested().request());
  ask(again);
  EXPECT_EQ(refusal(), "withdrawal_repeated");
}

TEST_F(authority, deposits_that_nobody_saw_pay_nothing) {
  auto event = requested(kAlice, units(1'000));
  ask(event);
  claimed.limits.unenrolled_customer_day = claimed.limits.unenrolled_day = units(100'000);
  EXPECT_EQ(refusal(), "");
  tell(deposit_event(9, kAlice, 1, units(1'000'000), 99));
  tell(credited_event(9));
  ask(requested(kAlice, units(1)));
  EXPECT_EQ(refusal(), "balance_unproven");
  books.prove(9, books.unproven().at(9).fingerprint());
  EXPECT_EQ(refusal(), "");
}

// --- The customer -------------------------------------------------------------------------------------------------

class enrolled : public authority {
 protected:
  enrolled() {
    enrol(1, kAlicesPhone);
    now = now + 48 * kHour;
  }
};

TEST_F(enrolled, a_customer_speaks_by_a_key) {
  ask_signed(kAlicesPhone, 1);
  EXPECT_EQ(refusal(), "");
}

TEST_F(enrolled, and_nobody_else_for_them) {
  ask(requested());
  EXPECT_EQ(refusal(), "authorisation_missing");
  ask_signed(kThief, 1);
  EXPECT_EQ(refusal(), "authorisation_invalid");
  ask_signed(kAlicesPhone, 2);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
}

TEST_F(enrolled, every_part_of_the_intent_counts) {
  const std::vector<std::function<void(identity::WithdrawalIntent&)>> spoils = {
      [](auto& intent) { intent.exchange = "another.example/journal"; },
      [](auto& intent) { intent.customer = "bob"; },
      [](auto& intent) { intent.request.bytes[0] ^= 1; },
      [](auto& intent) { intent.asset = "eip155:1/erc20:" + to_checksum_text(kToken); },
      [](auto& intent) { intent.amount = units(99); },
      [](auto& intent) { intent.destination = to_checksum_text(kGas); },
      [](auto& intent) { intent.expires = intent.expires + kMsPerSecond; },
  };
  for (const auto& spoil : spoils) {
    ask_signed(kAlicesPhone, 1, spoil);
    EXPECT_EQ(refusal(), "authorisation_invalid");
  }
}

TEST_F(enrolled, a_word_is_good_until_it_expires) {
  ask_signed(kAlicesPhone, 1);
  const Instant until = expires();
  now = until + -1;
  tell(approved_event(claimed.id, (now + kHour).unix_ms));
  claimed.approved_until = now + kHour;
  EXPECT_EQ(refusal(), "");
  now = until;
  EXPECT_EQ(refusal(), "authorisation_expired");
}

TEST_F(enrolled, a_removed_key_is_good_for_nothing_and_leaves_nobody_unasked) {
  tell(key_removed_event(1));
  ask_signed(kAlicesPhone, 1);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
  ask(requested());
  EXPECT_EQ(refusal(), "authorisation_missing");
}

TEST_F(enrolled, a_new_key_that_nobody_vouched_for_never_counts) {
  enrol(2, kThief);
  now = now + 30 * kMsPerDay;
  ask_signed(kThief, 2);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
  enrol(3, kThief, kAlice, &kThief, 3);  // By itself,
  enrol(4, kThief, kAlice, &kThief, 2);  // by one that counts for nothing,
  enrol(5, kThief, kAlice, &kThief, 1);  // in the name of one that does.
  now = now + 30 * kMsPerDay;
  for (const std::uint64_t key : {3u, 4u, 5u}) {
    ask_signed(kThief, key);
    EXPECT_EQ(refusal(), "customer_key_not_in_force");
  }
}

TEST_F(enrolled, a_new_key_counts_once_an_old_one_vouched_and_it_is_old_enough) {
  enrol(2, kAlicesLaptop, kAlice, &kAlicesPhone, 1);
  ask_signed(kAlicesLaptop, 2);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
  now = now + (48 * kHour - 1);
  ask_signed(kAlicesLaptop, 2);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
  now = now + 1;
  tell(key_removed_event(1));  // What it vouched for stays.
  ask_signed(kAlicesLaptop, 2);
  EXPECT_EQ(refusal(), "");
}

TEST_F(enrolled, a_key_that_was_too_new_itself_vouches_for_nobody) {
  enrol(2, kAlicesLaptop, kAlice, &kAlicesPhone, 1);
  enrol(3, kThief, kAlice, &kAlicesLaptop, 2);
  now = now + 30 * kMsPerDay;
  ask_signed(kThief, 3);
  EXPECT_EQ(refusal(), "customer_key_not_in_force");
}

TEST_F(authority, a_first_key_asks_for_nothing_before_it_is_old_enough) {
  enrol(1, kAlicesPhone);
  ask(requested());
  EXPECT_EQ(refusal(), "");
  now = now + 48 * kHour;
  ask(requested());
  EXPECT_EQ(refusal(), "authorisation_missing");
}

TEST_F(authority, customers_without_a_key_are_bounded_each_and_together) {
  ask(requested(kAlice, units(150)));
  EXPECT_EQ(refusal(), "");
  ask(requested(kAlice, units(151)));
  EXPECT_EQ(refusal(), "over_customer_limit");
  remember(kAlice, units(100));
  ask(requested(kAlice, units(51)));
  EXPECT_EQ(refusal(), "over_customer_limit");
  ask(requested(kBob, units(150)));
  EXPECT_EQ(refusal(), "");
  remember(kBob, units(101));
  ask(requested(kAlice, units(50)));
  EXPECT_EQ(refusal(), "over_unenrolled_limit");
  ask(requested(kAlice, units(49)));
  EXPECT_EQ(refusal(), "");
  const std::vector<Unenrolled> beside = {{kBob, units(1)}};  // In the same transaction.
  EXPECT_EQ(refusal(beside), "over_unenrolled_limit");
  now = now + kMsPerDay;
  ask(requested(kAlice, units(150)));
  EXPECT_EQ(refusal(), "");
}

TEST_F(authority, limits_that_are_not_written_are_zero) {
  claimed.limits = {};
  rules.destination_delay_ms = 0;
  ask(requested(kAlice, units(1)));
  EXPECT_EQ(refusal(), "over_customer_limit");
}

// --- The destination and people -----------------------------------------------------------------------------------

TEST_F(authority, a_new_destination_gets_little_for_a_day) {
  claimed.limits.new_destination_max = units(100);
  ask(requested(kAlice, units(100)));
  EXPECT_EQ(refusal(), "");
  ask(requested(kAlice, units(101)));
  EXPECT_EQ(refusal(), "destination_too_new");
  now = now + (24 * kHour - 1);
  ask(requested(kAlice, units(101)));
  EXPECT_EQ(refusal(), "destination_too_new");
  now = now + 1;
  ask(requested(kAlice, units(101)));
  EXPECT_EQ(refusal(), "");
  ask(requested(kBob, units(101)));  // It is new of this customer.
  EXPECT_EQ(refusal(), "destination_too_new");
}

TEST_F(authority, much_takes_people) {
  claimed.limits.unapproved_max = units(99);
  ask(requested());
  EXPECT_EQ(refusal(), "approvals_missing");
  approve(kCarol, "carol");
  approve(kCarol, "carol");             // The same person twice.
  approve(kCarol, "dave");              // In another's name.
  approve(kMallory, "mallory");         // Nobody's approver.
  approve(kDave, "dave", "carol");      // A text for somebody else.
  EXPECT_EQ(refusal(), "approvals_missing");
  approve(kDave, "dave");
  EXPECT_EQ(refusal(), "");
}

TEST_F(authority, an_approval_is_of_one_withdrawal) {
  claimed.limits.unapproved_max = units(99);
  ask(requested());
  approve(kCarol, "carol");
  approve(kDave, "dave");
  ask(requested());
  EXPECT_EQ(refusal(), "approvals_missing");
}

}  // namespace
}  // namespace holdfast::signer
