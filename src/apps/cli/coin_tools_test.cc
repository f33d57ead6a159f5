// The tools for descriptors, PSBTs and proofs of control: what they print, and what they refuse.
#include "apps/cli/control_tool.h"
#include "apps/cli/descriptor_tool.h"
#include "apps/cli/print.h"
#include "apps/cli/psbt_tool.h"

#include "base/hex.h"
#include "chain/utxo/psbt/psbt_base64.h"
#include "chain/utxo/psbt/sign_input.h"
#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace holdfast::cli {
namespace {

using namespace chain::utxo;

// Of the seeds 01..01, 02..02 and 03..03 (32 bytes each).
constexpr std::string_view kQuorum =
    "wsh(sortedmulti(2,[4ba43603/48h/1h/0h/2h]tpubDDwf2gdFxFahr9RUtDQCuZmsx34CfdZ7RALAirwC2FGeLBzW1TDiEpqFeRdxLdZD7rfsbZHYwSaT"
    "6CLM3TAcYRw6xfRv4U6KCQt4Zuhvjkz/<0;1>/*,[8dfc9b34/48h/1h/0h/2h]tpubDEXiq2SVhhqALktxfVFgj3C9M3T2G7xL11iezYg2LJAf245YkNyqp"
    "2K9TrvHABDCp2232k34UegU4aKEtUZNigit8EEqoLNe2JKMzMiLwYq/<0;1>/*,[56c4fac3/48h/1h/0h/2h]tpubDEg3kqr2jo5ergkJbFqRHvCpiob7wR"
    "7Hi44J7y987G1JZfbzBND77XKTyPZzGvh3uyDf8kexMJnFD9W8FuraJ4wLMsx6YuZVXRSRRcx6QdD/<0;1>/*))";
constexpr const char* kRegtest = "bitcoin-regtest";

ExtendedSecretKey master(std::uint8_t seed) { return *master_of_seed(Secret::copy_of(Bytes(32, seed))); }

class CoinToolsTest : public ::testing::Test {
 protected:
  CoinToolsTest() { settings_.json = true; }
  DescriptorPlace quorum(std::string range = "0-9", std::uint32_t branch = 0) const {
    return {std::string(kQuorum), kRegtest, branch, std::move(range)};
  }
  template <class Run>
  std::string printed(Run run) {
    ::testing::internal::CaptureStdout();
    const Result<void> done = run();
    std::string text = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done) << done.error().text;
    return text;
  }

