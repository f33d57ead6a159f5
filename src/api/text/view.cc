#include "api/text/view.h"

#include "api/text/names.h"
#include "base/hex.h"
#include "custody/custody.h"
#include "identity/credential.h"
#include "policy/domain.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace holdfast::api {
namespace {

using namespace custody;

std::uint64_t confirmations(const State& state, ChainId chain, std::uint64_t height) {
  const auto head = state.head(chain);
  return height == 0 || !head || head->height < height ? 0 : head->height - height + 1;
}

Instant block_time(const State& state, ChainId chain, std::uint64_t height) {
  if (!chain || chain.value > state.progress.size()) return {};
  const auto& recent = state.progress[chain.value - 1].recent;
  const auto block =
      std::find_if(recent.begin(), recent.end(), [&](const auto& one) { return one.ref.height == height; });
  return block == recent.end() ? Instant{} : block->ref.time;
}

Json entry(WithdrawalState state, Instant at) { return {{"state", name(state)}, {"at", to_json(at)}}; }

// What the withdrawal went through. Times that only the event feed knows are null.
Json timeline(const WithdrawalView& view) {
  using W = WithdrawalState;
  const Withdrawal& w = view.withdrawal;
  Json steps = Json::array({entry(W::requested, w.requested_at), entry(W::held, w.requested_at)});
  if (w.approval_expires_at != Instant{})
    steps.push_back(entry(W::approved, w.approval_expires_at + -kApprovalLifetimeMs));
  if (view.spend) {
    steps.push_back(entry(W::signing, view.spend->planned_at));
    if (!view.spend->attempts.empty()) steps.push_back(entry(W::broadcast, view.spend->attempts.front().at));
    if (view.spend->height != 0) steps.push_back(entry(W::confirming, view.spend->mined_at));
  }
  const bool ended = w.state == W::rejected || w.state == W::completed || w.state == W::returned;
  if (ended) steps.push_back(entry(w.state, {}));
  return steps;
}

// The part of the withdrawal's amount that its value is to `micro`. Rounded down, so it is worth no more than that.
Amount amount_worth(const Withdrawal& w, std::uint64_t micro) {
  if (w.value == 0 || micro >= w.value) return w.amount;
  const Int128 value = w.value;
  const Int128 units = w.amount.units();
  return Amount::of(units / value * micro + units % value * micro / value);
}

std::string_view severity_name(std::uint32_t severity) {
  constexpr std::string_view kNames[] = {"low", "medium", "high", "critical"};
  return severity < std::size(kNames) ? kNames[severity] : "critical";
}

Json reviews_json(const Verdict& verdict) {
  Json out = Json::array();
  for (const Review& one : verdict.reviews) out.push_back({{"by", one.by}, {"role", one.role}, {"at", to_json(one.at)}});
  return out;
}

// What it still waits for, in the words of a policy.
Json missing_json(const WithdrawalView& view) {
  Json out = Json::array();
  if (view.withdrawal.state != WithdrawalState::held) return out;
  for (const auto& [role, people] : view.verdict->demand.review) {
    const auto there = std::ranges::count(view.verdict->reviews, role, &Review::role);
    if (there < people) out.push_back(fmt::format("review {} {}", people - there, role));
  }
  if (view.verdict->demand.step_up && !view.verdict->confirmed) out.push_back("step up");
  return out;
}

// What it is, why, and why not: the nearest amount that would have passed.
Json verdict_json(const WithdrawalView& view, const Directory& directory) {
  if (!view.verdict) return {};
  const Verdict& v = *view.verdict;
  const Withdrawal& w = view.withdrawal;
  const auto known_for = static_cast<std::int64_t>(v.passes_known_for_ms);
  Json passes;
  if (v.passes_up_to != 0) {
    passes = {{"usd", usd_text(v.passes_up_to)}, {"amount", directory.amount(w.asset, amount_worth(w, v.passes_up_to))}};
  }
  return {{"demand", policy::write_demand(v.demand)},
          {"missing", missing_json(view)},
          {"not_before", v.demand.delay_ms == 0 ? Json() : to_json(w.requested_at + v.demand.delay_ms)},
          {"confirmed", v.confirmed},
          {"reviews", reviews_json(v)},
          {"fired", fired_json(v.fired)},
          {"case", v.case_id ? Json(v.case_id.value) : Json()},
          {"fired_more", v.fired_more},
          {"passes_up_to", std::move(passes)},
          {"passes_from", to_json(v.passes_from)},
          {"passes_known_for", known_for == 0 ? Json() : Json(policy::write_length(known_for))}};
}

Json to_json(const SpendView& spend, const Directory& directory) {
  const ChainId chain = directory.chain_of(spend.wallet);
  Json txids = Json::array();
  for (const auto& attempt : spend.attempts) txids.push_back(directory.txid(chain, attempt.txid));
  const bool mined = spend.height != 0;
  return {{"id", spend.id.value},
          {"wallet", spend.wallet.value},
          {"state", name(spend.state)},
          {"nonce", spend.nonce},
          {"payments", spend.payments},
          {"inputs", spend.inputs},
          {"txids", std::move(txids)},
          {"mined_txid", text_or_null(directory.txid(chain, spend.mined_txid))},
          {"height", mined ? Json(spend.height) : Json()},
          {"confirmations", spend.confirmations},
          {"network_fee", mined ? Json(directory.native_amount(chain, spend.network_fee)) : Json()}};
}

Json to_json(const std::vector<AssetAmount>& money, const Directory& directory) {
  Json out = Json::array();
  for (const AssetAmount& one : money) {
    out.push_back({{"asset", directory.asset_name(one.asset)},
                   {"symbol", directory.symbol(one.asset)},
                   {"amount", directory.amount(one.asset, one.amount)}});
  }
  return out;
}

}  // namespace

