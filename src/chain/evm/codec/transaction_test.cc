#include "chain/evm/codec/transaction.h"

#include "base/hex.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/safe.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::chain::evm {
namespace {

Secret key_of(std::string_view hex) { return Secret::copy_of(*from_hex(hex)); }

// The first account of "test test test ... junk".
constexpr std::string_view kKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr std::string_view kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

Eip1559Transaction example() {
  Eip1559Transaction out{.chain_id = 1, .nonce = 3, .max_priority_fee = Amount::of(2), .max_fee = Amount::of(1'000'000'000'000),
                         .gas = 21000, .to = {}, .value = Amount::of(5), .data = Bytes{1, 2, 3}};
  out.to.bytes.fill(0x11);
  return out;
}

TEST(secp256k1, keys) {
  EXPECT_EQ(to_checksum_text(*address_of_key(key_of(kKey))), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  EXPECT_EQ(address_of_key(key_of(std::string(64, '0'))).error().code, "key_invalid");
  EXPECT_EQ(address_of_key(key_of(kOrder)).error().code, "key_invalid");
  EXPECT_EQ(address_of_key(Secret(31)).error().code, "key_invalid");
  EXPECT_EQ(sign(Secret(), {}).error().code, "key_invalid");
}

TEST(secp256k1, a_signature_names_its_signer) {
  const Secret key = key_of(kKey);
  const Hash32 digest = keccak256(as_bytes("holdfast"));
  const Signature signature = *sign(key, digest);
  EXPECT_EQ(*sign(key, digest), signature);  // deterministic
  EXPECT_EQ(*recover(digest, signature), *address_of_key(key));
  EXPECT_NE(*recover(keccak256(as_bytes("holdfasts")), signature), *address_of_key(key));
}

TEST(secp256k1, takes_one_form_of_a_signature) {
  const Hash32 digest = keccak256(as_bytes("holdfast"));
  const Signature good = *sign(key_of(kKey), digest);
  const auto code = [&](const Signature& signature) { return recover(digest, signature).error().code; };
  for (const int v : {0, 1, 26, 29, 31, 255}) {
    Signature other = good;
    other.bytes[64] = static_cast<std::uint8_t>(v);
    EXPECT_EQ(code(other), "signature_malformed") << v;
  }
  Signature high = good;  // n - s with the other parity is the same signature written a second way.
  const Bytes order = *from_hex(kOrder);
  int borrow = 0;
  for (std::size_t i = 32; i > 0; --i) {
    const int digit = order[i - 1] - good.bytes[32 + i - 1] - borrow;
    borrow = digit < 0 ? 1 : 0;
    high.bytes[32 + i - 1] = static_cast<std::uint8_t>(digit);
  }
  high.bytes[64] = static_cast<std::uint8_t>(55 - good.bytes[64]);
  EXPECT_EQ(code(high), "signature_malformed");
  Signature zero;
  zero.bytes[64] = 27;
  EXPECT_EQ(code(zero), "signature_unrecoverable");
  Signature over = good;
  std::fill_n(over.bytes.begin(), 32, std::uint8_t{0xff});
  EXPECT_EQ(code(over), "signature_malformed");
}

TEST(transaction, survives_coding) {
  const Secret key = key_of(kKey);
  const Eip1559Transaction transaction = example();
  EXPECT_EQ(*decode_unsigned(encode_unsigned(transaction)), transaction);
  const SignedTransaction made{transaction, *sign(key, signing_hash(transaction))};
  const Bytes raw = encode_signed(made);
  EXPECT_EQ(*decode_signed(raw), made);
  EXPECT_EQ(*sender_of(*decode_signed(raw)), *address_of_key(key));
}

TEST(transaction, refuses_what_holdfast_never_makes) {
  const auto code = [](ByteView input) {
    const auto decoded = decode_unsigned(input);
    return decoded ? std::string_view("accepted") : decoded.error().code;
  };
  const Bytes good = encode_unsigned(example());
  EXPECT_EQ(code({}), "transaction_type");
  EXPECT_EQ(code(ByteView(good).subspan(1)), "transaction_type");
  EXPECT_EQ(code(*from_hex("02c0")), "transaction_fields");
  EXPECT_EQ(code(Bytes(kTransactionMaxBytes + 1, 2)), "transaction_too_large");
  EXPECT_EQ(code(*from_hex("02c9010203040580800a80")), "transaction_fields");
  EXPECT_EQ(code(*from_hex("02c9010203040580800ac0")), "transaction_creates_contract");
  EXPECT_EQ(code(*from_hex("02ca010203040580800ac100")), "transaction_creates_contract");
  EXPECT_EQ(code(*from_hex("02de0102030405941111111111111111111111111111111111111111070ac101")), "transaction_access_list");
  EXPECT_EQ(code(*from_hex("02dd0002030405941111111111111111111111111111111111111111070ac0")), "rlp_not_a_number");
  const SignedTransaction made{example(), *sign(key_of(kKey), signing_hash(example()))};
  EXPECT_EQ(code(encode_signed(made)), "transaction_fields");
}

TEST(transaction, every_bit_of_a_signed_one_counts) {
  const SignedTransaction made{example(), *sign(key_of(kKey), signing_hash(example()))};
  const Bytes raw = encode_signed(made);
  const Address20 sender = *address_of_key(key_of(kKey));
  for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
    Bytes changed = raw;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto decoded = decode_signed(changed);
    if (!decoded) continue;
    EXPECT_EQ(encode_signed(*decoded), changed);
    const auto other = sender_of(*decoded);
    EXPECT_TRUE(!other || *other != sender) << bit;
  }
}

TEST(safe, owners_are_found_whichever_way_they_signed) {
  const Secret key = key_of(kKey);
  const Address20 owner = *address_of_key(key);
  const Hash32 hash = keccak256(as_bytes("a Safe transaction"));
  const Signature direct = *sign(key, hash);
  Signature message = *sign(key, keccak256({as_bytes("\x19" "Ethereum Signed Message:\n32"), hash.view()}));
  message.bytes[64] = static_cast<std::uint8_t>(message.bytes[64] + 4);
  Bytes signatures(65, 0);  // nobody's
  signatures.insert(signatures.end(), direct.bytes.begin(), direct.bytes.end());
  signatures.insert(signatures.end(), message.bytes.begin(), message.bytes.end());
  signatures.push_back(1);
  EXPECT_EQ(recover_owner_signatures(hash, signatures), (std::vector<Address20>{owner, owner}));
}

TEST(safe, signatures_are_joined_in_the_order_of_owners) {
  SafeOwnerSignature low, high;
  low.owner.bytes[0] = 1;
  low.signature.bytes.fill(1);
  high.owner.bytes[0] = 0xf0;
  high.signature.bytes.fill(2);
  const Bytes joined = join_owner_signatures({high, low});
  ASSERT_EQ(joined.size(), 130U);
  EXPECT_EQ(joined[0], 1);
  EXPECT_EQ(joined[65], 2);
}

}  // namespace
}  // namespace holdfast::chain::evm
