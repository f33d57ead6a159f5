// Withdrawals over REST. A request is known by its idempotency key for ever: asking again, also after a crash of either
// side, gives the same withdrawal and never a second one.
#include "api/message/digest.h"
#include "api/rest/authorisation.h"
#include "api/rest/handlers.h"
#include "api/text/names.h"
#include "policy/cel/functions/civil_time.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using custody::WithdrawalId;

FixedBytes<16> first_half(const Hash32& hash) { return FixedBytes<16>::from(ByteView(hash.bytes).first(16)); }

// One name space for the whole exchange, whichever API key signed: a key is rotated or a back end replaced in the middle of a
// retry, and the retry must still be the same request.
custody::RequestId request_id(std::string_view client, std::string_view idempotency_key) {
  std::string text(client);
  text.push_back('\0');
  text.append(idempotency_key);
  return first_half(sha256(as_bytes(text)));
}

void append_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

// Of the meaning, not of the text: "1.5" and "1.50" ask for the same.
FixedBytes<16> fingerprint(const custody::RequestWithdrawal& c) {
  Bytes bytes;
  append_number(bytes, c.customer.value);
  append_number(bytes, c.asset.value);
  const FixedBytes<32> amount = c.amount.to_word();
  bytes.insert(bytes.end(), amount.bytes.begin(), amount.bytes.end());
  bytes.insert(bytes.end(), c.destination.view().begin(), c.destination.view().end());
  return first_half(sha256(bytes));
}

Refused wrong_session(std::string_view field, std::string_view what) {
  return refused(E::field_invalid, std::string(field).append(": ").append(what));
}

// One form for each address, so that equal ones are equal texts.
std::optional<std::string> canonical_ip(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes.data()) != 1) continue;
    if (inet_ntop(family, bytes.data(), out.data(), out.size())) return out.data();
  }
  return std::nullopt;
}

Answer<custody::Session> read_session(const Fields& fields) {
  constexpr std::size_t kDevice = 4, kIp = 5, kApiKey = 6, kChanged = 7;
  custody::Session out;
  if (fields.has(kDevice)) out.device = fields.text(kDevice);
  if (fields.has(kApiKey)) out.api_key = fields.text(kApiKey);
  if (out.device.size() > custody::kMaxSessionText) return wrong_session("device", "must be a text of 1 to 64 bytes");
  if (out.api_key.size() > custody::kMaxSessionText) return wrong_session("api_key", "must be a text of 1 to 64 bytes");
  if (fields.has(kIp)) {
    const auto ip = canonical_ip(fields.text(kIp));
    if (!ip) return wrong_session("ip", "must be an IPv4 or IPv6 address");
    out.ip = *ip;
  }
  if (fields.has(kChanged)) {
    const auto at = policy::cel::read_instant(fields.text(kChanged));
    if (!at || at->seconds <= 0) return wrong_session("credentials_changed_at", "must be a time such as 2023-09-12T13:20:00Z, after 1970");
    out.reset_at = {at->seconds * kMsPerSecond};
  }
  return out;
}

Answer<Amount> read_amount(std::string_view text, unsigned decimals) {
  const ParsedAmount parsed = parse_decimal(text, decimals);
  if (parsed.amount) return *parsed.amount;
  switch (parsed.error) {
    case AmountError::malformed:
      return refused(E::amount_malformed);
    case AmountError::too_precise:
      return refused(E::amount_too_precise);
    case AmountError::too_large:
      return refused(E::amount_too_large);
  }
  return refused(E::internal);
}

// What a withdrawal became, by the id of its request.
std::vector<WithdrawalView> collect_requested(const Call& call, const std::vector<custody::RequestId>& requests) {
  std::vector<WithdrawalView> views;
  views.reserve(requests.size());
  call.ports.view.read([&](const custody::State& state) {
    for (const custody::RequestId& request : requests) {
      views.push_back(collect(state, state.withdrawals.at(state.requests.at(request))));
    }
  });
  return views;
}

