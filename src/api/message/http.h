// One HTTP request and its answer as the API sees them: no socket, and no type of the HTTP library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

struct Header {
  std::string name;  // Lower case.
  std::string value;
};

// All of a request but its body.
struct RequestHead {
  std::string method;  // "GET"
  std::string target;  // As it was sent: "/v1/events?after=7"
  std::vector<Header> headers;
  bool from_loopback = false;

  std::string_view path() const;
  bool has_query() const { return target.find('?') != std::string::npos; }
  std::string_view query() const;  // Without the question mark.
  // The value of a field as RFC 9421 section 2.1 takes it: trimmed, and values of the same name joined by ", ".
  // Nothing when the field is absent.
  std::optional<std::string> header(std::string_view name) const;
  // Whether a body follows: RFC 9112 section 6.3.
  bool has_body() const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<Header> headers;
  // Set: the answer is a stream of events behind this many (feed/feed.h), and `body` is empty.
  std::optional<std::uint64_t> stream_from;
};

}  // namespace holdfast::api
