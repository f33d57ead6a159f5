// The real program with its EVM keys in a token.
#include "apps/signer/test_program.h"
#include "signer/keys/test_token.h"

namespace holdfast::signer::test {
namespace {

class TokenProgram : public Program {
 protected:
  void write_pin(const std::string& text = kPin) { std::ofstream(folder + "/pin") << text << "\n"; }
  std::string token_arguments() const {
    return " --pkcs11-module " + std::string(kSoftHsm) + " --token vault --pin-fd 5 5< " + folder + "/pin ";
  }

  nlohmann::json init_with_token(const std::string& more = "--single-key 1") {
    write_pin();
    const Done done = call("init --json --name alpha --data " + folder + "/data " + more + token_arguments());
    EXPECT_EQ(done.code, 0) << done.err;
    return nlohmann::json::parse(done.out);
  }
  void write_token_config(const nlohmann::json& made, int port, const std::string& key_file = "") {
    write_config(made["accounts"][0]["address"], port,
                 key_file + "pkcs11 = {module = \"" + kSoftHsm + "\", token = \"vault\", folders = [\"" + token.tokens() + "\"]}\n");
  }

  TestToken token;
};

TEST_F(TokenProgram, makes_keys_in_the_token_and_signs_with_them) {
  const auto made = init_with_token();
  EXPECT_FALSE(made.contains("key_file"));
  const Address20 account = address(made["accounts"][0]["address"]);
  Address20 thief;
  thief.bytes.fill(0x66);
  start_server();
  write_token_config(made, server->port());
  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().owner(), std::string(as_text(address(made["owner"]).view())));
  EXPECT_EQ(ask_to_save(account, 5, thief).refusal(), "evacuation_elsewhere");
  const auto reply = ask_to_save(account, 5);
  ASSERT_EQ(reply.refusal(), "") << reply.text();
  const auto signature = chain::evm::Signature::from(as_bytes(reply.signature()));
  EXPECT_EQ(*chain::evm::recover(Hash32::from(as_bytes(reply.digest())), signature), account);

  const Done status = call("status --json --config " + folder + "/signer.toml");
  const auto keys = nlohmann::json::parse(status.out)["keys"];
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0]["in"], "token");
  stop(SIGKILL);

  // Asked again after a kill: another signature of the same digest, and it counts once.
  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().signed_count(), 1u);
  const auto again = ask_to_save(account, 5);
  EXPECT_EQ(again.digest(), reply.digest());
  const auto other = chain::evm::Signature::from(as_bytes(again.signature()));
  EXPECT_EQ(*chain::evm::recover(Hash32::from(as_bytes(again.digest())), other), account);
  EXPECT_EQ(ask_to_save(account, 5, thief).refusal(), "evacuation_elsewhere");

  // Without its token it refuses for now; with it, it signs again.
  std::filesystem::rename(token.tokens(), token.tokens() + ".away");
  EXPECT_EQ(ask_to_save(account, 5).refusal(), "key_unavailable");
  std::filesystem::rename(token.tokens() + ".away", token.tokens());
  EXPECT_EQ(ask_to_save(account, 5).refusal(), "");
  EXPECT_EQ(stop(SIGTERM), 0);
  EXPECT_EQ(read_all(folder + "/log").find(kPin), std::string::npos);
}

TEST_F(TokenProgram, has_the_seed_in_its_key_file) {
  const auto made = init_with_token("--gas 1 --seed --passphrase-fd 3 --key-file " + folder + "/alpha.keys");
  EXPECT_TRUE(made.contains("seed"));
  write_token_config(made, 1, "key_file = \"alpha.keys\"\n");
  const auto status = nlohmann::json::parse(call("status --json --config " + folder + "/signer.toml").out);
  ASSERT_EQ(status["keys"].size(), 3u);
  EXPECT_EQ(status["keys"][1]["in"], "token");
  EXPECT_EQ(status["keys"][2]["in"], "file");
  EXPECT_EQ(status["keys"][2]["fingerprint"], made["seed"]["fingerprint"]);
  const Done xpub = call("xpub --chain bitcoin-main --path 48h/0h/0h/2h --passphrase-fd 3 --key-file " + folder + "/alpha.keys");
  EXPECT_EQ(xpub.out.substr(1, 8), made["seed"]["fingerprint"]) << xpub.err;
  // Nobody has both by mistake.
  write_config(made["accounts"][0]["address"], 1);
  EXPECT_NE(call("status --config " + folder + "/signer.toml").err.find("owner_missing"), std::string::npos);
}

TEST_F(TokenProgram, refuses_what_would_lead_to_exposed_or_doubtful_keys) {
  write_pin();
  std::ofstream(folder + "/import") << std::string(64, '1') << "\n";
  struct Row {
    std::string arguments;
    std::string error;
  };
  const std::string init = "init --name alpha --data " + folder + "/data ";
  const Row table[] = {
      {init + "--import-fd 4 4< " + folder + "/import" + token_arguments(), "import_into_token"},
      {init + "--key-file " + folder + "/alpha.keys --passphrase-fd 3" + token_arguments(), "key_file_unclear"},
      {init + "--seed --passphrase-fd 3" + token_arguments(), "key_file_unclear"},
      {init + "--passphrase-fd 3", "key_file_unclear"},
  };
  for (const Row& row : table) {
    const Done done = call(row.arguments);
    EXPECT_EQ(done.code, 3) << row.arguments;
    EXPECT_NE(done.err.find(row.error), std::string::npos) << row.arguments << done.err;
  }
  EXPECT_EQ(call(init + "--token vault").code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder + "/data"));
}

TEST_F(TokenProgram, ends_with_the_code_for_a_refusal_on_a_wrong_pin) {
  const auto made = init_with_token();
  write_token_config(made, 1);
  write_pin("000000");
  const Done done = call("thaw --by alice --pin-fd 5 --config " + folder + "/signer.toml 5< " + folder + "/pin");
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("pin_wrong"), std::string::npos) << done.err;
  EXPECT_EQ(done.err.find("000000"), std::string::npos);
  write_pin();
  const Done right = call("thaw --by alice --pin-fd 5 --config " + folder + "/signer.toml 5< " + folder + "/pin");
  EXPECT_NE(right.err.find("not_frozen"), std::string::npos) << right.err;
}

}  // namespace
}  // namespace holdfast::signer::test
