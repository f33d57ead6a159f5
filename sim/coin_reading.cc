#include "sim/coin_reading.h"

#include <cstdint>

namespace holdfast::sim {
namespace {

class Cursor {
 public:
  explicit Cursor(const std::string& text, std::size_t at = 0) : text_(text), at_(at) {}

  std::string take(std::size_t size) {
    if (!good || size > text_.size() - at_) {
      good = false;
      return {};
    }
    at_ += size;
    return text_.substr(at_ - size, size);
  }
  std::uint64_t number(std::size_t bytes) {
    const std::string taken = take(bytes);
    std::uint64_t out = 0;
    for (std::size_t i = taken.size(); i > 0; --i) out = out << 8 | static_cast<std::uint8_t>(taken[i - 1]);
    return out;
  }
  std::uint64_t size() {
    const std::uint64_t first = number(1);
    if (first < 0xfd) return first;
    return number(first == 0xfd ? 2 : first == 0xfe ? 4 : 8);
  }
  bool at_end() const { return at_ == text_.size(); }

  bool good = true;

 private:
  const std::string& text_;
  std::size_t at_;
};

}  // namespace

std::optional<ReadCoins> read_coins(const std::string& raw) {
  Cursor in(raw);
  in.number(4);
  std::uint64_t count = in.size();
  if (count == 0) {  // marker and flag
    in.number(1);
    count = in.size();
  }
  ReadCoins out;
  for (std::uint64_t i = 0; in.good && i < count; ++i) {
    out.inputs.push_back(in.take(36));
    in.take(in.size());
    in.number(4);
  }
  const std::uint64_t outputs = in.size();
  for (std::uint64_t i = 0; in.good && i < outputs; ++i) {
    const Int128 value = static_cast<Int128>(in.number(8));
    out.outputs.emplace_back(in.take(in.size()), value);
  }
  return in.good ? std::optional(std::move(out)) : std::nullopt;
}

// magic, then maps of <key><value> that end with a zero: the global one, one an input, one an output.
std::optional<ReadCoins> read_coin_psbt(const std::string& psbt) {
  constexpr char kInputCount = 0x04, kOutputCount = 0x05, kPrevious = 0x0e, kNumber = 0x0f, kAmount = 0x03, kScript = 0x04;
  Cursor in(psbt);
  if (in.take(5) != std::string("psbt\xff", 5)) return std::nullopt;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  ReadCoins out;
  for (std::uint64_t map = 0; in.good && map <= inputs + outputs; ++map) {
    std::string previous, number, script;
    Int128 amount = 0;
    for (std::uint64_t size = in.size(); in.good && size != 0; size = in.size()) {
      const std::string key = in.take(size);
      const std::string value = in.take(in.size());
      if (key.size() != 1) continue;
      const char type = key[0];
      if (map == 0 && type == kInputCount) inputs = Cursor(value).size();
      if (map == 0 && type == kOutputCount) outputs = Cursor(value).size();
      if (map == 0) continue;
      const bool of_input = map <= inputs;
      if (of_input && type == kPrevious) previous = value;
      if (of_input && type == kNumber) number = value;
      if (!of_input && type == kAmount) amount = static_cast<Int128>(Cursor(value).number(8));
      if (!of_input && type == kScript) script = value;
    }
    if (map == 0) continue;
    if (map <= inputs)
      out.inputs.push_back(previous + number);
    else
      out.outputs.emplace_back(script, amount);
  }
  return in.good && in.at_end() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace holdfast::sim
