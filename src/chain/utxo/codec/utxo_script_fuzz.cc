// A script that is read as a multisig is the one that would be made; kinds, sizes and dust agree with each other.
#include "base/check.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/signature.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

namespace {

PublicKey33 generator() {
  Secret one(32);
  one.mutable_data()[31] = 1;
  return *public_key_of(one);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView script(data, size);
  const auto multisig = parse_multisig(script);
  const auto multi_a = parse_multi_a(script);
  HF_CHECK(!multisig || !multi_a);
  if (multisig) HF_CHECK(std::ranges::equal(multisig_script(multisig->threshold, multisig->keys), script));
  if (multi_a) HF_CHECK(std::ranges::equal(multi_a_script(multi_a->threshold, multi_a->keys), script));
  const ScriptKind kind = classify(script);
  if (multisig || multi_a) HF_CHECK(kind == ScriptKind::unknown);
  if (kind == ScriptKind::p2wpkh) HF_CHECK(std::ranges::equal(p2wpkh_script(Hash20::from(script.subspan(2))), script));
  if (kind == ScriptKind::p2pkh) HF_CHECK(std::ranges::equal(p2pkh_script(Hash20::from(script.subspan(3, 20))), script));
  if (kind == ScriptKind::p2sh) HF_CHECK(std::ranges::equal(p2sh_script(Hash20::from(script.subspan(2, 20))), script));
  if (kind == ScriptKind::p2tr) HF_CHECK(std::ranges::equal(p2tr_script(XOnlyKey::from(script.subspan(2))), script));
  const std::int64_t dust = dust_limit(script);
  HF_CHECK(kind == ScriptKind::null_data ? dust == 0 : dust >= 0 && dust < 50'000);
  HF_CHECK(output_vsize(script) > size);
  // The same bytes as a signature by the key 1 over nothing.
  static const PublicKey33 key = generator();
  HF_CHECK(!verify_ecdsa(key, Hash32(), script) || (size >= 8 && size <= 72));
  return 0;
}
