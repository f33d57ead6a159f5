#include "chain/utxo/codec/script.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/transaction.h"

namespace holdfast::chain::utxo {

namespace {

enum Op : std::uint8_t {
  op_0 = 0x00, op_push_max = 0x4b, op_pushdata1 = 0x4c, op_pushdata2 = 0x4d, op_pushdata4 = 0x4e, op_1 = 0x51, op_16 = 0x60,
  op_return = 0x6a, op_dup = 0x76, op_equal = 0x87, op_equalverify = 0x88, op_numequal = 0x9c, op_hash160 = 0xa9,
  op_checksig = 0xac, op_checkmultisig = 0xae, op_checksigadd = 0xba,
};

constexpr std::uint8_t kHashPush = Hash20::kSize;
constexpr std::uint8_t kKeyPush = PublicKey33::kSize;
constexpr std::uint8_t kXOnlyPush = XOnlyKey::kSize;
constexpr std::size_t kMultisigMaxKeys = 16;
constexpr std::size_t kMultiAMaxKeys = 999;
constexpr std::size_t kMaxScriptBytes = 10'000;
constexpr std::size_t kWitnessProgramMin = 2;
constexpr std::size_t kWitnessProgramMax = 40;
constexpr std::size_t kControlMaxPath = 128;

bool is_small_number(std::uint8_t op) { return op >= op_1 && op <= op_16; }
unsigned small_number(std::uint8_t op) { return op - unsigned{op_1} + 1; }
std::uint8_t op_of(unsigned number) { return static_cast<std::uint8_t>(op_1 + number - 1); }

bool is_only_pushes(ByteView script) {
  WireReader in(script);
  while (in.ok() && !in.at_end()) {
    const std::uint8_t op = in.u8();
    if (op > op_16) return false;
    if (op <= op_push_max) in.bytes(op);
    if (op == op_pushdata1) in.bytes(in.u8());
    if (op == op_pushdata2) in.bytes(in.u16());
    if (op == op_pushdata4) in.bytes(in.u32());
  }
  return in.ok();
}

// A version and a push of 2 to 40 bytes (BIP 141).
bool is_witness_program(ByteView script) {
  return script.size() >= 2 + kWitnessProgramMin && script.size() <= 2 + kWitnessProgramMax &&
         (script[0] == op_0 || is_small_number(script[0])) && script[1] == script.size() - 2;
}

ScriptKind witness_kind(ByteView script) {
  const std::size_t program = script.size() - 2;
  if (script[0] == op_0) {
    if (program == Hash20::kSize) return ScriptKind::p2wpkh;
    return program == Hash32::kSize ? ScriptKind::p2wsh : ScriptKind::unknown;  // Nobody can spend other lengths.
  }
  return script[0] == op_1 && program == XOnlyKey::kSize ? ScriptKind::p2tr : ScriptKind::witness_unknown;
}

Bytes wrapped(std::initializer_list<std::uint8_t> before, ByteView middle, std::initializer_list<std::uint8_t> after = {}) {
  Bytes out(before);
  put_bytes(out, middle);
  out.insert(out.end(), after);
  return out;
}

// The shortest push of a number from 1 to 999.
void put_number(Bytes& out, unsigned number) {
  if (number <= 16) return put_u8(out, op_of(number));
  const bool one_byte = number < 0x80;  // The highest bit would be a sign.
  put_u8(out, one_byte ? 1 : 2);
  put_u8(out, static_cast<std::uint8_t>(number));
  if (!one_byte) put_u8(out, static_cast<std::uint8_t>(number >> 8));
}

// What put_number writes, and nothing else: zero is no answer of a proper script.
unsigned read_number(WireReader& in) {
  const std::uint8_t op = in.u8();
  if (is_small_number(op)) return small_number(op);
  if (op != 1 && op != 2) return 0;
  const unsigned number = op == 1 ? in.u8() : in.u16();
  const bool shortest = op == 1 ? number > 16 && number < 0x80 : number >= 0x80 && number < 0x8000;
  return shortest ? number : 0;
}

}  // namespace

ScriptKind classify(ByteView script) {
  if (is_witness_program(script)) return witness_kind(script);
  if (script.size() == 25 && script[0] == op_dup && script[1] == op_hash160 && script[2] == kHashPush &&
      script[23] == op_equalverify && script[24] == op_checksig) {
    return ScriptKind::p2pkh;
  }
  if (script.size() == 23 && script[0] == op_hash160 && script[1] == kHashPush && script[22] == op_equal) {
    return ScriptKind::p2sh;
  }
  if (!script.empty() && script[0] == op_return && is_only_pushes(script.subspan(1))) return ScriptKind::null_data;
  return ScriptKind::unknown;
}

Bytes p2pkh_script(const Hash20& key_hash) {
  return wrapped({op_dup, op_hash160, kHashPush}, key_hash.view(), {op_equalverify, op_checksig});
}
Bytes p2sh_script(const Hash20& script_hash) { return wrapped({op_hash160, kHashPush}, script_hash.view(), {op_equal}); }
Bytes p2wpkh_script(const Hash20& key_hash) { return wrapped({op_0, kHashPush}, key_hash.view()); }
Bytes p2wsh_script(ByteView witness_script) { return wrapped({op_0, Hash32::kSize}, sha256(witness_script).view()); }
Bytes p2tr_script(const XOnlyKey& output_key) { return wrapped({op_1, kXOnlyPush}, output_key.view()); }

Bytes multisig_script(unsigned threshold, const std::vector<PublicKey33>& keys) {
  HF_CHECK(threshold >= 1 && threshold <= keys.size() && keys.size() <= kMultisigMaxKeys);
  Bytes out{op_of(threshold)};
  for (const PublicKey33& key : keys) put_var_bytes(out, key.view());
  put_u8(out, op_of(static_cast<unsigned>(keys.size())));
  put_u8(out, op_checkmultisig);
  return out;
}

Bytes multi_a_script(unsigned threshold, const std::vector<XOnlyKey>& keys) {
  HF_CHECK(threshold >= 1 && threshold <= keys.size() && keys.size() <= kMultiAMaxKeys);
  Bytes out;
  for (const XOnlyKey& key : keys) {
    const std::uint8_t op = out.empty() ? op_checksig : op_checksigadd;
    put_var_bytes(out, key.view());
    put_u8(out, op);
  }
  put_number(out, threshold);
  put_u8(out, op_numequal);
  return out;
}

std::optional<Multisig> parse_multisig(ByteView script) {
  WireReader in(script);
  Multisig out;
  const std::uint8_t threshold = in.u8();
  std::uint8_t next = in.u8();
  for (; in.ok() && next == kKeyPush && out.keys.size() < kMultisigMaxKeys; next = in.u8()) {
    const ByteView key = in.bytes(kKeyPush);
    if (!in.ok() || (key[0] != 0x02 && key[0] != 0x03)) return std::nullopt;
    out.keys.push_back(PublicKey33::from(key));
  }
  if (in.u8() != op_checkmultisig || !in.ok() || !in.at_end()) return std::nullopt;
  if (!is_small_number(threshold) || !is_small_number(next)) return std::nullopt;
  out.threshold = small_number(threshold);
  if (small_number(next) != out.keys.size() || out.threshold > out.keys.size()) return std::nullopt;
  return out;
}

std::optional<MultisigA> parse_multi_a(ByteView script) {
  WireReader in(script);
  MultisigA out;
  while (!in.rest().empty() && in.rest()[0] == kXOnlyPush && out.keys.size() < kMultiAMaxKeys) {
    in.u8();
    const ByteView key = in.bytes(kXOnlyPush);
    const std::uint8_t op = in.u8();
    if (!in.ok() || op != (out.keys.empty() ? op_checksig : op_checksigadd)) return std::nullopt;
    out.keys.push_back(XOnlyKey::from(key));
  }
  out.threshold = read_number(in);
  if (in.u8() != op_numequal || !in.ok() || !in.at_end()) return std::nullopt;
  if (out.threshold == 0 || out.threshold > out.keys.size()) return std::nullopt;
  return out;
}

XOnlyKey unspendable_internal_key() {
  // x is SHA-256 of the curve's generator, uncompressed: so nobody chose it.
  return XOnlyKey{{0x50, 0x92, 0x9b, 0x74, 0xc1, 0xa0, 0x49, 0x54, 0xb7, 0x8b, 0x4b, 0x60, 0x35, 0xe9, 0x7a, 0x5e,
                   0x07, 0x8a, 0x5a, 0x0f, 0x28, 0xec, 0x96, 0xd5, 0x47, 0xbf, 0xee, 0x9a, 0xce, 0x80, 0x3a, 0xc0}};
}

Hash32 tapleaf_hash(ByteView script, std::uint8_t leaf_version) {
  Bytes head{leaf_version};
  put_compact(head, script.size());
  return tagged_hash("TapLeaf", {head, script});
}

Hash32 tapbranch_hash(const Hash32& a, const Hash32& b) {
  return tagged_hash("TapBranch", {std::min(a, b).view(), std::max(a, b).view()});
}

Hash32 taproot_tweak(const XOnlyKey& internal, const std::optional<Hash32>& merkle_root) {
  return tagged_hash("TapTweak", {internal.view(), merkle_root ? merkle_root->view() : ByteView()});
}

Bytes control_block(const XOnlyKey& internal, bool odd, const std::vector<Hash32>& path, std::uint8_t leaf_version) {
  HF_CHECK(path.size() <= kControlMaxPath);
  Bytes out{static_cast<std::uint8_t>(leaf_version | (odd ? 1 : 0))};
  put_bytes(out, internal.view());
  for (const Hash32& hash : path) put_bytes(out, hash.view());
  return out;
}

std::size_t output_vsize(ByteView script_pubkey) {
  return sizeof(TxOut::value) + compact_size(script_pubkey.size()) + script_pubkey.size();
}

std::int64_t dust_limit(ByteView script_pubkey, std::int64_t dust_feerate_sat_per_kvb) {
  const bool unspendable = (!script_pubkey.empty() && script_pubkey[0] == op_return) || script_pubkey.size() > kMaxScriptBytes;
  if (unspendable) return 0;
  // What spending it would take: outpoint, script length, sequence, and a signature with a key (a quarter in a witness).
  const std::size_t spend = 32 + 4 + 1 + (is_witness_program(script_pubkey) ? 107 / 4 : 107) + 4;
  const auto size = static_cast<std::int64_t>(output_vsize(script_pubkey) + spend);
  std::int64_t fee = 0;
  if (__builtin_mul_overflow(size, dust_feerate_sat_per_kvb, &fee)) return kMaxMoneyLitecoin;
  return fee / 1000 + (fee % 1000 > 0 ? 1 : 0);
}

}  // namespace holdfast::chain::utxo
