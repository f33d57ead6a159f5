#include "chain/evm/json_read.h"

#include "base/hex.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace holdfast::chain::evm {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxCallDepth = 1024;  // The EVM's own.
constexpr std::uint64_t kMaxTimestamp = std::uint64_t{1} << 40;  // Seconds: the year 36812, and no overflow in milliseconds.

// Reads the fields of one object. The first thing wrong is kept; everything read after it is empty.
class Fields {
 public:
  explicit Fields(const JsonElement& element) : element_(element) {}

  bool has(std::string_view name) const {
    JsonElement found;
    return element_[name].get(found) == simdjson::SUCCESS && !found.is_null();
  }
  std::uint64_t uint64(std::string_view name) { return take<std::uint64_t>(name, read_uint64); }
  Amount amount(std::string_view name) { return take<Amount>(name, read_amount); }
  Hash32 hash(std::string_view name) { return take<Hash32>(name, read_hash); }
  Address20 address(std::string_view name) {
    const auto out = fixed_from_hex<Address20::kSize>(text(name));
    if (!out) fail(name);
    return out.value_or(Address20{});
  }
  Bytes bytes(std::string_view name) {
    auto out = from_hex(text(name));
    if (!out) fail(name);
    return out.value_or(Bytes{});
  }
  std::string_view text(std::string_view name) {
    std::string_view out;
    if (element_[name].get(out) != simdjson::SUCCESS) fail(name);
    return out;
  }
  template <class T>
  std::vector<T> list(std::string_view name, Result<T> (*read)(const JsonElement&)) {
    std::vector<T> out;
    dom::array elements;
    if (element_[name].get(elements) != simdjson::SUCCESS) {  // then `elements` may not even be walked
      fail(name);
      return out;
    }
    for (const JsonElement element : elements) {
      auto one = read(element);
      if (!one) {
        fail(name);
        break;
      }
      out.push_back(std::move(*one));
    }
    return out;
  }
  void fail(std::string_view name) {
    if (!error_) error_ = Error{ErrorKind::fault, "node_answer_malformed", fmt::format("field {}", name)};
  }
  // What was read, if all of it could be.
  template <class T>
  Result<T> finish(T out) const {
    if (error_) return Failure(*error_);
    return out;
  }

 private:
  template <class T>
  T take(std::string_view name, Result<T> (*read)(const JsonElement&)) {
    JsonElement found;
    if (element_[name].get(found) == simdjson::SUCCESS) {
      if (const auto out = read(found)) return *out;
    }
    fail(name);
    return {};
  }

  JsonElement element_;
  std::optional<Error> error_;
};

std::string_view text_of(const JsonElement& element) {
  std::string_view out;
  return element.get(out) == simdjson::SUCCESS ? out : std::string_view();
}

Failure malformed(std::string_view what) { return fault("node_answer_malformed", std::string(what)); }

bool moves_money(std::string_view type) {
  return type == "CALL" || type == "CREATE" || type == "CREATE2" || type == "SELFDESTRUCT";
}

Result<InternalTransfer> read_transfer(Fields& frame, const Hash32& txid) {
  return frame.finish(InternalTransfer{txid, frame.address("from"), frame.address("to"), frame.amount("value")});
}

// Walks the calls inside `frame`, in the order in which they were made. What was undone moved nothing.
Result<void> collect(const JsonElement& frame, const Hash32& txid, std::size_t depth, std::vector<InternalTransfer>& out) {
  if (depth > kMaxCallDepth) return malformed("a call nested deeper than the EVM allows");
  dom::array calls;
  if (frame["calls"].get(calls) != simdjson::SUCCESS) return {};
  for (const JsonElement call : calls) {
    Fields fields(call);
    if (fields.has("error")) continue;
    if (moves_money(fields.text("type")) && fields.has("value") && fields.has("to")) {
      const auto transfer = read_transfer(fields, txid);
      if (!transfer) return Failure(transfer.error());
      if (!transfer->value.is_zero()) out.push_back(*transfer);
    }
    if (auto inner = collect(call, txid, depth + 1, out); !inner) return inner;
  }
  return {};
}

}  // namespace

Result<std::uint64_t> read_uint64(const JsonElement& element) {
  std::string_view digits = text_of(element);
  if (!digits.starts_with("0x")) return malformed("not a number");
  digits.remove_prefix(2);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return malformed("not a 64-bit number");
  return out;
}

