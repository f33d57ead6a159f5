// Two signers of one wallet on one host: the second does not start, unless it says that it may.
#include "signer/host/same_host.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace holdfast::signer {
namespace {

// Of this test alone, whatever else runs on the machine.
std::string wallet(int number) { return "test:" + std::to_string(::getpid()) + ":" + std::to_string(number); }

TEST(SameHost, refuses_a_wallet_that_is_held_and_lets_go_at_the_end) {
  {
    const auto first = SameHostGuard::hold({wallet(1), wallet(2)}, false);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(first->shared().empty());
    EXPECT_EQ(SameHostGuard::hold({wallet(3), wallet(2)}, false).error().code, "wallet_guarded_here");
    // What the refused one held it has given back.
    EXPECT_TRUE(SameHostGuard::hold({wallet(3)}, false).has_value());
  }
  EXPECT_TRUE(SameHostGuard::hold({wallet(1), wallet(2)}, false).has_value());
}

TEST(SameHost, allows_it_where_it_is_said_and_tells_which) {
  const auto first = SameHostGuard::hold({wallet(1), wallet(2)}, true);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->shared().empty());
  const auto second = SameHostGuard::hold({wallet(2), wallet(3)}, true);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->shared(), std::vector{wallet(2)});
}

TEST(SameHost, is_held_by_the_process_and_ends_with_it) {
  const std::string name = wallet(1);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = SameHostGuard::hold({name}, false);
    const char byte = held ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(SameHostGuard::hold({name}, false).error().code, "wallet_guarded_here");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(SameHostGuard::hold({name}, false).has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(SameHost, names_all_wallets_of_a_policy_once) {
  Policy policy;
  ChainRule chain;
  chain.caip2 = "eip155:1";
  SafeRule safe;
  safe.address.bytes.fill(0xa0);
  chain.safes = {safe, safe};
  AccountRule account;
  account.address.bytes.fill(0xb0);
  chain.accounts = {account};
  policy.chains = {chain};
  chain.caip2 = "eip155:10";
  chain.accounts.clear();
  policy.chains.push_back(chain);
  const auto names = guarded_wallets(policy);
  ASSERT_EQ(names.size(), 3u);
  EXPECT_EQ(names[0], "eip155:10:" + chain::evm::to_checksum_text(safe.address));
  EXPECT_EQ(names[2], "eip155:1:" + chain::evm::to_checksum_text(account.address));
}

}  // namespace
}  // namespace holdfast::signer
