// The follower against a scripted node: what a real one cannot be made to do.
#include "chain/evm/follower.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/deposits.h"
#include "chain/evm/testing/scripted_node.h"
#include "chain/evm/testing/test_state.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

using custody::Command;

Hash32 block_hash(std::uint64_t height, std::string_view fork = "a") { return test_hash(fmt::format("{} {}", fork, height)); }

Log transfer_log(const Address20& from, const Address20& to, Amount amount, const Hash32& txid, std::uint32_t index) {
  return {TestState::kToken, {transfer_topic(), address_word(from), address_word(to)}, to_bytes(amount.to_word().view()), txid, index};
}

class Followers : public testing::Test {
 protected:
  Followers() {
    for (std::uint64_t height = 0; height <= 3; ++height) add(height, "a", "a");
    submit(*follower.follow(10));
  }

  Block& add(std::uint64_t height, std::string_view fork, std::string_view parent_fork) {
    return node.add(height, block_hash(height, fork), height == 0 ? Hash32{} : block_hash(height - 1, parent_fork));
  }
  // The next block, with one transaction by a stranger.
  Block& add_with_transaction(std::uint64_t height, const Hash32& txid) {
    Block& block = add(height, "a", "a");
    Transaction transaction;
    transaction.hash = txid;
    transaction.from = TestState::kOutside;
    transaction.to = TestState::kToken;
    block.transactions.push_back(transaction);
    return block;
  }
  void hold(std::uint64_t height, const Address20& holder, const Address20& token, std::int64_t amount) {
    node.held[block_hash(height)][{holder, token}] = Amount::of(amount);
  }
  void submit(const std::vector<Command>& commands) {
    for (const Command& command : commands) {
      custody::Events events;
      ASSERT_EQ(custody::decide(world.state, command, {}, events), custody::Refusal::none);
      for (const custody::Event& event : events) custody::apply(world.state, event);
    }
  }
  custody::BlockFacts facts_of_next() {
    const auto commands = follower.follow(1);
    return std::get<custody::ConnectBlock>(commands.value().at(0)).facts;
  }
  std::string kinds(const std::vector<Command>& commands) {
    std::string out;
    for (const Command& command : commands) {
      out += std::holds_alternative<custody::ConnectBlock>(command)      ? '+'
             : std::holds_alternative<custody::DisconnectBlock>(command) ? '-'
             : std::holds_alternative<custody::FinalizeBlocks>(command)  ? 'f'
                                                                         : '?';
    }
    return out;
  }

  TestState world;
  ScriptedNode node;
  EvmFollower follower{{1}, kTestChainId, node, world};
};

TEST_F(Followers, start_at_the_head) {
  EXPECT_EQ(world.state.head({1})->height, 3U);
  EXPECT_EQ(kinds(*follower.follow(10)), "");
}

TEST_F(Followers, take_at_most_so_many_blocks) {
  for (std::uint64_t height = 4; height <= 8; ++height) add(height, "a", "a");
  EXPECT_EQ(kinds(*follower.follow(2)), "++f");
  EXPECT_EQ(kinds(*follower.follow(10)), "+++++f");
}

TEST_F(Followers, wait_for_a_node_that_is_behind) {
  add(4, "a", "a");
  submit(*follower.follow(10));
  node.head_height = 3;
  EXPECT_EQ(kinds(*follower.follow(10)), "");
  node.best.pop_back();
  EXPECT_EQ(kinds(*follower.follow(10)), "");
}

TEST_F(Followers, go_over_to_a_shorter_chain_that_parts) {
  add(4, "a", "a");
  add(5, "a", "a");
  submit(*follower.follow(10));
  add(4, "b", "a");
  node.best.resize(5);
  const auto commands = *follower.follow(10);
  EXPECT_EQ(kinds(commands), "--+");
  submit(commands);
  EXPECT_EQ(world.state.head({1})->hash, block_hash(4, "b"));
}

TEST_F(Followers, fault_when_the_chain_moves_while_it_is_read) {
  add(4, "b", "b");  // Stands on a block that is not the state's, while the state's is still said to be the best.
  EXPECT_EQ(follower.follow(10).error().code, "chain_moved");
  add(4, "a", "a");
  node.blocks.erase(block_hash(4));
  node.blocks[block_hash(4)].header = {4, test_hash("gone"), block_hash(3), {}, {}};
  EXPECT_EQ(follower.follow(10).error().code, "chain_moved");
}

TEST_F(Followers, do_not_follow_another_chain) {
  node.id = 1;
  EvmFollower other({1}, kTestChainId, node, world);
  EXPECT_EQ(other.follow(10).error().code, "wrong_chain");
}

TEST_F(Followers, credit_no_more_than_arrived_however_much_is_claimed) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid);
  node.block_logs[block_hash(4)] = {transfer_log(TestState::kOutside, TestState::kDeposit, Amount::of(60), txid, 0),
                                    transfer_log(TestState::kOutside, TestState::kDeposit, Amount::of(60), txid, 1),
                                    transfer_log(TestState::kOutside, TestState::kDeposit, Amount::max(), txid, 2)};
  hold(3, TestState::kDeposit, TestState::kToken, 5);
  hold(4, TestState::kDeposit, TestState::kToken, 105);
  const auto deposits = facts_of_next().deposits;
  ASSERT_EQ(deposits.size(), 2U);
  EXPECT_EQ(deposits[0].amount, Amount::of(60));
  EXPECT_EQ(deposits[1].amount, Amount::of(40));
  EXPECT_EQ(deposits[1].position, 1U);
}

