// Small policies made at random, and small changes to them, for what has to hold of every policy. Numbers are small, so that conditions
// often meet at their edges.
#pragma once

#include "policy/judge.h"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace holdfast::policy {

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }
inline bool one_in(Random& random, std::size_t times) { return below(random, times) == 0; }

// A condition as a tree that can be changed.
struct RandomCondition {
  enum class Kind : std::uint8_t { both, either, contrary, choice, leaf };
  Kind kind = Kind::leaf;
  std::vector<RandomCondition> parts;
  std::size_t shape = 0;  // Of a leaf: which of those that there are,
  std::size_t sign = 0;   // which comparison,
  std::size_t number = 0;  // against what.

  static constexpr std::size_t kAssetIsWord = 15;  // A shape that can hold.

  static RandomCondition make(Random& random, unsigned depth);
  void change(Random& random);
  std::string write(bool with_other_names) const;
};

struct RandomRule {
  std::string name;
  RandomCondition when;
  std::string then;
};

struct RandomDetector {
  std::string name;
  RandomCondition when;
  std::size_t scope = 0;
  std::size_t steps = 0;
  std::size_t hours = 1;
};

struct RandomPolicy {
  std::vector<RandomRule> rules;
  std::vector<RandomDetector> detectors;
  std::vector<std::string> lists[2];
  bool with_other_names = false;  // Of windows and lists.
  bool hour_is_day = false;       // What is called hour counts a day.

  static RandomPolicy make(Random& random);
  void change(Random& random);
  std::string write() const;

 private:
  void change_a_detector(Random& random);
};

// Values for the variables of policies, the same for those that mean the same. Inputs borrow from it.
class RandomInputs {
 public:
  struct Kinds {
    bool with_unknown = true;  // Some are not there.
    bool with_past = true;     // Ages may be below zero.
  };
  RandomInputs(Random& random, Kinds kinds) : random_(random), kinds_(kinds) {}
  void give(const Policy& policy, Inputs& inputs);

 private:
  struct Drawn {
    bool is_there = false;
    std::int64_t number = 0;
    Usd money;
    std::string text;
    std::vector<std::string> texts;
  };
  static std::string meaning(const Policy& policy, std::uint32_t slot);
  Drawn draw(const Policy& policy, std::uint32_t slot);

  Random& random_;
  Kinds kinds_;
  std::map<std::string, Drawn> drawn_;  // By meaning.
};

}  // namespace holdfast::policy
