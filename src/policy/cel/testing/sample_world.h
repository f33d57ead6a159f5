// An environment with a variable of each type, values for them, and expressions made from bytes. For tests of the whole.
#pragma once

#include "policy/cel/check/environment.h"
#include "policy/cel/testing/naive.h"

#include <span>

namespace holdfast::policy::cel {

class SampleWorld {
 public:
  SampleWorld();
  SampleWorld(const SampleWorld&) = delete;
  SampleWorld& operator=(const SampleWorld&) = delete;

  Environment environment;
  std::vector<Value> inputs;                // By slot.
  std::map<std::string, Plain> variables;   // The same for the second evaluator.

 private:
  void add(const std::string& name, TypeId type, const Value& value, Bound bound = {});

  std::vector<Value> numbers_;
  std::vector<Value> words_;
  std::vector<MapEntry> limits_;
};

// An expression that the checker accepts in a SampleWorld, whatever the choices are. The same choices give the same one.
std::string write_expression(std::span<const std::uint8_t> choices);

// What has to hold of any expression in a SampleWorld:
//   accepted without dyn: evaluates without an error of types or names
//   the second evaluator says the same
//   so does the program that was compiled without types
//   no evaluation costs more than the bound that was computed beforehand
struct Examined {
  std::string problem;          // Empty: all of it holds.
  bool was_accepted = false;
  bool was_compared = false;    // With the second evaluator.
};
Examined examine(const SampleWorld& world, std::string_view source);

}  // namespace holdfast::policy::cel
