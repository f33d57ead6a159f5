#include "bench/detection/judged_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace holdfast::detection {
namespace {

using policy::Scope;
using risk::KeyKind;
using traffic::kAssets;
using traffic::Payment;

// A wallet that holds less than this part of what it should is topped up at the next full hour.
constexpr std::int64_t kTopUpBelowPercent = 70;

risk::Fact fact_of(const Payment& payment) {
  risk::Fact fact;
  fact.of = payment.of;
  fact.at = payment.at;
  fact.value = payment.value;
  const auto set = [&](KeyKind kind, std::uint64_t key) { fact.keys[static_cast<std::size_t>(kind)] = key; };
  set(KeyKind::customer, payment.customer);
  set(KeyKind::destination, payment.destination);
  set(KeyKind::asset, 1 + payment.asset);
  set(KeyKind::chain, 1 + kAssets[payment.asset].chain);
  set(KeyKind::wallet, payment.wallet);
  set(KeyKind::device, payment.device);
  set(KeyKind::ip, payment.ip);
  set(KeyKind::network, payment.ip == 0 ? 0 : 1 + payment.ip / 16);
  set(KeyKind::api_key, payment.api_key);
  set(KeyKind::platform, 1);
  return fact;
}

void name(std::string& out, std::string_view kind, std::uint64_t id) {
  out.clear();
  if (id != 0) fmt::format_to(std::back_inserter(out), "{}-{}", kind, id);
}

}  // namespace

JudgedExchange::JudgedExchange(const policy::Policy& policy)
    : policy_(policy), windows_(std::move(*risk::Windows::make(policy.groups()))), judge_(policy), inputs_(policy) {
  for (std::size_t asset = 0; asset < kAssets.size(); ++asset) balances_[asset] = traffic::full_balance(asset);
}

void JudgedExchange::pass_time(Instant now) {
  for (; !paying_.empty() && paying_.top().at <= now; paying_.pop()) windows_.add(paying_.top());
  while (people_lift && !frozen_.empty() && now - frozen_.front().first >= kLookMs) {
    grades_.lift(frozen_.front().second);
    frozen_.erase(frozen_.begin());
  }
  if (now.unix_ms / traffic::kHour == hour_) return;
  hour_ = now.unix_ms / traffic::kHour;
  for (std::size_t asset = 0; asset < kAssets.size(); ++asset) {
    const std::int64_t full = traffic::full_balance(asset);
    if (balances_[asset] < full / 100 * kTopUpBelowPercent) balances_[asset] = full;
  }
}

void JudgedExchange::happened(const Payment& payment) {
  pass_time(payment.at);
  windows_.add(fact_of(payment));
  if (payment.of == risk::Stream::withdrawals) pay(payment, {});
}

std::int64_t JudgedExchange::pay(const Payment& payment, const policy::Demand& demand) {
  const std::int64_t paid = std::min(payment.value, balances_[payment.asset]);
  balances_[payment.asset] -= paid;
  risk::Fact fact = fact_of(payment);
  fact.of = risk::Stream::paid;
  fact.at = payment.at + std::max(demand.delay_ms, demand.review.empty() ? 0 : kLookMs) + kFinalMs;
  paying_.push(fact);
  return paid;
}

policy::Verdict JudgedExchange::judge(const Payment& payment) {
  pass_time(payment.at);
  const risk::Fact fact = fact_of(payment);
  const traffic::Asset& asset = kAssets[payment.asset];
  name(customer_, "customer", payment.customer);
  destination_ = traffic::destination_name(payment.destination);
  name(device_, "device", payment.device);
  name(ip_, "ip", payment.ip);
  name(api_key_, "key", payment.api_key);
  windows_.look(fact, look_);
  inputs_.usd(policy::kValue, {payment.value});
  inputs_.usd(policy::kWalletBalance, {balances_[payment.asset]});
  inputs_.text(policy::kAsset, asset.symbol);
  inputs_.text(policy::kChain, traffic::kChains[asset.chain]);
  inputs_.text(policy::kCustomer, customer_);
  inputs_.text(policy::kDestination, destination_);
  inputs_.text(policy::kDevice, device_);
  inputs_.text(policy::kIp, ip_);
  inputs_.text(policy::kApiKey, api_key_);
  inputs_.since_reset(payment.reset ? std::optional(payment.at - *payment.reset) : std::nullopt);
  inputs_.labels({});
  for (const policy::Slot age : {policy::kPriceAge, policy::kLabelsAge, policy::kChainLag}) inputs_.age(age, 0);
  inputs_.time(payment.at);
  inputs_.look(look_, fact);

  policy::Subjects subjects;
  subjects.set(Scope::customer, customer_);
  subjects.set(Scope::destination, destination_);
  subjects.set(Scope::asset, asset.symbol);
  subjects.set(Scope::chain, traffic::kChains[asset.chain]);
  policy::Verdict verdict = judge_.judge(inputs_, grades_, subjects, payment.at);
  for (const auto& [key, grade] : climbs(policy_, verdict, subjects, payment.at)) {
    grades_.raise(key, grade);
    const bool is_known = std::ranges::any_of(frozen_, [&](const auto& each) { return each.second == key; });
    if (grade.frozen && !is_known) frozen_.emplace_back(payment.at, key);
  }
  if (!verdict.demand.deny) windows_.add(fact);
  return verdict;
}

}  // namespace holdfast::detection
