#include "bench/detection/thefts.h"

namespace holdfast::detection {
namespace {

using traffic::full_balance;
using traffic::kAssets;
using traffic::kHour;
using traffic::kMinute;
using traffic::kUsd;

constexpr std::int64_t kSecond = kMsPerSecond;
constexpr std::uint64_t kStrange = std::uint64_t{1} << 40;  // Ids from here on are the thief's: nobody has seen them.
enum AssetPlace : std::size_t { kBtc = 0, kEth = 2, kUsdt = 3, kXrp = 6 };

std::uint64_t strange(std::uint64_t number) { return kStrange + number; }

class Script {
 public:
  Script(Instant monday, std::int64_t day, std::int64_t hour, std::int64_t minute)
      : now_(monday + day * kMsPerDay + hour * kHour + minute * kMinute) {}

  struct Session {
    std::uint64_t device = 0, api_key = 0;
    std::optional<Instant> reset = {};
  };

  void ask(std::size_t asset, std::int64_t value, std::uint64_t customer, std::uint64_t destination,
           const Session& session) {
    traffic::Payment payment;
    payment.at = now_;
    payment.value = value;
    payment.asset = asset;
    payment.customer = customer;
    payment.destination = destination;
    payment.wallet = 1 + kAssets[asset].chain * traffic::kWalletsOfChain + requests_.size() % traffic::kWalletsOfChain;
    payment.device = session.device;
    payment.ip = strange(1);
    payment.api_key = session.api_key;
    payment.reset = session.reset;
    requests_.push_back(payment);
  }
  void ask(std::size_t asset, std::int64_t value, std::uint64_t customer, std::uint64_t destination) {
    ask(asset, value, customer, destination, Session{});
  }
  void wait(std::int64_t ms) { now_ = now_ + ms; }
  Instant now() const { return now_; }
  std::vector<traffic::Payment> requests() && { return std::move(requests_); }

