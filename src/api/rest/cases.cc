// The review queue over REST: what waits for people, oldest promise first, and what they do about it.
#include "api/rest/handlers.h"

#include <algorithm>
#include <ranges>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using custody::CaseId;
using R = custody::Refusal;

Answer<Reply> case_reply(const Call& call) {
  std::optional<CaseView> view;
  call.ports.view.read([&](const custody::State& state) {
    if (const custody::Case* one = state.cases.find({call.id})) view = collect(state, *one);
  });
  if (!view) return refused(R::case_unknown);
  return Reply{200, to_json(*view, call.directory)};
}

Answer<Reply> change(const Call& call, custody::Command command) {
  const auto outcome = submit(call, std::move(command));
  if (!outcome) return std::unexpected(outcome.error());
  return case_reply(call);
}

// Never more than what the person has seen: withdrawals may join a case while it is looked at.
Answer<Reply> decide(const Call& call, bool approve) {
  static constexpr Field kFields[] = {{"up_to", FieldKind::number}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  return change(call, custody::DecideCase{{call.id}, {fields->number(0)}, approve, call.key.id, call.key.duties});
}

}  // namespace

// The open ones, that which has to be looked at first in front; or with ?state=closed, the newest of the others first.
Answer<Reply> list_cases(const Call& call) {
  static constexpr std::string_view kKnown[] = {"state"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const std::string* state_text = query->text("state");
  const bool wants_closed = state_text && *state_text == "closed";
  if (state_text && !wants_closed && *state_text != "open") return refused(E::parameter_invalid, "state is open or closed.");
  std::vector<CaseView> views;
  call.ports.view.read([&](const custody::State& state) {
    if (wants_closed) {
      for (std::uint64_t id = state.cases.size(); id > 0 && views.size() < Page::kMaxLimit; --id) {
        if (!state.open_cases.contains({id})) views.push_back(collect(state, state.cases.at({id})));
      }
      return;
    }
    std::vector<std::pair<Instant, CaseId>> open;
    for (const auto& [id, waiting] : state.open_cases) open.emplace_back(state.cases.at(id).due_at, id);
    std::ranges::sort(open);
    for (const auto& [due, id] : open | std::views::take(Page::kMaxLimit)) views.push_back(collect(state, state.cases.at(id)));
  });
  Json list = Json::array();
  for (const CaseView& view : views) list.push_back(to_json(view, call.directory));
  return Reply{200, {{"cases", std::move(list)}}};
}

Answer<Reply> show_case(const Call& call) { return case_reply(call); }

Answer<Reply> assign_case(const Call& call) {
  static constexpr Field kFields[] = {{"to", FieldKind::text, false}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  return change(call, custody::AssignCase{{call.id}, fields->has(0) ? fields->text(0) : call.key.id, call.key.id});
}

Answer<Reply> note_case(const Call& call) {
  static constexpr Field kFields[] = {{"text"}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  return change(call, custody::NoteCase{{call.id}, fields->text(0), call.key.id});
}

Answer<Reply> close_news(const Call& call) {
  static constexpr Field kFields[] = {{"text"}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  return change(call, custody::CloseNews{{call.id}, fields->text(0), call.key.id});
}

Answer<Reply> approve_case(const Call& call) { return decide(call, true); }
Answer<Reply> reject_case(const Call& call) { return decide(call, false); }

}  // namespace holdfast::api
