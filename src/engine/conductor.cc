#include "engine/conductor.h"

#include "base/planted.h"

#include <algorithm>

namespace holdfast::engine {

using namespace custody;

namespace {

constexpr std::int64_t kQuoteAgeMs = 1'000;
constexpr int kRaisesBlindly = 5;  // With the one that is always made: twice the price.

// A refusal that may turn into a signature later says nothing against the spend.
bool may_pass(std::string_view refusal) { return refusal == "frozen" || refusal == "journal_unavailable"; }

bool is_about_fees(std::string_view refusal) {
  return refusal == "fee_too_high" || refusal == "priority_fee_too_high";
}

bool pays_itself(const State& state, const Spend& spend) {
  const WalletKind kind = state.wallets.at(spend.wallet).kind;
  return kind == WalletKind::single_key || kind == WalletKind::gas;
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
  const std::vector<std::string> names = link_.connected();
  const std::set<std::string> attached(names.begin(), names.end());
  std::vector<Command> commands;
  view_.read([&](const State& state) {
    freeze_signers(state, attached);
    commands = plan(state, plan_input(state, attached), options_.limits);
  });
  changed = submit(commands) || changed;
  view_.read([&](const State& state) {
    std::erase_if(progress_, [&](const auto& entry) { return !state.open_spends.contains(entry.first); });
    for (const SpendId id : state.open_spends) work_on(state, state.spends.at(id), attached);
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

// Any one signer can save; spending anywhere else takes the quorum.
std::size_t Conductor::needed(const Spend& spend) const { return spend.purpose == Purpose::evacuation ? 1 : options_.quorum; }

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
    const std::size_t willing = state.signers.size() - std::min(state.signers.size(), progress.refused.size());
    if (progress.stage == Stage::authorise && willing < options_.quorum) input.refused.insert(id);
    const bool sender_refused = progress.stage == Stage::transaction && !progress.refused.empty();
    if (sender_refused && state.spends.at(id).purpose == Purpose::withdrawal) input.refused.insert(id);
  }
  return input;
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
        break;
      case proto::FromSigner::kEvacuationsKept:
      case proto::FromSigner::kHeartbeat:
      case proto::FromSigner::MESSAGE_NOT_SET:
        break;
    }
  }
  return submit(commands);
}

void Conductor::take_reply(const std::string& signer, const proto::SignReply& reply, std::vector<Command>& out) {
  const auto found = progress_.find({reply.spend()});
  if (found == progress_.end() || found->second.request != reply.request()) return;  // of a stage that has passed
  Progress& progress = found->second;
  if (!progress.asked.contains(signer) || progress.answered.contains(signer)) return;  // not asked, or has had its say
  if (is_about_fees(reply.refusal())) {
    progress.stage = Stage::none;
    progress.not_before = clock_.now() + options_.broadcast_again_ms;
    return;
  }
  if (!reply.refusal().empty()) {
    if (!may_pass(reply.refusal())) progress.refused.insert(signer);
    return;
  }
  progress.answered.insert(signer);
  if (reply.signature().size() != 65 || reply.signed_by().size() > Address::kMaxSize) return;
  const auto signature = FixedBytes<65>::from(as_bytes(reply.signature()));
  view_.read([&](const State& state) {
    const Spend& spend = state.spends.at(found->first);
    chain::Builder* chain_builder = builder(state.wallets.at(spend.wallet).chain);
    if (!chain_builder) return;
    if (progress.stage == Stage::authorise) {
      progress.signatures.push_back({Address(as_bytes(reply.signed_by())), signature});
      const auto authorisation = chain_builder->combine_owners(state, spend, progress.signatures, needed(spend));
      if (authorisation) out.push_back(AuthoriseSpend{spend.id, authorisation->intent, authorisation->bytes});
    } else if (progress.stage == Stage::transaction) {
      const Wallet& sender = state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
      const auto attempt = chain_builder->combine(progress.unsigned_transaction, signature, sender.address, clock_.now());
      progress.stage = Stage::none;
      if (!attempt) return;
      if (HF_PLANTED(broadcast_before_durable)) static_cast<void>(chain_builder->broadcast(attempt->raw));
      out.push_back(AddAttempt{spend.id, *attempt});
      progress.underpriced = false;
    }
  });
}

void Conductor::start_stage(Progress& progress, Stage stage, Bytes unsigned_transaction, const chain::FeeQuote& fees) {
  progress.stage = stage;
  progress.request = ++last_request_;
  progress.unsigned_transaction = std::move(unsigned_transaction);
  progress.fees = fees;
  progress.asked.clear();
  progress.refused.clear();
  progress.answered.clear();
  progress.signatures.clear();
}

void Conductor::ask(const State& state, const Spend& spend, Progress& progress, const std::string& signer) {
  const auto kind = progress.stage == Stage::authorise ? proto::SignRequest::AUTHORISE : proto::SignRequest::TRANSACTION;
  const Instant now = clock_.now();
  const auto [at, first] = progress.asked.try_emplace(signer, now);
  if (!first && now - at->second < options_.ask_again_ms) return;
  at->second = now;
  proto::ToSigner message;
  *message.mutable_sign() = sign_request(state, spend, kind, progress.request, progress.unsigned_transaction);
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
      if (pays_itself(state, spend)) ask_sender(state, spend, progress, attached);
      else if (state.wallets.at(spend.wallet).kind == WalletKind::safe) ask_owners(state, spend, progress, attached);
      break;
    case SpendState::authorised:
      progress.stage = Stage::none;  // its gas wallet is assigned by the plan
      break;
    case SpendState::assigned:
      ask_sender(state, spend, progress, attached);
      break;
    case SpendState::signed_: {
      if (wants_bump(state, spend, progress)) ask_sender(state, spend, progress, attached);
      const Attempt& newest = spend.attempts.back();
      const bool fresh = progress.broadcast != newest.txid || progress.was_mined;
      if (!fresh && clock_.now() - progress.broadcast_at < options_.broadcast_again_ms) break;
      progress.was_mined = false;
      outgoing_.push_back({spend.id, state.wallets.at(spend.wallet).chain, newest.txid, newest.raw});
      break;
    }
    case SpendState::mined:
    case SpendState::settled:
    case SpendState::failed:
    case SpendState::superseded:
      break;
  }
}

