// Thefts and changes on a real node: what a signer's own watch sees of them, before they are mined where that can be.
#include "base/hex.h"
#include "chain/evm/codec/abi.h"
#include "signer/eyes/testing/evm_eyes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

class evm_watcher : public testing::Test {
 protected:
  evm_watcher() : eyes(world) {
    world.fund_hot();
    world.anvil.send(4, world.single_address, milliether(10));
    world.mine();
    watcher = eyes.watcher();
    EXPECT_EQ(look(), "");
  }

  std::string look() { return eyes.look(*watcher); }
  std::string mine() {
    world.anvil.mine();
    return look();
  }
  std::uint64_t safe_nonce() { return **read_safe_nonce(eyes.own_node, eyes.own_node.head()->hash, world.hot_address); }

  // From the address, without its key: as a contract or a quorum far away would.
  void send_as(const Address20& from, const Address20& to, const Bytes& data) {
    const std::string text = to_0x_hex(from.view());
    world.anvil.call("anvil_impersonateAccount", fmt::format(R"(["{}"])", text));
    world.anvil.call("anvil_setBalance", fmt::format(R"(["{}","0x8ac7230489e80000"])", text));
    world.anvil.call("eth_sendTransaction", fmt::format(R"([{{"from":"{}","to":"{}","gas":"0x1e8480","data":"{}"}}])", text,
                                                        to_0x_hex(to.view()), to_0x_hex(data)));
  }
  void broadcast(const Eip1559Transaction& transaction, const Secret& key) {
    ASSERT_TRUE(world.builder.broadcast(encode_signed({transaction, *sign(key, signing_hash(transaction))})));
  }
  Eip1559Transaction from_single(std::uint64_t nonce) {
    const chain::FeeQuote fees = *world.builder.quote();
    return {kAnvilChainId, nonce, fees.priority_fee, fees.max_fee, 21'000, kStranger, milliether(1), {}};
  }

  // A Safe transaction of so much, with the signatures of these owners.
  struct Order {
    Bytes calldata;
    Hash32 hash;
  };
  Order order(const std::vector<std::size_t>& owners, std::uint64_t nonce, std::int64_t amount = 1) {
    ExecTransaction call{{.to = kStranger, .value = milliether(amount).to_word()}, {}};
    const Hash32 hash = safe_transaction_hash(kAnvilChainId, world.hot_address, call.transaction, nonce);
    std::vector<SafeOwnerSignature> signatures;
    for (const std::size_t owner : owners) {
      signatures.push_back({*address_of_key(world.owners[owner]), world.owner_signature(owner, hash)});
    }
    call.signatures = join_owner_signatures(std::move(signatures));
    return {encode_exec_transaction(call), hash};
  }

  ExchangeWorld world;
  EvmEyes eyes;
  std::unique_ptr<EvmWatcher> watcher;
};

TEST_F(evm_watcher, a_copied_account_key_is_seen_before_it_is_mined) {
  const Eip1559Transaction theft = from_single(0);
  broadcast(theft, world.single_key);
  EXPECT_EQ(look(), "account_sent@own_key_misused");
  EXPECT_EQ(eyes.last[0].digest, signing_hash(theft));
  EXPECT_EQ(eyes.last[0].wallet, to_checksum_text(world.single_address));
  EXPECT_EQ(look(), "");  // Told once,
  EXPECT_EQ(mine(), "account_sent@own_key_misused+");  // and when it is mined.
  EXPECT_EQ(eyes.last[0].height, eyes.newest.seen.height);
}

TEST_F(evm_watcher, what_the_signer_signed_is_no_alarm) {
  const Eip1559Transaction own = from_single(0);
  eyes.signed_digests.insert(signing_hash(own));
  broadcast(own, world.single_key);
  const Order mine_too = order({0, 1}, safe_nonce());
  eyes.signed_digests.insert(mine_too.hash);
  world.anvil.send(6, world.hot_address, {}, mine_too.calldata);
  EXPECT_EQ(look(), "");
  EXPECT_EQ(mine(), "");
}

TEST_F(evm_watcher, a_copied_owner_key_is_seen_alone_or_in_a_quorum) {
  world.anvil.send(6, world.hot_address, {}, order({0}, safe_nonce()).calldata);
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
  EXPECT_EQ(mine(), "owner_signed@own_key_misused+");  // It reverted: one is no quorum.
  const Order theft = order({0, 2}, safe_nonce(), 2);
  world.anvil.send(6, world.hot_address, {}, theft.calldata);
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
  EXPECT_EQ(eyes.last[0].digest, theft.hash);
  // One sighting: what the transaction shows, and what the Safe's event says, are the same.
  EXPECT_EQ(mine(), "owner_signed@own_key_misused+");
  world.anvil.send(6, world.hot_address, {}, order({0, 1}, safe_nonce() + 5, 3).calldata);  // For later.
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
}

TEST_F(evm_watcher, the_other_two_may_have_signed_without_this_one) {
  const Order theirs = order({1, 2}, safe_nonce());
  world.anvil.send(6, world.hot_address, {}, theirs.calldata);
  EXPECT_EQ(look(), "safe_spend@unknown_spend");
  EXPECT_EQ(eyes.last[0].digest, theirs.hash);
  EXPECT_EQ(mine(), "safe_spend@unknown_spend+");
  EXPECT_EQ(eyes.last[0].digest, theirs.hash);
  world.anvil.send(6, world.hot_address, {}, order({1}, safe_nonce(), 2).calldata);  // One of them alone: noise.
  EXPECT_EQ(look(), "");
}

TEST_F(evm_watcher, strangers_garbage_is_noise) {
  Bytes garbage = order({0, 1}, safe_nonce()).calldata;
  garbage[4 + 31] ^= 1;  // Another payee than what was signed.
  world.anvil.send(6, world.hot_address, {}, garbage);
  world.anvil.send(6, world.hot_address, {}, Bytes(68, 1));
  world.anvil.send(6, world.hot_address, Amount::of(1));
  world.anvil.send(6, world.module, {}, Bytes(300, 2));
  world.anvil.send(6, world.factory, {}, encode_flush({{deposit_salt(1, 1)}, {}}));
  EXPECT_EQ(look(), "");
  EXPECT_EQ(mine(), "");
}

// The contract takes both forms of a signature.
TEST_F(evm_watcher, a_signature_written_with_a_high_s_is_read_all_the_same) {
  Bytes calldata = order({0}, safe_nonce()).calldata;
  const Bytes order_of_curve = *from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  const std::size_t signature = calldata.size() - 96;  // 65 bytes, padded to 96.
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    std::uint8_t& s = calldata[signature + 32 + i];
    const int digit = order_of_curve[i] - s - borrow;
    borrow = digit < 0 ? 1 : 0;
    s = static_cast<std::uint8_t>(digit & 0xff);
  }
  calldata[signature + 64] = calldata[signature + 64] == 27 ? 28 : 27;
  world.anvil.send(6, world.hot_address, {}, calldata);
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
}

