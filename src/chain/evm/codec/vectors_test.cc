// Every vector of tests/vectors: values that independent code agreed on.
#include "base/hex.h"
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/eip712.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/rlp.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/codec/transaction.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::chain::evm {
namespace {

using Json = nlohmann::json;

Json cases(const std::string& name) {
  std::ifstream in("tests/vectors/" + name + ".json");
  Json file = Json::parse(in);
  EXPECT_FALSE(file["cases"].empty());
  return file["cases"];
}

Bytes bytes(const Json& value) { return *from_hex(value.get<std::string>()); }
Address20 address(const Json& value) { return *parse_address(value.get<std::string>()); }
Hash32 hash(const Json& value) { return *fixed_from_hex<32>(value.get<std::string>()); }
Word number(const Json& value) {
  const std::string digits = value.get<std::string>().substr(2);
  return *fixed_from_hex<32>(std::string(64 - digits.size(), '0') + digits);
}
std::uint64_t uint64(const Json& value) { return *uint64_of(number(value)); }
std::vector<Address20> addresses(const Json& values) {
  std::vector<Address20> out;
  for (const Json& value : values) out.push_back(address(value));
  return out;
}

void encode(Bytes& out, const Json& value) {
  if (value.is_string()) return append_rlp_string(out, bytes(value));
  Bytes items;
  for (const Json& item : value) encode(items, item);
  append_rlp_list(out, items);
}

bool equal(const RlpItem& item, const Json& value) {
  if (item.is_list != value.is_array()) return false;
  if (!item.is_list) return to_0x_hex(item.string) == value.get<std::string>();
  if (item.items.size() != value.size()) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!equal(item.items[i], value[i])) return false;
  }
  return true;
}

TEST(vectors, keccak256) {
  for (const Json& c : cases("keccak256")) EXPECT_EQ(keccak256(bytes(c["input"])), hash(c["hash"]));
}

TEST(vectors, addresses) {
  for (const Json& c : cases("addresses")) {
    const std::string text = c["text"], kind = c["kind"];
    const auto parsed = parse_address(text);
    if (kind == "checksummed" || kind == "no_checksum") {
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(to_0x_hex(parsed->view()), c["address"].get<std::string>());
      EXPECT_EQ(to_checksum_text(*parsed), c["checksummed"].get<std::string>());
    } else {
      ASSERT_FALSE(parsed) << text;
      EXPECT_EQ(parsed.error().code, kind == "wrong_checksum" ? "address_checksum" : "address_malformed") << text;
    }
  }
}

TEST(vectors, rlp) {
  for (const Json& c : cases("rlp")) {
    const Bytes encoded = bytes(c["encoded"]);
    Bytes ours;
    encode(ours, c["value"]);
    EXPECT_EQ(ours, encoded);
    const auto item = decode_rlp(encoded);
    ASSERT_TRUE(item) << c;
    EXPECT_TRUE(equal(*item, c["value"])) << c;
  }
  for (const Json& c : cases("rlp_invalid")) EXPECT_FALSE(decode_rlp(bytes(c["encoded"]))) << c;
}

// Encodes the arguments; nothing for a function that no codec is for.
std::optional<Bytes> encode_call(const std::string& function, const Json& a) {
  if (function.starts_with("transfer(")) {
    const auto amount = Amount::from_word(number(a["value"]));
    if (!amount) return std::nullopt;
    return encode_transfer({address(a["to"]), *amount});
  }
  if (function.starts_with("balanceOf(")) return encode_balance_of(address(a["holder"]));
  if (function.starts_with("flush(")) {
    Flush call{{}, addresses(a["tokens"])};
    for (const Json& salt : a["salts"]) call.salts.push_back(hash(salt));
    return encode_flush(call);
  }
  if (function.starts_with("evacuateWithSignature(")) {
    return encode_evacuation({{addresses(a["assets"]), number(a["nonce"]), number(a["deadline"])}, bytes(a["signature"])});
  }
  if (function.starts_with("freezeWithSignature(")) {
    const auto nonce = uint64_of(number(a["nonce"])), deadline = uint64_of(number(a["deadline"]));
    if (!nonce || !deadline) return std::nullopt;
    return encode_guard_freeze({{*nonce, *deadline}, bytes(a["signature"])});
  }
  if (function.starts_with("execTransaction(")) {
    SafeTransaction inner;
    inner.to = address(a["to"]);
    inner.value = number(a["value"]);
    inner.data = bytes(a["data"]);
    inner.operation = static_cast<std::uint8_t>(uint64(a["operation"]));
    inner.safe_tx_gas = number(a["safeTxGas"]);
    inner.base_gas = number(a["baseGas"]);
    inner.gas_price = number(a["gasPrice"]);
    inner.gas_token = address(a["gasToken"]);
    inner.refund_receiver = address(a["refundReceiver"]);
    return encode_exec_transaction({inner, bytes(a["signatures"])});
  }
  return std::nullopt;
}

bool decodes(const std::string& function, const Bytes& calldata) {
  if (function.starts_with("transfer(")) return decode_transfer(calldata).has_value();
  if (function.starts_with("flush(")) return decode_flush(calldata).has_value();
  if (function.starts_with("evacuateWithSignature(")) return decode_evacuation(calldata).has_value();
  if (function.starts_with("freezeWithSignature(")) return decode_guard_freeze(calldata).has_value();
  if (function.starts_with("execTransaction(")) return decode_exec_transaction(calldata).has_value();
  return false;
}

