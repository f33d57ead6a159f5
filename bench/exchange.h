// For benches: an exchange in a folder of its own, with one chain, one coin, and customers who have plenty of it.
#pragma once

#include "bench/measure.h"
#include "engine/engine.h"
#include "engine/snapshot.h"
#include "journal/sqlite_storage.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <unistd.h>
#include <vector>

namespace holdfast::bench {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
  }
};

// A folder that goes away with it.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "holdfast-bench-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Appends of 4 KiB, each followed by fdatasync: the raw limit of durable commits in the same minute. Per second.
inline double raw_syncs_per_second(const Scratch& scratch, int rounds = 400) {
  const int file = open(scratch.file("raw").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const std::vector<char> block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < rounds && file >= 0; ++i) {
    const double start = seconds();
    if (write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) || fdatasync(file) != 0) break;
    times.push_back(seconds() - start);
  }
  close(file);
  return times.empty() ? 0 : 1 / percentile(times, 0.5);
}

inline custody::Address customer_address(std::uint64_t customer) {
  Bytes raw(20, 0xc0);
  for (std::size_t i = 0; i < 8; ++i) raw[i] = static_cast<std::uint8_t>(customer >> (8 * i));
  return custody::Address(raw);
}

// What founds the exchange: registrations, customers, and one final block in which each of them deposits.
inline std::vector<custody::Command> founding(std::uint64_t customers) {
  using namespace custody;
  Asset asset;
  asset.chain = {1};
  asset.symbol = "ETH";
  asset.decimals = 18;
  asset.price_micro_usd = 1'000'000'000;
  asset.auto_approve_max = asset.withdrawal_max = Amount::of(Int128{1} << 80);
  Wallet deposits;
  deposits.chain = {1};
  deposits.kind = WalletKind::forwarders;
  deposits.name = "deposits";
  deposits.address = Address(Bytes(20, 7));
  std::vector<Command> out{RegisterChain{{{}, "eip155:1", 0}}, RegisterAsset{asset}, RegisterWallet{deposits}};
  BlockFacts facts;
  facts.block.height = 1;
  for (std::uint64_t i = 1; i <= customers; ++i) {
    out.push_back(CreateCustomer{"customer-" + std::to_string(i)});
    out.push_back(AssignDepositAddress{{{i}, {1}, customer_address(i), {}}});
    facts.deposits.push_back({customer_address(i), {1}, Amount::of(Int128{1} << 79), {}, static_cast<std::uint32_t>(i)});
  }
  out.push_back(ConnectBlock{{1}, facts});
  out.push_back(FinalizeBlocks{{1}, 1});
  return out;
}

template <class T>
T expect(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s: %s (%s)\n", what, result.error().text.c_str(), std::string(result.error().code).c_str());
  std::exit(1);
}

// Lists were asked, and say nothing.
inline std::string no_labels(std::string_view, const custody::Address&) { return "none"; }

// The journal of an exchange on disk, and an engine over it.
class Exchange {
 public:
  explicit Exchange(const Scratch& scratch)
      : key_(expect(journal::LogKey::create(scratch.file("journal.key"), "holdfast.bench/journal"), "key")),
        snapshots_(scratch.path()),
        path_(scratch.file("journal.db")) {
    if (!journal::SqliteStorage::create(path_)) std::exit(1);
    storage_ = expect(journal::SqliteStorage::open(path_), "journal");
  }
  std::unique_ptr<engine::Engine> open(bool with_snapshots) {
    return expect(engine::Engine::open(*storage_, key_, clock_, with_snapshots ? &snapshots_ : nullptr, {{}, no_labels}), "engine");
  }
  const std::string& path() const { return path_; }
  SystemClock& clock() { return clock_; }
  journal::Storage& storage() { return *storage_; }
  const journal::LogKey& key() const { return key_; }

 private:
  journal::LogKey key_;
  engine::SnapshotFolder snapshots_;
  std::string path_;
  SystemClock clock_;
  std::unique_ptr<journal::SqliteStorage> storage_;
};

}  // namespace holdfast::bench