TEST_F(evm_watcher, a_call_wrapped_in_another_contracts_is_found_inside_it) {
  Bytes wrapped = *from_hex("8d80ff0a");
  const Bytes inner = order({0, 1}, safe_nonce()).calldata;
  wrapped.insert(wrapped.end(), world.hot_address.bytes.begin(), world.hot_address.bytes.end());
  wrapped.insert(wrapped.end(), inner.begin(), inner.end());
  world.anvil.send(6, kStranger, {}, wrapped);
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
}

TEST_F(evm_watcher, owners_never_send) {
  const Address20 own = *address_of_key(world.owners[0]), other = *address_of_key(world.owners[1]);
  send_as(own, kStranger, {});
  send_as(other, kStranger, {});
  EXPECT_EQ(look(), "owner_sent@own_key_misused other_owner_sent@unknown_spend");
  EXPECT_EQ(eyes.last[1].subject, to_bytes(other.view()));
}

TEST_F(evm_watcher, evacuations_are_told_apart_by_who_ordered_them) {
  const auto evacuation = [&](std::size_t owner, std::uint64_t nonce) {
    Evacuation what{{kNativeAsset}, word_of(nonce), word_of(static_cast<std::uint64_t>(eyes.now().unix_ms / kMsPerSecond) + 3600)};
    const Hash32 hash = evacuation_hash(kAnvilChainId, world.module, what);
    const Signature signature = world.owner_signature(owner, hash);
    world.anvil.send(6, world.module, {}, encode_evacuation({what, to_bytes(signature.view())}));
    return hash;
  };
  eyes.signed_digests.insert(evacuation(0, 1));
  EXPECT_EQ(look(), "");
  EXPECT_EQ(mine(), "");
  const Hash32 theirs = evacuation(1, 2);
  EXPECT_EQ(look(), "evacuation@unknown_spend");
  EXPECT_EQ(eyes.last[0].digest, theirs);
  EXPECT_EQ(mine(), "evacuation@unknown_spend+");
  evacuation(0, 3);
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
}

