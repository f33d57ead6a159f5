#include "chain/evm/codec/abi.h"

#include "base/hex.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

Address20 address_of_byte(std::uint8_t byte) {
  Address20 out;
  out.bytes.fill(byte);
  return out;
}

TEST(abi, selectors) {
  EXPECT_EQ(to_hex(selector_of("transfer(address,uint256)").view()), "a9059cbb");
  EXPECT_EQ(to_hex(selector_of("balanceOf(address)").view()), "70a08231");
  EXPECT_FALSE(has_selector({}, selector_of("balanceOf(address)")));
}

// f(uint256,uint32[],bytes10,bytes) of the Solidity documentation, with bytes32[] in place of uint32[].
TEST(abi, example_of_the_specification) {
  const Word third = word_of(3);
  const Bytes made = AbiWriter()
                         .number(0x123)
                         .words({word_of(0x456), word_of(0x789)})
                         .word(third)
                         .bytes(as_bytes("Hello, world!"))
                         .finish();
  EXPECT_EQ(to_hex(made),
            "0000000000000000000000000000000000000000000000000000000000000123"
            "0000000000000000000000000000000000000000000000000000000000000080"
            "0000000000000000000000000000000000000000000000000000000000000003"
            "00000000000000000000000000000000000000000000000000000000000000e0"
            "0000000000000000000000000000000000000000000000000000000000000002"
            "0000000000000000000000000000000000000000000000000000000000000456"
            "0000000000000000000000000000000000000000000000000000000000000789"
            "000000000000000000000000000000000000000000000000000000000000000d"
            "48656c6c6f2c20776f726c642100000000000000000000000000000000000000");
  const AbiReader reader(made);
  EXPECT_EQ(*reader.number(0), 0x123U);
  EXPECT_EQ(reader.words(1)->at(1), word_of(0x789));
  EXPECT_EQ(as_text(*reader.bytes(3)), "Hello, world!");
}

TEST(abi, offsets_and_lengths_stay_within_the_input) {
  const auto code_of_bytes = [](const Word& offset, const Word& length) {
    Bytes arguments = to_bytes(offset.view());
    arguments.insert(arguments.end(), length.bytes.begin(), length.bytes.end());
    const auto read = AbiReader(arguments).bytes(0);
    return read ? std::string_view("accepted") : read.error().code;
  };
  Word huge;
  huge.bytes.fill(0xff);
  EXPECT_EQ(code_of_bytes(word_of(32), word_of(0)), "accepted");
  EXPECT_EQ(code_of_bytes(word_of(32), word_of(1)), "abi_truncated");
  EXPECT_EQ(code_of_bytes(word_of(33), word_of(0)), "abi_truncated");
  EXPECT_EQ(code_of_bytes(huge, word_of(0)), "abi_number_too_large");
  EXPECT_EQ(code_of_bytes(word_of(~std::uint64_t{0}), word_of(0)), "abi_truncated");
  EXPECT_EQ(code_of_bytes(word_of(32), huge), "abi_truncated");
  EXPECT_EQ(code_of_bytes(word_of(32), word_of(~std::uint64_t{0})), "abi_truncated");
  Bytes array = to_bytes(word_of(32).view());
  const Word length = word_of(std::uint64_t{1} << 59);  // times 32 is zero
  array.insert(array.end(), length.bytes.begin(), length.bytes.end());
  EXPECT_EQ(AbiReader(array).words(0).error().code, "abi_truncated");
}

TEST(erc20, only_the_canonical_transfer_is_decoded) {
  const TokenTransfer transfer{address_of_byte(0x11), Amount::of(5)};
  Bytes calldata = encode_transfer(transfer);
  EXPECT_EQ(*decode_transfer(calldata), transfer);
  Bytes longer = calldata;
  longer.push_back(0);
  EXPECT_EQ(decode_transfer(longer).error().code, "abi_not_canonical");
  Bytes dirty = calldata;
  dirty[4] = 1;
  EXPECT_EQ(decode_transfer(dirty).error().code, "abi_dirty_address");
  Bytes huge = calldata;
  huge[36] = 1;
  EXPECT_EQ(decode_transfer(huge).error().code, "abi_number_too_large");
  calldata[0] ^= 1;
  EXPECT_EQ(decode_transfer(calldata).error().code, "not_transfer");
}

TEST(contracts, calls_survive_coding_and_only_one_form_is_taken) {
  const Flush flush{{word_of(1), word_of(2)}, {address_of_byte(0x22)}};
  EXPECT_EQ(*decode_flush(encode_flush(flush)), flush);
  const EvacuationCall evacuation{{{kNativeAsset, address_of_byte(0x33)}, word_of(7), word_of(1'700'000'000)}, Bytes(65, 1)};
  EXPECT_EQ(*decode_evacuation(encode_evacuation(evacuation)), evacuation);
  const GuardFreezeCall freeze{{9, 1'700'000'000}, Bytes(65, 2)};
  EXPECT_EQ(*decode_guard_freeze(encode_guard_freeze(freeze)), freeze);

  Bytes trailing = encode_flush(flush);
  trailing.resize(trailing.size() + 32);
  EXPECT_EQ(decode_flush(trailing).error().code, "abi_not_canonical");
  Bytes padded = encode_evacuation(evacuation);
  padded.back() = 1;  // Behind the signature's 65 bytes.
  EXPECT_EQ(decode_evacuation(padded).error().code, "abi_not_canonical");
  EXPECT_TRUE(read_evacuation(padded));
}

TEST(safe, strangers_may_write_a_call_in_many_ways_but_we_sign_one) {
  const ExecTransaction call{{.to = address_of_byte(0x44), .value = word_of(5), .data = Bytes(3, 9), .safe_tx_gas = word_of(1)},
                             Bytes(130, 7)};
  const Bytes calldata = encode_exec_transaction(call);
  EXPECT_EQ(to_hex(ByteView(calldata).first(4)), "6a761202");
  EXPECT_EQ(*decode_exec_transaction(calldata), call);
  Bytes dirty = calldata;
  dirty[4] = 0xff;  // Upper byte of `to`: the Safe ignores it.
  EXPECT_EQ(decode_exec_transaction(dirty).error().code, "abi_not_canonical");
  EXPECT_EQ(*read_exec_transaction(dirty), call);
  Bytes bad_operation = calldata;
  bad_operation[4 + 4 * 32 - 1] = 2;
  EXPECT_EQ(read_exec_transaction(bad_operation).error().code, "safe_operation");
  for (std::size_t size = 0; size < 4 + 10 * 32; ++size) {
    EXPECT_FALSE(read_exec_transaction(ByteView(calldata).first(size)));
  }
}

TEST(safe, topics) {
  EXPECT_EQ(to_hex(transfer_topic().view()), "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
  EXPECT_EQ(to_hex(execution_success_topic().view()), "442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e");
  EXPECT_EQ(to_hex(execution_failure_topic().view()), "23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23");
}

}  // namespace
}  // namespace holdfast::chain::evm
