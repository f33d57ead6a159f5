#include "chain/utxo/psbt/ur.h"

#include "chain/utxo/psbt/bytewords.h"
#include "chain/utxo/psbt/testing/read_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

using nlohmann::json;

// What bc-ur's tests call a message.
Bytes message_of(std::size_t size) {
  Xoshiro256 random(as_bytes("Wolf"));
  Bytes out;
  while (out.size() < size) out.push_back(static_cast<std::uint8_t>(random.next_below(256)));
  return out;
}

std::string_view code_of(const Result<void>& result) { return result ? "" : result.error().code; }

TEST(Ur, VectorsOfBytewords) {
  const json vectors = read_vectors("ur.json");
  for (const json& one : vectors["crc32"]) {
    const std::string text = one["text"];
    EXPECT_EQ(crc32(as_bytes(text)), std::stoul(one["crc32"].get<std::string>(), nullptr, 16));
  }
  for (const json& one : vectors["bytewords"]) {
    EXPECT_EQ(to_bytewords(bytes_in(one["bytes"])), one["minimal"].get<std::string>());
    EXPECT_EQ(from_bytewords(one["minimal"].get<std::string>()).value(), bytes_in(one["bytes"]));
  }
  EXPECT_EQ(from_bytewords("aeadaolazmjendeowf").error().code, "ur_checksum");
  for (const std::string_view text : {"", "wf", "aeadaola", "aeadaolazmjendeot", "aaadaolazmjendeoti", "AEADAOLAZMJENDEOTI"}) {
    EXPECT_FALSE(from_bytewords(text)) << text;
  }
}

TEST(Ur, VectorsOfChance) {
  const json vectors = read_vectors("ur.json");
  Xoshiro256 modulo(as_bytes("Wolf"));
  for (const json& one : vectors["random_modulo_100"]) EXPECT_EQ(modulo.next() % 100, one.get<std::uint64_t>());
  Xoshiro256 below(as_bytes("Wolf"));
  for (const json& one : vectors["random_1_to_10"]) EXPECT_EQ(below.next_below(10) + 1, one.get<std::uint64_t>());
  const DegreeSampler sampler(11);
  ASSERT_EQ(vectors["degrees"].size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) {
    Xoshiro256 random(as_bytes("Wolf-" + std::to_string(i + 1)));
    EXPECT_EQ(sampler.draw(random), vectors["degrees"][i].get<std::size_t>()) << i;
  }
}

TEST(Ur, VectorsOfFragments) {
  const json vectors = read_vectors("ur.json");
  const std::uint32_t checksum = crc32(message_of(1024));
  const DegreeSampler sampler(11);
  ASSERT_EQ(vectors["fragments"].size(), 30U);
  for (std::uint32_t i = 0; i < 30; ++i) {
    auto drawn = fragments_in_part(i + 1, 11, checksum, sampler);
    std::ranges::sort(drawn);
    EXPECT_EQ(drawn, vectors["fragments"][i].get<std::vector<std::size_t>>()) << i;
  }
}

TEST(Ur, VectorsOfWholeTexts) {
  const json vectors = read_vectors("ur.json");
  const json& single = vectors["single"];
  const Bytes short_one = cbor_of_psbt(message_of(single["bytes"]));
  EXPECT_EQ(encode_ur("bytes", short_one, 1000, 5), std::vector<std::string>{single["ur"]});
  const json& parts = vectors["parts"];
  const Bytes long_one = cbor_of_psbt(message_of(parts["bytes"]));
  EXPECT_EQ(encode_ur("bytes", long_one, parts["max_fragment"], 11), parts["urs"].get<std::vector<std::string>>());
}

TEST(Ur, AnyPartsThatAreEnoughGiveTheMessage) {
  const Bytes psbt = message_of(5000);
  const auto texts = encode_ur("psbt", cbor_of_psbt(psbt), 100, 300);
  ASSERT_GT(texts.size(), 340U);
  for (const std::size_t lost : {2U, 3U, 7U}) {
    UrDecoder decoder;
    std::size_t received = 0;
    for (std::size_t i = 0; i < texts.size() && !decoder.complete(); ++i) {
      if (i % lost == 0) continue;  // A camera misses some, and sees others twice.
      std::string text = texts[i];
      if (i % 2 == 0) std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
      EXPECT_TRUE(decoder.receive(text));
      EXPECT_TRUE(decoder.receive(text));
      ++received;
    }
    ASSERT_TRUE(decoder.complete()) << lost;
    EXPECT_EQ(decoder.type(), "psbt");
    EXPECT_EQ(psbt_of_cbor(decoder.cbor()).value(), psbt);
    EXPECT_LT(received, 51U + 20U) << lost;  // The fragments, and few more.
    EXPECT_TRUE(decoder.receive(texts[0]));
  }
}

