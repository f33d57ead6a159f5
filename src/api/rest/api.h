// The API without sockets: from a request's head and body to its answer. Any thread may call it.
//
//   admit    looks at the head alone: route, signature, replay, role, and what the head says of the body. A stranger's
//            body is never read.
//   answer   checks the body against its digest and calls the handler.
#pragma once

#include "api/rest/gate.h"
#include "api/rest/metrics.h"
#include "api/rest/routes.h"

#include <memory>
#include <string>
#include <vector>

namespace holdfast::api {

class Api {
 public:
  // Keys have unique ids.
  Api(const std::vector<ApiKey>& keys, Ports ports);

  struct Admission {
    Matched matched;
    const ApiKey* key = nullptr;  // None on an open route.
  };
  // Every problem of the gate; route_unknown, method_not_allowed, role_not_allowed, content_type_unsupported,
  // content_encoding_unsupported, body_too_large, uri_too_long
  Answer<Admission> admit(const RequestHead& head);

  // Precondition: admission is of this head.
  Response answer(const Admission& admission, const RequestHead& head, std::string_view body);

  // The answer to a request that was refused. Counts it.
  Response refuse(const Problem& problem, std::string_view path);

  std::shared_ptr<const Directory> directory() { return directories_.get(ports_.feed.registrations()); }
  Metrics& metrics() { return metrics_; }
  EventFeed& feed() { return ports_.feed; }

 private:
  Response call_handler(const Admission& admission, const RequestHead& head, std::string_view body);
  Answer<Response> open_stream(const RequestHead& head) const;

  Ports ports_;
  Gate gate_;
  DirectoryCache directories_;
  Metrics metrics_;
};

inline constexpr std::size_t kMaxTargetBytes = 2048;

}  // namespace holdfast::api
