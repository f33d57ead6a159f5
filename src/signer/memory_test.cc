// A journal that this signer cannot have written stops it: it must not sign on a memory it does not understand.
#include "signer/memory.h"

#include "signer/test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

proto::SignerRecord payment(std::uint64_t id = 1, std::uint64_t nonce = 5, std::int64_t at_ms = 1000) {
  proto::SignerRecord out;
  out.set_at_ms(at_ms);
  auto* fact = out.mutable_signed_();
  fact->set_kind(proto::SignRequest::AUTHORISE);
  fact->set_purpose(proto::SignRequest::WITHDRAWAL);
  fact->set_withdrawal(id);
  fact->set_chain(std::string(kChain));
  fact->set_wallet(raw(kSafe.view()));
  fact->set_nonce(nonce);
  fact->set_digest(std::string(32, static_cast<char>(id)));
  fact->set_amount("7");
  fact->set_destination(raw(kCustomer.view()));
  return out;
}

template <class Spoil>
proto::SignerRecord spoilt(Spoil spoil) {
  proto::SignerRecord out = payment(2, 6);
  spoil(out);
  return out;
}

struct Row {
  const char* what;
  proto::SignerRecord record;
};

TEST(Memory, refuses_records_that_no_signer_wrote) {
  const Row table[] = {
      {"no event", spoilt([](auto& r) { r.clear_event(); })},
      {"earlier than the one before", spoilt([](auto& r) { r.set_at_ms(999); })},
      {"short wallet", spoilt([](auto& r) { r.mutable_signed_()->set_wallet("short"); })},
      {"short digest", spoilt([](auto& r) { r.mutable_signed_()->set_digest("short"); })},
      {"no withdrawal", spoilt([](auto& r) { r.mutable_signed_()->set_withdrawal(0); })},
      {"bad asset", spoilt([](auto& r) { r.mutable_signed_()->set_asset_contract("short"); })},
      {"bad destination", spoilt([](auto& r) { r.mutable_signed_()->set_destination("short"); })},
      {"bad amount", spoilt([](auto& r) { r.mutable_signed_()->set_amount("1.5"); })},
      {"sum beyond every amount", spoilt([](auto& r) { r.mutable_signed_()->set_amount(Amount::max().to_string()); })},
      {"fees of nobody", spoilt([](auto& r) { r.mutable_signed_()->set_account("short"); })},
      {"fees of no amount", spoilt([](auto& r) { r.mutable_signed_()->set_account(raw(kGas.view())); })},
      {"withdrawal 1 elsewhere", payment(1, 6)},
      {"another withdrawal in its place", payment(2, 5)},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.what);
    Memory memory;
    ASSERT_TRUE(memory.apply(payment()).has_value());
    const auto applied = memory.apply(row.record);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().kind, ErrorKind::corruption);
    EXPECT_EQ(applied.error().code, "signer_record_malformed");
  }
  Memory memory;
  EXPECT_EQ(memory.apply_encoded(3, as_bytes("\xff nonsense")).error().code, "signer_record_malformed");
}

TEST(Memory, knows_what_it_was_told) {
  Memory memory;
  ASSERT_TRUE(memory.apply(payment()).has_value());
  EXPECT_EQ(memory.last_at(), Instant{1000});
  EXPECT_EQ(memory.at({std::string(kChain), kSafe, 5}).withdrawal, 1u);
  EXPECT_EQ(memory.at({std::string(kChain), kSafe, 6}).withdrawal, 0u);
  EXPECT_EQ(memory.binding(1)->terms.amount, Amount::of(7));
  EXPECT_EQ(memory.binding(2), nullptr);
  EXPECT_EQ(memory.within_day(kChain, kToken, Instant{1000}), Amount::zero());
}

}  // namespace
}  // namespace holdfast::signer::test
