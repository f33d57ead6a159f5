#include "chain/evm/builder.h"

#include "chain/evm/codec/safe.h"
#include "chain/evm/spend_form.h"

#include <algorithm>

namespace holdfast::chain::evm {

namespace {

Amount plus(Amount a, Amount b) { return Amount::sum(a, b).value_or(Amount::max()); }

// 12.5 % and one wei more.
Amount raised(Amount fee) { return plus(plus(fee, Amount::of(fee.units() / 8)), Amount::of(1)); }

bool is_owner(const custody::State& state, const Address20& address) {
  return std::ranges::any_of(state.signers, [&](const custody::Signer& signer) {
    return std::ranges::equal(signer.owner.view(), address.view());
  });
}

// The signatures that true owners made over `hash`, one for each, at most `wanted`.
std::vector<SafeOwnerSignature> good_signatures(const custody::State& state, const Hash32& hash,
                                                const std::vector<OwnerSignature>& offered, std::size_t wanted) {
  std::vector<SafeOwnerSignature> out;
  for (const OwnerSignature& offer : offered) {
    if (out.size() == wanted) break;
    const auto owner = recover(hash, offer.signature);
    if (!owner || !is_owner(state, *owner)) continue;
    if (std::ranges::find(out, *owner, &SafeOwnerSignature::owner) != out.end()) continue;
    out.push_back({*owner, offer.signature});
  }
  return out;
}

}  // namespace

Result<FeeQuote> EvmBuilder::quote() {
  const auto head = node_.head();
  if (!head) return Failure(head.error());
  const auto priority = node_.priority_fee();
  if (!priority) return Failure(priority.error());
  return FeeQuote{plus(plus(head->base_fee, head->base_fee), *priority), *priority};
}

FeeQuote EvmBuilder::bump(const FeeQuote& previous, const FeeQuote& quoted) const {
  return {std::max(raised(previous.max_fee), quoted.max_fee), std::max(raised(previous.priority_fee), quoted.priority_fee)};
}

Result<Bytes> EvmBuilder::build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const {
  const auto transaction = transaction_of(chain_id_, state, spend, fees);
  if (!transaction) return Failure(transaction.error());
  return encode_unsigned(*transaction);
}

Result<custody::Command> EvmBuilder::complete(const custody::State& state, const custody::Spend& spend,
                                              ByteView unsigned_transaction, const std::vector<SignerAnswer>& answers,
                                              std::size_t needed, Instant now) const {
  const custody::Wallet& wallet = state.wallets.at(spend.wallet);
  if (wallet.kind == custody::WalletKind::safe && spend.state == custody::SpendState::planned) {
    std::vector<OwnerSignature> offered;
    for (const SignerAnswer& answer : answers) offered.push_back({answer.signed_by, answer.signature});
    auto authorisation = combine_owners(state, spend, offered, needed);
    if (!authorisation) return Failure(authorisation.error());
    return custody::AuthoriseSpend{spend.id, authorisation->intent, std::move(authorisation->bytes)};
  }
  if (answers.empty()) return refuse("quorum_missing", "nobody has signed");
  const custody::Wallet& sender = spend.gas_wallet ? state.wallets.at(spend.gas_wallet) : wallet;
  auto attempt = combine(unsigned_transaction, answers.back().signature, sender.address, now);
  if (!attempt) return Failure(attempt.error());
  return custody::AddAttempt{spend.id, std::move(*attempt)};
}

Result<Authorisation> EvmBuilder::combine_owners(const custody::State& state, const custody::Spend& spend,
                                                 const std::vector<OwnerSignature>& signatures, std::size_t quorum) const {
  const auto intent = intent_of(chain_id_, state, spend);
  if (!intent) return Failure(intent.error());
  const std::size_t wanted = spend.purpose == custody::Purpose::evacuation ? 1 : quorum;
  auto good = good_signatures(state, *intent, signatures, wanted);
  if (wanted == 0 || good.size() < wanted) return refuse("quorum_missing", "too few good signatures");
  return Authorisation{*intent, join_owner_signatures(std::move(good))};
}

Result<custody::Attempt> EvmBuilder::combine(ByteView unsigned_transaction, const FixedBytes<65>& signature,
                                             const custody::Address& sender, Instant signed_at) const {
  auto transaction = decode_unsigned(unsigned_transaction);
  if (!transaction) return Failure(transaction.error());
  const auto signer = recover(signing_hash(*transaction), signature);
  if (!signer) return Failure(signer.error());
  if (to_custody(*signer) != sender) return refuse("signature_wrong", "another key signed");
  custody::Attempt out;
  out.max_fee = transaction->max_fee;
  out.priority_fee = transaction->max_priority_fee;
  out.signed_at = signed_at;
  out.raw = encode_signed({std::move(*transaction), signature});
  out.txid = transaction_id(out.raw);
  return out;
}

Result<void> EvmBuilder::broadcast(ByteView raw) {
  const auto sent = node_.send(raw);
  if (sent) return {};
  if (sent.error().code == "nonce_used") {
    const auto receipt = node_.receipt(transaction_id(raw));
    if (receipt && receipt->has_value()) return {};
  }
  return Failure(sent.error());
}

}  // namespace holdfast::chain::evm
