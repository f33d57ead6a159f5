#include "api/rest/api.h"

#include "api/message/digest.h"

#include <chrono>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

Answer<void> check_target(const RequestHead& head) {
  if (head.target.size() > kMaxTargetBytes) return refused(E::uri_too_long);
  if (!head.target.starts_with('/')) return refused(E::request_malformed, "The target must be a path.");
  return {};
}

Answer<void> check_body_headers(const RequestHead& head) {
  if (head.header("content-encoding")) return refused(E::content_encoding_unsupported);
  if (!head.has_body()) return {};
  const auto length = head.header("content-length");
  const auto bytes = length ? parse_number(*length) : std::nullopt;
  if (length && !bytes) return refused(E::request_malformed, "Content-Length is no number.");
  if (bytes && *bytes > kMaxBodyBytes) return refused(E::body_too_large);
  const auto type = head.header("content-type").value_or("");
  if (type != "application/json" && !type.starts_with("application/json;")) return refused(E::content_type_unsupported);
  return {};
}

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point begin) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count());
}

}  // namespace

Api::Api(const std::vector<ApiKey>& keys, Ports ports)
    : ports_(std::move(ports)), gate_(keys, ports_.clock.now()), directories_(ports_.view) {}

Answer<Api::Admission> Api::admit(const RequestHead& head) {
  if (const auto good = check_target(head); !good) return std::unexpected(good.error());
  const auto matched = match(head.method, head.path());
  if (!matched) return std::unexpected(matched.error());
  const Route& route = *matched->route;
  // A collector of metrics cannot sign; one on this machine need not.
  const bool open = route.roles == 0 || (route.special == Special::metrics && head.from_loopback);
  if (open) return Admission{*matched, nullptr};
  if (const auto good = check_body_headers(head); !good) return std::unexpected(good.error());
  const auto key = gate_.admit(head, ports_.clock.now());
  if (!key) return std::unexpected(key.error());
  if ((route.roles & only((*key)->role)) == 0) {
    return refused(E::role_not_allowed, "The role of this API key, " + std::string(name((*key)->role)) +
                                            ", may not do that; these may: " + role_names(route.roles) + ".");
  }
  return Admission{*matched, *key};
}

Response Api::answer(const Admission& admission, const RequestHead& head, std::string_view body) {
  const auto begin = std::chrono::steady_clock::now();
  Response response = call_handler(admission, head, body);
  metrics_.count(admission.matched.route, response.status, microseconds_since(begin));
  return response;
}

Response Api::call_handler(const Admission& admission, const RequestHead& head, std::string_view body) {
  const auto refuse_here = [&](const Problem& problem) {
    return Response{problem.status, std::string(kProblemContentType), to_json(problem, head.path()), {}, {}};
  };
  if (head.has_body() && !digest_holds(head.header("content-digest").value_or(""), body)) {
    return refuse_here(problem(E::content_digest_wrong));
  }
  const Route& route = *admission.matched.route;
  switch (route.special) {
    case Special::none:
      break;
    case Special::health:
      return {200, "application/json", R"({"status":"ok"})", {}, {}};
    case Special::metrics:
      return {200, std::string(kMetricsContentType), metrics_.to_text(ports_), {}, {}};
    case Special::stream: {
      auto stream = open_stream(head);
      return stream ? std::move(*stream) : refuse_here(stream.error());
    }
  }
  const auto names = directory();
  const Call call{ports_, *names, *admission.key, head, body, admission.matched.id};
  const auto reply = route.handler(call);
  if (!reply) return refuse_here(reply.error());
  return {reply->status, "application/json", dump(reply->json), {}, {}};
}

// From behind Last-Event-ID, as a browser sends it when it connects again; or from behind ?after=N; or from now on.
Answer<Response> Api::open_stream(const RequestHead& head) const {
  static constexpr std::string_view kKnown[] = {"after"};
  const auto query = Query::parse(head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  auto after = query->number("after", 0, INT64_MAX);
  if (!after) return std::unexpected(after.error());
  if (const auto last = head.header("last-event-id")) {
    *after = parse_number(*last);
    if (!*after) return refused(E::parameter_invalid, "Last-Event-ID must be the index of an event.");
  }
  const std::uint64_t from = *after ? **after + 1 : ports_.feed.size();
  if (from > ports_.feed.size()) return refused(E::cursor_ahead);
  return Response{200, "text/event-stream", {}, {{"cache-control", "no-store"}}, from};
}

Response Api::refuse(const Problem& problem, std::string_view path) {
  metrics_.count(nullptr, problem.status, 0);
  Response response{problem.status, std::string(kProblemContentType), to_json(problem, path), {}, {}};
  if (problem.code == name(E::method_not_allowed)) response.headers.push_back({"allow", problem.detail});
  return response;
}

}  // namespace holdfast::api
