// The key file: what is put in comes out, and everything else is told apart.
#include "signer/keys/key_file.h"

#include "signer/keys/secure_file.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace holdfast::signer {
namespace {

Secret text(std::string_view value) { return Secret::copy_of(as_bytes(value)); }

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_all(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "keyfile.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    path = folder + "/alpha.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  // An owner, a gas wallet and a single-key wallet.
  std::vector<NamedKey> keys() const {
    std::vector<NamedKey> out;
    out.push_back({KeyRole::owner, Secret::copy_of(Bytes(32, 1))});
    out.push_back({KeyRole::gas, Secret::copy_of(Bytes(32, 2))});
    out.push_back({KeyRole::single_key, Secret::copy_of(Bytes(32, 3))});
    return out;
  }
  void create() { ASSERT_TRUE(create_key_file(path, keys(), passphrase, KdfCost::minimal()).has_value()); }
  std::string_view code_of_open() { return open_key_file(path, passphrase).error().code; }

  std::string folder;
  std::string path;
  Secret passphrase = text("correct horse battery");
};

TEST_F(KeyFile, gives_back_the_keys) {
  create();
  const auto ring = open_key_file(path, passphrase);
  ASSERT_TRUE(ring.has_value());
  EXPECT_EQ(ring->owner(), *chain::evm::address_of_key(keys()[0].secret));
  EXPECT_EQ(ring->accounts().size(), 2u);
  const Hash32 digest = Hash32::from(Bytes(32, 9));
  EXPECT_EQ(*ring->sign(ring->accounts()[1], digest), *chain::evm::sign(keys()[2].secret, digest));
  EXPECT_EQ(ring->sign({}, digest).error().code, "key_missing");
}

TEST_F(KeyFile, lists_addresses_without_a_passphrase) {
  create();
  const auto entries = list_key_file(path);
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0], (KeyEntry{KeyRole::owner, *chain::evm::address_of_key(keys()[0].secret)}));
  EXPECT_EQ((*entries)[2].role, KeyRole::single_key);
}

TEST_F(KeyFile, holds_one_seed_beside_the_keys) {
  auto with_seed = keys();
  with_seed.push_back({KeyRole::seed, Secret::copy_of(Bytes(32, 4))});
  ASSERT_TRUE(create_key_file(path, with_seed, passphrase, KdfCost::minimal()).has_value());
  EXPECT_EQ(read_all(path)[6], 2);  // Its version: older programs say that a newer one has to read it.
  const auto ring = open_key_file(path, passphrase);
  ASSERT_TRUE(ring.has_value());
  // Twenty-four words of Bytes(32, 4), their seed, its master key: hash160.
  const auto id = *id_of_master(*master_of_entropy(Secret::copy_of(Bytes(32, 4))));
  EXPECT_EQ(ring->seed_id(), id);
  EXPECT_EQ(ring->accounts().size(), 2u);
  EXPECT_EQ((*list_key_file(path))[3], (KeyEntry{KeyRole::seed, id}));
  EXPECT_TRUE(open_seed(path, passphrase)->equals_in_constant_time(Secret::copy_of(Bytes(32, 4))));
  EXPECT_EQ(open_seed(path, text("correct horse batterY")).error().code, "passphrase_wrong");
  EXPECT_EQ(read_all(path).find(std::string(8, 4)), std::string::npos);
}

TEST_F(KeyFile, holds_a_seed_alone_of_a_signer_whose_other_keys_are_elsewhere) {
  std::vector<NamedKey> seed;
  seed.push_back({KeyRole::seed, Secret::copy_of(Bytes(32, 4))});
  ASSERT_TRUE(create_key_file(path, seed, passphrase, KdfCost::minimal()).has_value());
  EXPECT_EQ(read_all(path)[6], 3);
  EXPECT_EQ(code_of_open(), "owner_missing");
  EXPECT_EQ(list_key_file(path)->size(), 1u);
  EXPECT_TRUE(open_seed(path, passphrase)->equals_in_constant_time(Secret::copy_of(Bytes(32, 4))));
}

