#include "engine/conductor.h"

#include "base/planted.h"

#include <algorithm>
#include <iterator>

namespace holdfast::engine {

using namespace custody;

namespace {

constexpr std::int64_t kQuoteAgeMs = 1'000;
constexpr std::uint64_t kNoReserves = 14695981039346656037ull;  // FNV-1a
constexpr std::uint64_t kMarkPrime = 1099511628211ull;
constexpr int kMaxInputSignatures = 10'000;
constexpr int kPatience = 6;
constexpr std::size_t kMaxRefusalCode = 64;
constexpr std::size_t kMaxTold = 16;  // Of a spend: whoever invents reasons fills no log.
constexpr int kRaisesBlindly = 5;  // With the one that is always made: twice the price.

// What a signer says while it waits: for its operators, for its disk, for its part of the journal, for the other witnesses, for its
// own node to show a deposit.
constexpr std::string_view kPassing[] = {"frozen", "journal_unavailable", "records_too_many", "journal_behind", "journal_not_followed",
                                         "head_stale", "watch_silent", "balance_unproven", "key_unavailable"};

// A refusal that may turn into a signature later says nothing against the spend.
bool may_pass(std::string_view refusal) {
  return std::ranges::find(kPassing, refusal) != std::end(kPassing);
}

// What a day may cost or carry, and is used up for now.
bool is_about_the_day(std::string_view refusal) { return refusal == "over_fee_limit" || refusal == "over_day_limit"; }

bool is_about_fees(std::string_view refusal) {
  return refusal == "fee_too_high" || refusal == "priority_fee_too_high" || refusal == "feerate_too_high";
}

const Wallet& sender_of(const State& state, const Spend& spend) {
  return state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
}

// What the transaction uses up, of its sender: whatever else does so competes with it.
std::vector<WalletNonce> nonces_in_play(const State& state, const Spend& spend) {
  if (!spend.inputs.empty()) return own_nonces(state, spend);
  return {{sender_of(state, spend).id, spend.gas_wallet ? spend.gas_nonce : spend.nonce}};
}

// Waits where it lies until its wallet is compromised.
bool lies_in_reserve(const State& state, const Spend& spend) {
  if (HF_PLANTED(reserve_broadcast_early)) return false;
  return spend.purpose == Purpose::reserve && !state.wallets.at(spend.wallet).compromised_by;
}

// A signer's word, as a log and the journal may hold it.
std::string code_of(const std::string& said) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !said.empty() && said.size() <= kMaxRefusalCode && std::ranges::all_of(said, is_letter) ? said : "no_code";
}

std::optional<SignerId> signer_named(const State& state, std::string_view name) {
  for (const Signer& signer : state.signers) {
    if (signer.name == name) return signer.id;
  }
  return std::nullopt;
}

}  // namespace

Conductor::Conductor(Submitter& submitter, const chain::StateView& view, SignerLink& link, Clock& clock,
                     std::map<ChainId, chain::Builder*> builders, ConductorOptions options)
    : submitter_(submitter), view_(view), link_(link), clock_(clock), builders_(std::move(builders)), options_(options) {}

bool Conductor::step() {
  bool changed = take_replies();
  refresh_quotes();
  for (const auto& [chain, chain_builder] : builders_) static_cast<void>(chain_builder->prepare(view_));  // tried again
  const std::vector<std::string> names = link_.connected();
  const std::set<std::string> attached(names.begin(), names.end());
  std::vector<Command> commands;
  view_.read([&](const State& state) {
    freeze_signers(state, attached);
    const PlanInput input = plan_input(state, attached);
    commands = plan(state, input, options_.limits);
    const std::set<SpendId> hopeless_spends = given_up(state, input);
    for (const auto& [chain, quote] : quotes_) {
      std::ranges::move(builder(chain)->plan(state, {input.now, quote, hopeless_spends}), std::back_inserter(commands));
    }
  });
  changed = submit(commands) || changed;
  view_.read([&](const State& state) {
    std::erase_if(progress_, [&](const auto& entry) { return !state.open_spends.contains(entry.first); });
    for (const SpendId id : state.open_spends) work_on(state, state.spends.at(id), attached);
    hand_out_evacuations(state, attached);
  });
  broadcast_due();
  return changed;
}

