#include "labels/import_hacks.h"

#include "base/printable.h"
#include "labels/currency.h"
#include "labels/day.h"

#include <algorithm>
#include <array>

namespace holdfast::labels {
namespace {

constexpr std::string_view kHeader = "incident,date,loss_usd,chain,address,role,checksum,source";
constexpr std::string_view kHeaderOfRejected = "incident,date,loss_usd,chain,address,role,reason,source";
enum Column : unsigned char { incident, date, loss, chain, address, role, verdict, source };
constexpr std::size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

constexpr std::array<std::string_view, 8> kGoodVerdicts = {"evm-20-bytes", "eip55-ok",    "base58check-ok",   "bech32",
                                                           "not-checked",  "cashaddr-ok", "ed25519-32-bytes", "32-byte-hex"};

constexpr std::array kChains = {
    Currency{"ethereum", Form::evm, "eip155:1", false},
    Currency{"bsc", Form::evm, "eip155:56", false},
    Currency{"polygon", Form::evm, "eip155:137", false},
    Currency{"optimism", Form::evm, "eip155:10", false},
    Currency{"arbitrum", Form::evm, "eip155:42161", false},
    Currency{"avalanche", Form::evm, "eip155:43114", false},
    Currency{"fantom", Form::evm, "eip155:250", false},
    Currency{"base", Form::evm, "eip155:8453", false},
    Currency{"zksync", Form::evm, "eip155:324", false},
    Currency{"ethereum-classic", Form::evm, "eip155:61", false},
    Currency{"ethereumpow", Form::evm, "eip155:10001", false},
    Currency{"evm-unspecified", Form::evm, kEveryEvmChain, false},
    Currency{"bitcoin", Form::utxo, "bitcoin-main", false},
    Currency{"litecoin", Form::utxo, "litecoin-main", false},
};

struct Role {
  std::string_view word;
  Category category;
  std::uint8_t confidence;
};
constexpr std::array kRoles = {
    Role{"attacker", Category::stolen, 50},         Role{"direct-theft", Category::stolen, 50},
    Role{"holder", Category::stolen, 40},           Role{"receiver", Category::stolen, 40},
    Role{"intermediate", Category::stolen, 40},     Role{"laundering", Category::stolen, 40},
    Role{"laundering-hop-1", Category::stolen, 40}, Role{"overlap", Category::stolen, 40},
    Role{"tornado-withdrawal (analyst demix)", Category::stolen, 10},  // an inference, not a trail
    Role{"service-deposit", Category::service, 40},
};
constexpr std::string_view kVictim = "victim:";  // and which of its wallets

Result<Role> role_of(std::string_view word) {
  if (word.starts_with(kVictim)) return Role{word, Category::other, 50};
  const auto* const found = std::ranges::find(kRoles, word, &Role::word);
  if (found == kRoles.end()) return refuse("role_unknown");
  return *found;
}

// Takes a field off the line, up to the comma behind it. False: its quotes do not pair.
bool take_field(std::string_view& line, std::string& field) {
  if (!line.starts_with('"')) {
    const auto end = std::min(line.find(','), line.size());
    field = line.substr(0, end);
    line.remove_prefix(end);
    return field.find('"') == std::string::npos;
  }
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (i + 1 == line.size() || line[i + 1] != '"') {
        line.remove_prefix(i + 1);
        return line.empty() || line.front() == ',';
      }
      ++i;
    }
    field.push_back(line[i]);
  }
  return false;
}

void trim(std::string& field) {
  field.erase(field.find_last_not_of(' ') + 1);
  field.erase(0, field.find_first_not_of(' '));
}

Result<Row> read_row(std::string_view line) {
  Row row;
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (!take_field(line, row[i])) return refuse("csv_malformed");
    trim(row[i]);
    if (row[i].size() > kHacksFieldMax) return refuse("field_too_long");
    if (std::ranges::any_of(row[i], is_control)) return refuse("field_unprintable");
    const bool last = i + 1 == kColumns;
    if (line.empty() != last) return refuse("csv_malformed");
    if (!last) line.remove_prefix(1);
  }
  return row;
}

Result<Label> label_of(const Row& row, const ListOrigin& origin) {
  if (row[incident].empty()) return refuse("incident_missing");
  if (std::ranges::find(kGoodVerdicts, row[verdict]) == kGoodVerdicts.end()) return refuse("verdict_bad");
  const auto* const currency = std::ranges::find(kChains, row[chain], &Currency::word);
  if (currency == kChains.end()) return refuse("address_not_ours");
  const auto read = read_address(*currency, row[address]);
  if (!read) return Failure(read.error());
  const auto part = role_of(row[role]);
  if (!part) return Failure(part.error());
  const auto day = read_day(row[date]);
  if (!day) return refuse("date_malformed");
  const bool everywhere = currency->form == Form::evm && is_of_the_holder(part->category);
  const std::string_view where = everywhere ? kEveryEvmChain : chain_of(*currency);
  return Label{std::string(where), *read, part->category, row[incident] + ": " + row[role],
               row[source].empty() ? origin.source : row[source], origin.licence, day, part->confidence};
}

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<Imported> import_hacks(std::string_view text, const ListOrigin& origin) {
  if (text.size() > kHacksSizeMax) return refuse("list_too_large");
  const std::string_view header = take_line(text);
  if (header != kHeader && header != kHeaderOfRejected) return refuse("csv_header");
  Imported out;
  for (std::size_t number = 2; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const auto row = read_row(line);
    auto label = row ? label_of(*row, origin) : Failure(row.error());
    if (label) out.labels.push_back(*std::move(label));
    else if (label.error().code == "address_not_ours") ++out.not_ours;
    else out.refused.push_back({number, label.error().code});
  }
  return out;
}

}  // namespace holdfast::labels
