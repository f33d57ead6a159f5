// Policies over REST: proposed, approved by somebody else, in force. Whatever is wrong with one is told before it is proposed.
#include "api/rest/handlers.h"
#include "policy/policy.h"

namespace holdfast::api {
namespace {

using custody::PolicyId;
using R = custody::Refusal;

Answer<Reply> policy_reply(const Call& call, PolicyId id, int status) {
  const auto policy = look_up(call, &custody::State::policies, id, R::policy_unknown);
  if (!policy) return std::unexpected(policy.error());
  Json json = to_json(*policy);
  json["text"] = std::string(as_text(policy->text));
  return Reply{status, std::move(json)};
}

// The caller's own: others may propose at the same time.
PolicyId newest_of(const Call& call, const policy::Policy& policy) {
  PolicyId id;
  call.ports.view.read([&](const custody::State& state) {
    for (const custody::PolicyVersion& one : state.policies) {
      if (one.hash == policy.hash() && one.proposed_by == call.key.id) id = one.id;
    }
  });
  return id;
}

Answer<Reply> change(const Call& call, custody::Command command) {
  const auto outcome = submit(call, std::move(command));
  if (!outcome) return std::unexpected(outcome.error());
  return policy_reply(call, {call.id}, 200);
}

}  // namespace

Answer<Reply> list_policies(const Call& call) {
  Json list = Json::array();
  call.ports.view.read([&](const custody::State& state) {
    for (std::uint64_t id = state.policies.size(); id > 0 && list.size() < Page::kMaxLimit; --id) {
      list.push_back(to_json(state.policies.at({id})));
    }
  });
  return Reply{200, {{"policies", std::move(list)}}};
}

// Those that stand now.
Answer<Reply> list_grades(const Call& call) {
  const Instant now = call.ports.clock.now();
  Json list = Json::array();
  call.ports.view.read([&](const custody::State& state) {
    for (const auto& [key, grade] : state.grades.entries()) {
      const std::uint32_t step = grade.step_at(now);
      if (step == 0 || list.size() == Page::kMaxLimit) continue;
      Json one = to_json(custody::GradeEntry{key, grade});
      one["step"] = step;
      list.push_back(std::move(one));
    }
  });
  return Reply{200, {{"grades", std::move(list)}}};
}

Answer<Reply> show_policy(const Call& call) { return policy_reply(call, {call.id}, 200); }

Answer<Reply> propose_policy(const Call& call) {
  static constexpr Field kFields[] = {{"name"}, {"text", FieldKind::file}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const std::string& text = fields->text(1);
  const auto read = policy::Policy::read(text, "policy");
  if (!read) return refused(R::policy_wrong, read.error().text);
  const auto outcome = submit(call, custody::ProposePolicy{fields->text(0), to_bytes(as_bytes(text)), call.key.id});
  if (!outcome) return std::unexpected(outcome.error());
  return policy_reply(call, newest_of(call, *read), 201);
}

Answer<Reply> approve_policy(const Call& call) { return change(call, custody::ApprovePolicy{{call.id}, call.key.id}); }
Answer<Reply> activate_policy(const Call& call) { return change(call, custody::ActivatePolicy{{call.id}, call.key.id}); }
Answer<Reply> drop_policy(const Call& call) { return change(call, custody::DropPolicy{{call.id}, call.key.id}); }

}  // namespace holdfast::api
