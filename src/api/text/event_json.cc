#include "api/text/event_json.h"

#include "api/text/names.h"
#include "base/hex.h"
#include "chain/utxo/codec/transaction.h"

#include <nlohmann/json.hpp>

#include <array>
#include <variant>

namespace holdfast::api {
namespace {

using namespace custody;

// In the order of EventBody's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kTypes = {
    "chain.registered",    "asset.registered",      "signer.registered", "wallet.registered",   "customer.created",
    "address.assigned",    "withdrawal.requested",  "withdrawal.held",   "withdrawal.approved", "withdrawal.rejected",
    "withdrawal.returned", "spend.planned",         "spend.authorised",  "spend.assigned",      "spend.signed",
    "spend.mined",         "spend.unmined",         "spend.settled",     "spend.unassigned",    "spend.superseded",
    "block.connected",     "block.disconnected",    "block.finalized",   "deposit.seen",        "deposit.credited",
    "deposit.orphaned",    "deposit.reversed",      "surplus.found",     "loss.found",          "surplus.undone",
    "loss.undone",         "incident.opened",       "incident.spread",   "incident.closed",     "foreign_spend.seen",
    "foreign_spend.mined", "foreign_spend.unmined", "freeze.placed",     "freeze.acknowledged", "freeze.lifted",
    "attempt.mined",       "attempt.unmined",       "forwarders.swept",  "forwarders.sweep_undone",
    "coin.seen",           "coin.orphaned",         "coin.spent",        "coin.unspent",        "spend.extended",
    "coin.expected",       "withdrawal.judged",     "withdrawal.reviewed", "withdrawal.confirmed", "policy.proposed",
    "policy.approved",     "policy.activated",      "policy.dropped",    "grade.raised",        "case.opened",
    "case.assigned",       "case.noted",            "price.set",         "labels.loaded",       "case.overdue",
    "address.labelled",    "news.closed",           "decision.signed",   "customer_key.enrolled", "customer_key.removed",
};

template <class Tag>
Json id_or_null(Id<Tag> id) {
  return id ? Json(id.value) : Json();
}

template <class Tag>
Json ids(const std::vector<Id<Tag>>& all) {
  Json out = Json::array();
  for (const Id<Tag> one : all) out.push_back(one.value);
  return out;
}

// The event of a signature does not name its wallet. But an EVM transaction has its type in front, and then an RLP list
// (0xc0 and above); one of coins begins with its version, four bytes little-endian.
bool is_of_coins(ByteView raw) { return raw.size() > 1 && raw[1] < 0xc0; }

// One function per event. A directory may be newer than the event, never older.
struct Data {
  const Directory& directory;

  Json money(AssetId asset, Amount amount) const {
    return {{"asset", directory.asset_name(asset)}, {"amount", directory.amount(asset, amount)}};
  }
  Json adjustment(WalletId wallet, AssetId asset, Amount amount) const {
    Json out{{"wallet", wallet.value}};
    out.update(money(asset, amount));
    return out;
  }
  Json block(ChainId chain, const BlockRef& block) const {
    return {{"chain", directory.caip2(chain)},
            {"height", block.height},
            {"hash", directory.txid(chain, block.hash)},
            {"time", to_json(block.time)}};
  }
  Json foreign(IncidentId incident, WalletId wallet, const TxId& txid, std::uint64_t nonce) const {
    return {{"incident", incident.value},
            {"wallet", wallet.value},
            {"txid", directory.txid(directory.chain_of(wallet), txid)},
            {"nonce", nonce}};
  }

  Json operator()(const ChainRegistered& e) const {
    const bool coins = e.chain.family == ChainFamily::coins;
    return {{"chain", e.chain.caip2}, {"finality_depth", e.chain.finality_depth}, {"family", coins ? "coins" : "accounts"}};
  }
  Json operator()(const AssetRegistered& e) const { return to_json(e.asset, directory); }
  Json operator()(const SignerRegistered& e) const { return {{"id", e.signer.id.value}, {"name", e.signer.name}}; }
  Json operator()(const WalletRegistered& e) const {
    return {{"id", e.wallet.id.value},
            {"chain", directory.caip2(e.wallet.chain)},
            {"kind", name(e.wallet.kind)},
            {"name", e.wallet.name},
            {"address", directory.address(e.wallet.chain, e.wallet.address)},
            {"descriptor", text_or_null(e.wallet.output_descriptor)}};
  }
  Json operator()(const CustomerCreated& e) const {
    return {{"id", e.customer.id.value}, {"reference", e.customer.reference}};
  }
  Json operator()(const DepositAddressAssigned& e) const {
    return {{"customer", e.address.customer.value},
            {"chain", directory.caip2(e.address.chain)},
            {"address", directory.address(e.address.chain, e.address.address)}};
  }

