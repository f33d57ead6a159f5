#include "journal/sqlite_wal.h"

#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast::journal {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // The lowest bit says whether checksums are over big-endian words.
constexpr std::uint32_t kMinPageBytes = 512;
constexpr std::uint32_t kMaxPageBytes = 65536;

std::uint32_t big_endian(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

// Runs on over all frames, so that each vouches for those before it.
struct Checksum {
  bool big_endian_words = false;
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(ByteView bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at) + second;
      second += word(bytes, at + 4) + first;
    }
  }
  bool equals(ByteView bytes, std::size_t at) const {
    return first == big_endian(bytes, at) && second == big_endian(bytes, at + 4);
  }

 private:
  std::uint32_t word(ByteView bytes, std::size_t at) const {
    const std::uint32_t value = big_endian(bytes, at);
    return big_endian_words ? value : __builtin_bswap32(value);
  }
};

struct Header {
  std::size_t page_bytes = 0;
  std::array<std::uint8_t, 8> salts{};  // New with each generation of the log; frames of older ones do not count.
  Checksum checksum;
};

std::optional<Header> parse_header(ByteView bytes) {
  Header out;
  const std::uint32_t magic = big_endian(bytes, 0);
  const std::uint32_t page_bytes = big_endian(bytes, 8);
  out.checksum.big_endian_words = (magic & 1) != 0;
  out.checksum.add(bytes.first(24));
  const bool good_page = std::has_single_bit(page_bytes) && page_bytes >= kMinPageBytes && page_bytes <= kMaxPageBytes;
  if ((magic & ~1U) != kMagic || !good_page || !out.checksum.equals(bytes, 24)) return std::nullopt;
  out.page_bytes = page_bytes;
  std::copy_n(bytes.begin() + 16, out.salts.size(), out.salts.begin());
  return out;
}

Failure damaged(const std::string& path, std::string_view what) {
  return corruption("journal_damaged", fmt::format("the write-ahead log {} is damaged: {}. Nothing was written; restore "
                                                   "the journal from a copy, and with it this file", path, what));
}

bool read_exactly(std::ifstream& in, std::span<std::uint8_t> out) {
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  return in.good();
}

}  // namespace

Result<void> check_wal(const std::string& journal_path) {
  const std::string path = journal_path + "-wal";
  std::error_code absent;
  const std::uintmax_t size = std::filesystem::file_size(path, absent);
  if (absent || size <= kHeaderBytes + kFrameHeaderBytes) return {};  // No frame is whole, so nothing was promised.

  std::ifstream in(path, std::ios::binary);
  std::array<std::uint8_t, kHeaderBytes> header_bytes{};
  if (!read_exactly(in, header_bytes)) return fault("journal_not_read", "cannot read " + path);
  auto header = parse_header(header_bytes);
  if (!header) return damaged(path, "its header is not valid, but frames follow");

  Bytes frame(kFrameHeaderBytes + header->page_bytes);
  const std::uintmax_t frames = (size - kHeaderBytes) / frame.size();
  std::uintmax_t bad_frame = 0;  // From 1; 0 as long as all are good.
  std::uintmax_t commits_behind = 0;
  for (std::uintmax_t number = 1; number <= frames; ++number) {
    if (!read_exactly(in, frame)) return fault("journal_not_read", "cannot read " + path);
    const ByteView view(frame);
    const bool of_this_generation = std::equal(header->salts.begin(), header->salts.end(), view.begin() + 8);
    if (bad_frame == 0) {
      header->checksum.add(view.first(8));
      header->checksum.add(view.subspan(kFrameHeaderBytes));
      if (!of_this_generation || !header->checksum.equals(view, 16)) bad_frame = number;
    }
    const bool ends_a_commit = big_endian(view, 4) != 0;
    if (bad_frame != 0 && of_this_generation && ends_a_commit) ++commits_behind;
  }
  if (commits_behind < 2) return {};
  return damaged(path, fmt::format("frame {} is not as it was written, and {} commits would be lost with it", bad_frame,
                                   commits_behind));
}

}  // namespace holdfast::journal
