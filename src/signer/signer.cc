#include "signer/signer.h"

#include "base/check.h"
#include "base/planted.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using chain::evm::Address20;

// The largest: a thousand withdrawals out of as many coins as a transaction has room for.
constexpr std::size_t kMaxSignedRecord = std::size_t{512} << 10;

std::string raw(ByteView bytes) { return std::string(as_text(bytes)); }

Result<void> check_accounts(const Policy& policy, const Keys& keys) {
  const auto held = keys.accounts();
  for (const ChainRule& chain : policy.chains) {
    for (const AccountRule& account : chain.accounts) {
      if (std::find(held.begin(), held.end(), account.address) != held.end()) continue;
      return refuse("account_without_key", "account " + chain::evm::to_checksum_text(account.address) + " of " +
                                               chain.caip2 + ": its key is not in the key file");
    }
  }
  return {};
}

// A text from outside, as the journal may hold it. Anything else could be a record that does not parse again: protobuf
// writes a broken UTF-8 string, but does not read it.
std::string journal_text(std::string_view text) {
  constexpr std::size_t kMaxBytes = 1024;
  std::string out(text.substr(0, kMaxBytes));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

// What is no amount makes it one that no signature holds for.
CoinEvacuation evacuation_of(const proto::Evacuation& stated) {
  CoinEvacuation out{to_bytes(as_bytes(stated.transaction())), {}};
  for (const auto& coin : stated.coins()) {
    out.coins.push_back({Amount::from_string(coin.amount()).value_or(Amount::max()), coin.branch(), coin.index()});
  }
  return out;
}

void set_refusal(proto::SignReply& reply, Refusal refusal, const std::string& detail) {
  reply.set_refusal(std::string(name(refusal)));
  std::string text(explain(refusal));
  if (!detail.empty()) text += " (" + detail + ")";
  reply.set_text(std::move(text));
}

}  // namespace

Result<std::unique_ptr<Signer>> Signer::open(Policy policy, const Keys& keys, journal::Storage& storage,
                                             const journal::LogKey& log_key, Clock& clock, FollowRules rules,
                                             journal::Storage& copy) {
  if (auto checked = check_accounts(policy, keys); !checked) return Failure(checked.error());
  if (auto found = find_own_keys(policy, keys); !found) return Failure(found.error());
  std::unique_ptr<Signer> signer(new Signer(std::move(policy), keys, clock));
  const auto visit = [&](std::uint64_t index, ByteView bytes) { return signer->memory_.apply_encoded(index, bytes); };
  auto opened = journal::Journal::open(storage, log_key, visit);
  if (!opened) return Failure(opened.error());
  signer->journal_ = std::move(*opened);
  if (HF_PLANTED(signer_forgets)) signer->memory_ = {};
  signer->policy_.authority.exchange = rules.log.name;
  Signer* self = signer.get();
  Remembered remembered;
  remembered.cosigned = self->memory_.cosigned();
  remembered.learned_at = [self](std::uint64_t index) { return self->memory_.learned_at(index).value_or(self->clock_.now()); };
  remembered.proven = [self](std::uint64_t deposit) { return self->memory_.proven(deposit); };
  remembered.was_signed = [self](std::uint64_t withdrawal) { return self->memory_.knows_withdrawal(withdrawal); };
  signer->follower_ = Follower::open(std::move(rules), copy, std::move(remembered));
  return signer;
}

void Signer::remember(proto::SignerRecord record) {
  // Clocks step back a little; windows must stay in order. Erring this way only makes a window last longer.
  record.set_at_ms(std::max(clock_.now(), memory_.last_at()).unix_ms);
  const std::string bytes = record.SerializeAsString();
  HF_CHECK(pending_.fits(bytes.size()));
  pending_.add(as_bytes(bytes));
  const auto applied = memory_.apply(record);
  HF_CHECK(applied.has_value());  // check() lets nothing through that memory cannot take.
}

Result<void> Signer::make_durable() {
  if (pending_.empty()) return {};
  if (auto appended = journal_->append(pending_); !appended) return Failure(appended.error());
  return {};
}

// What saves is signed whatever the journal is like.
Judged Signer::judge_surroundings(const proto::SignRequest& request) const {
  const bool is_ours = policy_.chain(request.chain()) != nullptr || policy_.coin_chain(request.chain()) != nullptr;
  const bool is_stopped = memory_.frozen() || !memory_.life().may_spend();
  if (!stops_in_freeze(request.purpose()) || is_stopped || !is_ours) return {};  // check() says what there is to say.
  if (const auto deaf = follower_->deaf(clock_.now())) {
    if (deaf->code == "head_stale") return no(Refusal::head_stale, deaf->text);
    if (deaf->code == "journal_behind") return no(Refusal::journal_behind, deaf->text);
    return no(Refusal::journal_not_followed, std::string(deaf->code));
  }
  if (request.journal_size() > follower_->size()) {
    return no(Refusal::journal_behind, std::to_string(follower_->size()) + " records of " + std::to_string(request.journal_size()));
  }
  const auto seen = heartbeats_.find(request.chain());
  if (seen == heartbeats_.end() || clock_.now() - seen->second > kHeartbeatMs) return no(Refusal::watch_silent);
  return {};
}

