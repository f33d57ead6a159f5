#include "custody/test_exchange.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace holdfast::custody {
namespace {

std::string name_of(const EventBody& body) {
  return std::visit(
      []<class Body>(const Body&) {
        const std::unique_ptr<char, void (*)(void*)> name(
            abi::__cxa_demangle(typeid(Body).name(), nullptr, nullptr, nullptr), std::free);
        const std::string full = name.get();
        return full.substr(full.rfind(':') + 1);
      },
      body);
}

Wallet wallet(WalletKind kind, const char* name, std::uint64_t at) {
  Wallet out;
  out.chain = kChain;
  out.kind = kind;
  out.name = name;
  out.address = address(at);
  if (kind != WalletKind::cold && kind != WalletKind::forwarders) out.cold = kCold;
  if (kind == WalletKind::safe) out.module = address(81), out.guard = address(82);
  if (kind == WalletKind::single_key || kind == WalletKind::gas) out.signer = {1};
  return out;
}

// What a withdrawal moves, as the token tells it.
std::vector<Movement> payment(const Spend& spend) {
  if (spend.purpose != Purpose::withdrawal) return {};
  return {{spend.wallet, {}, spend.money.asset, spend.money.amount, {}}};
}

}  // namespace

std::string names_of(const Events& events) {
  std::string out;
  for (const Event& event : events) out += (out.empty() ? "" : " ") + name_of(event.body);
  return out;
}

