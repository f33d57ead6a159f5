// CEL's own conformance tests. They lie in cel-conformance of HOLDFAST_SHARED, or of ../shared/data beside the source; skipped, in
// plain sight, where they are not. All of them run that need no protobuf message, checked or not as each says.
#include "policy/cel/check/check.h"
#include "policy/cel/run/compile.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/syntax/parser.h"
#include "policy/cel/testing/show.h"
#include "policy/cel/testing/textproto.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace holdfast::policy::cel {
namespace {

// Empty: there is none.
std::filesystem::path data_folder() {
  const char* given = std::getenv("HOLDFAST_SHARED");
  const std::filesystem::path base = given != nullptr ? given : "../shared";
  for (const auto& folder : {base / "cel-conformance", base / "data" / "cel-conformance"}) {
    if (std::filesystem::is_directory(folder)) return folder;
  }
  return {};
}

// What needs a message: its type, a wrapper, an Any. Timestamp and Duration are CEL's own.
bool needs_message(std::string_view test) {
  for (const std::string_view word : {"TestAllTypes", "proto2", "proto3", "google.protobuf.Any", "google.protobuf.Struct",
                                      "google.protobuf.Value", "google.protobuf.ListValue", "Int32Value", "Int64Value", "UInt32Value",
                                      "UInt64Value", "FloatValue", "DoubleValue", "BoolValue", "StringValue", "BytesValue"}) {
    if (test.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// Types that are neither CEL's core nor a domain's of one parameter. Only type_deduction has them.
bool needs_other_type(std::string_view test) {
  return test.find("optional") != std::string_view::npos || test.find("tuple") != std::string_view::npos;
}

double read_double(const std::string& text) {
  if (text.ends_with("inf") || text.ends_with("Infinity")) return text.starts_with('-') ? -INFINITY : INFINITY;
  if (text == "nan" || text == "NaN") return NAN;
  return std::strtod(text.c_str(), nullptr);
}

// Owns what its values borrow.
class Values {
 public:
  Value read(const TextMessage& message) {
    const TextField& field = message.fields.at(0);
    if (field.name == "null_value") return Value::null();
    if (field.name == "bool_value") return Value::of(field.scalar == "true");
    if (field.name == "int64_value") return Value::of(static_cast<std::int64_t>(std::stoll(field.scalar)));
    if (field.name == "uint64_value") return Value::of(static_cast<std::uint64_t>(std::stoull(field.scalar)));
    if (field.name == "double_value") return Value::of(read_double(field.scalar));
    if (field.name == "string_value") return Value::string(field.scalar);
    if (field.name == "bytes_value") return Value::bytes(field.scalar);
    if (field.name == "type_value") return Value::type(field.scalar);
    if (field.name == "list_value") return list(field.message);
    if (field.name == "map_value") return map(field.message);
    return object(field.message.fields.at(0));
  }

 private:
  Value list(const TextMessage& message) {
    auto& out = lists_.emplace_back();
    for (const TextMessage* each : message.messages("values")) out.push_back(read(*each));
    return Value::list(out);
  }

  Value map(const TextMessage& message) {
    auto& out = maps_.emplace_back();
    for (const TextMessage* each : message.messages("entries")) {
      out.push_back({read(*each->message("key")), read(*each->message("value"))});
    }
    EXPECT_EQ(sort_entries(out), ErrorCode::none);
    return Value::map(out.data(), out.size());
  }

  static Value object(const TextField& field) {
    const std::int64_t seconds = std::stoll(field.message.scalar("seconds").value_or("0"));
    const std::int64_t nanos = std::stoll(field.message.scalar("nanos").value_or("0"));
    if (field.name.ends_with("Duration]")) return Value::duration(seconds * 1'000'000'000 + nanos);
    EXPECT_TRUE(field.name.ends_with("Timestamp]")) << field.name;
    return Value::timestamp(seconds, static_cast<std::uint32_t>(nanos));
  }

  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<MapEntry>> maps_;
};

TypeId read_type(TypeTable& table, const TextMessage& message) {
  const TextField& field = message.fields.at(0);
  if (field.name == "primitive") {
    for (const auto& [name, type] : {std::pair{"BOOL", types::kBool}, {"INT64", types::kInt}, {"UINT64", types::kUint},
                                     {"DOUBLE", types::kDouble}, {"STRING", types::kString}, {"BYTES", types::kBytes}}) {
      if (field.scalar == name) return type;
    }
  }
  if (field.name == "null") return types::kNull;
  if (field.name == "list_type") return table.list(read_type(table, *field.message.message("elem_type")));
  if (field.name == "map_type") {
    const TypeId key = read_type(table, *field.message.message("key_type"));
    return table.map(key, read_type(table, *field.message.message("value_type")));
  }
  if (field.scalar == "google.protobuf.Duration") return types::kDuration;
  return field.scalar == "google.protobuf.Timestamp" ? types::kTimestamp : types::kDyn;
}

bool same(const Value& expected, const Value& got) {
  if (expected.is(ValueKind::floating) && got.is(ValueKind::floating) && std::isnan(expected.as_double())) {
    return std::isnan(got.as_double());
  }
  if (expected.kind() != got.kind()) return false;
  Arena memory(1 << 16);
  Context context(memory, kDefaultBudget, nullptr);
  return equal(context, {}, expected, got).is_bool(true);
}

struct Counts {
  std::size_t run = 0;
  std::size_t passed = 0;
  std::size_t need_message = 0;
  std::size_t need_type = 0;
};

class Case {
 public:
  explicit Case(const TextMessage& test) : test_(test), source_(test.scalar("expr").value_or("")) {}

  // Empty: passed.
  std::string run() {
    declare();
    auto ast = parse(source_);
    if (!ast) return explain(source_, ast.error());
    Resolved resolved = resolve(std::move(*ast), environment_);
    if (test_.scalar("disable_check") == "true") return evaluate(compile_unchecked(resolved, environment_));
    const auto checked = check(std::move(resolved), environment_, {.allows_dyn = true});
    if (!checked) return explain(source_, checked.error());
    if (const TextMessage* typed = test_.message("typed_result")) {
      const TypeId wanted = read_type(environment_.types(), *typed->message("deduced_type"));
      const std::string name = checked->types.name(checked->type());
      if (name != environment_.types().name(wanted)) return "expected the type " + environment_.types().name(wanted) + ", got " + name;
    }
    return test_.scalar("check_only") == "true" ? "" : evaluate(compile(*checked, environment_));
  }

 private:
  void declare() {
    environment_.set_container(test_.scalar("container").value_or(""));
    for (const TextMessage* each : test_.messages("type_env")) {
      if (const TextMessage* ident = each->message("ident")) {
        environment_.declare_variable(*each->scalar("name"), read_type(environment_.types(), *ident->message("type")));
      }
      if (const TextMessage* function = each->message("function")) declare_function(*each->scalar("name"), *function);
    }
    for (const TextMessage* each : test_.messages("bindings")) {
      const std::string name = *each->scalar("key");
      if (environment_.find(name, true).kind == Meaning::Kind::none) environment_.declare_variable(name, types::kDyn);
    }
  }

  void declare_function(const std::string& name, const TextMessage& function) {
    for (const TextMessage* each : function.messages("overloads")) {
      Overload overload;
      for (const TextMessage* type : each->messages("params")) {
        overload.parameters.push_back(read_type(environment_.types(), *type));
      }
      overload.result = read_type(environment_.types(), *each->message("result_type"));
      environment_.declare_function(name, std::move(overload));
    }
  }

  std::string evaluate(const Program& program) {
    std::vector<Value> inputs(environment_.variables().size(), Value::error(ErrorCode::unknown_name));
    for (const TextMessage* each : test_.messages("bindings")) {
      inputs[environment_.find(*each->scalar("key"), true).index] = values_.read(*each->message("value")->message("value"));
    }
    Machine machine;
    const Value got = machine.evaluate(program, inputs);
    if (test_.message("eval_error") != nullptr) return got.is_error() ? "" : "an error should come of it, and not " + show(got);
    const TextMessage* typed = test_.message("typed_result");
    const TextMessage* value = typed != nullptr ? typed->message("result") : test_.message("value");
    const Value expected = value == nullptr ? Value::of(true) : values_.read(*value);
    return same(expected, got) ? "" : "expected " + show(expected) + ", got " + show(got);
  }

  const TextMessage& test_;
  std::string source_;
  Environment environment_;
  Values values_;
};

void run_file(const std::string& name, Counts& counts) {
  std::ifstream in(data_folder() / (name + ".textproto"), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto file = read_textproto(text);
  ASSERT_TRUE(file && !file->fields.empty()) << name;
  for (const TextMessage* section : file->messages("section")) {
    for (const TextField& field : section->fields) {
      if (field.name != "test") continue;
      if (needs_message(field.source)) {
        ++counts.need_message;
        continue;
      }
      if (name == "type_deduction" && needs_other_type(field.source)) {
        ++counts.need_type;
        continue;
      }
      ++counts.run;
      const std::string problem = Case(field.message).run();
      counts.passed += problem.empty() ? 1U : 0U;
      EXPECT_EQ(problem, "") << name << '/' << *section->scalar("name") << '/' << *field.message.scalar("name") << ": "
                             << *field.message.scalar("expr");
    }
  }
}

void print(const std::string& name, const Counts& counts) {
  std::printf("%-14s %4zu run %4zu passed %4zu left out: need a protobuf message", name.c_str(), counts.run, counts.passed,
              counts.need_message);
  if (counts.need_type > 0) std::printf(", %zu: need optional or three-parameter types", counts.need_type);
  std::printf("\n");
}

TEST(conformance, files) {
  if (data_folder().empty()) GTEST_SKIP() << "skipped: no cel-conformance in HOLDFAST_SHARED or ../shared";
  Counts all;
  for (const std::string name : {"basic", "comparisons", "conversions", "fields", "fp_math", "integer_math", "lists", "logic",
                                 "macros", "namespace", "parse", "plumbing", "string", "timestamps"}) {
    Counts counts;
    run_file(name, counts);
    print(name, counts);
    all.run += counts.run;
    all.passed += counts.passed;
    all.need_message += counts.need_message;
  }
  print("all 14 files", all);
  EXPECT_EQ(all.run, all.passed);
  EXPECT_GE(all.run, 1089U);
}

// Beyond what policies need: the types that the checker infers.
TEST(conformance, inferred_types) {
  if (data_folder().empty()) GTEST_SKIP() << "skipped: no cel-conformance in HOLDFAST_SHARED or ../shared";
  Counts counts;
  run_file("type_deduction", counts);
  print("type_deduction", counts);
  EXPECT_EQ(counts.run, counts.passed);
  EXPECT_GE(counts.run, 16U);
}

}  // namespace
}  // namespace holdfast::policy::cel
