#include "signer/eyes/safe_state.h"

#include "chain/evm/codec/keccak.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

constexpr std::uint64_t kSingletonSlot = 0, kModulesSlot = 1, kOwnersSlot = 2, kThresholdSlot = 4, kNonceSlot = 5;
constexpr std::size_t kMaxListed = 64;  // Owners or modules; a list that is longer is not the policy's.

const Word& guard_slot() {
  static const Word kSlot = keccak256(as_bytes("guard_manager.guard.address"));
  return kSlot;
}
const Word& module_guard_slot() {
  static const Word kSlot = keccak256(as_bytes("module_manager.module_guard.address"));
  return kSlot;
}
const Word& fallback_slot() {
  static const Word kSlot = keccak256(as_bytes("fallback_manager.handler.address"));
  return kSlot;
}

// Thrown nowhere: the first problem stays, and everything read after it is empty.
class Storage {
 public:
  Storage(Node& node, const Hash32& block, const Address20& contract) : node_(node), block_(block), contract_(contract) {}

  Word word(const Word& slot) {
    if (error_ || !able_) return {};
    const auto read = node_.storage(block_, contract_, slot);
    if (!read) error_ = read.error();
    else if (!*read) able_ = false;
    else return **read;
    return {};
  }
  std::uint64_t number(std::uint64_t slot) {
    const auto out = uint64_of(word(word_of(slot)));
    if (!out) fail("a number over 64 bits");
    return out.value_or(0);
  }
  // The upper bytes are not looked at, as the contract does not.
  Address20 address(const Word& slot) { return Address20::from(word(slot).view().last(Address20::kSize)); }

  std::vector<Address20> list(std::uint64_t mapping) {
    static const Address20 kSentinel = [] {
      Address20 out;
      out.bytes.back() = 1;
      return out;
    }();
    std::vector<Address20> out;
    for (Address20 at = next(mapping, kSentinel); at != kSentinel && !at.is_zero(); at = next(mapping, at)) {
      if (out.size() == kMaxListed) break;
      out.push_back(at);
    }
    return out;
  }

  template <class T>
  Result<std::optional<T>> finish(T out) const {
    if (error_) return Failure(*error_);
    if (!able_) return std::optional<T>();
    return std::optional<T>(std::move(out));
  }

 private:
  Address20 next(std::uint64_t mapping, const Address20& of) {
    return address(keccak256({address_word(of).view(), word_of(mapping).view()}));
  }
  void fail(std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::fault, "node_answer_malformed", std::string(what)};
  }

  Node& node_;
  const Hash32& block_;
  const Address20& contract_;
  std::optional<Error> error_;
  bool able_ = true;
};

std::string texts(std::vector<Address20> addresses) {
  std::ranges::sort(addresses);
  std::string out;
  for (const Address20& address : addresses) out += (out.empty() ? "" : " ") + to_checksum_text(address);
  return out.empty() ? "none" : out;
}

}  // namespace

Result<std::optional<SafeState>> read_safe_state(Node& node, const Hash32& block, const Address20& safe) {
  Storage storage(node, block, safe);
  SafeState out;
  out.singleton = storage.address(word_of(kSingletonSlot));
  out.threshold = storage.number(kThresholdSlot);
  out.nonce = storage.number(kNonceSlot);
  out.guard = storage.address(guard_slot());
  out.module_guard = storage.address(module_guard_slot());
  out.fallback_handler = storage.address(fallback_slot());
  out.owners = storage.list(kOwnersSlot);
  out.modules = storage.list(kModulesSlot);
  return storage.finish(std::move(out));
}

Result<std::optional<std::uint64_t>> read_safe_nonce(Node& node, const Hash32& block, const Address20& safe) {
  Storage storage(node, block, safe);
  const std::uint64_t nonce = storage.number(kNonceSlot);
  return storage.finish(nonce);
}

Result<std::optional<Address20>> read_address(Node& node, const Hash32& block, const Address20& contract, std::uint64_t slot) {
  Storage storage(node, block, contract);
  const Address20 address = storage.address(word_of(slot));
  return storage.finish(address);
}

std::string difference(const SafeRule& rule, const SafeState& state) {
  std::string out;
  const auto tell = [&](std::string_view what, const std::string& is, const std::string& policy) {
    if (is != policy) out += fmt::format("{}{}: {}, by the policy {}", out.empty() ? "" : "; ", what, is, policy);
  };
  tell("threshold", std::to_string(state.threshold), std::to_string(rule.threshold));
  tell("owners", texts(state.owners), texts(rule.owners));
  tell("modules", texts(state.modules), texts({rule.module}));
  tell("guard", to_checksum_text(state.guard), to_checksum_text(rule.guard));
  tell("module guard", to_checksum_text(state.module_guard), to_checksum_text({}));
  return out;
}

}  // namespace holdfast::signer
