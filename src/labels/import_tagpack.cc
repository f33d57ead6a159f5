#include "labels/import_tagpack.h"

#include "base/printable.h"
#include "labels/currency.h"
#include "labels/day.h"
#include "labels/tagpack_yaml.h"

#include <algorithm>
#include <array>

namespace holdfast::labels {
namespace {

constexpr std::array kConfidenceWords = {
    ConfidenceWord{"ownership", 100},      ConfidenceWord{"override", 100},
    ConfidenceWord{"ledger_immanent", 100}, ConfidenceWord{"manual_transaction", 90},
    ConfidenceWord{"service_api", 80},     ConfidenceWord{"authority_data", 80},
    ConfidenceWord{"trusted_provider", 70}, ConfidenceWord{"service_data", 60},
    ConfidenceWord{"forensic", 50},        ConfidenceWord{"untrusted_transaction", 40},
    ConfidenceWord{"web_crawl", 20},       ConfidenceWord{"heuristic", 10},
    ConfidenceWord{"unknown", 5},  // and where nothing is said
};

struct CategoryWord {
  std::string_view word;
  Category category;
};
constexpr std::array kAbuses = {
    CategoryWord{"sanction", Category::sanctioned}, CategoryWord{"service_hack", Category::stolen},
    CategoryWord{"hack", Category::stolen},         CategoryWord{"theft", Category::stolen},
    CategoryWord{"terrorism", Category::crime},     CategoryWord{"ransomware", Category::crime},
    CategoryWord{"scam", Category::scam},           CategoryWord{"phishing", Category::scam},
    CategoryWord{"ponzi_scheme", Category::scam},   CategoryWord{"extortion", Category::crime},
};
constexpr std::array kCategories = {
    CategoryWord{"black_list", Category::frozen},     CategoryWord{"coinjoin", Category::mixer},
    CategoryWord{"mixing_service", Category::mixer},  CategoryWord{"market", Category::market},
    CategoryWord{"gambling", Category::gambling},     CategoryWord{"exchange", Category::exchange},
    CategoryWord{"service", Category::service},       CategoryWord{"wallet_service", Category::service},
    CategoryWord{"hosted_wallet", Category::service}, CategoryWord{"payment_processor", Category::service},
    CategoryWord{"defi", Category::defi},             CategoryWord{"defi_dex", Category::defi},
    CategoryWord{"defi_lending", Category::defi},     CategoryWord{"defi_bridge", Category::defi},
    CategoryWord{"miner", Category::miner},           CategoryWord{"user", Category::other},
};

// The tag's own, or the header's.
std::string_view field(const RawPack& pack, const RawTag& tag, Field which) {
  if (tag[which]) return *tag[which];
  return pack.header[which] ? std::string_view(*pack.header[which]) : std::string_view{};
}

Result<Category> category_of(std::string_view abuse, std::string_view category) {
  if (abuse.empty() && category.empty()) return Category::other;
  const auto find = [](const auto& words, std::string_view word) -> Result<Category> {
    const auto* const found = std::ranges::find(words, word, &CategoryWord::word);
    if (found == words.end()) return refuse("category_unknown");
    return found->category;
  };
  return abuse.empty() ? find(kCategories, category) : find(kAbuses, abuse);
}

Result<std::uint8_t> confidence_of(std::string_view word) {
  const auto* const found = std::ranges::find(kConfidenceWords, word.empty() ? "unknown" : word, &ConfidenceWord::word);
  if (found == kConfidenceWords.end()) return refuse("confidence_unknown");
  return found->confidence;
}

// "2021-12-23", whatever time follows.
Result<std::optional<std::int32_t>> day_of(std::string_view text, std::optional<std::int32_t> otherwise) {
  if (text.empty()) return otherwise;
  const bool ends = text.size() <= 10 || text[10] == ' ' || text[10] == 'T';
  const auto day = ends ? read_day(text.substr(0, 10)) : std::nullopt;
  if (!day) return refuse("date_malformed");
  return day;
}

// The texts of a tag end up before people's eyes: no control characters.
Result<bool> check_texts(const RawTag& tag) {
  for (const auto& text : tag.fields) {
    if (!text) continue;
    if (text->size() > kPackFieldMax) return refuse("field_too_long");
    if (std::ranges::any_of(*text, is_control)) return refuse("field_unprintable");
  }
  return true;
}

Result<Label> label_of(const RawPack& pack, const RawTag& tag, const ListOrigin& origin) {
  const auto get = [&](Field which) { return field(pack, tag, which); };
  if (const auto good = check_texts(tag); !good) return std::unexpected(good.error());
  if (!tag[Field::address]) return refuse("address_missing");
  // The network says where, the currency only what.
  const std::string_view word = get(Field::network).empty() ? get(Field::currency) : get(Field::network);
  if (word.empty()) return refuse("currency_missing");
  const Currency* const currency = currency_of(word);
  if (currency == nullptr) return refuse("address_not_ours");
  const auto address = read_address(*currency, *tag[Field::address]);
  if (!address) return std::unexpected(address.error());
  const auto category = category_of(get(Field::abuse), get(Field::category));
  if (!category) return std::unexpected(category.error());
  const auto confidence = confidence_of(get(Field::confidence));
  if (!confidence) return std::unexpected(confidence.error());
  const auto day = day_of(get(Field::lastmod), origin.day);
  if (!day) return std::unexpected(day.error());
  const bool everywhere = currency->form == Form::evm && (is_of_the_holder(*category) || currency->on_many_chains);
  const std::string_view chain = everywhere ? kEveryEvmChain : chain_of(*currency);
  const std::string_view actor = get(Field::actor).empty() ? get(Field::label) : get(Field::actor);
  const std::string_view source = get(Field::source).empty() ? std::string_view(origin.source) : get(Field::source);
  return Label{std::string(chain), *address, *category, std::string(actor), std::string(source), origin.licence, *day,
               *confidence};
}

}  // namespace

std::span<const ConfidenceWord> confidence_words() { return kConfidenceWords; }

Result<Imported> import_tagpack(std::string_view text, const ListOrigin& origin) {
  const auto pack = read_pack(text);
  if (!pack) return std::unexpected(pack.error());
  if (const auto good = check_texts(pack->header); !good) return std::unexpected(good.error());
  Imported out;
  for (const RawTag& tag : pack->tags) {
    auto label = label_of(*pack, tag, origin);
    if (label) out.labels.push_back(*std::move(label));
    else if (label.error().code == "address_not_ours") ++out.not_ours;
    else out.refused.push_back({tag.line, label.error().code});
  }
  return out;
}

}  // namespace holdfast::labels
