// The builder without a node: what is asked of owners, what is refused, what goes into a transaction.
#include "chain/evm/builder.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/codec/transaction.h"
#include "chain/evm/spend_form.h"
#include "chain/evm/testing/scripted_node.h"
#include "chain/evm/testing/test_state.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

using custody::Purpose;
using custody::Spend;

const FeeQuote kFees{Amount::of(100), Amount::of(10)};

Spend withdrawal(custody::AssetId asset, std::int64_t amount) {
  Spend spend;
  spend.wallet = TestState::kHotId;
  spend.nonce = 7;
  spend.destination = to_custody(TestState::kOutside);
  spend.money = {asset, Amount::of(amount)};
  return spend;
}

class Builders : public testing::Test {
 protected:
  Eip1559Transaction build(const Spend& spend) { return *decode_unsigned(*builder.build(world.state, spend, kFees)); }
  std::string_view refusal(const Spend& spend) { return builder.build(world.state, spend, kFees).error().code; }

  TestState world;
  ScriptedNode node;
  EvmBuilder builder{kTestChainId, node};
};

TEST_F(Builders, owners_are_asked_without_signatures_nonce_and_fees) {
  const Eip1559Transaction made = build(withdrawal(TestState::kEth, 5));
  EXPECT_EQ(made.to, TestState::kHot);
  EXPECT_EQ(made.nonce, 0U);
  EXPECT_TRUE(made.max_fee.is_zero() && made.max_priority_fee.is_zero() && made.value.is_zero());
  const ExecTransaction call = *decode_exec_transaction(made.data);
  EXPECT_TRUE(call.signatures.empty());
  EXPECT_EQ(call.transaction.to, TestState::kOutside);
  EXPECT_EQ(call.transaction.value, word_of(5));
  EXPECT_EQ(call.transaction.operation, kSafeCall);
  EXPECT_NE(call.transaction.safe_tx_gas, Word{});  // Or a failing call could be played again.
  EXPECT_EQ(call.transaction.gas_price, Word{});
  EXPECT_GT(made.gas, *uint64_of(call.transaction.safe_tx_gas) * 64 / 63 + 100'000);
}

TEST_F(Builders, a_token_goes_by_its_contract) {
  const ExecTransaction call = *decode_exec_transaction(build(withdrawal(TestState::kTst, 5)).data);
  EXPECT_EQ(call.transaction.to, TestState::kToken);
  EXPECT_EQ(call.transaction.value, Word{});
  EXPECT_EQ(*decode_transfer(call.transaction.data), (TokenTransfer{TestState::kOutside, Amount::of(5)}));
}

TEST_F(Builders, once_authorised_it_needs_a_gas_wallet) {
  Spend spend = withdrawal(TestState::kEth, 5);
  spend.authorisation = Bytes(130, 1);
  EXPECT_EQ(refusal(spend), "gas_wallet_missing");
  spend.gas_wallet = TestState::kGasId;
  spend.gas_nonce = 9;
  const Eip1559Transaction made = build(spend);
  EXPECT_EQ(made.nonce, 9U);
  EXPECT_EQ(made.max_fee, kFees.max_fee);
  EXPECT_EQ(decode_exec_transaction(made.data)->signatures, spend.authorisation);
}

TEST_F(Builders, a_burn_moves_nothing) {
  Spend spend = withdrawal({}, 0);
  spend.purpose = Purpose::burn;
  const ExecTransaction call = *decode_exec_transaction(build(spend).data);
  EXPECT_EQ(call.transaction.to, TestState::kHot);
  EXPECT_EQ(call.transaction.value, Word{});
  EXPECT_TRUE(call.transaction.data.empty());
  spend.wallet = TestState::kGasId;
  const Eip1559Transaction own = build(spend);
  EXPECT_EQ(own.to, *address_of_key(test_key("gas")));
  EXPECT_EQ(own.nonce, 7U);
  EXPECT_TRUE(own.value.is_zero() && own.data.empty());
}

TEST_F(Builders, a_sweep_names_salts_and_tokens_only) {
  Spend spend;
  spend.purpose = Purpose::sweep;
  spend.wallet = TestState::kForwardersId;
  spend.salts = {test_hash("a"), test_hash("b")};
  spend.assets = {TestState::kEth, TestState::kTst};
  spend.gas_wallet = TestState::kGasId;
  const Eip1559Transaction made = build(spend);
  EXPECT_EQ(made.to, TestState::kFactory);
  EXPECT_EQ(*decode_flush(made.data), (Flush{spend.salts, {TestState::kToken}}));
  spend.salts.resize(1000);
  EXPECT_EQ(build(spend).gas, kTransactionGasMax);
}

TEST_F(Builders, everything_a_key_has_less_the_fee) {
  Spend spend = withdrawal(TestState::kEth, 50);
  spend.purpose = Purpose::evacuation;
  spend.wallet = TestState::kSingleId;
  EXPECT_EQ(refusal(spend), "funds_below_fee");
  const Amount balance = Amount::of(static_cast<Int128>(kNativeTransferGas) * 100 + 30);
  custody::apply(world.state, {{}, custody::BlockConnected{{1}, {}}});
  custody::apply(world.state, {{}, custody::SurplusFound{TestState::kSingleId, TestState::kEth, balance, 1}});
  EXPECT_EQ(build(spend).value, Amount::of(30));
  spend.money.amount = Amount::of(20);
  EXPECT_EQ(build(spend).value, Amount::of(20));
}

TEST_F(Builders, what_makes_no_sense_is_refused) {
  Spend spend = withdrawal(TestState::kEth, 5);
  spend.destination = custody::Address(Bytes(22, 1));
  EXPECT_EQ(refusal(spend), "address_malformed");
  spend = withdrawal(TestState::kEth, 5);
  spend.wallet = TestState::kColdId;
  EXPECT_EQ(refusal(spend), "purpose_wrong");
  spend.wallet = TestState::kForwardersId;
  EXPECT_EQ(refusal(spend), "purpose_wrong");
  spend.wallet = TestState::kSingleId;
  spend.purpose = Purpose::sweep;
  EXPECT_EQ(refusal(spend), "purpose_wrong");
}

TEST_F(Builders, only_true_signatures_of_different_owners_count) {
  const Spend spend = withdrawal(TestState::kEth, 5);
  const Hash32 intent = *intent_of(kTestChainId, world.state, spend);
  const auto by = [&](const Secret& key, const Hash32& hash) {
    return OwnerSignature{to_custody(*address_of_key(key)), *sign(key, hash)};
  };
  const OwnerSignature first = by(TestState::owner_key(1), intent), second = by(TestState::owner_key(2), intent);
  const OwnerSignature stranger = by(test_key("gas"), intent), other = by(TestState::owner_key(3), test_hash("other"));
  const auto combine = [&](const std::vector<OwnerSignature>& signatures) {
    return builder.combine_owners(world.state, spend, signatures, 2);
  };
  EXPECT_EQ(combine({first}).error().code, "quorum_missing");
  EXPECT_EQ(combine({first, first, stranger, other}).error().code, "quorum_missing");
  EXPECT_EQ(builder.combine_owners(world.state, spend, {}, 0).error().code, "quorum_missing");
  const auto made = combine({stranger, first, other, second});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->intent, intent);
  std::vector<Address20> owners = {*from_custody(first.owner), *from_custody(second.owner)};
  std::ranges::sort(owners);
  EXPECT_EQ(recover_owner_signatures(intent, made->bytes), owners);
}

