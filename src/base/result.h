// A value, or the reason there is none.
//
// Result<T> carries an Error: what kind of failure it is decides what a caller may do about it.
//   refusal      the rules say no; asking again changes nothing
//   fault        the world failed (node down, socket closed); retry or degrade
//   unknown      it may have happened; ask again with the same id
//   corruption   stored data is damaged; stop before any further write
// A bug is none of these: it ends the process (check.h).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

enum class ErrorKind : unsigned char { refusal, fault, unknown, corruption };

struct Error {
  ErrorKind kind = ErrorKind::fault;
  std::string_view code;  // Stable, snake_case, a string literal: programs match on it.
  std::string text;       // For people: what, where, how to mend it. Never holds a secret.
};

template <class T, class E = Error>
class [[nodiscard]] Result : public std::expected<T, E> {
 public:
  using std::expected<T, E>::expected;
  using std::expected<T, E>::operator=;
};

using Failure = std::unexpected<Error>;

inline Failure refuse(std::string_view code, std::string text = {}) {
  return Failure(Error{ErrorKind::refusal, code, std::move(text)});
}
inline Failure fault(std::string_view code, std::string text = {}) {
  return Failure(Error{ErrorKind::fault, code, std::move(text)});
}
inline Failure unknown_outcome(std::string_view code, std::string text = {}) {
  return Failure(Error{ErrorKind::unknown, code, std::move(text)});
}
inline Failure corruption(std::string_view code, std::string text = {}) {
  return Failure(Error{ErrorKind::corruption, code, std::move(text)});
}

}  // namespace holdfast
