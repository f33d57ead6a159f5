// Makes types equal by deciding what is not known yet (unification). A decision can be taken back.
#pragma once

#include "policy/cel/check/type.h"

#include <array>
#include <vector>

namespace holdfast::policy::cel {

class Unifier {
 public:
  explicit Unifier(TypeTable& types) : types_(types) {}

  TypeId fresh() { return make(false); }
  // Of a map's key: bool, int, uint or string. That no map is ever a key also keeps types from growing twofold at each step.
  TypeId fresh_key() { return make(true); }

  // True: both are one type now. dyn fits anything. False: nothing was decided.
  bool unify(TypeId left, TypeId right);

  // As far as the outside of it is decided.
  TypeId find(TypeId id) const;
  const Type& shape(TypeId id) const { return types_.of(find(id)); }

  // A declaration's parameters become unknowns of this call.
  using Parameters = std::array<TypeId, kMaxTypeParameters>;
  TypeId instantiate(TypeId id, const Parameters& parameters);

  // All that is decided put in; what is still unknown becomes dyn: no value of it can exist. Nothing may be decided after it.
  TypeId finish(TypeId id);

  std::size_t mark() const { return trail_.size(); }
  void undo(std::size_t mark);

 private:
  struct Unknown {
    TypeId decided = kOpen;
    bool is_key = false;
  };
  struct Change {
    std::uint32_t number;
    Unknown before;
  };

  TypeId make(bool is_key);
  void change(std::uint32_t number, Unknown to);
  bool decide(TypeId variable, TypeId to);
  bool join(TypeId left, TypeId right);
  bool occurs(TypeId variable, TypeId in) const;

  static constexpr TypeId kOpen = ~TypeId{0};

  TypeTable& types_;
  std::vector<Unknown> unknowns_;  // By the number of the variable.
  std::vector<Change> trail_;
  std::vector<TypeId> finished_;  // By type.
};

}  // namespace holdfast::policy::cel
