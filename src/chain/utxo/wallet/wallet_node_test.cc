// What the wallet says, asked of the coins' own nodes: genesis blocks, addresses, descriptors and their checksums.
#include "chain/utxo/node/testing/core_node.h"
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/testing/vectors.h"

namespace holdfast::chain::utxo {
namespace {

constexpr std::uint32_t kLastIndex = 19;

class wallet_node : public ::testing::TestWithParam<Coin> {
 protected:
  void SetUp() override {
    if (GetParam() == Coin::bitcoin && !CoreNode::program(Coin::bitcoin)) {
      GTEST_SKIP() << "no bitcoind: neither BITCOIND in the environment nor one on PATH";
    }
    node_ = std::make_unique<CoreNode>(GetParam());
  }
  const Network& on() const { return network(GetParam() == Coin::bitcoin ? "bitcoin-regtest" : "litecoin-regtest"); }
  Json ask(std::string_view method, const Json& params) { return Json::parse(node_->call(method, params.dump())); }

  // Litecoin Core 0.21 has no descriptors of Taproot, and no node takes a tuple where it derives.
  bool knows(const std::string& descriptor) const {
    return GetParam() == Coin::bitcoin || !descriptor.starts_with("tr(");
  }
  void expect_same_addresses(const Descriptor& ours, const std::string& of_branch, std::uint32_t branch);

  std::unique_ptr<CoreNode> node_;
};

std::string with_branch(std::string text, std::uint32_t branch) {
  const std::string tuple = "/<0;1>/";
  for (auto at = text.find(tuple); at != std::string::npos; at = text.find(tuple)) {
    text.replace(at, tuple.size(), "/" + std::to_string(branch) + "/");
  }
  return text;
}

void wallet_node::expect_same_addresses(const Descriptor& ours, const std::string& of_branch, std::uint32_t branch) {
  const std::string checksum = *descriptor_checksum(of_branch);
  EXPECT_EQ(ask("getdescriptorinfo", {of_branch}).at("checksum"), checksum);
  const Json theirs = ask("deriveaddresses", {of_branch + "#" + checksum, {0, kLastIndex}});
  ASSERT_EQ(theirs.size(), kLastIndex + 1);
  for (std::uint32_t index = 0; index <= kLastIndex; ++index) {
    EXPECT_EQ(theirs[index], *address_of_script(on(), ours.derive(branch, index)->script_pubkey)) << of_branch;
  }
}

TEST_P(wallet_node, has_the_genesis_block_of_our_network) {
  EXPECT_EQ(ask("getblockhash", {0}), std::string(on().genesis));
}

TEST_P(wallet_node, derives_the_same_addresses_from_descriptors) {
  std::size_t asked = 0;
  for (const Json& c : cases("wallet_descriptors")) {
    const std::string body = text(c, "descriptor");
    if (network(text(c, "network")).name != on().name || !knows(body)) continue;
    const auto ours = Descriptor::parse(body, on());
    ASSERT_TRUE(ours) << body;
    for (std::uint32_t branch = 0; branch < 2; ++branch) {
      ++asked;
      expect_same_addresses(*ours, with_branch(body, branch), branch);
    }
  }
  EXPECT_GE(asked, 40U);
}

TEST_P(wallet_node, takes_the_texts_that_we_write) {
  for (const Json& c : cases("wallet_descriptors")) {
    if (network(text(c, "network")).name != on().name || !knows(text(c, "descriptor"))) continue;
    for (std::uint32_t branch = 0; branch < 2; ++branch) {
      const std::string ours = Descriptor::parse(with_branch(text(c, "descriptor"), branch), on())->to_text();
      EXPECT_TRUE(ask("getdescriptorinfo", {ours}).at("isrange").get<bool>());
    }
  }
}

TEST_P(wallet_node, takes_and_refuses_the_same_addresses) {
  std::size_t asked = 0;
  for (const Json& c : cases("wallet_addresses")) {
    if (network(text(c, "network")).name != on().name) continue;
    const std::string right = text(c, "address");
    const Json answer = ask("validateaddress", {right});
    EXPECT_TRUE(answer.at("isvalid").get<bool>()) << right;
    EXPECT_EQ(answer.at("scriptPubKey"), text(c, "script"));
    std::string wrong = right;
    std::swap(wrong[right.size() - 2], wrong[right.size() - 3]);
    if (wrong == right) continue;
    EXPECT_FALSE(ask("validateaddress", {wrong}).at("isvalid").get<bool>()) << wrong;
    EXPECT_FALSE(script_of_address(on(), wrong)) << wrong;
    ++asked;
  }
  EXPECT_GE(asked, 250U);
}

INSTANTIATE_TEST_SUITE_P(of_both_coins, wallet_node, ::testing::Values(Coin::bitcoin, Coin::litecoin),
                         [](const auto& coin) { return coin.param == Coin::bitcoin ? "bitcoin" : "litecoin"; });

}  // namespace
}  // namespace holdfast::chain::utxo