bool Conductor::submit(const std::vector<Command>& commands) {
  if (commands.empty()) return false;
  const std::vector<Outcome> outcomes = submitter_.submit(commands);
  return std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return outcome.events > 0; });
}

chain::Builder* Conductor::builder(ChainId chain) const {
  const auto found = builders_.find(chain);
  return found == builders_.end() ? nullptr : found->second;
}

void Conductor::refresh_quotes() {
  const Instant now = clock_.now();
  if (!quotes_.empty() && now - quoted_at_ < kQuoteAgeMs) return;
  for (const auto& [chain, chain_builder] : builders_) {
    if (const auto quote = chain_builder->quote()) quotes_[chain] = *quote;  // a node that is down keeps the last quote
  }
  quoted_at_ = now;
}

PlanInput Conductor::plan_input(const State& state, const std::set<std::string>& attached) {
  PlanInput input;
  input.now = clock_.now();
  input.quotes = quotes_;
  for (const Signer& signer : state.signers) {
    Instant& last = last_attached_.try_emplace(signer.name, input.now).first->second;
    if (attached.contains(signer.name)) {
      input.attached.insert(signer.id);
      last = input.now;
    } else if (input.now - last >= options_.signer_gone_ms) {
      input.gone.insert(signer.id);
    }
  }
  for (const auto& [id, progress] : progress_) {
    const Spend& spend = state.spends.at(id);
    const bool may_be_given_up = spend.purpose == Purpose::withdrawal || spend.purpose == Purpose::consolidation;
    const auto asked = may_be_given_up ? question(state, spend) : std::nullopt;
    if (asked && asked->stage == progress.stage && hopeless(state, *asked, progress)) input.refused.insert(id);
  }
  return input;
}

std::set<SpendId> Conductor::given_up(const State& state, const PlanInput& input) const {
  std::set<SpendId> out;
  for (const SpendId id : state.open_spends) {
    if (is_given_up(state, state.spends.at(id), input, options_.limits)) out.insert(id);
  }
  return out;
}

void Conductor::freeze_signers(const State& state, const std::set<std::string>& attached) {
  const Instant now = clock_.now();
  std::erase_if(freeze_ordered_, [&](const auto& entry) { return !state.freezes_in_force.contains(entry.first.first); });
  bool due = false;
  for (const FreezeId id : state.freezes_in_force) {
    if (state.freezes.at(id).scope != Scope::platform) continue;
    for (const Signer& signer : state.signers) {
      const auto& done = state.freezes.at(id).acknowledged;
      if (std::find(done.begin(), done.end(), signer.id) != done.end() || !attached.contains(signer.name)) continue;
      const auto [at, first] = freeze_ordered_.try_emplace({id, signer.name}, now);
      if (!first && now - at->second < options_.ask_again_ms) continue;
      at->second = now;
      due = true;
    }
  }
  if (due) order_freezes(state, link_);
}

bool Conductor::take_replies() {
  std::vector<Command> commands;
  for (const SignerLink::Incoming& incoming : link_.poll()) {
    switch (incoming.message.message_case()) {
      case proto::FromSigner::kReply:
        take_reply(incoming.signer, incoming.message.reply(), commands);
        break;
      case proto::FromSigner::kFreezeAcknowledged:
        view_.read([&](const State& state) {
          const auto signer = signer_named(state, incoming.signer);
          const auto& said = incoming.message.freeze_acknowledged();
          if (signer && said.frozen()) commands.push_back(AcknowledgeFreeze{{said.freeze()}, *signer});
        });
        break;
      case proto::FromSigner::kHello:  // It may have lost what it was asked: ask again, order again.
        for (auto& [id, progress] : progress_) progress.asked.erase(incoming.signer);
        std::erase_if(freeze_ordered_, [&](const auto& entry) { return entry.first.second == incoming.signer; });
        std::erase_if(handed_out_, [&](const auto& entry) { return entry.first.first == incoming.signer; });
        break;
      case proto::FromSigner::kEvacuationsKept: {
        const auto& said = incoming.message.evacuations_kept();
        const auto sent = handed_out_.find({incoming.signer, said.chain() + " " + said.wallet()});
        if (sent != handed_out_.end()) sent->second.kept = true;  // those that it found good
        break;
      }
      case proto::FromSigner::kAlarm:
        view_.read([&](const State& state) {
          if (const auto signer = signer_named(state, incoming.signer)) {
            commands.push_back(ReportSignerAlarm{*signer, code_of(incoming.message.alarm().code())});
          }
        });
        break;
      case proto::FromSigner::kHeartbeat:
      case proto::FromSigner::kCosigned:  // These two are the journal feed's.
      case proto::FromSigner::kFollowed:
      case proto::FromSigner::MESSAGE_NOT_SET:
        break;
    }
  }
  return submit(commands);
}