  Json operator()(const WithdrawalRequested& e) const {
    Json out{{"withdrawal", e.withdrawal.value}, {"customer", e.customer.value}};
    out.update(money(e.asset, e.amount));
    out["fee"] = directory.amount(e.asset, e.fee);
    out["destination"] = directory.address(directory.chain_of(e.asset), e.destination);
    out["request"] = to_hex(e.request.view());
    out["authorised_key"] = id_or_null(e.authorisation.key);
    return out;
  }
  Json operator()(const CustomerKeyEnrolled& e) const {
    Json out = to_json(e.key);
    out["authorised_key"] = id_or_null(e.authorised_key);
    return out;
  }
  Json operator()(const CustomerKeyRemoved& e) const { return {{"key", e.key.value}, {"by", e.by}}; }
  Json operator()(const WithdrawalJudged& e) const {
    return {{"withdrawal", e.withdrawal.value},
            {"demand", policy::write_demand(e.demand)},
            {"fired", fired_json(e.fired)},
            {"fired_more", e.fired_more},
            {"case", id_or_null(e.case_id)}};
  }
  Json operator()(const CaseOpened& e) const { return to_json(CaseView{e.one, {}, {}}, directory); }
  Json operator()(const CaseAssigned& e) const { return {{"case", e.id.value}, {"to", text_or_null(e.to)}, {"by", e.by}}; }
  Json operator()(const CaseNoted& e) const { return {{"case", e.id.value}, {"text", e.text}, {"by", e.by}}; }
  Json operator()(const CaseOverdue& e) const { return {{"case", e.id.value}}; }
  Json operator()(const PriceSet& e) const {
    return {{"asset", directory.asset_name(e.asset)}, {"usd", usd_text(e.micro_usd)}, {"by", e.by}};
  }
  Json operator()(const LabelsLoaded& e) const {
    return {{"content", to_hex(e.lists.hash.view())}, {"labels", e.lists.labels}, {"checked_at", to_json(e.lists.checked_at)}};
  }
  Json operator()(const AddressLabelled& e) const { return news_json(e.one, directory); }
  Json operator()(const NewsClosed& e) const { return {{"case", e.id.value}, {"text", e.text}, {"by", e.by}}; }
  Json operator()(const DecisionSigned& e) const {
    return {{"by", e.by}, {"key", to_hex(e.key.view())}, {"statement", e.statement}, {"signature", to_hex(e.signature.view())}};
  }
  Json operator()(const GradeRaised& e) const { return to_json(e.entry); }
  Json operator()(const WithdrawalReviewed& e) const { return {{"withdrawal", e.withdrawal.value}, {"by", e.by}, {"role", e.role}}; }
  Json operator()(const WithdrawalConfirmed& e) const { return {{"withdrawal", e.withdrawal.value}}; }
  Json operator()(const PolicyProposed& e) const { return to_json(e.policy); }
  Json operator()(const PolicyApproved& e) const { return {{"policy", e.policy.value}, {"by", e.by}}; }
  Json operator()(const PolicyActivated& e) const { return {{"policy", e.policy.value}, {"by", e.by}}; }
  Json operator()(const PolicyDropped& e) const { return {{"policy", e.policy.value}, {"by", e.by}}; }

  Json operator()(const WithdrawalHeld& e) const { return {{"withdrawal", e.withdrawal.value}}; }
  Json operator()(const WithdrawalApproved& e) const {
    return {{"withdrawal", e.withdrawal.value}, {"expires_at", to_json(e.expires_at)}, {"by", text_or_null(e.by)}};
  }
  Json operator()(const WithdrawalRejected& e) const {
    return {{"withdrawal", e.withdrawal.value}, {"by", text_or_null(e.by)}};
  }
  Json operator()(const WithdrawalReturned& e) const {
    return {{"withdrawal", e.withdrawal.value}, {"reason", name(e.reason)}};
  }

