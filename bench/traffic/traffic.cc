#include "bench/traffic/traffic.h"

#include <fmt/format.h>

namespace holdfast::traffic {
namespace {

constexpr std::array<std::int64_t, 24> kOfHour = {45,  38,  34,  32,  34,  42,  58,  78,  98,  115, 126, 132,
                                                  134, 136, 138, 140, 142, 144, 146, 148, 142, 124, 92,  64};
constexpr std::array<std::int64_t, 7> kOfWeekday = {105, 104, 103, 102, 100, 82, 78};  // From Monday on.
constexpr std::int64_t kHotUsd = 12'000'000;                                           // What is taken out in two days.
constexpr std::int64_t kLeastHotUsd = 300'000;                                         // Of each asset.
constexpr std::int64_t kMostUsd = 250'000;  // At a time; more is agreed upon with people beforehand.
constexpr std::size_t kMainAssets = 6;      // Of others people have a quarter as much.
constexpr std::size_t kAddressesKept = 3;

std::int64_t hour_of_day(Instant at) { return at.unix_ms % kMsPerDay / kHour; }

// Two digits and zeros behind, as people write amounts.
std::int64_t rounded(std::int64_t value) {
  std::int64_t unit = 1;
  while (value / unit >= 100) unit *= 10;
  return value / unit * unit;
}

}  // namespace

std::string destination_name(std::uint64_t id) {
  return fmt::format("{}-{}", id <= kPartners ? "partner" : "address", id);
}

std::int64_t full_balance(std::size_t asset) {
  std::int64_t all = 0;
  for (std::int64_t i = 1; i <= std::int64_t{kAssets.size()}; ++i) all += 720'720 / i;
  return std::max(kHotUsd * (720'720 / (static_cast<std::int64_t>(asset) + 1)) / all, kLeastHotUsd) * kUsd;
}

Traffic::Traffic(const Assumptions& assumptions) : assumptions_(assumptions), draw_(assumptions.seed) {
  for (std::int64_t i = 0; i < assumptions.customers; ++i) join();
}

// One in a hundred trades by program: larger amounts, and a key to the API. One in fifty shares his device with another. One in five
// hundred has made four of one.
void Traffic::join() {
  Customer customer;
  const bool is_trader = draw_.one_in(100);
  customer.usual = draw_.tailed((is_trader ? 1'200 : 150) * kUsd, 12, 100'000 * kUsd);
  customer.asset = draw_.zipf(kAssets.size());
  customer.luck = draw_.one_in(500) ? 4 * kOne : times_two_to(kOne, draw_.spread(kOne / 3));
  const bool shares = !customers_.empty() && draw_.one_in(50);
  for (std::size_t i = 0; i < 2; ++i) customer.devices[i] = shares ? customers_.back().devices[i] : ++last_device_;
  customer.ip = ++last_ip_;
  if (is_trader) customer.api_key = ++last_key_;
  customers_.push_back(std::move(customer));
}

void Traffic::begin_day() {
  day_ = now_.unix_ms / kMsPerDay;
  level_ = times_two_to(kOne, draw_.spread(kOne / 4));
  rush_from_ = rush_to_ = craze_from_ = craze_to_ = 24;
  if (draw_.one_in(25)) {
    rush_from_ = draw_.between(0, 20);
    rush_to_ = rush_from_ + draw_.between(2, 8);
  }
  if (draw_.one_in(10)) {
    craze_ = draw_.below(kAssets.size());
    craze_from_ = draw_.between(0, 20);
    craze_to_ = craze_from_ + draw_.between(2, 8);
  }
}

std::int64_t Traffic::mean_gap() const {
  const std::int64_t hour = hour_of_day(now_);
  const std::int64_t weekday = (now_.unix_ms / kMsPerDay + 3) % 7;  // 1970-01-01 was a Thursday.
  const std::int64_t rush = hour >= rush_from_ && hour < rush_to_ ? 3 : 1;
  const std::int64_t weight =
      kOfHour[static_cast<std::size_t>(hour)] * kOfWeekday[static_cast<std::size_t>(weekday)] * rush;
  return kMsPerDay * 10'000 / assumptions_.visits_a_day * kOne / level_ / weight;
}

void Traffic::arrive() {
  now_ = now_ + std::max<std::int64_t>(draw_.gap(mean_gap()), 1);
  if (now_.unix_ms / kMsPerDay != day_) begin_day();
  if (++visits_ % 200 == 0) join();
  visit();
}

Payment Traffic::next() {
  while (coming_.empty() || coming_.top().second.at > now_) arrive();
  Payment payment = coming_.top().second;
  coming_.pop();
  return payment;
}

void Traffic::ask(const Payment& payment) { coming_.emplace(++order_, payment); }

std::int64_t Traffic::how_much(const Customer& customer, std::size_t asset) {
  const std::int64_t usual = asset < kMainAssets ? customer.usual : customer.usual / 4;
  const std::int64_t value = std::clamp(times_two_to(usual, draw_.spread(kOne)), 10 * kUsd, kMostUsd * kUsd);
  return draw_.one_in(2) ? rounded(value) : value;
}

std::size_t Traffic::which_asset(const Customer& customer) {
  const std::int64_t hour = hour_of_day(now_);
  if (hour >= craze_from_ && hour < craze_to_ && draw_.one_in(2)) return craze_;
  return draw_.one_in(4) ? draw_.zipf(kAssets.size()) : customer.asset;
}

// Coins' wallets make an address for each payment, so one in three is new there; elsewhere one in twenty-five.
std::uint64_t Traffic::where_to(Customer& customer, const Payment& payment, bool* is_new) {
  *is_new = false;
  if (draw_.one_in(20)) return 1 + draw_.zipf(kPartners);
  if (draw_.one_in(400)) return kPartners + 1 + draw_.zipf(kMerchants);
  const std::size_t chain = kAssets[payment.asset].chain;
  std::vector<std::uint64_t>& own = customer.addresses[chain];
  *is_new = own.empty() || draw_.one_in(chain == 0 ? 3 : 25);
  if (!*is_new) return own[draw_.below(own.size())];
  if (own.size() == kAddressesKept) own.erase(own.begin());
  own.push_back(++last_destination_);
  return own.back();
}

// Who, with what, from where: all but how much and where to.
Payment Traffic::wish(std::uint64_t id) {
  Customer& customer = customers_[id - 1];
  if (draw_.one_in(150)) customer.devices[draw_.below(2)] = ++last_device_;
  if (draw_.one_in(5)) customer.ip = ++last_ip_;
  if (draw_.one_in(300)) customer.reset = Instant{now_.unix_ms - draw_.between(kMinute, 2 * kMsPerDay)};
  Payment payment;
  payment.at = now_;
  payment.customer = id;
  payment.asset = which_asset(customer);
  payment.wallet = 1 + kAssets[payment.asset].chain * kWalletsOfChain + draw_.below(kWalletsOfChain);
  payment.ip = customer.ip;
  if (customer.api_key != 0 && !draw_.one_in(4)) {
    payment.api_key = customer.api_key;
  } else {
    payment.device = customer.devices[draw_.one_in(4) ? 1 : 0];
  }
  payment.reset = customer.reset;
  return payment;
}

// He pays in what he lacks, and up to three times as much, before luck has its say.
void Traffic::pay_in(std::uint64_t id, std::int64_t missing) {
  Customer& customer = customers_[id - 1];
  const std::int64_t least = std::max(missing, 10 * kUsd);
  const std::int64_t worth = least + least / 100 * draw_.between(0, 300);
  customer.funds += worth;
  Payment deposit;
  deposit.of = risk::Stream::deposits;
  deposit.at = now_;
  deposit.value = worth * kOne / std::max<std::int64_t>(customer.luck, kOne / 4);
  deposit.customer = id;
  deposit.asset = customer.asset;
  ask(deposit);
}

// All that he has on a chain goes to one address of his own, asset after asset.
void Traffic::move_out(Payment payment) {
  const std::size_t chain = kAssets[payment.asset].chain;
  const std::int64_t value = payment.value;
  for (std::size_t asset = 0; asset < kAssets.size(); ++asset) {
    if (kAssets[asset].chain != chain || asset == payment.asset || draw_.one_in(2)) continue;
    payment.asset = asset;
    payment.at = payment.at + draw_.between(1, 5) * kMinute;
    payment.value = std::max(value / 100 * draw_.between(5, 100), 10 * kUsd);
    ask(payment);
  }
}

// The old ones come more often: the first tenth of all makes a third of the visits, the first of all some three a day.
void Traffic::visit() {
  const std::uint64_t id = 1 + draw_.below(1 + draw_.below(customers_.size()));
  Payment payment = wish(id);
  Customer& customer = customers_[id - 1];
  payment.value = how_much(customer, payment.asset);
  bool is_new = false;
  payment.destination = where_to(customer, payment, &is_new);
  if (customer.funds < payment.value) {  // He pays in now, and takes out now or some days later at about this hour.
    pay_in(id, payment.value - customer.funds);
    payment.at = now_ + draw_.between(0, 3) * kMsPerDay + draw_.between(10, 50) * kMinute;
  }
  customer.funds -= payment.value;
  if (is_new && payment.value > 3'000 * kUsd && draw_.one_in(2)) {  // Careful people try with a little first.
    Payment trial = payment;
    trial.value = draw_.between(10, 50) * kUsd;
    ask(trial);
    payment.at = payment.at + draw_.between(10, 40) * kMinute;
  }
  ask(payment);
  if (draw_.one_in(300) && payment.destination > kPartners + kMerchants) move_out(payment);
}

}  // namespace holdfast::traffic
