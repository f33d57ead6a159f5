// What a node may write, and what it may not.
#include "chain/evm/json_read.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

constexpr std::string_view kHash = "0x1111111111111111111111111111111111111111111111111111111111111111";
constexpr std::string_view kA = "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kB = "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

template <class T>
Result<T> read(Result<T> (*how)(const JsonElement&), std::string_view text) {
  simdjson::dom::parser parser;
  return how(parser.parse(simdjson::padded_string(text)).value());
}

TEST(json_read, numbers) {
  EXPECT_EQ(*read(read_uint64, R"("0x0")"), 0U);
  EXPECT_EQ(*read(read_uint64, R"("0xffffffffffffffff")"), ~std::uint64_t{0});
  EXPECT_EQ(*read(read_amount, R"("0x5")"), Amount::of(5));
  EXPECT_EQ(*read(read_amount, fmt::format(R"("0x{}")", std::string(64, 'f'))), Amount::max());
  for (const auto* bad : {R"("")", R"("0x")", R"("5")", R"("0xg")", R"("0x-1")", R"("0x 1")", R"(5)", R"(null)", R"([])"}) {
    EXPECT_FALSE(read(read_uint64, bad)) << bad;
    EXPECT_FALSE(read(read_amount, bad)) << bad;
  }
  EXPECT_FALSE(read(read_uint64, R"("0x10000000000000000")"));
  EXPECT_FALSE(read(read_amount, fmt::format(R"("0x{}")", std::string(65, '0'))));
}

TEST(json_read, a_missing_field_is_a_fault) {
  const std::string good = fmt::format(
      R"({{"hash":"{0}","from":"{1}","to":null,"nonce":"0x1","gas":"0x2","value":"0x3","gasPrice":"0x4","input":"0x05"}})", kHash, kA);
  const auto transaction = read(read_transaction, good);
  ASSERT_TRUE(transaction);
  EXPECT_FALSE(transaction->to);
  EXPECT_EQ(transaction->max_fee, Amount::of(4));
  EXPECT_EQ(transaction->priority_fee, Amount::of(4));
  for (const std::string field : {"hash", "from", "nonce", "gas", "value", "gasPrice", "input"}) {
    std::string other = good;
    other.replace(other.find("\"" + field), 2, "\"X");
    EXPECT_EQ(read(read_transaction, other).error().code, "node_answer_malformed") << field;
  }
  const auto header = [](std::string_view time) {
    return fmt::format(R"({{"number":"0x1","hash":"{0}","parentHash":"{0}","timestamp":"{1}"}})", kHash, time);
  };
  EXPECT_EQ(read(read_header, header("0x5"))->time, Instant{5000});
  EXPECT_FALSE(read(read_header, header("0x7fffffffffffffff")));
  EXPECT_FALSE(read(read_header, R"({"number":"0x1"})"));
  EXPECT_FALSE(read(read_block, "[]"));
  EXPECT_FALSE(read(read_receipt, "null"));
}

TEST(json_read, a_receipt_may_carry_the_fee_of_another_layer) {
  const auto receipt = [](std::string_view rest) {
    return fmt::format(R"({{"transactionHash":"{0}","status":"0x1","gasUsed":"0x2","effectiveGasPrice":"0x3",)"
                       R"("blockHash":"{0}","blockNumber":"0x4","logs":[]{1}}})", kHash, rest);
  };
  EXPECT_EQ(read(read_receipt, receipt(""))->extra_fee, Amount::zero());
  EXPECT_EQ(read(read_receipt, receipt(R"(,"l1Fee":"0x9")"))->extra_fee, Amount::of(9));
  EXPECT_FALSE(read(read_receipt, receipt(R"(,"l1Fee":"x")")));
}

std::string frame(std::string_view type, std::string_view value, std::string_view rest = "") {
  return fmt::format(R"({{"type":"{}","from":"{}","to":"{}","value":"{}"{}}})", type, kA, kB, value, rest);
}

std::vector<int> amounts(std::string_view calls, std::string_view rest = "") {
  const std::string trace = fmt::format(
      R"([{{"txHash":"{}","result":{}}}])", kHash, frame("CALL", "0x63", fmt::format(R"(,"calls":[{}]{})", calls, rest)));
  const auto transfers = read(read_block_trace, trace);
  std::vector<int> out;
  if (!transfers) return {-1};
  for (const InternalTransfer& transfer : *transfers) out.push_back(static_cast<int>(transfer.value.units()));
  return out;
}

TEST(json_read, a_trace_gives_what_moved_and_was_not_undone) {
  EXPECT_EQ(amounts(""), std::vector<int>());  // The transaction's own value is no internal transfer.
  EXPECT_EQ(amounts(frame("CALL", "0x1") + "," + frame("SELFDESTRUCT", "0x2") + "," + frame("CREATE2", "0x3")), (std::vector{1, 2, 3}));
  EXPECT_EQ(amounts(frame("DELEGATECALL", "0x1") + "," + frame("CALLCODE", "0x1")), std::vector<int>());
  EXPECT_EQ(amounts(R"({"type":"STATICCALL","from":"0x","to":"0x"})"), std::vector<int>());
  EXPECT_EQ(amounts(frame("CALL", "0x0")), std::vector<int>());
  EXPECT_EQ(amounts(frame("CALL", "0x1", R"(,"error":"execution reverted")")), std::vector<int>());
  const std::string inside = fmt::format(R"(,"calls":[{}])", frame("CALL", "0x2"));
  EXPECT_EQ(amounts(frame("CALL", "0x1", inside)), (std::vector{1, 2}));
  EXPECT_EQ(amounts(frame("DELEGATECALL", "0x1", inside)), std::vector{2});
  EXPECT_EQ(amounts(frame("CALL", "0x1", inside + R"(,"error":"out of gas")")), std::vector<int>());
  EXPECT_EQ(amounts(frame("CALL", "0x1"), R"(,"error":"execution reverted")"), std::vector<int>());
  EXPECT_EQ(amounts(frame("CALL", "x")), std::vector{-1});
}

TEST(json_read, a_trace_nests_as_deep_as_the_evm_and_no_deeper) {
  const auto nested = [](std::size_t depth) {
    std::string out = frame("CALL", "0x1");
    for (std::size_t i = 1; i < depth; ++i) out = frame("CALL", "0x1", R"(,"calls":[)" + out + "]");
    return fmt::format(R"([{{"txHash":"{}","result":{}}}])", kHash, out);
  };
  const auto read_deep = [](const std::string& text) {
    simdjson::dom::parser parser;
    EXPECT_EQ(parser.allocate(text.size(), 4096), simdjson::SUCCESS);
    return read_block_trace(parser.parse(text).value());
  };
  EXPECT_EQ(read_deep(nested(1024))->size(), 1023U);
  EXPECT_FALSE(read_deep(nested(1100)));
}

}  // namespace
}  // namespace holdfast::chain::evm
