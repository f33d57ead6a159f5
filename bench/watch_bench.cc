// How fast real blocks are read and their outputs looked up among millions of own scripts, on one core, beside what the same
// bytes cost to copy and to hash. Caches are emptied before every block: between two of them a daemon does other things.
// Prints JSON.
//
//   watch_bench [scripts] [folder]
//
// Each file of the folder is one block in its wire form: the header, then the transactions, as `getblock ID 0` gives them, in
// bytes; nothing before it (no magic, no length). What is smaller than 100 kB, or no block, is left out.
#include "bench/measure.h"
#include "chain/utxo/codec/block.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/watch/watch_index.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

constexpr int kRounds = 15;
constexpr std::size_t kSmallestBlock = 100'000;  // Smaller ones say nothing of speed.
constexpr std::uint64_t kMostScripts = 1'000'000'000;
constexpr std::size_t kForeign = 1'000'000;
constexpr std::uint64_t kOwnEvery = 50;          // Of the blocks' own outputs, one in so many is watched.

// Half P2WPKH, half P2TR: an exchange's deposit addresses.
std::array<std::uint8_t, 34> script(std::uint64_t number) {
  std::array<std::uint8_t, 34> out{0x51, 0x20};
  std::memcpy(out.data() + 2, &number, sizeof number);
  return out;
}

ByteView view_of(const std::array<std::uint8_t, 34>& whole, std::uint64_t number) {
  return ByteView(whole).first(number % 2 == 0 ? 34 : 22);
}

// Reads more than any cache holds. (Writing would leave lines behind that have to be written back first.)
class CacheEater {
 public:
  void run() {
    for (std::size_t i = 0; i < bytes_.size(); i += 64) sum_ += bytes_[i];
  }
  std::uint64_t sum() const { return sum_; }

 private:
  Bytes bytes_ = Bytes(std::size_t{96} << 20, 1);
  std::uint64_t sum_ = 0;
};

struct Filled {
  WatchIndex index;
  double build_s = 0;
  double longest_add_us = 0;
};

// What one address more costs at worst while the index grows from nothing: of three times over, the least for each address,
// for the machine has hiccups of its own.
double longest_add_us(const WatchIndex::Key& key, std::uint64_t scripts) {
  std::vector<float> least(scripts, 1e9F);
  for (int round = 0; round < 3; ++round) {
    WatchIndex growing(key);
    for (std::uint64_t i = 0; i < scripts; ++i) {
      const auto one = script(i);
      const double start = bench::seconds();
      growing.add(view_of(one, i));
      least[i] = std::min(least[i], static_cast<float>((bench::seconds() - start) * 1e6));
    }
  }
  return static_cast<double>(*std::ranges::max_element(least));
}

Filled fill(std::uint64_t scripts) {
  const auto key = WatchIndex::random_key();
  Filled out{WatchIndex(key, scripts), 0, longest_add_us(key, scripts)};
  const double start = bench::cpu_seconds();
  std::vector<std::array<std::uint8_t, 34>> part;
  std::vector<ByteView> views;
  for (std::uint64_t i = 0; i < scripts;) {
    part.clear();
    views.clear();
    for (; part.size() < 4096 && i < scripts; ++i) part.push_back(script(i));
    for (std::size_t j = 0; j < part.size(); ++j) views.push_back(view_of(part[j], i - part.size() + j));
    out.index.add_all(views);
  }
  out.build_s = bench::cpu_seconds() - start;
  return out;
}

struct Lookups {
  double single_ns = 0;
  double queued_ns = 0;
  std::uint64_t false_matches = 0;
};

// Of scripts that are not there, spread over the whole table.
Lookups look_up(const WatchIndex& index, std::uint64_t scripts) {
  std::vector<std::array<std::uint8_t, 34>> foreign;
  for (std::uint64_t i = 0; i < kForeign; ++i) foreign.push_back(script(scripts + 2 * i));
  Lookups out;
  double start = bench::cpu_seconds();
  for (const auto& each : foreign) out.false_matches += index.may_contain(ByteView(each));
  out.single_ns = (bench::cpu_seconds() - start) / kForeign * 1e9;
  std::uint64_t again = 0;
  start = bench::cpu_seconds();
  WatchQueue<std::size_t, std::function<void(std::size_t)>> queue(index, [&](std::size_t) { ++again; });
  for (const auto& each : foreign) queue.push(each, 0);
  queue.drain();
  out.queued_ns = (bench::cpu_seconds() - start) / kForeign * 1e9;
  if (again != out.false_matches) std::abort();
  return out;
}

