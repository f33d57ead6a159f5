#include "engine/desk.h"

#include "base/check.h"
#include "base/hex.h"
#include "base/planted.h"
#include "custody/value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace holdfast::engine {
namespace {

using namespace custody;

// Units of cost, of all conditions together. What would have passed is searched for within the commit, by
// judging some hundred times, or two.
constexpr std::uint64_t kMostToSearch = 7'000;
// Facts that may be walked over to see what windows will hold, for one withdrawal.
constexpr std::size_t kMostAhead = 1 << 15;

bool pays(const Wallet& wallet) {
  const bool is_hot = wallet.kind == WalletKind::safe || wallet.kind == WalletKind::single_key || wallet.kind == WalletKind::multisig;
  return is_hot && !wallet.compromised_by;
}

// The wallet that would pay now: the first that has enough, else the first.
WalletId payer_of(const State& state, const Asset& asset, Amount amount) {
  WalletId first;
  for (const Wallet& wallet : state.wallets) {
    if (wallet.chain != asset.chain || !pays(wallet)) continue;
    if (state.wallet_free(wallet.id, asset.id) >= amount) return wallet.id;
    if (!first) first = wallet.id;
  }
  return first;
}

Amount in_paying_wallets(const State& state, const Asset& asset) {
  Amount sum;
  for (const Wallet& wallet : state.wallets) {
    if (wallet.chain != asset.chain || !pays(wallet)) continue;
    sum = Amount::sum(sum, state.wallet_balance(wallet.id, asset.id)).value_or(Amount::max());
  }
  return sum;
}

policy::Usd usd(std::uint64_t micro) { return {static_cast<Int128>(micro)}; }

// At most so many bytes, and no half character at the end.
std::string cut(std::string_view text) {
  if (text.size() <= kMaxVerdictText) return std::string(text);
  std::size_t end = kMaxVerdictText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return std::string(text.substr(0, end));
}

// Of a rule or a detector that fired.
template <class FiredOrRaised>
FiredRule fired_rule(const policy::Condition& condition, const FiredOrRaised& fired) {
  FiredRule out;
  out.rule = condition.name;
  out.reason = cut(condition.reason);
  out.severity = static_cast<std::uint32_t>(condition.severity);
  out.untold = fired.error != policy::cel::ErrorCode::none;
  for (const auto& [variable, value] : fired.saw) {
    if (out.saw.size() < kMaxSaw) out.saw.push_back({variable, cut(value)});
  }
  return out;
}

// A detector that fired before, for the same subject, and whose step still stands.
FiredRule standing_rule(const policy::Policy& policy, const policy::Standing& standing) {
  FiredRule out;
  out.rule = standing.detector;
  out.reason = fmt::format("stands on step {} since it fired for the same {}", standing.step, policy::name(standing.scope));
  const auto detector = std::ranges::find(policy.detectors(), standing.detector, &policy::Detector::name);
  const bool is_there = detector != policy.detectors().end();  // A freeze outlives its detector.
  out.severity = static_cast<std::uint32_t>(is_there ? detector->severity : policy::Severity::critical);
  return out;
}

std::vector<FiredRule> all_fired(const policy::Policy& policy, const policy::Verdict& verdict) {
  std::vector<FiredRule> out;
  for (const policy::Fired& one : verdict.fired) out.push_back(fired_rule(policy.rules()[one.rule], one));
  for (const policy::Raised& one : verdict.raised) {
    FiredRule& added = out.emplace_back(fired_rule(policy.detectors()[one.detector], one));
    added.reason = cut(fmt::format("{} (step {})", added.reason, one.step));
  }
  for (const policy::Standing& one : verdict.standing) {
    const bool fired_again = std::ranges::find(out, one.detector, &FiredRule::rule) != out.end();
    if (!fired_again) out.push_back(standing_rule(policy, one));
  }
  return out;
}

// What can be frozen, by the digits of its id.
struct Subject {
  Scope scope = Scope::platform;
  std::uint64_t id = 0;
};
std::optional<Subject> subject_of(policy::Scope scope, const Withdrawal& wanted, ChainId chain) {
  switch (scope) {
    case policy::Scope::customer: return Subject{Scope::customer, wanted.customer.value};
    case policy::Scope::asset: return Subject{Scope::asset, wanted.asset.value};
    case policy::Scope::chain: return Subject{Scope::chain, chain.value};
    case policy::Scope::wallet: return Subject{Scope::wallet, wanted.payer.value};
    case policy::Scope::platform: return Subject{};
    case policy::Scope::destination: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void Desk::start(const State& state) {
  policy_ = nullptr;
  own_policy_.reset();
  if (!state.policy_in_force) return;
  // It was accepted when it was proposed. A version of Holdfast that does not take it any more asks people about everything.
  auto read = policy::Policy::read(as_text(state.policies.at(state.policy_in_force).text), "policy");
  if (!read) return;
  own_policy_ = std::make_unique<const policy::Policy>(std::move(*read));
  policy_ = own_policy_.get();
  take_up(state);
}

void Desk::start(const State& state, const policy::Policy& policy) {
  own_policy_.reset();
  policy_ = &policy;
  take_up(state);
}

void Desk::take_up(const State& state) {
  auto windows = risk::Windows::make(policy_->groups());
  HF_CHECK(windows.has_value());  // The policy was read with them.
  windows_ = std::move(*windows);
  inputs_.emplace(*policy_);
  later_.emplace(*policy_);
  judge_.emplace(*policy_);
  std::uint64_t cost = 0;
  for (const policy::Rule& rule : policy_->rules()) cost += rule.when.cost_bound;
  for (const policy::Detector& detector : policy_->detectors()) cost += detector.when.cost_bound;
  search_is_cheap_ = cost <= kMostToSearch;
  destinations_ = {};
  names_.clear();
  if (HF_PLANTED(windows_cold)) return;
  struct Later {  // One of the two.
    Instant at;
    const Deposit* credited = nullptr;
    const Withdrawal* paid = nullptr;
  };
  std::vector<Later> later;
  for (const Deposit& deposit : state.deposits) {
    if (deposit.credited_at != Instant{}) later.push_back({deposit.credited_at, &deposit, nullptr});
  }
  for (const Withdrawal& withdrawal : state.withdrawals) {
    if (withdrawal.completed_at != Instant{}) later.push_back({withdrawal.completed_at, nullptr, &withdrawal});
  }
  std::ranges::stable_sort(later, {}, &Later::at);
  // In the order of their times. Of those at the same one the order means nothing.
  auto next = later.begin();
  const auto remember_until = [&](Instant at) {
    for (; next != later.end() && next->at <= at; ++next) next->paid ? remember_paid(state, *next->paid) : remember(state, *next->credited);
  };
  for (const Withdrawal& withdrawal : state.withdrawals) {
    remember_until(withdrawal.requested_at);
    remember(state, withdrawal);
  }
  remember_until({INT64_MAX});
}

std::uint64_t Desk::name_of(const std::string& text) {
  return text.empty() ? 0 : names_.try_emplace(text, names_.size() + 1).first->second;
}

std::uint64_t Desk::name_of(const Address& destination) {
  std::uint64_t& name = destinations_[destination];
  if (name == 0) name = destinations_.size();
  return name;
}

// Of an IPv4 address its /24, of an IPv6 address its /48.
std::uint64_t Desk::network_of(const std::string& ip) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, ip.c_str(), bytes.data()) == 1) return name_of("/24 " + std::string(bytes.data(), 3));
  if (inet_pton(AF_INET6, ip.c_str(), bytes.data()) == 1) return name_of("/48 " + std::string(bytes.data(), 6));
  return 0;
}

