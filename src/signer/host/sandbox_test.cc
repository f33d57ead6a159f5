// Each thing that a signer must not do any more is tried in a process that has entered the sandbox; and so is what it has to do.
#include "signer/host/sandbox.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace holdfast::signer {
namespace {

constexpr int kNotEntered = 100;

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandbox.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    std::filesystem::create_directory(data());
    std::ofstream(folder + "/outside") << "old";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string data() const { return folder + "/data"; }

  // What it returns in a process inside of the sandbox; below 100.
  int inside(const std::function<int()>& attempt) const {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(60);
      if (!enter_sandbox({data()})) ::_exit(kNotEntered);
      ::_exit(attempt());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // The errno with which it fails there; 0: it succeeds.
  int error_of(const std::function<bool()>& attempt) const {
    return inside([&] { return attempt() ? 0 : errno; });
  }

  std::string folder;
};

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

bool has_landlock() { return landlock_offered() > 0; }

bool bind_to(int family) {
  const int one = ::socket(family, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = static_cast<sa_family_t>(family);
  return one >= 0 && ::bind(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TEST_F(SandboxTest, starts_no_program) {
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  EXPECT_EQ(error_of([&] { return ::execv(name, arguments) == 0; }), EPERM);
  EXPECT_EQ(error_of([&] { return ::syscall(SYS_execveat, AT_FDCWD, name, arguments, nullptr, 0) == 0; }), EPERM);
}

TEST_F(SandboxTest, makes_no_process) {
  if (is_sanitized()) GTEST_SKIP() << "the leak check needs it";
  EXPECT_EQ(error_of([] { return ::fork() >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::vfork() >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_clone3, nullptr, 0) >= 0; }), ENOSYS);
  EXPECT_EQ(inside([] { return std::system("true") == 0 ? 1 : 0; }), 0);
}

TEST_F(SandboxTest, listens_on_nothing) {
  EXPECT_EQ(error_of([] { return bind_to(AF_INET); }), EPERM);
  EXPECT_EQ(error_of([] { return bind_to(AF_UNIX); }), EPERM);
  EXPECT_EQ(error_of([] { return ::listen(::socket(AF_INET, SOCK_STREAM, 0), 1) == 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::accept(::socket(AF_INET, SOCK_STREAM, 0), nullptr, nullptr) >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::accept4(::socket(AF_INET, SOCK_STREAM, 0), nullptr, nullptr, 0) >= 0; }), EPERM);
}

TEST_F(SandboxTest, looks_into_no_process) {
  if (!is_sanitized()) {
    EXPECT_EQ(error_of([] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0; }), EPERM);
  }
  EXPECT_EQ(error_of([] { return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0) >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_pidfd_getfd, 0, 0, 0) >= 0; }), EPERM);
}

TEST_F(SandboxTest, touches_no_kernel_and_no_namespace) {
  EXPECT_EQ(error_of([] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_unshare, 0) == 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr) == 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0) >= 0; }), EPERM);
  EXPECT_EQ(error_of([] { return ::syscall(SYS_userfaultfd, 0) >= 0; }), EPERM);
}

TEST_F(SandboxTest, writes_nothing_outside_of_its_folder) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  const std::string outside = folder + "/outside", fresh = folder + "/fresh";
  EXPECT_EQ(error_of([&] { return ::open(fresh.c_str(), O_WRONLY | O_CREAT, 0600) >= 0; }), EACCES);
  EXPECT_EQ(error_of([&] { return ::open(outside.c_str(), O_WRONLY) >= 0; }), EACCES);
  EXPECT_EQ(error_of([&] { return ::open((testing::TempDir() + "fresh").c_str(), O_WRONLY | O_CREAT, 0600) >= 0; }), EACCES);
  EXPECT_EQ(error_of([&] { return ::mkdir(fresh.c_str(), 0700) == 0; }), EACCES);
  EXPECT_EQ(error_of([&] { return ::unlink(outside.c_str()) == 0; }), EACCES);
  EXPECT_EQ(error_of([&] { return ::symlink("/", fresh.c_str()) == 0; }), EACCES);
  EXPECT_NE(error_of([&] { return ::rename(outside.c_str(), (data() + "/taken").c_str()) == 0; }), 0);
  std::ifstream in(outside);
  std::string text;
  in >> text;
  EXPECT_EQ(text, "old");
}

TEST_F(SandboxTest, leaves_files_threads_and_ways_out) {
  EXPECT_EQ(inside([&] {
              std::ofstream(data() + "/mine") << "text";
              return std::filesystem::file_size(data() + "/mine") == 4 && ::rename((data() + "/mine").c_str(), (data() + "/other").c_str()) == 0 ? 0 : 1;
            }), 0);
  EXPECT_EQ(inside([] {
              int done = 1;
              std::thread([&] { done = 0; }).join();
              return done;
            }), 0);
  // A refused connection is one that was tried.
  EXPECT_EQ(error_of([] {
              sockaddr_in address{};
              address.sin_family = AF_INET;
              address.sin_port = htons(1);
              address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
              return ::connect(::socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
            }), ECONNREFUSED);
}

TEST_F(SandboxTest, leaves_sqlite_its_journal) {
  EXPECT_EQ(inside([&] {
              sqlite3* database = nullptr;
              const std::string path = data() + "/journal.db";
              if (::sqlite3_open(path.c_str(), &database) != SQLITE_OK) return 1;
              const char* work = "pragma journal_mode=wal; pragma synchronous=full; create table t(x); insert into t values (1);";
              const int done = ::sqlite3_exec(database, work, nullptr, nullptr, nullptr) == SQLITE_OK ? 0 : 2;
              ::sqlite3_close(database);
              return done;
            }), 0);
}

TEST_F(SandboxTest, holds_for_threads_and_cannot_be_left) {
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  EXPECT_EQ(inside([&] {
              int code = 0;
              std::thread([&] { code = ::execv(name, arguments) == 0 ? 0 : errno; }).join();
              return code;
            }), EPERM);
  // A second time it is entered again, and allows no more than the first.
  EXPECT_EQ(inside([&] {
              if (!enter_sandbox({data(), folder})) return 1;
              if (!has_landlock()) return 0;
              return ::open((folder + "/fresh").c_str(), O_WRONLY | O_CREAT, 0600) < 0 ? 0 : 2;
            }), 0);
}

TEST_F(SandboxTest, is_not_entered_without_its_folders) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto entered = enter_sandbox({folder + "/nowhere"});
    ::_exit(!entered && entered.error().code == "sandbox_not_entered" ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace holdfast::signer