Exchange::Exchange() {
  must(RegisterChain{{{}, "eip155:31337", 3}});
  for (const char* symbol : {"ETH", "USD"}) {
    Asset asset;
    asset.chain = kChain;
    asset.symbol = symbol;
    asset.decimals = 6;
    if (symbol[0] == 'U') asset.contract = address(77);
    asset.auto_approve_max = units(100);
    asset.withdrawal_max = units(500);
    asset.withdrawal_fee = units(2);
    must(RegisterAsset{asset});
  }
  must(RegisterSigner{{{}, "one", address(91)}});
  must(RegisterSigner{{{}, "two", address(92)}});
  must(RegisterWallet{wallet(WalletKind::forwarders, "forwarders", 11)});
  must(RegisterWallet{wallet(WalletKind::cold, "cold", 12)});
  must(RegisterWallet{wallet(WalletKind::safe, "safe", 13)});
  must(RegisterWallet{wallet(WalletKind::single_key, "key", 14)});
  must(RegisterWallet{wallet(WalletKind::gas, "gas", 15)});
  must(RegisterWallet{wallet(WalletKind::gas, "other gas", 16)});
  must(CreateCustomer{"ann"});
  must(CreateCustomer{"bob"});
  must(AssignDepositAddress{{kAnn, kChain, address(21), hash(21)}});
  must(AssignDepositAddress{{kBob, kChain, address(22), hash(22)}});
  std::vector<BalanceFact> balances;
  for (const WalletId id : {kSafe, kKey, kGas, kOtherGas}) {
    for (const AssetId asset : {kCoin, kToken}) balances.push_back({id, asset, units(10'000)});
  }
  must(block({}, {deposit(1000, kCoin), deposit(1000, kToken)}, balances));
  finalize();
}

std::string Exchange::run(const Command& command) {
  Events events;
  const Refusal refusal = decide(state, command, now, events, judge);
  HF_CHECK(refusal == Refusal::none || events.empty());
  for (const Event& event : events) {
    apply(state, event);
    log.push_back(event);
  }
  check(state);
  return refusal == Refusal::none ? names_of(events) : std::string(name(refusal));
}

void Exchange::must(const Command& command) {
  Events events;
  HF_CHECK(decide(state, command, now, events, judge) == Refusal::none && !events.empty());
  run(command);
}

RequestWithdrawal Exchange::request(std::int64_t amount, AssetId asset) {
  const std::uint64_t n = fresh();
  return {short_hash(n), short_hash(n + 1), kAnn, asset, units(amount), address(900)};
}

WithdrawalId Exchange::held() {
  must(request(200));
  return {state.withdrawals.size()};
}

WithdrawalId Exchange::approved() {
  must(request(100));
  return {state.withdrawals.size()};
}

SpendId Exchange::planned(WalletId from) {
  must(PlanWithdrawal{approved(), from});
  return {state.spends.size()};
}

SpendId Exchange::authorised() {
  const SpendId id = planned();
  must(AuthoriseSpend{id, hash(fresh()), Bytes{1, 2, 3}});
  return id;
}

SpendId Exchange::assigned(WalletId gas) {
  const SpendId id = authorised();
  must(AssignGas{id, gas});
  return id;
}

SpendId Exchange::signed_by(WalletId from) {
  const SpendId id = from == kSafe ? assigned() : planned(from);
  must(AddAttempt{id, attempt()});
  return id;
}

SpendId Exchange::mined(WalletId from, bool success) {
  const SpendId id = signed_by(from);
  must(block({own(id, success)}));
  return id;
}

SpendId Exchange::settled(WalletId from, bool success) {
  const SpendId id = mined(from, success);
  finalize();
  return id;
}

IncidentId Exchange::compromised(WalletId id) {
  must(OpenIncident{IncidentCause::operator_report, id, "operator"});
  return state.wallets.at(id).compromised_by;
}

FreezeId Exchange::frozen(Scope scope, std::uint64_t subject) {
  must(PlaceFreeze{scope, subject, "operator"});
  return {state.freezes.size()};
}

Attempt Exchange::attempt(std::int64_t fee) { return {hash(fresh()), Bytes{4, 5, 6}, units(fee), units(fee), now}; }

MinedFact Exchange::own(SpendId id, bool success) const {
  const Spend& what = spend(id);
  MinedFact fact;
  fact.txid = what.attempts.back().txid;
  fact.sender = what.gas_wallet ? what.gas_wallet : what.wallet;
  fact.sender_nonce = what.gas_wallet ? what.gas_nonce : what.nonce;
  fact.network_fee = units(7);
  fact.success = success;
  if (success) fact.movements = payment(what);
  if (state.wallets.at(what.wallet).kind != WalletKind::safe) return fact;
  fact.safe = what.wallet;
  fact.intent = what.intent;
  fact.executed = what.purpose != Purpose::evacuation;
  return fact;
}

MinedFact Exchange::reverted(SpendId id) const {
  MinedFact fact = own(id, false);
  fact.intent = {};
  fact.executed = false;
  return fact;
}

MinedFact Exchange::relayed(SpendId id, bool success) {
  const Spend& what = spend(id);
  MinedFact fact;
  fact.txid = hash(fresh());
  fact.safe = what.wallet;
  fact.intent = what.intent;
  fact.executed = what.purpose != Purpose::evacuation;
  fact.success = success;
  if (success) fact.movements = payment(what);
  return fact;
}

MinedFact Exchange::stolen(WalletId id, std::uint64_t nonce) {
  MinedFact fact;
  fact.txid = hash(fresh());
  fact.sender = id;
  fact.sender_nonce = nonce;
  fact.success = true;
  return fact;
}

DepositFact Exchange::deposit(std::int64_t amount, AssetId asset) {
  return {address(21), asset, units(amount), hash(fresh()), 0};
}

ConnectBlock Exchange::block(std::vector<MinedFact> mined, std::vector<DepositFact> deposits,
                             std::vector<BalanceFact> balances) {
  const BlockRef before = state.head(kChain).value_or(BlockRef{});
  BlockFacts facts;
  facts.block = {before.height + 1, hash(fresh()), before.hash, now};
  facts.mined = std::move(mined);
  facts.deposits = std::move(deposits);
  facts.balances = std::move(balances);
  return {kChain, std::move(facts)};
}

}  // namespace holdfast::custody