Answer<WithdrawalView> find(const Call& call) {
  std::optional<WithdrawalView> view;
  call.ports.view.read([&](const custody::State& state) {
    if (const auto* withdrawal = state.withdrawals.find({call.id})) view = collect(state, *withdrawal);
  });
  if (!view) return refused(custody::Refusal::withdrawal_unknown);
  return std::move(*view);
}

Answer<Reply> change(const Call& call, custody::Command command) {
  const auto outcome = submit(call, std::move(command));
  if (!outcome) return std::unexpected(outcome.error());
  return show_withdrawal(call);
}

// A refusal of a withdrawal; where it is for a limit, with the limit.
Problem problem_with_limit(const Call& call, custody::Refusal refusal, custody::AssetId asset_id) {
  const bool over = refusal == custody::Refusal::amount_over_limit;
  if (!over && refusal != custody::Refusal::amount_under_limit) return problem(refusal);
  std::string detail(custody::explain(refusal));
  call.ports.view.read([&](const custody::State& state) {
    const custody::Asset& asset = state.assets.at(asset_id);
    const Amount limit = over ? asset.withdrawal_max : asset.withdrawal_min;
    detail.append(over ? " At most " : " At least ").append(limit.to_decimal(asset.decimals)).append(" ").append(asset.symbol).append(".");
  });
  return problem(refusal, std::move(detail));
}

int created_or_known(const engine::Outcome& outcome) { return outcome.events > 0 ? 201 : 200; }

struct Filter {
  std::optional<custody::WithdrawalState> state;
  std::optional<std::uint64_t> customer;
  const custody::Asset* asset = nullptr;

  bool accepts(const custody::Withdrawal& w) const {
    return (!state || w.state == *state) && (!customer || w.customer.value == *customer) &&
           (!asset || w.asset == asset->id);
  }
};

Answer<Filter> read_filter(const Query& query, const Directory& directory) {
  Filter filter;
  if (const std::string* state = query.text("state")) {
    filter.state = withdrawal_state(*state);
    if (!filter.state) return refused(E::parameter_invalid, "state is no state of a withdrawal.");
  }
  const auto customer = query.number("customer", 1, INT64_MAX);
  if (!customer) return std::unexpected(customer.error());
  filter.customer = *customer;
  if (const std::string* text = query.text("asset")) {
    const auto asset = directory.find_asset(*text);
    if (!asset) return std::unexpected(asset.error());
    filter.asset = *asset;
  }
  return filter;
}

}  // namespace

Answer<custody::RequestWithdrawal> read_withdrawal(const Fields& fields, const Directory& directory,
                                                   std::string_view client, std::string_view idempotency_key) {
  if (const auto good = check_idempotency_key(idempotency_key); !good) return std::unexpected(good.error());
  const auto asset = directory.find_asset(fields.text(1));
  if (!asset) return std::unexpected(asset.error());
  const auto amount = read_amount(fields.text(2), (*asset)->decimals);
  if (!amount) return std::unexpected(amount.error());
  const auto destination = directory.parse_address((*asset)->chain, fields.text(3));
  if (!destination) return std::unexpected(destination.error());
  auto session = read_session(fields);
  if (!session) return std::unexpected(session.error());
  custody::RequestWithdrawal command;
  command.request = request_id(client, idempotency_key);
  command.customer = {fields.number(0)};
  command.asset = (*asset)->id;
  command.amount = *amount;
  command.destination = *destination;
  command.fingerprint = fingerprint(command);
  command.session = std::move(*session);
  constexpr std::size_t kAuthorisation = 8;
  if (fields.has(kAuthorisation)) {
    auto authorisation = read_authorisation(fields.text(kAuthorisation));
    if (!authorisation) return std::unexpected(authorisation.error());
    command.authorisation = std::move(*authorisation);
  }
  return command;
}

