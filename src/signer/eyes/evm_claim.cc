#include "signer/eyes/evm_claim.h"

#include "chain/evm/codec/erc20.h"
#include "signer/eyes/claim_groups.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::evm;
using custody::DepositFact;

constexpr custody::AssetId kNative{1};

bool names(const std::optional<Address20>& stated, const custody::Address& found) {
  return !stated || to_custody(*stated) == found;
}

class ClaimJudge {
 public:
  ClaimJudge(Node& node, const ReadBlock& block, const EvmClaim& claim)
      : node_(node), block_(block), claim_(claim), asset_(block.assets.id_of(claim)) {}

  Result<Verdict> judge() {
    const DepositFact* fact = fact_at();
    if (fact && fact->amount == claim_.amount && names(claim_.from, fact->from)) return proven();
    if (!block_.evidence.places.contains(claim_.txid)) return of_no_transaction();
    const auto receipt = node_.receipt(claim_.txid);
    if (!receipt) return Failure(receipt.error());
    if (!*receipt) return fault("chain_moved", "a receipt is gone");
    if (!(*receipt)->success) return false_claim("transaction_failed");
    if (fact) return fact->amount == claim_.amount ? false_claim("other_sender") : other_amount(fact->amount);
    if (claim_.position >= kInternalPosition) return of_other_contracts();
    return claim_.contract ? of_token(**receipt) : of_coin();
  }

 private:
  const DepositFact* fact_at() const {
    for (const DepositFact& fact : block_.reading.facts) {
      const bool same = fact.txid == claim_.txid && fact.position == claim_.position && fact.asset == asset_ &&
                        fact.address == to_custody(claim_.address);
      if (same) return &fact;
    }
    return nullptr;
  }

  static Verdict other_amount(Amount really) { return false_claim("other_amount", "it brought " + really.to_string()); }

  Result<Verdict> of_no_transaction() const {
    const auto receipt = node_.receipt(claim_.txid);
    if (!receipt) return Failure(receipt.error());
    if (!*receipt) return false_claim("no_such_transaction");
    return false_claim("other_block", "it is in block " + std::to_string((*receipt)->height));
  }

  // What arrived by other ways than transactions and logs. Two nodes may tell it in other parts; not more of it.
  Verdict of_other_contracts() const {
    if (claim_.contract) return false_claim("nothing_there");
    if (!block_.evidence.traced && claim_.position != kUnclaimedPosition) {
      return not_yet("trace_missing", "a payment by another contract is seen only in a trace");
    }
    Amount together;
    for (const DepositFact& fact : block_.reading.facts) {
      const bool counts = fact.position >= kInternalPosition && fact.asset == asset_ && fact.address == to_custody(claim_.address);
      if (counts) together = Amount::sum(together, fact.amount).value_or(Amount::max());
    }
    if (claim_.amount <= together) return not_yet("seen_otherwise", "in other parts, " + together.to_string() + " in all");
    return together.is_zero() ? false_claim("nothing_there") : other_amount(together);
  }

  Verdict of_coin() const {
    const std::size_t place = block_.evidence.places.at(claim_.txid);
    const Transaction& transaction = block_.evidence.block.transactions[place];
    if (place != claim_.position) return false_claim("nothing_there", "the transaction is at " + std::to_string(place));
    if (transaction.to != claim_.address) return false_claim("other_recipient");
    return other_amount(transaction.value);
  }

  Verdict of_token(const Receipt& receipt) const {
    const auto log = std::ranges::find(receipt.logs, claim_.position, &Log::index);
    if (log == receipt.logs.end()) return false_claim("nothing_there");
    if (log->address != *claim_.contract) return false_claim("other_asset");
    const bool is_transfer = !log->topics.empty() && log->topics.front() == transfer_topic();
    const auto transfer = is_transfer ? read_transfer_log(*log) : std::nullopt;
    if (!transfer) return false_claim("nothing_there");
    if (transfer->to != claim_.address) return false_claim("other_recipient");
    const bool unread = std::ranges::find(block_.reading.unread, Touched(claim_.address, asset_)) != block_.reading.unread.end();
    if (unread) return not_yet("node_lacks", "the token does not say what the address holds");
    return other_amount(Amount::zero());  // The log says so, and the balance does not.
  }

  Node& node_;
  const ReadBlock& block_;
  const EvmClaim& claim_;
  custody::AssetId asset_;
};

}  // namespace

std::optional<EvmClaim> read_claim(const DepositClaim& claim) {
  const auto is_address = [](ByteView bytes) { return bytes.size() == Address20::kSize; };
  const bool good = is_address(claim.address) && (claim.asset_contract.empty() || is_address(claim.asset_contract)) &&
                    (claim.from.empty() || is_address(claim.from)) && !claim.amount.is_zero();
  if (!good) return std::nullopt;
  EvmClaim out;
  out.address = Address20::from(claim.address);
  if (!claim.asset_contract.empty()) out.contract = Address20::from(claim.asset_contract);
  out.amount = claim.amount;
  out.txid = claim.txid;
  out.position = claim.position;
  if (!claim.from.empty()) out.from = Address20::from(claim.from);
  return out;
}

custody::AssetId ClaimedAssets::id_of(const EvmClaim& claim) const {
  return claim.contract ? own.tokens.at(*claim.contract) : kNative;
}

ClaimedAssets assets_of(const ChainRule& rule, const std::vector<EvmClaim>& claims) {
  ClaimedAssets out;
  Own& own = out.own;
  for (const SafeRule& safe : rule.safes) {
    const std::size_t place = own.wallets.size();
    own.wallets.push_back({custody::WalletId{place + 1}, custody::WalletKind::safe, safe.address, safe.module});
    own.wallet_places[safe.address] = place;
    own.module_places[safe.module] = place;
  }
  own.forwarders = custody::WalletId{own.wallets.size() + 1};
  own.factory = rule.factory;
  own.native = kNative;
  own.assets.push_back({kNative, {}});
  for (const EvmClaim& claim : claims) {
    if (!claim.contract || own.tokens.contains(*claim.contract)) continue;
    const custody::AssetId id{own.assets.size() + 1};
    own.tokens[*claim.contract] = id;
    own.assets.push_back({id, claim.contract});
  }
  return out;
}

Result<Verdict> judge_claim(Node& node, const ReadBlock& block, const EvmClaim& claim) {
  return ClaimJudge(node, block, claim).judge();
}

}  // namespace holdfast::signer