risk::Fact Desk::fact(const State& state, const Withdrawal& withdrawal) {
  risk::Fact out;
  out.at = withdrawal.requested_at;
  out.value = static_cast<std::int64_t>(withdrawal.value);
  const auto set = [&](risk::KeyKind kind, std::uint64_t key) { out.keys[static_cast<std::size_t>(kind)] = key; };
  using enum risk::KeyKind;
  set(customer, withdrawal.customer.value);
  set(destination, name_of(withdrawal.destination));
  set(asset, withdrawal.asset.value);
  set(chain, state.assets.at(withdrawal.asset).chain.value);
  set(wallet, withdrawal.payer.value);
  set(device, name_of(withdrawal.session.device));
  set(ip, name_of(withdrawal.session.ip));
  set(network, withdrawal.session.ip.empty() ? 0 : network_of(withdrawal.session.ip));
  set(api_key, name_of(withdrawal.session.api_key));
  set(platform, 1);
  return out;
}

void Desk::remember(const State& state, const Withdrawal& withdrawal) {
  const risk::Fact one = fact(state, withdrawal);
  // What is denied was looked at, and moved the windows' time; it does not count.
  if (withdrawal.reason == Reason::denied_by_policy) windows_->look(one, look_);
  else windows_->add(one);
}

void Desk::remember(const State& state, const Deposit& deposit) {
  risk::Fact out;
  out.of = risk::Stream::deposits;
  out.at = deposit.credited_at;
  out.value = static_cast<std::int64_t>(deposit.value);
  const auto set = [&](risk::KeyKind kind, std::uint64_t key) { out.keys[static_cast<std::size_t>(kind)] = key; };
  using enum risk::KeyKind;
  set(customer, deposit.customer.value);
  set(asset, deposit.asset.value);
  set(chain, state.assets.at(deposit.asset).chain.value);
  set(platform, 1);
  windows_->add(out);
}