TEST_F(KeyFile, holds_no_two_seeds_and_none_unless_asked) {
  auto two = keys();
  two.push_back({KeyRole::seed, Secret::copy_of(Bytes(32, 4))});
  two.push_back({KeyRole::seed, Secret::copy_of(Bytes(32, 5))});
  EXPECT_EQ(create_key_file(path, two, passphrase, KdfCost::minimal()).error().code, "seed_twice");
  create();
  EXPECT_EQ(read_all(path)[6], 1);
  EXPECT_FALSE(open_key_file(path, passphrase)->seed_id().has_value());
  EXPECT_EQ(open_seed(path, passphrase).error().code, "seed_missing");
  EXPECT_EQ(open_key_file(path, passphrase)->public_key({1}).error().code, "key_missing");
  EXPECT_EQ(open_key_file(path, passphrase)->sign_inputs({}).error().code, "key_missing");
}

TEST_F(KeyFile, holds_no_secret_in_the_clear) {
  create();
  const std::string bytes = read_all(path);
  for (char key = 1; key <= 3; ++key) EXPECT_EQ(bytes.find(std::string(8, key)), std::string::npos);
  EXPECT_EQ(bytes.find("correct"), std::string::npos);
}

TEST_F(KeyFile, is_for_its_owner_only) {
  create();
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(code_of_open(), "key_file_exposed");
  EXPECT_EQ(list_key_file(path).error().code, "key_file_exposed");
}

TEST_F(KeyFile, is_never_overwritten) {
  create();
  EXPECT_EQ(create_key_file(path, keys(), passphrase, KdfCost::minimal()).error().code, "key_file_exists");
}

TEST_F(KeyFile, tells_a_wrong_passphrase_from_damage) {
  create();
  EXPECT_EQ(open_key_file(path, text("correct horse batterY")).error().code, "passphrase_wrong");
  const std::string bytes = read_all(path);
  for (std::size_t at = 8; at < bytes.size(); ++at) {  // Behind magic, version and kind of derivation.
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    write_all(path, changed);
    ASSERT_EQ(code_of_open(), "key_file_damaged") << at;
  }
}

TEST_F(KeyFile, names_what_it_cannot_read) {
  EXPECT_EQ(code_of_open(), "key_file_not_read");
  create();
  const std::string bytes = read_all(path);
  write_all(path, "");
  EXPECT_EQ(code_of_open(), "key_file_malformed");
  write_all(path, "x" + bytes);
  EXPECT_EQ(code_of_open(), "key_file_malformed");
  write_all(path, bytes + std::string(100'000, 'x'));
  EXPECT_EQ(code_of_open(), "key_file_malformed");
  std::string newer = bytes;
  newer[6] = 4;
  write_all(path, newer);
  EXPECT_EQ(code_of_open(), "key_file_version");
}

TEST_F(KeyFile, wants_a_long_passphrase_and_distinct_keys) {
  EXPECT_EQ(create_key_file(path, keys(), text("short"), KdfCost::minimal()).error().code, "passphrase_too_short");
  auto twice = keys();
  twice.push_back({KeyRole::gas, Secret::copy_of(Bytes(32, 1))});
  EXPECT_EQ(create_key_file(path, twice, passphrase, KdfCost::minimal()).error().code, "key_twice");
  auto invalid = keys();
  invalid.push_back({KeyRole::gas, Secret::copy_of(Bytes(32, 0xff))});
  EXPECT_EQ(create_key_file(path, invalid, passphrase, KdfCost::minimal()).error().code, "key_invalid");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KeyFile, generates_a_new_key_each_time) {
  EXPECT_NE(*chain::evm::address_of_key(generate_key()), *chain::evm::address_of_key(generate_key()));
}

TEST_F(KeyFile, reads_secrets_line_by_line_from_a_descriptor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string_view input = "first line\nsecond";
  ASSERT_EQ(::write(ends[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
  ::close(ends[1]);
  EXPECT_EQ(as_text(read_secret_line(ends[0], 64)->reveal()), "first line");
  EXPECT_EQ(read_secret_line(ends[0], 3).error().code, "secret_too_long");
  ::close(ends[0]);
  EXPECT_EQ(read_secret_line(ends[0], 3).error().code, "secret_not_read");
}

}  // namespace
}  // namespace holdfast::signer
