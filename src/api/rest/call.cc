#include "api/rest/call.h"

#include "base/check.h"

namespace holdfast::api {

std::vector<engine::Outcome> submit_all(const Call& call, std::vector<custody::Command> commands) {
  if (call.key.role != Role::operator_) return call.ports.submitter.submit(commands);
  const auto claim = read_signature(call.head);
  HF_CHECK(claim.has_value());  // The gate has let it in.
  commands.emplace(commands.begin(), custody::RecordSignature{call.key.id, Hash32{call.key.key.bytes}, claim->base, claim->signature});
  std::vector<engine::Outcome> outcomes = call.ports.submitter.submit(commands);
  outcomes.erase(outcomes.begin());
  return outcomes;
}

Answer<engine::Outcome> submit(const Call& call, custody::Command command) {
  std::vector<custody::Command> commands;
  commands.push_back(std::move(command));
  const engine::Outcome outcome = submit_all(call, std::move(commands)).front();
  if (outcome.refusal != custody::Refusal::none) return refused(outcome.refusal);
  return outcome;
}

Json problem_json(const Problem& problem, const Call& call) {
  return {{"status", problem.status}, {"problem", Json::parse(to_json(problem, call.head.path()))}};
}

BatchCommands read_commands(const Call& call, const std::vector<Answer<Fields>>& batch,
                            const std::function<Answer<custody::Command>(const Fields&)>& read) {
  BatchCommands out;
  out.items.resize(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto command = batch[i] ? read(*batch[i]) : Answer<custody::Command>(std::unexpected(batch[i].error()));
    if (!command) {
      out.items[i] = problem_json(command.error(), call);
      continue;
    }
    out.commands.push_back(std::move(*command));
    out.places.push_back(i);
  }
  return out;
}

Answer<Page> Page::of(const Query& query) {
  Page page;
  const auto limit = query.number("limit", 1, kMaxLimit);
  const auto after = query.number("after", 0, INT64_MAX);
  const auto before = query.number("before", 1, INT64_MAX);
  for (const auto* number : {&limit, &after, &before}) {
    if (!*number) return std::unexpected(number->error());
  }
  if (*after && *before) return refused(EdgeProblem::parameter_invalid, "after and before exclude each other.");
  page.limit = limit->value_or(kDefaultLimit);
  page.after = *after;
  page.before = *before;
  return page;
}

}  // namespace holdfast::api
