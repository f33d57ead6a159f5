#include "custody/requests.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::custody {
namespace {

// Of a digest: as evenly spread as can be.
std::uint64_t mixed(const RequestId& request) { return FixedBytesHash<RequestId::kSize>{}(request); }

}  // namespace

std::size_t Requests::shard_of(const RequestId& request) { return mixed(request) >> 56; }

std::size_t Requests::Shard::place(const RequestId& request) const {
  std::size_t at = mixed(request) & (places.size() - 1);
  while (places[at].withdrawal && places[at].request != request) at = (at + 1) & (places.size() - 1);
  return at;
}

void Requests::Shard::grow() {
  std::vector<Entry> old(places.size() * 2);
  old.swap(places);
  for (const Entry& entry : old) {
    if (entry.withdrawal) places[place(entry.request)] = entry;
  }
}

WithdrawalId Requests::find(const RequestId& request) const {
  const Shard& shard = shards_[shard_of(request)];
  return shard.places[shard.place(request)].withdrawal;
}

WithdrawalId Requests::at(const RequestId& request) const {
  const WithdrawalId found = find(request);
  HF_CHECK(found);
  return found;
}

void Requests::add(const RequestId& request, WithdrawalId withdrawal) {
  Shard& shard = shards_[shard_of(request)];
  if (4 * (shard.used + 1) > 3 * shard.places.size()) shard.grow();
  Entry& entry = shard.places[shard.place(request)];
  if (!entry.withdrawal) ++shard.used;
  entry = {request, withdrawal};
}

bool operator==(const Requests& a, const Requests& b) {
  return std::ranges::equal(a.shards_, b.shards_, [](const Requests::Shard& x, const Requests::Shard& y) {
    return x.used == y.used && std::ranges::all_of(x.places, [&](const Requests::Entry& entry) {
             return !entry.withdrawal || y.places[y.place(entry.request)].withdrawal == entry.withdrawal;
           });
  });
}

}  // namespace holdfast::custody
