#include "signer/eyes/evm_watcher.h"

#include "signer/eyes/node_health.h"
#include "signer/eyes/wallet_events.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

// Around the Safe's next nonce: what waits executes at it or soon after, what is mined executed before it. What was undone may
// have been signed for any nonce near by.
constexpr std::uint64_t kNoncesAhead = 8;
constexpr std::uint64_t kNoncesBehind = 16;
constexpr std::uint64_t kHotWalletSlot = 0;  // ForwarderFactory
constexpr std::uint64_t kColdSlot = 1;       // EvacuationModule, behind OwnerSignatures' nonceUsed

BlockMark mark_of(const Header& header) { return {header.height, header.hash}; }

}  // namespace

EvmWatcher::EvmWatcher(Node& node, const ChainRule& rule, const NodeSettings& settings, const Address20& owner, WasSigned was_signed,
                       std::optional<BlockMark> from)
    : node_(node), rule_(rule), settings_(settings), owner_(owner), was_signed_(std::move(was_signed)),
      keys_(rule_, owner_, was_signed_), cursor_(from) {}

Result<Round> EvmWatcher::look(Instant now) {
  const auto head = healthy_head(node_, rule_.chain_id, settings_.max_behind_ms, now);
  if (!head) return Failure(head.error());
  effort_ = {};
  const auto looked = look_at(*head, now);
  // What was found is told at once, whatever failed after it.
  if (!looked && untold_.empty()) return watch_failure(looked.error());
  Round out;
  out.seen = cursor_.newest();
  out.caught_up = looked && out.seen == mark_of(*head);
  out.seen_time = out.caught_up ? head->time : seen_time_;
  out.at = now;
  out.undone = undone_;
  out.sightings = std::move(untold_);
  undone_ = 0;
  untold_.clear();
  return out;
}

Result<void> EvmWatcher::look_at(const Header& head, Instant now) {
  if (cursor_.is_empty()) {
    cursor_.advance(mark_of(head));
    seen_time_ = head.time;
  }
  if (auto read = read_pool(head); !read) return read;
  if (auto read = read_blocks(head); !read) return read;
  return read_state(head, now);
}

void EvmWatcher::tell(Sighting sighting) {
  if (told_.is_new(sighting)) untold_.push_back(std::move(sighting));
}

void EvmWatcher::tell(std::vector<Sighting> sightings) {
  for (Sighting& sighting : sightings) tell(std::move(sighting));
}

void EvmWatcher::tell_change(std::string_view what, const Address20& wallet, std::string text, ByteView subject) {
  Sighting out;
  out.kind = SightingKind::wallet_changed;
  out.what = what;
  out.wallet = to_checksum_text(wallet);
  out.text = std::move(text);
  out.subject = to_bytes(subject);
  tell(std::move(out));
}

// A node that is no archive has forgotten old blocks' states: then the newest one's nonce has to do.
Result<std::optional<std::uint64_t>> EvmWatcher::nonce_at(const Header& block, const Header& head, const Address20& safe) {
  const auto then = read_safe_nonce(node_, block.hash, safe);
  if (then) return then;
  return read_safe_nonce(node_, head.hash, safe);
}

Result<SafeNonces> EvmWatcher::nonces_for(const std::vector<Transaction>& transactions, const Header& block, const Header& head,
                                          bool mined) {
  SafeNonces out;
  for (const SafeRule& safe : rule_.safes) {
    const auto concerned = [&](const Transaction& transaction) { return keys_.may_execute(safe, transaction); };
    if (std::ranges::none_of(transactions, concerned)) continue;
    const auto next = nonce_at(block, head, safe.address);
    if (!next) return Failure(next.error());
    if (!*next || **next > ~std::uint64_t{0} - kNoncesAhead) continue;
    const std::uint64_t behind = mined ? std::min(**next, kNoncesBehind) : 0;
    out[safe.address] = {**next - behind, **next + kNoncesAhead};
  }
  return out;
}

Result<void> EvmWatcher::read_pool(const Header& head) {
  const auto pending = node_.new_pending();
  if (!pending) return Failure(pending.error());
  auto nonces = nonces_for(*pending, head, head, false);
  // The node gives each of them once: they are looked at whatever else fails.
  for (const Transaction& transaction : *pending) {
    tell(keys_.judge(transaction, nonces ? *nonces : SafeNonces{}, std::nullopt, effort_));
  }
  if (!nonces) return Failure(nonces.error());
  return {};
}