class Counting : public BlockVisitor {
 public:
  void output(std::uint32_t, std::int64_t, ByteView script) override {
    ++outputs;
    if (WatchIndex::is_watchable(script.size()) && outputs % kOwnEvery == 0) own.push_back(to_bytes(script));
  }
  std::uint64_t outputs = 0;
  std::vector<Bytes> own;
};

class Matching : public BlockVisitor {
 public:
  explicit Matching(const WatchIndex& index) : queue_(index, [this](std::uint32_t) { ++matches; }) {}
  void output(std::uint32_t vout, std::int64_t, ByteView script) override {
    if (WatchIndex::is_watchable(script.size())) queue_.push(script, vout);
  }
  void drain() { queue_.drain(); }
  std::uint64_t matches = 0;

 private:
  WatchQueue<std::uint32_t, std::function<void(std::uint32_t)>> queue_;
};

std::vector<Bytes> read_blocks(const std::string& folder) {
  std::vector<Bytes> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.size() < kSmallestBlock) continue;
    BlockVisitor nobody;
    if (visit_block(as_bytes(text), nobody)) out.push_back(to_bytes(as_bytes(text)));
  }
  return out;
}

// Median over the rounds of the time that all blocks take.
template <class Work>
double median_s(const std::vector<Bytes>& blocks, const Work& work) {
  static CacheEater eater;
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    double total = 0;
    for (const Bytes& block : blocks) {
      eater.run();
      const double start = bench::cpu_seconds();
      work(block);
      total += bench::cpu_seconds() - start;
    }
    times.push_back(total);
  }
  if (eater.sum() == 0) std::abort();
  return bench::percentile(times, 0.5);
}

std::string blocks_json(WatchIndex& index, const std::vector<Bytes>& blocks) {
  Counting counting;
  double megabytes = 0;
  for (const Bytes& block : blocks) {
    if (!visit_block(block, counting)) std::abort();
    megabytes += static_cast<double>(block.size()) / 1e6;
  }
  index.add_all(counting.own);
  Bytes copy;
  const double copying = median_s(blocks, [&](const Bytes& block) { copy = block; });
  std::uint8_t sink = 0;
  const double hashing = median_s(blocks, [&](const Bytes& block) { sink ^= sha256d(block).bytes[0]; });
  const double visiting = median_s(blocks, [](const Bytes& block) {
    BlockVisitor nobody;
    if (!visit_block(block, nobody)) std::abort();
  });
  std::uint64_t matches = 0;
  const double matching = median_s(blocks, [&](const Bytes& block) {
    Matching visitor(index);
    if (!visit_block(block, visitor)) std::abort();
    visitor.drain();
    matches += visitor.matches;
  });
  if (matches < kRounds * counting.own.size()) std::abort();  // A script of ours was missed.
  return fmt::format(
      R"("blocks": {}, "block_megabytes": {:.2f}, "outputs": {}, "own_outputs": {}, "copy_mb_per_s": {:.0f}, )"
      R"("sha256d_mb_per_s": {:.0f}, "visit_mb_per_s": {:.0f}, "visit_and_match_mb_per_s": {:.0f}, )"
      R"("match_ns_per_output": {:.1f})",
      blocks.size(), megabytes, counting.outputs, counting.own.size(), megabytes / copying, megabytes / hashing,
      megabytes / visiting, megabytes / matching, (matching - visiting) * 1e9 / static_cast<double>(counting.outputs));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t scripts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
  const std::string folder = argc > 2 ? argv[2] : "";
  if (scripts == 0 || scripts > kMostScripts || argc > 3 || (!folder.empty() && !std::filesystem::is_directory(folder))) {
    fmt::print(stderr, "usage: watch_bench [scripts, at most {}] [folder with blocks]\n", kMostScripts);
    return EXIT_FAILURE;
  }
  Filled filled = fill(scripts);
  const double bytes_each = static_cast<double>(filled.index.memory_bytes()) / static_cast<double>(scripts);
  const Lookups lookups = look_up(filled.index, scripts);
  const std::vector<Bytes> read = folder.empty() ? std::vector<Bytes>{} : read_blocks(folder);
  const std::string blocks = !read.empty() ? blocks_json(filled.index, read)
                             : folder.empty() ? R"("blocks_skipped": "no folder with blocks was given")"
                                              : R"("blocks_skipped": "no block of 100 kB is in the folder")";
  fmt::print(R"({{"scripts": {}, "bytes_per_script": {:.2f}, "built_in_s": {:.2f}, "longest_add_us": {:.0f}, )"
             R"("lookup_ns": {:.1f}, "queued_lookup_ns": {:.1f}, "false_matches_in_a_million": {}, {}}})" "\n",
             scripts, bytes_each, filled.build_s, filled.longest_add_us, lookups.single_ns, lookups.queued_ns,
             lookups.false_matches, blocks);
}
