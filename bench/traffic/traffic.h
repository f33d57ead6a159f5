// The ordinary business of an exchange that does not exist, from a seed: deposits and withdrawals, one after the other, for ever.
// What it is like, and what it is not, is written down in docs/policy/detection.md.
//
// Nothing of it is a theft: whatever a policy does not let through is a false alarm.
#pragma once

#include "base/instant.h"
#include "bench/traffic/draw.h"
#include "risk/windows.h"

#include <array>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::traffic {

inline constexpr std::int64_t kUsd = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kMsPerSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kWeek = 7 * kMsPerDay;
inline constexpr Instant kOpening{1'767'571'200'000};  // Monday, 2026-01-05, midnight UTC.

struct Asset {
  std::string_view symbol;
  std::size_t chain;
};
inline constexpr std::array<std::string_view, 5> kChains = {"bip122:000000000019d6689c085ae165831e93", "tron:mainnet",
                                                            "eip155:1", "solana:mainnet", "xrpl:0"};
// From what is asked for most often on.
inline constexpr std::array<Asset, 16> kAssets = {{{"BTC", 0},
                                                   {"USDT-TRON", 1},
                                                   {"ETH", 2},
                                                   {"USDT", 2},
                                                   {"SOL", 3},
                                                   {"USDC", 2},
                                                   {"XRP", 4},
                                                   {"USDC-SOL", 3},
                                                   {"TRX", 1},
                                                   {"LINK", 2},
                                                   {"UNI", 2},
                                                   {"BONK", 3},
                                                   {"GRT", 2},
                                                   {"SUN", 1},
                                                   {"JUP", 3},
                                                   {"SHIB", 2}}};
inline constexpr std::size_t kWalletsOfChain = 2;

// Whom withdrawals go to beside their customers: addresses that customers share. The exchange knows the partners, and none else.
inline constexpr std::uint64_t kPartners = 8;
inline constexpr std::uint64_t kMerchants = 40;

struct Payment {
  risk::Stream of = risk::Stream::withdrawals;
  Instant at;
  std::int64_t value = 0;  // Millionths of a US dollar.
  std::size_t asset = 0;
  // Ids from 1. 0: it has none.
  std::uint64_t customer = 0, destination = 0, wallet = 0, device = 0, ip = 0, api_key = 0;
  std::optional<Instant> reset;  // When the customer's credentials were changed last.
};

std::string destination_name(std::uint64_t id);  // "partner-1" to "partner-8", then "address-9", …

// What the hot wallets hold of an asset when they are full.
std::int64_t full_balance(std::size_t asset);

struct Assumptions {
  std::uint64_t seed = 1;
  std::int64_t customers = 20'000;  // At the opening.
  std::int64_t visits_a_day = 6'000;
};

class Traffic {
 public:
  explicit Traffic(const Assumptions& assumptions);
  // Each is not before the last.
  Payment next();

 private:
  struct Customer {
    std::int64_t usual = 0;  // The middle of what he takes out at a time.
    std::int64_t funds = 0;
    std::int64_t luck = kOne;  // What becomes of one dollar that he pays in.
    std::size_t asset = 0;     // Mostly.
    std::array<std::uint64_t, 2> devices{};
    std::uint64_t ip = 0;
    std::uint64_t api_key = 0;
    std::optional<Instant> reset;
    std::array<std::vector<std::uint64_t>, kChains.size()> addresses;  // His own, those used last behind.
  };
  struct Later {
    bool operator()(const std::pair<std::uint64_t, Payment>& a, const std::pair<std::uint64_t, Payment>& b) const {
      return std::pair(a.second.at, a.first) > std::pair(b.second.at, b.first);
    }
  };

  void join();
  void arrive();
  void begin_day();
  std::int64_t mean_gap() const;
  void visit();
  void pay_in(std::uint64_t id, std::int64_t missing);
  void move_out(Payment first);
  void ask(const Payment& payment);
  Payment wish(std::uint64_t id);
  std::uint64_t where_to(Customer& customer, const Payment& payment, bool* is_new);
  std::int64_t how_much(const Customer& customer, std::size_t asset);
  std::size_t which_asset(const Customer& customer);

  Assumptions assumptions_;
  Draw draw_;
  std::vector<Customer> customers_;
  std::priority_queue<std::pair<std::uint64_t, Payment>, std::vector<std::pair<std::uint64_t, Payment>>, Later> coming_;
  std::uint64_t order_ = 0;
  Instant now_ = kOpening;  // Of the last visit.
  std::uint64_t visits_ = 0;
  std::uint64_t last_destination_ = kPartners + kMerchants, last_device_ = 0, last_ip_ = 0, last_key_ = 0;
  // Of the day:
  std::int64_t day_ = -1;
  std::int64_t level_ = kOne;                     // How much more is done than on others.
  std::int64_t rush_from_ = 24, rush_to_ = 24;    // Hours in which three times as many come.
  std::int64_t craze_from_ = 24, craze_to_ = 24;  // Hours in which half of all ask for one asset.
  std::size_t craze_ = 0;
};

}  // namespace holdfast::traffic
