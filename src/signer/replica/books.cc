#include "signer/replica/books.h"

#include "base/keyed_hash.h"
#include "custody.pb.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace holdfast::signer {
namespace {

using record::Event;

constexpr std::uint32_t kFailedOnChain = 4;  // WithdrawalReturned.reason: the network was paid, the fee is gone.
constexpr std::string_view kDecision = "Holdfast decision v1\n";

Failure impossible(std::string_view what) { return corruption("journal_record_impossible", std::string(what)); }

Bytes bytes_of(const std::string& raw) { return to_bytes(as_bytes(raw)); }

// Big-endian, no leading zero byte; empty is 0.
std::optional<Amount> amount_of(const std::string& raw) {
  if (raw.size() > 16) return std::nullopt;
  FixedBytes<32> word;
  std::memcpy(word.bytes.data() + (32 - raw.size()), raw.data(), raw.size());
  return Amount::from_word(word);
}

template <std::size_t N>
std::optional<FixedBytes<N>> fixed_of(const std::string& raw) {
  if (raw.size() != N) return raw.empty() ? std::optional(FixedBytes<N>{}) : std::nullopt;
  return FixedBytes<N>::from(as_bytes(raw));
}

void put(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}
void put(Bytes& out, ByteView bytes) {
  put(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Hash32 sha256(ByteView bytes) {
  Hash32 out;
  SHA256(bytes.data(), bytes.size(), out.bytes.data());
  return out;
}

// Half of it tells destinations apart.
FixedBytes<16> destination_key(std::uint64_t customer, std::uint64_t chain, ByteView destination) {
  Bytes bytes;
  put(bytes, customer);
  put(bytes, chain);
  put(bytes, destination);
  return FixedBytes<16>::from(sha256(bytes).view().first(16));
}

// What was paid on the chain, whatever the journal calls it.
FixedBytes<16> payment_key(std::uint64_t chain, const Hash32& txid, std::uint32_t position) {
  Bytes bytes;
  put(bytes, chain);
  put(bytes, position);
  put(bytes, txid.view());
  return FixedBytes<16>::from(sha256(bytes).view().first(16));
}

// Ids come from 1 upward without gaps.
template <class T>
const T* by_id(const Chunked<T>& table, std::uint64_t id) {
  return id == 0 || id > table.size() ? nullptr : &table[id - 1];
}
template <class T>
T* by_id(Chunked<T>& table, std::uint64_t id) {
  return id == 0 || id > table.size() ? nullptr : &table[id - 1];
}

template <class T>
const T* find(const std::map<std::uint64_t, T>& table, std::uint64_t id) {
  const auto found = table.find(id);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace

std::size_t Books::PairHash::operator()(const PairKey& key) const {
  std::array<std::uint64_t, 2> both{key.first, key.second};
  return keyed_hash({reinterpret_cast<const std::uint8_t*>(both.data()), sizeof both});
}

std::size_t Books::AddressHash::operator()(const AddressKey& key) const { return keyed_hash(key.address) ^ key.chain; }

Hash32 BookedDeposit::fingerprint() const {
  Bytes bytes;
  for (const std::uint64_t number : {id, customer, asset, height, std::uint64_t{position}}) put(bytes, number);
  put(bytes, amount.to_word().view());
  put(bytes, address);
  put(bytes, txid.view());
  put(bytes, from);
  return sha256(bytes);
}

const BookedWithdrawal* Books::withdrawal(std::uint64_t id) const { return by_id(withdrawals_, id); }
const BookedCustomer* Books::customer(std::uint64_t id) const { return by_id(customers_, id); }
const BookedAsset* Books::asset(std::uint64_t id) const { return find(assets_, id); }
const BookedChain* Books::chain(std::uint64_t id) const { return find(chains_, id); }
const BookedAddress* Books::address(std::uint64_t chain, ByteView address) const {
  return addresses_.find({chain, to_bytes(address)});
}

std::uint32_t Books::handed_out(std::string_view caip2) const {
  std::uint32_t out = 0;
  for (const auto& [id, chain] : chains_) {
    const auto found = handed_out_.find(id);
    if (chain.caip2 == caip2 && found != handed_out_.end()) out = std::max(out, found->second);
  }
  return out;
}

Books::Cover Books::cover(std::uint64_t customer, std::uint64_t asset) const {
  const Cover* found = covers_.find({customer, asset});
  return found == nullptr ? Cover{} : *found;
}

Result<void> Books::apply(std::uint64_t index, ByteView bytes, Instant learned) {
  Event event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || event.body_case() == Event::BODY_NOT_SET) {
    return corruption("journal_record_unreadable",
                      fmt::format("record {} is no event that this version knows: update the signer before holdfastd", index));
  }
  auto applied = apply_event(event, learned);
  if (!applied) return corruption(applied.error().code, fmt::format("record {}: {}", index, applied.error().text));
  return applied;
}

Result<void> Books::apply_event(const Event& event, Instant learned) {
  switch (event.body_case()) {
    case Event::kChainRegistered:
      chains_.try_emplace(event.chain_registered().chain().id(), BookedChain{event.chain_registered().chain().caip2()});
      return {};
    case Event::kAssetRegistered: {  // Again when its limits change; what it is stays what it was.
      const auto& asset = event.asset_registered().asset();
      assets_.try_emplace(asset.id(), BookedAsset{asset.chain(), bytes_of(asset.contract())});
      return {};
    }
    case Event::kCustomerCreated:
    case Event::kCustomerKeyEnrolled:
    case Event::kCustomerKeyRemoved:
    case Event::kDepositAddressAssigned:
      return apply_customer(event, learned);
    case Event::kWithdrawalRequested:
    case Event::kWithdrawalApproved:
    case Event::kWithdrawalRejected:
    case Event::kWithdrawalReturned:
      return apply_withdrawal(event, learned);
    case Event::kDepositSeen:
    case Event::kDepositCredited:
    case Event::kDepositOrphaned:
    case Event::kDepositReversed:
      return apply_deposit(event);
    case Event::kDecisionSigned:
      decide(event);
      return {};
    case Event::kSpendAuthorised:
    case Event::kSpendSigned:
      note_intent(event);
      return {};
    default:  // The rest is holdfastd's own business; no signature rests on it.
      return {};
  }
}

// --- Customers ----------------------------------------------------------------------------------------------------

Result<void> Books::apply_customer(const Event& event, Instant learned) {
  if (event.has_customer_created()) {
    const auto& customer = event.customer_created().customer();
    if (customer.id() != customers_.size() + 1) return impossible("a customer's id out of order");
    customers_.push_back({customer.reference(), {}});
    return {};
  }
  if (event.has_customer_key_enrolled()) {
    const auto& key = event.customer_key_enrolled().key();
    BookedCustomer* customer = by_id(customers_, key.customer());
    if (customer == nullptr) return impossible("a key of no customer");
    if (key_owners_.contains({key.id(), 0})) return impossible("a key's id twice");
    if (customer->keys.size() >= kMaxKeys) return {};
    customer->keys.push_back({key.id(), key.kind(), bytes_of(key.key()), bytes_of(event.customer_key_enrolled().authorisation()),
                              event.customer_key_enrolled().authorised_key(), customer->keys.empty(), learned, false});
    key_owners_[{key.id(), 0}] = key.customer();
    return {};
  }
  if (event.has_customer_key_removed()) {
    const std::uint64_t id = event.customer_key_removed().key();
    const std::uint64_t* owner = key_owners_.find({id, 0});
    if (owner == nullptr) return {};  // One that was passed over.
    for (BookedKey& key : by_id(customers_, *owner)->keys) key.removed = key.removed || key.id == id;
    return {};
  }
  const auto& address = event.deposit_address_assigned().address();
  const auto salt = fixed_of<32>(address.salt());
  if (!salt) return impossible("a salt that is none");
  // Whose it was first, it stays.
  const AddressKey at{address.chain(), bytes_of(address.address())};
  std::uint32_t& handed_out = handed_out_[address.chain()];
  if (address.wallet() != 0 && address.index() < UINT32_MAX) handed_out = std::max(handed_out, address.index() + 1);
  if (!addresses_.contains(at)) addresses_[at] = {address.customer(), address.chain(), *salt, address.wallet(), address.index()};
  return {};
}

// --- Withdrawals --------------------------------------------------------------------------------------------------

Result<void> Books::apply_withdrawal(const Event& event, Instant learned) {
  if (event.has_withdrawal_requested()) return request(event, learned);
  if (event.has_withdrawal_approved()) {
    BookedWithdrawal* withdrawal = by_id(withdrawals_, event.withdrawal_approved().withdrawal());
    if (withdrawal == nullptr) return impossible("an approval of no withdrawal");
    withdrawal->approved_until = Instant{event.withdrawal_approved().expires_at_ms()};
    return {};
  }
  if (event.has_withdrawal_rejected()) return end(event.withdrawal_rejected().withdrawal(), false);
  return end(event.withdrawal_returned().withdrawal(), event.withdrawal_returned().reason() == kFailedOnChain);
}

Result<void> Books::request(const Event& event, Instant learned) {
  const auto& e = event.withdrawal_requested();
  if (e.withdrawal() != withdrawals_.size() + 1) return impossible("a withdrawal's id out of order");
  const auto amount = amount_of(e.amount());
  const auto fee = amount_of(e.fee());
  const auto request_id = fixed_of<16>(e.request());
  const BookedAsset* asset = this->asset(e.asset());
  if (!amount || !fee || !request_id || asset == nullptr || customer(e.customer()) == nullptr) {
    return impossible("a withdrawal of nobody or nothing");
  }
  const auto total = Amount::sum(*amount, *fee);
  Cover& cover = covers_[{e.customer(), e.asset()}];
  const auto taken = total ? Amount::sum(cover.taken, *total) : std::nullopt;
  if (!taken) return impossible("more money than there is");
  cover.taken = *taken;
  const auto known = destination_key(e.customer(), asset->chain, as_bytes(e.destination()));
  if (!destinations_.contains(known)) destinations_[known] = learned;
  BookedWithdrawal out;
  out.customer = e.customer();
  out.asset = e.asset();
  out.amount = *amount;
  out.fee = *fee;
  out.destination = bytes_of(e.destination());
  out.request = *request_id;
  out.authorisation = bytes_of(e.authorisation());
  out.authorised_key = e.authorised_key();
  out.intent_expires_ms = e.intent_expires_ms();
  out.destination_learned = *destinations_.find(known);
  std::uint64_t& first = requests_[*request_id];
  out.repeats = first != 0;
  if (first == 0) first = e.withdrawal();
  withdrawals_.push_back(std::move(out));
  return {};
}

// What was signed here may still be paid, whatever the journal says of it: the customer's money stays taken.
Result<void> Books::end(std::uint64_t id, bool keeps_fee) {
  BookedWithdrawal* withdrawal = by_id(withdrawals_, id);
  if (withdrawal == nullptr) return impossible("an end of no withdrawal");
  if (std::exchange(withdrawal->ended, true) || was_signed_(id)) return {};
  Cover& cover = covers_[{withdrawal->customer, withdrawal->asset}];
  cover.taken -= withdrawal->amount;
  if (!keeps_fee) cover.taken -= withdrawal->fee;
  return {};
}

// One for each operator would do; more of the same say nothing.
void Books::decide(const Event& event) {
  const auto& e = event.decision_signed();
  if (!e.statement().starts_with(kDecision)) return;
  constexpr std::string_view kLine = "\nwithdrawal: ";
  const std::size_t at = e.statement().find(kLine);
  if (at == std::string::npos) return;
  std::uint64_t id = 0;
  for (std::size_t i = at + kLine.size(); i < e.statement().size() && e.statement()[i] >= '0' && e.statement()[i] <= '9'; ++i) {
    if (id > withdrawals_.size()) return;
    id = 10 * id + static_cast<std::uint64_t>(e.statement()[i] - '0');
  }
  BookedWithdrawal* withdrawal = by_id(withdrawals_, id);
  const auto key = fixed_of<32>(e.key());
  const auto signature = fixed_of<64>(e.signature());
  if (withdrawal == nullptr || !key || !signature || withdrawal->decisions.size() >= kMaxDecisions) return;
  withdrawal->decisions.push_back({e.by(), *key, e.statement(), *signature});
}

void Books::note_intent(const Event& event) {
  const std::string& raw = event.has_spend_authorised() ? event.spend_authorised().intent() : event.spend_signed().attempt().txid();
  if (const auto digest = fixed_of<32>(raw)) intents_[*digest] = true;
}

// --- Deposits -----------------------------------------------------------------------------------------------------

Result<void> Books::apply_deposit(const Event& event) {
  if (event.has_deposit_seen()) {
    const auto& d = event.deposit_seen().deposit();
    const auto amount = amount_of(d.amount());
    const auto txid = fixed_of<32>(d.txid());
    if (!amount || !txid || asset(d.asset()) == nullptr) return impossible("a deposit of nothing");
    if (proven_.contains({d.id(), 0}) || unproven_.contains(d.id())) return impossible("a deposit's id twice");
    seen_[d.id()] = {d.id(), d.customer(), d.asset(), *amount, bytes_of(d.address()), *txid, d.position(), d.height(), bytes_of(d.from())};
    return {};
  }
  if (event.has_deposit_credited()) {
    const auto found = seen_.find(event.deposit_credited().deposit());
    if (found == seen_.end()) return impossible("a credit of no deposit");
    credited_.push_back(found->first);
    unproven_.insert(seen_.extract(found));
    return {};
  }
  if (event.has_deposit_orphaned()) {
    seen_.erase(event.deposit_orphaned().deposit());
    return {};
  }
  const std::uint64_t id = event.deposit_reversed().deposit();
  unproven_.erase(id);
  const Proven* proven = proven_.find({id, 0});
  if (proven == nullptr || proven->amount.is_zero()) return {};
  Cover& cover = covers_[{proven->customer, proven->asset}];
  cover.proven -= proven->amount;
  paid_by_[proven->payment] = 0;
  proven_[{id, 0}].amount = Amount::zero();  // Once.
  return {};
}

void Books::prove(std::uint64_t deposit, const Hash32& fingerprint) {
  const auto found = unproven_.find(deposit);
  if (found == unproven_.end() || found->second.fingerprint() != fingerprint) return;
  const BookedDeposit& claim = found->second;
  const auto payment = payment_key(asset(claim.asset)->chain, claim.txid, claim.position);
  std::uint64_t& counted_by = paid_by_[payment];
  if (counted_by != 0) return;
  Cover& cover = covers_[{claim.customer, claim.asset}];
  const auto sum = Amount::sum(cover.proven, claim.amount);
  if (!sum) return;  // More than any amount: it stays unproven.
  cover.proven = *sum;
  counted_by = deposit;
  proven_[{deposit, 0}] = {claim.customer, claim.asset, claim.amount, payment};
  unproven_.erase(found);
}

}  // namespace holdfast::signer
