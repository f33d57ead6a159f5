#include "signer/eyes/coin_watcher.h"

#include "base/hex.h"
#include "chain/utxo/codec/block.h"
#include "signer/eyes/coin_use.h"
#include "signer/eyes/node_health.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

constexpr std::size_t kPoolCalls = 5;  // Of new_pending() in one look; each gives a bounded number.

BlockMark mark_of(const Header& header) { return {header.height, header.hash}; }

class Transactions final : public BlockVisitor {
 public:
  void end(const TransactionView& transaction) override { all.push_back(transaction); }
  std::vector<TransactionView> all;
};

}  // namespace

CoinWatcher::CoinWatcher(Node& node, const CoinChainRule& rule, const NodeSettings& settings, WasSigned was_signed, CoinReach reach,
                         std::optional<BlockMark> from)
    : node_(node), rule_(rule), settings_(settings), was_signed_(std::move(was_signed)), reach_(std::move(reach)), scripts_(rule),
      cursor_(from) {}

Result<Round> CoinWatcher::look(Instant now) {
  const auto best = healthy_head(node_, *rule_.network, settings_.max_behind_ms, now);
  if (!best) return Failure(best.error());
  const auto looked = look_at(*best);
  // What was found is told at once, whatever failed after it.
  if (!looked && untold_.empty()) return watch_failure(looked.error());
  Round out;
  out.seen = cursor_.newest();
  out.caught_up = looked && derived_ && out.seen == mark_of(*best);
  out.seen_time = out.caught_up ? best->time : seen_time_;
  out.at = now;
  out.undone = undone_;
  out.sightings = std::move(untold_);
  undone_ = 0;
  untold_.clear();
  return out;
}

Result<void> CoinWatcher::look_at(const Header& best) {
  if (cursor_.is_empty()) {
    cursor_.advance(mark_of(best));
    seen_time_ = best.time;
  }
  derived_ = scripts_.extend(reach_);
  if (!derived_) return {};  // What is looked at before all scripts are known would be lost.
  if (auto scanned = scan_once(); !scanned) return scanned;
  if (auto read = read_pool(); !read) return read;
  return read_blocks(best);
}

Result<void> CoinWatcher::scan_once() {
  if (scanned_) return {};
  std::vector<ScanTarget> targets;
  for (const CoinWalletRule& wallet : rule_.wallets) {
    if (wallet.descriptor.kind() != ScriptKind::p2tr || !wallet.descriptor.has_key_path()) continue;
    for (std::uint32_t branch = 0; branch < 2; ++branch) {
      const std::uint32_t end = (reach_ ? std::min(reach_(wallet.name, branch), CoinScripts::kMost) : 0) + CoinScripts::kGap;
      for (std::uint32_t index = 0; index < end; ++index) {
        const auto output = wallet.descriptor.derive(branch, index);
        if (output) targets.push_back({"raw(" + to_hex(output->script_pubkey) + ")"});
      }
    }
  }
  if (!targets.empty()) {
    const auto found = node_.scan(targets);
    if (!found) return Failure(found.error());
    for (const ScannedCoin& coin : found->coins) {
      if (const auto place = scripts_.find(coin.output.script)) keep(coin.outpoint, {*place, coin.output.value});
    }
  }
  scanned_ = true;
  return {};
}

void CoinWatcher::keep(const OutPoint& at, const Coin& coin) {
  if (coins_.size() < kCoinsKept) coins_[at] = coin;
}

void CoinWatcher::see_outputs(const Txid& txid, const Transaction& transaction) {
  for (std::uint32_t vout = 0; vout < transaction.outputs.size(); ++vout) {
    const auto place = scripts_.find(transaction.outputs[vout].script);
    if (!place) continue;
    keep({txid, vout}, {*place, transaction.outputs[vout].value});
    scripts_.found_at(*place);
  }
}

Result<void> CoinWatcher::read_pool() {
  for (std::size_t call = 0; call < kPoolCalls; ++call) {
    const auto pending = node_.new_pending();
    if (!pending) return Failure(pending.error());
    if (pending->empty()) break;
    for (const RawTransaction& raw : *pending) {
      const auto transaction = decode_transaction(raw.raw, {rule_.network->max_money, false});
      if (!transaction) continue;  // The node took what no block may hold: it spends nothing.
      see_outputs(raw.txid, *transaction);
      judge(raw.txid, *transaction, {});
    }
  }
  return {};
}

