// Kills a process that appends to a real file, again and again, and looks whether all that it was promised is there.
#include "base/check.h"
#include "journal/journal.h"
#include "journal/sqlite_storage.h"
#include "journal/test_folder.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

namespace holdfast::journal {
namespace {

// Appends for ever; after each append that has returned, writes the size it was promised to the pipe.
[[noreturn]] void append_until_killed(const std::string& path, int pipe) {
  const LogKey key = test_key();
  const auto storage = SqliteStorage::open(path);
  HF_CHECK(storage.has_value());
  const auto log = Journal::open(**storage, key, ignore_records());
  HF_CHECK(log.has_value());
  Batch batch;
  for (std::uint64_t round = 0;; ++round) {
    fill(batch, (*log)->head().size, 1 + round % 300);
    const auto head = (*log)->append(batch);
    HF_CHECK(head.has_value());
    HF_CHECK(::write(pipe, &head->size, sizeof head->size) == sizeof head->size);
  }
}

// The last size that was promised by a process that is killed after so many promises.
std::uint64_t promised_before_the_kill(const std::string& path, int promises) {
  std::array<int, 2> pipe{};
  HF_CHECK(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  HF_CHECK(child >= 0);
  if (child == 0) {
    ::close(pipe[0]);
    append_until_killed(path, pipe[1]);
  }
  ::close(pipe[1]);
  std::uint64_t promised = 0;
  int heard = 0;
  while (::read(pipe[0], &promised, sizeof promised) == sizeof promised) {
    if (++heard == promises) HF_CHECK(::kill(child, SIGKILL) == 0);  // What is in the pipe by then was promised too.
  }
  ::close(pipe[0]);
  int status = 0;
  HF_CHECK(::waitpid(child, &status, 0) == child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return promised;
}

TEST(Crash, what_was_promised_survives_the_kill) {
  const TestFolder folder;
  const std::string path = folder.file("journal");
  ASSERT_TRUE(SqliteStorage::create(path));
  const LogKey key = test_key();
  std::uint64_t before = 0;
  for (int round = 0; round < 12; ++round) {
    const std::uint64_t promised = promised_before_the_kill(path, 1 + round * 23 % 97);
    ASSERT_GT(promised, before);
    const auto storage = SqliteStorage::open(path);
    ASSERT_TRUE(storage) << storage.error().text;
    Expecting expecting;
    const auto log = Journal::open(**storage, key, std::ref(expecting));
    ASSERT_TRUE(log) << log.error().text;
    EXPECT_EQ(expecting.next, (*log)->head().size);
    EXPECT_GE((*log)->head().size, promised);
    before = (*log)->head().size;
  }
}

}  // namespace
}  // namespace holdfast::journal
