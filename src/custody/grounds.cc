// What verdicts and decisions rest on beside the books: prices, the lists that say who owns an address, operators' signatures.
#include "custody/handlers.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

struct PriceBase {
  std::uint64_t micro_usd = 0;
  Instant at;
};

// What a price at `now` is measured by: it follows the price at such a pace that it would be there in an hour. The first is the
// configuration's price.
PriceBase base_of(const Asset& asset, Instant now) {
  if (asset.base_micro_usd == 0) return {asset.price_micro_usd, now};
  const std::int64_t passed = std::clamp<std::int64_t>(now - asset.base_at, 0, kPriceBaseMs);
  const Int128 distance = Int128{asset.price_micro_usd} - Int128{asset.base_micro_usd};
  const Int128 moved = distance * passed / kPriceBaseMs;
  // Less than a millionth is kept for later.
  if (moved == 0 && distance != 0) return {asset.base_micro_usd, asset.base_at};
  return {static_cast<std::uint64_t>(Int128{asset.base_micro_usd} + moved), now};
}

}  // namespace

// Whoever holds the key that tells prices could make a fortune look like small change: so no price is over twice, or under half, of what
// follows the price within an hour.
Refusal decide(Decision& d, const SetPrice& c) {
  const Asset* asset = d.state.assets.find(c.asset);
  if (!asset) return Refusal::asset_unknown;
  if (c.micro_usd == 0) return Refusal::price_wrong;
  const std::uint64_t base = base_of(*asset, d.now).micro_usd;
  if (base == 0 && !c.by_operator) return Refusal::price_unknown;  // Nothing to measure it by.
  if (base != 0 && (c.micro_usd / 2 > base || c.micro_usd < base / 2)) return Refusal::price_jumps;
  const bool is_news = c.micro_usd != asset->price_micro_usd || d.now - asset->priced_at >= kPriceKeptMs;
  return is_news ? d.emit(PriceSet{c.asset, c.micro_usd, c.by}) : Refusal::none;
}

Refusal decide(Decision& d, const LoadLabels& c) {
  const LabelLists& known = d.state.label_lists;
  const LabelLists loaded{c.hash, c.labels, std::min(c.checked_at, d.now), d.now};
  const bool same = known.hash == loaded.hash && known.labels == loaded.labels && known.checked_at == loaded.checked_at;
  return same ? Refusal::none : d.emit(LabelsLoaded{loaded});
}

Refusal decide(Decision& d, const RecordSignature& c) { return d.emit(DecisionSigned{c.by, c.key, c.statement, c.signature}); }

void apply(State& s, Instant at, const PriceSet& e) {
  Asset& asset = s.assets.at(e.asset);
  const PriceBase base = base_of(asset, at);
  asset.base_micro_usd = base.micro_usd;
  asset.base_at = base.at;
  asset.price_micro_usd = e.micro_usd;
  asset.priced_at = at;
}

void apply(State& s, Instant, const LabelsLoaded& e) { s.label_lists = e.lists; }
void apply(State&, Instant, const DecisionSigned&) {}  // The journal has it.

}  // namespace holdfast::custody
