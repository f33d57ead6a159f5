// The real program against a real link: its keys, its exit codes, a kill in the middle, a freeze that survives it.
#include "apps/signer/test_program.h"

namespace holdfast::signer::test {
namespace {

TEST_F(Program, signs_remembers_over_a_kill_freezes_and_thaws) {
  const auto made = init();
  const Address20 account = address(made["accounts"][0]["address"]);
  Address20 thief;
  thief.bytes.fill(0x66);
  start_server();
  write_config(made["accounts"][0]["address"], server->port());

  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().owner(), std::string(as_text(address(made["owner"]).view())));
  EXPECT_EQ(ask_to_save(account, 5, thief).refusal(), "evacuation_elsewhere");
  EXPECT_EQ(ask(account, 5, thief).refusal(), "watch_silent");  // Its node does not answer.
  const auto signed_once = ask_to_save(account, 5);
  EXPECT_EQ(signed_once.refusal(), "");
  stop(SIGKILL);

  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().signed_count(), 1u);
  EXPECT_EQ(ask_to_save(account, 5).signature(), signed_once.signature());
  proto::ToSigner order;
  order.mutable_freeze()->set_freeze(8);
  server->send("alpha", order);
  EXPECT_EQ(next(proto::FromSigner::kFreezeAcknowledged).freeze_acknowledged().freeze(), 8u);
  // It writes its journal, so nobody else may.
  EXPECT_EQ(call("thaw --config " + folder + "/signer.toml --by alice --passphrase-fd 3").code, 3);
  stop(SIGKILL);

  start();
  EXPECT_TRUE(next(proto::FromSigner::kHello).hello().frozen());
  EXPECT_EQ(ask_to_save(account, 5).refusal(), "");  // A freeze stops what spends.
  const Done status = call("status --json --config " + folder + "/signer.toml");
  EXPECT_TRUE(nlohmann::json::parse(status.out)["frozen"].get<bool>());
  EXPECT_EQ(stop(SIGTERM), 0);

  EXPECT_EQ(call("thaw --config " + folder + "/signer.toml --by alice --passphrase-fd 3").code, 0);
  start();
  EXPECT_FALSE(next(proto::FromSigner::kHello).hello().frozen());
  EXPECT_EQ(ask_to_save(account, 5).signature(), signed_once.signature());
  EXPECT_EQ(stop(SIGINT), 0);
  const std::string log = read_all(folder + "/log");
  EXPECT_EQ(log.find("correct horse"), std::string::npos);
}

TEST_F(Program, imports_a_key_and_never_prints_it) {
  std::ofstream(folder + "/import") << std::string(64, '1') << "\n";
  const auto made = init("--gas 1 --import-fd 4 4< " + folder + "/import");
  ASSERT_EQ(made["accounts"].size(), 2u);
  EXPECT_EQ(made["accounts"][0]["kind"], "gas");
  EXPECT_EQ(made["accounts"][1]["kind"], "single_key");
  EXPECT_EQ(address(made["accounts"][1]["address"]), *chain::evm::address_of_key(Secret::copy_of(Bytes(32, 0x11))));
  EXPECT_EQ(made.dump().find("1111111111"), std::string::npos);
}

