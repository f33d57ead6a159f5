// Records: every kind of event there and back, protobuf's generated code as the oracle, and bytes that must be refused.
#include "engine/record.h"

#include "base/hex.h"
#include "custody.pb.h"
#include "engine/test_events.h"

#include <cxxabi.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::engine {
namespace {

using custody::Event;

Bytes generated_bytes(const record::Event& message) {
  std::string out;
  EXPECT_TRUE(message.SerializeToString(&out));
  return to_bytes(as_bytes(out));
}

record::Event generated_event(ByteView bytes) {
  record::Event message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

std::string kind_name(const custody::EventBody& body) {
  return std::visit(
      []<class Body>(const Body&) {
        const std::unique_ptr<char, void (*)(void*)> name(
            abi::__cxa_demangle(typeid(Body).name(), nullptr, nullptr, nullptr), std::free);
        const std::string full = name.get();
        return full.substr(full.rfind(':') + 1);
      },
      body);
}

TEST(record, every_kind_is_written_as_generated_code_writes_it) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
      const Bytes bytes = encode(random_event(kind, seed));
      record::Event message = generated_event(bytes);
      message.DiscardUnknownFields();
      RC_ASSERT(generated_bytes(message) == bytes);
    }
  }));
}

TEST(record, every_kind_is_read_back) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
      const Event event = random_event(kind, seed);
      const Bytes bytes = encode(event);
      const auto again = decode(bytes);
      RC_ASSERT(again.has_value());
      RC_ASSERT(again->at == event.at);
      RC_ASSERT(again->body.index() == kind);
      RC_ASSERT(encode(*again) == bytes);
    }
  }));
}

TEST(record, every_kind_has_its_own_name_in_the_format) {
  std::set<std::string> names;
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    const Event event = random_event(kind, 1);
    const record::Event message = generated_event(encode(event));
    const auto* field = message.GetDescriptor()->FindFieldByNumber(message.body_case());
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->message_type()->name(), kind_name(event.body));
    names.insert(field->message_type()->name());
  }
  EXPECT_EQ(names.size(), kEventKinds);
  EXPECT_EQ(record::Event::descriptor()->oneof_decl(0)->field_count(), static_cast<int>(kEventKinds));
}

// That every field reaches the field of its name; numbers and types alone could be swapped between two alike.
TEST(record, fields_mean_what_their_names_say) {
  custody::WithdrawalRequested body;
  body.withdrawal = {1};
  body.request = FixedBytes<16>::from(Bytes(16, 0xa1));
  body.fingerprint = FixedBytes<16>::from(Bytes(16, 0xa2));
  body.customer = {2};
  body.asset = {3};
  body.amount = Amount::of(0x0100);
  body.fee = Amount::of(7);
  body.destination = custody::Address(Bytes(20, 0xa3));
  const record::Event message = generated_event(encode(Event{{-5}, body}));
  EXPECT_EQ(message.at_ms(), -5);
  const auto& requested = message.withdrawal_requested();
  EXPECT_EQ(requested.withdrawal(), 1u);
  EXPECT_EQ(requested.request(), std::string(16, '\xa1'));
  EXPECT_EQ(requested.fingerprint(), std::string(16, '\xa2'));
  EXPECT_EQ(requested.customer(), 2u);
  EXPECT_EQ(requested.asset(), 3u);
  EXPECT_EQ(requested.amount(), std::string("\x01\x00", 2));
  EXPECT_EQ(requested.fee(), "\x07");
  EXPECT_EQ(requested.destination(), std::string(20, '\xa3'));
}

TEST(record, read_values_are_the_written_ones) {
  custody::Spend spend;
  spend.id = {9};
  spend.purpose = custody::Purpose::evacuation;
  spend.wallet = {4};
  spend.nonce = 9;
  spend.incident = {2};
  spend.assets = {{1}, {2}};
  spend.salts = {Hash32::from(Bytes(32, 5)), Hash32{}};  // A zero hash in a list is kept.
  spend.expires_at = {1700};
  spend.planned_at = {1600};
  const auto again = decode(encode(Event{{1600}, custody::SpendPlanned{spend}}));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<custody::SpendPlanned>(again->body).spend, spend);

  custody::SpendMined mined{{9}, Hash32::from(Bytes(32, 1)), 77, true, false, {3}, Amount::max(), {}};
  mined.movements = {{{1}, {2}, {3}, Amount::of(4), custody::Address(Bytes(42, 6))}};
  const auto mined_again = decode(encode(Event{{1}, mined}));
  ASSERT_TRUE(mined_again);
  const auto& read = std::get<custody::SpendMined>(mined_again->body);
  EXPECT_EQ(read.txid, mined.txid);
  EXPECT_EQ(read.height, 77u);
  EXPECT_TRUE(read.success);
  EXPECT_FALSE(read.executed);
  EXPECT_EQ(read.network_fee, Amount::max());
  EXPECT_EQ(read.movements, mined.movements);
}

struct Damage {
  const char* what;
  const char* refused;
  const char* mended;  // The same without the damage.
};

