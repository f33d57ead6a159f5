#include "sim/station.h"

#include <algorithm>

namespace holdfast::sim {

Station::Station(std::size_t signer, bool tight, bool coins, Prng& prng, SimClock& clock, Network& network, Auditor& auditor,
                 const Disk& journal, std::map<std::string, proto::CosignedHead>& notes)
    : disk(prng, [this](const Disk::Block& block) { auditor_.signer_durable(name(), block); }),
      copy(prng, [](const Disk::Block&) {}),
      signer_index_(signer),
      tight_(tight),
      coins_(coins),
      prng_(prng),
      clock_(clock),
      network_(network),
      auditor_(auditor),
      journal_(journal),
      notes_(notes) {}

template <class Work>
void Station::powered(Work&& work) {
  try {
    work();
  } catch (const PowerCut&) {
    crash();
  }
}

void Station::start() {
  if (up()) return;
  auto opened = signer::Signer::open(policy(signer_index_, tight_, coins_), key_ring(signer_index_), disk, log_key(), clock_,
                                     follow_rules(signer_index_), copy);
  if (!opened) throw LawBroken{"4 survival", "signer " + name() + " does not start again: " + opened.error().text};
  signer_ = std::move(*opened);
  network_.set_attached(name(), true);
  proto::FromSigner message;
  *message.mutable_hello() = signer_->hello();
  network_.answer(name(), message);
}

void Station::crash() {
  ++crashes_;
  signer_.reset();
  disk.lose_power();
  copy.lose_power();
  network_.set_attached(name(), false);
}

void Station::follow() {
  if (!up()) return;
  powered([&] {
    std::vector<proto::JournalPart> parts;
    const auto& blocks = journal_.blocks();
    auto block = std::ranges::lower_bound(blocks, signer_->follower().size(), {}, &Disk::Block::first_index);
    for (; block != blocks.end(); ++block) {
      if (block->torn) break;
      proto::JournalPart& part = parts.emplace_back();
      part.set_first_index(block->first_index);
      part.set_records(std::string(as_text(block->records)));
      part.set_checkpoint(block->checkpoint);
    }
    signer_->begin_stream();
    if (const auto followed = signer_->follow(parts); !followed && followed.error().kind == ErrorKind::corruption) {
      throw LawBroken{"6 witness", name() + " does not follow an honest journal: " + followed.error().text};
    }
    // Its own node tells the truth, and has seen them all.
    for (const signer::BookedDeposit& claim : signer_->take_unproven()) signer_->prove(claim.id, claim.fingerprint());
    for (const auto& chain : signer_->policy().chains) signer_->heartbeat(chain.caip2, clock_.now());
    for (const auto& chain : signer_->policy().coin_chains) signer_->heartbeat(chain.caip2, clock_.now());
    if (const auto head = signer_->cosign(witness_key(signer_index_)); head && *head) notes_[name()] = **head;
    for (const auto& [from, note] : notes_) static_cast<void>(signer_->hear(note));
  });
}

void Station::serve(const std::vector<proto::ToSigner>& messages) {
  std::vector<proto::SignRequest> together;
  for (const proto::ToSigner& message : messages) {
    if (message.has_sign()) together.push_back(message.sign());
    const bool now = message.has_freeze() || together.size() > 8 || prng_.one_in(3);
    if (now) sign(std::exchange(together, {}));
    if (message.has_freeze()) freeze(message.freeze());
  }
  sign(together);
}

void Station::sign(const std::vector<proto::SignRequest>& requests) {
  if (!up() || requests.empty()) return;
  for (const proto::SignRequest& request : requests) auditor_.requested(request, clock_.now());
  powered([&] {
    const std::vector<proto::SignReply> replies = signer_->sign(requests);
    for (std::size_t i = 0; i < replies.size(); ++i) {
      auditor_.replied(name(), requests[i], replies[i], clock_.now());
      proto::FromSigner message;
      *message.mutable_reply() = replies[i];
      network_.answer(name(), message);
    }
  });
}

void Station::freeze(const proto::FreezeOrder& order) {
  if (!up()) return;
  powered([&] {
    const auto acknowledged = signer_->freeze(order);
    if (!acknowledged) return;
    auditor_.acknowledged_freeze(name());
    proto::FromSigner message;
    *message.mutable_freeze_acknowledged() = *acknowledged;
    network_.answer(name(), message);
  });
}

void Station::thaw() {
  if (!frozen()) return;
  // Half a thaw counts as one: the auditor asks nothing of a signer whose operator has just let it go.
  auditor_.thawed(name());
  powered([&] { static_cast<void>(signer_->thaw("operator")); });
}

}  // namespace holdfast::sim