  Json operator()(const SpendPlanned& e) const {
    return {{"spend", e.spend.id.value},
            {"purpose", name(e.spend.purpose)},
            {"wallet", e.spend.wallet.value},
            {"nonce", e.spend.nonce},
            {"withdrawal", id_or_null(e.spend.withdrawal)},
            {"incident", id_or_null(e.spend.incident)},
            {"burns", id_or_null(e.spend.burns)},
            {"batch", ids(e.spend.batch)},
            {"inputs", ids(e.spend.inputs)}};
  }
  Json operator()(const SpendAuthorised& e) const {
    return {{"spend", e.spend.value}, {"intent", to_0x_hex(e.intent.view())}};
  }
  Json operator()(const SpendAssigned& e) const {
    return {{"spend", e.spend.value}, {"gas_wallet", e.gas_wallet.value}, {"gas_nonce", e.gas_nonce}};
  }
  Json operator()(const SpendSigned& e) const {
    Json out{{"spend", e.spend.value}};
    if (is_of_coins(e.attempt.raw)) {
      out["txid"] = chain::utxo::display(e.attempt.txid);
      out["fee_rate_per_kvb"] = e.attempt.max_fee.to_string();
      out["fee_base_units"] = e.attempt.priority_fee.to_string();
    } else {
      out["txid"] = to_0x_hex(e.attempt.txid.view());
      out["max_fee_wei"] = e.attempt.max_fee.to_string();
      out["priority_fee_wei"] = e.attempt.priority_fee.to_string();
    }
    return out;
  }
  Json operator()(const SpendExtended& e) const { return {{"spend", e.spend.value}, {"inputs", ids(e.inputs)}}; }
  // Who pays for a transaction tells its chain. Outsiders pay for those of a Safe only.
  std::string txid(WalletId payer, const TxId& id) const {
    return payer ? directory.txid(directory.chain_of(payer), id) : to_0x_hex(id.view());
  }
  Json movements(const std::vector<Movement>& all) const {
    Json out = Json::array();
    for (const Movement& one : all) {
      Json movement{{"from", id_or_null(one.from)}, {"to", id_or_null(one.to)}};
      movement.update(money(one.asset, one.amount));
      out.push_back(std::move(movement));
    }
    return out;
  }
  Json operator()(const SpendMined& e) const {
    return {{"spend", e.spend.value},
            {"txid", txid(e.payer, e.txid)},
            {"height", e.height},
            {"success", e.success},
            {"payer", id_or_null(e.payer)},
            {"network_fee_base_units", e.network_fee.to_string()},
            {"movements", movements(e.movements)}};
  }
  Json flush(ChainId chain, const TxId& txid, const std::vector<Movement>& all) const {
    return {{"chain", directory.caip2(chain)}, {"txid", directory.txid(chain, txid)}, {"movements", movements(all)}};
  }
  Json operator()(const ForwardersSwept& e) const {
    Json out = flush(e.chain, e.txid, e.movements);
    out["height"] = e.height;
    return out;
  }
  Json operator()(const ForwardersSweepUndone& e) const { return flush(e.chain, e.txid, e.movements); }
  Json operator()(const SpendUnmined& e) const { return {{"spend", e.spend.value}}; }
  Json operator()(const SpendSettled& e) const { return {{"spend", e.spend.value}}; }
  Json operator()(const SpendUnassigned& e) const { return {{"spend", e.spend.value}}; }
  Json operator()(const SpendSuperseded& e) const { return {{"spend", e.spend.value}}; }

  Json operator()(const BlockConnected& e) const { return block(e.chain, e.block); }
  Json operator()(const BlockDisconnected& e) const { return block(e.chain, e.block); }
  Json operator()(const BlockFinalized& e) const { return {{"chain", directory.caip2(e.chain)}, {"height", e.height}}; }

