#include "identity/texts.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace holdfast::identity {
namespace {

const Credential& some_key() {
  static const Credential key =
      Credential::from_text("ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").value();
  return key;
}

FixedBytes<16> some_request() { return fixed_from_hex<16>("000102030405060708090a0b0c0d0e0f").value(); }

WithdrawalIntent some_intent() {
  return {"holdfast.example/journal", "alice", some_request(), "eip155:1/slip44:60", Amount::of(1'500'000),
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", {1'893'456'000'000}};
}

WithdrawalDecision some_decision() {
  return {"holdfast.example/journal", 17, "alice", some_request(), "eip155:1/slip44:60", Amount::of(1'500'000),
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "dora"};
}

TEST(Texts, AreWhatPeopleRead) {
  EXPECT_EQ(withdrawal_intent(some_intent()).value(),
            "Holdfast withdrawal v1\n"
            "exchange: holdfast.example/journal\n"
            "customer: alice\n"
            "request: 000102030405060708090a0b0c0d0e0f\n"
            "asset: eip155:1/slip44:60\n"
            "amount: 1500000\n"
            "destination: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
            "expires: 2030-01-01T00:00:00Z\n");
  EXPECT_EQ(key_enrolment({"holdfast.example/journal", "alice", some_key()}).value(),
            "Holdfast key v1\n"
            "exchange: holdfast.example/journal\n"
            "customer: alice\n"
            "key: ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n");
  EXPECT_EQ(withdrawal_decision(some_decision()).value(),
            "Holdfast decision v1\n"
            "exchange: holdfast.example/journal\n"
            "decision: approve withdrawal\n"
            "withdrawal: 17\n"
            "customer: alice\n"
            "request: 000102030405060708090a0b0c0d0e0f\n"
            "asset: eip155:1/slip44:60\n"
            "amount: 1500000\n"
            "destination: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
            "by: dora\n");
}

TEST(Texts, LetNoValueBeginALine) {
  WithdrawalIntent intent = some_intent();
  intent.customer = "bob\namount: 1\r\x7f 100% caf\xc3\xa9";
  const std::string text = withdrawal_intent(intent).value();
  EXPECT_NE(text.find("customer: bob%0Aamount: 1%0D%7F 100%25 caf%C3%A9\n"), std::string::npos) << text;
}

TEST(Texts, RefuseWhatDoesNotFit) {
  for (std::string WithdrawalIntent::*field :
       {&WithdrawalIntent::exchange, &WithdrawalIntent::customer, &WithdrawalIntent::asset, &WithdrawalIntent::destination}) {
    for (const std::string& value : {std::string(), std::string(kMaxFieldBytes + 1, 'x')}) {
      WithdrawalIntent intent = some_intent();
      intent.*field = value;
      EXPECT_EQ(withdrawal_intent(intent).error().code, "text_field_invalid");
    }
  }
  WithdrawalDecision decision = some_decision();
  decision.by.clear();
  EXPECT_EQ(withdrawal_decision(decision).error().code, "text_field_invalid");
  EXPECT_EQ(key_enrolment({"", "alice", some_key()}).error().code, "text_field_invalid");
  for (const std::int64_t at : {std::int64_t{-1000}, std::int64_t{1}, std::int64_t{1'893'456'000'001}, std::int64_t{253'402'300'800'000}}) {
    WithdrawalIntent intent = some_intent();
    intent.expires = {at};
    EXPECT_EQ(withdrawal_intent(intent).error().code, "text_expiry_invalid") << at;
  }
}

// Reads a text back by its own rules: that this can be done for every text is that no two things have the same one.
std::map<std::string, std::string> read_back(std::string_view text) {
  std::map<std::string, std::string> out;
  std::size_t line_start = text.find('\n') + 1;
  out["first"] = text.substr(0, line_start);
  while (line_start < text.size()) {
    const std::size_t end = text.find('\n', line_start);
    const std::string_view line = text.substr(line_start, end - line_start);
    const std::size_t colon = line.find(": ");
    std::string value;
    for (std::size_t i = colon + 2; i < line.size(); ++i) {
      if (line[i] != '%') {
        value += line[i];
        continue;
      }
      value += static_cast<char>(from_hex(line.substr(i + 1, 2)).value()[0]);
      i += 2;
    }
    out[std::string(line.substr(0, colon))] = value;
    line_start = end + 1;
  }
  return out;
}

std::string some_value() {
  const auto size = *rc::gen::inRange<std::size_t>(1, 20);
  return *rc::gen::container<std::string>(size, rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("\n%: 0Aa\r"))));
}