Checked<ToSign> Signer::judge_and_remember(const proto::SignRequest& request) {
  if (auto judged = judge_surroundings(request); !judged) return std::unexpected(judged.error());
  auto judged = check(policy_, keys_.owner(), memory_, follower_->books(), request, clock_.now());
  if (judged && !judged->recorded) {
    proto::SignerRecord record;
    *record.mutable_signed_() = judged->record;
    remember(std::move(record));
    on_signed_(judged->digest);
  }
  return judged;
}

std::vector<proto::SignReply> Signer::sign(std::span<const proto::SignRequest> requests) {
  // What an earlier call could not make durable comes first: no signature may stand on it.
  bool durable = make_durable().has_value();
  std::vector<Checked<ToSign>> judged;
  judged.reserve(requests.size());
  for (const auto& request : requests) {
    durable = durable && (pending_.fits(kMaxSignedRecord) || make_durable().has_value());
    judged.push_back(durable ? judge_and_remember(request) : Checked<ToSign>(no(Refusal::journal_unavailable)));
  }
  durable = durable && (make_durable().has_value() || HF_PLANTED(signer_signs_unrecorded));

  std::vector<proto::SignReply> replies;
  replies.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) replies.push_back(reply(requests[i], judged[i], durable));
  return replies;
}

proto::SignReply Signer::sign(const proto::SignRequest& request) { return sign(std::span(&request, 1)).front(); }

proto::SignReply Signer::reply(const proto::SignRequest& request, const Checked<ToSign>& judged, bool durable) const {
  proto::SignReply out;
  out.set_request(request.request());
  out.set_spend(request.spend());
  if (!judged) {
    set_refusal(out, judged.error().refusal, judged.error().detail);
    return out;
  }
  if (!durable) {
    set_refusal(out, Refusal::journal_unavailable, {});
    return out;
  }
  if (judged->coins) {
    sign_coins(*judged, out);
    return out;
  }
  const auto signature = keys_.sign(judged->key, judged->digest);
  if (!signature) {
    const bool is_away = signature.error().kind != ErrorKind::refusal;
    set_refusal(out, is_away ? Refusal::key_unavailable : Refusal::account_unknown, signature.error().text);
    return out;
  }
  out.set_signature(raw(signature->view()));
  out.set_signed_by(raw(judged->key.view()));
  out.set_digest(raw(judged->digest.view()));
  return out;
}

void Signer::sign_coins(const ToSign& what, proto::SignReply& out) const {
  const auto signatures = keys_.sign_inputs(*what.coins);
  if (!signatures) {
    set_refusal(out, Refusal::wallet_unknown, signatures.error().text);
    return;
  }
  for (const Bytes& signature : *signatures) out.add_input_signatures(raw(signature));
  out.set_signed_by(raw(what.key.view()));
  out.set_digest(raw(what.digest.view()));
}

Result<proto::FreezeAcknowledged> Signer::freeze(const proto::FreezeOrder& order) {
  if (!memory_.frozen()) {
    proto::SignerRecord record;
    record.mutable_frozen()->set_freeze(order.freeze());
    record.mutable_frozen()->set_reason(journal_text(order.reason()));
    remember(std::move(record));
  }
  if (auto durable = make_durable(); !durable) return Failure(durable.error());
  proto::FreezeAcknowledged out;
  out.set_freeze(order.freeze());
  out.set_frozen(true);
  return out;
}

Result<void> Signer::thaw(std::string_view by) {
  if (!memory_.frozen()) return refuse("not_frozen", "the signer is not frozen: nothing to thaw");
  if (auto durable = make_durable(); !durable) return durable;
  proto::SignerRecord record;
  record.mutable_thawed()->set_by(journal_text(by));
  remember(std::move(record));
  return make_durable();
}

Result<void> Signer::retire(std::string_view by) {
  if (memory_.life().retired()) return refuse("retired_already", "the signer is retired");
  if (auto durable = make_durable(); !durable) return durable;
  proto::SignerRecord record;
  record.mutable_retired()->set_by(journal_text(by));
  remember(std::move(record));
  return make_durable();
}