TEST_F(Followers, count_what_left_in_the_same_block) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid);
  const Log flushed{TestState::kFactory,
                    {flushed_topic(), address_word(TestState::kDeposit), address_word(TestState::kToken)},
                    to_bytes(Amount::of(105).to_word().view()), txid, 2};
  node.block_logs[block_hash(4)] = {transfer_log(TestState::kOutside, TestState::kDeposit, Amount::of(100), txid, 0),
                                    transfer_log(TestState::kDeposit, TestState::kHot, Amount::of(105), txid, 1), flushed};
  hold(3, TestState::kDeposit, TestState::kToken, 5);
  node.internal.emplace();
  const auto facts = facts_of_next();
  ASSERT_EQ(facts.deposits.size(), 1U);
  EXPECT_EQ(facts.deposits[0].amount, Amount::of(100));
  ASSERT_EQ(facts.mined.size(), 1U);  // A stranger flushed.
  EXPECT_FALSE(facts.mined[0].sender);
  EXPECT_EQ(facts.mined[0].movements,
            std::vector{(custody::Movement{TestState::kForwardersId, TestState::kHotId, TestState::kTst, Amount::of(105),
                                           to_custody(TestState::kDeposit)})});
}

TEST_F(Followers, give_the_rest_to_nobody_in_particular) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid);
  node.block_logs[block_hash(4)] = {transfer_log(TestState::kOutside, TestState::kDeposit, Amount::of(10), txid, 0)};
  hold(4, TestState::kDeposit, TestState::kToken, 13);
  const auto deposits = facts_of_next().deposits;
  ASSERT_EQ(deposits.size(), 2U);
  EXPECT_EQ(deposits[1].amount, Amount::of(3));
  EXPECT_EQ(deposits[1].position, kUnclaimedPosition);
}

TEST_F(Followers, tell_two_safe_transactions_in_one_apart) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid);
  const auto executed = [&](std::string_view intent, std::uint32_t index) {
    return Log{TestState::kHot, {execution_success_topic(), test_hash(intent)}, Bytes(32), txid, index};
  };
  node.block_logs[block_hash(4)] = {transfer_log(TestState::kHot, TestState::kOutside, Amount::of(7), txid, 0),
                                    executed("tokens", 1), executed("coins", 2)};
  node.internal = std::vector{InternalTransfer{txid, TestState::kHot, TestState::kOutside, Amount::of(9)}};
  const auto mined = facts_of_next().mined;
  ASSERT_EQ(mined.size(), 2U);
  EXPECT_EQ(mined[0].intent, test_hash("tokens"));
  EXPECT_EQ(mined[0].movements.at(0).amount, Amount::of(7));
  EXPECT_EQ(mined[1].intent, test_hash("coins"));
  EXPECT_EQ(mined[1].movements.at(0).amount, Amount::of(9));
  EXPECT_TRUE(mined[0].executed && mined[1].success);
}

TEST_F(Followers, a_reverted_order_to_the_safe_leaves_its_nonce_unused) {
  const Hash32 txid = test_hash("tx");
  Block& block = add_with_transaction(4, txid);
  block.transactions[0].from = *address_of_key(test_key("gas"));
  block.transactions[0].to = TestState::kHot;
  block.transactions[0].nonce = 8;
  block.transactions[0].input = encode_exec_transaction({});
  node.receipts[txid] = {txid, false, 1000, Amount::of(3), block_hash(4), 4, {}};
  const auto mined = facts_of_next().mined;
  ASSERT_EQ(mined.size(), 1U);
  EXPECT_EQ(mined[0].sender, TestState::kGasId);
  EXPECT_EQ(mined[0].sender_nonce, 8U);
  EXPECT_EQ(mined[0].safe, TestState::kHotId);
  EXPECT_FALSE(mined[0].executed);
  EXPECT_FALSE(mined[0].success);
  EXPECT_EQ(mined[0].network_fee, Amount::of(3000));
}

TEST_F(Followers, a_balance_that_cannot_be_read_is_none_not_zero) {
  add(4, "a", "a");
  hold(4, TestState::kHot, Address20{}, 7);
  const auto all = facts_of_next().balances;
  node.failing_token = TestState::kToken;
  const auto read = facts_of_next().balances;
  const auto of_token = [](const custody::BalanceFact& fact) { return fact.asset == TestState::kTst; };
  EXPECT_TRUE(std::ranges::any_of(all, of_token));
  EXPECT_FALSE(read.empty());
  EXPECT_TRUE(std::ranges::none_of(read, of_token));
}

TEST_F(Followers, count_what_the_network_takes_beside_gas) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid).transactions[0].from = *address_of_key(test_key("gas"));
  node.receipts[txid] = {txid, true, 1000, Amount::of(3), block_hash(4), 4, {}, Amount::of(77)};
  EXPECT_EQ(facts_of_next().mined.at(0).network_fee, Amount::of(3077));
}

TEST_F(Followers, read_no_receipt_of_another_block) {
  const Hash32 txid = test_hash("tx");
  add_with_transaction(4, txid).transactions[0].from = *address_of_key(test_key("gas"));
  node.receipts[txid] = {txid, true, 1000, Amount::of(3), block_hash(4, "b"), 4, {}};
  EXPECT_EQ(follower.follow(10).error().code, "chain_moved");
}

}  // namespace
}  // namespace holdfast::chain::evm
