// A small HTTP client: for webhooks, for the command line, for tests. http and https; no redirects are followed.
#pragma once

#include "api/message/http.h"
#include "base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::api {

struct HttpReply {
  int status = 0;
  std::string body;
  std::string retry_after;  // The field's value; empty when absent.
};

class HttpClient {
 public:
  // `origin`: "http://127.0.0.1:8080". The connection is kept open between requests. Not for several threads.
  //   refusal url_malformed
  static Result<std::unique_ptr<HttpClient>> create(const std::string& origin, int timeout_s = 30);
  ~HttpClient();

  // Any answer at all is a success, whatever its status.
  //   fault http_no_answer
  Result<HttpReply> request(const RequestHead& head, const std::string& body);

  // A GET whose answer is shown piece by piece as it comes, until `show` returns false. An answer that is not 200 is
  // returned whole and not shown.   fault http_no_answer (also when the stream ends by itself)
  Result<HttpReply> stream(const RequestHead& head, const std::function<bool(std::string_view piece)>& show);

 private:
  struct Body;
  explicit HttpClient(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

struct Url {
  std::string origin;  // "https://example.org:8443"
  std::string target;  // "/hook?x=1"
  // Nothing unless it begins with http:// or https:// and names a host.
  static std::optional<Url> parse(std::string_view text);
};

}  // namespace holdfast::api
