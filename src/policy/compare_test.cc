#include "policy/compare.h"

#include <gtest/gtest.h>

namespace holdfast::policy {
namespace {

TEST(compare, placeholder) { SUCCEED(); }

}  // namespace
}  // namespace holdfast::policy
