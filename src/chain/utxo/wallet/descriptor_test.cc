#include "chain/utxo/wallet/descriptor.h"

#include "chain/utxo/codec/signature.h"
#include "chain/utxo/wallet/testing/vectors.h"

#include <algorithm>
#include <thread>

namespace holdfast::chain::utxo {
namespace {

const std::string kUnspendable = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";
const std::string kPoint = "03a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";

Secret seed(std::uint8_t number) {
  Secret out(32);
  out.mutable_data()[0] = number;
  return out;
}

ExtendedPublicKey account(std::uint8_t number) { return *neuter(*derive(*master_of_seed(seed(number)), *parse_path("48h/0h/0h/2h"))); }

// A cosigner's KEY, by number.
std::string key(std::uint8_t number, const std::string& tail = "/<0;1>/*") {
  const Fingerprint master = fingerprint_of(neuter(*master_of_seed(seed(number)))->key);
  return "[" + to_hex(master.view()) + "/48h/0h/0h/2h]" + to_text(account(number), bitcoin()) + tail;
}

std::string quorum(const std::string& front, std::uint8_t keys, const std::string& behind) {
  std::string out = front;
  for (std::uint8_t i = 1; i <= keys; ++i) out += "," + key(i);
  return out + behind;
}

Descriptor parse(const std::string& text) {
  auto out = Descriptor::parse(text, bitcoin());
  EXPECT_TRUE(out) << text << ": " << out.error().text;
  return std::move(*out);
}

std::string_view code(const std::string& text) {
  const auto out = Descriptor::parse(text, bitcoin());
  return out ? "accepted" : out.error().code;
}

TEST(descriptor, the_wallets_of_holdfast) {
  const Descriptor hot = parse(quorum("wsh(sortedmulti(2", 3, "))"));
  EXPECT_EQ(hot.kind(), ScriptKind::p2wsh);
  EXPECT_EQ(hot.threshold(), 2U);
  EXPECT_EQ(hot.key_count(), 3U);
  EXPECT_EQ(hot.branches(), 2U);
  EXPECT_FALSE(hot.has_key_path());
  const Descriptor cold = parse(quorum("wsh(sortedmulti(3", 5, "))"));
  EXPECT_EQ(cold.threshold(), 3U);
  EXPECT_EQ(cold.key_count(), 5U);
  const Descriptor taproot = parse(quorum("tr(" + kUnspendable + ",sortedmulti_a(2", 3, "))"));
  EXPECT_EQ(taproot.kind(), ScriptKind::p2tr);
  EXPECT_EQ(taproot.threshold(), 2U);
  EXPECT_EQ(taproot.key_count(), 3U);
  EXPECT_FALSE(taproot.has_key_path());
  const auto output = taproot.derive(1, 7);
  EXPECT_EQ(*output->internal_key, unspendable_internal_key());
  EXPECT_EQ(output->control_block.size(), 33U);
  EXPECT_EQ(output->keys.size(), 3U);
  EXPECT_EQ(to_text(output->keys[0].path), "48h/0h/0h/2h/1/7");
}

TEST(descriptor, weights) {
  const auto weight = [](const std::string& text) { return parse(text).derive(0, 0)->satisfaction_weight; };
  EXPECT_EQ(weight("wpkh(" + key(1) + ")"), 1U + 73 + 34);
  EXPECT_EQ(weight("sh(wpkh(" + key(1) + "))"), 1U + 73 + 34 + 4 * 23);
  EXPECT_EQ(weight("pkh(" + key(1) + ")"), 1U + 4 * (73 + 34));
  EXPECT_EQ(weight("tr(" + key(1) + ")"), 1U + 65);
  EXPECT_EQ(weight(quorum("wsh(sortedmulti(2", 3, "))")), 1U + 1 + 2 * 73 + 1 + 105);
  EXPECT_EQ(weight(quorum("wsh(sortedmulti(3", 5, "))")), 1U + 1 + 3 * 73 + 1 + 173);
  EXPECT_EQ(weight(quorum("sh(wsh(sortedmulti(2", 3, ")))")), 1U + 1 + 2 * 73 + 1 + 105 + 4 * 35);
  EXPECT_EQ(weight(quorum("tr(" + kUnspendable + ",sortedmulti_a(2", 3, "))")), 1U + 2 * 65 + 1 + (1 + 104) + 34);
  EXPECT_EQ(weight(quorum("wsh(multi(16", 16, "))")), 1U + 1 + 16 * 73 + 3 + 547);
  EXPECT_EQ(weight("raw(deadbeef)"), 0U);
}

TEST(descriptor, who_could_spend_alone_past_the_leaf) {
  const std::string nobody = "[00000000]" + [] {
    ExtendedPublicKey root = account(9);
    root.key.bytes[0] = 0x02;
    std::ranges::copy(unspendable_internal_key().bytes, root.key.bytes.begin() + 1);
    return to_text(root, bitcoin());
  }() + "/<0;1>/*";
  EXPECT_FALSE(parse(quorum("tr(" + nobody + ",sortedmulti_a(2", 3, "))")).has_key_path());
  EXPECT_FALSE(parse(quorum("tr(02" + kUnspendable + ",sortedmulti_a(2", 3, "))")).has_key_path());
  EXPECT_TRUE(parse(quorum("tr(" + key(9) + ",sortedmulti_a(2", 3, "))")).has_key_path());
  EXPECT_TRUE(parse(quorum("tr(" + kPoint + ",sortedmulti_a(2", 3, "))")).has_key_path());
  EXPECT_TRUE(parse("tr(" + key(1) + ")").has_key_path());
  EXPECT_FALSE(parse("wpkh(" + key(1) + ")").has_key_path());
}

TEST(descriptor, the_same_key_twice_is_one_person_twice) {
  const std::string once = key(1), other = key(2);
  EXPECT_EQ(code("wsh(sortedmulti(2," + once + "," + other + "," + once + "))"), "key_invalid");
  EXPECT_EQ(code("wsh(multi(2," + once + "," + other + "," + once + "))"), "key_invalid");
  EXPECT_EQ(code("tr(" + kUnspendable + ",multi_a(2," + once + "," + once + "))"), "key_invalid");
  EXPECT_EQ(code("tr(" + kUnspendable + ",multi_a(2,03" + kPoint.substr(2) + ",02" + kPoint.substr(2) + "))"), "key_invalid");
  EXPECT_EQ(code("wsh(multi(2," + key(1, "/<0;1>/*") + "," + key(1, "/<1;0>/*") + "))"), "accepted");
  EXPECT_EQ(code("wsh(multi(2," + key(1, "/<0;1>/*") + "," + key(1, "/<2;1>/*") + "))"), "key_invalid");
  // At index 5 the two meet; other indices are fine.
  const Descriptor meeting = parse("wsh(multi(2," + key(1, "/0/*") + "," + key(1, "/0/5") + "))");
  EXPECT_TRUE(meeting.derive(0, 4));
  EXPECT_EQ(meeting.derive(0, 5).error().code, "key_invalid");
}

TEST(descriptor, ranges) {
  const Descriptor ranged = parse("wpkh(" + key(1) + ")");
  EXPECT_TRUE(ranged.derive(1, kHardened - 1));
  EXPECT_EQ(ranged.derive(2, 0).error().code, "derivation_out_of_range");
  EXPECT_EQ(ranged.derive(0, kHardened).error().code, "derivation_out_of_range");
  const Descriptor fixed = parse("wpkh(" + key(1, "/0/1") + ")");
  EXPECT_FALSE(fixed.is_ranged());
  EXPECT_EQ(fixed.branches(), 1U);
  EXPECT_TRUE(fixed.derive(0, 0));
  EXPECT_EQ(fixed.derive(0, 1).error().code, "derivation_out_of_range");
  EXPECT_EQ(fixed.derive(1, 0).error().code, "derivation_out_of_range");
  EXPECT_EQ(fixed.derive(0, 0)->script_pubkey, parse("wpkh(" + key(1, "/0/*") + ")").derive(0, 1)->script_pubkey);
}

TEST(descriptor, origins) {
  const auto with = parse("wpkh(" + key(1) + ")").derive(0, 3);
  EXPECT_EQ(with->keys[0].master, fingerprint_of(neuter(*master_of_seed(seed(1)))->key));
  EXPECT_EQ(to_text(with->keys[0].path), "48h/0h/0h/2h/0/3");
  const auto without = parse("wpkh(" + to_text(account(1), bitcoin()) + "/<0;1>/*)").derive(1, 3);
  EXPECT_EQ(without->keys[0].master, fingerprint_of(account(1).key));
  EXPECT_EQ(to_text(without->keys[0].path), "1/3");
  const auto plain = parse("wpkh(" + kPoint + ")").derive(0, 0);
  EXPECT_EQ(plain->keys[0].master, fingerprint_of(*fixed_from_hex<33>(kPoint)));
  EXPECT_TRUE(plain->keys[0].path.empty());
  EXPECT_EQ(to_hex(parse("wpkh([DEADBEEF]" + kPoint + ")").derive(0, 0)->keys[0].master.view()), "deadbeef");
}

TEST(descriptor, canonical_text) {
  const std::string body = "wpkh([deadbeef/1h/2/3h]" + kPoint + ")";
  EXPECT_EQ(parse("wpkh([DEADBEEF/1'/2/3h]" + kPoint + ")").to_text(), body + "#" + *descriptor_checksum(body));
  EXPECT_EQ(parse("raw(DEADBEEF)").to_text(), "raw(deadbeef)#89f8spxm");
  EXPECT_EQ(parse("addr(BC1QCR8TE4KR609GCAWUTMRZA0J4XV80JY8Z306FYU)").to_text().substr(0, 48),
            "addr(bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu)");
  EXPECT_TRUE(parse("tr(" + kPoint.substr(2) + ")").to_text().starts_with("tr(" + kPoint.substr(2) + ")#"));
}

TEST(descriptor, a_wrong_checksum_is_found) {
  const std::string right = parse(quorum("wsh(sortedmulti(2", 3, "))")).to_text();
  EXPECT_EQ(code(right), "accepted");
  const std::size_t from = right.size() - 8;
  for (std::size_t at = from; at < right.size(); ++at) {
    std::string wrong = right;
    wrong[at] = wrong[at] == 'q' ? 'p' : 'q';
    EXPECT_EQ(code(wrong), "descriptor_checksum");
  }
  std::string swapped = right;
  swapped[16] = swapped[16] == '2' ? '1' : '2';  // The threshold.
  EXPECT_EQ(code(swapped), "descriptor_checksum");
  EXPECT_EQ(code(right + "q"), "descriptor_checksum");
  EXPECT_EQ(code("#"), "descriptor_checksum");
  EXPECT_EQ(code(right.substr(0, right.size() - 1)), "descriptor_checksum");
  EXPECT_FALSE(descriptor_checksum("raw(\x80)"));
}

TEST(descriptor, refused_as_malformed) {
  const std::string k = key(1);
  const std::vector<std::string> texts{
      "", "/", "wpkh", "wpkh(", "wpkh()", "()", "wsh(multi(1))", "wsh(multi(,))", "raw()", "raw(0xdead)", "raw(abc)",
      "WPKH(" + k + ")", "wpkh(" + k, "wpkh(" + k + "))", "wpkh(" + k + ") ", " wpkh(" + k + ")", "wpkh(" + k + "," + k + ")",
      "wsh(multi(01," + k + "))", "wsh(multi(1000," + k + "))", "wsh(multi(-1," + k + "))", "wsh(multi(1," + k + ",))",
      "wsh(multi(1 ," + k + "))", "tr(" + k + ",)", "wpkh(" + kPoint.substr(2) + ")", "wpkh(" + key(1, "/") + ")",
      "wpkh(" + key(1, "/*/0") + ")", "wpkh(" + key(1, "/**") + ")", "wpkh(" + key(1, "/<0;1") + ")",
      "wpkh(" + key(1, "/<0>/*") + ")", "wpkh(" + key(1, "//0") + ")", "wpkh([deadbeef" + kPoint + ")",
      "wpkh([deadbeef/m/0]" + kPoint + ")"};
  for (const std::string& text : texts) EXPECT_EQ(code(text), "descriptor_malformed") << text;
}

TEST(descriptor, refused_as_unsupported) {
  const std::string k = key(1);
  const std::vector<std::string> texts{
      "pk(" + k + ")", "combo(" + k + ")", "sh(multi(1," + k + "))", "sh(pkh(" + k + "))", "wsh(pk(" + k + "))",
      "rawtr(" + k + ")", "wsh(and_v(v:pk(" + k + "),older(5)))", "tr(" + k + ",pk(" + k + "))",
      "tr(" + k + ",{pk(" + k + "),pk(" + k + ")})", "tr(musig(" + k + "," + k + "))", "wpkh(" + key(1, "/0h/*") + ")",
      "wpkh(" + key(1, "/*h") + ")", "wpkh(" + key(1, "/<0;1h>/*") + ")", "wpkh(" + key(1, "/<0;1;2;3;4;5;6;7;8>/*") + ")",
      "wpkh(" + key(1, "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0") + ")"};
  for (const std::string& text : texts) EXPECT_EQ(code(text), "descriptor_unsupported") << text;
}

TEST(descriptor, refused_for_its_keys) {
  EXPECT_EQ(code("wpkh(L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1)"), "descriptor_private");
  EXPECT_EQ(code("wpkh(T33ydQRKp4FCW5LCLLUB7deioUMoveiwekdwUwyfRDeGZm76aUjV)"), "descriptor_private") << "Litecoin's WIF";
  EXPECT_EQ(code("wpkh(tprvanything)"), "descriptor_private");
  EXPECT_EQ(code("wpkh(03" + std::string(64, 'f') + ")"), "key_invalid");
  EXPECT_EQ(code("tr(" + std::string(64, 'f') + ")"), "key_invalid");
  EXPECT_EQ(code("wpkh(" + to_text(account(1), network("bitcoin-test")) + ")"), "extended_key_of_another_network");
  EXPECT_EQ(code("addr(mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ)"), "address_of_another_network");
  EXPECT_EQ(code("wpkh(xpub661MyMwAqRbc)"), "extended_key_malformed");
  EXPECT_EQ(code("wpkh(/)"), "extended_key_malformed");
  EXPECT_EQ(code("wpkh(/0/*)"), "extended_key_malformed");
}

TEST(descriptor, no_refusal_repeats_what_may_be_secret) {
  const std::string wif = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1";
  const std::vector<std::string> texts{"wpkh(" + wif + ")", "wpkh(" + wif + "x)", "tr(" + wif + ",{" + wif + "})", wif};
  for (const std::string& text : texts) {
    EXPECT_EQ(Descriptor::parse(text, bitcoin()).error().text.find(wif.substr(0, 10)), std::string::npos) << text;
  }
}

TEST(descriptor, long_texts_are_refused) {
  EXPECT_EQ(code(std::string(1'000'000, '(')), "descriptor_malformed");
  EXPECT_EQ(code("raw(" + std::string(20'002, 'a') + ")"), "descriptor_malformed");
  EXPECT_EQ(code("raw(" + std::string(20'000, 'a') + ")"), "accepted");
  std::string keys;
  for (int i = 0; i < 17; ++i) keys += "," + key(static_cast<std::uint8_t>(i + 1), "");
  EXPECT_EQ(code("wsh(multi(1" + keys + "))"), "descriptor_unsupported");
  EXPECT_EQ(code("tr(" + kUnspendable + ",multi_a(17" + keys + "))"), "accepted");
}

TEST(descriptor, copies_are_of_their_own) {
  Descriptor one = parse("wpkh(" + key(1) + ")");
  Descriptor two = one;
  const Bytes script = one.derive(0, 0)->script_pubkey;
  one = parse("wpkh(" + key(2) + ")");
  EXPECT_EQ(two.derive(0, 0)->script_pubkey, script);
  EXPECT_NE(one.derive(0, 0)->script_pubkey, script);
  two = one;
  EXPECT_EQ(two.to_text(), one.to_text());
  const Descriptor& same = two;
  two = same;
  EXPECT_EQ(two.to_text(), one.to_text());
}

TEST(descriptor, many_threads_read_the_same) {
  const Descriptor shared = parse(quorum("tr(" + kUnspendable + ",sortedmulti_a(2", 3, "))"));
  std::vector<std::vector<Bytes>> seen(4);
  std::vector<std::thread> threads;
  for (auto& scripts : seen) {
    threads.emplace_back([&shared, &scripts] {
      for (std::uint32_t i = 0; i < 200; ++i) scripts.push_back(shared.derive(i % 2, i)->script_pubkey);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& scripts : seen) EXPECT_EQ(scripts, seen[0]);
  EXPECT_NE(seen[0][0], seen[0][2]);
}

}  // namespace
}  // namespace holdfast::chain::utxo