TEST_F(evm_watcher, a_freeze_of_the_guard_that_it_did_not_sign) {
  const std::uint64_t deadline = static_cast<std::uint64_t>(eyes.now().unix_ms / kMsPerSecond) + 3600;
  const GuardFreeze freeze{1, deadline};
  const Address20 guard = eyes.rule.safes[0].guard;
  const Hash32 hash = guard_freeze_hash(kAnvilChainId, guard, freeze);
  world.anvil.send(6, guard, {}, encode_guard_freeze({freeze, to_bytes(world.owner_signature(0, hash).view())}));
  EXPECT_EQ(look(), "owner_signed@own_key_misused");
}

struct Change {
  const char* signature;
  std::vector<Address20> addresses;
  std::optional<std::uint64_t> number;
  const char* seen;
};

TEST_F(evm_watcher, changes_of_the_safe_and_of_what_guards_it) {
  const Address20 thief = kStranger, own = *address_of_key(world.owners[0]);
  Address20 first;  // Of the list of owners.
  first.bytes.back() = 1;
  const auto state = **read_safe_state(eyes.own_node, eyes.own_node.head()->hash, world.hot_address);
  EXPECT_EQ(difference(eyes.rule.safes[0], state), "");
  const Change changes[] = {
      {"swapOwner(address,address,address)", {first, state.owners[0], thief}, {}, "safe_changed@wallet_changed+ safe_changed@wallet_changed+ safe_state@wallet_changed"},
      {"changeThreshold(uint256)", {}, 1, "safe_changed@wallet_changed+ safe_state@wallet_changed"},
      {"enableModule(address)", {thief}, {}, "safe_changed@wallet_changed+ safe_state@wallet_changed"},
      {"setGuard(address)", {{}}, {}, "safe_changed@wallet_changed+ safe_state@wallet_changed"},
      {"setFallbackHandler(address)", {thief}, {}, "safe_changed@wallet_changed+ safe_state@wallet_changed"}};
  for (const Change& change : changes) {
    AbiWriter arguments;
    for (const Address20& address : change.addresses) arguments.address(address);
    if (change.number) arguments.number(*change.number);
    send_as(world.hot_address, world.hot_address, arguments.finish(selector_of(change.signature)));
    EXPECT_EQ(mine(), change.seen) << change.signature;
  }
  static_cast<void>(own);
}

TEST_F(evm_watcher, a_foreign_module_that_moves_money) {
  const Address20 module = world.anvil.account(7);
  send_as(world.hot_address, world.hot_address, AbiWriter().address(module).finish(selector_of("enableModule(address)")));
  mine();
  const Bytes theft = AbiWriter().address(kStranger).amount(milliether(1)).bytes({}).number(0).finish(
      selector_of("execTransactionFromModule(address,uint256,bytes,uint8)"));
  world.anvil.send(7, world.hot_address, {}, theft);
  EXPECT_EQ(mine(), "foreign_module@wallet_changed+");
  EXPECT_EQ(eyes.last[0].subject, to_bytes(module.view()));
}

