// Keys in a real token (SoftHSM2): made inside, kept inside, and good for what the chain takes.
#include "signer/keys/token_keys.h"

#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/raw_signature.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/codec/transaction.h"
#include "signer/keys/pkcs11_session.h"
#include "signer/keys/test_token.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <set>

namespace holdfast::signer {
namespace {

using test::pin;
using test::TestToken;

Hash32 digest_of(std::uint64_t number) { return chain::evm::keccak256(as_bytes(std::to_string(number))); }

class Token : public testing::Test {
 protected:
  std::vector<KeyEntry> create(const TokenWish& wish = {1, 1}) {
    auto made = create_token_keys(token.place(), "alpha", wish, pin());
    EXPECT_TRUE(made.has_value()) << made.error().text;
    return made.value_or(std::vector<KeyEntry>());
  }
  Result<std::unique_ptr<TokenKeys>> open(Secret with = pin()) { return TokenKeys::open(token.place(), "alpha", std::move(with), {}); }
  std::unique_ptr<pkcs11::Session> session(bool logged_in) {
    auto out = *pkcs11::Session::open(*pkcs11::Module::load(test::kSoftHsm), token.place(), true);
    if (logged_in) {
      EXPECT_TRUE(out->log_in(pin()).has_value());
    }
    return out;
  }

