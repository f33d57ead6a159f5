#include "apps/cli/signing.h"

#include "apps/cli/print.h"
#include "base/amount.h"
#include "base/hex.h"
#include "config/files.h"
#include "identity/base64.h"
#include "identity/texts.h"

#include <nlohmann/json.hpp>

namespace holdfast::cli {
namespace {

constexpr std::size_t kMaxTextFile = 4096;

std::string text_of(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string thing(std::string_view things, std::uint64_t id, std::string_view rest = {}) {
  return std::string("/v1/").append(things).append("/").append(std::to_string(id)).append(rest);
}

// The decimals of an asset by its CAIP-19 id.
std::optional<unsigned> decimals_of(const Json& assets, const std::string& asset) {
  for (const Json& one : assets.is_object() ? assets.value("assets", Json::array()) : Json::array()) {
    if (text_of(one, "asset") == asset && one.contains("decimals")) return static_cast<unsigned>(number_of(one, "decimals"));
  }
  return std::nullopt;
}

Failure malformed() { return refuse("answer_malformed", "holdfastd tells of this withdrawal what can stand in no decision; nothing was signed"); }

Result<std::string> fetch_decision(Session& session, const Settings& settings, std::uint64_t id) {
  const auto withdrawal = session.call("GET", thing("withdrawals", id));
  if (!withdrawal) return std::unexpected(withdrawal.error());
  const auto customer = session.call("GET", thing("customers", number_of(*withdrawal, "customer")));
  if (!customer) return std::unexpected(customer.error());
  const auto assets = session.call("GET", "/v1/assets");
  if (!assets) return std::unexpected(assets.error());
  const auto status = session.call("GET", "/v1/status");
  if (!status) return std::unexpected(status.error());
  const std::string asset = text_of(*withdrawal, "asset");
  const auto decimals = decimals_of(*assets, asset);
  const auto request = fixed_from_hex<16>(text_of(*withdrawal, "request"));
  if (!decimals || !request || number_of(*withdrawal, "id") != id) return malformed();
  const auto amount = parse_decimal(text_of(*withdrawal, "amount"), *decimals);
  if (!amount.amount) return malformed();
  auto text = identity::withdrawal_decision({text_of(*status, "exchange"), id, text_of(*customer, "reference"), *request, asset,
                                             *amount.amount, text_of(*withdrawal, "destination"), settings.key_id});
  if (!text) return malformed();
  return text;
}

}  // namespace

Result<void> list_customer_keys(const Settings& settings, std::uint64_t customer) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const auto answer = (*session)->call("GET", thing("customers", customer, "/keys"));
  if (!answer) return std::unexpected(answer.error());
  print_list(settings, *answer, "keys",
             {{"ID", "id"}, {"NAME", "name"}, {"ENROLLED", "enrolled_at"}, {"REMOVED", "removed_at"}, {"KEY", "key"}});
  return {};
}

Result<void> add_customer_key(const Settings& settings, const KeyToEnrol& wanted) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  Json body{{"key", wanted.key}, {"name", wanted.name}};
  if (wanted.by != 0) {
    const auto key = identity::Credential::from_text(wanted.key);
    if (!key) return std::unexpected(key.error());
    const auto customer = (*session)->call("GET", thing("customers", wanted.customer));
    if (!customer) return std::unexpected(customer.error());
    const auto status = (*session)->call("GET", "/v1/status");
    if (!status) return std::unexpected(status.error());
    const auto text = identity::key_enrolment({text_of(*status, "exchange"), text_of(*customer, "reference"), *key});
    if (!text) return std::unexpected(text.error());
    const auto signer = read_signing_key(wanted.signing_key);
    if (!signer) return std::unexpected(signer.error());
    if (!settings.json) print_text(*text + '\n');
    body["authorisation"] = {{"key", wanted.by}, {"signature", identity::to_base64url(signer->sign_text(*text).view())}};
  }
  const auto answer = (*session)->call("POST", thing("customers", wanted.customer, "/keys"), body.dump());
  if (!answer) return std::unexpected(answer.error());
  print_thing(settings, *answer);
  return {};
}

Result<void> remove_customer_key(const Settings& settings, std::uint64_t key) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const auto answer = (*session)->call("POST", thing("keys", key, "/remove"));
  if (!answer) return std::unexpected(answer.error());
  print_thing(settings, *answer);
  return {};
}

Result<void> approve_withdrawal(const Settings& settings, std::uint64_t withdrawal) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const auto text = fetch_decision(**session, settings, withdrawal);
  if (!text) return std::unexpected(text.error());
  if (!settings.json) print_text(*text + '\n');
  const Json body{{"decision", {{"signature", identity::to_base64url((*session)->sign_text(*text).view())}}}};
  const auto answer = (*session)->call("POST", thing("withdrawals", withdrawal, "/approve"), body.dump());
  if (!answer) return std::unexpected(answer.error());
  print_thing(settings, *answer);
  return {};
}

Result<void> sign_text_file(const Settings& settings, const std::string& text_file, const std::string& key_file) {
  const auto text = config::read_file(text_file, kMaxTextFile);
  if (!text) return std::unexpected(text.error());
  const bool is_own = text->starts_with("Holdfast withdrawal v1\n") || text->starts_with("Holdfast key v1\n");
  if (!is_own || !text->ends_with('\n')) return refuse("text_wrong", text_file + " is no text that a customer signs; POST /v1/withdrawals/intent gives one");
  const auto signer = read_signing_key(key_file);
  if (!signer) return std::unexpected(signer.error());
  if (!settings.json) print_text(*text + '\n');
  print_thing(settings, {{"key", "ed25519:" + to_hex(signer->public_key().view())},
                         {"signature", identity::to_base64url(signer->sign_text(*text).view())}});
  return {};
}

}  // namespace holdfast::cli
