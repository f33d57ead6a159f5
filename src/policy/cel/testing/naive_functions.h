// The functions of the second evaluator.
#pragma once

#include "policy/cel/testing/naive.h"

namespace holdfast::policy::cel {

Plain plain_call(const std::string& name, bool is_member, const std::vector<Plain>& arguments);
Plain plain_lookup(const PlainMap& map, const Plain& key);
Plain plain_map(const std::vector<Plain>& keys_and_values);
bool plain_equal(const Plain& a, const Plain& b);

}  // namespace holdfast::policy::cel
