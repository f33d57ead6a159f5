#include "signer/eyes/owner_signatures.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

constexpr std::size_t kMaxCalls = 16;

// The order of secp256k1, and half of it.
constexpr Word kOrder{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                       0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41}};
constexpr Word kHalfOrder{{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                           0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0}};

// Precondition: s <= kOrder.
Word order_less(const Word& s) {
  Word out;
  int borrow = 0;
  for (std::size_t i = Word::kSize; i-- > 0;) {
    const int digit = kOrder.bytes[i] - s.bytes[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    out.bytes[i] = static_cast<std::uint8_t>(digit & 0xff);
  }
  return out;
}

// (r, s, v) and (r, n - s, the other v) are signatures of the same key.
void lower_s(Signature& signature) {
  const Word s = Word::from(signature.view().subspan(32, Word::kSize));
  if (s <= kHalfOrder || s >= kOrder) return;
  std::ranges::copy(order_less(s).bytes, signature.bytes.begin() + 32);
  std::uint8_t& v = signature.bytes[64];
  const bool known = v == 27 || v == 28 || v == 31 || v == 32;
  if (known) v = static_cast<std::uint8_t>(v == 27 || v == 31 ? v + 1 : v - 1);
}

}  // namespace

std::vector<Address20> signers_of(const Hash32& hash, ByteView signatures, std::size_t parts, Effort& effort) {
  const std::size_t count = std::min({signatures.size() / Signature::kSize, parts, effort.left});
  effort.left -= count;
  Bytes lowered;
  for (std::size_t i = 0; i < count; ++i) {
    Signature signature = Signature::from(signatures.subspan(i * Signature::kSize, Signature::kSize));
    lower_s(signature);
    lowered.insert(lowered.end(), signature.bytes.begin(), signature.bytes.end());
  }
  return recover_owner_signatures(hash, lowered);
}

std::vector<ExecTransaction> exec_calls_in(ByteView calldata) {
  static const Bytes kSelector = [] {
    Bytes call = encode_exec_transaction({});
    call.resize(Selector::kSize);
    return call;
  }();
  std::vector<ExecTransaction> out;
  auto from = calldata.begin();
  for (std::size_t tries = 0; tries < kMaxCalls; ++tries) {
    const auto found = std::search(from, calldata.end(), kSelector.begin(), kSelector.end());
    if (found == calldata.end()) break;
    if (auto call = read_exec_transaction(calldata.subspan(static_cast<std::size_t>(found - calldata.begin())))) {
      out.push_back(std::move(*call));
    }
    from = found + 1;
  }
  return out;
}

bool mentions(ByteView calldata, const Address20& address) {
  return std::search(calldata.begin(), calldata.end(), address.bytes.begin(), address.bytes.end()) != calldata.end();
}

}  // namespace holdfast::signer
