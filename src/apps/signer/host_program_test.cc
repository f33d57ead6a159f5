// The real program on its host: beside another signer, as root, and inside of its sandbox.
#include "apps/signer/test_program.h"

namespace holdfast::signer::test {
namespace {

class HostProgram : public Program {
 protected:
  std::string run() const { return "run --allow-root --passphrase-fd 3 --config " + folder + "/signer.toml"; }
  // Of the running program, as the kernel has it.
  std::string kernel_status(const std::string& field) const {
    std::ifstream in("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with(field + ":")) return line.substr(line.find_first_not_of(" \t", field.size() + 1));
    }
    return "";
  }
};

TEST_F(HostProgram, does_not_start_beside_another_signer_of_its_wallets) {
  const auto made = init();
  start_server();
  write_config(made["accounts"][0]["address"], server->port());
  start();
  EXPECT_FALSE(next(proto::FromSigner::kHello).hello().allows_same_host());
  // The same keys from another folder: the journal's lock would not see it.
  std::filesystem::copy(folder + "/data", folder + "/copy");
  const std::string own = read_all(folder + "/signer.toml");
  std::string other = own;
  other.replace(other.find("\"data\""), 6, "\"copy\"");
  std::ofstream(folder + "/signer.toml") << other;
  const Done beside = call(run());
  EXPECT_EQ(beside.code, 3);
  EXPECT_NE(beside.err.find("wallet_guarded_here"), std::string::npos) << beside.err;
  EXPECT_EQ(stop(SIGKILL), -1);
  std::ofstream(folder + "/signer.toml") << own;
  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().name(), "alpha");
}

TEST_F(HostProgram, says_at_each_start_that_another_may_run_here) {
  const auto made = init();
  start_server();
  write_config(made["accounts"][0]["address"], server->port(), "key_file = \"alpha.keys\"\nallow_same_host = true\n");
  start();
  EXPECT_TRUE(next(proto::FromSigner::kHello).hello().allows_same_host());
  EXPECT_EQ(stop(SIGTERM), 0);
  EXPECT_NE(read_all(folder + "/log").find("allow_same_host is set, for demos and tests"), std::string::npos);
  EXPECT_NE(call("status --config " + folder + "/signer.toml").out.find("same host   allowed"), std::string::npos);
}

TEST_F(HostProgram, does_not_run_as_root) {
  if (::geteuid() != 0) GTEST_SKIP() << "this test is not root";
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  const Done done = call("run --passphrase-fd 3 --config " + folder + "/signer.toml");
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("run_as_root"), std::string::npos) << done.err;
}

TEST_F(HostProgram, has_entered_its_sandbox_when_it_attaches) {
  const auto made = init();
  start_server();
  write_config(made["accounts"][0]["address"], server->port());
  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().name(), "alpha");
  EXPECT_EQ(kernel_status("Seccomp"), "2");
  EXPECT_EQ(kernel_status("NoNewPrivs"), "1");
  // All of its threads: what it serves with began behind the sandbox.
  std::size_t threads = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    const std::string status = read_all(thread.path().string() + "/status");
    EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos);
    ++threads;
  }
  EXPECT_GT(threads, 1u);
  EXPECT_NE(read_all(folder + "/log").find("sandbox: seccomp"), std::string::npos);
}

TEST_F(HostProgram, takes_its_passphrase_from_a_file_for_it_alone) {
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  std::ofstream(folder + "/credential") << kPassphrase << "\n";
  std::filesystem::permissions(folder + "/credential", std::filesystem::perms::owner_read);
  const std::string thaw = "thaw --by alice --config " + folder + "/signer.toml --passphrase-file " + folder + "/credential";
  EXPECT_NE(call(thaw).err.find("not_frozen"), std::string::npos);
  std::filesystem::permissions(folder + "/credential", std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(call(thaw).code, 2);
}

}  // namespace
}  // namespace holdfast::signer::test
