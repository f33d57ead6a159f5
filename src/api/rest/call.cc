#include "api/rest/call.h"

namespace holdfast::api {

Answer<engine::Outcome> submit(const Call& call, custody::Command command) {
  const std::vector<engine::Outcome> outcomes = call.ports.submitter.submit({&command, 1});
  if (outcomes.front().refusal != custody::Refusal::none) return refused(outcomes.front().refusal);
  return outcomes.front();
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