TEST_F(Builders, the_sender_must_have_signed) {
  Spend spend = withdrawal(TestState::kEth, 5);
  spend.wallet = TestState::kSingleId;
  const Bytes unsigned_transaction = *builder.build(world.state, spend, kFees);
  const Signature good = *sign(test_key("single"), signing_hash(*decode_unsigned(unsigned_transaction)));
  const auto sender = to_custody(*address_of_key(test_key("single")));
  const auto made = builder.combine(unsigned_transaction, good, sender, {5});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->txid, transaction_id(made->raw));
  EXPECT_EQ(made->max_fee, kFees.max_fee);
  EXPECT_EQ(made->signed_at, Instant{5});
  EXPECT_EQ(builder.combine(unsigned_transaction, good, to_custody(TestState::kHot), {}).error().code, "signature_wrong");
  Signature bad = good;
  bad.bytes[64] = 0;
  EXPECT_EQ(builder.combine(unsigned_transaction, bad, sender, {}).error().code, "signature_malformed");
}

TEST_F(Builders, a_bump_is_an_eighth_more_or_the_quote) {
  const FeeQuote bumped = builder.bump({Amount::of(1000), Amount::of(8)}, {Amount::of(1), Amount::of(100)});
  EXPECT_EQ(bumped.max_fee, Amount::of(1126));
  EXPECT_EQ(bumped.priority_fee, Amount::of(100));
  EXPECT_EQ(builder.bump({Amount::max(), Amount::max()}, {}).max_fee, Amount::max());
}

}  // namespace
}  // namespace holdfast::chain::evm
