#include "labels/import_ofac.h"

#include <gtest/gtest.h>

namespace holdfast::labels {
namespace {

const ListOrigin kOrigin{"ofac-sdn", "MIT", 20'000};

Imported read(std::string_view currency, std::string_view text) {
  auto list = import_ofac(currency, text, kOrigin);
  EXPECT_TRUE(list);
  return list ? *std::move(list) : Imported{};
}

TEST(import_ofac, takes_an_evm_address_for_every_evm_chain) {
  for (const std::string_view currency : {"ETH", "ETC", "ARB", "BSC", "USDC", "USDT"}) {
    const auto list = read(currency, "0x01e2919679362dFBC9ee1644Ba9C6da6D6245BB1\r\n\n");
    ASSERT_EQ(list.labels.size(), 1U) << currency;
    EXPECT_TRUE(list.labels[0].holds_across_evm());
    EXPECT_EQ(list.labels[0].category, Category::sanctioned);
    EXPECT_EQ(list.labels[0].address.view().size(), 20U);
    EXPECT_EQ(list.labels[0].day, 20'000);
    EXPECT_TRUE(list.refused.empty());
  }
}

TEST(import_ofac, takes_coins_as_scripts) {
  const auto bitcoin = read("XBT", "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX");
  ASSERT_EQ(bitcoin.labels.size(), 1U);
  EXPECT_EQ(bitcoin.labels[0].chain, "bip122:000000000019d6689c085ae165831e93");
  EXPECT_FALSE(bitcoin.labels[0].holds_across_evm());
  EXPECT_EQ(bitcoin.labels[0].address.view().size(), 25U);
  const auto litecoin = read("LTC", "[\n  \"LNf2JDiuunBz7GMDKFYHN4rq5meXWxiwfb\",\n  \"LNwgtMxcKUQ51dw7bQL1yPQjBVZh6QEqsd\"\n]\n");
  EXPECT_EQ(litecoin.labels.size(), 2U);
  EXPECT_TRUE(litecoin.refused.empty());
}

TEST(import_ofac, counts_what_no_chain_of_ours_serves) {
  EXPECT_EQ(read("XMR", "a\nb\n").not_ours, 2U);
  const auto tron = read("USDT", "TBHTJqAy4DhHhmT3dNceJYNRz4SdLofLre\n");
  EXPECT_EQ(tron.not_ours, 1U);
  EXPECT_TRUE(tron.refused.empty());
}

TEST(import_ofac, refuses_by_line_and_code) {
  struct Case {
    std::string_view currency, text, code;
  };
  constexpr std::string_view kZero = "0x0000000000000000000000000000000000000000";
  for (const Case& c : {
           Case{"ETH", "0x01E2919679362dFBC9ee1644Ba9C6da6D6245BB1", "address_checksum"},
           Case{"ETH", kZero, "address_zero"},
           Case{"ETH", "0x000000000000000000000000000000000000ffff", "address_precompile"},
           Case{"ETH", "0x0000000000000000000000000000000000010000", "address_invented"},
           Case{"ETH", "0x1111111111111111111111110123456789abcdef", "address_invented"},
           Case{"ETH", "0x0123456789abcdef111111111111111111111111", "address_invented"},
           Case{"ETH", "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "address_invented"},
           Case{"ETH", "0x01e2", "address_malformed"},
           Case{"ETH", "TBHTJqAy4DhHhmT3dNceJYNRz4SdLofLre", "address_malformed"},
           Case{"XBT", "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KY", "address_checksum"},
           Case{"XBT", "LNf2JDiuunBz7GMDKFYHN4rq5meXWxiwfb", "address_of_another_network"},
           Case{"XBT", "junk", "address_malformed"},
       }) {
    const auto list = read(c.currency, "\n" + std::string(c.text) + "\n");
    EXPECT_TRUE(list.labels.empty()) << c.text;
    ASSERT_EQ(list.refused.size(), 1U) << c.text;
    EXPECT_EQ(list.refused[0].line, 2U);
    EXPECT_EQ(list.refused[0].code, c.code) << c.text;
  }
}

TEST(import_ofac, takes_what_is_just_not_invented_and_text_in_one_case) {
  EXPECT_EQ(read("ETH", "0x1111111111111111111111100123456789abcdef").labels.size(), 1U);
  EXPECT_EQ(read("ETH", "0x01e2919679362dfbc9ee1644ba9c6da6d6245bb1").labels.size(), 1U);
  EXPECT_EQ(read("ETH", "0x01E2919679362DFBC9EE1644BA9C6DA6D6245BB1").labels.size(), 1U);
}

TEST(import_ofac, refuses_a_list_too_large) {
  const auto list = import_ofac("ETH", std::string(kOfacSizeMax + 1, '\n'), kOrigin);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, "list_too_large");
}

}  // namespace
}  // namespace holdfast::labels
