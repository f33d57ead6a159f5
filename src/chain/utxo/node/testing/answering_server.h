// For tests: an HTTP server that answers JSON-RPC batches with what it was told to.
#pragma once

#include "chain/utxo/node/rpc_client.h"

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast::chain::utxo {

class AnsweringServer {
 public:
  AnsweringServer() {
    server_.Post("/", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      ++requests_;
      authorisation_ = request.get_header_value("Authorization");
      response.status = status_;
      response.set_content(whole_.empty() ? batch_for(request.body) : whole_, "application/json");
    });
    server_.set_tcp_nodelay(true);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~AnsweringServer() {
    server_.stop();
    thread_.join();
  }
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  RpcAddress address() const { return {fmt::format("http://127.0.0.1:{}", port_), {}}; }

  // To a method: `"result":...` or `"error":{...}`. With parameters, only to these; the longest that fit decide.
  void answer(std::string_view method, std::string_view with, std::string_view params = "") {
    const std::lock_guard lock(mutex_);
    answers_[fmt::format("{}{}", method, params)] = with;
  }
  void refuse(std::string_view method, int code, std::string_view words, std::string_view params = "") {
    answer(method, fmt::format(R"("error":{{"code":{},"message":"{}"}})", code, words), params);
  }
  // The whole body, whatever is asked. Empty: by method again.
  void answer_all(std::string_view body, int status = 200) {
    const std::lock_guard lock(mutex_);
    whole_ = body;
    status_ = status;
  }
  int asked(const std::string& method) {
    const std::lock_guard lock(mutex_);
    return asked_[method];
  }
  int requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::string authorisation() {
    const std::lock_guard lock(mutex_);
    return authorisation_;
  }

 private:
  std::string batch_for(const std::string& body) {
    std::string out = "[";
    for (const auto& call : nlohmann::json::parse(body)) {
      const std::string method = call.at("method");
      ++asked_[method];
      auto found = answers_.find(method + call.at("params").dump());
      if (found == answers_.end()) found = answers_.find(method);
      const std::string said =
          found == answers_.end() ? R"("error":{"code":-32601,"message":"Method not found"})" : found->second;
      out += fmt::format(R"({}{{"id":{},{}}})", out.size() == 1 ? "" : ",", call.at("id").dump(), said);
    }
    return out + "]";
  }

  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::map<std::string, int> asked_;
  std::string whole_;
  int status_ = 200;
  int requests_ = 0;
  std::string authorisation_;
  std::thread thread_;
};

}  // namespace holdfast::chain::utxo