  TestToken token;
};

TEST_F(Token, makes_keys_that_are_listed_without_a_pin) {
  const auto made = create({2, 1});
  ASSERT_EQ(made.size(), 4u);
  EXPECT_EQ(made[0].role, KeyRole::owner);
  EXPECT_EQ(made[1].role, KeyRole::gas);
  EXPECT_EQ(made[3].role, KeyRole::single_key);
  EXPECT_EQ(*list_token_keys(token.place(), "alpha"), made);
  EXPECT_EQ(create_token_keys(token.place(), "alpha", {}, pin()).error().code, "token_keys_exist");
  EXPECT_EQ(list_token_keys(token.place(), "beta").error().code, "token_keys_missing");
  // Another signer's keys in the same token are its own.
  ASSERT_TRUE(create_token_keys(token.place(), "alphabet", {}, pin()).has_value());
  EXPECT_EQ(*list_token_keys(token.place(), "alpha"), made);
  const auto keys = open();
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  EXPECT_EQ((*keys)->owner(), made[0].address);
  EXPECT_EQ((*keys)->accounts(), (std::vector{made[1].address, made[2].address, made[3].address}));
}

TEST_F(Token, gives_no_private_key_away) {
  create();
  const auto opened = session(true);
  const auto found = opened->find({pkcs11::Attribute::number(CKA_CLASS, CKO_PRIVATE_KEY)});
  ASSERT_EQ(found->size(), 3u);
  for (const CK_OBJECT_HANDLE key : *found) {
    EXPECT_EQ(opened->read(key, CKA_VALUE).error().code, "token_keeps_it");
    EXPECT_EQ(opened->read(key, CKA_EXTRACTABLE)->at(0), CK_FALSE);
    EXPECT_EQ(opened->read(key, CKA_NEVER_EXTRACTABLE)->at(0), CK_TRUE);
    EXPECT_EQ(opened->read(key, CKA_LOCAL)->at(0), CK_TRUE);
  }
}

TEST_F(Token, shows_no_private_key_without_the_pin) {
  create();
  EXPECT_TRUE(session(false)->find({pkcs11::Attribute::number(CKA_CLASS, CKO_PRIVATE_KEY)})->empty());
}

// About half of what a token gives has a high s; each of either half becomes what recovers to the key.
TEST_F(Token, signs_with_a_low_s_and_the_right_recovery_id) {
  const auto made = create();
  const auto keys = open();
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  std::set<int> ids;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto& key = made[i % made.size()].address;
    const auto signature = (*keys)->sign(key, digest_of(i));
    ASSERT_TRUE(signature.has_value()) << signature.error().text;
    EXPECT_EQ(*chain::evm::recover(digest_of(i), *signature), key);  // Refuses a high s.
    ids.insert(signature->bytes[64]);
  }
  EXPECT_EQ(ids, (std::set<int>{27, 28}));
  EXPECT_EQ((*keys)->sign({}, digest_of(1)).error().code, "key_missing");
}

TEST_F(Token, signs_transactions_and_what_owners_sign) {
  const auto made = create();
  const auto keys = open();
  ASSERT_TRUE(keys.has_value()) << keys.error().text;
  chain::evm::Eip1559Transaction transaction;
  transaction.chain_id = 1;
  transaction.gas = 21'000;
  transaction.to.bytes.fill(9);
  const Hash32 transaction_hash = signing_hash(transaction);
  EXPECT_EQ(*chain::evm::recover(transaction_hash, *(*keys)->sign(made[1].address, transaction_hash)), made[1].address);
  chain::evm::Address20 safe;
  safe.bytes.fill(0xa0);
  const Hash32 safe_hash = chain::evm::safe_transaction_hash(1, safe, {}, 5);
  EXPECT_EQ(*chain::evm::recover(safe_hash, *(*keys)->sign(made[0].address, safe_hash)), made[0].address);
}

TEST_F(Token, refuses_a_wrong_pin_and_tries_it_once) {
  create();
  EXPECT_EQ(open(pin("000000")).error().code, "pin_wrong");
  EXPECT_EQ(create_token_keys(token.place(), "beta", {}, pin("000000")).error().code, "pin_wrong");
  EXPECT_TRUE(open().has_value());
}

// As when the PIN was changed while the signer ran: it must not use up the tries that are left.
TEST_F(Token, does_not_try_a_pin_again_that_was_refused_later) {
  const auto made = create();
  auto keys = open();
  ASSERT_TRUE(keys.has_value());
  const std::filesystem::path there = token.tokens(), away = token.tokens() + ".away";
  std::filesystem::rename(there, away);
  ASSERT_EQ((*keys)->sign(made[0].address, digest_of(1)).error().kind, ErrorKind::fault);
  std::filesystem::rename(away, there);
  const std::string change = std::string("softhsm2-util --init-token --token vault --label vault --so-pin 99887766 --pin 135790 > /dev/null");
  ASSERT_EQ(std::system(change.c_str()), 0);
  EXPECT_EQ((*keys)->sign(made[0].address, digest_of(1)).error().code, "pin_wrong");
  const auto again = (*keys)->sign(made[0].address, digest_of(1));
  EXPECT_EQ(again.error().code, "pin_wrong");
  EXPECT_NE(again.error().text.find("not tried again"), std::string::npos);
}

TEST_F(Token, gone_is_a_fault_and_back_it_signs_again) {
  const auto made = create();
  const auto keys = open();
  ASSERT_TRUE(keys.has_value());
  const std::filesystem::path there = token.tokens(), away = token.tokens() + ".away";
  std::filesystem::rename(there, away);
  const auto gone = (*keys)->sign(made[0].address, digest_of(1));
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().kind, ErrorKind::fault) << gone.error().code;
  std::filesystem::rename(away, there);
  const auto back = (*keys)->sign(made[0].address, digest_of(1));
  ASSERT_TRUE(back.has_value()) << back.error().text;
  EXPECT_EQ(*chain::evm::recover(digest_of(1), *back), made[0].address);
}

