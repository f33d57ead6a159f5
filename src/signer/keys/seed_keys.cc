#include "signer/keys/seed_keys.h"

#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/wallet/bip39.h"

#include <map>
#include <memory>
#include <mutex>

namespace holdfast::signer {

using namespace chain::utxo;

namespace {

// The only signature of an input.
Result<Bytes> signature_of(const PsbtInput& input) {
  const std::size_t count =
      input.partial_signatures.size() + input.tap_script_signatures.size() + (input.tap_key_signature ? 1U : 0U);
  if (count != 1) return refuse("key_missing", "not exactly one key of an input is derived from the seed");
  if (!input.partial_signatures.empty()) return input.partial_signatures.begin()->second;
  if (!input.tap_script_signatures.empty()) return input.tap_script_signatures.begin()->second;
  return *input.tap_key_signature;
}

}  // namespace

// The master key, and those below it that keys of coins have for a parent, as far as they were needed: all inputs of a branch have the
// same, and deriving it anew takes longer than the signature. Safe to use from many threads.
class SeedKeys::Parents {
 public:
  Parents(ExtendedSecretKey master, const Hash20& id) : master_(std::move(master)), master_id_(fingerprint_of(id)) {}

  const ExtendedSecretKey& master() const { return master_; }

  struct Parent {
    ExtendedSecretKey key;
    Fingerprint id;
  };
  using Used = std::map<KeyPath, std::shared_ptr<const Parent>>;

  // What one of our keys is derived from is stated from its parent on; anything else stays as it is.
  Result<void> shorten(Derivation& stated, Used& used) {
    if (stated.master != master_id_ || stated.path.empty() || stated.path.back() >= kHardened) return {};
    const KeyPath path(stated.path.begin(), stated.path.end() - 1);
    auto found = used.find(path);
    if (found == used.end()) {
      auto parent = parent_at(path);
      if (!parent) return Failure(parent.error());
      found = used.emplace(path, std::move(*parent)).first;
    }
    stated = {found->second->id, {stated.path.back()}};
    return {};
  }

 private:
  static constexpr std::size_t kMaxKept = 64;  // Two for each wallet.

  static Fingerprint fingerprint_of(const Hash20& id) { return Fingerprint::from(id.view().first(Fingerprint::kSize)); }

  Result<std::shared_ptr<const Parent>> parent_at(const KeyPath& path) {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(path); found != kept_.end()) return found->second;
    auto derived = derive(master_, path);
    if (!derived) return Failure(derived.error());
    const auto key = public_key_of(derived->key);
    if (!key) return Failure(key.error());
    auto parent = std::make_shared<const Parent>(std::move(*derived), fingerprint_of(hash160(key->view())));
    if (kept_.size() < kMaxKept) kept_.emplace(path, parent);
    return parent;
  }

  const ExtendedSecretKey master_;
  const Fingerprint master_id_;
  std::mutex mutex_;
  Used kept_;
};

SeedKeys::SeedKeys(std::unique_ptr<Parents> parents, const Hash20& id) : id_(id), parents_(std::move(parents)) {}
SeedKeys::SeedKeys(SeedKeys&&) noexcept = default;
SeedKeys& SeedKeys::operator=(SeedKeys&&) noexcept = default;
SeedKeys::~SeedKeys() = default;

Result<ExtendedSecretKey> master_of_entropy(const Secret& entropy) {
  if (entropy.size() != kSeedEntropySize) return refuse("seed_invalid", "a seed is 32 bytes of entropy");
  const auto words = words_of_entropy(entropy);
  if (!words) return refuse("seed_invalid", words.error().text);
  const auto seed = seed_of_words(*words, Secret());
  if (!seed) return refuse("seed_invalid", seed.error().text);
  return master_of_seed(*seed);
}

Result<Hash20> id_of_master(const ExtendedSecretKey& master) {
  const auto key = public_key_of(master.key);
  if (!key) return Failure(key.error());
  return hash160(key->view());
}

Result<SeedKeys> SeedKeys::of(const Secret& entropy) {
  auto master = master_of_entropy(entropy);
  if (!master) return Failure(master.error());
  const auto id = id_of_master(*master);
  if (!id) return Failure(id.error());
  return SeedKeys(std::make_unique<Parents>(std::move(*master), *id), *id);
}

Result<ExtendedPublicKey> SeedKeys::public_key(const KeyPath& path) const {
  const auto key = derive(parents_->master(), path);
  if (!key) return Failure(key.error());
  return neuter(*key);
}

Result<std::vector<Bytes>> SeedKeys::sign_inputs(const Psbt& psbt) const {
  Psbt signed_psbt = psbt;
  Parents::Used used;
  for (PsbtInput& input : signed_psbt.inputs) {
    for (auto& [key, stated] : input.derivations) {
      if (auto done = parents_->shorten(stated, used); !done) return Failure(done.error());
    }
    for (auto& [key, stated] : input.tap_derivations) {
      if (auto done = parents_->shorten(stated.derivation, used); !done) return Failure(done.error());
    }
  }
  for (const auto& [path, parent] : used) {
    if (const auto added = sign_psbt(signed_psbt, parent->key); !added) return Failure(added.error());
  }
  std::vector<Bytes> out;
  for (const PsbtInput& input : signed_psbt.inputs) {
    auto signature = signature_of(input);
    if (!signature) return Failure(signature.error());
    out.push_back(std::move(*signature));
  }
  return out;
}

}  // namespace holdfast::signer
