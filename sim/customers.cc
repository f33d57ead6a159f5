// What customers and operators do in a life (World).
#include "sim/world.h"

#include "base/hex.h"

#include <fmt/format.h>

namespace holdfast::sim {

using namespace custody;

namespace {

std::string raw(ByteView bytes) { return std::string(as_text(bytes)); }

constexpr std::array<AssetId, 3> kAssets = {kEther, kDollar, kCoin};

}  // namespace

void World::customer_arrives() {
  if (customers_ >= 8) return;
  const std::uint64_t number = customers_ + 1;
  std::vector<Command> commands = {CreateCustomer{fmt::format("customer {}", number)}};
  for (std::uint64_t i = 0; i < addresses_per_customer_; ++i)
    commands.push_back(AssignDepositAddress{deposit_address(number, i)});
  if (!daemon_.submit(commands)) return;
  customers_ = number;
  for (int i = 0; weather_.coins && i < 2; ++i) coin_address_for(number);
}

// Outsiders' transactions need no signature here: what they are is all that matters.
void World::pay_outside(const Address20& to, Amount coins, Bytes data, bool reverts) {
  PooledTransaction out;
  out.body = {
      prng_.bytes<32>(), prng_.bytes<20>(), to, 0, 1'000'000, coins, gwei(50'000), gwei(1 + prng_.between(0, 4)),
      std::move(data)};
  out.reverts = reverts;
  chain_.submit(std::move(out));
}

void World::customer_pays() {
  const std::uint64_t customer = 1 + prng_.below(customers_);
  const auto where = deposit_address(customer, prng_.below(addresses_per_customer_));
  const Address20 to = *chain::evm::from_custody(where.address);
  const AssetId asset = kAssets[prng_.index(kAssets.size())];
  const Amount amount =
      asset == kEther ? milli_ether(prng_.between(1, 12'000)) : units(asset, prng_.between(1, 6'000'000));
  say(fmt::format("customer {} pays {} of asset {}", customer, amount.to_string(), asset.value));
  if (asset != kEther) {
    PooledTransaction transfer;
    Bytes data = {0xa9, 0x05, 0x9c, 0xbb};
    for (const Hash32& word : {chain::evm::address_word(to), amount.to_word()})
      data.insert(data.end(), word.bytes.begin(), word.bytes.end());
    pay_outside(token_contract(asset), Amount::zero(), std::move(data), false);
  } else if (weather_.traces && prng_.one_in(3)) {
    pay_outside(chain_.contracts.splitter, amount, encode_split({{to, amount}}), false);
  } else {
    pay_outside(to, amount, {}, false);
  }
}

void World::customer_is_fooled() {
  const auto where = deposit_address(1 + prng_.below(customers_), 0);
  const Address20 to = *chain::evm::from_custody(where.address);
  if (prng_.one_in(2))
    pay_outside(chain_.contracts.fake_token, Amount::zero(), encode_fake_transfer(to, milli_ether(1)), false);
  else
    pay_outside(to, milli_ether(5'000), {}, true);
}

void World::ask(const Asked& what) {
  auditor_.asked(what);
  RequestWithdrawal command;
  command.request = RequestId::from(as_bytes(what.request));
  command.fingerprint = FixedBytes<16>::from(as_bytes(what.fingerprint));
  command.customer = {what.customer};
  command.asset = {what.asset};
  command.amount = Amount::of(what.amount);
  command.destination = Address(as_bytes(what.destination));
  const std::vector<Command> commands = {command};
  const auto outcomes = daemon_.submit(commands);
  if (!outcomes) return;  // Nobody knows: the client will ask again.
  Id64 withdrawal = 0;
  if (outcomes->front().refusal == custody::Refusal::none) {
    daemon_.read([&](const State& state) { withdrawal = state.requests.at(command.request).value; });
  }
  say(fmt::format(
      "request {}...: {}", to_hex(command.request.view()).substr(0, 6),
      withdrawal ? fmt::format("withdrawal {}", withdrawal) : std::string(name(outcomes->front().refusal))));
  auditor_.answered(what.request, withdrawal);
}

// Mostly what the customer can see that there is, and sometimes much more.
Amount World::amount_to_ask(CustomerId customer, AssetId asset) {
  const std::int64_t share = prng_.one_in(3) ? prng_.between(1'000, 11'000) : prng_.between(1, 1'500);
  Amount out = asset == kEther ? milli_ether(share) : units(asset, share * (asset == kDollar ? 1'000 : 100));
  if (!daemon_.up() || prng_.one_in(8)) return out;
  daemon_.read([&](const State& state) {
    const Amount there = state.available(customer, asset);
    if (out > there) out = Amount::of(there.units() / prng_.between(2, 6));
  });
  return out;
}

void World::customer_asks() {
  Asked what;
  what.request = raw(prng_.bytes<16>().view());
  what.fingerprint = raw(prng_.bytes<16>().view());
  what.customer = 1 + prng_.below(customers_);
  const AssetId asset = kAssets[prng_.index(kAssets.size())];
  what.asset = asset.value;
  what.amount = amount_to_ask({what.customer}, asset).units();
  const Address20 destination = prng_.bytes<20>();
  what.destination = raw(destination.view());
  if (prng_.one_in(15)) chain_.contracts.refusing.insert(destination);
  if (prng_.one_in(25)) what.destination = raw(chain_.contracts.safe.view());
  asked_.push_back(what);
  ask(what);
}

// A client that got no answer, or lost it.
void World::customer_repeats() {
  if (asked_.empty()) return;
  const Asked& before = asked_[prng_.one_in(2) ? asked_.size() - 1 : prng_.index(asked_.size())];
  ask(before);
}

void World::customer_cancels() {
  if (!daemon_.up()) return;
  std::vector<Command> commands;
  daemon_.read([&](const State& state) {
    if (state.withdrawals.size() != 0)
      commands.push_back(CancelWithdrawal{{1 + prng_.below(state.withdrawals.size())}});
  });
  if (!commands.empty()) daemon_.submit(commands);
}

void World::judge_withdrawal(WithdrawalId id, bool approve) {
  const std::vector<std::string> roles = {"compliance", "risk"};
  std::vector<Command> commands;
  if (approve) {
    auditor_.operator_approves(id.value);
    // One after the other: what one of them has done already, or is not asked for, is refused.
    for (const char* by : {"anna", "bert", "cleo", "dora"}) commands.push_back(ApproveWithdrawal{id, by, roles});
    commands.push_back(ConfirmWithdrawal{id});
  } else {
    commands.push_back(RejectWithdrawal{id, "anna"});
  }
  daemon_.submit(commands);
}

void World::operator_judges() {
  if (!daemon_.up()) return;
  WithdrawalId id;
  daemon_.read([&](const State& state) {
    if (!state.waiting_held.empty()) id = *state.waiting_held.begin();
  });
  if (id) judge_withdrawal(id, !prng_.one_in(4));
}

void World::judge_all() {
  std::vector<WithdrawalId> waiting;
  daemon_.read([&](const State& state) { waiting.assign(state.waiting_held.begin(), state.waiting_held.end()); });
  for (const WithdrawalId id : waiting) judge_withdrawal(id, prng_.one_in(2));
}

void World::operator_freezes() {
  say("an operator freezes");
  PlaceFreeze freeze;
  freeze.by = "anna";
  if (prng_.one_in(3)) {
    freeze.scope = Scope::customer;
    freeze.subject = 1 + prng_.below(customers_);
  } else if (prng_.one_in(3)) {
    freeze.scope = Scope::asset;
    freeze.subject = 1 + prng_.below(kAssets.size());
  }
  const std::vector<Command> commands = {freeze};
  daemon_.submit(commands);
}

// What a thief has emptied of coins cannot pay for its own rescue, nor use up the nonces at which withdrawals wait.
void World::operator_tops_up() {
  daemon_.read([&](const State& state) {
    for (const Wallet& wallet : state.wallets) {
      const bool pays_itself = wallet.kind == WalletKind::single_key || wallet.kind == WalletKind::gas;
      if (!pays_itself || !wallet.compromised_by || wallet.chain != kChain) continue;
      say("an operator tops up wallet " + wallet.name);
      ++auditor_.excuses.gifts;
      pay_outside(*chain::evm::from_custody(wallet.address), milli_ether(20'000), {}, false);
    }
  });
}

void World::operator_lifts() {
  if (!daemon_.up() || prng_.one_in(2)) return;
  end_incidents();
}

// Incidents are closed and freezes lifted; each signer's own operator lets it go.
void World::end_incidents() {
  std::vector<Command> commands;
  daemon_.read([&](const State& state) {
    for (const IncidentId id : state.open_incidents) commands.push_back(CloseIncident{id, "anna"});
    for (const FreezeId id : state.freezes_in_force) commands.push_back(LiftFreeze{id, "anna"});
  });
  if (!commands.empty()) daemon_.submit(commands);
}

// The engine's operators can lift a freeze; a signer is let go by its own operator only, who does so a little later.
void World::operators_thaw() {
  if (!daemon_.up()) return;
  bool frozen = false;
  daemon_.read([&](const State& state) { frozen = state.platform_frozen(); });
  if (frozen) return;
  for (const auto& station : stations_) station->thaw();
}

}  // namespace holdfast::sim