Json fired_json(const std::vector<FiredRule>& fired) {
  Json out = Json::array();
  for (const FiredRule& one : fired) {
    Json saw = Json::object();
    for (const Saw& pair : one.saw) saw[pair.variable] = pair.value;
    out.push_back({{"rule", one.rule},
                   {"reason", one.reason},
                   {"severity", severity_name(one.severity)},
                   {"untold", one.untold},
                   {"saw", std::move(saw)}});
  }
  return out;
}

CaseView collect(const State& state, const Case& one) {
  CaseView view{one, {}, {}};
  const auto open = state.open_cases.find(one.id);
  if (open != state.open_cases.end()) view.waiting.assign(open->second.begin(), open->second.end());
  const auto news = state.news_of_case.find(one.id);
  if (news == state.news_of_case.end()) return view;
  for (const custody::ChainAddress& of : news->second) view.news.push_back(state.labelled.at(of));
  return view;
}

std::string usd_text(std::uint64_t micro) { return policy::write_usd({static_cast<Int128>(micro)}); }

Json news_json(const LabelledAddress& one, const Directory& directory) {
  Json withdrawals = Json::array();
  for (const WithdrawalId id : one.withdrawals) withdrawals.push_back(id.value);
  Json deposits = Json::array();
  for (const DepositId id : one.deposits) deposits.push_back(id.value);
  return {{"chain", directory.caip2(one.chain)},
          {"address", directory.address(one.chain, one.address)},
          {"labels", one.labels},
          {"case", one.case_id ? Json(one.case_id.value) : Json()},
          {"withdrawals", std::move(withdrawals)},
          {"paid_usd", usd_text(one.paid)},
          {"deposits", std::move(deposits)},
          {"credited_usd", usd_text(one.credited)}};
}