Result<void> CoinWatcher::read_blocks(const Header& best) {
  const auto undone = cursor_.rejoin(mark_of(best), [&](std::uint64_t height) -> Result<std::optional<BlockMark>> {
    const auto header = node_.header_at(height);
    if (!header) return Failure(header.error());
    if (!*header) return std::optional<BlockMark>();
    return std::optional(mark_of(**header));
  });
  if (!undone) return Failure(undone.error());
  undone_ += *undone;
  for (std::size_t count = 0; count < kBlocksAtOnce && cursor_.newest().height < best.height; ++count) {
    const auto header = node_.header_at(cursor_.newest().height + 1);
    if (!header) return Failure(header.error());
    if (!*header || (*header)->height != cursor_.newest().height + 1 || (*header)->previous != cursor_.newest().hash) {
      return fault("chain_moved", "the best chain changed meanwhile");
    }
    if (auto read = read_block(**header); !read) return read;
    cursor_.advance(mark_of(**header));
    seen_time_ = (*header)->time;
  }
  return {};
}

Result<void> CoinWatcher::read_block(const Header& header) {
  const auto raw = node_.block(header.hash);
  if (!raw) return Failure(raw.error());
  if (!*raw) return fault("chain_moved", "the block is gone");
  Transactions block;
  if (const auto read = visit_block(**raw, block); !read) return fault("node_answer_malformed", read.error().text);
  for (const TransactionView& view : block.all) {
    const auto transaction = decode_transaction(view.raw, {rule_.network->max_money, true});
    if (!transaction) continue;  // Litecoin's of the extension block's own form, which no wallet of the policy makes.
    see_outputs(view.txid, *transaction);
    judge(view.txid, *transaction, header.height);
    for (const TxIn& input : transaction->inputs) coins_.erase(input.previous);
  }
  return {};
}

std::optional<CoinWatcher::Coin> CoinWatcher::own_coin(const TxIn& input) const {
  const auto known = coins_.find(input.previous);
  if (known != coins_.end()) return known->second;
  const auto script = CoinScripts::script_shown_by(input.witness);
  const auto place = script ? scripts_.find(*script) : std::nullopt;
  if (!place) return std::nullopt;
  return Coin{*place, 0};
}

// Of a coin that is not remembered. A failing node only leaves it untold.
std::optional<std::int64_t> CoinWatcher::amount_of(const OutPoint& coin) {
  if (const auto unspent = node_.unspent(coin, false); unspent && *unspent) return (*unspent)->output.value;
  const auto mined = node_.transaction(coin.txid, std::nullopt);
  if (!mined || !*mined) return std::nullopt;
  const auto transaction = decode_transaction((*mined)->transaction.raw, {rule_.network->max_money, true});
  if (!transaction || txid_of(*transaction) != coin.txid || coin.vout >= transaction->outputs.size()) return std::nullopt;
  return transaction->outputs[coin.vout].value;
}

void CoinWatcher::judge(const Txid& txid, const Transaction& transaction, std::optional<std::uint64_t> height) {
  constexpr std::size_t kMaxAsked = 20;  // Inputs of one transaction whose amounts the node is asked for.
  std::map<std::uint32_t, CoinSigner> by_wallet;
  std::size_t asked = 0;
  for (std::size_t input = 0; input < transaction.inputs.size(); ++input) {
    const auto coin = own_coin(transaction.inputs[input]);
    if (!coin) continue;
    if (was_signed_(txid)) return;
    CoinSigner& worst = by_wallet.try_emplace(coin->place.wallet, CoinSigner::others).first->second;
    if (worst == CoinSigner::own_key) continue;
    std::optional<std::int64_t> amount;
    if (coin->value != 0) amount = coin->value;
    CoinSigner found = signer_of(rule_.wallets[coin->place.wallet], coin->place, transaction, input, amount);
    if (found == CoinSigner::untold && asked++ < kMaxAsked) {
      amount = amount_of(transaction.inputs[input].previous);
      found = signer_of(rule_.wallets[coin->place.wallet], coin->place, transaction, input, amount);
    }
    if (found != CoinSigner::others) worst = found;
  }
  for (const auto& [wallet, signer] : by_wallet) {
    Sighting out;
    const bool own = signer == CoinSigner::own_key;
    out.kind = own ? SightingKind::own_key_misused : SightingKind::unknown_spend;
    out.what = own ? "coins_signed" : "coins_spent";
    out.wallet = rule_.wallets[wallet].name;
    out.digest = out.txid = txid;
    out.height = height;
    if (signer == CoinSigner::untold) out.text = "whose signatures it holds cannot be told: the node does not know what it spends";
    if (told_.is_new(out)) untold_.push_back(std::move(out));
  }
}

}  // namespace holdfast::signer
