// Thefts as they are known, each as the withdrawals that somebody asks for, scaled to the exchange of bench/traffic.
//
// Of thefts where the keys were taken, and nobody asked for anything: as if whoever had them had to ask.
#pragma once

#include "bench/traffic/traffic.h"

#include <string>
#include <vector>

namespace holdfast::detection {

struct Theft {
  std::string name;
  std::string what;
  std::vector<traffic::Payment> requests;  // In the order of time.
};

// All begin within the week after `monday`.
std::vector<Theft> thefts(Instant monday);

}  // namespace holdfast::detection
