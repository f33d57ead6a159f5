#include "chain/utxo/psbt/psbt_map.h"

namespace holdfast::chain::utxo {

std::optional<PsbtMap> read_map(WireReader& in) {
  PsbtMap map;
  for (;;) {
    const ByteView key = in.var_bytes();
    if (!in.ok()) return std::nullopt;
    if (key.empty()) return map;
    WireReader type(key);
    type.compact();
    if (!type.ok()) return std::nullopt;
    const ByteView value = in.var_bytes();
    if (!in.ok() || !map.emplace(to_bytes(key), to_bytes(value)).second) return std::nullopt;
  }
}

void put_map(Bytes& out, const PsbtMap& map) {
  for (const auto& [key, value] : map) {
    put_var_bytes(out, key);
    put_var_bytes(out, value);
  }
  put_u8(out, 0);
}

void MapFields::fail(std::string_view code, const std::string& what) {
  if (!error_) error_ = Error{ErrorKind::refusal, code, where_ + ": " + what};
}

std::optional<Bytes> MapFields::take_single(std::uint8_t type, std::size_t least, std::size_t most) {
  if (error_) return std::nullopt;
  const auto at = map_.lower_bound(Bytes{type});
  if (at == map_.end() || at->first.front() != type) return std::nullopt;
  const auto next = std::next(at);
  const bool alone = at->first.size() == 1 && (next == map_.end() || next->first.front() != type);
  if (!alone || at->second.size() < least || at->second.size() > most) {
    fail("psbt_malformed", "a field of type " + std::to_string(type));
    return std::nullopt;
  }
  Bytes value = std::move(at->second);
  map_.erase(at);
  return value;
}

void MapFields::refuse_present(std::uint8_t type) {
  if (map_.contains(Bytes{type})) {
    fail("psbt_version", "a field of type " + std::to_string(type) + " that this version does not have");
  }
}

}  // namespace holdfast::chain::utxo
