// What decodes, what does not and why; that encoding gives the input again.
#include "chain/utxo/codec/transaction.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/testing/vectors.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Transaction sample() {
  Transaction out;
  out.inputs = {{{sha256(as_bytes("a")), 0}, {}, kSequenceReplaceable, {{0x01}, {}, {0x02, 0x03}}},
                {{sha256(as_bytes("b")), 7}, {0x51}, kSequenceFinal, {}}};
  out.outputs = {{50'000, {0x00, 0x14}}, {0, {}}};
  out.locktime = 800'000;
  return out;
}

void expect_same(const Transaction& transaction) {
  const Bytes raw = encode(transaction);
  const auto again = decode_transaction(raw);
  ASSERT_TRUE(again) << again.error().code;
  EXPECT_EQ(*again, transaction);
  EXPECT_EQ(weight_of(transaction), 3 * encode_without_witness(transaction).size() + raw.size());
  EXPECT_EQ(vsize_of(transaction), (weight_of(transaction) + 3) / 4);
}

TEST(transaction, encodes_to_what_it_was_decoded_from) {
  expect_same(sample());
  Transaction legacy = sample();
  legacy.inputs[0].witness.clear();
  expect_same(legacy);
  EXPECT_EQ(encode(legacy), encode_without_witness(sample()));
  EXPECT_EQ(txid_of(sample()), txid_of(legacy));
  EXPECT_EQ(txid_of(legacy), wtxid_of(legacy));
  EXPECT_NE(txid_of(sample()), wtxid_of(sample()));
}

TEST(transaction, published_forms) {
  std::size_t refused = 0;
  for (const Json& c : cases("transaction_forms")) {
    const Bytes raw = bytes(c["transaction"]);
    const auto decoded = decode_transaction(raw, {kMaxMoneyBitcoin, true});
    const std::string expected = c.value("refusal", "accepted");
    EXPECT_EQ(outcome(decoded), expected) << c["about"];
    refused += expected != "accepted";
    if (!decoded) continue;
    EXPECT_EQ(encode(*decoded), raw) << c["about"];
    const std::string id = display(txid_of(*decoded));
    EXPECT_EQ(id, c.value("txid", id));
  }
  EXPECT_EQ(refused, 10U);
}

TEST(transaction, cut_at_any_byte_is_malformed) {
  const Bytes raw = encode(sample());
  for (std::size_t size = 0; size < raw.size(); ++size) {
    EXPECT_EQ(outcome(decode_transaction(ByteView(raw).first(size))), "transaction_malformed") << size;
  }
  Bytes longer = raw;
  longer.push_back(0);
  EXPECT_EQ(outcome(decode_transaction(longer)), "transaction_malformed");
}

TEST(transaction, counts_that_promise_more_than_there_is) {
  for (const char* count : {"fdffff", "feffffffff", "ffffffffffffffffff", "ff0000000000000080"}) {
    const Bytes inputs = *from_hex(std::string("02000000") + count + std::string(100, '0'));
    EXPECT_EQ(outcome(decode_transaction(inputs)), "transaction_malformed") << count;
    const Bytes outputs = *from_hex("0200000001" + std::string(82, '0') + count + std::string(100, '0'));
    EXPECT_EQ(outcome(decode_transaction(outputs)), "transaction_malformed") << count;
    const Bytes witnesses = *from_hex("02000000000101" + std::string(82, '0') + "01" + std::string(18, '0') + count + "00000000");
    EXPECT_EQ(outcome(decode_transaction(witnesses)), "transaction_malformed") << count;
  }
}

TEST(transaction, flags) {
  Transaction plain = sample();
  plain.inputs[0].witness.clear();
  const std::string legacy = to_hex(encode(plain));
  const std::string body = legacy.substr(8, legacy.size() - 16), locktime = legacy.substr(legacy.size() - 8);
  const auto with_flag = [&](const char* flag, const char* witness) {
    return outcome(decode_transaction(*from_hex("0200000000" + std::string(flag) + body + witness + locktime)));
  };
  EXPECT_EQ(with_flag("01", "010100" "00"), "accepted");
  EXPECT_EQ(with_flag("01", "0000"), "transaction_malformed");  // Promises a witness and has none.
  EXPECT_EQ(with_flag("00", ""), "transaction_empty");
  EXPECT_EQ(with_flag("02", ""), "transaction_malformed");
  EXPECT_EQ(with_flag("03", "01010000"), "transaction_malformed");
  EXPECT_EQ(with_flag("08", "00"), "transaction_mweb");
  EXPECT_EQ(with_flag("09", "0101000000"), "transaction_mweb");
}

TEST(transaction, without_inputs_or_outputs) {
  Transaction none = sample();
  none.outputs.clear();
  EXPECT_EQ(outcome(decode_transaction(encode(none))), "transaction_empty");
  EXPECT_EQ(outcome(decode_transaction(*from_hex("02000000000100" "01" "000000000000000000" "00000000"))), "transaction_empty");
  EXPECT_EQ(outcome(decode_transaction(*from_hex("02000000000000000000"))), "transaction_empty");
}

TEST(transaction, an_input_twice) {
  Transaction twice = sample();
  twice.inputs.push_back(twice.inputs[0]);
  twice.inputs.back().sequence = 0;
  const auto decoded = decode_transaction(encode(twice));
  EXPECT_EQ(outcome(decoded), "transaction_input_twice");
  EXPECT_EQ(decoded.error().text, display(sha256(as_bytes("a"))) + ":0");
  twice.inputs.back().previous.vout = 1;
  expect_same(twice);
}

TEST(transaction, values) {
  const auto with = [](std::vector<std::int64_t> values, std::int64_t max_money) {
    Transaction out = sample();
    out.outputs.clear();
    for (const std::int64_t value : values) out.outputs.push_back({value, {0x51}});
    return outcome(decode_transaction(encode(out), {max_money, false}));
  };
  EXPECT_EQ(with({kMaxMoneyBitcoin}, kMaxMoneyBitcoin), "accepted");
  EXPECT_EQ(with({kMaxMoneyBitcoin + 1}, kMaxMoneyBitcoin), "transaction_value");
  EXPECT_EQ(with({kMaxMoneyBitcoin + 1}, kMaxMoneyLitecoin), "accepted");
  EXPECT_EQ(with({kMaxMoneyLitecoin, 1}, kMaxMoneyLitecoin), "transaction_value");
  EXPECT_EQ(with({-1}, kMaxMoneyLitecoin), "transaction_value");
  EXPECT_EQ(with({INT64_MIN}, kMaxMoneyLitecoin), "transaction_value");
  // CVE-2010-5139: the sum of these goes around to 8.
  EXPECT_EQ(with({INT64_MAX, INT64_MAX, 10}, kMaxMoneyBitcoin), "transaction_value");
  EXPECT_EQ(with({0x7ffffffffff85ee0, 0x7ffffffffff85ee0}, kMaxMoneyBitcoin), "transaction_value");
}

TEST(transaction, a_coinbase_stands_in_a_block) {
  Transaction coinbase = sample();
  coinbase.inputs = {{{{}, 0xffffffff}, {0x51, 0x51}, kSequenceFinal, {}}};
  EXPECT_TRUE(coinbase.is_coinbase());
  EXPECT_FALSE(sample().is_coinbase());
  EXPECT_EQ(outcome(decode_transaction(encode(coinbase))), "transaction_coinbase");
  EXPECT_EQ(outcome(decode_transaction(encode(coinbase), {kMaxMoneyBitcoin, true})), "accepted");
}

TEST(transaction, of_64_bytes) {
  Transaction small;
  small.inputs = {{{sha256(as_bytes("a")), 0}, {}, kSequenceFinal, {}}};
  small.outputs = {{1, {0x51, 0x51, 0x51, 0x51}}};
  ASSERT_EQ(encode(small).size(), 64U);
  EXPECT_EQ(outcome(decode_transaction(encode(small))), "transaction_64_bytes");
  EXPECT_EQ(outcome(decode_transaction(encode(small), {kMaxMoneyBitcoin, true})), "accepted");
  small.inputs[0].witness = {{0x01}};  // The stripped form is what a merkle tree holds.
  EXPECT_EQ(outcome(decode_transaction(encode(small))), "transaction_64_bytes");
  small.outputs[0].script.push_back(0x51);
  expect_same(small);
}

// Of exactly this weight: the witness is filled up.
Transaction heavy(std::size_t weight) {
  Transaction out = sample();
  out.inputs[0].witness = {Bytes(70'000)};
  out.inputs[0].witness[0].resize(70'000 + weight - weight_of(out));
  return out;
}

TEST(transaction, weight) {
  expect_same(heavy(kMaxTransactionWeight));
  const Transaction over = heavy(kMaxTransactionWeight + 1);
  ASSERT_LE(encode(over).size(), kMaxTransactionWeight);
  EXPECT_EQ(outcome(decode_transaction(encode(over))), "transaction_too_large");
  EXPECT_EQ(outcome(decode_transaction(Bytes(kMaxTransactionWeight + 1))), "transaction_too_large");
}

TEST(transaction, a_witness_of_nothing_but_empty_items) {
  Transaction out = sample();
  out.inputs[0].witness.assign(3'000'000, {});
  expect_same(out);
}

TEST(transaction, ids_in_the_order_that_people_read) {
  const std::string text = "23b397edccd3740a74adb603c9756370fafcde9bcc4483eb271ecad09a94dd63";
  const auto id = id_from_display(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[0], 0x63);
  EXPECT_EQ(display(*id), text);
  EXPECT_FALSE(id_from_display(text.substr(2)));
  EXPECT_FALSE(id_from_display("0x" + text));
  EXPECT_FALSE(id_from_display("0x" + text.substr(2)));
  EXPECT_FALSE(id_from_display(text.substr(1) + "g"));
}

}  // namespace
}  // namespace holdfast::chain::utxo
