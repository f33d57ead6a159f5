#include "signer/keys/token_keys.h"

#include "base/check.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/raw_signature.h"
#include "signer/keys/pkcs11_session.h"

#include <fmt/core.h>
#include <sodium.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <optional>

namespace holdfast::signer {

using chain::evm::Address20;
using chain::evm::PublicKey;
using namespace pkcs11;

namespace {

constexpr std::size_t kIdBytes = 16;

std::string label_prefix(std::string_view name) { return fmt::format("holdfast:{}:", name); }
std::string label_of(std::string_view name, KeyRole role, unsigned number) {
  return fmt::format("{}{}:{}", label_prefix(name), signer::name(role), number);
}

// A key as its public half shows it.
struct TokenKey {
  std::string label;
  KeyRole role;
  Bytes id;
  PublicKey key;
  Address20 address;
};

std::optional<KeyRole> role_of(std::string_view label, std::string_view name) {
  const std::string prefix = label_prefix(name);
  if (!label.starts_with(prefix)) return std::nullopt;
  label.remove_prefix(prefix.size());
  for (const KeyRole role : {KeyRole::owner, KeyRole::gas, KeyRole::single_key}) {
    if (label.starts_with(fmt::format("{}:", signer::name(role)))) return role;
  }
  return std::nullopt;
}

Result<TokenKey> read_public(Session& session, CK_OBJECT_HANDLE object, std::string label, KeyRole role) {
  auto id = session.read(object, CKA_ID);
  if (!id) return Failure(id.error());
  const auto value = session.read(object, CKA_EC_POINT);
  if (!value) return Failure(value.error());
  const auto point = point_of(*value);
  if (!point || !chain::evm::check_public_key(*point)) return refuse("token_keys_malformed", label + ": is no point of secp256k1");
  return TokenKey{std::move(label), role, std::move(*id), *point, chain::evm::address_of(*point)};
}

// Labels of the signer's objects of one class, with their handles.
using Labelled = std::vector<std::pair<std::string, CK_OBJECT_HANDLE>>;
Result<Labelled> labelled(Session& session, std::string_view name, CK_OBJECT_CLASS kind) {
  const auto objects = session.find({Attribute::number(CKA_CLASS, kind), Attribute::number(CKA_KEY_TYPE, CKK_EC)});
  if (!objects) return Failure(objects.error());
  Labelled out;
  for (const CK_OBJECT_HANDLE object : *objects) {
    const auto label = session.read(object, CKA_LABEL);
    if (!label) return Failure(label.error());
    if (as_text(*label).starts_with(label_prefix(name))) out.emplace_back(as_text(*label), object);
  }
  return out;
}

// The owner's first, then by label: the order in which they were made.
Result<std::vector<TokenKey>> read_keys(Session& session, std::string_view name) {
  const auto objects = labelled(session, name, CKO_PUBLIC_KEY);
  if (!objects) return Failure(objects.error());
  std::vector<TokenKey> out;
  for (const auto& [label, object] : *objects) {
    const auto role = role_of(label, name);
    if (!role) return refuse("token_keys_malformed", label + ": has a label of no kind of key");
    auto key = read_public(session, object, label, *role);
    if (!key) return Failure(key.error());
    out.push_back(std::move(*key));
  }
  if (out.empty()) return refuse("token_keys_missing", fmt::format("the token has no keys of a signer {}", name));
  const auto order = [](const TokenKey& key) { return std::tuple(key.role, key.label.size(), key.label); };
  std::ranges::sort(out, std::ranges::less{}, order);
  if (out.size() > kMaxKeys || std::ranges::count(out, KeyRole::owner, &TokenKey::role) != 1) {
    return refuse("token_keys_malformed", fmt::format("the token has not one owner key of {}, or over {} keys", name, kMaxKeys));
  }
  std::vector<Address20> addresses;
  for (const TokenKey& key : out) addresses.push_back(key.address);
  std::ranges::sort(addresses);
  if (std::ranges::adjacent_find(addresses) != addresses.end()) return refuse("token_keys_malformed", "two keys are the same");
  return out;
}

std::vector<KeyEntry> entries_of(const std::vector<TokenKey>& keys) {
  std::vector<KeyEntry> out;
  for (const TokenKey& key : keys) out.push_back({key.role, key.address});
  return out;
}

Result<std::unique_ptr<Session>> open_session(const TokenPlace& place, bool writes) {
  auto module = Module::load(place.module);
  if (!module) return Failure(module.error());
  return Session::open(std::move(*module), place, writes);
}

Result<std::unique_ptr<Session>> open_logged_in(const TokenPlace& place, bool writes, const Secret& pin) {
  auto session = open_session(place, writes);
  if (!session) return session;
  if (auto done = (*session)->log_in(pin); !done) return Failure(done.error());
  return session;
}

Result<Session::Pair> generate(Session& session, const std::string& label) {
  std::array<std::uint8_t, kIdBytes> id{};
  randombytes_buf(id.data(), id.size());
  const std::vector<Attribute> both = {Attribute::number(CKA_KEY_TYPE, CKK_EC), Attribute::flag(CKA_TOKEN, true),
                                       Attribute::bytes(CKA_LABEL, as_bytes(label)), Attribute::bytes(CKA_ID, id)};
  std::vector<Attribute> shown = both;
  shown.insert(shown.end(), {secp256k1_parameters(), Attribute::flag(CKA_PRIVATE, false), Attribute::flag(CKA_VERIFY, true)});
  std::vector<Attribute> kept = both;
  kept.insert(kept.end(), {Attribute::flag(CKA_PRIVATE, true), Attribute::flag(CKA_SENSITIVE, true),
                           Attribute::flag(CKA_EXTRACTABLE, false), Attribute::flag(CKA_SIGN, true), Attribute::flag(CKA_DECRYPT, false),
                           Attribute::flag(CKA_UNWRAP, false), Attribute::flag(CKA_DERIVE, false)});
  return session.generate(std::move(shown), std::move(kept));
}

std::vector<std::string> labels_of(std::string_view name, const TokenWish& wish) {
  std::vector<std::string> out = {label_of(name, KeyRole::owner, 0)};
  for (unsigned i = 0; i < wish.gas; ++i) out.push_back(label_of(name, KeyRole::gas, i));
  for (unsigned i = 0; i < wish.single_key; ++i) out.push_back(label_of(name, KeyRole::single_key, i));
  return out;
}

// Both halves of everything that is labelled as the signer's.
Result<std::size_t> destroy_all(Session& session, std::string_view name) {
  std::size_t count = 0;
  for (const CK_OBJECT_CLASS kind : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    const auto objects = labelled(session, name, kind);
    if (!objects) return Failure(objects.error());
    for (const auto& [label, object] : *objects) {
      if (auto done = session.destroy(object); !done) return Failure(done.error());
      ++count;
    }
  }
  return count;
}

}  // namespace

Result<std::vector<KeyEntry>> create_token_keys(const TokenPlace& place, const std::string& name, const TokenWish& wish,
                                                const Secret& pin) {
  HF_CHECK(sodium_init() >= 0);
  const auto session = open_logged_in(place, true, pin);
  if (!session) return Failure(session.error());
  for (const CK_OBJECT_CLASS kind : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    const auto before = labelled(**session, name, kind);
    if (!before) return Failure(before.error());
    if (!before->empty()) return refuse("token_keys_exist", fmt::format("the token has keys of a signer {} already", name));
  }
  for (const std::string& label : labels_of(name, wish)) {
    const auto made = generate(**session, label);
    if (made) continue;
    static_cast<void>(destroy_all(**session, name));
    return Failure(made.error());
  }
  const auto keys = read_keys(**session, name);
  if (!keys) return Failure(keys.error());
  return entries_of(*keys);
}

Result<std::vector<KeyEntry>> list_token_keys(const TokenPlace& place, const std::string& name) {
  const auto session = open_session(place, false);
  if (!session) return Failure(session.error());
  const auto keys = read_keys(**session, name);
  if (!keys) return Failure(keys.error());
  return entries_of(*keys);
}

Result<std::size_t> destroy_token_keys(const TokenPlace& place, const std::string& name, const Secret& pin) {
  const auto session = open_logged_in(place, true, pin);
  if (!session) return Failure(session.error());
  return destroy_all(**session, name);
}

// The session in use, and all that it takes to open another one.
class TokenKeys::Connection {
 public:
  Connection(TokenPlace place, std::string name, Secret pin) : place_(std::move(place)), name_(std::move(name)), pin_(std::move(pin)) {}

