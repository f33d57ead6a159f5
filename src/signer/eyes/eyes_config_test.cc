// The nodes in the signer's configuration file.
#include "signer/eyes/eyes_config.h"

#include <gtest/gtest.h>

namespace holdfast::signer {
namespace {

constexpr std::string_view kGood = R"([nodes."eip155:1"]
url = "http://127.0.0.1:8545"
depth = 64
max_behind_seconds = 60
pause_ms = 500
trace = "no"
implementation = "0x00000000000000000000000000000000000000f1"

[nodes."eip155:10"]
url = "http://127.0.0.1:9545/rpc"

[nodes."bip122:000000000019d6689c085ae165831e93"]
url = "http://127.0.0.1:8332"
cookie = "bitcoin/.cookie"
depth = 6
)";

struct Read {
  std::vector<NodeSettings> nodes;
  std::string problem;
};

Read read(std::string_view text) {
  const auto parsed = parse_toml(text, "eyes.toml");
  config::Problem problem("eyes.toml");
  config::TomlReader in(parsed.table(), "", problem);
  Read out{read_nodes(in, "/etc/holdfast"), {}};
  in.finish();
  out.problem = problem.text();
  return out;
}

TEST(eyes_config, reads_everything) {
  const Read out = read(kGood);
  ASSERT_EQ(out.problem, "");
  ASSERT_EQ(out.nodes.size(), 3u);
  const NodeSettings* main = node_of(out.nodes, "eip155:1");
  ASSERT_NE(main, nullptr);
  EXPECT_EQ(main->url, "http://127.0.0.1:8545");
  EXPECT_EQ(main->depth, 64u);
  EXPECT_EQ(main->max_behind_ms, 60'000);
  EXPECT_EQ(main->pause_ms, 500);
  EXPECT_FALSE(main->trace);
  EXPECT_EQ(main->implementation->bytes.back(), 0xf1);
  const NodeSettings* plain = node_of(out.nodes, "eip155:10");
  EXPECT_FALSE(plain->depth);
  EXPECT_TRUE(plain->trace);
  EXPECT_EQ(plain->max_behind_ms, kEvmMaxBehindMs);
  EXPECT_FALSE(plain->implementation);
  const NodeSettings* coins = node_of(out.nodes, "bip122:000000000019d6689c085ae165831e93");
  EXPECT_EQ(coins->cookie, "/etc/holdfast/bitcoin/.cookie");
  EXPECT_EQ(coins->depth, 6u);
  EXPECT_EQ(coins->max_behind_ms, kCoinMaxBehindMs);
  EXPECT_EQ(node_of(out.nodes, "eip155:2"), nullptr);
  EXPECT_TRUE(read("").nodes.empty());
}

TEST(eyes_config, says_where_and_what_is_wrong) {
  const std::pair<std::string_view, std::string_view> bad[] = {
      {"[nodes.\"eip155:1\"]\nurl = \"https://127.0.0.1\"\n", "eyes.toml:2: "},
      {"[nodes.\"eip155:1\"]\ndepth = 1\n", "url"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\ndepth = 0\n", "depth"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\ntrace = \"perhaps\"\n", "trace"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\ncookie = \"b\"\n", "cookie"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\npause_ms = 1\n", "pause_ms"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\nmax_behind_seconds = 0\n", "max_behind_seconds"},
      {"[nodes.\"eip155:1\"]\nurl = \"http://a\"\nimplementation = \"0x1\"\n", "implementation"},
      {"[nodes.\"bip122:00\"]\nurl = \"http://a\"\n", "depth"},
      {"[nodes.\"bip122:00\"]\nurl = \"http://a\"\ndepth = 1\ntrace = \"no\"\n", "trace"},
      {"[nodes.\"solana:1\"]\nurl = \"http://a\"\n", "no chain that Holdfast knows"},
  };
  for (const auto& [text, words] : bad) {
    const Read out = read(text);
    EXPECT_NE(out.problem.find(words), std::string::npos) << text << out.problem;
  }
}

}  // namespace
}  // namespace holdfast::signer
