// Reads what conditions may name: the variables of every policy, its windows and its lists.
#include "base/check.h"
#include "base/eip55.h"
#include "base/hex.h"
#include "policy/assets.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/syntax/parser.h"
#include "policy/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy {

using cel::Bound;
namespace types = cel::types;

namespace {

std::optional<risk::KeyKind> key_kind(std::string_view text) {
  for (std::size_t i = 0; i < risk::kKeyKinds; ++i) {
    if (risk::name(static_cast<risk::KeyKind>(i)) == text) return static_cast<risk::KeyKind>(i);
  }
  return std::nullopt;
}

// What is wrong with an entry of a list that looks like an address of the EVM and is equal to none as the API prints them, or nothing.
// A wrong checksum is nearly always a mistyped address, so what it ought to be is not said.
std::string wrong_in_entry(std::string_view entry) {
  constexpr std::size_t kAddressText = 42;
  const auto address = fixed_from_hex<20>(entry);
  if (entry.size() == kAddressText && entry.starts_with("0X") && address) return "is an address that begins with 0X, which no destination is ever equal to";
  if (entry.starts_with("BC1") || entry.starts_with("LTC1")) return "is an address in capitals, which no destination is ever equal to: write it small";
  if (entry.size() != kAddressText || !entry.starts_with("0x") || !address) return {};
  const std::string right = to_eip55(*address);
  if (entry == right) return {};
  const std::string_view digits = entry.substr(2);
  const bool has_lower = digits.find_first_of("abcdef") != digits.npos;
  const bool is_mixed = has_lower && digits.find_first_of("ABCDEF") != digits.npos;
  if (is_mixed) return "is an address with a wrong checksum, so it is mistyped";
  return "is an address without its checksum, which no destination is ever equal to: " + right;
}

}  // namespace

void PolicyReader::declare_fixed() {
  cel::Environment& world = environment();
  const Bound word = Bound::text(kMaxText);
  const cel::TypeId usd = policy_.domain_->usd_type();
  const auto declare = [&](Slot slot, const char* name, cel::TypeId type, Bound bound = {}) {
    HF_CHECK(world.declare_variable(name, type, std::move(bound)) == slot);
  };
  declare(kValue, "value", usd);
  declare(kWalletBalance, "wallet_balance", usd);
  declare(kAsset, "asset", types::kString, word);
  declare(kChain, "chain", types::kString, word);
  declare(kCustomer, "customer", types::kString, word);
  declare(kDestination, "destination", types::kString, word);
  declare(kLabels, "labels", world.types().list(types::kString), Bound::list(kMaxLabels, word));
  declare(kTime, "time", types::kTimestamp);
  declare(kDevice, "device", types::kString, word);
  declare(kIp, "ip", types::kString, word);
  declare(kApiKey, "api_key", types::kString, word);
  declare(kSinceReset, "since_reset", types::kDuration);
  declare(kPriceAge, "price_age", types::kDuration);
  declare(kLabelsAge, "labels_age", types::kDuration);
  declare(kChainLag, "chain_lag", types::kDuration);
}

// Of all conditions, before any is compiled. What is wrong with one is told when it is read.
void PolicyReader::declare_assets(const toml::table& root) {
  std::set<std::string> symbols;
  for (const char* kind : {"rules", "detectors"}) {
    const toml::array* conditions = root[kind].as_array();
    for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
      const toml::table* table = conditions->get(i)->as_table();
      const auto when = table == nullptr ? std::nullopt : (*table)["when"].value_exact<std::string>();
      const auto ast = cel::parse(when.value_or(""));
      if (!ast) continue;
      if (const auto named = assets_in(*ast)) symbols.insert(named->begin(), named->end());
    }
  }
  for (const std::string& symbol : symbols) {
    if (policy_.assets_.size() == kMaxAssets) return;
    policy_.assets_.push_back({symbol, policy_.domain_->declare_asset(symbol)});
  }
}

std::vector<risk::KeyKind> PolicyReader::keys(const toml::table& table) {
  std::vector<risk::KeyKind> out;
  const toml::array* names = table["keys"].as_array();
  if (names == nullptr) return reject(table.source(), "keys has to be a list of one or two kinds"), out;
  for (const toml::node& name : *names) {
    const auto kind = key_kind(name.value_exact<std::string>().value_or(""));
    if (!kind) return reject(name.source(), "is no kind of key: customer, destination, asset, chain, wallet, platform, …"), out;
    out.push_back(*kind);
  }
  std::ranges::sort(out);
  return out;
}

risk::WindowSpec PolicyReader::window_spec(const toml::table& table) {
  risk::WindowSpec out;
  const bool is_ever = table["length"].value_exact<std::string>() == "ever";
  out.length_ms = is_ever ? risk::kEver : duration(table, "length", R"("24h", or "ever")");
  out.extremes = truth(table, "extremes");
  out.profile = truth(table, "profile");
  out.rhythm = truth(table, "rhythm");
  if (table.contains("distinct")) {
    out.distinct = key_kind(text(table, "distinct"));
    if (!out.distinct) reject(table.get("distinct")->source(), "is no kind of key");
  }
  return out;
}

