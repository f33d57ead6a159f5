#include "chain/utxo/wallet/descriptor.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/signature.h"
#include "chain/utxo/wallet/descriptor_form.h"

#include <algorithm>
#include <array>

namespace holdfast::chain::utxo {

namespace {

// Upper bounds, in bytes: DER with a low s and its sighash byte; BIP 340 with the default sighash.
constexpr std::size_t kEcdsaSignature = 72;
constexpr std::size_t kSchnorrSignature = 64;
constexpr std::size_t kWitnessScale = 4;  // What stands in a scriptSig weighs four times as much.
constexpr std::size_t kEmptyItem = 1;
constexpr std::size_t kCountByte = 1;

std::size_t item(std::size_t size) { return compact_size(size) + size; }

std::size_t key_items() { return item(kEcdsaSignature) + item(PublicKey33::kSize); }

std::size_t multisig_witness(std::size_t threshold, std::size_t script_size) {
  return compact_size(threshold + 2) + kEmptyItem + threshold * item(kEcdsaSignature) + item(script_size);
}

std::size_t leaf_witness(std::size_t threshold, std::size_t keys, std::size_t script_size, std::size_t control_size) {
  return compact_size(keys + 2) + threshold * item(kSchnorrSignature) + (keys - threshold) * kEmptyItem +
         item(script_size) + item(control_size);
}

// The script as it is pushed in a scriptSig: both kinds that are nested are short.
std::size_t nested_weight(ByteView redeem_script) { return kWitnessScale * (1 + redeem_script.size()); }

std::vector<PublicKey33> points(const std::vector<KeyOrigin>& keys) {
  std::vector<PublicKey33> out;
  out.reserve(keys.size());
  for (const KeyOrigin& key : keys) out.push_back(key.key);
  return out;
}

std::vector<XOnlyKey> x_only_points(const std::vector<KeyOrigin>& keys) {
  std::vector<XOnlyKey> out;
  out.reserve(keys.size());
  for (const KeyOrigin& key : keys) out.push_back(x_only(key.key));
  return out;
}

// A key that stands in a quorum twice signs twice: two signatures of one person's.
bool has_key_twice(const DescriptorForm& form, const std::vector<KeyOrigin>& keys) {
  std::vector<PublicKey33> sorted = points(keys);
  if (form.output == OutputForm::tr_leaf) {
    for (PublicKey33& key : sorted) key.bytes[0] = 0;
  }
  std::ranges::sort(sorted);
  return std::ranges::adjacent_find(sorted) != sorted.end();
}

Result<std::vector<KeyOrigin>> derive_keys(const DescriptorForm& form, std::uint32_t branch, std::uint32_t index) {
  std::vector<KeyOrigin> keys;
  keys.reserve(form.keys.size());
  for (const DescriptorKey& key : form.keys) {
    auto derived = key.derive(branch, index);
    if (!derived) return Failure(derived.error());
    keys.push_back(std::move(*derived));
  }
  if (has_key_twice(form, keys)) return refuse("key_invalid", "the same key twice in a quorum");
  if (!form.sorted) return keys;
  if (form.output == OutputForm::tr_leaf) {
    std::ranges::sort(keys, {}, [](const KeyOrigin& key) { return x_only(key.key); });
  } else {
    std::ranges::sort(keys, {}, &KeyOrigin::key);  // BIP 67
  }
  return keys;
}

void pay_to_witness_script(const DescriptorForm& form, DerivedOutput& out) {
  out.witness_script = multisig_script(form.threshold, points(out.keys));
  out.script_pubkey = p2wsh_script(out.witness_script);
  out.satisfaction_weight = multisig_witness(form.threshold, out.witness_script.size());
}

Result<void> pay_to_key_path(DerivedOutput& out) {
  out.internal_key = x_only(out.keys[0].key);
  const auto output = taproot_output(*out.internal_key, std::nullopt);
  if (!output) return Failure(output.error());
  out.script_pubkey = p2tr_script(output->key);
  out.satisfaction_weight = kCountByte + item(kSchnorrSignature);
  return {};
}

Result<void> pay_to_leaf(const DescriptorForm& form, const KeyOrigin& internal, DerivedOutput& out) {
  out.internal_key = x_only(internal.key);
  out.leaf_script = multi_a_script(form.threshold, x_only_points(out.keys));
  const auto output = taproot_output(*out.internal_key, tapleaf_hash(out.leaf_script));
  if (!output) return Failure(output.error());
  out.script_pubkey = p2tr_script(output->key);
  out.control_block = control_block(*out.internal_key, output->odd);
  out.satisfaction_weight = leaf_witness(form.threshold, out.keys.size(), out.leaf_script.size(), out.control_block.size());
  return {};
}

Result<void> pay(const DescriptorForm& form, std::uint32_t branch, std::uint32_t index, DerivedOutput& out) {
  switch (form.output) {
    case OutputForm::pkh:
      out.script_pubkey = p2pkh_script(hash160(out.keys[0].key.view()));
      out.satisfaction_weight = kWitnessScale * key_items() + kCountByte;
      return {};
    case OutputForm::wpkh:
      out.script_pubkey = p2wpkh_script(hash160(out.keys[0].key.view()));
      out.satisfaction_weight = kCountByte + key_items();
      return {};
    case OutputForm::wsh: pay_to_witness_script(form, out); return {};
    case OutputForm::tr_key: return pay_to_key_path(out);
    case OutputForm::tr_leaf: {
      const auto internal = form.internal->derive(branch, index);
      if (!internal) return Failure(internal.error());
      return pay_to_leaf(form, *internal, out);
    }
    case OutputForm::fixed: out.script_pubkey = form.script; return {};
  }
  return {};
}

// 5 bits of a character's place among the others, and its group: every third group makes a symbol of its own (BIP 380).
class Checksum {
 public:
  bool add(char c) {
    constexpr std::string_view kCharacters =
        "0123456789()[],'/*abcdefgh@:$%{}"
        "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
        "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
    const std::size_t at = kCharacters.find(c);
    if (at == std::string_view::npos) return false;
    symbol(at & 31U);
    groups_ = groups_ * 3 + (at >> 5U);
    if (++held_ == 3) flush();
    return true;
  }
  std::string text() {
    constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    if (held_ > 0) flush();
    for (std::size_t i = 0; i < kSize; ++i) symbol(0);
    value_ ^= 1;
    std::string out;
    for (std::size_t i = kSize; i > 0; --i) out.push_back(kAlphabet[value_ >> 5 * (i - 1) & 31U]);
    return out;
  }
  static constexpr std::size_t kSize = 8;

