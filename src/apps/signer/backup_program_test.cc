// Backups by the real program through the real age: round trips, and everything that has to be refused.
#include "apps/signer/test_program.h"
#include "journal/log_key.h"
#include "journal/sqlite_storage.h"
#include "signer/backup.h"
#include "signer/signer.h"

#include <sys/stat.h>

namespace holdfast::signer::test {
namespace {

class BackupProgram : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    made = init("--single-key 1 --gas 1 --seed");
    write_config(made["accounts"][1]["address"], 1);
    recipient = new_identity("identity");
  }
  std::string new_identity(const std::string& name) const {
    EXPECT_EQ(std::system(("age-keygen -o " + folder + "/" + name + " 2> " + folder + "/said").c_str()), 0);
    const std::string said = read_all(folder + "/said");
    return said.substr(said.find("age1"), said.find('\n', said.find("age1")) - said.find("age1"));
  }
  std::string config() const { return " --config " + folder + "/signer.toml"; }
  Done back_up(const std::string& out = "backup.age", const std::string& more = "") {
    return call("backup" + config() + " --recipient " + recipient + more + " --out " + folder + "/" + out);
  }
  std::string restore_arguments(const std::string& in = "backup.age", const std::string& identity = "identity") const {
    return "restore --identity " + folder + "/" + identity + " --in " + folder + "/" + in + " --data " + folder + "/new --key-file " + folder +
           "/new.keys ";
  }
  Done drill(const std::string& more = "", const std::string& in = "backup.age", const std::string& passphrase = kPassphrase) {
    return call("drill" + config() + " --passphrase-fd 3 --identity " + folder + "/identity --in " + folder + "/" + in + more, passphrase);
  }
  nlohmann::json record() const { return nlohmann::json::parse(read_all(folder + "/data/drill.json")); }

  // What an intruder could make who knows the recipient, which is no secret.
  void seal(const std::string& plain, const std::string& name) const {
    std::ofstream(folder + "/plain", std::ios::binary) << plain;
    EXPECT_EQ(std::system(("age -r " + recipient + " -o " + folder + "/" + name + " " + folder + "/plain").c_str()), 0);
  }
  std::string open() const {
    EXPECT_EQ(std::system(("age -d -i " + folder + "/identity -o " + folder + "/opened " + folder + "/backup.age").c_str()), 0);
    return read_all(folder + "/opened");
  }
  // Nothing of a restore is there.
  void expect_nothing_restored() const {
    for (const char* name : {"/new", "/new.keys"}) EXPECT_FALSE(std::filesystem::exists(folder + name)) << name;
  }

  nlohmann::json made;
  std::string recipient;
};

TEST_F(BackupProgram, restores_a_signer_that_has_forgotten_and_only_saves) {
  ASSERT_EQ(back_up().code, 0);
  struct stat status{};
  ASSERT_EQ(::stat((folder + "/backup.age").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_NE(back_up().err.find("key_file_exists"), std::string::npos);  // Never overwritten.

  const Done refused = call(restore_arguments());
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("journal_missing"), std::string::npos) << refused.err;
  expect_nothing_restored();

  const Done restored = call(restore_arguments() + "--forgotten --by alice");
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_EQ(read_all(folder + "/new.keys"), read_all(folder + "/alpha.keys"));
  EXPECT_EQ(read_all(folder + "/new/restored-config.toml"), read_all(folder + "/signer.toml"));
  EXPECT_NE(call(restore_arguments() + "--forgotten --by alice").err.find("file_exists"), std::string::npos);

  // On its new host it attaches, says so, and signs no withdrawal.
  std::filesystem::remove_all(folder + "/data");
  std::filesystem::rename(folder + "/new", folder + "/data");
  start_server();
  write_config(made["accounts"][1]["address"], server->port());
  start();
  EXPECT_TRUE(next(proto::FromSigner::kHello).hello().forgot());
  Address20 customer;
  customer.bytes.fill(kCustomerByte);
  EXPECT_EQ(ask(address(made["accounts"][1]["address"]), 5, customer).refusal(), "memory_lost");
  EXPECT_EQ(ask_to_save(address(made["accounts"][1]["address"]), 5).refusal(), "");
  EXPECT_EQ(stop(SIGTERM), 0);
  EXPECT_TRUE(nlohmann::json::parse(call("status --json" + config()).out)["forgot"].get<bool>());
}

TEST_F(BackupProgram, restores_one_that_has_its_own_journal_and_remembers) {
  ASSERT_EQ(back_up().code, 0);
  start_server();
  write_config(made["accounts"][1]["address"], server->port());
  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().signed_count(), 0u);
  EXPECT_EQ(ask_to_save(address(made["accounts"][1]["address"]), 5).refusal(), "");
  EXPECT_EQ(stop(SIGTERM), 0);

  // The disk lived, the rest is new.
  std::filesystem::create_directory(folder + "/new");
  for (const char* name : {"/journal.db", "/journal.key"}) std::filesystem::copy(folder + "/data" + name, folder + "/new" + name);
  EXPECT_NE(call(restore_arguments() + "--forgotten --by alice").err.find("journal_present"), std::string::npos);
  const Done restored = call(restore_arguments());
  ASSERT_EQ(restored.code, 0) << restored.err;
  std::filesystem::remove_all(folder + "/data");
  std::filesystem::rename(folder + "/new", folder + "/data");
  start();
  const auto hello = next(proto::FromSigner::kHello).hello();
  EXPECT_FALSE(hello.forgot());
  EXPECT_EQ(hello.signed_count(), 1u);
}