  const std::vector<TokenKey>& keys() const { return keys_; }

  Result<void> open() {
    if (auto connected = connect(); !connected) return connected;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (auto checked = check_kept_inside(private_[i]); !checked) return checked;
      // Nothing that is signed anywhere has this hash.
      const Hash32 digest = chain::evm::keccak256(as_bytes("holdfast: is this key what the token says it is?"));
      if (const auto proved = sign_once(i, digest); !proved) return Failure(proved.error());
    }
    return {};
  }

  Result<chain::evm::Signature> sign(std::size_t at, const Hash32& digest) {
    if (::getpid() != process_) return fault("token_unavailable", "the token belongs to the process that forked this one");
    const std::lock_guard lock(mutex_);
    if (session_) {
      if (auto made = sign_once(at, digest)) return made;
    }
    // The session may be lost, or the token was away.
    if (auto connected = connect(); !connected) return Failure(connected.error());
    return sign_once(at, digest);
  }

 private:
  // Opens a session from the beginning, and finds the keys that it had before.
  Result<void> connect() {
    session_.reset();
    if (pin_.size() == 0) return refuse("pin_wrong", "the token has refused the PIN before; it is not tried again");
    auto session = open_logged_in(place_, false, pin_);
    if (!session) {
      if (session.error().kind == ErrorKind::refusal) pin_ = Secret();
      return Failure(session.error());
    }
    auto keys = read_keys(**session, name_);
    if (!keys) return Failure(keys.error());
    const auto same = [](const TokenKey& a, const TokenKey& b) { return a.address == b.address; };
    if (!keys_.empty() && !std::ranges::equal(*keys, keys_, same)) return fault("token_unavailable", "the token has other keys now");
    std::vector<CK_OBJECT_HANDLE> handles;
    for (const TokenKey& key : *keys) {
      const auto found = (*session)->find({Attribute::number(CKA_CLASS, CKO_PRIVATE_KEY), Attribute::bytes(CKA_ID, key.id)});
      if (!found) return Failure(found.error());
      if (found->size() != 1) return refuse("token_keys_malformed", key.label + ": has not exactly one private half");
      handles.push_back(found->front());
    }
    if (keys_.empty()) keys_ = std::move(*keys);  // Later they stay: other threads read them.
    private_ = std::move(handles);
    session_ = std::move(*session);
    return {};
  }

