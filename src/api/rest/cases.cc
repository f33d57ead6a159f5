// The review queue over REST: what waits for people, oldest promise first, and what they do about it.
#include "api/rest/handlers.h"

#include <algorithm>

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
  return Reply{200, to_json(*view)};
}

Answer<Reply> change(const Call& call, custody::Command command) {
  const auto outcome = submit(call, std::move(command));
  if (!outcome) return std::unexpected(outcome.error());
  return case_reply(call);
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
    for (const auto& [id, waiting] : state.open_cases) views.push_back(collect(state, state.cases.at(id)));
  });
  if (!wants_closed) std::ranges::stable_sort(views, {}, [](const CaseView& view) { return view.one.due_at; });
  if (views.size() > Page::kMaxLimit) views.resize(Page::kMaxLimit);
  Json list = Json::array();
  for (const CaseView& view : views) list.push_back(to_json(view));
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

Answer<Reply> approve_case(const Call& call) { return change(call, custody::DecideCase{{call.id}, true, call.key.id, call.key.duties}); }
Answer<Reply> reject_case(const Call& call) { return change(call, custody::DecideCase{{call.id}, false, call.key.id}); }

}  // namespace holdfast::api
