// JsonRpcNode against a real EVM node.
#include "base/hex.h"
#include "chain/evm/testing/anvil.h"
#include "chain/evm/builder.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/transaction.h"
#include "chain/evm/json_rpc_node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

Address20 stranger() {
  Address20 out;
  out.bytes.fill(0x77);
  return out;
}

Bytes mint(const Address20& to, Amount amount) {
  return AbiWriter().address(to).amount(amount).finish(selector_of("mint(address,uint256)"));
}

TEST(node, headers_blocks_and_the_finalized_tag) {
  Anvil anvil(2);
  JsonRpcNode node(anvil.url());
  EXPECT_EQ(*node.chain_id(), kAnvilChainId);
  const Hash32 txid = anvil.send(0, stranger(), Amount::of(5));
  anvil.mine(10);
  const Header head = *node.head();
  EXPECT_EQ(head.height, 10U);
  EXPECT_EQ((*node.header_at(9))->hash, head.parent);
  EXPECT_FALSE(node.header_at(11)->has_value());
  EXPECT_EQ((*node.finalized())->height, 6U);
  const Block first = **node.block((*node.header_at(1))->hash);
  ASSERT_EQ(first.transactions.size(), 1U);
  EXPECT_EQ(first.transactions[0].hash, txid);
  EXPECT_EQ(first.transactions[0].from, anvil.account(0));
  EXPECT_EQ(first.transactions[0].to, stranger());
  EXPECT_EQ(first.transactions[0].value, Amount::of(5));
  EXPECT_FALSE(node.block(txid)->has_value());
  const Receipt receipt = **node.receipt(txid);
  EXPECT_TRUE(receipt.success);
  EXPECT_EQ(receipt.gas_used, 21'000U);
  EXPECT_EQ(receipt.block_hash, first.header.hash);
  EXPECT_FALSE(node.receipt(first.header.hash)->has_value());
  EXPECT_EQ(*node.nonce(anvil.account(0)), 1U);
  EXPECT_GT(*node.priority_fee(), Amount::zero());
}

TEST(node, balances_are_those_of_the_block_that_was_named) {
  Anvil anvil;
  JsonRpcNode node(anvil.url());
  const Address20 token = anvil.deploy(1, "TestToken", AbiWriter().bytes({}).bytes({}).number(18).finish());
  const Hash32 before = node.head()->hash;
  anvil.send(0, stranger(), Amount::of(5));
  anvil.send(0, token, {}, mint(stranger(), Amount::of(7)));
  anvil.mine();
  const Hash32 after = node.head()->hash;
  std::vector<BalanceQuery> queries(150, {stranger(), {}});  // More than one batch.
  queries.push_back({stranger(), token});
  queries.push_back({stranger(), anvil.account(0)});  // No contract: answers nothing.
  const auto expected = [](Amount coins, Amount tokens) {
    std::vector<std::optional<Amount>> out(150, coins);
    out.insert(out.end(), {tokens, std::nullopt});
    return out;
  };
  EXPECT_EQ(*node.balances(before, queries), expected(Amount::zero(), Amount::zero()));
  EXPECT_EQ(*node.balances(after, queries), expected(Amount::of(5), Amount::of(7)));
  anvil.reorg(1);
  EXPECT_EQ(node.balances(after, queries).error().code, "node_refused");
}

TEST(node, sees_what_is_pending_also_when_it_is_replaced) {
  Anvil anvil;
  JsonRpcNode node(anvil.url());
  const Hash32 early = anvil.send(0, stranger(), Amount::of(1));
  const auto hashes = [&] {
    const auto pending = node.new_pending();
    std::vector<Hash32> out;
    for (const Transaction& transaction : pending.value()) out.push_back(transaction.hash);
    return out;
  };
  EXPECT_EQ(hashes(), std::vector{early});  // It was there before the first question.
  EXPECT_EQ(hashes(), std::vector<Hash32>());
  const auto send = [&](unsigned fee_gwei) {
    anvil.call("eth_sendTransaction", fmt::format(R"([{{"from":"{}","to":"{}","nonce":"0x1","gas":"0x5208","gasPrice":"{:#x}"}}])",
                                                  to_0x_hex(anvil.account(0).view()), to_0x_hex(stranger().view()),
                                                  std::uint64_t{fee_gwei} * 1'000'000'000));
  };
  send(5);
  EXPECT_EQ(hashes().size(), 1U);
  send(50);
  EXPECT_EQ(hashes().size(), 1U);
}

TEST(node, names_what_is_wrong_with_a_transaction) {
  Anvil anvil;
  JsonRpcNode node(anvil.url());
  const Secret key = Secret::copy_of(*from_hex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"));
  const auto raw = [&](std::uint64_t nonce, std::int64_t fee, std::uint64_t gas = 21'000) {
    Eip1559Transaction transaction{kAnvilChainId, nonce, Amount::of(1), Amount::of(fee), gas, stranger(), {}, {}};
    const Signature signature = *sign(key, signing_hash(transaction));
    return encode_signed({std::move(transaction), signature});
  };
  const Bytes good = raw(0, 10'000'000'000);
  EXPECT_EQ(*node.send(good), transaction_id(good));
  EXPECT_EQ(*node.send(good), transaction_id(good));  // Known already.
  EXPECT_EQ(node.send(raw(0, 10'000'000'000, 22'000)).error().code, "underpriced");
  EXPECT_EQ(node.send(raw(1, 1)).error().code, "underpriced");
  anvil.mine();
  EXPECT_EQ(node.send(raw(0, 20'000'000'000)).error().code, "nonce_used");
  EXPECT_EQ(node.send(*from_hex("02c0")).error().code, "refused");
  EvmBuilder builder(kAnvilChainId, node);
  EXPECT_TRUE(builder.broadcast(good));  // Mined already.
}

TEST(node, is_a_fault_when_it_is_not_there) {
  JsonRpcNode gone("http://127.0.0.1:1");
  EXPECT_EQ(gone.head().error().code, "node_unreachable");
  JsonRpcNode nonsense("ftp://somewhere");
  EXPECT_EQ(nonsense.head().error().code, "node_url_invalid");
  Anvil anvil;
  JsonRpcNode tight(anvil.url(), {.timeout_ms = 10'000, .max_answer_bytes = 100, .max_batch = 10});
  EXPECT_EQ(tight.head().error().code, "node_answer_too_large");
}

}  // namespace
}  // namespace holdfast::chain::evm
