#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "holdfast: bug: %s does not hold at %s:%d; stopping before any further write\n",
               expression, file, line);
  std::abort();
}

void die(const char* what) {
  std::fprintf(stderr, "holdfast: %s; stopping\n", what);
  std::abort();
}

}  // namespace holdfast
