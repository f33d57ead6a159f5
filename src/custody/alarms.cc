// Incidents and freezes. Raising an alarm is easy and loses nothing; lifting a freeze is for people.
#include "custody/handlers.h"

#include <algorithm>
#include <set>

namespace holdfast::custody {
namespace {

bool has_account_nonce(const State& s, WalletId wallet) {
  const WalletKind kind = s.wallets.at(wallet).kind;
  return !s.of_coins(s.wallets.at(wallet).chain) && (kind == WalletKind::single_key || kind == WalletKind::gas);
}

// Whether what a foreign transaction uses up is something that ours can use up first.
bool can_be_outbid(const State& s, WalletId wallet, std::uint64_t nonce) {
  return s.of_coins(s.wallets.at(wallet).chain) ? nonce != 0 : has_account_nonce(s, wallet);
}

// Of coins, a transaction is told once for each coin that it spends.
bool known_already(const State& s, const Wallet& wallet, const ReportForeignSpend& c) {
  if (!s.of_coins(wallet.chain) || c.nonce == 0) return s.foreign_txids.contains(c.txid);
  const auto at = s.foreign_spends.find({c.wallet, c.nonce});
  return at != s.foreign_spends.end() && at->second.txid == c.txid && at->second.priority_fee >= c.priority_fee;
}

bool subject_exists(const State& s, Scope scope, std::uint64_t subject) {
  switch (scope) {
    case Scope::platform: return subject == 0;
    case Scope::chain: return s.chains.find({subject}) != nullptr;
    case Scope::asset: return s.assets.find({subject}) != nullptr;
    case Scope::wallet: return s.wallets.find({subject}) != nullptr;
    case Scope::customer: return s.customers.find({subject}) != nullptr;
  }
  return false;
}

bool in_force(const State& s, Scope scope, std::uint64_t subject) {
  return std::any_of(s.freezes_in_force.begin(), s.freezes_in_force.end(), [&](FreezeId id) {
    return s.freezes.at(id).scope == scope && s.freezes.at(id).subject == subject;
  });
}

bool is_alarm_code(const std::string& code) {
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !code.empty() && code.size() <= kMaxAlarmCode && std::ranges::all_of(code, is_good);
}

Freeze new_freeze(const Decision& d, Scope scope, std::uint64_t subject, IncidentId incident, std::string by) {
  Freeze freeze;
  freeze.id = d.state.freezes.next_id();
  freeze.scope = scope;
  freeze.subject = subject;
  freeze.incident = incident;
  freeze.placed_by = std::move(by);
  freeze.placed_at = d.now;
  return freeze;
}

}  // namespace

IncidentId Alarm::raise(IncidentCause cause, WalletId wallet, ChainId chain, const TxId& txid, const std::string& by) {
  const bool touched = std::find(touched_.begin(), touched_.end(), wallet) != touched_.end();
  const IncidentId lost_in = wallet ? d_.state.wallets.at(wallet).compromised_by : IncidentId{};
  if (!touched && d_.state.open_incidents.contains(lost_in)) return lost_in;
  const bool open_before = !d_.state.open_incidents.empty();
  const IncidentId known = opened_ ? opened_ : open_before ? *d_.state.open_incidents.begin() : IncidentId{};
  if (known) {
    if (wallet && !touched) {
      d_.emit(IncidentSpread{known, wallet});
      touched_.push_back(wallet);
    }
    return known;
  }
  Incident incident;
  incident.id = opened_ = d_.state.incidents.next_id();
  incident.cause = cause;
  incident.chain = chain;
  if (wallet) incident.wallets.push_back(wallet);
  incident.txid = txid;
  incident.opened_at = d_.now;
  d_.emit(IncidentOpened{incident, by});
  touched_.push_back(wallet);
  if (!in_force(d_.state, Scope::platform, 0)) {
    d_.emit(FreezePlaced{new_freeze(d_, Scope::platform, 0, incident.id, by)});
  }
  return incident.id;
}

Refusal decide(Decision& d, const ReportForeignSpend& c) {
  const Wallet* wallet = d.state.wallets.find(c.wallet);
  if (!wallet) return Refusal::wallet_unknown;
  if (const Spend* ours = d.state.spend_of(c.txid)) {
    // Its attempt became durable meanwhile. But a reserve is broadcast by nobody before its wallet is in danger.
    const bool untimely = ours->purpose == Purpose::reserve && !wallet->compromised_by && ours->wallet == c.wallet;
    if (untimely) Alarm(d).raise(c.cause, c.wallet, wallet->chain, c.txid, {});
    return Refusal::none;
  }
  if (known_already(d.state, *wallet, c)) return Refusal::none;
  Alarm alarm(d);
  const IncidentId incident = alarm.raise(c.cause, c.wallet, wallet->chain, c.txid, {});
  return d.emit(ForeignSpendSeen{incident, c.wallet, c.txid, c.nonce, c.max_fee, c.priority_fee});
}

Refusal decide(Decision& d, const OpenIncident& c) {
  if (c.wallet && !d.state.wallets.find(c.wallet)) return Refusal::wallet_unknown;
  const ChainId chain = c.wallet ? d.state.wallets.at(c.wallet).chain : ChainId{};
  Alarm(d).raise(c.cause, c.wallet, chain, {}, c.by);
  return Refusal::none;
}

Refusal decide(Decision& d, const ReportSignerAlarm& c) {
  const Signer* signer = d.state.signers.find(c.signer);
  if (!signer) return Refusal::signer_unknown;
  if (!is_alarm_code(c.code)) return Refusal::alarm_wrong;
  const std::string own = signer->name + ": ";
  std::size_t open = 0;
  for (const IncidentId id : d.state.open_incidents) {
    const Incident& known = d.state.incidents.at(id);
    if (known.alarm == own + c.code) return Refusal::none;
    if (known.alarm.starts_with(own)) ++open;
  }
  if (open >= kMaxSignerAlarms) return Refusal::none;  // It has been heard.
  Incident incident;
  incident.id = d.state.incidents.next_id();
  incident.cause = IncidentCause::signer_alarm;
  incident.opened_at = d.now;
  incident.alarm = own + c.code;
  d.emit(IncidentOpened{incident, incident.alarm});
  if (!in_force(d.state, Scope::platform, 0)) d.emit(FreezePlaced{new_freeze(d, Scope::platform, 0, incident.id, incident.alarm)});
  return Refusal::none;
}

Refusal decide(Decision& d, const CloseIncident& c) {
  const Incident* incident = d.state.incidents.find(c.incident);
  if (!incident) return Refusal::incident_unknown;
  if (incident->closed_at != Instant{}) return Refusal::none;
  return d.emit(IncidentClosed{c.incident, c.by});
}

Refusal decide(Decision& d, const PlaceFreeze& c) {
  if (!subject_exists(d.state, c.scope, c.subject)) return Refusal::state_wrong;
  if (in_force(d.state, c.scope, c.subject)) return Refusal::none;
  return d.emit(FreezePlaced{new_freeze(d, c.scope, c.subject, {}, c.by)});
}

void freeze_as_asked(Decision& d, const std::vector<FreezeAsked>& asked) {
  std::set<std::pair<Scope, std::uint64_t>> placed;
  for (const FreezeAsked& one : asked) {
    if (in_force(d.state, one.scope, one.subject) || placed.contains({one.scope, one.subject})) continue;
    Freeze freeze = new_freeze(d, one.scope, one.subject, {}, "detector " + one.detector);
    freeze.id.value += placed.size();
    d.emit(FreezePlaced{std::move(freeze)});
    placed.insert({one.scope, one.subject});
  }
}

Refusal decide(Decision& d, const LiftFreeze& c) {
  const Freeze* freeze = d.state.freezes.find(c.freeze);
  if (!freeze) return Refusal::freeze_unknown;
  if (freeze->lifted_at != Instant{}) return Refusal::none;
  // Close it first. Also a freeze that a person placed: it may be the only one that the incident has.
  if (freeze->scope == Scope::platform && !d.state.open_incidents.empty()) return Refusal::state_wrong;
  return d.emit(FreezeLifted{c.freeze, c.by});
}

Refusal decide(Decision& d, const AcknowledgeFreeze& c) {
  const Freeze* freeze = d.state.freezes.find(c.freeze);
  if (!freeze) return Refusal::freeze_unknown;
  if (!d.state.signers.find(c.signer)) return Refusal::signer_unknown;
  const auto& known = freeze->acknowledged;
  if (std::find(known.begin(), known.end(), c.signer) != known.end()) return Refusal::none;
  return d.emit(FreezeAcknowledged{c.freeze, c.signer});
}

void apply(State& s, Instant, const IncidentOpened& e) {
  s.incidents.add(e.incident.id, e.incident);
  s.open_incidents.insert(e.incident.id);
  for (const WalletId wallet : e.incident.wallets) s.wallets.at(wallet).compromised_by = e.incident.id;
}

void apply(State& s, Instant, const IncidentSpread& e) {
  s.incidents.at(e.incident).wallets.push_back(e.wallet);
  s.wallets.at(e.wallet).compromised_by = e.incident;
}

void apply(State& s, Instant at, const IncidentClosed& e) {
  s.incidents.at(e.incident).closed_at = at;
  s.open_incidents.erase(e.incident);
}

void apply(State& s, Instant, const ForeignSpendSeen& e) {
  s.foreign_txids.insert(e.txid);
  if (!can_be_outbid(s, e.wallet, e.nonce)) return;
  ForeignSpend& foreign = s.foreign_spends[{e.wallet, e.nonce}];
  foreign.txid = e.txid;
  foreign.max_fee = std::max(foreign.max_fee, e.max_fee);
  foreign.priority_fee = std::max(foreign.priority_fee, e.priority_fee);
}

void apply(State& s, Instant, const ForeignSpendMined& e) {
  s.foreign_txids.insert(e.txid);
  const Wallet& wallet = s.wallets.at(e.wallet);
  if (!can_be_outbid(s, e.wallet, e.nonce)) return;
  head_block(s, wallet.chain).foreign.push_back({e.incident, e.wallet, e.txid, e.nonce});
  if (!has_account_nonce(s, e.wallet)) return;
  std::uint64_t& mined = s.mined_nonce[e.wallet];
  mined = std::max(mined, e.nonce + 1);
  s.wallets.at(e.wallet).next_nonce = std::max(wallet.next_nonce, e.nonce + 1);
}

void apply(State& s, Instant, const ForeignSpendUnmined& e) {
  if (!has_account_nonce(s, e.wallet)) return;
  s.mined_nonce[e.wallet] = std::min(s.mined_nonce[e.wallet], e.nonce);
}

void apply(State& s, Instant, const FreezePlaced& e) {
  s.freezes.add(e.freeze.id, e.freeze);
  s.freezes_in_force.insert(e.freeze.id);
}

void apply(State& s, Instant, const FreezeAcknowledged& e) { s.freezes.at(e.freeze).acknowledged.push_back(e.signer); }

void apply(State& s, Instant at, const FreezeLifted& e) {
  s.freezes.at(e.freeze).lifted_at = at;
  s.freezes_in_force.erase(e.freeze);
  lift_grades(s, s.freezes.at(e.freeze));
}

}  // namespace holdfast::custody