// 0801: at_ms 1. Then the body: 4a WithdrawalHeld, 62 WithdrawalReturned, 72 SpendAuthorised, 8a01 SpendMined,
// e201 DepositReversed, ba02 FreezePlaced, da02 AttemptUnmined, the last.
constexpr Damage kDamages[] = {
    {"nothing", "", "4a00"},
    {"no body", "0801", "08014a00"},
    {"a body without a length", "08014a", "08014a00"},
    {"a length past the end", "08014a030801", "08014a020801"},
    {"bytes behind the body", "08014a02080100", "08014a020801"},
    {"two bodies", "08014a0208014a020801", "08014a020801"},
    {"a body of no known kind", "0801a20600", "0801da0200"},
    {"a body of number 1", "0a00", "4a00"},
    {"a body before the time", "4a0208010801", "08014a020801"},
    {"time given as zero", "08004a020801", "4a020801"},
    {"time of 11 bytes", "0881808080808080808080014a00", "08818080808080808080014a00"},
    {"time over 64 bits", "08ffffffffffffffffff024a00", "08ffffffffffffffffff014a00"},
    {"an id longer than need be", "08014a03088100", "08014a020801"},
    {"an id given as zero", "08014a020800", "08014a00"},
    {"an id twice", "08014a0408010801", "08014a020801"},
    {"an unknown field", "08014a0408011001", "08014a020801"},
    {"a wrong wire type", "08014a050d01000000", "08014a020801"},
    {"a reason that does not exist", "0801620408011008", "0801620408011007"},
    {"a reason over 8 bits", "080162050801108102", "0801620408011001"},
    {"an amount with a leading zero", "0801e2010a08011a06000102030405", "0801e2010a08011a06010102030405"},
    {"an amount over the bound",
     "0801e20114"
     "08011210"
     "80000000000000000000000000000000",
     "0801e20114"
     "08011210"
     "7fffffffffffffffffffffffffffffff"},
    {"an amount of 17 bytes",
     "0801e20115"
     "08011211"
     "0100000000000000000000000000000000",
     "0801e20114"
     "08011210"
     "01000000000000000000000000000000"},
    {"a hash of 31 bytes",
     "08017223"
     "0801121f"
     "01010101010101010101010101010101010101010101010101010101010101",
     "08017224"
     "08011220"
     "0101010101010101010101010101010101010101010101010101010101010101"},
    {"a hash of zeros",
     "08017224"
     "08011220"
     "0000000000000000000000000000000000000000000000000000000000000000",
     "08017224"
     "08011220"
     "0000000000000000000000000000000000000000000000000000000000000001"},
    {"an address of 43 bytes",
     "08013a2f"
     "0a2d"
     "1a2b"
     "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
     "08013a2e"
     "0a2c"
     "1a2a"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"},
    {"a freeze of no scope", "0801ba02040a020801", "0801ba02060a0408011001"},
    {"a success that is 2", "08018a010408012002", "08018a010408012001"},
};

TEST(record, damage_is_refused_and_only_damage) {
  for (const auto& [what, refused, mended] : kDamages) {
    ASSERT_TRUE(from_hex(refused) && from_hex(mended)) << what;
    const auto event = decode(*from_hex(refused));
    ASSERT_FALSE(event.has_value()) << what;
    EXPECT_EQ(event.error().code, "record_unreadable") << what;
    EXPECT_EQ(event.error().kind, ErrorKind::corruption) << what;
    EXPECT_TRUE(decode(*from_hex(mended))) << what;
  }
}

TEST(record, lists_and_texts_are_bounded) {
  Bytes record = encode(Event{{1}, custody::CustomerCreated{{{1}, std::string(kMaxTextBytes, 'x')}}});
  EXPECT_TRUE(decode(record));
  record::Event message = generated_event(record);
  message.mutable_customer_created()->mutable_customer()->mutable_reference()->push_back('x');
  EXPECT_FALSE(decode(generated_bytes(message)));
  EXPECT_DEATH(encode(Event{{1}, custody::CustomerCreated{{{1}, std::string(kMaxTextBytes + 1, 'x')}}}),
               "kMaxTextBytes");

  record::Event listed;
  auto* acknowledged = listed.mutable_incident_opened()->mutable_incident();
  acknowledged->set_cause(1);
  for (std::size_t i = 0; i < kMaxListed; ++i) acknowledged->add_wallets(1);
  EXPECT_TRUE(decode(generated_bytes(listed)));
  acknowledged->add_wallets(1);
  EXPECT_FALSE(decode(generated_bytes(listed)));
}

TEST(record, a_batch_takes_what_fits) {
  journal::Batch batch;
  const Event small{{1}, custody::WithdrawalHeld{{1}}};
  ASSERT_TRUE(encode(small, batch));
  journal::RecordReader reader(batch.records());
  const auto record = reader.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(to_bytes(*record), encode(small));

  Event large{{1}, custody::SpendPlanned{}};
  std::get<custody::SpendPlanned>(large.body).spend.salts.resize(kMaxListed);  // over 2 MB
  EXPECT_FALSE(encode(large, batch));
  EXPECT_EQ(batch.count(), 1u);
}

}  // namespace
}  // namespace holdfast::engine