  // One coin of 1.5 of the quorum's first address: 0.4 to somebody, the rest less 0.00001 back.
  Psbt payment() const {
    const auto network = *network_by_name(kRegtest);
    const auto descriptor = *Descriptor::parse(kQuorum, *network);
    Psbt psbt;
    PsbtInput& input = psbt.inputs.emplace_back();
    input.previous.txid.bytes[0] = 0xaa;
    const auto from = *descriptor.derive(0, 0);
    input.witness_utxo = TxOut{150'000'000, from.script_pubkey};
    describe(input, from);
    PsbtOutput& payee = psbt.outputs.emplace_back();
    payee.value = 40'000'000;
    payee.script = p2wpkh_script(Hash20{});
    const auto back = *descriptor.derive(1, 0);
    PsbtOutput& change = psbt.outputs.emplace_back();
    change.value = 109'999'000;
    change.script = back.script_pubkey;
    describe(change, back);
    return psbt;
  }
  std::string write(const std::string& name, std::string_view bytes) const {
    const std::string path = folder_.file(name);
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string write(const std::string& name, const Psbt& psbt) const { return write(name, as_text(write_psbt(psbt))); }

  Settings settings_;
  journal::TestFolder folder_;
};

TEST_F(CoinToolsTest, a_descriptor_is_told_with_its_checksum) {
  const Json shown = Json::parse(printed([&] { return check_descriptor(settings_, quorum()); }));
  EXPECT_TRUE(shown["descriptor"].get<std::string>().starts_with(std::string(kQuorum) + '#'));
  EXPECT_EQ(shown["kind"], "wsh(sortedmulti) 2 of 3");
  EXPECT_EQ(shown["network"], kRegtest);
  EXPECT_EQ(shown["branches"], 2);
  EXPECT_EQ(shown["first_receiving"], "bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8");
  EXPECT_EQ(shown["first_change"], "bcrt1qrjmmzx3qrg6x24cq68rdc6qaepw0y8j5y7wnwdwf482hcv5pd5xqm844pr");
}

TEST_F(CoinToolsTest, a_descriptors_kind_is_its_functions_and_quorum) {
  const auto kind = [](std::string_view text) { return kind_of(*Descriptor::parse(text, **network_by_name("bitcoin-main"))); };
  const std::string a = "02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8";
  const std::string b = "02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f";
  EXPECT_EQ(kind("wpkh(" + a + ")"), "wpkh");
  EXPECT_EQ(kind("sh(wpkh(" + a + "))"), "sh(wpkh)");
  EXPECT_EQ(kind("sh(wsh(multi(1," + a + "," + b + ")))"), "sh(wsh(multi)) 1 of 2");
  EXPECT_EQ(kind("tr(" + a + ",sortedmulti_a(2," + a + "," + b + "))"), "tr(sortedmulti_a) 2 of 2");
  EXPECT_EQ(kind("addr(1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa)"), "addr");
}

TEST_F(CoinToolsTest, addresses_are_derived_by_range) {
  const Json shown = Json::parse(printed([&] { return derive_addresses(settings_, quorum("1-3")); }));
  ASSERT_EQ(shown["addresses"].size(), 3u);
  EXPECT_EQ(shown["addresses"][2]["address"], "bcrt1qgafx7gx3m5fu9a5mc7a60tx0fl5x4946pzx99qszz66gsgx9yfpq0zxcue");
  settings_.json = false;
  EXPECT_EQ(printed([&] { return derive_addresses(settings_, quorum("3", 1)); }),
            "BRANCH  INDEX  ADDRESS\n"
            "1       3      bcrt1qvy7fx3hxp0htf23d42wz2n8axx2747c964f6rgcmu2x0qyx5dfpsna2vef\n");
}

TEST_F(CoinToolsTest, a_descriptor_may_stand_in_a_file) {
  const DescriptorPlace place{write("hot.txt", "\n" + std::string(kQuorum) + "\n"), kRegtest, 0, "0"};
  EXPECT_TRUE(read_descriptor(place));
}

TEST_F(CoinToolsTest, what_is_wrong_with_a_descriptor_is_said) {
  DescriptorPlace place = quorum();
  place.chain = "dogecoin";
  EXPECT_EQ(check_descriptor(settings_, place).error().code, "chain_unknown");
  place = quorum();
  place.text = "nofile.txt";
  EXPECT_EQ(check_descriptor(settings_, place).error().code, "file_unreadable");
  place.text = write("empty.txt", "\n");
  EXPECT_EQ(check_descriptor(settings_, place).error().code, "file_unreadable");
  place = quorum();
  place.chain = "bitcoin-main";
  EXPECT_EQ(check_descriptor(settings_, place).error().code, "extended_key_of_another_network");
  for (const char* range : {"", "x", "5-4", "0-10000", "2147483648", "-1", "1-"}) {
    EXPECT_EQ(derive_addresses(settings_, quorum(range)).error().code, "range_malformed") << range;
  }
  EXPECT_EQ(derive_addresses(settings_, quorum("0", 2)).error().code, "derivation_out_of_range");
}

TEST_F(CoinToolsTest, a_psbt_is_explained) {
  Psbt psbt = payment();
  ASSERT_EQ(*sign_psbt(psbt, master(1)), 1u);
  const PsbtPlace place{{write("a.psbt", psbt)}, "", kRegtest, ""};
  const Json half = Json::parse(printed([&] { return show_psbt(settings_, place); }));
  EXPECT_EQ(half["fee"], "0.00001");
  EXPECT_EQ(half["complete"], false);
  EXPECT_EQ(half["estimated"], true);
  EXPECT_EQ(half["inputs"][0]["amount"], "1.5");
  EXPECT_EQ(half["inputs"][0]["signatures"], "1 of 2 needed");
  EXPECT_EQ(half["inputs"][0]["signed_by"], Json({"4ba43603"}));
  EXPECT_EQ(half["outputs"][0]["derived_from"].size(), 0u);
  EXPECT_EQ(half["outputs"][1]["address"], "bcrt1qrjmmzx3qrg6x24cq68rdc6qaepw0y8j5y7wnwdwf482hcv5pd5xqm844pr");
  EXPECT_EQ(half["outputs"][1]["derived_from"].size(), 3u);
  ASSERT_EQ(*sign_psbt(psbt, master(3)), 1u);
  const PsbtPlace both{{}, write_psbt_base64(psbt), kRegtest, ""};
  const Json whole = Json::parse(printed([&] { return show_psbt(settings_, both); }));
  EXPECT_EQ(whole["complete"], true);
  EXPECT_GT(whole["vsize"], 100);
  EXPECT_EQ(whole["estimated"], false);
  EXPECT_LE(whole["vsize"], half["vsize"]);
  EXPECT_GE(whole["vsize"].get<int>() + 2, half["vsize"].get<int>());
}

TEST_F(CoinToolsTest, a_signature_that_does_not_hold_is_told_apart) {
  Psbt psbt = payment();
  ASSERT_EQ(*sign_psbt(psbt, master(1)), 1u);
  psbt.outputs[0].value -= 1;  // Somebody changed what is paid.
  const PsbtPlace place{{write("a.psbt", psbt)}, "", kRegtest, ""};
  const Json shown = Json::parse(printed([&] { return show_psbt(settings_, place); }));
  EXPECT_EQ(shown["inputs"][0]["signatures"], "0 of 2 needed");
  EXPECT_EQ(shown["inputs"][0]["wrong"], Json({"4ba43603"}));
}

TEST_F(CoinToolsTest, psbts_are_combined_and_finalised) {
  Psbt one = payment();
  Psbt two = payment();
  ASSERT_EQ(*sign_psbt(one, master(1)), 1u);
  ASSERT_EQ(*sign_psbt(two, master(2)), 1u);
  const std::string first = write("1.psbt", one);
  const std::string second = write("2.psbt", write_psbt_base64(two) + "\n");
  EXPECT_EQ(finalize_psbt(settings_, {{first}, "", "", ""}).error().code, "psbt_incomplete");
  const std::string joined = folder_.file("joined.psbt");
  printed([&] { return combine_psbts(settings_, {{first, second}, "", "", joined}); });
  const std::string hex = printed([&] { return finalize_psbt(settings_, {{joined}, "", "", ""}); });
  const auto raw = from_hex(hex.substr(0, hex.size() - 1));
  ASSERT_TRUE(raw);
  const auto transaction = decode_transaction(*raw);
  ASSERT_TRUE(transaction);
  EXPECT_EQ(transaction->inputs[0].witness.size(), 4u);
  Psbt other = payment();
  other.outputs[0].value -= 1;
  EXPECT_EQ(combine_psbts(settings_, {{first, write("3.psbt", other)}, "", "", ""}).error().code, "psbt_other_transaction");
}

TEST_F(CoinToolsTest, files_that_are_no_psbt_are_refused) {
  EXPECT_EQ(read_psbt_file(folder_.file("nothing")).error().code, "file_unreadable");
  EXPECT_EQ(read_psbt_file(write("x", "hello")).error().code, "psbt_malformed");
  EXPECT_EQ(read_psbt_file(write("y", "psbt\xff")).error().code, "psbt_malformed");
}

TEST_F(CoinToolsTest, a_psbt_is_shown_as_codes) {
  const PsbtPlace place{{write("a.psbt", payment())}, "", "", ""};
  QrPlace qr;
  qr.once = true;
  const std::string terminal = printed([&] { return show_psbt_as_qr(settings_, place, qr); });
  EXPECT_NE(terminal.find("\xe2\x96"), std::string::npos);  // Half blocks.
  qr = {QrForm::html, folder_.file("a.html"), false, 100};
  printed([&] { return show_psbt_as_qr(settings_, place, qr); });
  std::ifstream page(qr.out);
  const std::string html{std::istreambuf_iterator<char>(page), {}};
  EXPECT_NE(html.find("<svg"), std::string::npos);
}

class ControlTest : public CoinToolsTest {
 protected:
  ControlTest() { block_.hash.bytes[0] = 0x77; }
  Json proof() const { return *make_proof(quorum("0-2"), "Exchange Ltd. controls this", block_); }
  std::vector<Psbt> signed_by(const Json& json, std::initializer_list<std::uint8_t> seeds) const {
    std::vector<Psbt> out;
    for (const std::uint8_t seed : seeds) {
      for (const Json& one : json["addresses"]) {
        Psbt psbt = *read_psbt_base64(one["psbt"].get<std::string>());
        EXPECT_EQ(*sign_psbt(psbt, master(seed)), 1u);
        out.push_back(std::move(psbt));
      }
    }
    return out;
  }
  ProofBlock block_{812'345, {}};
};

TEST_F(ControlTest, a_quorum_proves_its_addresses) {
  Json json = proof();
  EXPECT_EQ(verify_proof(json).error().code, "psbt_incomplete");
  ASSERT_TRUE(add_signatures(json, signed_by(json, {1, 3})));
  const auto proven = verify_proof(json);
  ASSERT_TRUE(proven) << proven.error().text;
  EXPECT_EQ(*proven, 3u);
}

TEST_F(ControlTest, fewer_than_the_quorum_prove_nothing) {
  Json json = proof();
  EXPECT_EQ(add_signatures(json, signed_by(json, {2})).error().code, "psbt_incomplete");
}

TEST_F(ControlTest, a_proof_is_of_its_message_its_block_and_its_addresses) {
  Json json = proof();
  ASSERT_TRUE(add_signatures(json, signed_by(json, {1, 2})));
  const auto spoilt = [&](auto change) {
    Json other = json;
    change(other);
    return verify_proof(other).error().code;
  };
  EXPECT_EQ(spoilt([](Json& j) { j["message"] = "Somebody else controls this"; }), "signature_wrong");
  EXPECT_EQ(spoilt([](Json& j) { j["block"]["height"] = 812'346u; }), "signature_wrong");
  EXPECT_EQ(spoilt([](Json& j) { j["addresses"][0]["address"] = j["addresses"][1]["address"]; }), "signature_wrong");
  EXPECT_EQ(spoilt([](Json& j) { j["addresses"][0]["signature"] = "smp"; }), "bip322_malformed");
  EXPECT_EQ(spoilt([](Json& j) { j.erase("block"); }), "proof_malformed");
  EXPECT_EQ(spoilt([](Json& j) { j["addresses"] = Json::array(); }), "proof_malformed");
}

TEST_F(ControlTest, a_psbt_of_something_else_is_refused) {
  Json json = proof();
  Json other = *make_proof(quorum("7"), "Exchange Ltd. controls this", block_);
  const auto refused = add_signatures(json, signed_by(other, {1, 2}), {"a.psbt", "b.psbt"});
  EXPECT_EQ(refused.error().code, "psbt_other_transaction");
  EXPECT_TRUE(refused.error().text.starts_with("a.psbt is")) << refused.error().text;
}

}  // namespace
}  // namespace holdfast::cli