 private:
  void flush() {
    symbol(groups_);
    groups_ = 0;
    held_ = 0;
  }
  void symbol(std::uint64_t value) {
    constexpr std::array<std::uint64_t, 5> kGenerator{0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd};
    const std::uint64_t top = value_ >> 35U;
    value_ = (value_ & 0x7ffffffffU) << 5U ^ value;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1U) != 0) value_ ^= kGenerator[i];
    }
  }
  std::uint64_t value_ = 1;
  std::uint64_t groups_ = 0;
  unsigned held_ = 0;
};

// The text in front of '#', when what is behind is right for it.
Result<std::string_view> without_checksum(std::string_view text) {
  const std::string_view body = text.substr(0, text.find('#'));
  const auto expected = descriptor_checksum(body);
  if (!expected) return refuse("descriptor_malformed", "a character that no descriptor has");
  if (body.size() < text.size() && text.substr(body.size() + 1) != *expected) {
    return refuse("descriptor_checksum", "the descriptor is mistyped: its checksum is wrong");
  }
  return body;
}

}  // namespace

struct Descriptor::Parsed {
  DescriptorForm form;
};

Descriptor::Descriptor(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Descriptor::Descriptor(Descriptor&&) noexcept = default;
Descriptor& Descriptor::operator=(Descriptor&&) noexcept = default;
Descriptor::Descriptor(const Descriptor& other) : parsed_(std::make_unique<Parsed>(*other.parsed_)) {}
Descriptor& Descriptor::operator=(const Descriptor& other) { return *this = Descriptor(other); }
Descriptor::~Descriptor() = default;

Result<Descriptor> Descriptor::parse(std::string_view text, const Network& network) {
  if (text.size() > kMaxDescriptorText) return refuse("descriptor_malformed", "longer than 64 KiB");
  const auto body = without_checksum(text);
  if (!body) return Failure(body.error());
  auto form = parse_form(*body, network);
  if (!form) return Failure(form.error());
  Descriptor out(std::make_unique<Parsed>(Parsed{std::move(*form)}));
  for (std::uint32_t branch = 0; branch < out.branches(); ++branch) {
    const auto first = out.derive(branch, 0);
    if (!first) return Failure(first.error());
  }
  return out;
}

std::string Descriptor::to_text() const {
  const std::string& body = parsed_->form.text;
  return body + "#" + *descriptor_checksum(body);
}

bool Descriptor::is_ranged() const { return parsed_->form.ranged(); }
unsigned Descriptor::branches() const { return static_cast<unsigned>(parsed_->form.branches()); }
unsigned Descriptor::threshold() const { return parsed_->form.threshold; }
unsigned Descriptor::key_count() const { return static_cast<unsigned>(parsed_->form.keys.size()); }

bool Descriptor::has_key_path() const {
  const DescriptorForm& form = parsed_->form;
  if (form.output == OutputForm::tr_key) return !form.keys[0].unspendable;
  return form.output == OutputForm::tr_leaf && !form.internal->unspendable;
}

ScriptKind Descriptor::kind() const {
  const DescriptorForm& form = parsed_->form;
  if (form.nested) return ScriptKind::p2sh;
  switch (form.output) {
    case OutputForm::pkh: return ScriptKind::p2pkh;
    case OutputForm::wpkh: return ScriptKind::p2wpkh;
    case OutputForm::wsh: return ScriptKind::p2wsh;
    case OutputForm::tr_key:
    case OutputForm::tr_leaf: return ScriptKind::p2tr;
    case OutputForm::fixed: return classify(form.script);
  }
  return ScriptKind::unknown;
}

Result<DerivedOutput> Descriptor::derive(std::uint32_t branch, std::uint32_t index) const {
  const DescriptorForm& form = parsed_->form;
  if (branch >= form.branches()) return refuse("derivation_out_of_range", "the descriptor has no such branch");
  if (index >= kHardened || (index > 0 && !form.ranged())) {
    return refuse("derivation_out_of_range", "the descriptor has no such index");
  }
  auto keys = derive_keys(form, branch, index);
  if (!keys) return Failure(keys.error());
  DerivedOutput out;
  out.threshold = form.threshold;
  out.keys = std::move(*keys);
  const auto paid = pay(form, branch, index, out);
  if (!paid) return Failure(paid.error());
  if (form.nested) {
    out.redeem_script = std::move(out.script_pubkey);
    out.script_pubkey = p2sh_script(hash160(out.redeem_script));
    out.satisfaction_weight += nested_weight(out.redeem_script);
  }
  return out;
}

std::optional<std::string> descriptor_checksum(std::string_view body) {
  Checksum checksum;
  for (const char c : body) {
    if (!checksum.add(c)) return std::nullopt;
  }
  return checksum.text();
}

}  // namespace holdfast::chain::utxo
