#include "sim/audit_ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::sim {
namespace {

// Numbers of the enums in proto/custody.proto.
constexpr std::uint32_t kForwarders = 5;
constexpr std::uint32_t kPurposeWithdrawal = 1;
constexpr std::uint32_t kPurposeSweep = 2;
constexpr std::uint32_t kPurposeConsolidation = 5;
constexpr std::uint32_t kPlatform = 1;
constexpr std::uint32_t kDeepReorg = 4;
constexpr std::uint32_t kFailedOnChain = 4;

void require(bool holds, std::string_view law, const std::string& what) {
  if (!holds) throw LawBroken{std::string(law), what};
}

// 36 bytes, as on the wire.
std::string outpoint_of(const record::Coin& coin) {
  std::string out = coin.outpoint().txid();
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(coin.outpoint().vout() >> (8 * i)));
  return out;
}

}  // namespace

Int128 amount_of(const std::string& bytes) {
  Int128 out = 0;
  for (const char c : bytes) out = out * 256 + static_cast<std::uint8_t>(c);
  return out;
}

void AuditLedger::apply(const record::Event& event) {
  just_credited.reset();
  using E = record::Event;
  switch (event.body_case()) {
    case E::kAssetRegistered:
      assets[event.asset_registered().asset().id()] = event.asset_registered().asset();
      break;
    case E::kWalletRegistered:
      wallets[event.wallet_registered().wallet().id()] = event.wallet_registered().wallet();
      break;
    case E::kDepositAddressAssigned: {
      const auto& address = event.deposit_address_assigned().address();
      deposit_addresses[address.address()] = address.customer();
      if (address.wallet() != 0) address_wallets_[address.address()] = address.wallet();
      break;
    }
    case E::kWithdrawalRequested:
      apply(event.withdrawal_requested(), event.at_ms());
      break;
    case E::kWithdrawalApproved:
      apply(event.withdrawal_approved(), event.at_ms());
      break;
    case E::kWithdrawalReviewed:
      require(operator_approved.contains(event.withdrawal_reviewed().withdrawal()), "2 intent", "a review by nobody");
      limits_.reviewed(event.withdrawal_reviewed().withdrawal(), event.withdrawal_reviewed().role());
      break;
    case E::kWithdrawalRejected:
      if (event.withdrawal_rejected().by().empty()) limits_.denied(event.withdrawal_rejected().withdrawal());
      end(event.withdrawal_rejected().withdrawal(), WithdrawalEnd::rejected);
      break;
    case E::kWithdrawalReturned:
      end(event.withdrawal_returned().withdrawal(), WithdrawalEnd::returned);
      if (event.withdrawal_returned().reason() == kFailedOnChain) keep_fee(event.withdrawal_returned().withdrawal());
      break;
    case E::kBlockConnected:
      heads[event.block_connected().chain()] = event.block_connected().block().hash();
      ++blocks[event.block_connected().chain()];
      break;
    case E::kBlockDisconnected:
      heads[event.block_disconnected().chain()] = event.block_disconnected().block().parent();
      break;
    default:
      apply_deposit(event);
      apply_spend(event);
      apply_alarm(event);
      apply_coins(event);
      break;
  }
}

// In micro dollars, rounded up. Amounts here are small: no product overflows.
std::optional<Uint128> AuditLedger::worth(Id64 asset, Int128 units) const {
  const record::Asset& known = assets.at(asset);
  if (known.price_micro_usd() == 0) return std::nullopt;
  Uint128 one = 1;
  for (std::uint32_t i = 0; i < known.decimals(); ++i) one *= 10;
  return (static_cast<Uint128>(units) * known.price_micro_usd() + one - 1) / one;
}

void AuditLedger::apply(const record::WithdrawalRequested& e, std::int64_t at_ms) {
  const auto said = asked.find(e.request());
  require(said != asked.end(), "2 intent", fmt::format("withdrawal {} was asked for by nobody", e.withdrawal()));
  require(!by_request.contains(e.request()), "4 survival",
          fmt::format("withdrawal {} repeats a request id", e.withdrawal()));
  const Asked& a = said->second;
  const bool same = a.customer == e.customer() && a.asset == e.asset() && a.amount == amount_of(e.amount()) &&
                    a.destination == e.destination() && a.fingerprint == e.fingerprint();
  require(same, "2 intent", fmt::format("withdrawal {} is not what was asked for", e.withdrawal()));
  const Int128 total = a.amount + amount_of(e.fee());
  const Key key{e.customer(), e.asset()};
  require(available[key] >= total, "1 books",
          fmt::format("withdrawal {} is more than its customer has", e.withdrawal()));
  available[key] -= total;
  held[key] += total;
  AuditedWithdrawal& withdrawal = withdrawals[e.withdrawal()];
  withdrawal.asked = a;
  withdrawal.fee = amount_of(e.fee());
  by_request[e.request()] = e.withdrawal();
  by_destination[e.destination()] = e.withdrawal();
  limits_.requested(e, at_ms, worth(e.asset(), a.amount));
}

