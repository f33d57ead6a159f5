// What tests of the desk stand on: an exchange of three customers, a policy, a clock and snapshots that they move by hand.
#pragma once

#include "custody/custody.h"
#include "engine/snapshot.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::engine {

inline constexpr std::int64_t kStartMs = 1'700'000'000'000;
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::uint64_t kCustomers = 3;

// One unit of the asset is one dollar.
inline constexpr std::string_view kPolicy = R"(
[[windows]]
name = "destination_day"
keys = ["destination"]
length = "24h"
distinct = "customer"

[[detectors]]
name = "shared"
when = 'destination_day.distinct >= 2 && value > usd("300")'
reason = "three customers, one address"
severity = "critical"
scope = "destination"
steps = ["delay 1h", "review 1 risk"]
decay = "4h"

[[windows]]
name = "customer_day"
keys = ["customer"]
length = "24h"

[[windows]]
name = "platform_day"
keys = ["platform"]
length = "24h"

[[windows]]
name = "device_ever"
keys = ["customer", "device"]
length = "ever"

[lists]
bad = ["0xbad"]

[[rules]]
name = "forbidden"
when = "destination in bad"
then = "deny"
reason = "nobody pays them"
severity = "critical"

[[rules]]
name = "new_device"
when = 'device != "" && !device_ever.known && value > usd("200")'
then = "step up"
reason = "much from a device that was never seen"
severity = "medium"

[[limits]]
name = "customer_limit"
window = "customer_day"
sum = "500"
then = "review 1 risk"
reason = "a customer's day"
severity = "medium"

[[limits]]
name = "platform_limit"
window = "platform_day"
sum = "1000"
then = "delay 2h"
reason = "the platform's day"
severity = "high"
)";

class HandClock final : public Clock {
 public:
  Instant now() override { return at; }
  Instant at{kStartMs};
};

class Snapshots final : public SnapshotStore {
 public:
  Result<void> put(std::uint64_t, ByteView bytes) override {
    bytes_ = to_bytes(bytes);
    return {};
  }
  std::optional<Snapshot> newest() override {
    auto snapshot = decode_snapshot(bytes_);
    if (!snapshot) return std::nullopt;
    return std::move(*snapshot);
  }

 private:
  Bytes bytes_;
};

inline custody::Address address(std::uint8_t fill) { return custody::Address(Bytes(20, fill)); }
inline const custody::Address kBad = address(0xbd);

inline std::string text_of(std::string_view, const custody::Address& address) { return address == kBad ? "0xbad" : "0xgood"; }

// Money of three customers, and of a wallet that pays them.
inline std::vector<custody::Command> founding() {
  using namespace custody;
  Asset asset;
  asset.chain = {1};
  asset.symbol = "USD";
  asset.price_micro_usd = 1'000'000;
  asset.auto_approve_max = asset.withdrawal_max = Amount::of(1'000'000);
  Wallet deposits;
  deposits.chain = {1};
  deposits.kind = WalletKind::forwarders;
  deposits.name = "deposits";
  deposits.address = address(200);
  Wallet hot = deposits;
  hot.kind = WalletKind::safe;
  hot.name = "hot";
  hot.address = address(201);
  std::vector<Command> out{RegisterChain{{{}, "eip155:1", 0}}, RegisterAsset{asset}, RegisterWallet{deposits}, RegisterWallet{hot}};
  BlockFacts facts;
  facts.block.height = 1;
  for (std::uint64_t i = 1; i <= kCustomers; ++i) {
    const Address own = address(static_cast<std::uint8_t>(i));
    out.push_back(CreateCustomer{"customer-" + std::to_string(i)});
    out.push_back(AssignDepositAddress{{{i}, {1}, own, {}}});
    facts.deposits.push_back({own, {1}, Amount::of(1'000'000), {}, static_cast<std::uint32_t>(i)});
  }
  out.push_back(ConnectBlock{{1}, facts});
  out.push_back(FinalizeBlocks{{1}, 1});
  return out;
}

inline std::vector<custody::Command> activation(std::uint64_t id, std::string_view text = kPolicy) {
  return {custody::ProposePolicy{"policy", to_bytes(as_bytes(text)), "ann"}, custody::ApprovePolicy{{id}, "ben"},
          custody::ActivatePolicy{{id}, "ann"}};
}

inline custody::RequestWithdrawal request(std::uint64_t number, std::uint64_t customer, Int128 units,
                                          const custody::Address& to = address(250)) {
  custody::RequestWithdrawal out;
  for (unsigned i = 0; i < 8; ++i) out.request.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  out.request.bytes[0] = 1;
  out.fingerprint = out.request;
  out.customer = {customer};
  out.asset = {1};
  out.amount = Amount::of(units);
  out.destination = to;
  return out;
}

}  // namespace holdfast::engine
