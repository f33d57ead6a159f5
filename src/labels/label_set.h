// All labels that a verdict may rest on: built once, never changed, asked by address.
//
// A look-up takes one probe of a hash table for the chain and one for all EVM chains, and allocates nothing. Threads may
// share a set. Where sources differ on an address, all of their labels are kept. Memory: some 145 bytes a label.
#pragma once

#include "base/bytes.h"
#include "labels/label.h"

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::labels {

// A label inside a set. Its texts live as long as the set.
struct SetLabel {
  std::string_view actor;
  std::string_view source;
  std::string_view licence;
  std::optional<std::int32_t> day;
  Category category = Category::other;
  std::uint8_t confidence = 0;
};

struct Found {
  std::span<const SetLabel> on_chain;
  std::span<const SetLabel> on_every_evm_chain;
  bool empty() const { return on_chain.empty() && on_every_evm_chain.empty(); }
};

class LabelSet {
 public:
  // The order does not matter. Of labels equal in chain, address, source and category the surest stays, then the newest.
  static LabelSet build(std::vector<Label> labels);

  LabelSet(const LabelSet&) = delete;
  LabelSet& operator=(const LabelSet&) = delete;
  LabelSet(LabelSet&&) = default;
  LabelSet& operator=(LabelSet&&) = default;

  // chain: CAIP-2, which tells the family ("eip155:" EVM, "bip122:" UTXO).
  Found find(std::string_view chain, const custody::Address& address) const;

  std::size_t size() const { return labels_.size(); }
  std::size_t addresses() const { return places_.size(); }
  std::size_t memory_bytes() const;  // Of labels, addresses, table and texts; without the allocator's own.
  // SHA-256 over the sorted labels: equal for equal lists, in whatever order they came.
  const Hash32& content_hash() const { return hash_; }
  std::optional<std::int32_t> oldest_day() const { return oldest_; }
  std::optional<std::int32_t> newest_day() const { return newest_; }

 private:
  struct Place {  // The labels of one address on one chain.
    custody::Address address;
    std::uint32_t chain = 0;  // index into chains_
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  LabelSet() = default;
  void add(const Label& label);
  std::string_view intern(const std::string& text);
  void index();
  std::size_t slot_of(std::uint32_t chain, const custody::Address& address) const;
  std::span<const SetLabel> at(std::string_view chain, const custody::Address& address) const;

  std::unordered_map<std::string, char> texts_;  // Nodes do not move: views into the keys stay good.
  std::vector<std::string_view> chains_;         // a few
  std::vector<SetLabel> labels_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> table_;  // Index into places_ plus 1, 0 for none; a power of two, at most half full.
  Hash32 hash_;
  std::optional<std::int32_t> oldest_;
  std::optional<std::int32_t> newest_;
};

// The names (name_of) of what is said of the address on the chain, labels on all EVM chains among it: each once, sorted, at
// most kCategoriesMax. What a policy is given as `labels`.
inline constexpr std::size_t kCategoriesMax = 16;
std::vector<std::string> categories(const LabelSet& set, std::string_view chain, const custody::Address& address);
// Of these, those that are (is_alarming).
std::vector<std::string> alarming_categories(const LabelSet& set, std::string_view chain, const custody::Address& address);

}  // namespace holdfast::labels