TEST(Ur, FromMixturesAlone) {
  const Bytes cbor = cbor_of_psbt(message_of(1000));
  const auto texts = encode_ur("psbt", cbor, 50, 200);
  UrDecoder decoder;
  for (std::size_t i = 21; i < texts.size() && !decoder.complete(); ++i) EXPECT_TRUE(decoder.receive(texts[i]));
  ASSERT_TRUE(decoder.complete());
  EXPECT_EQ(decoder.cbor(), cbor);
  EXPECT_EQ(decoder.progress(), 1.0);
}

TEST(Ur, RefusesAnotherMessageAndWhatIsNone) {
  const auto texts = encode_ur("psbt", cbor_of_psbt(message_of(500)), 50, 0);
  UrDecoder decoder;
  EXPECT_FALSE(decoder.complete());
  EXPECT_EQ(decoder.progress(), 0.0);
  EXPECT_TRUE(decoder.receive(texts[0]));
  EXPECT_EQ(code_of(decoder.receive(encode_ur("psbt", cbor_of_psbt(message_of(501)), 50, 0)[1])), "ur_other_message");
  EXPECT_EQ(code_of(decoder.receive(encode_ur("bytes", cbor_of_psbt(message_of(500)), 50, 0)[1])), "ur_other_message");
  EXPECT_EQ(code_of(decoder.receive(encode_ur("psbt", cbor_of_psbt(message_of(9)), 50, 0)[0])), "ur_other_message");
  std::string spoilt = texts[1];
  spoilt[20] = spoilt[20] == 'a' ? 'b' : 'a';
  EXPECT_NE(code_of(decoder.receive(spoilt)), "");
  for (const std::string_view text : {"", "ur:", "ur:psbt", "ur:psbt/", "ur:ps_bt/aeadaolazmjendeoti", "psbt/aeadaolazmjendeoti",
                                      "ur:psbt/1-2/aeadaolazmjendeoti", "ur:psbt/0-2/aeadaolazmjendeoti", "ur:psbt/x/y"}) {
    EXPECT_EQ(code_of(decoder.receive(text)), "ur_malformed") << text;
  }
  for (const std::string& text : texts) EXPECT_TRUE(decoder.receive(text));
  EXPECT_TRUE(decoder.complete());
}

TEST(Ur, APartWithLengthsThatDoNotFitIsRefused) {
  // array(5): sequence, fragments, message length, checksum, data
  for (const std::string_view hex : {"8501020a0043010203", "850102190fff0043010203", "85010200004101", "850102020041",
                                     "8501020a1800430102", "84010204004101", "85010219ffff00420102", "850102040040"}) {
    UrDecoder decoder;
    EXPECT_EQ(code_of(decoder.receive("ur:psbt/1-2/" + to_bytewords(*from_hex(hex)))), "ur_malformed") << hex;
  }
  UrDecoder decoder;
  EXPECT_EQ(code_of(decoder.receive("ur:psbt/1-2/" + to_bytewords(*from_hex("85010204001842" "0102")))), "ur_malformed");
  EXPECT_TRUE(decoder.receive("ur:psbt/1-2/" + to_bytewords(*from_hex("8501020400420102"))));
  EXPECT_EQ(code_of(decoder.receive("ur:psbt/2-2/" + to_bytewords(*from_hex("8502020400420304")))), "ur_checksum");
  EXPECT_EQ(decoder.type(), "");  // Forgotten.
}

TEST(Ur, ManyFragmentsBecomeFewer) {
  const auto texts = encode_ur("psbt", cbor_of_psbt(Bytes(100'000)), 10, 0);
  EXPECT_LE(texts.size(), kMaxUrFragments);
  UrDecoder decoder;
  for (const std::string& text : texts) ASSERT_TRUE(decoder.receive(text));
  EXPECT_EQ(psbt_of_cbor(decoder.cbor()).value(), Bytes(100'000));
}

TEST(Ur, CborOfAPsbt) {
  for (const std::size_t size : {0U, 1U, 23U, 24U, 255U, 256U, 65535U, 65536U}) {
    EXPECT_EQ(psbt_of_cbor(cbor_of_psbt(Bytes(size, 7))).value(), Bytes(size, 7));
  }
  for (const std::string_view hex : {"", "41", "4100ff", "5801ff", "590001ff", "6161", "5f4100ff"}) {
    EXPECT_FALSE(psbt_of_cbor(*from_hex(hex))) << hex;
  }
}

}  // namespace
}  // namespace holdfast::chain::utxo
