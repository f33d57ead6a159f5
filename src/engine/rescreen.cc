#include "engine/rescreen.h"

#include <algorithm>
#include <map>
#include <vector>

namespace holdfast::engine {
namespace {

using namespace custody;

constexpr std::uint64_t kAtOnce = 5'000;

struct Transfer {
  ChainId chain;
  Address with;
  std::uint64_t id = 0;
  std::uint64_t value = 0;
  std::string told;  // What lists said then.
};

bool is_paid_or_will_be(const Withdrawal& withdrawal) {
  return withdrawal.state != WithdrawalState::rejected && withdrawal.state != WithdrawalState::returned;
}

std::optional<Transfer> transfer_of(const State& state, const Withdrawal& withdrawal) {
  if (!is_paid_or_will_be(withdrawal)) return std::nullopt;
  return Transfer{state.assets.at(withdrawal.asset).chain, withdrawal.destination, withdrawal.id.value, withdrawal.value,
                  withdrawal.labels};
}

std::optional<Transfer> transfer_of(const State& state, const Deposit& deposit) {
  if (deposit.state != DepositState::credited || deposit.from.empty()) return std::nullopt;
  return Transfer{state.assets.at(deposit.asset).chain, deposit.from, deposit.id.value, deposit.value, {}};
}

// Calls `take` for each transfer of the table, outside of the look at it.
template <class Id, class Thing, class Take>
void each_transfer(const chain::StateView& view, const Table<Id, Thing> State::* table, const Take& take) {
  std::vector<Transfer> some;
  std::uint64_t next = 1;
  for (bool more = true; more;) {
    some.clear();
    view.read([&](const State& state) {
      const std::uint64_t size = (state.*table).size();
      const std::uint64_t end = std::min(next + kAtOnce, size + 1);
      for (; next < end; ++next) {
        if (const auto transfer = transfer_of(state, (state.*table).at(Id{next}))) some.push_back(*transfer);
      }
      more = end <= size;
    });
    for (const Transfer& transfer : some) take(transfer);
  }
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

template <class Id>
void name(std::vector<Id>& named, std::uint64_t id) {
  if (named.size() < kMaxNamed) named.push_back({id});
}

}  // namespace

std::size_t rescreen(const chain::StateView& view, Submitter& submitter, const RescreenPorts& ports) {
  std::map<ChainId, std::string> chains;
  view.read([&](const State& state) {
    for (const Chain& chain : state.chains) chains[chain.id] = chain.caip2;
  });
  std::map<ChainAddress, LabelledAddress> found;
  const auto look_up = [&](const Transfer& transfer) -> LabelledAddress* {
    const auto known = found.find({transfer.chain, transfer.with});
    if (known != found.end()) return &known->second;
    const auto chain = chains.find(transfer.chain);
    const std::string said = chain == chains.end() ? std::string() : ports.alarming(chain->second, transfer.with);
    if (said.empty()) return nullptr;
    LabelledAddress& added = found[{transfer.chain, transfer.with}];
    added.chain = transfer.chain;
    added.address = transfer.with;
    added.labels = said;
    return &added;
  };
  each_transfer(view, &State::withdrawals, [&](const Transfer& transfer) {
    LabelledAddress* one = look_up(transfer);
    if (one == nullptr || !says_more(one->labels, transfer.told)) return;
    name(one->withdrawals, transfer.id);
    one->last_withdrawal = {transfer.id};
    one->paid = sum(one->paid, transfer.value);
  });
  each_transfer(view, &State::deposits, [&](const Transfer& transfer) {
    LabelledAddress* one = look_up(transfer);
    if (one == nullptr) return;
    name(one->deposits, transfer.id);
    one->last_deposit = {transfer.id};
    one->credited = sum(one->credited, transfer.value);
  });
  std::size_t reported = 0;
  for (auto& [of, one] : found) {
    if (!one.last_withdrawal && !one.last_deposit) continue;
    const Command report = ReportLabels{std::move(one), ports.address_text(chains.at(of.first), of.second)};
    if (submitter.submit({&report, 1}).front().events == 0) continue;
    ++reported;
    while (submitter.submit({&report, 1}).front().events > 0) {}  // The rest of those that wait.
  }
  return reported;
}

}  // namespace holdfast::engine