Answer<Reply> request_withdrawal(const Call& call) {
  const auto key = call.head.header("idempotency-key");
  if (!key) return refused(E::idempotency_key_missing);
  const auto fields = read_object(call.body, kWithdrawalFields);
  if (!fields) return std::unexpected(fields.error());
  const auto command = read_withdrawal(*fields, call.directory, name(call.key.role), *key);
  if (!command) return std::unexpected(command.error());
  if (const auto good = check_authorisation(call, *command); !good) return std::unexpected(good.error());
  const custody::Command wanted = *command;
  const engine::Outcome outcome = call.ports.submitter.submit({&wanted, 1}).front();
  if (outcome.refusal != custody::Refusal::none) return Refused(problem_with_limit(call, outcome.refusal, command->asset));
  return Reply{created_or_known(outcome),
               to_json(collect_requested(call, {command->request}).front(), call.directory)};
}

Answer<Reply> request_withdrawals(const Call& call) {
  const auto batch = read_batch(call.body, "withdrawals", kBatchFields);
  if (!batch) return std::unexpected(batch.error());
  auto [items, commands, places] = read_commands(call, *batch, [&](const Fields& fields) -> Answer<custody::Command> {
    auto command = read_withdrawal(fields, call.directory, name(call.key.role), fields.text(kBatchKey));
    if (!command) return std::unexpected(command.error());
    if (const auto good = check_authorisation(call, *command); !good) return std::unexpected(good.error());
    return std::move(*command);
  });
  const std::vector<engine::Outcome> outcomes = call.ports.submitter.submit(commands);
  std::vector<custody::RequestId> accepted;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].refusal != custody::Refusal::none) {
      const custody::AssetId asset = std::get<custody::RequestWithdrawal>(commands[i]).asset;
      items[places[i]] = problem_json(problem_with_limit(call, outcomes[i].refusal, asset), call);
    } else {
      items[places[i]] = {{"status", created_or_known(outcomes[i])}};
      accepted.push_back(std::get<custody::RequestWithdrawal>(commands[i]).request);
    }
  }
  auto view = collect_requested(call, accepted);
  for (std::size_t i = 0, next = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].refusal == custody::Refusal::none)
      items[places[i]]["withdrawal"] = to_json(view[next++], call.directory);
  }
  return Reply{200, {{"items", std::move(items)}}};
}

Answer<Reply> list_withdrawals(const Call& call) {
  static constexpr std::string_view kKnown[] = {"limit", "after", "before", "state", "customer", "asset"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const auto page = Page::of(*query);
  if (!page) return std::unexpected(page.error());
  const auto filter = read_filter(*query, call.directory);
  if (!filter) return std::unexpected(filter.error());
  std::vector<WithdrawalView> views;
  std::uint64_t next = 0;
  call.ports.view.read([&](const custody::State& state) {
    next = walk(
        state.withdrawals, *page, [&](const auto& one) { return filter->accepts(one); },
        [&](const auto& one) { views.push_back(collect(state, one)); });
  });
  Json list = Json::array();
  for (const WithdrawalView& view : views) list.push_back(to_json(view, call.directory));
  return Reply{200, {{"withdrawals", std::move(list)}, {"next", next == 0 ? Json() : Json(next)}}};
}

Answer<Reply> show_withdrawal(const Call& call) {
  const auto view = find(call);
  if (!view) return std::unexpected(view.error());
  return Reply{200, to_json(*view, call.directory)};
}

Answer<Reply> cancel_withdrawal(const Call& call) { return change(call, custody::CancelWithdrawal{{call.id}}); }
Answer<Reply> confirm_withdrawal(const Call& call) { return change(call, custody::ConfirmWithdrawal{{call.id}}); }
Answer<Reply> approve_withdrawal(const Call& call) {
  auto decision = read_decision(call);
  if (!decision) return std::unexpected(decision.error());
  std::vector<custody::Command> commands;
  if (*decision) commands.emplace_back(std::move(**decision));
  commands.emplace_back(custody::ApproveWithdrawal{{call.id}, call.key.id, call.key.duties});
  const engine::Outcome outcome = submit_all(call, std::move(commands)).back();
  if (outcome.refusal != custody::Refusal::none) return refused(outcome.refusal);
  return show_withdrawal(call);
}
Answer<Reply> reject_withdrawal(const Call& call) {
  return change(call, custody::RejectWithdrawal{{call.id}, call.key.id});
}

}  // namespace holdfast::api
