#include "labels/label_set.h"

#include "base/check.h"
#include "base/keyed_hash.h"
#include "chain/utxo/codec/hash.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

namespace holdfast::labels {
namespace {

auto identity(const Label& label) { return std::tie(label.chain, label.address, label.category, label.source); }

// Total over all that a label says, so that the order of the input leaves no trace.
bool before(const Label& a, const Label& b) {
  const auto ours = identity(a);
  const auto theirs = identity(b);
  if (ours != theirs) return ours < theirs;
  return std::tie(b.confidence, b.day, a.actor, a.licence) < std::tie(a.confidence, a.day, b.actor, b.licence);
}

void put_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}
void put(Bytes& out, ByteView bytes) {
  put_number(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Every text with its length in front: no two lists write the same bytes.
void put(Bytes& out, const Label& label) {
  put(out, as_bytes(label.chain));
  put(out, label.address.view());
  put(out, as_bytes(label.actor));
  put(out, as_bytes(label.source));
  put(out, as_bytes(label.licence));
  out.push_back(label.day ? 1 : 0);
  put_number(out, static_cast<std::uint64_t>(std::int64_t{label.day.value_or(0)}));
  out.push_back(static_cast<std::uint8_t>(label.category));
  out.push_back(label.confidence);
}

Hash32 hash_of(const std::vector<Label>& labels) {
  Bytes digests;
  for (const Label& label : labels) {
    Bytes text;
    put(text, label);
    const Hash32 digest = chain::utxo::sha256(text);
    digests.insert(digests.end(), digest.bytes.begin(), digest.bytes.end());
  }
  return chain::utxo::sha256(digests);
}

}  // namespace

std::string_view name_of(Category category) {
  switch (category) {
    case Category::other: return "other";
    case Category::sanctioned: return "sanctioned";
    case Category::stolen: return "stolen";
    case Category::crime: return "crime";
    case Category::scam: return "scam";
    case Category::frozen: return "frozen";
    case Category::mixer: return "mixer";
    case Category::market: return "market";
    case Category::gambling: return "gambling";
    case Category::exchange: return "exchange";
    case Category::service: return "service";
    case Category::defi: return "defi";
    case Category::miner: return "miner";
  }
  return "other";
}

bool is_of_the_holder(Category category) {
  return category == Category::sanctioned || category == Category::stolen || category == Category::crime ||
         category == Category::scam;
}

bool is_alarming(Category category) { return is_of_the_holder(category) || category == Category::frozen; }

LabelSet LabelSet::build(std::vector<Label> labels) {
  std::ranges::sort(labels, before);
  const auto extra = std::ranges::unique(labels, [](const Label& a, const Label& b) { return identity(a) == identity(b); });
  labels.erase(extra.begin(), extra.end());
  HF_CHECK(labels.size() < std::numeric_limits<std::uint32_t>::max() / 4);
  LabelSet set;
  set.hash_ = hash_of(labels);
  set.labels_.reserve(labels.size());
  for (const Label& label : labels) set.add(label);
  set.places_.shrink_to_fit();
  set.index();
  return set;
}

// Sorted by chain, then address: labels of one place come one after the other.
void LabelSet::add(const Label& label) {
  if (chains_.empty() || chains_.back() != label.chain) chains_.push_back(intern(label.chain));
  const auto chain = static_cast<std::uint32_t>(chains_.size() - 1);
  if (places_.empty() || places_.back().chain != chain || places_.back().address != label.address) {
    places_.push_back({label.address, chain, static_cast<std::uint32_t>(labels_.size()), 0});
  }
  ++places_.back().count;
  labels_.push_back({intern(label.actor), intern(label.source), intern(label.licence), label.day, label.category,
                      label.confidence});
  if (!label.day) return;
  oldest_ = std::min(oldest_.value_or(*label.day), *label.day);
  newest_ = std::max(newest_.value_or(*label.day), *label.day);
}

std::string_view LabelSet::intern(const std::string& text) { return texts_.try_emplace(text).first->first; }

void LabelSet::index() {
  table_.assign(std::bit_ceil(places_.size() * 2 + 1), 0);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    table_[slot_of(places_[i].chain, places_[i].address)] = static_cast<std::uint32_t>(i + 1);
  }
}

// Where the place is, or the free slot where it would be: half of the slots are free, so the search ends.
std::size_t LabelSet::slot_of(std::uint32_t chain, const custody::Address& address) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = (keyed_hash(address.view()) + chain) & mask;
  for (; table_[slot] != 0; slot = (slot + 1) & mask) {
    const Place& place = places_[table_[slot] - 1];
    if (place.chain == chain && place.address == address) break;
  }
  return slot;
}

std::span<const SetLabel> LabelSet::at(std::string_view chain, const custody::Address& address) const {
  const auto known = std::ranges::find(chains_, chain);
  if (known == chains_.end()) return {};
  const std::uint32_t place = table_[slot_of(static_cast<std::uint32_t>(known - chains_.begin()), address)];
  if (place == 0) return {};
  return std::span(labels_).subspan(places_[place - 1].first, places_[place - 1].count);
}

Found LabelSet::find(std::string_view chain, const custody::Address& address) const {
  if (!chain.starts_with("eip155:")) return {at(chain, address), {}};
  if (chain == kEveryEvmChain) return {{}, at(chain, address)};
  return {at(chain, address), at(kEveryEvmChain, address)};
}

namespace {

template <class Wanted>
std::vector<std::string> categories(const LabelSet& set, std::string_view chain, const custody::Address& address, const Wanted& wanted) {
  static_assert(kCategoryCount <= kCategoriesMax, "a bit for each, and no list longer than a policy takes");
  const Found found = set.find(chain, address);
  std::uint32_t said = 0;
  for (const auto labels : {found.on_chain, found.on_every_evm_chain}) {
    for (const SetLabel& label : labels) said |= wanted(label.category) ? 1U << static_cast<unsigned>(label.category) : 0U;
  }
  std::vector<std::string> names;
  for (unsigned i = 0; said != 0; ++i, said >>= 1) {
    if ((said & 1U) != 0) names.emplace_back(name_of(static_cast<Category>(i)));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::vector<std::string> categories(const LabelSet& set, std::string_view chain, const custody::Address& address) {
  return categories(set, chain, address, [](Category) { return true; });
}

std::vector<std::string> alarming_categories(const LabelSet& set, std::string_view chain, const custody::Address& address) {
  return categories(set, chain, address, is_alarming);
}

std::size_t LabelSet::memory_bytes() const {
  std::size_t sum = sizeof *this + chains_.capacity() * sizeof(std::string_view) + labels_.capacity() * sizeof(SetLabel) +
                    places_.capacity() * sizeof(Place) + table_.capacity() * sizeof(std::uint32_t);
  for (const auto& [text, unused] : texts_) sum += sizeof(std::string) + 2 * sizeof(void*) + text.capacity();
  return sum + texts_.bucket_count() * sizeof(void*);
}

}  // namespace holdfast::labels