void Conductor::tell_refusal(const std::string& signer, SpendId spend, const std::string& refusal) {
  const std::string code = code_of(refusal);
  auto& told = progress_[spend].told;
  if (told.size() < kMaxTold && told.emplace(signer, code).second && on_refusal_) on_refusal_(signer, spend, code);
}

void Conductor::take_reply(const std::string& signer, const proto::SignReply& reply, std::vector<Command>& out) {
  const auto found = progress_.find({reply.spend()});
  if (found == progress_.end() || found->second.request != reply.request()) return;  // of a stage that has passed
  Progress& progress = found->second;
  const bool has_spoken = progress.answered.contains(signer) || progress.refused.contains(signer);
  if (progress.stage == Stage::none || !progress.asked.contains(signer) || has_spoken) return;
  if (!reply.refusal().empty()) {
    tell_refusal(signer, found->first, reply.refusal());
    if (may_pass(reply.refusal())) return;
    if (progress.alone && is_about_fees(reply.refusal())) {
      progress.stage = Stage::none;
      progress.not_before = clock_.now() + options_.broadcast_again_ms;
      return;
    }
    progress.refused.insert(signer);
    progress.for_now = progress.for_now || is_about_fees(reply.refusal());
    // One signer alone stops nobody: only when it cannot come together at these fees, others are tried, later.
    view_.read([&](const State& state) {
      const Spend& spend = state.spends.at(found->first);
      const auto asked = question(state, spend);
      // The next day comes: what is paid from coins waits for it, nothing stands in line behind it.
      if (!spend.inputs.empty() && is_about_the_day(reply.refusal())) progress.for_now = true;
      if (!progress.for_now || !asked || !hopeless(state, *asked, progress)) return;
      progress.stage = Stage::none;
      progress.not_before = clock_.now() + options_.broadcast_again_ms;
    });
    return;
  }
  progress.answered.insert(signer);
  chain::SignerAnswer answer;
  if (reply.signed_by().size() > Address::kMaxSize || reply.input_signatures_size() > kMaxInputSignatures) return;
  answer.signed_by = Address(as_bytes(reply.signed_by()));
  if (reply.signature().size() == answer.signature.kSize) answer.signature = FixedBytes<65>::from(as_bytes(reply.signature()));
  for (const std::string& one : reply.input_signatures()) answer.input_signatures.push_back(to_bytes(as_bytes(one)));
  progress.answers.push_back(std::move(answer));
  view_.read([&](const State& state) { complete(state, state.spends.at(found->first), progress, out); });
}

void Conductor::complete(const State& state, const Spend& spend, Progress& progress, std::vector<Command>& out) {
  const chain::Builder* chain_builder = builder(state.wallets.at(spend.wallet).chain);
  const auto asked = question(state, spend);
  if (!chain_builder || !asked || asked->stage != progress.stage) {
    progress.stage = Stage::none;  // what was asked for is no more: ask anew
    return;
  }
  if (progress.answers.size() < asked->needed) return;
  auto command = chain_builder->complete(state, spend, progress.unsigned_transaction, progress.answers, asked->needed,
                                         clock_.now());
  if (command || progress.answers.size() >= asked->signers.size()) progress.stage = Stage::none;
  if (!command) return;
  if (const auto* attempt = std::get_if<AddAttempt>(&*command); attempt && HF_PLANTED(broadcast_before_durable)) {
    static_cast<void>(builder(state.wallets.at(spend.wallet).chain)->broadcast(attempt->attempt.raw));
  }
  if (asked->stage == Stage::transaction) progress.underpriced = false;
  out.push_back(std::move(*command));
}