Json to_json(const CaseView& view, const Directory& directory) {
  const Case& c = view.one;
  Json waiting = Json::array();
  for (const WithdrawalId id : view.waiting) waiting.push_back(id.value);
  Json news = Json::array();
  for (const LabelledAddress& one : view.news) news.push_back(news_json(one, directory));
  Json notes = Json::array();
  for (const Note& note : c.notes) notes.push_back({{"by", note.by}, {"at", to_json(note.at)}, {"text", note.text}});
  return {{"id", c.id.value},
          {"scope", policy::name(c.scope)},
          {"subject", c.subject},
          {"cause", c.cause},
          {"severity", severity_name(c.severity)},
          {"opened_at", to_json(c.opened_at)},
          {"due_at", to_json(c.due_at)},
          {"overdue", c.overdue},
          {"assigned_to", text_or_null(c.assigned_to)},
          {"closed_at", to_json(c.closed_at)},
          {"waiting", std::move(waiting)},
          {"news", std::move(news)},
          {"notes", std::move(notes)}};
}

Json to_json(const GradeEntry& entry) {
  return {{"detector", entry.key.detector},
          {"scope", policy::name(entry.key.scope)},
          {"subject", entry.key.subject},
          {"step", entry.grade.step},
          {"since", to_json(entry.grade.since)},
          {"decay_ms", entry.grade.decay_ms},
          {"frozen", entry.grade.frozen}};
}

// A journal may hold what an edge of another version let in: then the key stands as bytes.
Json to_json(const CustomerKey& key) {
  const auto credential = identity::Credential::from_key(static_cast<identity::CredentialKind>(key.kind), key.key);
  return {{"id", key.id.value},
          {"customer", key.customer.value},
          {"key", credential ? credential->to_text() : to_hex(key.key)},
          {"name", key.name},
          {"enrolled_at", to_json(key.enrolled_at)},
          {"removed_at", to_json(key.removed_at)}};
}

