#include "labels/import_hacks.h"

#include <gtest/gtest.h>

namespace holdfast::labels {
namespace {

const ListOrigin kOrigin{"reports", "facts", std::nullopt};
constexpr std::string_view kHeader = "incident,date,loss_usd,chain,address,role,checksum,source\n";
constexpr std::string_view kAddress = "0x01e2919679362dfbc9ee1644ba9c6da6d6245bb1";
constexpr std::string_view kCoins = "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX";

struct RowText {
  std::string_view chain = "ethereum", address = kAddress, role = "attacker", verdict = "evm-20-bytes", date = "2021-12-23",
                   incident = "2021-12-23-Theft", source = "press";
  std::string text() const {
    std::string out;
    for (const std::string_view field : {incident, date, std::string_view("1000"), chain, address, role, verdict, source}) {
      out.append(out.empty() ? "" : ",").append(field);
    }
    return out + "\n";
  }
};

Imported read(const std::string& rows, std::string_view header = kHeader) {
  auto list = import_hacks(std::string(header) + rows, kOrigin);
  EXPECT_TRUE(list);
  return list ? *std::move(list) : Imported{};
}
Label one(const RowText& row) {
  const auto list = read(row.text());
  EXPECT_EQ(list.labels.size(), 1U) << row.text() << (list.refused.empty() ? "" : list.refused[0].code);
  return list.labels.empty() ? Label{} : list.labels[0];
}

TEST(import_hacks, takes_a_thief_for_every_evm_chain) {
  const Label label = one({});
  EXPECT_EQ(label.category, Category::stolen);
  EXPECT_TRUE(label.holds_across_evm());
  EXPECT_EQ(label.actor, "2021-12-23-Theft: attacker");
  EXPECT_EQ(label.source, "press");
  EXPECT_EQ(label.licence, "facts");
  EXPECT_EQ(label.day, 18'984);
  EXPECT_EQ(label.confidence, 50);
  EXPECT_EQ(one({.source = ""}).source, "reports");
}

TEST(import_hacks, takes_coins_as_scripts) {
  const Label label = one({.chain = "bitcoin", .address = kCoins, .verdict = "base58check-ok"});
  EXPECT_EQ(label.chain, "bip122:000000000019d6689c085ae165831e93");
  EXPECT_EQ(label.address.view().size(), 25U);
}

TEST(import_hacks, makes_no_thief_of_a_victim_or_a_service) {
  const Label victim = one({.chain = "bsc", .role = "victim:hot"});
  EXPECT_EQ(victim.category, Category::other);
  EXPECT_EQ(victim.chain, "eip155:56");
  const Label quoted = one({.role = "\"victim:older label \"\"Coins, Ltd\"\"\""});
  EXPECT_EQ(quoted.category, Category::other);
  EXPECT_EQ(quoted.actor, "2021-12-23-Theft: victim:older label \"Coins, Ltd\"");
  EXPECT_EQ(one({.role = "service-deposit"}).category, Category::service);
}

TEST(import_hacks, passes_over_spaces_around_a_field) {
  const Label label = one({.role = "  attacker", .date = "2021-12-23  "});
  EXPECT_EQ(label.day, 18'984);
  EXPECT_EQ(label.category, Category::stolen);
}

TEST(import_hacks, is_less_sure_of_what_was_inferred) {
  EXPECT_EQ(one({.role = "holder"}).confidence, 40);
  EXPECT_EQ(one({.role = "tornado-withdrawal (analyst demix)"}).confidence, 10);
}

TEST(import_hacks, counts_what_no_chain_of_ours_serves) {
  const auto list = read(RowText{.chain = "tron", .address = "TBHTJqAy4DhHhmT3dNceJYNRz4SdLofLre", .verdict = "base58check-ok"}.text());
  EXPECT_EQ(list.not_ours, 1U);
  EXPECT_TRUE(list.labels.empty() && list.refused.empty());
}

TEST(import_hacks, refuses_rows_by_line_and_code) {
  const std::string long_text(kHacksFieldMax + 1, 'a');
  struct Case {
    std::string row;
    std::string_view code;
  };
  const std::string good = RowText{}.text();
  for (const Case& c : {
           Case{RowText{.verdict = "BASE58CHECK-FAIL"}.text(), "verdict_bad"},
           Case{RowText{.verdict = ""}.text(), "verdict_bad"},
           // A good verdict is not believed.
           Case{RowText{.chain = "bitcoin", .address = "qrfrw5q9gag2vp6jc5nlx0haplm2jlhx9vsvxd9u3e", .verdict = "base58check-ok"}.text(), "address_malformed"},
           Case{RowText{.chain = "bitcoin", .address = "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KY", .verdict = "base58check-ok"}.text(), "address_checksum"},
           Case{RowText{.address = "0x01E2919679362dFBC9ee1644Ba9C6da6D6245BB1", .verdict = "eip55-ok"}.text(), "address_checksum"},
           Case{RowText{.address = "0x0000000000000000000000000000000000000000"}.text(), "address_zero"},
           Case{RowText{.role = "thief"}.text(), "role_unknown"},
           Case{RowText{.date = "2021-12-32"}.text(), "date_malformed"},
           Case{RowText{.incident = ""}.text().insert(0, ","), "incident_missing"},
           Case{RowText{.source = long_text}.text(), "field_too_long"},
           Case{RowText{.source = "a\x1b[2J"}.text(), "field_unprintable"},
           Case{RowText{.source = "a,b"}.text(), "csv_malformed"},
           Case{RowText{.source = "\"a"}.text(), "csv_malformed"},
           Case{RowText{.source = "\"a\"b"}.text(), "csv_malformed"},
           Case{RowText{.source = "a\"b"}.text(), "csv_malformed"},
           Case{"a,b,c\n", "csv_malformed"},
           Case{"\"\"\n", "csv_malformed"},
       }) {
    const auto list = read(good + "\r\n" + c.row);
    EXPECT_EQ(list.labels.size(), 1U) << c.row;
    ASSERT_EQ(list.refused.size(), 1U) << c.row;
    EXPECT_EQ(list.refused[0].line, 4U);
    EXPECT_EQ(list.refused[0].code, c.code) << c.row;
  }
}

TEST(import_hacks, refuses_every_row_of_a_table_of_rejected_ones) {
  const auto list = read(RowText{.verdict = "BASE58CHECK-FAIL"}.text(), "incident,date,loss_usd,chain,address,role,reason,source\r\n");
  EXPECT_TRUE(list.labels.empty());
  EXPECT_EQ(list.refused.size(), 1U);
}

TEST(import_hacks, refuses_the_whole) {
  for (const std::string text : {"", "incident\n", "date,incident,loss_usd,chain,address,role,checksum,source\n"}) {
    const auto list = import_hacks(text, kOrigin);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, "csv_header");
  }
  const auto large = import_hacks(std::string(kHacksSizeMax + 1, '\n'), kOrigin);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "list_too_large");
}

}  // namespace
}  // namespace holdfast::labels