Result<void> begin_forgotten(journal::Storage& storage, const journal::LogKey& log_key, std::uint64_t records, const Hash32& root,
                             std::string_view by, Instant now) {
  const auto refuse_records = [](std::uint64_t, ByteView) -> Result<void> { return refuse("journal_not_empty", "the journal has records"); };
  auto journal = journal::Journal::open(storage, log_key, refuse_records);
  if (!journal) return Failure(journal.error());
  proto::SignerRecord record;
  record.set_at_ms(now.unix_ms);
  record.mutable_forgot()->set_records(records);
  record.mutable_forgot()->set_root(raw(root.view()));
  record.mutable_forgot()->set_by(journal_text(by));
  journal::Batch batch;
  batch.add(as_bytes(record.SerializeAsString()));
  if (auto appended = (*journal)->append(batch); !appended) return Failure(appended.error());
  return {};
}

Result<proto::EvacuationsKept> Signer::keep(const proto::KeepEvacuations& message, EvacuationStore& store) const {
  const CoinChainRule* chain = policy_.coin_chain(message.chain());
  const CoinWalletRule* wallet = chain == nullptr ? nullptr : chain->wallet(message.wallet());
  if (wallet == nullptr) return refuse("wallet_unknown", "the policy names no such wallet");
  std::vector<CoinEvacuation> stated;
  for (const auto& one : message.evacuations()) stated.push_back(evacuation_of(one));
  auto before = store.kept(message.chain(), message.wallet());
  if (!before) before.emplace();  // Damaged: then all of them are looked at, and the file is written anew.
  const auto good = good_evacuations(*chain, *wallet, std::move(stated), std::move(*before));
  if (!good) return Failure(good.error());
  if (auto stored = store.replace(message.chain(), message.wallet(), *good); !stored) return Failure(stored.error());
  proto::EvacuationsKept out;
  out.set_chain(message.chain());
  out.set_wallet(message.wallet());
  out.set_transactions(good->size());
  return out;
}

// --- Holdfastd's journal ------------------------------------------------------------------------------------------

Result<void> Signer::follow(std::span<const proto::JournalPart> parts) {
  std::vector<JournalPart> views;
  for (const auto& part : parts) views.push_back({part.first_index(), as_bytes(part.records()), part.checkpoint()});
  return heed(follower_->take(views, clock_.now()));
}

Result<void> Signer::hear(const proto::JournalHead& head) { return heed(follower_->hear_head(head.checkpoint())); }
Result<void> Signer::hear(const proto::CosignedHead& head) { return heed(follower_->hear_cosigned(head.note(), clock_.now())); }

// A holdfastd that rewrites the past is not holdfastd any more.
Result<void> Signer::heed(Result<void> heard) {
  if (heard || !follower_->has_evidence() || memory_.frozen()) return heard;
  static_cast<void>(freeze_self(heard.error().code));  // Not durable on a fault; it signs nothing all the same.
  return heard;
}

Result<void> Signer::freeze_self(std::string_view reason) {
  proto::FreezeOrder order;
  order.set_reason(std::string(reason));
  const auto frozen = freeze(order);
  return frozen ? Result<void>{} : Result<void>(Failure(frozen.error()));
}

Result<std::optional<proto::CosignedHead>> Signer::cosign(const journal::LogKey& witness) {
  const auto head = follower_->to_cosign();
  if (!head) return std::nullopt;
  if (*head != memory_.cosigned()) {
    proto::SignerRecord record;
    record.mutable_witnessed()->set_size(head->size);
    record.mutable_witnessed()->set_root(raw(head->root.view()));
    remember(std::move(record));
  }
  if (auto durable = make_durable(); !durable) return Failure(durable.error());
  proto::CosignedHead out;
  out.set_note(follower_->cosign(witness, clock_.now()));
  return out;
}

// Not made durable by itself: after a crash it is looked for again.
void Signer::prove(std::uint64_t deposit, const Hash32& fingerprint) {
  constexpr std::size_t kMaxProvenRecord = 128;
  if (!pending_.fits(kMaxProvenRecord) && !make_durable()) return;
  proto::SignerRecord record;
  record.mutable_deposit_proven()->set_deposit(deposit);
  record.mutable_deposit_proven()->set_claim(raw(fingerprint.view()));
  remember(std::move(record));
  follower_->prove(deposit, fingerprint);
}

proto::Hello Signer::hello() const {
  proto::Hello out;
  out.set_name(policy_.name);
  out.set_owner(raw(keys_.owner().view()));
  for (const Address20& account : keys_.accounts()) out.add_accounts(raw(account.view()));
  out.set_frozen(memory_.frozen());
  out.set_signed_count(memory_.signed_count());
  out.set_journal_size(follower_->size());
  out.set_forgot(memory_.life().forgot());
  out.set_allows_same_host(same_host_allowed_);
  return out;
}

}  // namespace holdfast::signer