// The words' seed, and its keys, as an independent implementation (@scure/bip32) derives them.
TEST_F(Program, restores_a_seed_from_its_words_and_shows_them_on_no_pipe) {
  std::string words;
  for (int i = 0; i < 23; ++i) words += "abandon ";
  std::ofstream(folder + "/words") << words << "art\n";
  const auto made = init("--import-words-fd 4 4< " + folder + "/words");
  EXPECT_EQ(made["seed"]["fingerprint"], "5436d724");
  EXPECT_EQ(made["seed"]["id"], "5436d724ed491a0f721a9830012d18bfc98bc7ad");
  EXPECT_TRUE(made["accounts"].empty());
  EXPECT_EQ(made.dump().find("abandon"), std::string::npos);

  const std::string with = " --passphrase-fd 3 --key-file " + folder + "/alpha.keys ";
  const Done main = call("xpub --chain bitcoin-main --path \"48'/0'/0'/2'\"" + with);
  EXPECT_EQ(main.out,
            "[5436d724/48h/0h/0h/2h]xpub6E79FaRWLSJCAgA2jDHRvyrWKwT6aSmR685zptzyYPvmUd44omcxZ1NAzDtbdFBvEADjcVbV4NzTDwQeU6oiSV9"
            "KGiMSWhjANZjbfUHkm3Y\n")
      << main.err;
  const Done regtest = call("xpub --chain bip122:0f9188f13cb7b2c71f2a335e3a4fc328 --path 48h/1h/0h/2h" + with);
  EXPECT_EQ(regtest.out,
            "[5436d724/48h/1h/0h/2h]tpubDFkN51vYF36W4Yfn3wGv5fpmRo3ok7vZZjc1gmRJjumq33L776e6GkP4HGdCVjDqYiBahXCrXQKja8aUZ2xovQN"
            "S8WkF46MdY7TLHJLYD7H\n")
      << regtest.err;
  write_coin_config(regtest.out.substr(0, regtest.out.size() - 1));
  const std::string config = " --config " + folder + "/signer.toml";
  const Done policy = call("policy show" + config);
  EXPECT_NE(policy.out.find("single_key hot, 1 of 1 keys"), std::string::npos) << policy.out << policy.err;
  EXPECT_NE(policy.out.find("evacuations go to    bcrt1q"), std::string::npos) << policy.out;
  const Done status = call("status --json" + config);
  EXPECT_NE(status.out.find("\"fingerprint\": \"5436d724\""), std::string::npos) << status.out << status.err;
  const Done saved = call("evacuate --wallet hot --node http://127.0.0.1:1 --cookie " + folder + "/none" + config);
  EXPECT_EQ(saved.code, 4);
  EXPECT_NE(saved.err.find("node_una"), std::string::npos) << saved.err;  // unavailable, or unauthorised without a cookie
  // The journal opens with the wallet's key found in the seed.
  EXPECT_NE(call("thaw --by alice --passphrase-fd 3" + config).err.find("not_frozen"), std::string::npos);

  // Without a terminal the words are shown nowhere.
  const Done hidden = call("words" + with, kPassphrase, "setsid -w ");
  EXPECT_EQ(hidden.code, 4);
  EXPECT_NE(hidden.err.find("terminal_missing"), std::string::npos) << hidden.err;
  EXPECT_EQ((hidden.out + hidden.err).find("abandon"), std::string::npos);
}

TEST_F(Program, takes_no_seed_of_other_words) {
  std::ofstream(folder + "/words") << "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about\n";
  const std::string arguments = "init --name alpha --data " + folder + "/data --passphrase-fd 3 --key-file " + folder + "/k ";
  EXPECT_NE(call(arguments + "--import-words-fd 4 4< " + folder + "/words").err.find("words_not_24"), std::string::npos);
  std::ofstream(folder + "/words") << "abandon abandon\n";
  EXPECT_NE(call(arguments + "--import-words-fd 4 4< " + folder + "/words").err.find("words_malformed"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder + "/k"));
}

TEST_F(Program, says_what_is_wrong_in_one_line_and_in_its_exit_code) {
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  const std::string config = " --config " + folder + "/signer.toml";
  struct Row {
    std::string arguments;
    int code;
    std::string error;
  };
  const Row table[] = {
      {"", 2, "subcommand"},
      {"run --passphrase hunter2hunter2", 2, "--config"},
      {"init --name alpha --passphrase-fd 3 --data " + folder + "/data --key-file " + folder + "/alpha.keys", 3,
       "key_file_exists"},
      {"init --name alpha --passphrase-fd 3 --data " + folder + "/data --key-file " + folder + "/new.keys", 3,
       "exists"},
      {"run --allow-root --config /nowhere --passphrase-fd 3", 4, "config_not_read"},
      {"thaw" + config + " --passphrase-fd 3 --by alice", 3, "not_frozen"},
      {"thaw" + config + " --passphrase-fd 9 --by alice", 4, "secret_not_read"},
  };
  for (const Row& row : table) {
    const Done done = call(row.arguments);
    EXPECT_EQ(done.code, row.code) << row.arguments << done.err;
    EXPECT_NE(done.err.find(row.error), std::string::npos) << row.arguments << done.err;
  }
  const Done wrong = call("thaw" + config + " --passphrase-fd 3 --by alice", "correct horse batterY");
  EXPECT_EQ(wrong.code, 3);
  EXPECT_NE(wrong.err.find("passphrase_wrong"), std::string::npos);
}

TEST_F(Program, shows_its_policy_as_it_was_understood) {
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  const Done done = call("policy show --config " + folder + "/signer.toml");
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.out.find("ETH      at most 1.5 in one withdrawal, 5 in 24 hours"), std::string::npos) << done.out;
}

}  // namespace
}  // namespace holdfast::signer::test