TEST_F(BackupProgram, takes_no_journal_that_is_older_than_the_backup_or_another_ones) {
  start_server();
  write_config(made["accounts"][1]["address"], server->port());
  std::filesystem::copy(folder + "/data", folder + "/new");
  start();
  next(proto::FromSigner::kHello);
  EXPECT_EQ(ask_to_save(address(made["accounts"][1]["address"]), 5).refusal(), "");
  EXPECT_EQ(stop(SIGTERM), 0);
  ASSERT_EQ(back_up().code, 0);
  const Done behind = call(restore_arguments());
  EXPECT_EQ(behind.code, 5);
  EXPECT_NE(behind.err.find("journal_behind"), std::string::npos) << behind.err;

  // As long, and of other records.
  std::filesystem::remove_all(folder + "/new");
  std::filesystem::create_directory(folder + "/new");
  {
    const auto key = *journal::LogKey::create(folder + "/new/journal.key", "holdfast-signer/alpha");
    ASSERT_TRUE(journal::SqliteStorage::create(folder + "/new/journal.db").has_value());
    const auto storage = *journal::SqliteStorage::open(folder + "/new/journal.db");
    ASSERT_TRUE(begin_forgotten(*storage, key, 0, {}, "mallory", {}).has_value());
  }
  const Done forked = call(restore_arguments());
  EXPECT_EQ(forked.code, 5);
  EXPECT_NE(forked.err.find("journal_forked"), std::string::npos) << forked.err;
  EXPECT_FALSE(std::filesystem::exists(folder + "/new.keys"));
}

TEST_F(BackupProgram, is_opened_by_any_of_its_recipients_and_by_nobody_else) {
  const std::string second = new_identity("second");
  new_identity("stranger");
  ASSERT_EQ(back_up("backup.age", " --recipient " + second).code, 0);
  const Done stranger = call(restore_arguments("backup.age", "stranger") + "--forgotten --by alice");
  EXPECT_EQ(stranger.code, 3);
  EXPECT_NE(stranger.err.find("backup_not_opened"), std::string::npos) << stranger.err;
  expect_nothing_restored();
  EXPECT_EQ(call(restore_arguments("backup.age", "second") + "--forgotten --by alice").code, 0);
}

TEST_F(BackupProgram, is_refused_damaged_cut_short_or_lying) {
  ASSERT_EQ(back_up().code, 0);
  const std::string sealed = read_all(folder + "/backup.age");
  const auto refuses = [&](const std::string& name, const std::string& code) {
    const Done done = call(restore_arguments(name) + "--forgotten --by alice");
    EXPECT_EQ(done.code, 3) << name;
    EXPECT_NE(done.err.find(code), std::string::npos) << name << done.err;
    expect_nothing_restored();
  };
  for (const std::size_t at : {std::size_t{3}, sealed.size() / 2, sealed.size() - 1}) {
    std::string flipped = sealed;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    std::ofstream(folder + "/bad.age", std::ios::binary) << flipped;
    refuses("bad.age", "backup_not_opened");
  }
  std::ofstream(folder + "/bad.age", std::ios::binary) << sealed.substr(0, sealed.size() - 40);
  refuses("bad.age", "backup_not_opened");
  std::ofstream(folder + "/bad.age", std::ios::binary) << "";
  refuses("bad.age", "backup_not_opened");

  const std::string plain = open();
  const auto at = plain.find("file keys ");
  seal(std::string(plain).replace(at, 10, "file ../../keys "), "bad.age");
  refuses("bad.age", "backup_malformed");
  std::string other = plain;
  other.back() = static_cast<char>(other.back() ^ 1);
  seal(other, "bad.age");
  refuses("bad.age", "backup_damaged");
}

TEST_F(BackupProgram, drills_and_leaves_a_record_and_nothing_else) {
  ASSERT_EQ(back_up().code, 0);
  const std::string keys = read_all(folder + "/alpha.keys");
  const Done done = drill();
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("3 keys signed, the seed is the signer's"), std::string::npos) << done.out;
  EXPECT_TRUE(record()["good"].get<bool>());
  EXPECT_EQ(record()["keys_signed"], 3);
  EXPECT_EQ(read_all(folder + "/alpha.keys"), keys);
  for (const auto& left : std::filesystem::directory_iterator("/dev/shm")) {
    EXPECT_FALSE(left.path().filename().string().starts_with("holdfast-drill.") && left.last_write_time() > std::filesystem::last_write_time(folder + "/backup.age"))
        << left.path();
  }
}