void AuditLedger::apply(const record::WithdrawalApproved& e, std::int64_t at_ms) {
  limits_.approved(e.withdrawal(), at_ms);
  AuditedWithdrawal& withdrawal = withdrawals.at(e.withdrawal());
  const Int128 without_person = amount_of(assets.at(withdrawal.asked.asset).auto_approve_max());
  const bool by_rule = withdrawal.asked.amount <= without_person;
  require(by_rule || operator_approved.contains(e.withdrawal()), "2 intent",
          fmt::format("withdrawal {} needed a person's approval and had none", e.withdrawal()));
  withdrawal.end = WithdrawalEnd::approved;
  withdrawal.approved_until_ms = e.expires_at_ms();
}

void AuditLedger::end(Id64 id, WithdrawalEnd how) {
  AuditedWithdrawal& withdrawal = withdrawals.at(id);
  const bool open = withdrawal.end == WithdrawalEnd::open || withdrawal.end == WithdrawalEnd::approved;
  require(open, "4 survival", fmt::format("withdrawal {} ends twice", id));
  const Key key{withdrawal.asked.customer, withdrawal.asked.asset};
  const Int128 total = withdrawal.asked.amount + withdrawal.fee;
  held[key] -= total;
  if (how != WithdrawalEnd::completed) available[key] += total;
  withdrawal.end = how;
}

void AuditLedger::keep_fee(Id64 id) {
  const AuditedWithdrawal& withdrawal = withdrawals.at(id);
  available[{withdrawal.asked.customer, withdrawal.asked.asset}] -= withdrawal.fee;
}

void AuditLedger::apply_deposit(const record::Event& event) {
  const auto arrives = [&](const record::Deposit& deposit, Int128 sign) {
    wallet_money[{home(deposit), deposit.asset()}] += sign * amount_of(deposit.amount());
  };
  if (event.has_deposit_seen()) {
    const record::Deposit& deposit = event.deposit_seen().deposit();
    const auto owner = deposit_addresses.find(deposit.address());
    require(owner != deposit_addresses.end() && owner->second == deposit.customer(), "1 books",
            fmt::format("deposit {} is at an address of somebody else", deposit.id()));
    deposits[deposit.id()] = deposit;
    arrives(deposit, 1);
  } else if (event.has_deposit_credited()) {
    const record::Deposit& deposit = deposits.at(event.deposit_credited().deposit());
    available[{deposit.customer(), deposit.asset()}] += amount_of(deposit.amount());
    credited[{deposit.customer(), deposit.asset()}] += amount_of(deposit.amount());
    just_credited = deposit;
  } else if (event.has_deposit_orphaned()) {
    arrives(deposits.at(event.deposit_orphaned().deposit()), -1);
  } else if (event.has_deposit_reversed()) {
    const record::DepositReversed& e = event.deposit_reversed();
    const record::Deposit& deposit = deposits.at(e.deposit());
    arrives(deposit, -1);
    Int128& left = available[{deposit.customer(), deposit.asset()}];
    left -= amount_of(e.from_customer());
    credited[{deposit.customer(), deposit.asset()}] -= amount_of(deposit.amount());
    require(left >= 0, "1 books", fmt::format("deposit {} takes back more than its customer has", e.deposit()));
  }
}

void AuditLedger::apply_spend(const record::Event& event) {
  if (event.has_spend_planned()) apply(event.spend_planned(), event.at_ms());
  if (event.has_spend_signed()) apply(event.spend_signed());
  if (event.has_spend_mined()) apply(event.spend_mined());
  if (event.has_spend_settled()) apply(event.spend_settled());
  if (event.has_spend_unmined()) unmine(event.spend_unmined().spend());
  if (event.has_spend_unassigned()) spends.at(event.spend_unassigned().spend()).mined = false;  // its fee stays paid
  if (event.has_attempt_mined()) book_fee(event.attempt_mined().payer(), event.attempt_mined().network_fee(), 1);
  if (event.has_attempt_unmined()) book_fee(event.attempt_unmined().payer(), event.attempt_unmined().network_fee(), -1);
  if (event.has_forwarders_swept()) book_movements(event.forwarders_swept().movements(), 1);
  if (event.has_forwarders_sweep_undone()) book_movements(event.forwarders_sweep_undone().movements(), -1);
  if (event.has_spend_authorised()) {
    const AuditedSpend& spend = spends.at(event.spend_authorised().spend());
    const bool stops = spend.plan.purpose() == kPurposeWithdrawal || spend.plan.purpose() == kPurposeSweep;
    require(!stops || !frozen(), "6 freeze", fmt::format("spend {} is authorised in a freeze", spend.plan.id()));
  }
}

