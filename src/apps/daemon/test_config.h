// For tests: a whole configuration with a chain of coins, in the words of its file.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::daemon {

inline constexpr std::string_view kRegtest = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";

// Of the seeds 01..01, 02..02 and 03..03 (32 bytes each). Its addresses are those that @scure/btc-signer gives.
inline constexpr std::string_view kQuorumDescriptor =
    "wsh(sortedmulti(2,[4ba43603/48h/1h/0h/2h]tpubDDwf2gdFxFahr9RUtDQCuZmsx34CfdZ7RALAirwC2FGeLBzW1TDiEpqFeRdxLdZD7rfsbZHYwSaT"
    "6CLM3TAcYRw6xfRv4U6KCQt4Zuhvjkz/<0;1>/*,[8dfc9b34/48h/1h/0h/2h]tpubDEXiq2SVhhqALktxfVFgj3C9M3T2G7xL11iezYg2LJAf245YkNyqp"
    "2K9TrvHABDCp2232k34UegU4aKEtUZNigit8EEqoLNe2JKMzMiLwYq/<0;1>/*,[56c4fac3/48h/1h/0h/2h]tpubDEg3kqr2jo5ergkJbFqRHvCpiob7wR"
    "7Hi44J7y987G1JZfbzBND77XKTyPZzGvh3uyDf8kexMJnFD9W8FuraJ4wLMsx6YuZVXRSRRcx6QdD/<0;1>/*))";
inline constexpr std::string_view kQuorumAddresses[] = {
    "bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8",
    "bcrt1qnzwqxqtnmyz7tjuzxagfhkugl0g0h4ay3rgxjtx5233weskwdw0srrsk02",
    "bcrt1qrcwyzu0gywaa6uawqshrdstvy8k3xu7zzpeqydxwq6y7hpvrpcesqxzj65",
    "bcrt1qgafx7gx3m5fu9a5mc7a60tx0fl5x4946pzx99qszz66gsgx9yfpq0zxcue"};
inline constexpr std::string_view kSingleDescriptor =
    "wpkh([83bfab59/84h/1h/0h]tpubDCsEDy9NeUoQ5hfmQ2meGT3noaKa3RphKpeqY4WNhtYjtdmwZqbg3dF5dUMnYeb2bkA5UZKCEACHnZ8b37ghAVWJfiC9"
    "cMn9yFtr33qz3qz/<0;1>/*)";
inline constexpr std::string_view kSingleAddress = "bcrt1qws2cweu86gesava58xchrjurqkkpvqhd28rw34";

inline std::string config_text() {
  const std::string chain = "chains.\"" + std::string(kRegtest) + "\"";
  return R"toml(
name = "exchange.example/journal"
data = "data"
http = "127.0.0.1:0"
signer_listen = "127.0.0.1:0"

[tls]
ca = "ca.pem"
certificate = "server.pem"
key = "server.key"

[[signers]]
name = "signer-1"
owner = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

[)toml" + chain + R"toml(]
node = "http://127.0.0.1:18443"
cookie = "regtest/.cookie"
finality_depth = 2

[[)toml" + chain + R"toml(.assets]]
symbol = "BTC"
auto_approve_max = "0.5"
withdrawal_max = "10"
withdrawal_fee = "0.0001"
price_usd = "60000"
deposit_tiers = [{from = "1", depth = 3}, {from = "10", depth = 6}]

[[)toml" + chain + R"toml(.wallets]]
name = "cold"
kind = "cold"
descriptor = "addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)"

[[)toml" + chain + R"toml(.wallets]]
name = "hot"
kind = "multisig"
cold = "cold"
descriptor = ")toml" + std::string(kQuorumDescriptor) + R"toml("

[[)toml" + chain + R"toml(.wallets]]
name = "old"
kind = "single_key"
signer = "signer-1"
cold = "cold"
descriptor = ")toml" + std::string(kSingleDescriptor) + R"toml("
)toml";
}

}  // namespace holdfast::daemon