TEST_F(evm_watcher, where_money_flows_is_changed) {
  const auto set = [](std::string_view what, const Address20& to) { return AbiWriter().address(to).finish(selector_of(what)); };
  send_as(world.cold_address, world.factory, set("setHotWallet(address)", world.hot_address));  // To a Safe of the policy.
  EXPECT_EQ(mine(), "");
  send_as(world.cold_address, world.factory, set("setHotWallet(address)", kStranger));
  EXPECT_EQ(mine(), "factory_repointed@wallet_changed+ factory_repointed@wallet_changed");  // The event and the state.
  EXPECT_EQ(eyes.last[0].subject, to_bytes(kStranger.view()));
  send_as(world.cold_address, world.module, set("setCold(address)", kStranger));
  EXPECT_EQ(mine(), "cold_changed@wallet_changed+ cold_changed@wallet_changed");
  const Address20 guard = eyes.rule.safes[0].guard;
  send_as(world.cold_address, guard, Bytes(AbiWriter().finish(selector_of("thaw()"))));
  send_as(world.cold_address, guard, AbiWriter().address(kNativeAsset).number(1).finish(selector_of("setLimit(address,uint256)")));
  send_as(world.cold_address, guard, AbiWriter().word(keccak256({})).finish(selector_of("approveOnce(bytes32)")));
  EXPECT_EQ(mine(), "guard_loosened@wallet_changed+ guard_loosened@wallet_changed+ guard_loosened@wallet_changed+");
}

// A delegatecall writes what it likes and says nothing.
TEST_F(evm_watcher, a_change_without_an_event_is_seen_in_the_storage) {
  const std::string safe = to_0x_hex(world.hot_address.view());
  world.anvil.call("anvil_setStorageAt", fmt::format(R"(["{}","{}","{}"])", safe, to_0x_hex(word_of(4).view()), to_0x_hex(word_of(1).view())));
  EXPECT_EQ(mine(), "safe_state@wallet_changed");
  EXPECT_EQ(eyes.last[0].text, "threshold: 1, by the policy 2");
  EXPECT_EQ(mine(), "");
  world.anvil.call("anvil_setStorageAt", fmt::format(R"(["{}","{}","{}"])", safe, to_0x_hex(word_of(0).view()), to_0x_hex(address_word(kStranger).view())));
  EXPECT_EQ(mine(), "safe_state@wallet_changed");
  EXPECT_EQ(eyes.last[0].text, "other code");
}

TEST_F(evm_watcher, code_at_the_address_of_an_own_key) {
  for (const Address20& address : {*address_of_key(world.owners[0]), world.single_address}) {
    const Bytes delegation = *from_hex("ef01007777777777777777777777777777777777777777");  // EIP-7702
    world.anvil.call("anvil_setCode", fmt::format(R"(["{}","{}"])", to_0x_hex(address.view()), to_0x_hex(delegation)));
    EXPECT_EQ(mine(), "key_delegated@own_key_misused");
    EXPECT_EQ(eyes.last[0].subject, to_bytes(address.view()));
  }
}

TEST_F(evm_watcher, goes_on_from_where_it_was_and_over_reorgs) {
  world.anvil.mine(100);  // So that looking again does not reach the making of the world.
  EXPECT_EQ(look(), "");
  const BlockMark before = eyes.newest.seen;
  world.anvil.send(6, world.hot_address, {}, order({1, 2}, safe_nonce()).calldata);
  world.anvil.mine(40);  // More than one look takes in, and nobody watched.
  watcher = eyes.watcher(before);
  EXPECT_EQ(look(), "safe_spend@unknown_spend+");
  EXPECT_EQ(eyes.newest.undone, 0u);
  const BlockMark kept = eyes.newest.seen;
  world.anvil.reorg(3);
  EXPECT_EQ(look(), "");
  EXPECT_EQ(eyes.newest.undone, 3u);
  EXPECT_NE(eyes.newest.seen, kept);
  // A mark whose block is gone: what lies before it is looked at once more.
  watcher = eyes.watcher(kept);
  EXPECT_EQ(look(), "safe_spend@unknown_spend+");
  // Without a mark: from now on.
  watcher = eyes.watcher();
  EXPECT_EQ(look(), "");
}

TEST_F(evm_watcher, says_what_is_wrong_with_the_node) {
  EXPECT_EQ(watcher->look(eyes.now() + kMsPerDay + 1).error().code, "node_behind");
  EXPECT_TRUE(watcher->look(eyes.now() + kMsPerDay));
  eyes.rule.chain_id = 1;
  EXPECT_EQ(watcher->look(eyes.now()).error().code, "wrong_chain");
  JsonRpcNode nobody("http://127.0.0.1:1");
  EvmWatcher blind(nobody, eyes.rule, eyes.settings, {}, [](const Hash32&) { return false; }, {});
  EXPECT_EQ(blind.look(eyes.now()).error().code, "node_down");
}

}  // namespace
}  // namespace holdfast::signer::test