void Conductor::start_stage(Progress& progress, Stage stage, Bytes unsigned_transaction, const chain::FeeQuote& fees) {
  progress.stage = stage;
  progress.request = ++last_request_;
  progress.unsigned_transaction = std::move(unsigned_transaction);
  progress.fees = fees;
  progress.asked.clear();
  progress.refused.clear();
  progress.for_now = false;
  progress.answered.clear();
  progress.answers.clear();
}

void Conductor::ask(const State& state, const Spend& spend, Progress& progress, const std::string& signer) {
  const auto kind = progress.stage == Stage::authorise ? proto::SignRequest::AUTHORISE : proto::SignRequest::TRANSACTION;
  const Instant now = clock_.now();
  const auto [at, first] = progress.asked.try_emplace(signer, now);
  if (!first && now - at->second < options_.ask_again_ms) return;
  at->second = now;
  proto::ToSigner message;
  *message.mutable_sign() = sign_request(state, spend, kind, progress.request, progress.unsigned_transaction);
  message.mutable_sign()->set_journal_size(journal_size_());
  link_.send(signer, message);
}

void Conductor::work_on(const State& state, const Spend& spend, const std::set<std::string>& attached) {
  Progress& progress = progress_[spend.id];
  if (spend.state == SpendState::mined) {
    progress.was_mined = true;
    return;
  }
  if (frozen_for(state, spend)) return;
  switch (spend.state) {
    case SpendState::planned:
    case SpendState::assigned:
      ask_signers(state, spend, progress, attached);
      break;
    case SpendState::authorised:
      progress.stage = Stage::none;  // its gas wallet is assigned by the plan
      break;
    case SpendState::signed_:
      if (wants_bump(state, spend, progress)) ask_signers(state, spend, progress, attached);
      if (!lies_in_reserve(state, spend)) send_out(state, spend, progress);
      break;
    case SpendState::mined:
    case SpendState::settled:
    case SpendState::failed:
    case SpendState::superseded:
      break;
  }
}

// The newest attempt; of a reserve the one whose fee is right for now, and a dearer one as time goes by.
void Conductor::send_out(const State& state, const Spend& spend, Progress& progress) {
  const ChainId chain = state.wallets.at(spend.wallet).chain;
  std::size_t which = spend.attempts.size() - 1;
  if (spend.purpose == Purpose::reserve) {
    const auto quote = quotes_.find(chain);
    const Amount market = quote == quotes_.end() ? Amount::zero() : quote->second.max_fee;
    const Incident* lost_in = state.incidents.find(state.wallets.at(spend.wallet).compromised_by);
    const Instant since = lost_in ? lost_in->opened_at : clock_.now();
    std::int64_t level = std::ranges::count_if(spend.attempts, [&](const Attempt& a) { return a.max_fee < market; });
    level += (clock_.now() - since) / std::max<std::int64_t>(options_.bump_after_ms, 1);
    which = std::min(which, static_cast<std::size_t>(std::max<std::int64_t>(level, 0)));
  }
  const Attempt& attempt = spend.attempts[which];
  const bool fresh = progress.broadcast != attempt.txid || progress.was_mined;
  if (!fresh && clock_.now() - progress.broadcast_at < options_.broadcast_again_ms) return;
  progress.was_mined = false;
  std::vector<Bytes> older;
  const bool extended = spend.inputs.size() > spend.in_all_attempts;
  for (std::size_t at = which; extended && at > 0; --at) older.push_back(spend.attempts[at - 1].raw);
  outgoing_.push_back({spend.id, chain, attempt.txid, attempt.raw, std::move(older)});
}

std::optional<Conductor::Question> Conductor::question(const State& state, const Spend& spend) const {
  const Wallet& wallet = state.wallets.at(spend.wallet);
  Question owners{Stage::authorise, {}, options_.quorum};
  for (const Signer& signer : state.signers) owners.signers.push_back(signer.id);
  if (wallet.kind == WalletKind::multisig) {
    owners.stage = Stage::transaction;
    return owners;
  }
  if (wallet.kind == WalletKind::safe && spend.state == SpendState::planned) {
    if (spend.purpose == Purpose::evacuation) owners.needed = 1;  // any one signer can save
    return owners;
  }
  if (wallet.kind == WalletKind::forwarders && !spend.gas_wallet) return std::nullopt;
  const Wallet& sender = sender_of(state, spend);
  if (!sender.signer) return std::nullopt;
  return Question{Stage::transaction, {sender.signer}, 1};
}