  Result<void> check_kept_inside(CK_OBJECT_HANDLE key) {
    for (const auto& [type, wanted] : {std::pair(CKA_SENSITIVE, CK_TRUE), std::pair(CKA_EXTRACTABLE, CK_FALSE),
                                       std::pair(CKA_ALWAYS_SENSITIVE, CK_TRUE), std::pair(CKA_NEVER_EXTRACTABLE, CK_TRUE)}) {
      const auto value = session_->read(key, type);
      if (!value) return Failure(value.error());
      if (value->size() != 1 || (*value)[0] != wanted) {
        return refuse("token_key_exposed", "a private key may leave the token, or was outside of it once: make new ones");
      }
    }
    return {};
  }

  Result<chain::evm::Signature> sign_once(std::size_t at, const Hash32& digest) {
    const auto raw = session_->sign(private_[at], digest);
    if (!raw) return Failure(raw.error());
    auto out = chain::evm::complete_signature(*raw, digest, keys_[at].key);
    if (!out) return fault("token_signature_wrong", keys_[at].label + ": " + out.error().text);
    return out;
  }

  const TokenPlace place_;
  const std::string name_;
  const pid_t process_ = ::getpid();
  std::mutex mutex_;
  Secret pin_;
  std::vector<TokenKey> keys_;
  std::vector<CK_OBJECT_HANDLE> private_;  // In the order of keys_, in this session.
  std::unique_ptr<Session> session_;
};

TokenKeys::TokenKeys(std::unique_ptr<Connection> connection, std::optional<SeedKeys> seed)
    : connection_(std::move(connection)), seed_(std::move(seed)) {}
TokenKeys::~TokenKeys() = default;

Result<std::unique_ptr<TokenKeys>> TokenKeys::open(const TokenPlace& place, const std::string& name, Secret pin,
                                                   std::optional<SeedKeys> seed) {
  auto connection = std::make_unique<Connection>(place, name, std::move(pin));
  if (auto opened = connection->open(); !opened) return Failure(opened.error());
  return std::unique_ptr<TokenKeys>(new TokenKeys(std::move(connection), std::move(seed)));
}

Address20 TokenKeys::owner() const { return connection_->keys().front().address; }

std::vector<Address20> TokenKeys::accounts() const {
  std::vector<Address20> out;
  for (std::size_t i = 1; i < connection_->keys().size(); ++i) out.push_back(connection_->keys()[i].address);
  return out;
}

Result<chain::evm::Signature> TokenKeys::sign(const Address20& key, const Hash32& digest) const {
  const auto& keys = connection_->keys();
  const auto found = std::ranges::find(keys, key, &TokenKey::address);
  if (found == keys.end()) return refuse("key_missing", "no key for " + chain::evm::to_checksum_text(key));
  return connection_->sign(static_cast<std::size_t>(found - keys.begin()), digest);
}

std::optional<chain::utxo::Hash20> TokenKeys::seed_id() const { return seed_ ? std::optional(seed_->id()) : std::nullopt; }

Result<chain::utxo::ExtendedPublicKey> TokenKeys::public_key(const chain::utxo::KeyPath& path) const {
  return seed_ ? seed_->public_key(path) : Result<chain::utxo::ExtendedPublicKey>(refuse("key_missing", "the signer holds no seed"));
}

Result<std::vector<Bytes>> TokenKeys::sign_inputs(const chain::utxo::Psbt& psbt) const {
  return seed_ ? seed_->sign_inputs(psbt) : Result<std::vector<Bytes>>(refuse("key_missing", "the signer holds no seed"));
}

}  // namespace holdfast::signer
