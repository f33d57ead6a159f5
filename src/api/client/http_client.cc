#include "api/client/http_client.h"

#include <httplib.h>

namespace holdfast::api {
namespace {

httplib::Headers to_headers(const RequestHead& head) {
  httplib::Headers out;
  for (const Header& header : head.headers) out.emplace(header.name, header.value);
  return out;
}

Failure no_answer(httplib::Error error) { return fault("http_no_answer", httplib::to_string(error)); }

}  // namespace

struct HttpClient::Body {
  explicit Body(const std::string& origin) : client(origin) {}
  httplib::Client client;
};

HttpClient::HttpClient(std::unique_ptr<Body> body) : body_(std::move(body)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(const std::string& origin, int timeout_s) {
  const auto url = Url::parse(origin);
  if (!url || url->target != "/") return refuse("url_malformed", origin + " is no http:// or https:// origin");
  auto body = std::make_unique<Body>(url->origin);
  if (!body->client.is_valid()) return refuse("url_malformed", origin + " is no http:// or https:// origin");
  body->client.set_keep_alive(true);
  body->client.set_tcp_nodelay(true);
  body->client.set_follow_location(false);
  body->client.set_connection_timeout(timeout_s);
  body->client.set_read_timeout(timeout_s);
  body->client.set_write_timeout(timeout_s);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(body)));
}

Result<HttpReply> HttpClient::request(const RequestHead& head, const std::string& body) {
  httplib::Request request;
  request.method = head.method;
  request.path = head.target;
  request.headers = to_headers(head);
  request.body = body;
  const auto result = body_->client.send(request);
  if (!result) return no_answer(result.error());
  return HttpReply{result->status, result->body, result->get_header_value("Retry-After")};
}

Result<HttpReply> HttpClient::stream(const RequestHead& head, const std::function<bool(std::string_view piece)>& show) {
  HttpReply reply;
  const auto result = body_->client.Get(
      head.target, to_headers(head),
      [&](const httplib::Response& response) {
        reply.status = response.status;
        return true;
      },
      [&](const char* data, std::size_t size) {
        if (reply.status == 200) return show({data, size});
        reply.body.append(data, size);
        return true;
      });
  if (!result && reply.status == 0) return no_answer(result.error());
  return reply;
}

std::optional<Url> Url::parse(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto slash = text.find('/', scheme.size());
    const std::string_view origin = text.substr(0, slash);
    const bool clean = text.find_first_of(" \t\r\n@#") == std::string_view::npos;
    if (origin.size() == scheme.size() || !clean) return {};
    return Url{std::string(origin), slash == std::string_view::npos ? "/" : std::string(text.substr(slash))};
  }
  return {};
}

}  // namespace holdfast::api