bool Conductor::hopeless(const State& state, const Question& asked, const Progress& progress) const {
  const auto willing = std::ranges::count_if(
      asked.signers, [&](SignerId id) { return !progress.refused.contains(state.signers.at(id).name); });
  return static_cast<std::size_t>(willing) < asked.needed;
}

void Conductor::ask_signers(const State& state, const Spend& spend, Progress& progress, const std::set<std::string>& attached) {
  const auto asked = question(state, spend);
  const ChainId chain = state.wallets.at(spend.wallet).chain;
  const chain::Builder* chain_builder = builder(chain);
  if (!asked || !chain_builder) return;
  const bool with_fees = asked->stage == Stage::transaction;
  if (with_fees && (!quotes_.contains(chain) || clock_.now() < progress.not_before)) return;
  const auto here = [&](SignerId id) { return attached.contains(state.signers.at(id).name); };
  if (std::ranges::none_of(asked->signers, here)) return;
  const auto long_ago = [&](const auto& entry) { return clock_.now() - entry.second >= options_.broadcast_again_ms; };
  const bool refused_long_ago =
      with_fees && hopeless(state, *asked, progress) && std::ranges::all_of(progress.asked, long_ago);
  const bool elsewhere = progress.gas != gas_nonce(spend);  // another gas nonce was assigned meanwhile
  if (progress.stage != asked->stage || refused_long_ago || elsewhere) {  // other fees may be to their liking
    const chain::FeeQuote fees = with_fees ? fees_for(state, spend, progress.underpriced) : chain::FeeQuote{};
    auto unsigned_transaction = chain_builder->build(state, spend, fees);
    if (!unsigned_transaction) return;
    start_stage(progress, asked->stage, std::move(*unsigned_transaction), fees);
    progress.alone = asked->needed == 1;
    progress.gas = gas_nonce(spend);
  }
  for (const SignerId id : asked->signers) {
    const std::string& name = state.signers.at(id).name;
    const bool done = progress.refused.contains(name) || progress.answered.contains(name);
    if (here(id) && !done) ask(state, spend, progress, name);
  }
}

// At least the market's price, clearly over our own earlier attempt, and clearly over a thief's transaction at the nonce.
// When the node has one there that we have not seen, what it costs is to be found out: in leaps, not in steps.
chain::FeeQuote Conductor::fees_for(const State& state, const Spend& spend, bool underpriced) const {
  const Wallet& sender = sender_of(state, spend);
  const chain::Builder* chain_builder = builder(sender.chain);
  chain::FeeQuote fees = quotes_.at(sender.chain);
  const auto outbid = [&](const chain::FeeQuote& other) { fees = chain_builder->bump(other, fees); };
  const auto outbid_newest = [&](const Spend& other) {
    const bool counts = other.id != spend.id && has_live_attempt(other) && !lies_in_reserve(state, other);
    if (counts) outbid({other.attempts.back().max_fee, other.attempts.back().priority_fee});
  };
  if (has_live_attempt(spend)) outbid({spend.attempts.back().max_fee, spend.attempts.back().priority_fee});
  // Whoever is paid can hang low fees on what pays him: what it takes to replace that is his doing, and not worth much.
  const int raises = spend.inputs.empty() || spend.purpose == Purpose::evacuation ? kRaisesBlindly : 1;
  for (int i = 0; underpriced && i < raises; ++i) outbid(fees);
  if (const Spend* burnt = state.spends.find(spend.burns); burnt && !burnt->attempts.empty()) {
    outbid({burnt->attempts.back().max_fee, burnt->attempts.back().priority_fee});
  }
  std::map<TxId, ForeignSpend> thieves;
  std::set<SpendId> rivals;
  for (const WalletNonce& nonce : nonces_in_play(state, spend)) {
    if (const auto at = state.spends_by_nonce.find(nonce); at != state.spends_by_nonce.end()) {
      rivals.insert(at->second.begin(), at->second.end());
    }
    if (const auto thief = state.foreign_spends.find(nonce); thief != state.foreign_spends.end()) {
      thieves[thief->second.txid] = thief->second;
    }
  }
  for (const SpendId id : rivals) outbid_newest(state.spends.at(id));
  // What takes the place of several has to pay more than all of them together.
  chain::FeeQuote together;
  for (const auto& [txid, thief] : thieves) {
    together.max_fee = std::max(together.max_fee, thief.max_fee);
    together.priority_fee = Amount::sum(together.priority_fee, thief.priority_fee).value_or(Amount::max());
  }
  if (!thieves.empty()) {
    outbid(together);
    outbid(fees);  // once more: a race is won by a margin
  }
  return fees;
}