risk::Stream PolicyReader::stream(const toml::table& table) {
  if (!table.contains("of")) return risk::Stream::withdrawals;
  const std::string of = text(table, "of");
  if (of == "deposits") return risk::Stream::deposits;
  if (of == "paid") return risk::Stream::paid;
  if (of != "withdrawals") reject(table.get("of")->source(), R"(of has to be "withdrawals", "paid" or "deposits")");
  return risk::Stream::withdrawals;
}

// Values are kept in 64 bits (risk/windows.h).
std::int64_t PolicyReader::edge(const toml::table& table, std::string_view key, std::int64_t otherwise) {
  if (!table.contains(key)) return otherwise;
  const auto money = read_usd(text(table, key));
  if (money && money->micro <= INT64_MAX) return static_cast<std::int64_t>(money->micro);
  reject(table.get(key)->source(), fmt::format(R"({} has to be US dollars in quotes: "9999.99")", key));
  return otherwise;
}

risk::Band PolicyReader::band(const toml::table& table) {
  const risk::Band out{edge(table, "from", 0), edge(table, "to", INT64_MAX)};
  if (out.least > out.most) reject(table.get("from")->source(), "from is more than to");
  return out;
}

void PolicyReader::declare_variables(WindowUse& use) {
  cel::Environment& world = environment();
  const cel::TypeId usd = policy_.domain_->usd_type();
  use.first_slot = static_cast<std::uint32_t>(world.variables().size());
  const auto declare = [&](const char* what, cel::TypeId type) { world.declare_variable(use.name + "." + what, type); };
  declare("count", types::kInt);
  declare("sum", usd);
  const bool is_ever = use.spec.length_ms == risk::kEver;  // Other windows forget keys.
  if (is_ever) declare("age", types::kDuration);
  if (is_ever) declare("idle", types::kDuration);
  if (is_ever) declare("known", types::kBool);
  if (use.spec.extremes) declare("least", usd);
  if (use.spec.extremes) declare("greatest", usd);
  if (use.spec.profile) declare("median", usd);
  if (use.spec.profile) declare("median_distance", usd);
  if (use.spec.distinct) declare("distinct", types::kInt);
  if (use.spec.rhythm) declare("usual_count", types::kInt);
  if (use.spec.rhythm) declare("usual_sum", usd);
  if (use.spec.rhythm) declare("weeks", types::kInt);
  use.slots = static_cast<std::uint32_t>(world.variables().size()) - use.first_slot;
}

void PolicyReader::read_window(const toml::table& table) {
  allow_only(table, {"name", "keys", "length", "of", "from", "to", "distinct", "extremes", "profile", "rhythm"});
  WindowUse use;
  use.name = fresh_name(table);
  risk::GroupSpec group{keys(table), {}, stream(table), band(table)};
  use.spec = window_spec(table);
  if (failed()) return;
  declare_variables(use);
  policy_.windows_.push_back(std::move(use));
  asked_.push_back(std::move(group));
}

// Windows of the same keys and facts make one group; Look tells windows group by group.
void PolicyReader::place_windows() {
  std::vector<std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const auto same = std::ranges::find_if(policy_.groups_, [&](const auto& group) { return group.counts_like(asked_[i]); });
    const auto group = static_cast<std::size_t>(same - policy_.groups_.begin());
    if (same == policy_.groups_.end()) {
      policy_.groups_.push_back(asked_[i]);
      members.emplace_back();
    }
    policy_.groups_[group].windows.push_back(policy_.windows_[i].spec);
    policy_.windows_[i].group = static_cast<std::uint32_t>(group);
    members[group].push_back(i);
  }
  std::uint32_t next = 0;
  for (const auto& group : members) {
    for (const std::size_t i : group) policy_.windows_[i].window = next++;
  }
  const auto made = risk::Windows::make(policy_.groups_);
  if (!made) reject_at({}, "windows: " + made.error().text);
}

void PolicyReader::read_lists(const toml::table& root) {
  const toml::node* node = root.get("lists");
  if (node == nullptr) return;
  const toml::table* lists = node->as_table();
  if (lists == nullptr) return reject(node->source(), "lists has to be a table");
  std::size_t entries = 0;
  for (const auto& [key, value] : *lists) {
    const std::string name(key.str());
    const toml::array* array = value.as_array();
    if (array == nullptr) return reject(value.source(), "a list has to be a list of texts");
    const bool is_taken = is_reserved(name) || environment().find(name, true).kind != cel::Meaning::Kind::none;
    if (!is_name(name) || is_taken || !names_.insert(name).second) {
      return reject(key.source(), fmt::format("{} is no name for a list, or taken", shown(name)));
    }
    TextSet set;
    for (const toml::node& element : *array) {
      const auto entry = element.value_exact<std::string>();
      if (!entry || entry->empty() || entry->size() > kMaxText) return reject(element.source(), "has to be a text of 1 to 128 bytes");
      if (const std::string wrong = wrong_in_entry(*entry); !wrong.empty()) return reject(element.source(), wrong);
      if (++entries > kMaxListEntries) return reject(element.source(), "are more than 100,000 entries in all lists together");
      set.insert(*entry);
    }
    policy_.lists_.emplace(environment().declare_variable(name, policy_.domain_->set_type()), std::move(set));
  }
}

}  // namespace holdfast::policy
