#include "chain/utxo/node/json_read.h"

#include "base/hex.h"
#include "base/printable.h"
#include "chain/utxo/node/json_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {

namespace {

namespace dom = simdjson::dom;

constexpr std::int64_t kMaxMoney = kMaxMoneyLitecoin;  // The larger of the two; whoever knows the network knows better.
constexpr std::uint64_t kMaxTime = std::uint64_t{1} << 40;  // Seconds: the year 36812, and no overflow in milliseconds.
constexpr std::uint64_t kMaxHeight = 0xffffffff;
constexpr std::size_t kMaxWords = 500;
constexpr std::size_t kMaxNotifications = 100;

Failure malformed(std::string_view what) { return fault("node_answer_malformed", std::string(what)); }

std::string_view text_of(const JsonElement& element) {
  std::string_view out;
  return element.get(out) == simdjson::SUCCESS ? out : std::string_view();
}

// Reads the fields of one object. The first thing wrong is kept; everything read after it is empty.
class Fields {
 public:
  explicit Fields(const JsonElement& element) : element_(element) {
    if (!element.is_object()) fail("(not an object)");
  }

  bool has(std::string_view name) const {
    JsonElement found;
    return element_[name].get(found) == simdjson::SUCCESS && !found.is_null();
  }
  JsonElement element(std::string_view name) {
    JsonElement found = element_;
    if (element_[name].get(found) != simdjson::SUCCESS) fail(name);
    return found;
  }
  std::string_view text(std::string_view name) {
    std::string_view out;
    if (element_[name].get(out) != simdjson::SUCCESS) fail(name);
    return out;
  }
  std::string words(std::string_view name) {
    const std::string_view out = text(name).substr(0, kMaxWords);
    if (out.starts_with('#')) fail(name);  // A number.
    return printable(out);
  }
  bool flag(std::string_view name) {
    bool out = false;
    if (element_[name].get(out) != simdjson::SUCCESS) fail(name);
    return out;
  }
  std::uint64_t number(std::string_view name, std::uint64_t max = ~std::uint64_t{0}) {
    const auto out = unsigned_of(text(name));
    if (!out || *out > max) fail(name);
    return out && *out <= max ? *out : 0;
  }
  std::int64_t signed_number(std::string_view name) {
    const auto out = signed_of(text(name));
    if (!out) fail(name);
    return out.value_or(0);
  }
  std::int64_t coins(std::string_view name) {
    const std::int64_t out = signed_coins(name);
    if (out < 0) fail(name);
    return std::max<std::int64_t>(out, 0);
  }
  // Fees to which a miner has added or from which he has taken may be under zero.
  std::int64_t signed_coins(std::string_view name) {
    const auto out = coins_of(text(name), kMaxMoney);
    if (!out) fail(name);
    return out.value_or(0);
  }
  Instant time(std::string_view name) { return {static_cast<std::int64_t>(number(name, kMaxTime)) * kMsPerSecond}; }
  Hash32 id(std::string_view name) { return take<Hash32>(name, read_id); }
  std::vector<Hash32> ids(std::string_view name) { return take<std::vector<Hash32>>(name, read_ids); }
  Bytes bytes(std::string_view name) { return take<Bytes>(name, read_bytes); }

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
      if (auto out = read(found)) return std::move(*out);
    }
    fail(name);
    return {};
  }

  JsonElement element_;
  std::optional<Error> error_;
};

template <class T>
Result<std::vector<T>> read_list(const JsonElement& element, Result<T> (*read)(const JsonElement&), std::size_t max) {
  dom::array elements;
  if (element.get(elements) != simdjson::SUCCESS) return malformed("not a list");
  std::vector<T> out;
  for (const JsonElement one : elements) {
    if (out.size() == max) return malformed("a list that is too long");
    auto thing = read(one);
    if (!thing) return Failure(thing.error());
    out.push_back(std::move(*thing));
  }
  return out;
}

Result<ScannedCoin> read_scanned_coin(const JsonElement& element) {
  Fields fields(element);
  ScannedCoin out;
  out.outpoint.txid = fields.id("txid");
  out.outpoint.vout = static_cast<std::uint32_t>(fields.number("vout", 0xffffffff));
  out.output.value = fields.coins("amount");
  out.output.script = fields.bytes("scriptPubKey");
  out.height = fields.number("height", kMaxHeight);
  return fields.finish(std::move(out));
}

// An audit that counted a coin twice would call missing money found.
Result<std::int64_t> sum_of_different(const std::vector<ScannedCoin>& coins) {
  std::set<OutPoint> seen;
  std::int64_t total = 0;
  for (const ScannedCoin& coin : coins) {
    if (!seen.insert(coin.outpoint).second) return malformed("a coin twice");
    if (coin.output.value > kMaxMoney - total) return malformed("more coins than there are");
    total += coin.output.value;
  }
  return total;
}

Result<Notification> read_notification(const JsonElement& element) {
  Fields fields(element);
  Notification out{fields.words("type"), fields.words("address")};
  return fields.finish(std::move(out));
}

}  // namespace

Result<Hash32> read_id(const JsonElement& element) {
  const auto out = id_from_display(text_of(element));
  if (!out) return malformed("not 64 hex digits");
  return *out;
}

Result<std::vector<Hash32>> read_ids(const JsonElement& element) {
  return read_list<Hash32>(element, read_id, ~std::size_t{0});  // What an answer can hold is bounded already.
}

Result<Bytes> read_bytes(const JsonElement& element) {
  const std::string_view text = text_of(element);
  auto out = from_hex(text);
  if (!element.is_string() || !out || text.starts_with("0x")) return malformed("not hex digits");
  return std::move(*out);
}