void Desk::remember_paid(const State& state, const Withdrawal& withdrawal) {
  risk::Fact out = fact(state, withdrawal);
  out.of = risk::Stream::paid;
  out.at = withdrawal.completed_at;
  windows_->add(out);
}

void Desk::follow(const State& state, const Event& event) {
  if (std::holds_alternative<PolicyActivated>(event.body)) return start(state);
  if (!policy_) return;
  if (const auto* credited = std::get_if<DepositCredited>(&event.body)) return remember(state, state.deposits.at(credited->deposit));
  if (const auto* settled = std::get_if<SpendSettled>(&event.body)) {
    const Spend& spend = state.spends.at(settled->spend);
    if (!spend.success || spend.settled_once) return;  // As of custody: paid once.
    for (const WithdrawalId id : withdrawals_of(spend)) remember_paid(state, state.withdrawals.at(id));
    return;
  }
  const auto* held = std::get_if<WithdrawalHeld>(&event.body);
  if (!held) return;
  const Verdict* verdict = state.verdict(held->withdrawal);
  if (verdict && HF_PLANTED(windows_blind)) return;
  if (!verdict || !verdict->demand.deny) remember(state, state.withdrawals.at(held->withdrawal));
}

void Desk::fill_labels(const std::string& labels) {
  labels_.clear();
  if (labels.empty()) return inputs_->set(policy::kLabels, policy::cel::Value::error(policy::cel::ErrorCode::unavailable));
  for (std::size_t at = 0; labels != "none" && at < labels.size();) {
    const std::size_t comma = std::min(labels.find(',', at), labels.size());
    labels_.push_back(labels.substr(at, comma - at));
    at = comma + 1;
  }
  inputs_->labels(labels_);
}