 private:
  Instant now_;
  std::vector<traffic::Payment> requests_;
};

// 2018-01-25: 10 XEM, two minutes later the first of six payments in eight minutes, 520 million XEM: all that the wallet held.
Theft coincheck(Instant monday) {
  Script script(monday, 3, 15, 2);
  script.ask(kXrp, 10 * kUsd, strange(1), strange(1));
  script.wait(2 * kMinute);
  for (int i = 0; i < 6; ++i) {
    script.ask(kXrp, full_balance(kXrp) / 6, strange(1), strange(1));
    script.wait(80 * kSecond);
  }
  return {"coincheck_2018", "a probe of 10 USD, then all of one asset in six", std::move(script).requests()};
}

// 2023-09-12, 13:21: 4,947 ETH, then DAI, GRT, UNI and token after token; the wallets of some 28 chains to one address each that nobody
// had seen. The alarm was at 13:20, the stop at 15:18.
Theft coinex(Instant monday) {
  Script script(monday, 1, 13, 21);
  for (int part = 0; part < 4; ++part) {
    for (const std::size_t asset : {2U, 3U, 5U, 12U, 10U, 9U, 15U, 1U, 8U, 13U, 6U, 0U, 4U, 7U, 11U, 14U}) {
      script.ask(asset, full_balance(asset) / 4, strange(1), strange(1 + kAssets[asset].chain));
      script.wait(15 * kSecond);
    }
  }
  return {"coinex_2023", "all hot wallets, asset after asset, to one new address of each chain",
          std::move(script).requests()};
}

// 2016-08-02: over 2,000 wallets emptied within three hours, 2,072 transactions, after the limit had been raised.
Theft bitfinex(Instant monday) {
  Script script(monday, 1, 10, 0);
  for (std::uint64_t i = 0; i < 2'072; ++i) {
    script.ask(kBtc, full_balance(kBtc) / 2'072, 1 + i, strange(i));
    script.wait(5'200);
  }
  return {"bitfinex_2016", "one asset out of all its wallets, 2,072 customers, each to a new address",
          std::move(script).requests()};
}

// 2019-11-27: the ETH that the hot wallet held, in one transfer to a new address.
Theft upbit_2019(Instant monday) {
  Script script(monday, 2, 4, 6);
  script.ask(kEth, full_balance(kEth) / 100 * 95, strange(1), strange(1));
  return {"upbit_2019", "all of one asset at once", std::move(script).requests()};
}

// 2025-11-26, 19:42: 24 tokens of Solana, some 80 wallets to some 180 new addresses, within minutes.
Theft upbit_2025(Instant monday) {
  Script script(monday, 2, 19, 42);
  for (std::uint64_t i = 0; i < 180; ++i) {
    const std::size_t asset = std::array{4U, 7U, 11U, 14U}[i % 4];
    script.ask(asset, full_balance(asset) / 45, strange(i), strange(i));
    script.wait(kSecond);
  }
  return {"upbit_2025", "one chain's assets to 180 new addresses in three minutes", std::move(script).requests()};
}

// 2025-07-15, 17:14 to 19:51: no key was stolen. The services that keep accounts and risk had been changed, and the signer obeyed. One
// address on each chain took it.
Theft bigone(Instant monday) {
  Script script(monday, 1, 17, 14);
  for (std::uint64_t i = 0; i < 628; ++i) {
    const std::size_t asset = i % 9;
    script.ask(asset, 900 * kUsd + static_cast<std::int64_t>(i * 7 % 600) * kUsd, 101 + i,
               strange(kAssets[asset].chain));
    script.wait(15 * kSecond);
  }
  return {"bigone_2025", "valid requests of many customers, to one address of each chain",
          std::move(script).requests()};
}

// 2023-07-22: four and a half hours of authorised requests to the vault, replayed by an intruder. Here each to an address of its own, and
// of nearly one amount.
Theft coinspaid(Instant monday) {
  Script script(monday, 5, 2, 0);
  for (std::uint64_t i = 0; i < 3'240; ++i) {
    script.ask(i % 9, 1'450 * kUsd + static_cast<std::int64_t>(i % 50) * kUsd, 101 + i, strange(i));
    script.wait(5 * kSecond);
  }
  return {"coinspaid_2023", "valid requests of many customers, nearly one amount, each to a new address",
          std::move(script).requests()};
}

// 2019-05-07, 17:15: one transaction with 44 outputs, structured so that no check would look.
Theft binance(Instant monday) {
  Script script(monday, 1, 17, 15);
  for (std::uint64_t i = 0; i < 44; ++i) script.ask(kBtc, 9'500 * kUsd, 101 + i, strange(i));
  return {"binance_2019", "44 customers at once, each just below 10,000 USD", std::move(script).requests()};
}

// The same by one customer, over the day.
Theft structuring(Instant monday) {
  Script script(monday, 2, 9, 0);
  for (std::uint64_t i = 0; i < 24; ++i) {
    script.ask(kUsdt, (9'100 + static_cast<std::int64_t>(i) * 37) * kUsd, 201, strange(i));
    script.wait(20 * kMinute);
  }
  return {"structuring", "one customer, 24 times just below 10,000 USD, each to a new address",
          std::move(script).requests()};
}

// As in many of the accounts behind Binance 2019: the password is reset, a new device, an address never paid, a little first.
Theft takeover(Instant monday) {
  Script script(monday, 1, 12, 0);
  const Script::Session session{strange(1), 0, script.now() + -10 * kMinute};
  script.ask(kEth, 20 * kUsd, 301, strange(1), session);
  for (int i = 0; i < 10; ++i) {
    script.wait(kMinute);
    script.ask(kEth, 2'000 * kUsd, 301, strange(1), session);
  }
  return {"account_takeover", "reset, new device, new address: 20 USD, then ten times 2,000",
          std::move(script).requests()};
}

// 2022-01-17, 00:46: 483 accounts, without their second factors, small amounts.
Theft cryptocom(Instant monday) {
  Script script(monday, 0, 0, 46);
  for (std::uint64_t i = 0; i < 483; ++i) {
    script.ask(i % 11 == 0 ? kBtc : kEth, 900 * kUsd, 401 + i, strange(i), Script::Session{strange(i % 4), 0, {}});
    script.wait(20 * kSecond);
  }
  return {"cryptocom_2022", "483 accounts, 900 USD each, from four devices", std::move(script).requests()};
}

// 2023-11-18, 17:05: keys to an exchange's API, with the right to withdraw; noticed after six hours.
Theft kronos(Instant monday) {
  Script script(monday, 5, 17, 5);
  for (int i = 0; i < 60; ++i) {
    script.ask(kUsdt, 5'000 * kUsd, 501, strange(1), Script::Session{0, strange(1), {}});
    script.wait(kMinute);
  }
  return {"kronos_2023", "one customer's API key: 60 times 5,000 USD to a new address", std::move(script).requests()};
}

// As in BigONE 2025 and Crypto.com 2022, in little: accounts that have nothing in common but where their money goes.
Theft shared_destination(Instant monday) {
  Script script(monday, 3, 11, 0);
  for (std::uint64_t i = 0; i < 30; ++i) {
    script.ask(kUsdt, 900 * kUsd, 601 + i, strange(1));
    script.wait(4 * kMinute);
  }
  return {"shared_destination", "30 customers to one new address in two hours", std::move(script).requests()};
}

// 2015-01-04: the operational hot wallet, emptied over hours. Here by payments that are each no large one.
Theft bitstamp(Instant monday) {
  Script script(monday, 6, 8, 0);
  for (std::uint64_t i = 0; i < 240; ++i) {
    script.ask(kEth, full_balance(kEth) / 240, strange(i), strange(i));
    script.wait(90 * kSecond);
  }
  return {"bitstamp_2015", "one hot wallet runs dry within six hours", std::move(script).requests()};
}

// 2020-09-07, 22:44 to 05:44: six hot wallets, chain after chain. Noticed eight hours later.
Theft eterbase(Instant monday) {
  Script script(monday, 0, 22, 44);
  for (const std::size_t asset : {0U, 8U, 1U, 4U, 6U, 2U}) {
    for (std::uint64_t i = 0; i < 70; ++i) {
      script.ask(asset, full_balance(asset) / 70, strange(100 * asset + i), strange(100 * asset + i));
      script.wait(kMinute);
    }
  }
  return {"eterbase_2020", "six wallets at night, one after the other, in 70 parts each", std::move(script).requests()};
}

// 2024-09-10: over 150 transactions on five networks that the withdrawal system itself had asked for.
Theft indodax(Instant monday) {
  Script script(monday, 1, 20, 30);
  for (std::uint64_t i = 0; i < 80; ++i) {
    script.ask(i % 9, 25'000 * kUsd, 701 + i, strange(i));
    script.wait(11 * kSecond);
  }
  return {"indodax_2024", "80 withdrawals of 25,000 USD in 15 minutes, five chains", std::move(script).requests()};
}

// BigONE 2025 again: a balance that nobody had paid in. One account, amounts as others ask for.
Theft without_deposit(Instant monday) {
  Script script(monday, 4, 14, 0);
  for (int i = 0; i < 20; ++i) {
    script.ask(kUsdt, 4'000 * kUsd, strange(1), strange(1));
    script.wait(9 * kMinute);
  }
  return {"without_deposit", "an account that never paid in: 20 times 4,000 USD in three hours",
          std::move(script).requests()};
}

// 2024-05-31: one transaction, a request like others with other contents; 4,502.9 BTC.
Theft dmm(Instant monday) {
  Script script(monday, 4, 4, 26);
  script.ask(kBtc, full_balance(kBtc) / 2, 801, strange(1));
  return {"dmm_2024", "one request with other contents", std::move(script).requests()};
}

}  // namespace

std::vector<Theft> thefts(Instant monday) {
  std::vector<Theft> out;
  for (const auto of :
       {coinex, upbit_2019, upbit_2025, bitfinex, bitstamp, eterbase, coincheck, dmm, bigone, coinspaid, indodax,
        binance, structuring, takeover, cryptocom, kronos, shared_destination, without_deposit}) {
    out.push_back(of(monday));
  }
  return out;
}

}  // namespace holdfast::detection
