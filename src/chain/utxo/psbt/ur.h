// Uniform Resources (BCR-2020-005, -006): a PSBT as texts short enough for QR codes, one after the other, as hardware wallets
// and Sparrow show and scan them. `ur:psbt/...` is written, `ur:crypto-psbt/...` is read as well.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::size_t kMaxUrBytes = 4'000'000;

// The first `parts_needed` texts carry the message in plain fragments; those behind it are fountain parts (mixtures), from
// which a scanner that missed some can still complete it. One text when it fits into one.
std::vector<std::string> encode_ur(std::string_view type, ByteView cbor, std::size_t max_fragment_bytes, std::size_t extra_parts);

// Takes texts in any order, repeated, upper or lower case, until the message is complete.
class UrDecoder {
 public:
  // Refuses `ur_malformed`, `ur_checksum`, `ur_other_message` (of another type, length or checksum than the first).
  Result<void> receive(std::string_view text);
  bool complete() const;
  double progress() const;  // 0 to 1, for people only.
  std::string type() const;
  // Precondition: complete().
  Bytes cbor() const;

 private:
  // (the implementer adds the fields)
};

// A PSBT inside its CBOR byte string.
Bytes cbor_of_psbt(ByteView psbt);
Result<Bytes> psbt_of_cbor(ByteView cbor);  // Refuses `ur_malformed`.

}  // namespace holdfast::chain::utxo