Result<NodeInfo> read_info(const JsonElement& element) {
  Fields fields(element);
  NodeInfo out;
  out.chain = fields.words("chain");
  out.height = fields.number("blocks", kMaxHeight);
  out.headers = fields.number("headers", kMaxHeight);
  out.initial_download = fields.flag("initialblockdownload");
  if (fields.flag("pruned")) out.pruned_below = fields.number("pruneheight", kMaxHeight);
  return fields.finish(std::move(out));
}

Result<Header> read_header(const JsonElement& element) {
  Fields fields(element);
  Header out;
  out.hash = fields.id("hash");
  out.height = fields.number("height", kMaxHeight);
  if (out.height > 0) out.previous = fields.id("previousblockhash");
  out.time = fields.time("time");
  out.median_time = fields.time("mediantime");
  out.on_best_chain = fields.signed_number("confirmations") >= 0;
  return fields.finish(out);
}

Result<Pool> read_pool(const JsonElement& element) {
  if (element.is_array()) {
    auto ids = read_ids(element);
    if (!ids) return Failure(ids.error());
    return Pool{std::move(*ids), std::nullopt};
  }
  Fields fields(element);
  Pool out{fields.ids("txids"), fields.number("mempool_sequence")};
  return fields.finish(std::move(out));
}

Result<PoolEntry> read_pool_entry(const JsonElement& element) {
  Fields fields(element);
  Fields fees(fields.element("fees"));
  PoolEntry out;
  out.vsize = fields.number("vsize", kMaxTransactionWeight);
  out.fee = fees.coins("base");
  out.entered = fields.time("time");
  out.descendant_count = fields.number("descendantcount");
  out.descendant_vsize = fields.number("descendantsize");
  out.descendant_fee = fees.signed_coins("descendant");
  out.ancestor_count = fields.number("ancestorcount");
  out.ancestor_vsize = fields.number("ancestorsize");
  out.ancestor_fee = fees.signed_coins("ancestor");
  if (fields.has("bip125-replaceable")) out.signals_replacement = fields.flag("bip125-replaceable");
  out.spent_by = fields.ids("spentby");
  if (const auto good = fees.finish(true); !good) return Failure(good.error());
  return fields.finish(std::move(out));
}

Result<Acceptance> read_acceptance(const JsonElement& element) {
  dom::array list;
  JsonElement verdict;
  if (element.get(list) != simdjson::SUCCESS || list.size() != 1 || list.at(0).get(verdict) != simdjson::SUCCESS) {
    return malformed("not one verdict");
  }
  Fields fields(verdict);
  Acceptance out;
  out.allowed = fields.flag("allowed");
  if (!out.allowed) {
    out.reason = fields.words("reject-reason");
    return fields.finish(std::move(out));
  }
  if (fields.has("vsize")) out.vsize = fields.number("vsize", kMaxTransactionWeight);
  if (!fields.has("fees")) return fields.finish(std::move(out));
  Fields fees(fields.element("fees"));
  out.fee = fees.coins("base");
  if (const auto good = fees.finish(true); !good) return Failure(good.error());
  return fields.finish(std::move(out));
}

Result<UnspentOutput> read_unspent(const JsonElement& element) {
  Fields fields(element);
  Fields script(fields.element("scriptPubKey"));
  UnspentOutput out;
  out.output.value = fields.coins("value");
  out.output.script = script.bytes("hex");
  out.confirmations = fields.number("confirmations", kMaxHeight + 1);
  out.coinbase = fields.flag("coinbase");
  out.best_block = fields.id("bestblock");
  if (const auto good = script.finish(true); !good) return Failure(good.error());
  return fields.finish(std::move(out));
}

Result<ScanResult> read_scan(const JsonElement& element) {
  Fields fields(element);
  ScanResult out;
  if (!fields.flag("success")) return malformed("the scan did not end");
  out.height = fields.number("height", kMaxHeight);
  out.best_block = fields.id("bestblock");
  const std::int64_t said = fields.coins("total_amount");
  auto coins = read_list<ScannedCoin>(fields.element("unspents"), read_scanned_coin, ~std::size_t{0});
  if (!coins) return Failure(coins.error());
  out.coins = std::move(*coins);
  const auto total = sum_of_different(out.coins);
  if (!total) return Failure(total.error());
  if (*total != said) return malformed("the coins are not the total");
  out.total = *total;
  return fields.finish(std::move(out));
}

Result<FeeEstimate> read_fees(const JsonElement& estimate, const JsonElement& pool, const JsonElement& network) {
  Fields guess(estimate);
  Fields of_pool(pool);
  Fields of_network(network);
  FeeEstimate out;
  if (guess.has("feerate")) out.rate_per_kvb = guess.coins("feerate");
  if (!out.rate_per_kvb && !guess.has("errors")) guess.fail("feerate");
  out.floor_per_kvb = std::max(of_pool.coins("mempoolminfee"), of_network.coins("relayfee"));
  out.increment_per_kvb = of_network.coins("incrementalfee");
  for (const Fields* fields : {&guess, &of_pool, &of_network}) {
    if (const auto good = fields->finish(true); !good) return Failure(good.error());
  }
  return out;
}

Result<VerboseTransaction> read_verbose_transaction(const JsonElement& element) {
  Fields fields(element);
  VerboseTransaction out{fields.bytes("hex"), std::nullopt};
  if (fields.has("blockhash")) out.block = fields.id("blockhash");
  return fields.finish(std::move(out));
}

Result<std::vector<Notification>> read_notifications(const JsonElement& element) {
  return read_list<Notification>(element, read_notification, kMaxNotifications);
}

}  // namespace holdfast::chain::utxo