  Json operator()(const DepositSeen& e) const { return to_json(DepositView{e.deposit, 1}, directory); }
  Json operator()(const DepositCredited& e) const { return {{"deposit", e.deposit.value}}; }
  Json operator()(const DepositOrphaned& e) const { return {{"deposit", e.deposit.value}}; }
  Json operator()(const DepositReversed& e) const {
    return {{"deposit", e.deposit.value},
            {"from_customer_base_units", e.from_customer.to_string()},
            {"shortfall_base_units", e.shortfall.to_string()},
            {"incident", id_or_null(e.incident)}};
  }

  Json operator()(const SurplusFound& e) const { return adjustment(e.wallet, e.asset, e.amount); }
  Json operator()(const LossFound& e) const {
    Json out = adjustment(e.wallet, e.asset, e.amount);
    out["incident"] = id_or_null(e.incident);
    return out;
  }
  Json operator()(const SurplusUndone& e) const { return adjustment(e.wallet, e.asset, e.amount); }
  Json operator()(const LossUndone& e) const {
    Json out = adjustment(e.wallet, e.asset, e.amount);
    out["incident"] = id_or_null(e.incident);
    return out;
  }

  Json operator()(const IncidentOpened& e) const {
    Json out = to_json(e.incident, directory);
    out["by"] = text_or_null(e.by);
    return out;
  }
  Json operator()(const IncidentSpread& e) const {
    return {{"incident", e.incident.value}, {"wallet", e.wallet.value}};
  }
  Json operator()(const IncidentClosed& e) const {
    return {{"incident", e.incident.value}, {"by", text_or_null(e.by)}};
  }
  Json operator()(const ForeignSpendSeen& e) const { return foreign(e.incident, e.wallet, e.txid, e.nonce); }
  Json operator()(const ForeignSpendMined& e) const {
    Json out = foreign(e.incident, e.wallet, e.txid, e.nonce);
    out["height"] = e.height;
    return out;
  }
  Json operator()(const ForeignSpendUnmined& e) const { return foreign(e.incident, e.wallet, e.txid, e.nonce); }

  Json operator()(const FreezePlaced& e) const { return to_json(e.freeze, directory); }
  Json operator()(const FreezeAcknowledged& e) const {
    return {{"freeze", e.freeze.value}, {"signer", directory.signer_name(e.signer)}};
  }
  Json attempt(SpendId spend, const TxId& id, WalletId payer, std::uint64_t nonce, Amount network_fee) const {
    return {{"spend", spend.value},
            {"txid", txid(payer, id)},
            {"payer", id_or_null(payer)},
            {"nonce", nonce},
            {"network_fee_base_units", network_fee.to_string()}};
  }
  Json operator()(const AttemptMined& e) const {
    Json out = attempt(e.spend, e.txid, e.payer, e.nonce, e.network_fee);
    out["height"] = e.height;
    return out;
  }
  Json operator()(const AttemptUnmined& e) const { return attempt(e.spend, e.txid, e.payer, e.nonce, e.network_fee); }

  Json operator()(const CoinSeen& e) const { return coin_json(e.coin, directory); }
  Json operator()(const CoinExpected& e) const { return coin_json(e.coin, directory); }
  Json operator()(const CoinOrphaned& e) const { return {{"coin", e.coin.value}}; }
  // Which chain's text a transaction's id takes: only chains of coins have coins, and all of them write it so.
  Json operator()(const CoinSpent& e) const {
    return {{"coin", e.coin.value}, {"txid", chain::utxo::display(e.txid)}};
  }
  Json operator()(const CoinUnspent& e) const { return {{"coin", e.coin.value}}; }

  Json operator()(const FreezeLifted& e) const { return {{"freeze", e.freeze.value}, {"by", text_or_null(e.by)}}; }
};

}  // namespace

std::string_view event_type(const EventBody& body) { return kTypes.at(body.index()); }
std::span<const std::string_view> event_types() { return kTypes; }

Json event_json(std::uint64_t index, const Event& event, const Directory& directory) {
  return {{"index", index},
          {"at", to_json(event.at)},
          {"type", event_type(event.body)},
          {"data", std::visit(Data{directory}, event.body)}};
}

}  // namespace holdfast::api
