// Deposit addresses of a chain of coins: one wallet's receiving branch, drawn from by all customers.
#include "apps/daemon/chains.h"

#include "apps/daemon/test_config.h"
#include "chain/utxo/wallet/address.h"
#include "custody/custody.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace holdfast::daemon {
namespace {

using namespace custody;

class Books final : public engine::Submitter, public chain::StateView {
 public:
  std::vector<engine::Outcome> submit(std::span<const Command> commands) override {
    std::vector<engine::Outcome> out;
    for (const Command& command : commands) {
      Events events;
      const Refusal refusal = decide(state, command, Instant{1}, events);
      for (const Event& event : events) apply(state, event);
      out.push_back({refusal, 0, static_cast<std::uint32_t>(events.size())});
    }
    return out;
  }
  void read(const std::function<void(const State&)>& look) const override { look(state); }
  Refusal tell(const Command& command) { return submit({&command, 1}).front().refusal; }

  State state;
};

class AddressesTest : public ::testing::Test {
 protected:
  AddressesTest() {
    const std::string path = folder_.file("holdfastd.toml");
    std::ofstream(path) << config_text();
    config_ = *load_config(path);
    const NonceOf no_nonce = [](const std::string&, const Address&) -> Result<std::uint64_t> { return refuse("asked_for_a_nonce"); };
    const auto registered = register_all(config_, books_, books_, no_nonce);
    EXPECT_TRUE(registered) << registered.error().text;
    books_.tell(CreateCustomer{"ann"});
    books_.tell(CreateCustomer{"bob"});
    source_ = address_source(config_, books_);
  }
  std::string text(const DepositAddress& address) const {
    return *chain::utxo::address_of_script(**chain::utxo::network_by_caip2(kRegtest), address.address.view());
  }

  journal::TestFolder folder_;
  Config config_;
  Books books_;
  AddressSource source_;
  const CustomerId ann_{1}, bob_{2};
  const ChainId chain_{1};
};

TEST_F(AddressesTest, registering_again_changes_nothing) {
  const State before = books_.state;
  const auto again = register_all(config_, books_, books_, [](const std::string&, const Address&) { return Result<std::uint64_t>(0); });
  EXPECT_TRUE(again);
  EXPECT_EQ(before, books_.state);
  EXPECT_TRUE(books_.state.of_coins(chain_));
}

TEST_F(AddressesTest, what_a_wallet_is_never_changes_and_the_refusal_names_it) {
  const auto conflict = [&](auto change) {
    Config other = config_;
    for (WalletConfig& one : other.wallets) {
      if (one.wallet.name == "hot") change(one);
    }
    const auto done = register_all(other, books_, books_, [](const std::string&, const Address&) { return Result<std::uint64_t>(0); });
    return done ? std::string() : std::string(done.error().code) + ": " + done.error().text;
  };
  const std::string start = "config_conflict: wallet hot of " + std::string(kRegtest) + " is registered already, with another ";
  EXPECT_TRUE(conflict([](WalletConfig& one) { one.wallet.output_descriptor += "x"; }).starts_with(start + "descriptor (of the same first"));
  EXPECT_TRUE(conflict([](WalletConfig& one) { one.wallet.output_descriptor += "x", one.wallet.address = Address(Bytes(22, 7)); })
                  .starts_with(start + "descriptor;"));
  EXPECT_TRUE(conflict([](WalletConfig& one) { one.cold = "old"; }).starts_with(start + "cold;"));
}

TEST_F(AddressesTest, the_first_index_is_the_wallets_own) {
  const auto first = source_(ann_, chain_, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 1u);
  EXPECT_EQ(text(*first), kQuorumAddresses[1]);
}

TEST_F(AddressesTest, those_that_were_given_stay_and_the_next_is_of_the_wallets_next_index) {
  const auto first = source_(ann_, chain_, 0);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*first}), Refusal::none);
  const auto other = source_(bob_, chain_, 0);
  EXPECT_EQ(text(*other), kQuorumAddresses[2]);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*other}), Refusal::none);
  EXPECT_EQ(*source_(ann_, chain_, 0), *first);
  EXPECT_EQ(text(*source_(ann_, chain_, 1)), kQuorumAddresses[3]);
  EXPECT_EQ(source_(ann_, chain_, 2).error().code, "number_skips");
}

TEST_F(AddressesTest, who_loses_a_race_derives_again) {
  const auto for_ann = source_(ann_, chain_, 0);
  const auto for_bob = source_(bob_, chain_, 0);
  EXPECT_EQ(for_ann->address, for_bob->address);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*for_bob}), Refusal::none);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*for_ann}), Refusal::address_taken);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*source_(ann_, chain_, 0)}), Refusal::none);
}

TEST_F(AddressesTest, nobody_is_asked_to_pay_into_a_compromised_wallet) {
  const auto first = source_(ann_, chain_, 0);
  EXPECT_EQ(books_.tell(AssignDepositAddress{*first}), Refusal::none);
  EXPECT_EQ(books_.tell(OpenIncident{IncidentCause::operator_report, first->wallet, "desk"}), Refusal::none);
  EXPECT_EQ(source_(bob_, chain_, 0).error().code, "wallet_compromised");
  EXPECT_EQ(*source_(ann_, chain_, 0), *first);
}

}  // namespace
}  // namespace holdfast::daemon
