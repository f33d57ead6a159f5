// Whose signature is an incident, and whose is noise.
#include "chain/evm/judge.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/read_own.h"
#include "chain/evm/spend_form.h"
#include "chain/evm/testing/test_state.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

using custody::IncidentCause;

class Judges : public testing::Test {
 protected:
  Judges() {
    world.state.wallets.at(TestState::kHotId).next_nonce = 100;
    own = read_own(world.state, {1});
  }

  std::vector<custody::ReportForeignSpend> judge(const Transaction& transaction) const {
    return Judge(kTestChainId, own, world).judge(transaction);
  }
  static Transaction transaction(const Address20& from, const Address20& to, Bytes input = {}) {
    Transaction out;
    out.hash = test_hash("pending");
    out.from = from;
    out.to = to;
    out.nonce = 5;
    out.max_fee = Amount::of(40);
    out.input = std::move(input);
    return out;
  }
  // A Safe transaction signed at this nonce by this key.
  static Transaction exec(const SafeTransaction& inner, std::uint64_t nonce, const Secret& key) {
    const Hash32 hash = safe_transaction_hash(kTestChainId, TestState::kHot, inner, nonce);
    const Signature signature = *sign(key, hash);
    return transaction(TestState::kOutside, TestState::kHot, encode_exec_transaction({inner, to_bytes(signature.view())}));
  }

  TestState world;
  Own own;
  SafeTransaction theft{.to = TestState::kOutside, .value = word_of(1)};
};

TEST_F(Judges, an_own_key_without_an_attempt) {
  const Transaction sent = transaction(*address_of_key(test_key("gas")), TestState::kOutside);
  const auto reports = judge(sent);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].cause, IncidentCause::unmatched_spend);
  EXPECT_EQ(reports[0].wallet, TestState::kGasId);
  EXPECT_EQ(reports[0].nonce, 5U);
  EXPECT_EQ(reports[0].max_fee, Amount::of(40));
  EXPECT_TRUE(Judge(kTestChainId, own, world).judge_owners(sent).empty());
  world.state.spend_by_txid[sent.hash] = {1};
  EXPECT_TRUE(judge(sent).empty());
}

TEST_F(Judges, an_owner_that_sends) {
  const auto reports = judge(transaction(*address_of_key(TestState::owner_key(2)), TestState::kOutside));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].cause, IncidentCause::leaked_owner);
  EXPECT_EQ(reports[0].wallet, TestState::kHotId);
}

TEST_F(Judges, strangers_are_nobody) {
  EXPECT_TRUE(judge(transaction(TestState::kOutside, TestState::kHot)).empty());
  EXPECT_TRUE(judge(transaction(TestState::kOutside, TestState::kModule, Bytes(100, 1))).empty());
  Transaction creation = transaction(TestState::kOutside, TestState::kHot);
  creation.to.reset();
  EXPECT_TRUE(judge(creation).empty());
  EXPECT_TRUE(judge(exec(theft, 100, test_key("stranger"))).empty());
}

TEST_F(Judges, a_true_owner_signature_at_a_nonce_that_counts) {
  for (const std::uint64_t nonce : {98U, 100U, 108U}) EXPECT_EQ(judge(exec(theft, nonce, TestState::owner_key(1))).size(), 1U);
  // Played again from long ago, or for long after: it cannot execute.
  for (const std::uint64_t nonce : {0U, 97U, 109U}) EXPECT_TRUE(judge(exec(theft, nonce, TestState::owner_key(1))).empty());
  // Among open spends the range begins at the oldest.
  world.state.spends_by_nonce[{TestState::kHotId, 90}] = {{1}};
  EXPECT_EQ(judge(exec(theft, 89, TestState::owner_key(1))).size(), 1U);
}

TEST_F(Judges, a_contract_that_reads_loosely_is_read_loosely) {
  Transaction odd = exec(theft, 100, TestState::owner_key(1));
  odd.input[4] = 0xff;             // Upper bytes of an address, which the Safe ignores.
  odd.input.push_back(0);          // Behind the end.
  EXPECT_EQ(judge(odd).size(), 1U);
}

TEST_F(Judges, what_was_asked_for_is_no_leak) {
  custody::Spend spend;
  spend.wallet = TestState::kHotId;
  spend.nonce = 100;
  spend.destination = to_custody(TestState::kOutside);
  spend.money = {TestState::kEth, Amount::of(1)};
  const Eip1559Transaction asked = *transaction_of(kTestChainId, world.state, spend, {});
  const SafeTransaction inner = decode_exec_transaction(asked.data)->transaction;
  const Transaction sent = exec(inner, 100, TestState::owner_key(1));
  EXPECT_EQ(judge(sent).size(), 1U);
  world.add_spend(spend);  // Planned: its owners have been asked.
  EXPECT_TRUE(judge(sent).empty());
  world.state.open_spends.clear();
  EXPECT_EQ(judge(sent).size(), 1U);
  world.state.spend_by_intent[safe_transaction_hash(kTestChainId, TestState::kHot, inner, 100)] = {1};
  EXPECT_TRUE(judge(sent).empty());
}

TEST_F(Judges, an_evacuation_that_nobody_ordered) {
  Evacuation evacuation{{kNativeAsset}, {}, {}};
  evacuation.nonce.bytes.fill(0xff);
  evacuation.deadline_s.bytes.fill(0xff);
  const Hash32 hash = evacuation_hash(kTestChainId, TestState::kModule, evacuation);
  const auto by = [&](const Secret& key) {
    const Bytes signature = to_bytes(sign(key, hash)->view());
    return transaction(TestState::kOutside, TestState::kModule, encode_evacuation({evacuation, signature}));
  };
  EXPECT_TRUE(judge(by(test_key("stranger"))).empty());
  ASSERT_EQ(judge(by(TestState::owner_key(3))).size(), 1U);
  EXPECT_EQ(judge(by(TestState::owner_key(3)))[0].wallet, TestState::kHotId);
  world.state.spend_by_intent[hash] = {1};
  EXPECT_TRUE(judge(by(TestState::owner_key(3))).empty());
}

}  // namespace
}  // namespace holdfast::chain::evm