Result<void> EvmWatcher::read_blocks(const Header& head) {
  const auto undone = cursor_.rejoin(mark_of(head), [&](std::uint64_t height) -> Result<std::optional<BlockMark>> {
    const auto header = node_.header_at(height);
    if (!header) return Failure(header.error());
    if (!*header) return std::optional<BlockMark>();
    return std::optional(mark_of(**header));
  });
  if (!undone) return Failure(undone.error());
  undone_ += *undone;
  for (std::size_t count = 0; count < kBlocksAtOnce && cursor_.newest().height < head.height; ++count) {
    const auto header = node_.header_at(cursor_.newest().height + 1);
    if (!header) return Failure(header.error());
    if (!*header || (*header)->height != cursor_.newest().height + 1 || (*header)->parent != cursor_.newest().hash) {
      return fault("chain_moved", "the best chain changed meanwhile");
    }
    if (auto read = read_block(**header, head); !read) return read;
    cursor_.advance(mark_of(**header));
    seen_time_ = (*header)->time;
  }
  return {};
}

Result<void> EvmWatcher::read_block(const Header& header, const Header& head) {
  const auto block = node_.block(header.hash);
  if (!block) return Failure(block.error());
  if (!*block || (*block)->header.hash != header.hash) return fault("chain_moved", "the block is gone");
  const auto nonces = nonces_for((*block)->transactions, header, head, true);
  if (!nonces) return Failure(nonces.error());
  for (const Transaction& transaction : (*block)->transactions) tell(keys_.judge(transaction, *nonces, header.height, effort_));
  auto events = read_events(node_, rule_, keys_, **block, effort_);
  if (!events) return Failure(events.error());
  tell(std::move(*events));
  return {};
}

Result<void> EvmWatcher::read_state(const Header& head, Instant now) {
  if (state_read_at_ && now - *state_read_at_ < kStateEveryMs) return {};
  for (const SafeRule& safe : rule_.safes) {
    if (auto read = read_safe(safe, head); !read) return read;
    if (auto read = read_direction(safe.module, kColdSlot, "cold_changed", head); !read) return read;
  }
  if (!rule_.factory.is_zero()) {
    if (auto read = read_direction(rule_.factory, kHotWalletSlot, "factory_repointed", head); !read) return read;
  }
  if (auto read = read_own_code(head); !read) return read;
  state_read_at_ = now;
  return {};
}

Result<void> EvmWatcher::read_safe(const SafeRule& safe, const Header& head) {
  const auto state = read_safe_state(node_, head.hash, safe.address);
  if (!state) return Failure(state.error());
  if (!*state) return {};
  if (std::string differs = difference(safe, **state); !differs.empty()) tell_change("safe_state", safe.address, std::move(differs));
  compare_code(safe, **state);
  return {};
}

// The policy does not name them: they may only stay as they were.
void EvmWatcher::compare_code(const SafeRule& safe, const SafeState& state) {
  const Code code{state.singleton, state.fallback_handler};
  const Code& first = code_.try_emplace(safe.address, code).first->second;
  if (code.singleton != first.singleton) tell_change("safe_state", safe.address, "other code", code.singleton.view());
  if (code.fallback_handler != first.fallback_handler) {
    tell_change("safe_state", safe.address, "another fallback handler", code.fallback_handler.view());
  }
}

Result<void> EvmWatcher::read_direction(const Address20& contract, std::uint64_t slot, std::string_view what, const Header& head) {
  const auto to = read_address(node_, head.hash, contract, slot);
  if (!to) return Failure(to.error());
  if (!*to) return {};
  const bool by_policy = slot == kColdSlot ? **to == rule_.cold : rule_.safe_at(**to) != nullptr;
  if (!by_policy) tell_change(what, contract, "", (*to)->view());
  return {};
}

Result<void> EvmWatcher::read_own_code(const Header& head) {
  std::vector<Address20> own = {owner_};
  for (const AccountRule& account : rule_.accounts) own.push_back(account.address);
  for (const Address20& address : own) {
    const auto size = node_.code_size(head.hash, address);
    if (!size) return Failure(size.error());
    if (!*size || **size == 0) continue;
    Sighting out;
    out.kind = SightingKind::own_key_misused;
    out.what = "key_delegated";
    out.wallet = to_checksum_text(address);
    out.subject = to_bytes(address.view());
    tell(std::move(out));
  }
  return {};
}

}  // namespace holdfast::signer