void Conductor::ask_owners(const State& state, const Spend& spend, Progress& progress, const std::set<std::string>& attached) {
  chain::Builder* chain_builder = builder(state.wallets.at(spend.wallet).chain);
  if (!chain_builder) return;
  if (progress.stage != Stage::authorise) {
    auto unsigned_transaction = chain_builder->build(state, spend, {});
    if (!unsigned_transaction) return;
    start_stage(progress, Stage::authorise, std::move(*unsigned_transaction), {});
  }
  for (const Signer& signer : state.signers) {
    if (attached.contains(signer.name) && !progress.refused.contains(signer.name)) ask(state, spend, progress, signer.name);
  }
}

void Conductor::ask_sender(const State& state, const Spend& spend, Progress& progress, const std::set<std::string>& attached) {
  const Wallet& sender = state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
  chain::Builder* chain_builder = builder(sender.chain);
  if (!chain_builder || !sender.signer || !quotes_.contains(sender.chain)) return;
  const std::string& signer = state.signers.at(sender.signer).name;
  if (!attached.contains(signer) || clock_.now() < progress.not_before) return;
  const auto asked = progress.asked.find(signer);
  const bool refused_long_ago = progress.refused.contains(signer) && asked != progress.asked.end() &&
                                clock_.now() - asked->second >= options_.broadcast_again_ms;
  if (progress.stage != Stage::transaction || refused_long_ago) {  // other fees may be to its liking
    const chain::FeeQuote fees = fees_for(state, spend, progress.underpriced);
    auto unsigned_transaction = chain_builder->build(state, spend, fees);
    if (!unsigned_transaction) return;
    start_stage(progress, Stage::transaction, std::move(*unsigned_transaction), fees);
  }
  if (!progress.refused.contains(signer)) ask(state, spend, progress, signer);
}

// At least the market's price, clearly over our own earlier attempt, and clearly over a thief's transaction at the nonce.
// When the node has one there that we have not seen, what it costs is to be found out: in leaps, not in steps.
chain::FeeQuote Conductor::fees_for(const State& state, const Spend& spend, bool underpriced) const {
  const Wallet& sender = state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
  const chain::Builder* chain_builder = builder(sender.chain);
  chain::FeeQuote fees = quotes_.at(sender.chain);
  const auto outbid = [&](const chain::FeeQuote& other) { fees = chain_builder->bump(other, fees); };
  if (has_live_attempt(spend)) outbid({spend.attempts.back().max_fee, spend.attempts.back().priority_fee});
  for (int i = 0; underpriced && i < kRaisesBlindly; ++i) outbid(fees);
  if (const Spend* burnt = state.spends.find(spend.burns); burnt && !burnt->attempts.empty()) {
    outbid({burnt->attempts.back().max_fee, burnt->attempts.back().priority_fee});
  }
  const std::uint64_t nonce = spend.gas_wallet ? spend.gas_nonce : spend.nonce;
  if (const auto rivals = state.spends_by_nonce.find({sender.id, nonce}); rivals != state.spends_by_nonce.end()) {
    for (const SpendId id : rivals->second) {
      const Spend& rival = state.spends.at(id);
      if (id != spend.id && has_live_attempt(rival)) outbid({rival.attempts.back().max_fee, rival.attempts.back().priority_fee});
    }
  }
  if (const auto thief = state.foreign_spends.find({sender.id, nonce}); thief != state.foreign_spends.end()) {
    outbid({thief->second.max_fee, thief->second.priority_fee});
    outbid(fees);  // once more: a race is won by a margin
  }
  return fees;
}

bool Conductor::wants_bump(const State& state, const Spend& spend, const Progress& progress) const {
  if (progress.stage == Stage::transaction) return true;  // asked already: keep asking
  const Wallet& sender = state.wallets.at(spend.gas_wallet ? spend.gas_wallet : spend.wallet);
  const std::uint64_t nonce = spend.gas_wallet ? spend.gas_nonce : spend.nonce;
  const Attempt& newest = spend.attempts.back();
  if (const auto thief = state.foreign_spends.find({sender.id, nonce}); thief != state.foreign_spends.end()) {
    if (thief->second.max_fee >= newest.max_fee || thief->second.priority_fee >= newest.priority_fee) return true;
  }
  if (progress.underpriced) return true;
  const auto next = state.mined_nonce.find(sender.id);
  const bool next_in_line = next != state.mined_nonce.end() && next->second == nonce;
  return next_in_line && clock_.now() - newest.signed_at >= options_.bump_after_ms;
}

void Conductor::broadcast_due() {
  for (const Outgoing& out : outgoing_) {
    chain::Builder* chain_builder = builder(out.chain);
    if (!chain_builder) continue;
    const auto sent = chain_builder->broadcast(out.raw);
    Progress& progress = progress_[out.spend];
    progress.broadcast = out.txid;
    progress.broadcast_at = clock_.now();
    progress.underpriced = !sent && sent.error().code == "underpriced";
  }
  outgoing_.clear();
}

}  // namespace holdfast::engine