TEST_F(Token, opens_another_session_when_its_own_is_closed) {
  const auto made = create();
  const auto keys = open();
  ASSERT_TRUE(keys.has_value());
  const auto module = *pkcs11::Module::load(test::kSoftHsm);
  CK_SLOT_ID slots[8];
  CK_ULONG count = 8;
  ASSERT_EQ(module->calls().C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
  for (CK_ULONG i = 0; i < count; ++i) module->calls().C_CloseAllSessions(slots[i]);
  const auto signature = (*keys)->sign(made[0].address, digest_of(1));
  ASSERT_TRUE(signature.has_value()) << signature.error().text;
}

TEST_F(Token, is_not_used_by_a_child_process) {
  const auto made = create();
  const auto keys = open();
  ASSERT_TRUE(keys.has_value());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto signature = (*keys)->sign(made[0].address, digest_of(1));
    ::_exit(!signature && signature.error().kind == ErrorKind::fault ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE((*keys)->sign(made[0].address, digest_of(2)).has_value());
}

TEST_F(Token, refuses_keys_that_were_outside_or_are_not_whole) {
  create();
  {
    const auto opened = session(true);
    const auto found = opened->find({pkcs11::Attribute::number(CKA_CLASS, CKO_PRIVATE_KEY)});
    ASSERT_TRUE(opened->destroy(found->front()).has_value());
  }
  EXPECT_EQ(open().error().code, "token_keys_malformed");
  ASSERT_TRUE(create_token_keys(token.place(), "beta", {}, pin()).has_value());
  {
    const auto opened = session(true);
    const std::string label = "holdfast:beta:single_key:0";
    using pkcs11::Attribute;
    const std::vector<Attribute> both = {Attribute::number(CKA_KEY_TYPE, CKK_EC), Attribute::flag(CKA_TOKEN, true),
                                         Attribute::bytes(CKA_LABEL, as_bytes(label)), Attribute::bytes(CKA_ID, Bytes(16, 7))};
    auto shown = both;
    shown.insert(shown.end(), {pkcs11::secp256k1_parameters(), Attribute::flag(CKA_PRIVATE, false)});
    auto kept = both;
    kept.insert(kept.end(), {Attribute::flag(CKA_PRIVATE, true), Attribute::flag(CKA_SENSITIVE, false),
                             Attribute::flag(CKA_EXTRACTABLE, true), Attribute::flag(CKA_SIGN, true)});
    ASSERT_TRUE(opened->generate(shown, kept).has_value());
  }
  EXPECT_EQ(TokenKeys::open(token.place(), "beta", pin(), {}).error().code, "token_key_exposed");
}

TEST_F(Token, destroys_what_is_the_signers_and_nothing_else) {
  create();
  ASSERT_TRUE(create_token_keys(token.place(), "beta", {}, pin()).has_value());
  EXPECT_EQ(destroy_token_keys(token.place(), "alpha", pin("000000")).error().code, "pin_wrong");
  EXPECT_EQ(*destroy_token_keys(token.place(), "alpha", pin()), 6u);
  EXPECT_EQ(list_token_keys(token.place(), "alpha").error().code, "token_keys_missing");
  EXPECT_TRUE(TokenKeys::open(token.place(), "beta", pin(), {}).has_value());
}

TEST_F(Token, is_found_by_its_label_and_serial) {
  create();
  EXPECT_EQ(list_token_keys(token.place("cellar"), "alpha").error().code, "token_missing");
  TokenPlace other = token.place();
  other.serial = "0000000000000000";
  EXPECT_EQ(list_token_keys(other, "alpha").error().code, "token_missing");
  EXPECT_EQ(list_token_keys({"/nowhere/module.so", "vault", {}}, "alpha").error().code, "token_module_not_loaded");
  EXPECT_EQ(list_token_keys({"/lib/x86_64-linux-gnu/libm.so.6", "vault", {}}, "alpha").error().code, "token_module_not_loaded");
  token.add("vault");
  EXPECT_EQ(list_token_keys(token.place(), "alpha").error().code, "token_twice");
}

TEST_F(Token, has_the_seed_beside_it) {
  create();
  auto seed = SeedKeys::of(Secret::copy_of(Bytes(32, 4)));
  const auto id = seed->id();
  const auto keys = TokenKeys::open(token.place(), "alpha", pin(), std::move(*seed));
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ((*keys)->seed_id(), id);
  EXPECT_TRUE((*keys)->public_key({0x8000'0000U}).has_value());
  EXPECT_EQ((*open())->sign_inputs({}).error().code, "key_missing");
  EXPECT_EQ((*open())->public_key({1}).error().code, "key_missing");
}

TEST(Pkcs11, takes_a_point_in_either_form) {
  Bytes point(65, 7);
  point[0] = 4;
  Bytes wrapped(2 + point.size(), 7);
  wrapped[0] = 0x04;
  wrapped[1] = 65;
  wrapped[2] = 4;
  EXPECT_EQ(pkcs11::point_of(point)->bytes, chain::evm::PublicKey::from(Bytes(64, 7)).bytes);
  EXPECT_EQ(pkcs11::point_of(wrapped)->bytes, chain::evm::PublicKey::from(Bytes(64, 7)).bytes);
  EXPECT_FALSE(pkcs11::point_of(Bytes(65, 2)).has_value());
  EXPECT_FALSE(pkcs11::point_of(Bytes(33, 4)).has_value());
  EXPECT_FALSE(pkcs11::point_of({}).has_value());
}

}  // namespace
}  // namespace holdfast::signer
