// Independent code as the judge: random transactions that @scure/btc-signer wrote, named, weighed and hashed.
#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/codec/testing/vectors.h"
#include "chain/utxo/codec/transaction.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

namespace holdfast::chain::utxo {
namespace {

constexpr std::size_t kLive = 3000;

using TypesSeen = std::set<std::pair<std::string, unsigned>>;

// [type, digest, digest with an annex]
void check_taproot(const SighashCache& cache, const Json& c, const char* path, const std::optional<Hash32>& leaf, TypesSeen& seen) {
  const auto input = c["input"].get<std::size_t>();
  for (const Json& one : c[path]) {
    const auto type = one[0].get<std::uint8_t>();
    EXPECT_EQ(*cache.taproot(input, type, leaf), hash(one[1])) << path << " " << c;
    EXPECT_EQ(*cache.taproot(input, type, leaf, bytes(c["annex"])), hash(one[2])) << path << " " << c;
    seen.insert({path, type});
  }
}

void check(const Json& c, TypesSeen& seen) {
  const Bytes raw = bytes(c["raw"]);
  const auto transaction = decode_transaction(raw);
  ASSERT_TRUE(transaction) << transaction.error().code << " " << c;
  EXPECT_EQ(encode(*transaction), raw);
  EXPECT_EQ(display(txid_of(*transaction)), c["txid"].get<std::string>());
  EXPECT_EQ(display(wtxid_of(*transaction)), c["wtxid"].get<std::string>());
  EXPECT_EQ(weight_of(*transaction), c["weight"].get<std::size_t>());
  std::vector<TxOut> spent;
  for (const Json& one : c["spent"]) spent.push_back({one[0], bytes(one[1])});
  const SighashCache cache(*transaction, spent);
  for (const Json& one : c["v0"]) {
    const auto type = one[0].get<std::uint8_t>();
    EXPECT_EQ(cache.v0(c["input"], bytes(c["code"]), type), hash(one[1])) << c;
    seen.insert({"v0", type});
  }
  check_taproot(cache, c, "key_path", std::nullopt, seen);
  check_taproot(cache, c, "script_path", tapleaf_hash(bytes(c["leaf"])), seen);
}

constexpr std::size_t kAllTypes = 6 + 7 + 7;

TEST(oracle, committed_transactions) {
  TypesSeen seen;
  for (const Json& c : cases("transactions")) check(c, seen);
  EXPECT_EQ(seen.size(), kAllTypes);
}

bool has_btc_signer() {
  for (const char* folder : {"node_modules", "tests/vectors/utxo/node_modules"}) {
    if (std::filesystem::exists(std::string(folder) + "/@scure/btc-signer")) return true;
  }
  return false;
}

// The same with other transactions, made now.
TEST(oracle, live_transactions) {
  if (!has_btc_signer()) GTEST_SKIP() << "skipped: node_modules has no @scure/btc-signer";
  const std::string command = "node tests/vectors/utxo/transactions.mjs live " + std::to_string(kLive);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(popen(command.c_str(), "r"), pclose);
  ASSERT_TRUE(out);
  std::string text;
  std::vector<char> part(1 << 16);
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), out.get())) text.append(part.data(), size);
  std::istringstream lines(text);
  std::size_t checked = 0;
  TypesSeen seen;
  for (std::string line; std::getline(lines, line); ++checked) check(Json::parse(line), seen);
  EXPECT_EQ(checked, kLive);
  EXPECT_EQ(seen.size(), kAllTypes);
}

}  // namespace
}  // namespace holdfast::chain::utxo
