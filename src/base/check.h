// Assertions that stay on in every build: a broken invariant ends the process.
//
// Never use these to validate input: input is refused at the edge (see result.h). A failed check is a
// bug in Holdfast, and going on with wrong state could lose money; stopping cannot.
#pragma once

namespace holdfast {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

// Ends the process after a fault that must not be retried (a failed fsync, say). The text goes to stderr.
[[noreturn]] void die(const char* what);

}  // namespace holdfast

#define HF_CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::holdfast::check_failed(#expression, __FILE__, __LINE__))
