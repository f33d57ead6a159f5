#include "chain/utxo/psbt/fountain.h"

#include "base/check.h"
#include "chain/utxo/codec/hash.h"

#include <bit>
#include <numeric>

namespace holdfast::chain::utxo {

namespace {

constexpr double kTwoTo64 = 18446744073709551616.0;
constexpr std::size_t kWordBits = 64;

void put_big_endian(Bytes& out, std::uint32_t value) {
  for (unsigned shift = 32; shift > 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
}

std::size_t take_last(std::vector<std::size_t>& list) {
  const std::size_t last = list.back();
  list.pop_back();
  return last;
}

}  // namespace

Xoshiro256::Xoshiro256(ByteView seed) {
  const Hash32 digest = sha256(seed);
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) state_[i / 8] = state_[i / 8] << 8U | digest.bytes[i];
}

std::uint64_t Xoshiro256::next() {
  const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return out;
}

double Xoshiro256::next_fraction() { return static_cast<double>(next()) / kTwoTo64; }

// A fraction that was rounded up to 1 must not lead over the bound.
std::uint64_t Xoshiro256::next_below(std::uint64_t bound) {
  HF_CHECK(bound > 0);
  return std::min(static_cast<std::uint64_t>(next_fraction() * static_cast<double>(bound)), bound - 1);
}

DegreeSampler::DegreeSampler(std::size_t fragments) : chances_(fragments), aliases_(fragments) {
  HF_CHECK(fragments > 0);
  double sum = 0;
  for (std::size_t i = 0; i < fragments; ++i) sum += 1.0 / static_cast<double>(i + 1);
  std::vector<double> scaled(fragments);
  std::vector<std::size_t> small;
  std::vector<std::size_t> large;
  for (std::size_t i = fragments; i > 0; --i) {
    scaled[i - 1] = 1.0 / static_cast<double>(i) * static_cast<double>(fragments) / sum;
    (scaled[i - 1] < 1 ? small : large).push_back(i - 1);
  }
  while (!small.empty() && !large.empty()) {
    const std::size_t less = take_last(small);
    const std::size_t more = take_last(large);
    chances_[less] = scaled[less];
    aliases_[less] = more;
    scaled[more] += scaled[less] - 1;
    (scaled[more] < 1 ? small : large).push_back(more);
  }
  for (const std::size_t i : large) chances_[i] = 1;
  for (const std::size_t i : small) chances_[i] = 1;  // Rounding only.
}

std::size_t DegreeSampler::draw(Xoshiro256& random) const {
  const std::size_t at = random.next_below(chances_.size());
  return (random.next_fraction() < chances_[at] ? at : aliases_[at]) + 1;
}

std::vector<std::size_t> fragments_in_part(std::uint32_t sequence, std::size_t fragments, std::uint32_t checksum,
                                           const DegreeSampler& sampler) {
  HF_CHECK(sequence > 0);
  if (sequence <= fragments) return {sequence - std::size_t{1}};
  Bytes seed;
  put_big_endian(seed, sequence);
  put_big_endian(seed, checksum);
  Xoshiro256 random(seed);
  const std::size_t degree = sampler.draw(random);
  std::vector<std::size_t> left(fragments);
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::size_t> drawn;
  while (drawn.size() < degree) {
    const auto at = left.begin() + static_cast<std::ptrdiff_t>(random.next_below(left.size()));
    drawn.push_back(*at);
    left.erase(at);
  }
  return drawn;
}

FountainSolver::FountainSolver(std::size_t fragments, std::size_t fragment_bytes)
    : fragments_(fragments), fragment_bytes_(fragment_bytes) {}

void FountainSolver::join(Row& into, const Row& from) {
  for (std::size_t i = 0; i < into.mask.size(); ++i) into.mask[i] ^= from.mask[i];
  for (std::size_t i = 0; i < into.data.size(); ++i) into.data[i] ^= from.data[i];
}

std::size_t FountainSolver::lowest(const Row& row) const {
  for (std::size_t i = 0; i < row.mask.size(); ++i) {
    if (row.mask[i] != 0) return i * kWordBits + static_cast<std::size_t>(std::countr_zero(row.mask[i]));
  }
  return fragments_;
}

void FountainSolver::add(const std::vector<std::size_t>& mixed, ByteView data) {
  HF_CHECK(data.size() == fragment_bytes_);
  Row row{std::vector<std::uint64_t>((fragments_ + kWordBits - 1) / kWordBits), to_bytes(data)};
  for (const std::size_t i : mixed) row.mask[i / kWordBits] ^= std::uint64_t{1} << (i % kWordBits);
  for (std::size_t at = lowest(row); at < fragments_; at = lowest(row)) {
    const auto had = rows_.find(at);
    if (had == rows_.end()) {
      rows_.emplace(at, std::move(row));
      return;
    }
    join(row, had->second);
  }
}

// From the last row, which is one fragment alone, upwards.
Bytes FountainSolver::message() const {
  HF_CHECK(complete());
  std::vector<Bytes> solved(fragments_);
  for (auto at = rows_.rbegin(); at != rows_.rend(); ++at) {
    Bytes data = at->second.data;
    for (std::size_t i = at->first + 1; i < fragments_; ++i) {
      if ((at->second.mask[i / kWordBits] >> (i % kWordBits) & 1U) == 0) continue;
      for (std::size_t k = 0; k < data.size(); ++k) data[k] ^= solved[i][k];
    }
    solved[at->first] = std::move(data);
  }
  Bytes out;
  for (const Bytes& fragment : solved) out.insert(out.end(), fragment.begin(), fragment.end());
  return out;
}

}  // namespace holdfast::chain::utxo
