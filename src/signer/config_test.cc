// The configuration file: what it must say, and what is refused with the line it stands in.
#include "signer/config.h"

#include <gtest/gtest.h>

namespace holdfast::signer {
namespace {

constexpr std::string_view kGood = R"(name = "alpha"
data = "state"
key_file = "/etc/holdfast/alpha.key"
server = "holdfast.internal:7443"

[tls]
ca = "ca.pem"
certificate = "alpha.pem"
key = "alpha.key.pem"

[chains."eip155:1"]
cold = "0x00000000000000000000000000000000000000c0"
factory = "0x00000000000000000000000000000000000000f0"
max_fee_gwei = 200
max_priority_gwei = "2.5"
max_gas = 3000000

[[chains."eip155:1".safes]]
address = "0x00000000000000000000000000000000000000a0"
module = "0x00000000000000000000000000000000000000a1"
guard = "0x00000000000000000000000000000000000000a2"
owners = ["0x0000000000000000000000000000000000000001", "0x0000000000000000000000000000000000000002",
          "0x0000000000000000000000000000000000000003"]
threshold = 2

[[chains."eip155:1".assets]]
contract = ""
symbol = "ETH"
decimals = 18
per_withdrawal = 10
per_day = "25.5"

[[chains."eip155:1".accounts]]
address = "0x00000000000000000000000000000000000000b0"
kind = "gas"
fees_per_day = "0.5"

[journal]
key = "holdfast.example/journal+f0ab4277+AfpINBR/bmkMNpPv9hM2BGQDzYrioU8xs8QHNYVpI5Vl"
witnesses = []
witnesses_needed = 0

[nodes."eip155:1"]
url = "http://127.0.0.1:8545"
)";

std::string changed(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Config, reads_everything) {
  const auto config = parse_config(kGood, "/etc/holdfast/signer.toml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_EQ(config->policy.name, "alpha");
  EXPECT_EQ(config->policy.max_approval_ms, 72 * 60 * 60 * kMsPerSecond);
  EXPECT_EQ(config->data, "/etc/holdfast/state");
  EXPECT_EQ(config->key_file, "/etc/holdfast/alpha.key");
  EXPECT_EQ(config->tls.ca, "/etc/holdfast/ca.pem");
  EXPECT_EQ(config->tls.server_name, "holdfastd");
  const ChainRule* chain = config->policy.chain("eip155:1");
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->chain_id, 1u);
  EXPECT_EQ(chain->max_fee.to_string(), "200000000000");
  EXPECT_EQ(chain->max_priority_fee.to_string(), "2500000000");
  EXPECT_EQ(chain->assets[0].per_day.to_string(), "25500000000000000000");
  EXPECT_EQ(chain->safes[0].owners.size(), 3u);
  EXPECT_EQ(chain->accounts[0].kind, AccountKind::gas);
  EXPECT_EQ(chain->accounts[0].fees_per_day.to_string(), "500000000000000000");
}

struct Bad {
  const char* from;
  const char* to;
  const char* error;
};

TEST(Config, says_where_and_what_is_wrong) {
  const Bad table[] = {
      {"name = \"alpha\"", "name = \"Al pha\"", "f:1: name: has to be 1 to 32 of a-z, 0-9 and '-'"},
      {"data = \"state\"\n", "", "f:1: data: is missing"},
      {"server = ", "servers = 1\nserver = ", "f:4: servers: unknown key"},
      {":7443", "", "f:4: server: has to be HOST:PORT"},
      {"ca = \"ca.pem\"", "ca = 5", "f:7: tls.ca: has to be a text in quotes, not empty"},
      {"max_gas = 3000000", "max_gas = 1",
       "f:16: chains.\"eip155:1\".max_gas: has to be a whole number from 21000 to 1000000000"},
      {"max_gas", "max_gass", "f:11: chains.\"eip155:1\".max_gas: is missing"},
      {"cold = \"0x00", "cold = \"0x", "f:12: chains.\"eip155:1\".cold: an address is 0x and 40 hexadecimal digits"},
      {"00000000c0", "000000000C0ffee", "f:12: chains.\"eip155:1\".cold: an address is 0x and 40 hexadecimal digits"},
      {"00000000000000000000000000000000000000c0", "0000000000000000000000000000000000000000",
       "f:12: chains.\"eip155:1\".cold: the zero address is nobody's"},
      {"000000f0", "000000c0",
       "f:11: chains.\"eip155:1\": names 0x00000000000000000000000000000000000000C0 for two different things"},
      {"[chains.\"eip155:1\"]\ncold", "[chains.\"eip155:01\"]\ncold",
       "f:11: chains.\"eip155:01\": a chain is named like \"eip155:1\""},
      {"threshold = 2", "threshold = 1",
       "f:24: chains.\"eip155:1\".safes.threshold: has to be a whole number from 2 to 64"},
      {"threshold = 2", "threshold = 4", "f:24: chains.\"eip155:1\".safes.threshold: is over the number of owners"},
      {"0000003\"]", "0000003\", \"0x0000000000000000000000000000000000000004\"]",
       "f:24: chains.\"eip155:1\".safes.threshold: has to be more than half of the owners"},
      {"0000003\"]", "0000001\"]", "f:22: chains.\"eip155:1\".safes.owners: names an owner twice"},
      {"per_withdrawal = 10", "per_withdrawal = 1.5",
       "f:30: chains.\"eip155:1\".assets.per_withdrawal: has to be a whole number, or a decimal number in quotes such "
       "as \"1.5\""},
      {"per_withdrawal = 10", "per_withdrawal = 26",
       "f:30: chains.\"eip155:1\".assets.per_withdrawal: is over per_day"},
      {"\"25.5\"", "\"25.5000000000000000001\"",
       "f:31: chains.\"eip155:1\".assets.per_day: has more than 18 digits behind the point"},
      {"kind = \"gas\"", "kind = \"cold\"",
       "f:35: chains.\"eip155:1\".accounts.kind: has to be \"gas\" or \"single_key\""},
      {"fees_per_day = \"0.5\"\n", "", "f:33: chains.\"eip155:1\".accounts.fees_per_day: is missing"},
  };
  for (const Bad& row : table) {
    const auto config = parse_config(changed(row.from, row.to), "f");
    ASSERT_FALSE(config.has_value()) << row.error;
    EXPECT_EQ(config.error().code, "config_invalid");
    EXPECT_EQ(config.error().text, row.error);
  }
}

TEST(Config, says_where_the_toml_is_broken) {
  const auto config = parse_config("name = \"alpha\"\ndata = \n", "f");
  ASSERT_FALSE(config.has_value());
  EXPECT_TRUE(config.error().text.starts_with("f:2: ")) << config.error().text;
}

TEST(Config, a_missing_file_is_a_fault) { EXPECT_EQ(load_config("/nowhere/f").error().code, "config_not_read"); }

TEST(Config, reads_where_the_keys_are_and_what_the_host_may) {
  const auto config = parse_config(changed("key_file = \"/etc/holdfast/alpha.key\"\n",
                                           "allow_same_host = true\n"
                                           "pkcs11 = {module = \"/usr/lib/hsm.so\", token = \"vault\", serial = \"0a\", folders = [\"tokens\"]}\n"),
                                   "/etc/holdfast/signer.toml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_EQ(config->key_file, "");
  EXPECT_EQ(config->host.token->module, "/usr/lib/hsm.so");
  EXPECT_EQ(config->host.token->label, "vault");
  EXPECT_EQ(config->host.token->serial, "0a");
  EXPECT_EQ(config->host.token_folders, std::vector<std::string>{"/etc/holdfast/tokens"});
  EXPECT_TRUE(config->host.allow_same_host);
  EXPECT_FALSE(parse_config(kGood, "signer.toml")->host.allow_same_host);
}

TEST(Config, wants_a_key_file_or_a_token_and_no_doubtful_one) {
  const auto error = [](const std::string& line) {
    const auto config = parse_config(changed("key_file = \"/etc/holdfast/alpha.key\"\n", line), "s.toml");
    return config ? std::string("taken") : config.error().text;
  };
  EXPECT_NE(error("").find("key_file: is missing"), std::string::npos);
  EXPECT_NE(error("pkcs11 = {module = \"m\"}\n").find("token: is missing"), std::string::npos);
  EXPECT_NE(error("pkcs11 = {module = \"m\", token = \"a label of more than thirty-two bytes\"}\n").find("32 bytes"), std::string::npos);
  EXPECT_NE(error("pkcs11 = {module = \"m\", token = \"t \"}\n").find("32 bytes"), std::string::npos);
  EXPECT_NE(error("pkcs11 = {module = \"m\", token = \"t\", serial = \"0123456789abcdef0\"}\n").find("16 bytes"), std::string::npos);
  EXPECT_NE(error("pkcs11 = {module = \"m\", token = \"t\", pin = \"1\"}\n").find("pin"), std::string::npos);
  EXPECT_NE(error("key_file = \"k\"\nallow_same_host = 1\n").find("true or false"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::signer