Result<Amount> read_amount(const JsonElement& element) {
  std::string_view digits = text_of(element);
  if (!digits.starts_with("0x") || digits.size() == 2 || digits.size() > 2 + 2 * Word::kSize) return malformed("not a number");
  digits.remove_prefix(2);
  const auto word = fixed_from_hex<Word::kSize>(std::string(2 * Word::kSize - digits.size(), '0').append(digits));
  if (!word) return malformed("not a number");
  return saturating_amount(*word);
}

Result<Hash32> read_hash(const JsonElement& element) {
  const auto out = fixed_from_hex<Hash32::kSize>(text_of(element));
  if (!out) return malformed("not a hash");
  return *out;
}

Result<Header> read_header(const JsonElement& element) {
  Fields fields(element);
  Header out;
  out.height = fields.uint64("number");
  out.hash = fields.hash("hash");
  out.parent = fields.hash("parentHash");
  const std::uint64_t seconds = fields.uint64("timestamp");
  if (seconds > kMaxTimestamp) fields.fail("timestamp");
  out.time.unix_ms = static_cast<std::int64_t>(std::min(seconds, kMaxTimestamp)) * kMsPerSecond;
  if (fields.has("baseFeePerGas")) out.base_fee = fields.amount("baseFeePerGas");
  return fields.finish(out);
}

Result<Block> read_block(const JsonElement& element) {
  const auto header = read_header(element);
  if (!header) return Failure(header.error());
  Fields fields(element);
  Block out{*header, fields.list<Transaction>("transactions", read_transaction)};
  return fields.finish(std::move(out));
}

Result<Transaction> read_transaction(const JsonElement& element) {
  Fields fields(element);
  Transaction out;
  out.hash = fields.hash("hash");
  out.from = fields.address("from");
  if (fields.has("to")) out.to = fields.address("to");
  out.nonce = fields.uint64("nonce");
  out.gas = fields.uint64("gas");
  out.value = fields.amount("value");
  const bool dynamic_fee = fields.has("maxFeePerGas");
  out.max_fee = fields.amount(dynamic_fee ? "maxFeePerGas" : "gasPrice");
  out.priority_fee = dynamic_fee ? fields.amount("maxPriorityFeePerGas") : out.max_fee;
  out.input = fields.bytes("input");
  return fields.finish(std::move(out));
}

Result<Log> read_log(const JsonElement& element) {
  Fields fields(element);
  Log out;
  out.address = fields.address("address");
  out.topics = fields.list<Hash32>("topics", read_hash);
  out.data = fields.bytes("data");
  out.txid = fields.hash("transactionHash");
  const std::uint64_t index = fields.uint64("logIndex");
  if (index > 0xffffffff) fields.fail("logIndex");
  out.index = static_cast<std::uint32_t>(index);
  return fields.finish(std::move(out));
}

Result<Receipt> read_receipt(const JsonElement& element) {
  Fields fields(element);
  Receipt out;
  out.txid = fields.hash("transactionHash");
  out.success = fields.uint64("status") == 1;
  out.gas_used = fields.uint64("gasUsed");
  out.effective_gas_price = fields.amount("effectiveGasPrice");
  if (fields.has("l1Fee")) out.extra_fee = fields.amount("l1Fee");
  out.block_hash = fields.hash("blockHash");
  out.height = fields.uint64("blockNumber");
  out.logs = fields.list<Log>("logs", read_log);
  return fields.finish(std::move(out));
}

Result<std::vector<InternalTransfer>> read_block_trace(const JsonElement& element) {
  dom::array traces;
  if (element.get(traces) != simdjson::SUCCESS) return malformed("a trace is a list");
  std::vector<InternalTransfer> out;
  for (const JsonElement trace : traces) {
    Fields fields(trace);
    const Hash32 txid = fields.hash("txHash");
    JsonElement top;
    if (trace["result"].get(top) != simdjson::SUCCESS) fields.fail("result");
    if (const auto good = fields.finish(true); !good) return Failure(good.error());
    if (Fields(top).has("error")) continue;
    if (const auto collected = collect(top, txid, 0, out); !collected) return Failure(collected.error());
  }
  return out;
}

}  // namespace holdfast::chain::evm