void Desk::fill(const State& state, const Withdrawal& wanted, const std::string& labels) {
  fill_labels(labels);
  const Asset& asset = state.assets.at(wanted.asset);
  const std::string& caip2 = state.chains.at(asset.chain).caip2;
  destination_ = options_.address_text ? options_.address_text(caip2, wanted.destination) : to_hex(wanted.destination.view());
  const auto money = [&](std::uint32_t slot, std::uint64_t micro, bool is_known) {
    if (is_known) inputs_->usd(slot, usd(micro));
    else inputs_->set(slot, policy::cel::Value::error(policy::cel::ErrorCode::unavailable));
  };
  const bool has_price = asset.price_micro_usd != 0;
  money(policy::kValue, wanted.value, has_price);
  money(policy::kWalletBalance, value_of(asset, in_paying_wallets(state, asset)), has_price);
  inputs_->text(policy::kAsset, asset.symbol);
  inputs_->sent(asset.symbol, wanted.amount, asset.decimals, [&](const std::string& symbol) {
    return std::ranges::find(state.assets, symbol, &Asset::symbol) != state.assets.end();
  });
  inputs_->text(policy::kChain, caip2);
  inputs_->text(policy::kCustomer, state.customers.at(wanted.customer).reference);
  inputs_->text(policy::kDestination, destination_);
  inputs_->text(policy::kDevice, wanted.session.device);
  inputs_->text(policy::kIp, wanted.session.ip);
  inputs_->text(policy::kApiKey, wanted.session.api_key);
  const auto since = [&](Instant at) { return at != Instant{} ? std::optional(wanted.requested_at - at) : std::nullopt; };
  const auto& recent = state.progress.at(asset.chain.value - 1).recent;
  inputs_->age(policy::kPriceAge, since(asset.priced_at));
  inputs_->age(policy::kLabelsAge, since(state.label_lists.checked_at));
  // Not younger than when it came: its own time is the node's word.
  const auto heard = [](const RecentBlock& head) { return std::min(head.ref.time, head.seen_at); };
  inputs_->age(policy::kChainLag, recent.empty() ? std::nullopt : since(heard(recent.back())));
  const risk::Fact one = fact(state, wanted);
  windows_->look(one, look_);
  fill_time(*inputs_, wanted.session, one, look_);
}

void Desk::fill_time(policy::Inputs& inputs, const Session& session, const risk::Fact& one, const risk::Look& look) {
  const bool was_reset = session.reset_at != Instant{};
  inputs.since_reset(was_reset ? std::optional(std::max<std::int64_t>(one.at - session.reset_at, 0)) : std::nullopt);
  inputs.time(one.at);
  inputs.look(look, one);
}

// Above the asset's own limit neither waiting nor another address makes people needless.
void Desk::record_why_not(const State& state, const Withdrawal& wanted, const policy::Subjects& subjects, Judgement& out) {
  const bool is_over_asset_limit = out.passes_up_to != 0 || wanted.amount > state.assets.at(wanted.asset).auto_approve_max;
  std::size_t walk = kMostAhead;
  risk::Fact one = fact(state, wanted);
  const policy::Later later = [&](Instant at, std::uint64_t groups) -> const policy::Inputs* {
    ahead_ = look_;
    one.at = wanted.requested_at;
    if (!windows_->look_ahead(one, at, groups, walk, ahead_)) return nullptr;
    one.at = at;
    later_->like(*inputs_);
    fill_time(*later_, wanted.session, one, ahead_);
    return &*later_;
  };
  policy::WhyNot found;
  const Instant now = wanted.requested_at;
  if (search_is_cheap_ && is_over_asset_limit) found.up_to = judge_->allowed_up_to(*inputs_, state.grades, subjects, now);
  else if (search_is_cheap_) found = judge_->why_not(*inputs_, state.grades, subjects, now, later);
  const std::uint64_t passes = found.up_to && found.up_to->micro > 0 ? static_cast<std::uint64_t>(found.up_to->micro) : 0;
  out.passes_up_to = is_over_asset_limit ? std::min(passes, out.passes_up_to) : passes;
  out.passes_from = found.from.value_or(Instant{});
  out.passes_known_for_ms = static_cast<std::uint64_t>(found.destination_age_ms.value_or(0));
}

