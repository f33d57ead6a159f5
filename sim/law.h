// How a life ends badly: a law of docs/architecture.md is broken.
#pragma once

#include <string>

namespace holdfast::sim {

// Thrown by the auditor, caught by whoever runs the life (main.cc).
struct LawBroken {
  std::string law;   // "1 books", "2 intent", "3 once", "4 survival", "5 chain", "6 freeze"
  std::string what;  // In one sentence, with the ids.
};

}  // namespace holdfast::sim
