#include "signer/eyes/wallet_events.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/safe.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

// Safe 1.5.0: whatever changes who may spend, or what code runs when it does.
constexpr std::array<std::string_view, 9> kSafeChanges = {
    "AddedOwner(address)",   "RemovedOwner(address)", "ChangedThreshold(uint256)",   "EnabledModule(address)",
    "DisabledModule(address)", "ChangedGuard(address)", "ChangedModuleGuard(address)", "ChangedFallbackHandler(address)",
    "ChangedMasterCopy(address)"};
constexpr std::array<std::string_view, 3> kGuardChanges = {"Thawed()", "LimitSet(address,uint256)", "ApprovedOnce(bytes32)"};
constexpr std::string_view kColdChanged = "ColdChanged(address,address)";
constexpr std::string_view kHotWalletChanged = "HotWalletChanged(address,address)";

class EventReader {
 public:
  EventReader(Node& node, const ChainRule& rule, const KeyUse& keys, const Block& block, Effort& effort)
      : node_(node), rule_(rule), keys_(keys), block_(block), effort_(effort) {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) places_[block.transactions[i].hash] = i;
    for (const SafeRule& safe : rule.safes) {
      safes_.push_back(safe.address);
      modules_.push_back(safe.module);
      guards_.push_back(safe.guard);
    }
  }

  Result<std::vector<Sighting>> read() {
    if (block_.transactions.empty()) return std::move(out_);
    for (const Hash32* topic : {&execution_success_topic(), &execution_failure_topic()}) {
      each(safes_, *topic, [&](const Log& log, const Transaction& transaction) { executed(log, transaction); });
    }
    for (const Hash32* topic : {&execution_from_module_success_topic(), &execution_from_module_failure_topic()}) {
      each(safes_, *topic, [&](const Log& log, const Transaction&) { module_executed(log); });
    }
    each(modules_, evacuated_topic(), [&](const Log& log, const Transaction& transaction) {
      if (const SafeRule* safe = rule_.safe_of_module(log.address)) add(keys_.judge_evacuated(*safe, transaction, height()));
    });
    for (const std::string_view change : kSafeChanges) changes(safes_, change, "safe_changed");
    for (const std::string_view change : kGuardChanges) changes(guards_, change, "guard_loosened");
    each(modules_, keccak256(as_bytes(kColdChanged)), [&](const Log& log, const Transaction&) { moved(log, "cold_changed"); });
    if (!rule_.factory.is_zero()) {
      each({rule_.factory}, keccak256(as_bytes(kHotWalletChanged)),
           [&](const Log& log, const Transaction&) { moved(log, "factory_repointed"); });
    }
    if (error_) return Failure(*error_);
    return std::move(out_);
  }

 private:
  std::uint64_t height() const { return block_.header.height; }

  template <class Do>
  void each(const std::vector<Address20>& addresses, const Hash32& topic, Do&& act) {
    if (error_ || addresses.empty()) return;
    const auto logs = node_.logs(block_.header.hash, addresses, topic);
    if (!logs) {
      error_ = logs.error();
      return;
    }
    for (const Log& log : *logs) {
      const auto place = places_.find(log.txid);
      if (place != places_.end()) act(log, block_.transactions[place->second]);
    }
  }

  void add(std::vector<Sighting> more) {
    for (Sighting& one : more) out_.push_back(std::move(one));
  }

  Sighting& add_change(const Log& log, std::string_view what) {
    Sighting sighting;
    sighting.kind = SightingKind::wallet_changed;
    sighting.what = what;
    sighting.wallet = to_checksum_text(log.address);
    sighting.txid = log.txid;
    sighting.height = height();
    out_.push_back(std::move(sighting));
    return out_.back();
  }

  void executed(const Log& log, const Transaction& transaction) {
    const SafeRule* safe = rule_.safe_at(log.address);
    if (!safe || log.topics.size() != 2) return;
    add(keys_.judge_executed(*safe, transaction, log.topics[1], height(), effort_));
  }

  void module_executed(const Log& log) {
    const SafeRule* safe = rule_.safe_at(log.address);
    const auto module = log.topics.size() == 2 ? address_of_word(log.topics[1]) : std::nullopt;
    if (!safe || module == safe->module) return;
    Sighting& sighting = add_change(log, "foreign_module");
    if (module) sighting.subject = to_bytes(module->view());
  }

  void changes(const std::vector<Address20>& addresses, std::string_view event, std::string_view what) {
    each(addresses, keccak256(as_bytes(event)), [&](const Log& log, const Transaction&) {
      Sighting& sighting = add_change(log, what);
      sighting.text = fmt::format("{} in log {}", event, log.index);
    });
  }

  // An event of where money goes, from the first address to the second.
  void moved(const Log& log, std::string_view what) {
    const auto to = log.topics.size() == 3 ? address_of_word(log.topics[2]) : std::nullopt;
    const bool by_policy = to && (what == "cold_changed" ? *to == rule_.cold : rule_.safe_at(*to) != nullptr);
    if (by_policy) return;
    Sighting& sighting = add_change(log, what);
    if (to) sighting.subject = to_bytes(to->view());
  }

  Node& node_;
  const ChainRule& rule_;
  const KeyUse& keys_;
  const Block& block_;
  Effort& effort_;
  std::unordered_map<Hash32, std::size_t, FixedBytesHash<32>> places_;
  std::vector<Address20> safes_, modules_, guards_;
  std::vector<Sighting> out_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Sighting>> read_events(Node& node, const ChainRule& rule, const KeyUse& keys, const Block& block, Effort& effort) {
  return EventReader(node, rule, keys, block, effort).read();
}

}  // namespace holdfast::signer
