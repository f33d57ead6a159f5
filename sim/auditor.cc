#include "sim/auditor.h"

#include "base/hex.h"
#include "sim/reading.h"

#include <fmt/format.h>

namespace holdfast::sim {
namespace {

constexpr std::uint32_t kSafe = 1;
constexpr std::uint32_t kSingleKey = 2;
constexpr std::uint32_t kGas = 3;
constexpr std::uint32_t kCold = 4;
constexpr std::uint32_t kForwarders = 5;
constexpr Id64 kAccounts = 1;  // The chain of accounts.

void require(bool holds, std::string_view law, const std::string& what) {
  if (!holds) throw LawBroken{std::string(law), what};
}

std::string raw(const Address20& address) { return std::string(as_text(address.view())); }
std::string raw(const std::optional<Address20>& token) { return token ? raw(*token) : std::string(); }
Address20 address(const std::string& bytes) { return Address20::from(as_bytes(bytes)); }
std::optional<Address20> token_of(const std::string& contract) {
  return contract.empty() ? std::nullopt : std::optional(address(contract));
}

// The records of a block: each behind its length, a varint.
std::vector<ByteView> split_records(ByteView bytes) {
  std::vector<ByteView> out;
  while (!bytes.empty()) {
    std::size_t size = 0;
    std::size_t used = 0;
    do {
      size |= static_cast<std::size_t>(bytes[used] & 0x7f) << (7 * used);
    } while ((bytes[used++] & 0x80) != 0);
    out.push_back(bytes.subspan(used, size));
    bytes = bytes.subspan(used + size);
  }
  return out;
}

}  // namespace

const record::Wallet* Auditor::wallet_at(const std::string& at) const {
  for (const auto& [id, wallet] : ledger_.wallets) {
    if (wallet.address() == at) return &wallet;
  }
  return nullptr;
}

Id64 Auditor::asset_of(const std::string& contract) const {
  for (const auto& [id, asset] : ledger_.assets) {
    if (asset.contract() == contract && asset.chain() == kAccounts) return id;
  }
  return 0;
}

// --- The engine's journal -------------------------------------------------------------------------------------------

void Auditor::durable(const Disk::Block& block) {
  require(block.first_index == durable_records_, "4 survival",
          fmt::format("the journal goes on at record {}, but {} were durable", block.first_index, durable_records_));
  for (const ByteView bytes : split_records(block.records)) {
    record::Event event;
    require(event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "4 survival", "a record is unreadable");
    if (on_event) on_event(event);
    if (event.has_block_connected()) compare_with_chain();
    ledger_.apply(event);
    if (!ledger_.just_credited) continue;
    const record::Deposit credited = *ledger_.just_credited;
    if (ledger_.assets.at(credited.asset()).chain() == kAccounts)
      judge_credit(credited);
    else
      coins.judge_credit(credited);
  }
  durable_records_ = block.first_index + block.count;
  compare_with_chain();
}

void Auditor::reopened(std::uint64_t records) const {
  require(records == durable_records_, "4 survival",
          fmt::format("{} records were durable, {} are left after the crash", durable_records_, records));
}

bool Auditor::final_now(std::uint64_t height) const {
  const Block& head = chain_->block(node_->shown_head());
  if (finality_depth_ != 0) return height + finality_depth_ <= head.header.height;
  return height <= chain_->final_height();
}

void Auditor::judge_credit(const record::Deposit& deposit) const {
  if (excuses.deep_lie) return;
  require(final_now(deposit.height()), "5 chain",
          fmt::format("deposit {} is credited before it is final", deposit.id()));
  const Hash32 txid = Hash32::from(as_bytes(deposit.txid()));
  const Block* block = chain_->containing(txid, chain_->tip());
  require(block != nullptr && block->header.height == deposit.height(), "5 chain",
          fmt::format("deposit {} is credited but not on the chain", deposit.id()));
}

// Law 5, at every block: what the books say that each own wallet holds is what it held there.
void Auditor::compare_with_chain() const {
  coins.compare_with_chain();
  const auto head = ledger_.heads.find(kAccounts);
  if (head == ledger_.heads.end()) return;
  const Block* block = chain_->find(Hash32::from(as_bytes(head->second)));
  require(block != nullptr, "5 chain", "the books stand at a block that never was");
  for (const auto& [wallet_id, wallet] : ledger_.wallets) {
    if (wallet.kind() == kForwarders || wallet.chain() != kAccounts) continue;
    for (const auto& [asset_id, asset] : ledger_.assets) {
      if (asset.chain() != kAccounts) continue;
      const Int128 real = block->after->balance(address(wallet.address()), token_of(asset.contract())).units();
      const auto booked = ledger_.wallet_money.find({wallet_id, asset_id});
      const Int128 books = booked == ledger_.wallet_money.end() ? 0 : booked->second;
      require(books == real, "5 chain",
              fmt::format("wallet {} asset {}: the books say {}, block {} says {}", wallet_id, asset_id,
                          to_string(books), block->header.height, to_string(real)));
    }
  }
  compare_forwarders(*block);
}

void Auditor::compare_forwarders(const Block& block) const {
  for (const auto& [asset_id, asset] : ledger_.assets) {
    if (asset.chain() != kAccounts) continue;
    Int128 real = 0;
    for (const auto& [at, customer] : ledger_.deposit_addresses) {
      if (at.size() != Address20::kSize) continue;  // of the other chain
      real += block.after->balance(address(at), token_of(asset.contract())).units();
    }
    for (const auto& [wallet_id, wallet] : ledger_.wallets) {
      if (wallet.kind() != kForwarders) continue;
      const auto booked = ledger_.wallet_money.find({wallet_id, asset_id});
      const Int128 books = booked == ledger_.wallet_money.end() ? 0 : booked->second;
      require(books == real, "5 chain",
              fmt::format("deposit addresses, asset {}: the books say {}, block {} says {}", asset_id, to_string(books),
                          block.header.height, to_string(real)));
    }
  }
}

// --- Clients --------------------------------------------------------------------------------------------------------

void Auditor::answered(const std::string& request, Id64 withdrawal) {
  const auto before = told_.find(request);
  if (before != told_.end()) {
    require(before->second == withdrawal, "4 survival",
            fmt::format("a request was answered with withdrawal {}, then with {}", before->second, withdrawal));
    return;
  }
  if (withdrawal == 0) return;
  const auto known = ledger_.by_request.find(request);
  require(known != ledger_.by_request.end() && known->second == withdrawal, "4 survival",
          fmt::format("withdrawal {} was acknowledged and is not durable", withdrawal));
  told_[request] = withdrawal;
}

// --- Signers --------------------------------------------------------------------------------------------------------

void Auditor::signer_durable(const std::string& signer, const Disk::Block& block) {
  for (const ByteView bytes : split_records(block.records)) {
    proto::SignerRecord record;
    require(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "4 survival",
            "a signer's record is unreadable");
    if (record.has_signed_()) recorded_.emplace(signer, record.signed_().digest());
  }
}

void Auditor::requested(const proto::SignRequest& request, Instant now) {
  coins.requested(request, now);
  const auto known = ledger_.withdrawals.find(request.withdrawal().id());
  const bool whole = request.kind() == proto::SignRequest::TRANSACTION && known != ledger_.withdrawals.end();
  if (whole && known->second.approved_until_ms > now.unix_ms) begun_.insert(known->first);
}

void Auditor::replied(const std::string& signer, const proto::SignRequest& request, const proto::SignReply& reply,
                      Instant now) {
  if (reply.signature().empty() && reply.input_signatures().empty()) return;
  require(recorded_.contains({signer, reply.digest()}), "4 survival",
          signer + " let out a signature that is not in its journal");
  if (!request.wallet().empty()) {
    coins.replied(signer, request, frozen_.contains(signer), now);
    return;
  }
  const auto outer = read_outer(request.unsigned_transaction());
  require(outer.has_value(), "2 intent", "a signer signed bytes that are no transaction");
  const record::Wallet* target = wallet_at(outer->to);
  const bool to_safe = target != nullptr && target->kind() == kSafe && !outer->data.empty();
  const bool by_account = request.kind() == proto::SignRequest::TRANSACTION;
  const bool to_module = outer->to == raw(chain_->contracts.module);
  if (to_module) {
    require(ledger_.incidents > 0, "2 intent", "an evacuation was signed without an incident");
    return;
  }
  const std::string wallet = to_safe ? outer->to : request.account();
  const std::uint64_t nonce = to_safe ? request.safe_nonce() : outer->nonce;
  if (outer->to == raw(chain_->contracts.factory)) {
    require(!frozen_.contains(signer), "6 freeze", signer + " signed a sweep after it acknowledged a freeze");
    return;
  }
  const auto call = to_safe ? read_inner(*outer) : outer;
  require(call.has_value(), "2 intent", "a signer signed a call of a Safe that is none");
  if (call->to == wallet && call->value == 0 && call->data.empty()) return;  // Uses up a nonce, moves nothing.
  require(to_safe || by_account, "2 intent", "an owner signed what is no Safe transaction");
  const auto payment = read_payment(*call);
  require(payment.has_value(), "2 intent", signer + " signed a call that is no payment");
  if (payment->destination == raw(chain_->contracts.cold)) {
    require(ledger_.incidents > 0, "2 intent", "a rescue was signed without an incident");
    return;
  }
  require(!frozen_.contains(signer), "6 freeze", signer + " signed a payment after it acknowledged a freeze");
  judge_payment(request, {wallet, nonce}, payment->asset, payment->destination, payment->amount, now);
}

void Auditor::judge_payment(const proto::SignRequest& request, const Place& place, const std::string& asset,
                            const std::string& destination, Int128 amount, Instant now) {
  const auto known = ledger_.by_destination.find(destination);
  require(known != ledger_.by_destination.end(), "2 intent",
          fmt::format("spend {} pays somebody whom no withdrawal names", request.spend()));
  const AuditedWithdrawal& withdrawal = ledger_.withdrawals.at(known->second);
  const bool same = contract_of(withdrawal.asked.asset) == asset && withdrawal.asked.amount == amount;
  require(same, "2 intent", fmt::format("withdrawal {} was signed with another asset or amount", known->second));
  // Once its transaction is out, the expiry of the approval stops nothing any more: only fees can change.
  require(withdrawal.approved_until_ms > now.unix_ms || begun_.contains(known->second), "2 intent",
          fmt::format("withdrawal {} was signed without a valid approval", known->second));
  // Asked before it ended, a signer may answer late; its place is used up by then.
  const auto [at, first] = places_.try_emplace(known->second, place);
  require(first || at->second == place, "3 once", fmt::format("withdrawal {} was signed at two nonces", known->second));
}

// --- The chain ------------------------------------------------------------------------------------------------------

void Auditor::broadcast(ByteView bytes) const {
  require(ledger_.attempts.contains(std::string(as_text(bytes))), "4 survival",
          "a transaction was broadcast that is not durable");
  coins.broadcast(bytes);
}

void Auditor::judge_moved(const MinedTransaction& mined, const Moved& moved, std::map<Id64, int>& payments) const {
  const record::Wallet* from = wallet_at(raw(moved.from));
  const bool from_forwarder = ledger_.deposit_addresses.contains(raw(moved.from));
  const std::string txid = to_0x_hex(mined.transaction.body.hash.view());
  if (from_forwarder)
    require(moved.to == chain_->contracts.safe, "2 intent", "a deposit address paid somebody else: " + txid);
  if (from == nullptr || from->kind() == kForwarders) return;
  require(from->kind() != kCold, "2 intent", "the cold wallet paid: " + txid);
  if (moved.to == chain_->contracts.cold || thefts.contains(mined.transaction.body.hash)) {
    require(ledger_.incidents > 0, "2 intent", "money left an own wallet without an incident: " + txid);
    return;
  }
  const auto paid = ledger_.by_destination.find(raw(moved.to));
  require(paid != ledger_.by_destination.end() && from->kind() != kGas, "2 intent",
          fmt::format("wallet {} paid somebody whom no withdrawal names: {}", from->id(), txid));
  const AuditedWithdrawal& withdrawal = ledger_.withdrawals.at(paid->second);
  const bool same =
      contract_of(withdrawal.asked.asset) == raw(moved.token) && withdrawal.asked.amount == moved.amount.units();
  require(same, "2 intent", fmt::format("withdrawal {} was paid with another asset or amount", paid->second));
  require(++payments[paid->second] == 1, "3 once", fmt::format("withdrawal {} was paid twice: {}", paid->second, txid));
}

void Auditor::finish() const {
  std::map<Id64, int> payments;
  for (const Block* at = &chain_->block(chain_->tip()); at != nullptr; at = chain_->find(at->header.parent)) {
    for (const MinedTransaction& mined : at->transactions) {
      for (const Moved& moved : mined.result.moved) judge_moved(mined, moved, payments);
    }
  }
  coins.judge_chain(payments);
  judge_ends(payments);
  judge_deposits();
  judge_alarms();
  paid_ = payments.size();
}

void Auditor::judge_ends(const std::map<Id64, int>& payments) const {
  for (const auto& [request, withdrawal] : told_) {
    require(ledger_.withdrawals.contains(withdrawal), "4 survival", fmt::format("withdrawal {} is lost", withdrawal));
  }
  for (const auto& [id, withdrawal] : ledger_.withdrawals) {
    const bool ended = withdrawal.end != WithdrawalEnd::open && withdrawal.end != WithdrawalEnd::approved;
    require(ended, "4 survival", fmt::format("withdrawal {} reaches no end", id));
    if (excuses.deep_lie) continue;
    const bool should_be_paid = withdrawal.end == WithdrawalEnd::completed;
    require(payments.contains(id) == should_be_paid, "3 once",
            fmt::format("withdrawal {} is {} but {} on the chain", id, should_be_paid ? "completed" : "given back",
                        payments.contains(id) ? "paid" : "not paid"));
  }
}

// Whoever paid a customer's address on the final chain has paid that customer, once.
void Auditor::judge_deposits() const {
  std::map<AuditLedger::Key, Int128> arrived;
  for (const Block* at = &chain_->block(chain_->tip()); at != nullptr; at = chain_->find(at->header.parent)) {
    for (const MinedTransaction& mined : at->transactions) {
      for (const Moved& moved : mined.result.moved) {
        const auto owner = ledger_.deposit_addresses.find(raw(moved.to));
        const Id64 asset = asset_of(raw(moved.token));
        if (owner != ledger_.deposit_addresses.end() && asset != 0)
          arrived[{owner->second, asset}] += moved.amount.units();
      }
    }
  }
  coins.add_deposits(arrived);
  for (const auto& [key, amount] : ledger_.credited) {
    require(arrived[key] == amount, "5 chain",
            fmt::format("customer {} asset {} was credited {}, and {} arrived", key.first, key.second,
                        to_string(amount), to_string(arrived[key])));
  }
  for (const auto& [key, amount] : arrived) {
    const bool credited = ledger_.credited.contains(key) || amount == 0;
    require(credited, "5 chain",
            fmt::format("customer {} asset {}: {} arrived and nothing was credited", key.first, key.second,
                        to_string(amount)));
  }
}

void Auditor::judge_alarms() const {
  const bool calm = !excuses.theft && !excuses.deep_lie;
  require(!calm || ledger_.incidents == 0, "5 chain", "an incident was opened though nothing had happened");
  require(!calm || ledger_.losses == 0, "5 chain", "a loss was booked though nothing was lost");
  require(!coins.incident_due() || ledger_.incidents > 0, "5 chain", "coins were stolen and no incident was opened");
  const bool explained = ledger_.surpluses == 0 || excuses.gifts > 0 || !calm;
  require(explained, "5 chain", "money was found that nobody gave");
  for (const Hash32& theft : thefts) {
    const bool mined = chain_->containing(theft, chain_->tip()) != nullptr;
    require(!mined || ledger_.incidents > 0, "5 chain",
            "a stolen key was used on the chain and no incident was opened");
  }
}

void Auditor::balance_told(Id64 customer, Id64 asset, Int128 available, Int128 held) const {
  const auto of = [&](const std::map<AuditLedger::Key, Int128>& side) {
    const auto found = side.find({customer, asset});
    return found == side.end() ? Int128{0} : found->second;
  };
  require(of(ledger_.available) >= 0 && of(ledger_.held) >= 0, "1 books",
          fmt::format("customer {} is below zero", customer));
  require(of(ledger_.available) == available && of(ledger_.held) == held, "1 books",
          fmt::format("customer {} asset {} should have {} and {} held, and is told {} and {}", customer, asset,
                      to_string(of(ledger_.available)), to_string(of(ledger_.held)), to_string(available),
                      to_string(held)));
}

// Law 1, from the outside of the books: the bytes of a snapshot.
void Auditor::snapshot_balances(const std::string& message) const {
  record::Snapshot snapshot;
  require(snapshot.ParseFromString(message), "4 survival", "a snapshot is unreadable");
  std::map<Id64, Int128> sums;
  for (const record::Balance& balance : snapshot.balances()) {
    sums[balance.account() & 0xffff] += amount_of(balance.debit()) - amount_of(balance.credit());
  }
  for (const auto& [asset, sum] : sums) {
    require(sum == 0, "1 books", fmt::format("asset {}: debits and credits differ by {}", asset, to_string(sum)));
  }
}

}  // namespace holdfast::sim
