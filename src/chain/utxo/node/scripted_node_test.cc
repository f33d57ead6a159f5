// The scripted node keeps the promises of the port, as far as tests lean on them.
#include "chain/utxo/node/testing/scripted_node.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Hash32 id(std::uint8_t number) {
  Hash32 out;
  out.bytes[0] = number;
  return out;
}

TEST(scripted_node, a_reorg_takes_blocks_off_the_best_chain) {
  ScriptedNode node;
  for (std::uint8_t height = 0; height < 4; ++height) node.add(height, id(height));
  EXPECT_EQ(node.best()->hash, id(3));
  EXPECT_EQ(node.best()->previous, id(2));
  node.add(2, id(12));
  EXPECT_EQ(node.best()->hash, id(12));
  EXPECT_EQ(node.best()->previous, id(1));
  EXPECT_FALSE((*node.header(id(3)))->on_best_chain);
  EXPECT_TRUE((*node.header(id(1)))->on_best_chain);
  EXPECT_FALSE(node.header_at(3)->has_value());
  EXPECT_FALSE(node.header(id(99))->has_value());
  EXPECT_TRUE(check_network(node, display(id(0)), "regtest"));
  EXPECT_EQ(check_network(node, display(id(1))).error().code, "node_other_network");
}

TEST(scripted_node, gives_what_waits_once) {
  ScriptedNode node;
  Transaction payment;
  payment.inputs.push_back({{id(1), 0}, {}, kSequenceFinal, {}});
  payment.outputs.push_back({5, Bytes(22)});
  const auto txid = node.send(encode(payment));
  ASSERT_TRUE(txid.has_value()) << txid.error().text;
  ASSERT_EQ(node.new_pending()->size(), 1U);
  EXPECT_EQ(node.new_pending()->size(), 0U);
  node.waiting.clear();
  EXPECT_EQ(node.new_pending()->size(), 0U);
  node.offer(payment);
  EXPECT_EQ(node.new_pending()->front().txid, *txid);
  node.failure = Error{ErrorKind::fault, "node_unavailable", "gone"};
  EXPECT_EQ(node.new_pending().error().code, "node_unavailable");
  EXPECT_EQ(node.best().error().code, "node_unavailable");
}

}  // namespace
}  // namespace holdfast::chain::utxo
