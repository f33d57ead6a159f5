// Uniform Resources (BCR-2020-005, -006): a PSBT as texts short enough for QR codes, one after the other, as hardware wallets
// and Sparrow show and scan them. `ur:psbt/...` is written, `ur:crypto-psbt/...` is read as well.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "chain/utxo/psbt/fountain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::size_t kMaxUrBytes = 4'000'008;  // The largest PSBT in its CBOR.
inline constexpr std::size_t kMaxUrFragments = 2048;

// The first `fragments` texts carry the message in plain fragments; those behind it are fountain parts (mixtures), from which
// a scanner that missed some can still complete it. One text when it fits into one. Lower case; QR codes are smaller in upper
// case, which means the same. Fragments become larger than asked for where there would be too many of them. Precondition: cbor
// is neither empty nor over kMaxUrBytes, and the type consists of small letters, digits and '-'.
std::vector<std::string> encode_ur(std::string_view type, ByteView cbor, std::size_t max_fragment_bytes,
                                   std::size_t extra_parts);

// Takes texts in any order, repeated, upper or lower case, until the message is complete.
class UrDecoder {
 public:
  // Refuses `ur_malformed`, `ur_checksum`, `ur_other_message` (of another type, length or checksum than the first). A
  // whole message that fails its checksum is forgotten: the next text begins anew.
  Result<void> receive(std::string_view text);
  bool complete() const;
  double progress() const;  // 0 to 1, for people only.
  std::string type() const;
  // Precondition: complete().
  Bytes cbor() const;

 private:
  struct Shape {
    std::size_t fragments = 0;
    std::size_t message_bytes = 0;
    std::uint32_t checksum = 0;
    std::size_t fragment_bytes = 0;
    friend bool operator==(const Shape&, const Shape&) = default;
  };
  struct Part {
    std::uint32_t sequence = 0;
    Shape shape;
    Bytes data;
  };
  static Result<Part> read_part(std::string_view place, std::string_view body);
  Result<void> receive_single(std::string_view type, std::string_view body);
  Result<void> receive_part(std::string_view type, const Part& part);
  Result<void> finish();

  std::string type_;  // Empty before the first text.
  std::optional<Shape> shape_;
  std::optional<DegreeSampler> sampler_;
  std::optional<FountainSolver> solver_;
  std::optional<Bytes> message_;
};

// A PSBT inside its CBOR byte string.
Bytes cbor_of_psbt(ByteView psbt);  // Precondition: no larger than kMaxUrBytes.
Result<Bytes> psbt_of_cbor(ByteView cbor);  // Refuses `ur_malformed`.

}  // namespace holdfast::chain::utxo
