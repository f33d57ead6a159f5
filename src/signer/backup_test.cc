// Backups: what is put in comes out; one that lies, is cut short, or names a place of its own is refused.
#include "signer/backup.h"

#include <gtest/gtest.h>

namespace holdfast::signer {
namespace {

Backup backup() {
  Backup out;
  out.signer = "alpha";
  out.made_at = {1'764'288'000'000};
  out.journal_records = 12;
  out.journal_root.bytes.fill(3);
  const auto address = [](std::uint8_t byte) { return chain::evm::Address20::from(Bytes(20, byte)); };
  out.keys = {{{KeyRole::owner, address(1)}, true}, {{KeyRole::gas, address(2)}, true}, {{KeyRole::seed, address(3)}, false}};
  out.files = {{"keys", Bytes(100, 9)}, {"config", to_bytes(as_bytes("name = \"alpha\"\n\nkey"))}, {"policy", {}}};
  return out;
}

std::string_view code(const Result<Backup>& result) { return result ? "taken" : result.error().code; }

std::string text() { return std::string(as_text(encode(backup()))); }

std::string_view code_of(std::string_view text) { return code(decode_backup(as_bytes(text))); }

std::string changed(std::string_view from, std::string_view to) {
  std::string out = text();
  const auto at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

TEST(Backup, gives_back_what_was_put_in) { EXPECT_EQ(decode_backup(encode(backup())).value(), backup()); }

TEST(Backup, is_refused_when_one_byte_differs) {
  const std::string good = text();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const auto decoded = decode_backup(as_bytes(bad));
    // A digit of what it says beside the files may be another digit: it is not what was made, and says so by its content.
    EXPECT_TRUE(!decoded || *decoded != backup()) << at;
    if (at >= good.find("\n\n")) {
      EXPECT_FALSE(decoded.has_value()) << at;
    }
  }
}

TEST(Backup, is_refused_cut_short_or_with_more_behind) {
  const std::string good = text();
  for (std::size_t size = 0; size < good.size(); ++size) ASSERT_NE(code_of(good.substr(0, size)), "taken") << size;
  EXPECT_EQ(code_of(good + "x"), "backup_malformed");
  EXPECT_EQ(code_of(std::string(kMaxBackupBytes + 1, 'x')), "backup_too_large");
}

TEST(Backup, is_refused_when_its_manifest_lies) {
  EXPECT_EQ(code_of(changed("file keys 100", "file keys 99")), "backup_damaged");
  EXPECT_EQ(code_of(changed("file keys 100", "file keys 0100")), "backup_malformed");
  EXPECT_EQ(code_of(changed("file keys 100", "file keys 999999")), "backup_malformed");
  EXPECT_EQ(code_of(changed("key owner token", "key gas token")), "backup_malformed");
  EXPECT_EQ(code_of(changed("key gas token", "key owner token")), "backup_malformed");
  EXPECT_EQ(code_of(changed("key gas token", "key gas cloud")), "backup_malformed");
  EXPECT_EQ(code_of(changed("signer alpha", "signer ALPHA")), "backup_malformed");
  EXPECT_EQ(code_of(changed("signer alpha", "signer alpha\nsigner beta")), "backup_malformed");
  EXPECT_EQ(code_of(changed("made 1", "made -1")), "backup_malformed");
  EXPECT_EQ(code_of(changed("journal 12 ", "journal 12  ")), "backup_malformed");
  EXPECT_EQ(code_of(changed("backup/1", "backup/2")), "backup_version");
}

TEST(Backup, names_no_place_of_its_own) {
  for (const char* name : {"../keys", "/etc/passwd", "keys/../../x", ".", "", "KEYS", "journal.db", "config\\x"}) {
    EXPECT_EQ(code_of(changed("file policy", std::string("file ") + name)), "backup_malformed") << name;
  }
  EXPECT_EQ(code_of(changed("file config", "file policy")), "backup_malformed");  // A name twice.
}

}  // namespace
}  // namespace holdfast::signer