void AuditLedger::apply(const record::SpendPlanned& e, std::int64_t at_ms) {
  const record::Spend& plan = e.spend();
  spends[plan.id()].plan = plan;
  const bool stops = plan.purpose() == kPurposeWithdrawal || plan.purpose() == kPurposeSweep;
  require(!stops || !frozen(), "6 freeze", fmt::format("spend {} is planned in a freeze", plan.id()));
  promise(plan.id(), plan.inputs());
  if (plan.purpose() != kPurposeWithdrawal) return;
  for (const Id64 withdrawal : plan.batch()) plan_payment(withdrawal, at_ms);
  if (plan.batch().empty()) plan_payment(plan.withdrawal(), at_ms);
}

void AuditLedger::plan_payment(Id64 id, std::int64_t at_ms) {
  AuditedWithdrawal& withdrawal = withdrawals.at(id);
  require(withdrawal.end == WithdrawalEnd::approved && withdrawal.approved_until_ms > at_ms, "2 intent",
          fmt::format("withdrawal {} is planned without a valid approval", id));
  require(!withdrawal.planned, "3 once", fmt::format("withdrawal {} is planned at a second nonce", id));
  withdrawal.planned = true;
}

// Two that pay must never count on the same coin: one of them would wait for what the other takes.
void AuditLedger::promise(Id64 id, const google::protobuf::RepeatedField<std::uint64_t>& inputs) {
  const std::uint32_t purpose = spends.at(id).plan.purpose();
  if (purpose != kPurposeWithdrawal && purpose != kPurposeConsolidation) return;
  for (const Id64 coin : inputs) {
    const auto [at, fresh] = promised_.try_emplace(coin, id);
    require(fresh, "3 once", fmt::format("spends {} and {} count on the same coin {}", at->second, id, coin));
  }
}

void AuditLedger::release(Id64 id) {
  std::erase_if(promised_, [&](const auto& entry) { return entry.second == id; });
}

void AuditLedger::apply_coins(const record::Event& event) {
  if (event.has_coin_seen()) {
    const record::Coin& coin = event.coin_seen().coin();
    coins_[coin.id()] = coin;
    unspent[outpoint_of(coin)] = coin.wallet();
  }
  if (event.has_coin_expected()) expect(event.coin_expected().coin());
  if (event.has_coin_unspent()) {
    const record::Coin& coin = coins_.at(event.coin_unspent().coin());
    unspent[outpoint_of(coin)] = coin.wallet();
  }
  if (event.has_coin_spent()) unspent.erase(outpoint_of(coins_.at(event.coin_spent().coin())));
  if (event.has_coin_orphaned()) unspent.erase(outpoint_of(coins_.at(event.coin_orphaned().coin())));
  if (event.has_spend_extended()) promise(event.spend_extended().spend(), event.spend_extended().inputs());
  if (event.has_spend_superseded()) release(event.spend_superseded().spend());
  if (event.has_incident_spread()) compromised.insert(event.incident_spread().wallet());
}

// What is not mined is counted on only as change of a payment that was signed, and that itself spends what is mined.
void AuditLedger::expect(const record::Coin& coin) {
  ++expected;
  coins_[coin.id()] = coin;
  const auto parent = spend_of_txid.find(coin.outpoint().txid());
  require(parent != spend_of_txid.end(), "3 once", fmt::format("coin {} is expected of nothing that was signed", coin.id()));
  const record::Spend& plan = spends.at(parent->second).plan;
  const bool mined = std::ranges::all_of(plan.inputs(), [&](Id64 input) { return unspent.contains(outpoint_of(coins_.at(input))); });
  require(plan.purpose() == kPurposeWithdrawal && plan.change() == coin.script() && mined, "3 once",
          fmt::format("coin {} hangs on what is not mined itself", coin.id()));
  require(!frozen(), "6 freeze", fmt::format("a child of spend {} is planned in a freeze", plan.id()));
}