Json to_json(const PolicyVersion& policy) {
  const bool is_locked = policy.state == PolicyState::approved && policy.loosens;
  return {{"id", policy.id.value},
          {"name", policy.name},
          {"hash", to_hex(policy.hash.view())},
          {"state", name(policy.state)},
          {"base", policy.base ? Json(policy.base.value) : Json()},
          {"loosens", policy.loosens},
          {"locked_until", is_locked ? to_json(policy.approved_at + kPolicyTimeLockMs) : Json()},
          {"proposed_by", policy.proposed_by},
          {"proposed_at", to_json(policy.proposed_at)},
          {"approved_by", text_or_null(policy.approved_by)},
          {"approved_at", to_json(policy.approved_at)},
          {"activated_by", text_or_null(policy.activated_by)},
          {"activated_at", to_json(policy.activated_at)}};
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string to_rfc3339(Instant at) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(at.unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Json to_json(Instant at) { return at == Instant{} ? Json() : Json(to_rfc3339(at)); }
Json text_or_null(std::string text) { return text.empty() ? Json() : Json(std::move(text)); }

WithdrawalView collect(const State& state, const Withdrawal& withdrawal) {
  WithdrawalView view{withdrawal, {}, {}, {}};
  if (const Verdict* verdict = state.verdict(withdrawal.id)) view.verdict = *verdict;
  if (withdrawal.policy) view.policy = state.policies.at(withdrawal.policy).hash;
  const Spend* spend = state.spends.find(withdrawal.spend);
  if (!spend) return view;
  const ChainId chain = state.wallets.at(spend->wallet).chain;
  SpendView& out = view.spend.emplace();
  out.id = spend->id;
  out.wallet = spend->wallet;
  out.state = spend->state;
  out.nonce = spend->nonce;
  out.payments = withdrawals_of(*spend).size();
  out.inputs = spend->inputs.size();
  out.planned_at = spend->planned_at;
  for (const Attempt& attempt : spend->attempts) out.attempts.push_back({attempt.txid, attempt.signed_at});
  out.mined_txid = spend->mined_txid;
  out.height = spend->height;
  out.confirmations = confirmations(state, chain, spend->height);
  out.mined_at = block_time(state, chain, spend->height);
  out.network_fee = spend->network_fee;
  return view;
}

Json to_json(const WithdrawalView& view, const Directory& directory) {
  const Withdrawal& w = view.withdrawal;
  return {{"id", w.id.value},
          {"customer", w.customer.value},
          {"asset", directory.asset_name(w.asset)},
          {"symbol", directory.symbol(w.asset)},
          {"amount", directory.amount(w.asset, w.amount)},
          {"fee", directory.amount(w.asset, w.fee)},
          {"destination", directory.address(directory.chain_of(w.asset), w.destination)},
          {"state", name(w.state)},
          {"reason", w.reason == Reason::none ? Json() : Json(name(w.reason))},
          {"requested_at", to_json(w.requested_at)},
          {"approval_expires_at", to_json(w.approval_expires_at)},
          {"value_usd", w.value == 0 ? Json() : Json(usd_text(w.value))},
          {"request", to_hex(w.request.view())},
          {"authorised_key", w.authorised_key ? Json(w.authorised_key.value) : Json()},
          {"policy", view.policy.is_zero() ? Json() : Json(to_hex(view.policy.view()))},
          {"verdict", verdict_json(view, directory)},
          {"spend", view.spend ? to_json(*view.spend, directory) : Json()},
          {"timeline", timeline(view)}};
}

DepositView collect(const State& state, const Deposit& deposit) {
  const bool on_chain = deposit.state == DepositState::seen || deposit.state == DepositState::credited;
  const ChainId chain = state.assets.at(deposit.asset).chain;
  return {deposit, on_chain ? confirmations(state, chain, deposit.height) : 0};
}

Json to_json(const DepositView& view, const Directory& directory) {
  const Deposit& d = view.deposit;
  return {{"id", d.id.value},
          {"customer", d.customer.value},
          {"asset", directory.asset_name(d.asset)},
          {"symbol", directory.symbol(d.asset)},
          {"amount", directory.amount(d.asset, d.amount)},
          {"address", directory.address(directory.chain_of(d.asset), d.address)},
          {"txid", directory.txid(directory.chain_of(d.asset), d.txid)},
          {"position", d.position},
          {"height", d.height},
          {"confirmations", view.confirmations},
          {"state", name(d.state)}};
}

WalletView collect(const State& state, const Wallet& wallet) {
  WalletView view{wallet, {}, {}, {}, 0};
  if (state.of_coins(wallet.chain)) view.coins = 0;
  if (const auto unspent = state.unspent_coins.find(wallet.id); unspent != state.unspent_coins.end()) {
    view.coins = unspent->second.size();
    const auto reserved = [&](CoinId id) { return state.ready_reserve(state.coins.at(id)) != nullptr; };
    view.reserved = static_cast<std::size_t>(std::ranges::count_if(unspent->second, reserved));
  }
  for (const Asset& asset : state.assets) {
    if (asset.chain != wallet.chain) continue;
    view.balances.push_back({asset.id, state.wallet_balance(wallet.id, asset.id)});
    view.free.push_back({asset.id, state.wallet_free(wallet.id, asset.id)});
  }
  return view;
}

Json to_json(const WalletView& view, const Directory& directory) {
  const Wallet& w = view.wallet;
  return {{"id", w.id.value},
          {"chain", directory.caip2(w.chain)},
          {"kind", name(w.kind)},
          {"name", w.name},
          {"address", directory.address(w.chain, w.address)},
          {"descriptor", text_or_null(w.output_descriptor)},
          {"next_receive", view.coins ? Json(w.next_receive) : Json()},
          {"next_change", view.coins ? Json(w.next_change) : Json()},
          {"coins", view.coins ? Json(*view.coins) : Json()},
          {"reserved_coins", view.coins && w.kind == WalletKind::multisig ? Json(view.reserved) : Json()},
          {"signer", text_or_null(directory.signer_name(w.signer))},
          {"compromised", static_cast<bool>(w.compromised_by)},
          {"incident", w.compromised_by ? Json(w.compromised_by.value) : Json()},
          {"balances", to_json(view.balances, directory)},
          {"free", to_json(view.free, directory)}};
}

CoinView collect(const State& state, const Coin& coin) {
  CoinView view{coin, 0, {}};
  if (coin.state != CoinState::orphaned) {
    view.confirmations = confirmations(state, state.wallets.at(coin.wallet).chain, coin.height);
  }
  const auto counting = state.spends_by_nonce.find({coin.wallet, coin.id.value});
  if (counting == state.spends_by_nonce.end()) return view;
  for (const SpendId id : counting->second) {
    if (state.spends.at(id).purpose != Purpose::reserve) view.spend = id;  // The newest.
  }
  return view;
}

Json coin_json(const Coin& coin, const Directory& directory) {
  const ChainId chain = directory.chain_of(coin.wallet);
  return {{"id", coin.id.value},
          {"wallet", coin.wallet.value},
          {"txid", directory.txid(chain, coin.outpoint.txid)},
          {"vout", coin.outpoint.vout},
          {"address", directory.address(chain, coin.script)},
          {"branch", coin.branch},
          {"index", coin.index},
          {"amount", directory.native_amount(chain, coin.amount)},
          {"height", coin.height},
          {"coinbase", coin.coinbase}};
}

Json to_json(const CoinView& view, const Directory& directory) {
  Json out = coin_json(view.coin, directory);
  out["confirmations"] = view.confirmations;
  out["state"] = name(view.coin.state);
  out["spent_by"] = text_or_null(directory.txid(directory.chain_of(view.coin.wallet), view.coin.spent_by));
  out["spend"] = view.spend ? Json(view.spend.value) : Json();
  return out;
}

Json to_json(const Asset& asset, const Directory& directory) {
  Json tiers = Json::array();
  for (const DepositTier& tier : asset.deposit_tiers) {
    tiers.push_back({{"from", tier.from.to_decimal(asset.decimals)}, {"depth", tier.depth}});
  }
  return {{"asset", directory.asset_name(asset.id)},
          {"chain", directory.caip2(asset.chain)},
          {"symbol", asset.symbol},
          {"decimals", asset.decimals},
          {"contract", text_or_null(directory.address(asset.chain, asset.contract))},
          {"withdrawal_fee", asset.withdrawal_fee.to_decimal(asset.decimals)},
          {"withdrawal_min", asset.withdrawal_min.to_decimal(asset.decimals)},
          {"withdrawal_max", asset.withdrawal_max.to_decimal(asset.decimals)},
          {"auto_approve_max", asset.auto_approve_max.to_decimal(asset.decimals)},
          {"deposit_tiers", std::move(tiers)}};
}

Json to_json(const Freeze& freeze, const Directory& directory) {
  Json signers = Json::array();
  for (const SignerId signer : freeze.acknowledged) signers.push_back(directory.signer_name(signer));
  Json out{{"id", freeze.id.value}, {"scope", name(freeze.scope)}};
  switch (freeze.scope) {
    case Scope::platform: break;
    case Scope::chain: out["chain"] = directory.caip2({freeze.subject}); break;
    case Scope::asset: out["asset"] = directory.asset_name({freeze.subject}); break;
    case Scope::wallet: out["wallet"] = freeze.subject; break;
    case Scope::customer: out["customer"] = freeze.subject; break;
  }
  out["incident"] = freeze.incident ? Json(freeze.incident.value) : Json();
  out["placed_by"] = text_or_null(freeze.placed_by);
  out["placed_at"] = to_json(freeze.placed_at);
  out["lifted_at"] = to_json(freeze.lifted_at);
  out["acknowledged_by"] = std::move(signers);
  return out;
}

Json to_json(const Incident& incident, const Directory& directory) {
  Json wallets = Json::array();
  for (const WalletId wallet : incident.wallets) wallets.push_back(wallet.value);
  return {{"id", incident.id.value},
          {"cause", name(incident.cause)},
          {"chain", text_or_null(directory.caip2(incident.chain))},
          {"wallets", std::move(wallets)},
          {"txid", text_or_null(directory.txid(incident.chain, incident.txid))},
          {"opened_at", to_json(incident.opened_at)},
          {"closed_at", to_json(incident.closed_at)},
          {"alarm", text_or_null(incident.alarm)}};
}

}  // namespace holdfast::api