bool Conductor::wants_bump(const State& state, const Spend& spend, const Progress& progress) const {
  if (progress.stage == Stage::transaction) return true;  // asked already: keep asking
  if (spend.purpose == Purpose::reserve) return spend.attempts.size() < chain::kReserveLevels;
  const Attempt& newest = spend.attempts.back();
  const std::vector<WalletNonce> nonces = nonces_in_play(state, spend);
  for (const WalletNonce& nonce : nonces) {
    const auto thief = state.foreign_spends.find(nonce);
    if (thief == state.foreign_spends.end() || thief->second.txid == newest.txid) continue;
    if (thief->second.max_fee >= newest.max_fee || thief->second.priority_fee >= newest.priority_fee) return true;
  }
  const ChainId chain = state.wallets.at(spend.wallet).chain;
  const chain::Builder* chain_builder = builder(chain);
  if (chain_builder && chain_builder->is_bump_in_vain(state, spend)) return false;
  if (progress.underpriced) return true;
  const auto next = state.mined_nonce.find(sender_of(state, spend).id);
  const std::int64_t age = clock_.now() - newest.signed_at;
  if (!spend.inputs.empty() && spend.purpose != Purpose::evacuation) {
    // A price that is right needs no raise, only luck: at least for a while.
    const auto quote = quotes_.find(chain);
    const bool too_low = chain_builder && quote != quotes_.end() && quote->second.max_fee > chain_builder->rate_of(state, spend);
    return age >= (too_low ? 1 : kPatience) * options_.coin_bump_after_ms;
  }
  const bool next_in_line =
      !spend.inputs.empty() || (next != state.mined_nonce.end() && next->second == nonces.front().second);
  return next_in_line && age >= options_.bump_after_ms;
}

void Conductor::hand_out_evacuations(const State& state, const std::set<std::string>& attached) {
  const Instant now = clock_.now();
  for (const Wallet& wallet : state.wallets) {
    if (wallet.kind != WalletKind::multisig) continue;
    const std::vector<const Spend*> reserves = ready_reserves(state, wallet);
    if (reserves.empty()) continue;  // what they keep of coins that are gone harms nobody
    std::uint64_t mark = kNoReserves;  // for telling a change: nothing hangs on it
    for (const Spend* spend : reserves) mark = (mark ^ FixedBytesHash<32>{}(spend->attempts.back().txid)) * kMarkPrime;
    for (const std::string& signer : attached) {
      HandedOut& sent = handed_out_[{signer, state.chains.at(wallet.chain).caip2 + " " + wallet.name}];
      const bool same = sent.reserves == mark;
      if (same && (sent.kept || now - sent.at < options_.ask_again_ms)) continue;
      if (!same && now - sent.at < options_.hand_out_pause_ms) continue;
      proto::ToSigner message;
      *message.mutable_keep_evacuations() = keep_evacuations(state, wallet, reserves);
      sent = {mark, now, false};
      link_.send(signer, message);
    }
  }
}

void Conductor::broadcast_due() {
  for (const Outgoing& out : outgoing_) {
    chain::Builder* chain_builder = builder(out.chain);
    if (!chain_builder) continue;
    auto sent = chain_builder->broadcast(out.raw);
    for (const Bytes& older : out.older) {
      if (sent || sent.error().code != "inputs_missing") break;
      sent = chain_builder->broadcast(older);
    }
    Progress& progress = progress_[out.spend];
    progress.broadcast = out.txid;
    progress.broadcast_at = clock_.now();
    progress.underpriced = !sent && sent.error().code == "underpriced";
  }
  outgoing_.clear();
}

}  // namespace holdfast::engine