void AuditLedger::apply(const record::SpendSigned& e) {
  AuditedSpend& spend = spends.at(e.spend());
  const bool stops = spend.plan.purpose() == kPurposeWithdrawal || spend.plan.purpose() == kPurposeSweep;
  require(!stops || !frozen(), "6 freeze", fmt::format("spend {} gets an attempt in a freeze", e.spend()));
  spend.raw.push_back(e.attempt().raw());
  attempts.insert(e.attempt().raw());
  if (spend.plan.inputs().empty()) return;
  spend_of_attempt[e.attempt().raw()] = e.spend();
  spend_of_txid[e.attempt().txid()] = e.spend();
}

void AuditLedger::book_movements(const google::protobuf::RepeatedPtrField<record::Movement>& all, Int128 sign) {
  for (const record::Movement& movement : all) {
    wallet_money[{movement.from(), movement.asset()}] -= sign * amount_of(movement.amount());
    if (movement.to() != 0) wallet_money[{movement.to(), movement.asset()}] += sign * amount_of(movement.amount());
  }
}

void AuditLedger::book_mined(const AuditedSpend& spend, Int128 sign) {
  book_movements(spend.mining.movements(), sign);
  book_fee(spend.mining.payer(), spend.mining.network_fee(), sign);
}

void AuditLedger::book_fee(Id64 payer, const std::string& fee, Int128 sign) {
  if (payer != 0) wallet_money[{payer, native(wallets.at(payer).chain())}] -= sign * amount_of(fee);
}

void AuditLedger::apply(const record::SpendMined& e) {
  AuditedSpend& spend = spends.at(e.spend());
  spend.mining = e;
  spend.mined = true;
  spend.success = e.success();
  book_mined(spend, 1);
}

void AuditLedger::unmine(Id64 id) {
  AuditedSpend& spend = spends.at(id);
  book_mined(spend, -1);
  spend.mined = false;
}

void AuditLedger::apply(const record::SpendSettled& e) {
  const AuditedSpend& spend = spends.at(e.spend());
  require(spend.mined, "5 chain", fmt::format("spend {} is final without being mined", e.spend()));
  release(e.spend());
  if (spend.plan.purpose() != kPurposeWithdrawal || !spend.success) return;
  for (const Id64 withdrawal : spend.plan.batch()) settle_payment(withdrawal);
  if (spend.plan.batch().empty()) settle_payment(spend.plan.withdrawal());
}

// After a reorganisation past finality it may be mined again; then the customer's side is settled already.
void AuditLedger::settle_payment(Id64 withdrawal) {
  if (withdrawals.at(withdrawal).end == WithdrawalEnd::approved) end(withdrawal, WithdrawalEnd::completed);
}

void AuditLedger::apply_alarm(const record::Event& event) {
  if (event.has_incident_opened()) {
    ++incidents;
    for (const Id64 wallet : event.incident_opened().incident().wallets()) compromised.insert(wallet);
    if (event.incident_opened().incident().cause() == kDeepReorg) ++deep_reorgs;
  }
  if (event.has_surplus_found()) {
    const auto& e = event.surplus_found();
    if (blocks[wallets.at(e.wallet()).chain()] > 1) ++surpluses;
    wallet_money[{e.wallet(), e.asset()}] += amount_of(e.amount());
  }
  if (event.has_loss_found()) {
    const auto& e = event.loss_found();
    ++losses;
    wallet_money[{e.wallet(), e.asset()}] -= amount_of(e.amount());
    require(e.incident() != 0 && incidents > 0, "5 chain", "a loss was booked without an incident");
  }
  if (event.has_surplus_undone()) {
    wallet_money[{event.surplus_undone().wallet(), event.surplus_undone().asset()}] -=
        amount_of(event.surplus_undone().amount());
  }
  if (event.has_loss_undone()) {
    wallet_money[{event.loss_undone().wallet(), event.loss_undone().asset()}] +=
        amount_of(event.loss_undone().amount());
  }
  if (event.has_freeze_placed()) freezes_[event.freeze_placed().freeze().id()] = event.freeze_placed().freeze();
  if (event.has_freeze_lifted()) freezes_.erase(event.freeze_lifted().freeze());
}

bool AuditLedger::frozen() const {
  for (const auto& [id, freeze] : freezes_) {
    if (freeze.scope() == kPlatform) return true;
  }
  return false;
}

Id64 AuditLedger::native(Id64 chain) const {
  for (const auto& [id, asset] : assets) {
    if (asset.contract().empty() && asset.chain() == chain) return id;
  }
  return 0;
}

// The wallet that holds it: the forwarders, or the one whose script its address is.
Id64 AuditLedger::home(const record::Deposit& deposit) const {
  if (const auto of = address_wallets_.find(deposit.address()); of != address_wallets_.end()) return of->second;
  for (const auto& [id, wallet] : wallets) {
    if (wallet.kind() == kForwarders) return id;
  }
  return 0;
}

}  // namespace holdfast::sim
