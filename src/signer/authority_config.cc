#include "signer/authority_config.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using config::TomlReader;

constexpr std::int64_t kMsPerHour = 60 * 60 * kMsPerSecond;

std::int64_t hours(TomlReader& in, std::string_view key, std::int64_t usual_ms) {
  if (!in.has(key)) return usual_ms;
  return static_cast<std::int64_t>(in.number(key, 0, kMaxDelayMs / kMsPerHour)) * kMsPerHour;
}

WitnessRules read_witnesses(TomlReader& in) {
  WitnessRules out;
  for (const std::string& text : in.texts("witnesses")) {
    const auto key = journal::WitnessKey::from_string(text);
    if (!key) in.reject("witnesses", "holds what is no witness key: `holdfast-signer status` of that signer shows it");
    if (!key) return out;
    if (std::ranges::find(out.others, *key) != out.others.end()) in.reject("witnesses", "names one twice");
    out.others.push_back(*key);
  }
  if (in.has("witnesses_needed")) out.needed = in.number("witnesses_needed", 0, 64);
  // Only where there is no other signer at all; then nobody can tell that this one is held back.
  if (out.needed == 0 && !out.others.empty()) in.reject("witnesses_needed", "has to be at least 1 where there are other witnesses");
  if (out.needed > out.others.size()) in.reject("witnesses", "are fewer than witnesses_needed (1, where it is not written)");
  if (in.has("max_age_seconds")) out.max_age_ms = static_cast<std::int64_t>(in.number("max_age_seconds", 5, 3600)) * kMsPerSecond;
  return out;
}

}  // namespace

std::optional<FollowRules> read_follow_rules(TomlReader& in) {
  std::optional<FollowRules> out;
  if (!in.has("journal")) in.reject("journal", "is missing: the table says whose journal is followed");
  in.table("journal", [&](TomlReader& journal) {
    const auto key = journal::VerifierKey::from_string(journal.text("key"));
    if (!key) journal.reject("key", "has to be what holdfastd's DATA/journal.vkey holds");
    WitnessRules witnesses = read_witnesses(journal);
    if (key) out.emplace(FollowRules{*key, std::move(witnesses)});
  });
  return out;
}

AuthorityRules read_authority(TomlReader& in) {
  AuthorityRules out;
  if (!in.has("authority")) return out;
  in.table("authority", [&](TomlReader& authority) {
    out.key_delay_ms = hours(authority, "key_delay_hours", out.key_delay_ms);
    out.destination_delay_ms = hours(authority, "destination_delay_hours", out.destination_delay_ms);
    if (!authority.has("relying_party")) return;
    authority.table("relying_party", [&](TomlReader& party) {
      out.relying_party.id = party.text("id");
      out.relying_party.origins = party.texts("origins");
    });
  });
  return out;
}

AuthorityLimits read_authority_limits(TomlReader& in, unsigned decimals) {
  AuthorityLimits out;
  const auto read = [&](std::string_view key, Amount& amount) {
    if (in.has(key)) amount = in.amount(key, decimals);
  };
  read("unenrolled_customer_per_day", out.unenrolled_customer_day);
  read("unenrolled_per_day", out.unenrolled_day);
  read("new_destination_max", out.new_destination_max);
  read("approve_over", out.unapproved_max);
  if (in.has("approvals")) out.approvals = static_cast<unsigned>(in.number("approvals", 1, 32));
  if (out.unenrolled_customer_day > out.unenrolled_day) in.reject("unenrolled_customer_per_day", "is over unenrolled_per_day");
  return out;
}

}  // namespace holdfast::signer