TEST_F(BackupProgram, drills_that_fail_say_so_in_the_record_too) {
  ASSERT_EQ(back_up().code, 0);
  EXPECT_NE(drill("", "backup.age", "correct horse batterY").err.find("passphrase_wrong"), std::string::npos);
  EXPECT_FALSE(record()["good"].get<bool>());
  EXPECT_EQ(record()["refusal"], "passphrase_wrong");
  EXPECT_NE(drill(" --scratch " + std::string("/proc")).err.find("scratch_on_disk"), std::string::npos);

  // A manifest that names another key than the file holds.
  Backup backup = *decode_backup(as_bytes(open()));
  backup.keys[1].entry.address.bytes[0] ^= 1;
  seal(std::string(as_text(encode(backup))), "lying.age");
  EXPECT_NE(drill("", "lying.age").err.find("backup_keys_differ"), std::string::npos);
  // One of another signer.
  backup = *decode_backup(as_bytes(open()));
  backup.signer = "beta";
  seal(std::string(as_text(encode(backup))), "other.age");
  EXPECT_NE(drill("", "other.age").err.find("backup_of_another"), std::string::npos);
  // A key file of other keys under the right addresses in the manifest.
  backup = *decode_backup(as_bytes(open()));
  ASSERT_EQ(call("init --name alpha --data " + folder + "/d2 --key-file " + folder + "/k2 --gas 1 --single-key 1 --seed --passphrase-fd 3").code, 0);
  backup.files[0].bytes = to_bytes(as_bytes(read_all(folder + "/k2")));
  seal(std::string(as_text(encode(backup))), "swapped.age");
  EXPECT_NE(drill("", "swapped.age").err.find("backup_keys_differ"), std::string::npos);
  EXPECT_EQ(drill().code, 0);
  EXPECT_TRUE(record()["good"].get<bool>());
}

TEST_F(BackupProgram, wants_recipients_that_are_no_options) {
  for (const char* bad : {"age1ABC", "--help", "'age1x;id'", "'age1 x'", "ssh-ed25519"}) {
    const Done done = call("backup" + config() + " --recipient=" + bad + " --out " + folder + "/b.age");
    EXPECT_EQ(done.code, 3) << bad;
    EXPECT_NE(done.err.find("recipient_invalid"), std::string::npos) << bad << done.err;
  }
  EXPECT_FALSE(std::filesystem::exists(folder + "/b.age"));
}

TEST_F(BackupProgram, enrols_itself_in_words_that_its_owner_signed) {
  const Done done = call("enroll" + config() + " --passphrase-fd 3 --xpub \"bitcoin-main 48h/0h/0h/2h\"");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("owner " + made["owner"].get<std::string>()), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("xpub [" + made["seed"]["fingerprint"].get<std::string>() + "/48h/0h/0h/2h]xpub"), std::string::npos) << done.out;
  std::ofstream(folder + "/enrolment") << done.out;
  const Done good = call("enroll --check " + folder + "/enrolment");
  EXPECT_EQ(good.code, 0) << good.err;
  const std::string fingerprint = done.err.substr(done.err.find("fingerprint"), 31);
  EXPECT_NE(good.out.find(fingerprint), std::string::npos) << good.out << fingerprint;
  std::string spoiled = done.out;
  spoiled.replace(spoiled.find("alpha"), 5, "alphb");
  std::ofstream(folder + "/enrolment") << spoiled;
  EXPECT_NE(call("enroll --check " + folder + "/enrolment").err.find("enrolment_not_signed"), std::string::npos);
}

TEST_F(BackupProgram, retires_only_the_one_that_is_meant_and_for_ever) {
  ASSERT_EQ(back_up().code, 0);
  const std::string retire = "retire" + config() + " --passphrase-fd 3 --by alice --owner ";
  const Done other = call(retire + "0x00000000000000000000000000000000000000c0");
  EXPECT_EQ(other.code, 3);
  EXPECT_NE(other.err.find("owner_differs"), std::string::npos) << other.err;
  EXPECT_NE(call(retire + made["owner"].get<std::string>(), "correct horse batterY").err.find("passphrase_wrong"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder + "/alpha.keys"));

  const Done done = call(retire + made["owner"].get<std::string>());
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_FALSE(std::filesystem::exists(folder + "/alpha.keys"));
  EXPECT_TRUE(nlohmann::json::parse(call("status --json" + config()).out)["retired"].get<bool>());
  const std::string run = "run --allow-root" + config() + " --passphrase-fd 3";
  EXPECT_NE(call(run).err.find("retired"), std::string::npos);
  // Also when somebody brings the key file back: the journal remembers.
  EXPECT_EQ(call("restore --identity " + folder + "/identity --in " + folder + "/backup.age --data " + folder + "/data --key-file " + folder + "/alpha.keys").code, 0);
  EXPECT_NE(call(run).err.find(" retired"), std::string::npos);
  EXPECT_EQ(call(run).code, 3);
}

}  // namespace
}  // namespace holdfast::signer::test