TEST(vectors, abi) {
  std::size_t checked = 0;
  for (const Json& c : cases("abi")) {
    const std::string function = c["function"];
    const Bytes calldata = bytes(c["calldata"]);
    EXPECT_EQ(to_0x_hex(selector_of(function).view()), c["selector"].get<std::string>());
    const auto ours = encode_call(function, c["arguments"]);
    if (!ours) {  // A number over our bounds, or a function that we never call: refused.
      EXPECT_FALSE(decodes(function, calldata)) << c;
      continue;
    }
    ++checked;
    EXPECT_EQ(*ours, calldata) << c;
    EXPECT_EQ(decodes(function, calldata), !function.starts_with("balanceOf(")) << c;  // that one is only asked
  }
  EXPECT_GT(checked, 50U);
  for (const Json& c : cases("abi_invalid")) EXPECT_FALSE(decodes(c["function"], bytes(c["calldata"]))) << c;
}

void expect_signature(const Json& c, const Hash32& digest) {
  EXPECT_EQ(digest, hash(c["hash"]));
  const Signature signature = *sign(Secret::copy_of(bytes(c["privateKey"])), digest);
  EXPECT_EQ(to_0x_hex(signature.view()), c["signature"].get<std::string>());
  EXPECT_EQ(*recover(digest, signature), address(c["signer"]));
}

TEST(vectors, eip712_safe_tx) {
  for (const Json& c : cases("eip712_safe_tx")) {
    SafeTransaction inner;
    inner.to = address(c["to"]);
    inner.value = number(c["value"]);
    inner.data = bytes(c["data"]);
    inner.operation = static_cast<std::uint8_t>(uint64(c["operation"]));
    inner.safe_tx_gas = number(c["safeTxGas"]);
    inner.base_gas = number(c["baseGas"]);
    inner.gas_price = number(c["gasPrice"]);
    inner.gas_token = address(c["gasToken"]);
    inner.refund_receiver = address(c["refundReceiver"]);
    const std::uint64_t chain = uint64(c["chainId"]);
    EXPECT_EQ(safe_domain_separator(chain, address(c["verifyingContract"])), hash(c["domainSeparator"]));
    expect_signature(c, safe_transaction_hash(chain, address(c["verifyingContract"]), inner, uint64(c["nonce"])));
  }
}

TEST(vectors, eip712_evacuate) {
  for (const Json& c : cases("eip712_evacuate")) {
    const Evacuation evacuation{addresses(c["assets"]), number(c["nonce"]), number(c["deadline"])};
    expect_signature(c, evacuation_hash(uint64(c["chainId"]), address(c["verifyingContract"]), evacuation));
  }
}

TEST(vectors, eip712_freeze) {
  for (const Json& c : cases("eip712_freeze")) {
    const GuardFreeze freeze{uint64(c["nonce"]), uint64(c["deadline"])};
    expect_signature(c, guard_freeze_hash(uint64(c["chainId"]), address(c["verifyingContract"]), freeze));
  }
}

Eip1559Transaction transaction_of(const Json& c) {
  Eip1559Transaction out;
  out.chain_id = uint64(c["chainId"]);
  out.nonce = uint64(c["nonce"]);
  out.max_priority_fee = *Amount::from_word(number(c["maxPriorityFeePerGas"]));
  out.max_fee = *Amount::from_word(number(c["maxFeePerGas"]));
  out.gas = uint64(c["gasLimit"]);
  out.to = address(c["to"]);
  out.value = *Amount::from_word(number(c["value"]));
  out.data = bytes(c["data"]);
  return out;
}

bool within_bounds(const Json& c) {
  return Amount::from_word(number(c["value"])) && Amount::from_word(number(c["maxFeePerGas"])) &&
         Amount::from_word(number(c["maxPriorityFeePerGas"])) && uint64_of(number(c["nonce"])) && uint64_of(number(c["gasLimit"]));
}

TEST(vectors, transactions) {
  std::size_t checked = 0;
  for (const Json& c : cases("transactions")) {
    const auto decoded_unsigned = decode_unsigned(bytes(c["unsigned"]));
    const auto decoded = decode_signed(bytes(c["signed"]));
    if (c["kind"] != "plain" || !within_bounds(c)) {
      EXPECT_FALSE(decoded_unsigned) << c;
      EXPECT_FALSE(decoded) << c;
      continue;
    }
    ++checked;
    const Eip1559Transaction transaction = transaction_of(c);
    EXPECT_EQ(encode_unsigned(transaction), bytes(c["unsigned"]));
    EXPECT_EQ(signing_hash(transaction), hash(c["sighash"]));
    const SignedTransaction made{transaction, *sign(Secret::copy_of(bytes(c["privateKey"])), signing_hash(transaction))};
    EXPECT_EQ(encode_signed(made), bytes(c["signed"]));
    EXPECT_EQ(transaction_id(bytes(c["signed"])), hash(c["hash"]));
    ASSERT_TRUE(decoded_unsigned && decoded) << c;
    EXPECT_EQ(*decoded_unsigned, transaction);
    EXPECT_EQ(*decoded, made);
    EXPECT_EQ(*sender_of(*decoded), address(c["sender"]));
  }
  EXPECT_GT(checked, 40U);
}

TEST(vectors, forwarders) {
  for (const Json& c : cases("forwarders")) {
    EXPECT_EQ(forwarder_address(address(c["factory"]), address(c["implementation"]), hash(c["salt"])), address(c["address"]));
  }
}

}  // namespace
}  // namespace holdfast::chain::evm
