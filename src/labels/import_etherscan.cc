#include "labels/import_etherscan.h"

#include "base/printable.h"
#include "labels/currency.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bitset>

namespace holdfast::labels {
namespace {

struct CategoryWord {
  std::string_view word;
  Category category;
};
constexpr std::array kWords = {
    CategoryWord{"ofac-sanctions-lists", Category::sanctioned},
    CategoryWord{"exploit", Category::stolen},        CategoryWord{"heist", Category::stolen},
    CategoryWord{"phish-hack", Category::scam},       CategoryWord{"scam", Category::scam},
    CategoryWord{"spam-token", Category::scam},       CategoryWord{"blocked", Category::frozen},
    CategoryWord{"tornado-cash", Category::mixer},    CategoryWord{"ethereum-mixer", Category::mixer},
    CategoryWord{"gambling", Category::gambling},     CategoryWord{"mining", Category::miner},
    CategoryWord{"miningpoolhub", Category::miner},   CategoryWord{"hot-wallet", Category::service},
    CategoryWord{"cold-wallet", Category::service},   CategoryWord{"exchange", Category::exchange},
    CategoryWord{"ascendex", Category::exchange},     CategoryWord{"binance", Category::exchange},
    CategoryWord{"bitfinex", Category::exchange},     CategoryWord{"bitstamp", Category::exchange},
    CategoryWord{"bittrex", Category::exchange},      CategoryWord{"coinbase", Category::exchange},
    CategoryWord{"crypto-com", Category::exchange},   CategoryWord{"ftx", Category::exchange},
    CategoryWord{"gate-io", Category::exchange},      CategoryWord{"gemini", Category::exchange},
    CategoryWord{"hotbit", Category::exchange},       CategoryWord{"huobi", Category::exchange},
    CategoryWord{"kraken", Category::exchange},       CategoryWord{"kucoin", Category::exchange},
    CategoryWord{"okx", Category::exchange},          CategoryWord{"poloniex", Category::exchange},
    CategoryWord{"upbit", Category::exchange},        CategoryWord{"aave", Category::defi},
    CategoryWord{"balancer", Category::defi},         CategoryWord{"bancor", Category::defi},
    CategoryWord{"bridge", Category::defi},           CategoryWord{"curve-fi", Category::defi},
    CategoryWord{"defi", Category::defi},             CategoryWord{"dex", Category::defi},
    CategoryWord{"lending", Category::defi},          CategoryWord{"sushiswap", Category::defi},
    CategoryWord{"synthetix", Category::defi},        CategoryWord{"yield-farming", Category::defi},
};
constexpr std::array<std::string_view, 5> kTokenWords = {"token-contract", "bridged-token", "spam-token", "stablecoin", "binance-pegged"};

struct Entry {
  std::string address;
  std::string name;
  std::vector<std::string> words;
  std::string_view wrong;  // the code of a refusal that reading has come upon
};

// "Arbitrum (ARB)", "anyUSDC (anyUSDC)": one word in brackets at the end.
bool ends_in_ticker(std::string_view name) {
  if (!name.ends_with(')')) return false;
  const auto open = name.rfind('(');
  return open != std::string_view::npos && open + 2 < name.size() && name.find(' ', open) == std::string_view::npos;
}

bool is_token(const Entry& entry) {
  if (entry.name.ends_with("Token") || ends_in_ticker(entry.name)) return true;
  return std::ranges::any_of(kTokenWords, [&](std::string_view word) { return std::ranges::find(entry.words, word) != entry.words.end(); });
}

// Of a token contract only what is said of the token itself.
bool holds_of_a_token(Category category) {
  return category == Category::sanctioned || category == Category::scam || category == Category::frozen;
}

std::bitset<kCategoryCount> categories_of(const Entry& entry, bool token) {
  std::bitset<kCategoryCount> out;
  for (const std::string& word : entry.words) {
    const auto* const found = std::ranges::find(kWords, word, &CategoryWord::word);
    if (found != kWords.end() && (!token || holds_of_a_token(found->category))) out.set(static_cast<std::size_t>(found->category));
  }
  if (out.none()) out.set(static_cast<std::size_t>(Category::other));
  return out;
}

std::string_view problem_of(std::string_view text) {
  if (text.size() > kEtherscanTextMax) return "field_too_long";
  return std::ranges::any_of(text, is_control) ? "field_unprintable" : "";
}

// Takes the entries one by one: no tree of the file is kept.
class Entries final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Entries(const Currency& currency, const ListOrigin& origin) : currency_(currency), origin_(origin) {}
  Imported out;
  std::string_view code = "json_shape";  // why reading stopped

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool binary(binary_t&) override { return false; }
  bool string(string_t& text) override {
    if (depth_ == 3) return add_word(text);
    if (depth_ != 2 || field_ == "labels") return false;
    if (field_ == "name") keep(entry_.name, text);
    return true;
  }
  bool start_object(std::size_t) override { return ++depth_ <= 2; }
  bool end_object() override { return --depth_ != 1 || take(); }
  bool start_array(std::size_t) override { return depth_++ == 2 && field_ == "labels"; }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& text) override {
    if (depth_ == 2) field_ = text;
    else entry_ = {text, {}, {}, {}};
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    code = "json_malformed";
    return false;
  }

 private:
  // A value that is of no use here, where one may stand.
  bool value() const { return depth_ == 2 && field_ != "labels" && field_ != "name"; }

  void keep(std::string& where, const std::string& text) {
    if (const auto problem = problem_of(text); !problem.empty()) entry_.wrong = problem;
    else where = text;
  }
  bool add_word(const std::string& text) {
    if (entry_.words.size() == kEtherscanWordsMax) entry_.wrong = "labels_too_many";
    else keep(entry_.words.emplace_back(), text);
    return true;
  }

  bool take() {
    if (++count_ > kEtherscanEntriesMax) {
      code = "list_too_long";
      return false;
    }
    const auto address = read_address(currency_, entry_.address);
    if (!address) out.refused.push_back({count_, address.error().code});
    else if (!entry_.wrong.empty()) out.refused.push_back({count_, entry_.wrong});
    else add_labels(*address);
    return true;
  }

  void add_labels(const custody::Address& address) {
    const bool token = is_token(entry_);
    const auto said = categories_of(entry_, token);
    const std::string& actor = entry_.name.empty() && !entry_.words.empty() ? entry_.words.front() : entry_.name;
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (!said[i]) continue;
      const auto category = static_cast<Category>(i);
      const std::string_view chain = is_of_the_holder(category) && !token ? kEveryEvmChain : currency_.chain;
      out.labels.push_back({std::string(chain), address, category, actor, origin_.source, origin_.licence, origin_.day,
                            kEtherscanConfidence});
    }
  }

  const Currency& currency_;
  const ListOrigin& origin_;
  std::size_t depth_ = 0;  // 1 in the list, 2 in an entry, 3 in its labels
  std::size_t count_ = 0;
  std::string field_;
  Entry entry_;
};

}  // namespace

Result<Imported> import_etherscan(std::string_view chain, std::string_view text, const ListOrigin& origin) {
  if (text.size() > kEtherscanSizeMax) return refuse("list_too_large");
  if (!is_evm_chain(chain)) return refuse("chain_not_evm");
  const Currency currency{"", Form::evm, chain, false};
  Entries entries(currency, origin);
  if (!nlohmann::json::sax_parse(text, &entries)) return refuse(entries.code);
  return std::move(entries.out);
}

}  // namespace holdfast::labels
