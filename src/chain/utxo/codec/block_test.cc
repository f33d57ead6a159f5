// Blocks: what the visitor is told, and what is refused. Real ones are in block_mainnet_test.cc.
#include "chain/utxo/codec/block.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/testing/gathering_visitor.h"
#include "chain/utxo/codec/testing/vectors.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Transaction numbered(std::uint32_t number) {
  Transaction out;
  out.inputs = {{{sha256(as_bytes("input")), number}, {}, kSequenceFinal, {}}};
  out.outputs = {{1000 + number, Bytes(22, 0x51)}};
  if (number % 2 == 1) out.inputs[0].witness = {Bytes(64, 0x01)};
  return out;
}

// The root in the long way round: a level at a time, the last one doubled.
Hash32 root_of(std::vector<Hash32> level) {
  while (level.size() > 1) {
    if (level.size() % 2 == 1) level.push_back(level.back());
    std::vector<Hash32> above;
    for (std::size_t i = 0; i < level.size(); i += 2) above.push_back(sha256d({level[i].view(), level[i + 1].view()}));
    level = std::move(above);
  }
  return level[0];
}

Bytes block_of(const std::vector<Bytes>& transactions, const Hash32& root) {
  Bytes out;
  put_u32(out, 0x20000000);
  put_bytes(out, sha256(as_bytes("previous")).view());
  put_bytes(out, root.view());
  put_u32(out, 1'700'000'000);
  put_u32(out, 0x207fffff);
  put_u32(out, 42);
  put_compact(out, transactions.size());
  for (const Bytes& one : transactions) put_bytes(out, one);
  return out;
}

Bytes block_of(const std::vector<Transaction>& transactions) {
  std::vector<Hash32> ids;
  std::vector<Bytes> raw;
  for (const Transaction& one : transactions) {
    ids.push_back(txid_of(one));
    raw.push_back(encode(one));
  }
  return block_of(raw, root_of(ids));
}

std::string refusal_of(const Bytes& block) {
  GatheringVisitor visitor;
  return outcome(visit_block(block, visitor));
}

TEST(block, every_number_of_transactions) {
  std::vector<Transaction> transactions;
  for (std::uint32_t count = 1; count <= 33; ++count) {
    transactions.push_back(numbered(count));
    const Bytes block = block_of(transactions);
    GatheringVisitor visitor;
    const auto header = visit_block(block, visitor);
    ASSERT_TRUE(header) << header.error().code << " " << count;
    EXPECT_EQ(header->version, 0x20000000);
    EXPECT_EQ(header->previous, sha256(as_bytes("previous")));
    EXPECT_EQ(header->time_s, 1'700'000'000U);
    EXPECT_EQ(header->bits, 0x207fffffU);
    EXPECT_EQ(header->nonce, 42U);
    ASSERT_EQ(visitor.seen.size(), count);
    for (std::uint32_t i = 0; i < count; ++i) visitor.seen[i].expect_is(transactions[i]);
  }
}

TEST(block, cut_at_any_byte_is_malformed) {
  const Bytes block = block_of({numbered(1), numbered(2), numbered(3)});
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(refusal_of(to_bytes(ByteView(block).first(size))), "block_malformed") << size;
  }
  Bytes longer = block;
  longer.push_back(0);
  EXPECT_EQ(refusal_of(longer), "block_malformed");
}

TEST(block, another_root) {
  Bytes block = block_of({numbered(1), numbered(2)});
  block[40] ^= 1;
  EXPECT_EQ(refusal_of(block), "block_merkle_root");
  block[40] ^= 1;
  EXPECT_EQ(refusal_of(block), "accepted");
  block[block.size() - 5] ^= 1;  // A script of the last transaction.
  EXPECT_EQ(refusal_of(block), "block_merkle_root");
}

// CVE-2012-2459: doubling the tail of an odd level leaves the root as it was.
TEST(block, a_forgery_with_the_same_root) {
  const std::vector<Transaction> three{numbered(1), numbered(2), numbered(3)};
  std::vector<Transaction> four = three;
  four.push_back(three.back());
  const Bytes block = block_of(three), forged = block_of(four);
  ASSERT_TRUE(std::ranges::equal(ByteView(block).subspan(36, 32), ByteView(forged).subspan(36, 32)));
  EXPECT_EQ(refusal_of(block), "accepted");
  EXPECT_EQ(refusal_of(forged), "block_merkle_root");
  std::vector<Transaction> six, eight;
  for (std::uint32_t i = 0; i < 6; ++i) six.push_back(numbered(i));
  eight = six;
  eight.insert(eight.end(), {six[4], six[5]});  // Higher up in the tree.
  EXPECT_EQ(refusal_of(block_of(six)), "accepted");
  EXPECT_EQ(refusal_of(block_of(eight)), "block_merkle_root");
}

TEST(block, counts_and_values) {
  const Transaction one = numbered(2);
  const std::string header = to_hex(ByteView(block_of({one})).first(kBlockHeaderBytes)), raw = to_hex(encode(one));
  EXPECT_EQ(refusal_of(*from_hex(header + "01" + raw)), "accepted");
  for (const char* count : {"00", "02", "fd0100", "fdffff", "feffffffff", "ffffffffffffffffff"}) {
    EXPECT_EQ(refusal_of(*from_hex(header + count + raw)), "block_malformed") << count;
  }
  for (const std::int64_t value : {std::int64_t{-1}, kMaxMoneyLitecoin + 1, INT64_MIN}) {
    Transaction bad = one;
    bad.outputs[0].value = value;
    EXPECT_EQ(refusal_of(block_of({bad})), "block_malformed") << value;
  }
  Transaction empty = one;
  empty.outputs.clear();
  EXPECT_EQ(refusal_of(block_of({empty, one})), "block_malformed");
}

TEST(block, headers) {
  EXPECT_EQ(outcome(decode_header(Bytes(79))), "block_malformed");
  EXPECT_EQ(outcome(decode_header(Bytes(81))), "block_malformed");
  // Bitcoin's first.
  const Bytes genesis = *from_hex(
      "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3"
      "888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c");
  EXPECT_EQ(display(block_hash(genesis)), "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
  const auto header = decode_header(genesis);
  ASSERT_TRUE(header);
  EXPECT_EQ(display(header->merkle_root), "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
  EXPECT_EQ(header->time_s, 1231006505U);
}

void expect_told(const SeenTransaction& seen, const Json& said) {
  EXPECT_EQ(display(seen.txid), said["txid"].get<std::string>());
  ASSERT_EQ(seen.inputs.size(), said["inputs"].size());
  for (std::size_t i = 0; i < seen.inputs.size(); ++i) {
    if (said["inputs"][i].is_null()) continue;
    EXPECT_EQ(display(seen.inputs[i].txid), said["inputs"][i][0].get<std::string>());
    EXPECT_EQ(seen.inputs[i].vout, said["inputs"][i][1].get<std::uint32_t>());
  }
  ASSERT_EQ(seen.outputs.size(), said["outputs"].size());
  for (std::size_t i = 0; i < seen.outputs.size(); ++i) {
    EXPECT_EQ(seen.outputs[i].value, said["outputs"][i][0].get<std::int64_t>());
    EXPECT_EQ(seen.outputs[i].script, bytes(said["outputs"][i][1]));
  }
}

TEST(block, litecoins_extension_blocks) {
  for (const Json& c : cases("mweb_blocks")) {
    const Bytes raw = bytes(c["block"]);
    GatheringVisitor visitor;
    const auto header = visit_block(raw, visitor);
    ASSERT_TRUE(header) << header.error().code << " " << header.error().text;
    EXPECT_EQ(display(block_hash(ByteView(raw).first(kBlockHeaderBytes))), c["hash"].get<std::string>());
    ASSERT_EQ(visitor.seen.size(), c["transactions"].size());
    for (std::size_t i = 0; i < visitor.seen.size(); ++i) expect_told(visitor.seen[i], c["transactions"][i]);
    const bool extended = c["height"].get<int>() >= 432;
    const auto last = decode_transaction(visitor.seen.back().raw, {kMaxMoneyLitecoin, true});
    EXPECT_EQ(outcome(last), extended ? "transaction_mweb" : "accepted");
  }
}

// Gives a transaction the HogEx's flag, with what the flag promises: `field`.
Bytes flagged(const Transaction& transaction, const std::string& flag, const std::string& field) {
  const std::string plain = to_hex(encode_without_witness(transaction));
  return *from_hex(plain.substr(0, 8) + "00" + flag + plain.substr(8, plain.size() - 16) + field + plain.substr(plain.size() - 8));
}

TEST(block, a_hogex_is_the_last_transaction_and_has_no_transaction_in_it) {
  const Transaction first = numbered(2), second = numbered(4);
  const Hash32 root = root_of({txid_of(first), txid_of(second)});
  const Bytes plain_first = encode(first), plain_second = encode(second);
  const Bytes hogex = flagged(second, "08", "00");
  EXPECT_EQ(refusal_of(block_of({plain_first, hogex}, root)), "accepted");
  Bytes extended = block_of({plain_first, hogex}, root);
  put_bytes(extended, Bytes(500, 0xee));
  EXPECT_EQ(refusal_of(extended), "accepted");  // Whatever follows is left alone.
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "09", "010100" "00")}, root)), "accepted");
  EXPECT_EQ(refusal_of(block_of({flagged(first, "08", "00"), plain_second}, root)), "block_malformed");
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "08", "01")}, root)), "block_malformed");
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "00", "")}, root)), "block_malformed");
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "02", "")}, root)), "block_malformed");
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "18", "00")}, root)), "block_malformed");
  EXPECT_EQ(refusal_of(block_of({plain_first, flagged(second, "01", "00")}, root)), "block_malformed");
}

}  // namespace
}  // namespace holdfast::chain::utxo
