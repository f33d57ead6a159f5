// Runs a fuzz target without a fuzzer: every file of its corpus, then a fixed number of mutations of them. The
// mutations come from a fixed seed, so a run says the same thing every time.
//
//   some_fuzz [CORPUS-FOLDER]        the folder may be missing; the empty input is always tried
//   some_fuzz FILE                   one input, to look at what a fuzzer found
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kMutations = 20'000;
constexpr std::size_t kMaxMutationsOfOne = 8;
constexpr std::size_t kMaxGrowth = 64;
constexpr std::uint64_t kSeed = 20230912;

Input read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// By name, so that the order does not depend on the file system.
std::vector<Input> read_corpus(const std::filesystem::path& where) {
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(where)) {
    for (const auto& entry : std::filesystem::directory_iterator(where)) paths.push_back(entry.path());
  } else if (std::filesystem::exists(where)) {
    paths.push_back(where);
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> corpus(1);
  for (const auto& path : paths) corpus.push_back(read(path));
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(std::vector<Input> corpus) : corpus_(std::move(corpus)) {}

  Input next() {
    Input input = pick();
    for (std::size_t i = below(kMaxMutationsOfOne) + 1; i > 0; --i) mutate(input);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_()) % bound; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  const Input& pick() { return corpus_[below(corpus_.size())]; }

  void mutate(Input& input) {
    const std::size_t at = below(input.size() + 1);
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(5)) {
      case 0:  // Flip a bit.
        if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:  // Set a byte to an edge of its range.
        if (at < input.size()) input[at] = below(2) == 0 ? 0x00 : 0xff;
        break;
      case 2:  // Cut the end off.
        input.erase(place, input.end());
        break;
      case 3:  // Put random bytes in.
        for (std::size_t i = below(kMaxGrowth); i > 0; --i)
          input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), byte());
        break;
      case 4: {  // Go on as another input does.
        const Input& other = pick();
        input.erase(place, input.end());
        const std::size_t from = below(other.size() + 1);
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
        break;
      }
    }
  }

  std::vector<Input> corpus_;
  std::mt19937_64 random_{kSeed};
};

}  // namespace

int main(int argc, char** argv) {
  const auto corpus = read_corpus(argc > 1 ? argv[1] : "");
  for (const Input& input : corpus) LLVMFuzzerTestOneInput(input.data(), input.size());
  if (argc > 1 && std::filesystem::is_regular_file(argv[1])) return 0;
  Mutator mutator(corpus);
  for (std::size_t i = 0; i < kMutations; ++i) {
    const Input input = mutator.next();
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu inputs of the corpus and %zu mutations\n", corpus.size(), kMutations);
  return 0;
}
