// For tests: a command, given to an exchange that was brought somewhere first, and what it leads to. One line a case.
#pragma once

#include "custody/test_exchange.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <utility>
#include <vector>

namespace holdfast::custody {

struct Example {
  const char* what;
  std::function<Command(Exchange&)> command;  // May bring the exchange to where the command is given.
  const char* outcome;                        // The events, or the refusal, or nothing.
  friend std::ostream& operator<<(std::ostream& out, const Example& one) { return out << one.what; }
};

class Outcome : public ::testing::TestWithParam<Example> {
 protected:
  void check() const {
    Exchange x;
    const Command command = GetParam().command(x);
    EXPECT_EQ(x.run(command), GetParam().outcome);
  }
};

template <class T, class Change>
T changed(T thing, Change change) {
  change(thing);
  return thing;
}

const std::vector<Example>& coin_cases();  // coin_refusal_test.cc

}  // namespace holdfast::custody
