// For tests: whether an answer is of the shape that docs/api/openapi.json gives. As much of JSON Schema as stands
// there.
#pragma once

#include "api/message/http.h"
#include "api/rest/routes.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <string>

namespace holdfast::api {

class OpenApi {
 public:
  static OpenApi load(const std::string& path) {
    std::ifstream in(path);
    return OpenApi(Json::parse(in));
  }

  const Json& paths() const { return document_["paths"]; }

  // Empty when all is well.
  std::string complaint(const RequestHead& head, const Response& response) const {
    const auto matched = match(head.method, head.path());
    if (!matched) return fits(Json::parse(response.body), schema("Problem"), "problem");
    std::string method = head.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const Json& responses = paths()[std::string(matched->route->path)][method]["responses"];
    const std::string status = std::to_string(response.status);
    const Json& described = responses.contains(status) ? responses[status] : responses["default"];
    const std::string type = response.content_type.substr(0, response.content_type.find(';'));
    if (!described["content"].contains(type)) return "the media type " + type + " is not described for " + status;
    if (!type.ends_with("json")) return {};
    return fits(Json::parse(response.body), described["content"][type]["schema"], "answer");
  }

 private:
  explicit OpenApi(Json document) : document_(std::move(document)) {}
  const Json& schema(const std::string& name) const { return document_["components"]["schemas"][name]; }

  static bool is_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  std::string fits(const Json& value, const Json& rule, const std::string& where) const {
    if (rule.contains("$ref")) {
      const std::string ref = rule["$ref"];
      return fits(value, schema(ref.substr(ref.rfind('/') + 1)), where);
    }
    if (rule.contains("oneOf")) {
      for (const Json& one : rule["oneOf"]) {
        if (fits(value, one, where).empty()) return {};
      }
      return where + " is none of the shapes it may have";
    }
    const Json types = rule["type"].is_array() ? rule["type"] : Json::array({rule["type"]});
    bool typed = false;
    for (const Json& type : types) typed = typed || is_type(value, type);
    if (!typed) return where + " is not " + types.dump();
    if (value.is_string()) return fits_text(value, rule, where);
    if (value.is_object()) return fits_object(value, rule, where);
    if (!value.is_array()) return {};
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto bad = fits(value[i], rule["items"], where + '[' + std::to_string(i) + ']'); !bad.empty()) return bad;
    }
    return {};
  }

  std::string fits_text(const Json& value, const Json& rule, const std::string& where) const {
    const std::string text = value;
    if (rule.contains("enum") && std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end()) {
      return where + " is no listed value: " + text;
    }
    if (rule.contains("pattern") && !std::regex_match(text, std::regex(rule["pattern"].get<std::string>()))) {
      return where + " does not match its pattern: " + text;
    }
    static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
    if (rule.value("format", "") == "date-time" && !std::regex_match(text, kTime))
      return where + " is no time: " + text;
    return {};
  }

  std::string fits_object(const Json& value, const Json& rule, const std::string& where) const {
    if (!rule.contains("properties")) return {};
    for (const Json& name : rule["required"]) {
      if (!value.contains(name.get<std::string>())) return where + " has no " + name.get<std::string>();
    }
    for (const auto& [name, one] : value.items()) {
      if (!rule["properties"].contains(name)) return where + " has a " + name + " that is not described";
      if (auto bad = fits(one, rule["properties"][name], where + '.' + name); !bad.empty()) return bad;
    }
    return {};
  }

  Json document_;
};

}  // namespace holdfast::api
