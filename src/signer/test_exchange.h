// For tests: an honest holdfastd, as far as a signer sees it. Whatever a request is about, its journal tells first: who asked for it,
// with which deposits, and that it was approved.
#pragma once

#include "base/check.h"
#include "journal/test_storage.h"
#include "signer.pb.h"
#include "signer/authority_rules.h"
#include "signer/replica/follower.h"
#include "signer/replica/test_journal.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace holdfast::signer::test {

class Exchange {
 public:
  static inline const std::string kName = "holdfast.example/journal";

  Exchange() {
    log_ = *journal::Journal::open(storage, key_, journal::ignore_records());
    tell(customer_event(1, "alice"));
  }

  static FollowRules rules() {
    return {journal::test_key(41, kName).verifier(), {{journal::WitnessKey::of(other_witness())}, 1, 30 * kMsPerSecond}};
  }
  static journal::LogKey other_witness() { return journal::test_key(42, "witness.example/other"); }

  void tell(const record::Event& event) {
    journal::Batch batch;
    batch.add(as_bytes(event.SerializeAsString()));
    HF_CHECK(log_->append(batch).has_value());
  }

  // As the exchange, its customer and its operators would have done before it is signed.
  void announce(const proto::SignRequest& request) {
    if (request.purpose() != proto::SignRequest::WITHDRAWAL) return;
    if (request.has_withdrawal()) announce(request.chain(), request.withdrawal());
    for (const auto& one : request.batch()) announce(request.chain(), one);
  }

  // Streams what the signer lacks, lets it look for deposits on a node that has them, and another witness vouch for it.
  template <class Signer>
  void stream(Signer& signer, Instant now) {
    std::vector<proto::JournalPart> parts;
    for (const auto& block : storage.blocks) {
      if (block.first_index < signer.follower().size()) continue;
      auto& part = parts.emplace_back();
      part.set_first_index(block.first_index);
      part.set_records(std::string(as_text(block.records)));
      part.set_checkpoint(block.checkpoint);
    }
    if (!parts.empty()) {
      const auto followed = signer.follow(parts);
      if (!followed) die(followed.error().text.c_str());
    }
    for (const BookedDeposit& claim : signer.take_unproven()) signer.prove(claim.id, claim.fingerprint());
    for (const auto& chain : signer.policy().chains) signer.heartbeat(chain.caip2, now);
    for (const auto& chain : signer.policy().coin_chains) signer.heartbeat(chain.caip2, now);
    proto::CosignedHead head;
    head.set_note(cosigned(now));
    HF_CHECK(signer.hear(head).has_value());
  }

  std::string cosigned(Instant now) const {
    auto note = *journal::Note::parse(log_->head().checkpoint);
    journal::cosign(note, other_witness(), static_cast<std::uint64_t>(now.unix_ms / kMsPerSecond));
    return note.to_string();
  }

  // As a signer's books that has looked for all deposits.
  Books books(Instant learned) const {
    Books out;
    std::uint64_t index = 0;
    for (const auto& block : storage.blocks) {
      journal::RecordReader reader(block.records);
      while (const auto record = reader.next()) HF_CHECK(out.apply(index++, *record, learned).has_value());
    }
    for (const std::uint64_t id : out.take_credited()) out.prove(id, out.unproven().at(id).fingerprint());
    return out;
  }

  journal::MemoryStorage storage;

 private:
  void announce(const std::string& chain, const proto::Withdrawal& stated) {
    const auto amount = Amount::from_string(stated.amount());
    constexpr std::uint64_t kMostIds = 100'000;
    if (!amount || *amount > kPlenty || stated.id() == 0 || stated.id() > kMostIds) return;
    const std::uint64_t asset = asset_of(chain, as_bytes(stated.asset_contract()));
    const Bytes nowhere = {0};
    while (withdrawals_ + 1 < stated.id()) tell(withdrawal_event(++withdrawals_, 1, asset, Amount::of(1), nowhere));
    if (withdrawals_ < stated.id()) {
      tell(withdrawal_event(++withdrawals_, 1, asset, *amount, as_bytes(stated.destination())));
    }
    if (std::exchange(approved_[stated.id()], stated.approval_expires_ms()) != stated.approval_expires_ms()) {
      tell(approved_event(stated.id(), stated.approval_expires_ms()));
    }
  }

  std::uint64_t asset_of(const std::string& chain, ByteView contract) {
    const auto [chain_known, is_new_chain] = chains_.try_emplace(chain, chains_.size() + 1);
    if (is_new_chain) tell(chain_event(chain_known->second, chain));
    const std::pair key(chain, std::string(as_text(contract)));
    const auto [known, is_new] = assets_.try_emplace(key, assets_.size() + 1);
    if (!is_new) return known->second;
    tell(asset_event(known->second, chain_known->second, contract));
    tell(deposit_event(known->second, 1, known->second, kPlenty, static_cast<std::uint8_t>(known->second)));
    tell(credited_event(known->second));
    return known->second;
  }

  static inline const Amount kPlenty = Amount::of(Int128{1'000'000'000} * 1'000'000'000 * 1'000'000'000 * 1'000'000'000);

  journal::LogKey key_ = journal::test_key(41, kName);
  std::unique_ptr<journal::Journal> log_;
  std::uint64_t withdrawals_ = 0;
  std::map<std::uint64_t, std::int64_t> approved_;
  std::map<std::string, std::uint64_t> chains_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> assets_;
};

// For tests that are about other rules.
inline AuthorityLimits no_limits() {
  return {Amount::max(), Amount::max(), Amount::max(), Amount::max(), 2};
}

}  // namespace holdfast::signer::test