Judgement Desk::judge(const State& state, const RequestWithdrawal& request, Instant now) {
  if (state.policy_in_force && !policy_) return without_judge(state, request);
  Judgement out = without_policy(state, request);
  out.payer = payer_of(state, state.assets.at(request.asset), request.amount);
  if (!policy_) return out;
  Withdrawal wanted;
  wanted.customer = request.customer;
  wanted.asset = request.asset;
  wanted.amount = request.amount;
  wanted.destination = request.destination;
  wanted.session = request.session;
  wanted.requested_at = now;
  wanted.value = out.value;
  wanted.payer = out.payer;
  const std::string& caip2 = state.chains.at(state.assets.at(wanted.asset).chain).caip2;
  if (options_.screen) out.labels = options_.screen(caip2, wanted.destination);
  fill(state, wanted, out.labels);
  const ChainId chain = state.assets.at(wanted.asset).chain;
  const policy::Subjects subjects = this->subjects(wanted, chain);
  const policy::Verdict verdict = judge_->judge(*inputs_, state.grades, subjects, now);
  out.demand = policy::both(out.demand, verdict.demand);
  record_fired(verdict, out);
  record_about(verdict, subjects, out);
  record_climbs(verdict, subjects, wanted, chain, out);
  if (verdict.demand.allows()) return out;
  record_why_not(state, wanted, subjects, out);
  return out;
}

policy::Subjects Desk::subjects(const Withdrawal& wanted, ChainId chain) {
  policy::Subjects out;
  for (std::size_t i = 0; i < policy::kScopes; ++i) {
    const auto scope = static_cast<policy::Scope>(i);
    const auto subject = subject_of(scope, wanted, chain);
    if (scope == policy::Scope::platform || (subject && subject->id == 0)) continue;
    subject_names_[i] = subject ? std::to_string(subject->id) : destination_;
    out.set(scope, subject_names_[i]);
  }
  return out;
}

void Desk::record_fired(const policy::Verdict& verdict, Judgement& out) const {
  std::vector<FiredRule> fired = all_fired(*policy_, verdict);
  // The strictest first where not all are kept.
  if (fired.size() > kMaxFired) std::ranges::stable_sort(fired, std::ranges::greater(), &FiredRule::severity);
  for (FiredRule& one : fired) {
    if (out.fired.size() < kMaxFired) out.fired.push_back(std::move(one));
    else ++out.fired_more;
  }
}

// Whose subject people have to look at: of the detectors that want reviews the first that fired, or else that stands.
void Desk::record_about(const policy::Verdict& verdict, const policy::Subjects& subjects, Judgement& out) const {
  const auto asks = [&](const policy::Detector& detector, std::uint32_t step) { return !detector.steps[step - 1].demand.review.empty(); };
  const auto about = [&](const policy::Detector& detector) {
    out.about = policy::GradeKey{detector.scope, std::string(subjects.of(detector.scope)), detector.name};
  };
  for (const policy::Raised& one : verdict.raised) {
    const policy::Detector& detector = policy_->detectors()[one.detector];
    if (asks(detector, one.step) && !subjects.of(detector.scope).empty()) return about(detector);
  }
  for (const policy::Standing& one : verdict.standing) {
    const auto detector = std::ranges::find(policy_->detectors(), one.detector, &policy::Detector::name);
    if (detector == policy_->detectors().end()) continue;
    const std::uint32_t step = std::min<std::uint32_t>(one.step, static_cast<std::uint32_t>(detector->steps.size()));
    if (asks(*detector, step)) return about(*detector);
  }
}

void Desk::record_climbs(const policy::Verdict& verdict, const policy::Subjects& subjects, const Withdrawal& wanted, ChainId chain,
                         Judgement& out) const {
  for (auto& [key, grade] : policy::climbs(*policy_, verdict, subjects, wanted.requested_at)) {
    const auto subject = subject_of(key.scope, wanted, chain);
    if (grade.frozen && subject) out.freezes.push_back({subject->scope, subject->id, key.detector});
    out.raised.push_back({std::move(key), grade});
  }
}

}  // namespace holdfast::engine
