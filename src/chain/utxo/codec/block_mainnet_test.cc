// Bitcoin's real blocks and largest transactions. Skipped, in plain sight, where the data are not: they lie in btc-blocks
// of HOLDFAST_SHARED, or of ../shared/data beside the source.
#include "chain/utxo/codec/block.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/testing/gathering_visitor.h"
#include "chain/utxo/codec/testing/vectors.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>

namespace holdfast::chain::utxo {
namespace {

constexpr std::uint32_t kMainNet = 0xd9b4bef9;

// Empty: there is none.
std::filesystem::path data_folder() {
  const char* given = std::getenv("HOLDFAST_SHARED");
  const std::filesystem::path base = given != nullptr ? given : "../shared";
  for (const auto& folder : {base / "btc-blocks", base / "data" / "btc-blocks"}) {
    if (std::filesystem::is_directory(folder)) return folder;
  }
  return {};
}

Bytes read_file(const std::string& name) {
  std::ifstream in(data_folder() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Bytes read_packed(const std::string& name) {
  const std::string command = "bzip2 -dc '" + (data_folder() / name).string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(popen(command.c_str(), "r"), pclose);
  Bytes out, part(1 << 16);
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), in.get())) {
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

class mainnet : public testing::Test {
 protected:
  void SetUp() override {
    if (data_folder().empty()) GTEST_SKIP() << "skipped: no btc-blocks in HOLDFAST_SHARED or ../shared";
  }
};

struct Found {
  std::string id;
  std::size_t transactions = 0;
};

// Visits the block, and decodes each of its transactions in full to compare.
Found expect_sound(ByteView raw) {
  GatheringVisitor visitor;
  const auto header = visit_block(raw, visitor);
  EXPECT_TRUE(header) << header.error().code << " " << header.error().text;
  for (const SeenTransaction& seen : visitor.seen) {
    const auto transaction = decode_transaction(seen.raw, {kMaxMoneyBitcoin, true});
    EXPECT_TRUE(transaction) << transaction.error().code << " " << display(seen.txid);
    if (transaction) seen.expect_is(*transaction);
  }
  return {display(block_hash(raw.first(kBlockHeaderBytes))), visitor.seen.size()};
}

// Files of magic, length, block.
std::vector<Found> expect_sound_file(ByteView file) {
  std::vector<Found> out;
  WireReader in(file);
  while (in.ok() && !in.at_end()) {
    EXPECT_EQ(in.u32(), kMainNet);
    out.push_back(expect_sound(in.bytes(in.u32())));
  }
  EXPECT_TRUE(in.ok());
  return out;
}

TEST_F(mainnet, single_blocks) {
  const std::tuple<std::string, std::string, std::size_t> cases[] = {
      {"block413567.raw", "0000000000000000025aff8be8a55df8f89c77296db6198f272d6577325d4069", 1557},
      {"block-0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2.blk",
       "0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2", 3315},
      {"testnet_block_000000000000045e0b1660b6445b5e5c5ab63c9a4f956be7e1e69be04fa4497b.raw",
       "000000000000045e0b1660b6445b5e5c5ab63c9a4f956be7e1e69be04fa4497b", 15},
  };
  for (const auto& [name, id, transactions] : cases) {
    const Found found = expect_sound(read_file(name));
    EXPECT_EQ(found.id, id);
    EXPECT_EQ(found.transactions, transactions) << name;
  }
}

TEST_F(mainnet, files_of_blocks) {
  const auto first = expect_sound_file(read_packed("blocks1-256.bz2"));
  ASSERT_EQ(first.size(), 255U);
  EXPECT_EQ(first.front().id, "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048");
  EXPECT_EQ(first.back().id, "00000000d0a75c861fabf9ff7b92022f60e4afeed9331fe5aa073d8e4706fe3c");
  const auto later = expect_sound_file(read_packed("277647.dat.bz2"));
  ASSERT_EQ(later.size(), 1U);
}

TEST_F(mainnet, headers) {
  std::ifstream file(data_folder() / "blockheaders-mainnet-1-11.txt");
  std::optional<Hash32> previous;
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line) && !line.empty(); ++checked) {
    const Bytes raw = *from_hex(line);
    const auto header = decode_header(raw);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->previous, previous.value_or(header->previous));
    previous = block_hash(raw);
  }
  EXPECT_EQ(checked, 11U);
}

// A transaction of a megabyte: 5,569 inputs.
TEST_F(mainnet, the_largest_transactions) {
  const Bytes megatx = read_packed("megatx.bin.bz2");
  ASSERT_EQ(megatx.size(), 999'657U);
  const auto mega = decode_transaction(megatx);
  ASSERT_TRUE(mega) << mega.error().code << " " << mega.error().text;
  EXPECT_EQ(mega->inputs.size(), 5569U);
  EXPECT_EQ(encode(*mega), megatx);
  EXPECT_EQ(display(txid_of(*mega)), "bb41a757f405890fb0f5856228e23b715702d714d59bf2b1feb70d8b2b4e3e08");

  std::ifstream file(data_folder() / "huge_witness.hex");
  std::string text;
  std::getline(file, text);
  const Bytes huge = *from_hex(text);
  const auto witness = decode_transaction(huge);
  ASSERT_TRUE(witness) << witness.error().code << " " << witness.error().text;
  EXPECT_EQ(encode(*witness), huge);
  EXPECT_EQ(display(txid_of(*witness)), "73be398c4bdc43709db7398106609eea2a7841aaf3a4fa2000dc18184faa2a7e");
  EXPECT_LT(encode_without_witness(*witness).size(), 200U);
}

}  // namespace
}  // namespace holdfast::chain::utxo