TEST(Texts, AreOfOneThingEach) {
  EXPECT_TRUE(rc::check([] {
    const WithdrawalIntent intent{some_value(), some_value(), some_request(), some_value(),
                                  Amount::of(*rc::gen::inRange<std::int64_t>(0, INT64_MAX)), some_value(),
                                  {*rc::gen::inRange<std::int64_t>(0, 253'402'300'800) * 1000}};
    auto fields = read_back(withdrawal_intent(intent).value());
    RC_ASSERT(fields.size() == 8U);
    RC_ASSERT(fields["exchange"] == intent.exchange);
    RC_ASSERT(fields["customer"] == intent.customer);
    RC_ASSERT(fields["request"] == to_hex(intent.request.view()));
    RC_ASSERT(fields["asset"] == intent.asset);
    RC_ASSERT(fields["amount"] == intent.amount.to_string());
    RC_ASSERT(fields["destination"] == intent.destination);
    RC_ASSERT(read_second(fields["expires"]) == intent.expires);
    WithdrawalDecision decision{some_value(), *rc::gen::arbitrary<std::uint64_t>(), some_value(), some_request(), some_value(),
                                intent.amount, some_value(), some_value()};
    fields = read_back(withdrawal_decision(decision).value());
    RC_ASSERT(fields.size() == 10U);
    RC_ASSERT(fields["exchange"] == decision.exchange);
    RC_ASSERT(fields["withdrawal"] == std::to_string(decision.withdrawal));
    RC_ASSERT(fields["customer"] == decision.customer);
    RC_ASSERT(fields["asset"] == decision.asset);
    RC_ASSERT(fields["destination"] == decision.destination);
    RC_ASSERT(fields["by"] == decision.by);
    fields = read_back(key_enrolment({intent.exchange, intent.customer, some_key()}).value());
    RC_ASSERT(fields["exchange"] == intent.exchange);
    RC_ASSERT(fields["customer"] == intent.customer);
    RC_ASSERT(fields["key"] == some_key().to_text());
  }));
}

struct SecondCase {
  const char* text;
  std::int64_t unix_s;
};

TEST(Seconds, AreTheCalendars) {
  for (const SecondCase& one : {SecondCase{"1970-01-01T00:00:00Z", 0}, {"2000-02-29T12:34:56Z", 951'827'696}, {"2023-09-12T13:20:00Z", 1'694'524'800},
                                {"2100-03-01T00:00:00Z", 4'107'542'400}, {"9999-12-31T23:59:59Z", 253'402'300'799}}) {
    EXPECT_EQ(write_second({one.unix_s * 1000}), one.text);
    EXPECT_EQ(read_second(one.text), Instant{one.unix_s * 1000});
  }
}

TEST(Seconds, HaveOneSpelling) {
  for (const char* text : {"", "2023-09-12T13:20:00", "2023-09-12 13:20:00Z", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-04-31T00:00:00Z",
                           "2023-09-12T24:00:00Z", "2023-09-12T13:60:00Z", "2023-09-12T13:20:60Z", "2023-09-12T13:20:00z", "2023-9-12T13:20:000Z",
                           "1969-12-31T23:59:59Z", "2023-09-12T13:20:00+", "+023-09-12T13:20:00Z", "2023-09-12T13:20:00.Z", "2023-00-12T13:20:00Z"}) {
    EXPECT_FALSE(read_second(text)) << text;
  }
}

TEST(Seconds, ReadBackWhatWasWritten) {
  EXPECT_TRUE(rc::check([] {
    const Instant at{*rc::gen::inRange<std::int64_t>(0, 253'402'300'800) * 1000};
    RC_ASSERT(read_second(write_second(at)) == at);
  }));
}

}  // namespace
}  // namespace holdfast::identity
