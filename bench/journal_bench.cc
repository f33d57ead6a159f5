// How fast the journal hashes, appends and replays. Appending ends in an fsync: read its numbers beside the raw
// fdatasync rate of the same run, for the same disk can be 40 times slower an hour later.
//
//   journal_bench [google benchmark flags]      the files go to $TMPDIR, or to the current folder
#include "journal/journal.h"
#include "journal/sqlite_storage.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::journal;

constexpr std::size_t kRecordBytes = 80;

std::string scratch(const std::string& name) {
  const char* folder = std::getenv("TMPDIR");
  return std::string(folder != nullptr ? folder : ".") + "/journal_bench_" + std::to_string(::getpid()) + "_" + name;
}

void remove_journal(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
}

LogKey bench_key() { return LogKey::from_seed(Secret(32), "holdfast.example/bench"); }

// Any error here is a broken bench.
template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::abort();
}

void fill(Batch& batch, std::int64_t records, std::uint64_t first) {
  for (std::int64_t i = 0; i < records; ++i) {
    const std::uint64_t index = first + static_cast<std::uint64_t>(i);
    std::uint8_t* bytes = batch.add(kRecordBytes);
    std::fill_n(bytes, kRecordBytes, std::uint8_t{0x5a});
    std::memcpy(bytes, &index, sizeof index);
  }
}

void raw_fdatasync(benchmark::State& state) {
  const std::string path = scratch("raw");
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::array<char, 4096> page{};
  for (auto _ : state) {
    if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || ::fdatasync(file) != 0) {
      state.SkipWithError("cannot write");
      break;
    }
  }
  ::close(file);
  std::filesystem::remove(path);
}
BENCHMARK(raw_fdatasync)->UseRealTime();

void append(benchmark::State& state) {
  const std::string path = scratch("append");
  if (!SqliteStorage::create(path)) std::abort();
  {
    const LogKey key = bench_key();
    const auto storage = must(SqliteStorage::open(path));
    const auto log = must(Journal::open(*storage, key, [](std::uint64_t, ByteView) -> Result<void> { return {}; }));
    Batch batch;
    for (auto _ : state) {
      fill(batch, state.range(0), log->head().size);
      benchmark::DoNotOptimize(must(log->append(batch)));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(log->head().size));
  }
  remove_journal(path);
}
BENCHMARK(append)->Arg(1)->Arg(64)->Arg(1024)->UseRealTime();
BENCHMARK(raw_fdatasync)->Name("raw_fdatasync_again")->UseRealTime();

// One journal per block size, made once and read by all replays of that size.
std::string journal_of(std::int64_t records, std::int64_t batch_records) {
  const std::string path = scratch("replay_" + std::to_string(batch_records));
  if (std::filesystem::exists(path)) return path;
  if (!SqliteStorage::create(path)) std::abort();
  const LogKey key = bench_key();
  const auto storage = must(SqliteStorage::open(path));
  const auto log = must(Journal::open(*storage, key, [](std::uint64_t, ByteView) -> Result<void> { return {}; }));
  Batch batch;
  while (log->head().size < static_cast<std::uint64_t>(records)) {
    fill(batch, batch_records, log->head().size);
    must(log->append(batch));
  }
  return path;
}

constexpr std::int64_t kReplayRecords = 1 << 20;

void scan(benchmark::State& state) {
  const auto storage = must(SqliteStorage::open_readonly(journal_of(kReplayRecords, state.range(0))));
  for (auto _ : state) {
    std::uint64_t bytes = 0;
    const auto read = storage->read(0, [&](const StoredBlock& stored) -> Result<void> {
      RecordReader reader(stored.block.records);
      while (const auto record = reader.next()) bytes += record->size();
      return {};
    });
    if (!read) std::abort();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kReplayRecords);
}
BENCHMARK(scan)->Arg(64)->Arg(1024)->UseRealTime()->Unit(benchmark::kMillisecond);

void replay_verified(benchmark::State& state) {
  const LogKey key = bench_key();
  const auto storage = must(SqliteStorage::open_readonly(journal_of(kReplayRecords, state.range(0))));
  const ReplayOptions options{.from = {}, .known_head = {}, .second_thread = state.range(1) == 2};
  for (auto _ : state) {
    std::uint64_t bytes = 0;
    const auto visit = [&](std::uint64_t, ByteView record) -> Result<void> {
      bytes += record.size();
      return {};
    };
    must(replay(*storage, {&key.verifier(), 1}, visit, options));
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kReplayRecords);
}
BENCHMARK(replay_verified)
    ->ArgNames({"block", "threads"})
    ->Args({64, 1})
    ->Args({64, 2})
    ->Args({1024, 1})
    ->Args({1024, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void hash_leaf(benchmark::State& state) {
  const Bytes record(kRecordBytes, 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(leaf_hash(record));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_leaf);

void grow_tree(benchmark::State& state) {
  const Bytes record(kRecordBytes, 0x5a);
  Frontier tree;
  for (auto _ : state) tree.append(leaf_hash(record));
  benchmark::DoNotOptimize(tree.root());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(grow_tree);

void sign_one_checkpoint(benchmark::State& state) {
  const LogKey key = bench_key();
  for (auto _ : state) benchmark::DoNotOptimize(sign_checkpoint({key.name(), 1, empty_root()}, key));
}
BENCHMARK(sign_one_checkpoint);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  for (const std::int64_t size : {64, 1024}) remove_journal(scratch("replay_" + std::to_string(size)));
  return EXIT_SUCCESS;
}
