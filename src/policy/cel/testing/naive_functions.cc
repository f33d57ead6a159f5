#include "policy/cel/testing/naive_functions.h"

#include "base/amount.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/syntax/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

namespace holdfast::policy::cel {

namespace {

using Arguments = std::vector<Plain>;
constexpr std::int64_t kIntMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kIntMin = std::numeric_limits<std::int64_t>::min();

Plain failed(ErrorCode code) { return {code}; }
Plain no_overload() { return failed(ErrorCode::no_such_overload); }

bool is_number(const Plain& a) { return a.as<std::int64_t>() || a.as<std::uint64_t>() || a.as<double>(); }

// An int or a uint, exactly.
std::optional<Int128> whole(const Plain& a) {
  if (const auto* i = a.as<std::int64_t>()) return Int128{*i};
  if (const auto* u = a.as<std::uint64_t>()) return Int128{*u};
  return std::nullopt;
}

double rounded(const Plain& a) {
  if (const auto* i = a.as<std::int64_t>()) return static_cast<double>(*i);
  if (const auto* u = a.as<std::uint64_t>()) return static_cast<double>(*u);
  return *a.as<double>();
}

// -1, 0, 1, and 2 when there is no order; nothing when the types have none.
std::optional<int> ordered(const Plain& a, const Plain& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (is_number(a) && is_number(b)) {
    if (whole(a) && whole(b)) return sign(*whole(a), *whole(b));
    if (std::isnan(rounded(a)) || std::isnan(rounded(b))) return 2;
    return sign(rounded(a), rounded(b));
  }
  if (a.as<bool>() && b.as<bool>()) return sign(*a.as<bool>(), *b.as<bool>());
  if (a.as<std::string>() && b.as<std::string>()) return sign(*a.as<std::string>(), *b.as<std::string>());
  if (a.as<ByteString>() && b.as<ByteString>()) return sign(a.as<ByteString>()->bytes, b.as<ByteString>()->bytes);
  if (a.as<PlainDuration>() && b.as<PlainDuration>()) return sign(a.as<PlainDuration>()->nanos, b.as<PlainDuration>()->nanos);
  if (a.as<PlainInstant>() && b.as<PlainInstant>()) {
    const auto pair = [](const PlainInstant& t) { return std::pair(t.seconds, t.nanos); };
    return sign(pair(*a.as<PlainInstant>()), pair(*b.as<PlainInstant>()));
  }
  return std::nullopt;
}

// Exact in 128 bits, then looked at whether it fits.
template <class Integer>
Plain in_128_bits(const std::string& name, Int128 a, Int128 b) {
  Int128 out = 0;
  if (name == "_+_") out = a + b;
  if (name == "_-_") out = a - b;
  if (name == "_*_") out = a * b;
  if (name == "_/_" || name == "_%_") {
    if (b == 0) return failed(ErrorCode::divide_by_zero);
    out = name == "_/_" ? a / b : a % b;
  }
  if (out < Int128{std::numeric_limits<Integer>::min()} || out > Int128{std::numeric_limits<Integer>::max()}) {
    return failed(ErrorCode::overflow);
  }
  return {static_cast<Integer>(out)};
}

// The products of two uints may need more than 127 bits.
Plain unsigned_arithmetic(const std::string& name, std::uint64_t a, std::uint64_t b) {
  if (name == "_*_" && a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) return failed(ErrorCode::overflow);
  if (name == "_*_") return {a * b};
  return in_128_bits<std::uint64_t>(name, Int128{a}, Int128{b});
}

Plain floating_arithmetic(const std::string& name, double a, double b) {
  if (name == "_+_") return {a + b};
  if (name == "_-_") return {a - b};
  if (name == "_*_") return {a * b};
  return name == "_/_" ? Plain{a / b} : no_overload();
}

Int128 nanos_of(const PlainInstant& t) { return Int128{t.seconds} * kNanosPerSecond + t.nanos; }

Plain instant_of(Int128 nanos) {
  if (nanos < Int128{kFirstSecond} * kNanosPerSecond || nanos >= (Int128{kLastSecond} + 1) * kNanosPerSecond) {
    return failed(ErrorCode::overflow);
  }
  const Int128 from_first = nanos - Int128{kFirstSecond} * kNanosPerSecond;
  return {PlainInstant{kFirstSecond + static_cast<std::int64_t>(from_first / kNanosPerSecond),
                       static_cast<std::uint32_t>(from_first % kNanosPerSecond)}};
}

Plain duration_of(Int128 nanos) {
  if (nanos < kIntMin || nanos > kIntMax) return failed(ErrorCode::overflow);
  return {PlainDuration{static_cast<std::int64_t>(nanos)}};
}

Plain time_arithmetic(const std::string& name, const Plain& a, const Plain& b) {
  const auto* a_time = a.as<PlainInstant>();
  const auto* b_time = b.as<PlainInstant>();
  const Int128 left = a_time != nullptr ? nanos_of(*a_time) : Int128{a.as<PlainDuration>()->nanos};
  const Int128 right = b_time != nullptr ? nanos_of(*b_time) : Int128{b.as<PlainDuration>()->nanos};
  if (name == "_+_" && a_time != nullptr && b_time != nullptr) return no_overload();
  if (name == "_+_") return a_time != nullptr || b_time != nullptr ? instant_of(left + right) : duration_of(left + right);
  if (name != "_-_" || (a_time == nullptr && b_time != nullptr)) return no_overload();
  return a_time != nullptr && b_time == nullptr ? instant_of(left - right) : duration_of(left - right);
}

Plain arithmetic(const std::string& name, const Plain& a, const Plain& b) {
  const auto is_time = [](const Plain& p) { return p.as<PlainInstant>() != nullptr || p.as<PlainDuration>() != nullptr; };
  if (is_time(a) && is_time(b)) return time_arithmetic(name, a, b);
  if (a.value.index() != b.value.index()) return no_overload();
  if (a.as<std::int64_t>()) return in_128_bits<std::int64_t>(name, Int128{*a.as<std::int64_t>()}, Int128{*b.as<std::int64_t>()});
  if (a.as<std::uint64_t>()) return unsigned_arithmetic(name, *a.as<std::uint64_t>(), *b.as<std::uint64_t>());
  if (a.as<double>()) return floating_arithmetic(name, *a.as<double>(), *b.as<double>());
  if (name != "_+_") return no_overload();
  if (a.as<std::string>()) return {*a.as<std::string>() + *b.as<std::string>()};
  if (a.as<ByteString>()) return {ByteString{a.as<ByteString>()->bytes + b.as<ByteString>()->bytes}};
  const auto* left = a.as<std::shared_ptr<PlainList>>();
  if (left == nullptr) return no_overload();
  auto out = std::make_shared<PlainList>(**left);
  const PlainList& right = **b.as<std::shared_ptr<PlainList>>();
  out->insert(out->end(), right.begin(), right.end());
  return {out};
}

Plain comparison(const std::string& name, const Plain& a, const Plain& b) {
  const auto sign = ordered(a, b);
  if (!sign) return no_overload();
  if (*sign == 2) return {false};
  if (name == "_<_") return {*sign < 0};
  if (name == "_<=_") return {*sign <= 0};
  return name == "_>_" ? Plain{*sign > 0} : Plain{*sign >= 0};
}

Plain membership(const Plain& a, const Plain& in) {
  if (const auto* map = in.as<std::shared_ptr<PlainMap>>()) return {!plain_lookup(**map, a).is_error()};
  const auto* list = in.as<std::shared_ptr<PlainList>>();
  if (list == nullptr) return no_overload();
  return {std::ranges::any_of(**list, [&a](const Plain& each) { return plain_equal(each, a); })};
}

Plain indexed(const Plain& of, const Plain& by) {
  if (const auto* map = of.as<std::shared_ptr<PlainMap>>()) return plain_lookup(**map, by);
  const auto* list = of.as<std::shared_ptr<PlainList>>();
  if (list == nullptr || !is_number(by)) return no_overload();
  for (std::size_t i = 0; i < (*list)->size(); ++i) {
    if (plain_equal(by, Plain{static_cast<std::int64_t>(i)})) return (**list)[i];
  }
  return failed(ErrorCode::index_out_of_range);
}

Plain size_of(const Plain& a) {
  if (const auto* text = a.as<std::string>()) return {static_cast<std::int64_t>(count_code_points(*text))};
  if (const auto* bytes = a.as<ByteString>()) return {static_cast<std::int64_t>(bytes->bytes.size())};
  if (const auto* list = a.as<std::shared_ptr<PlainList>>()) return {static_cast<std::int64_t>((*list)->size())};
  if (const auto* map = a.as<std::shared_ptr<PlainMap>>()) return {static_cast<std::int64_t>((*map)->size())};
  return no_overload();
}

Plain text_member(const std::string& name, const std::string& text, const std::string& part) {
  if (name == "startsWith") return {text.compare(0, part.size(), part) == 0};
  if (name == "endsWith") return {text.size() >= part.size() && text.compare(text.size() - part.size(), part.size(), part) == 0};
  return {text.find(part) != std::string::npos};
}

template <class Integer>
Plain number_in_text(const std::string& text) {
  Integer out = 0;
  const char* begin = text.data() + (text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) return failed(ErrorCode::out_of_range);
  return error == std::errc() && end == text.data() + text.size() ? Plain{out} : failed(ErrorCode::bad_conversion);
}

Plain to_int(const Plain& a) {
  if (a.as<std::int64_t>()) return a;
  if (const auto* number = a.as<std::uint64_t>()) {
    return *number > std::uint64_t{1} << 63 || *number == std::uint64_t{1} << 63 ? failed(ErrorCode::out_of_range)
                                                                               : Plain{static_cast<std::int64_t>(*number)};
  }
  if (const auto* number = a.as<double>()) {
    return std::fabs(*number) < 0x1p63 ? Plain{static_cast<std::int64_t>(*number)} : failed(ErrorCode::out_of_range);
  }
  if (const auto* text = a.as<std::string>()) return number_in_text<std::int64_t>(*text);
  if (const auto* time = a.as<PlainInstant>()) return {time->seconds};
  return no_overload();
}

Plain to_uint(const Plain& a) {
  if (a.as<std::uint64_t>()) return a;
  if (const auto* number = a.as<std::int64_t>()) {
    return *number < 0 ? failed(ErrorCode::out_of_range) : Plain{static_cast<std::uint64_t>(*number)};
  }
  if (const auto* number = a.as<double>()) {
    return *number >= 0 && *number < 0x1p64 ? Plain{static_cast<std::uint64_t>(*number)} : failed(ErrorCode::out_of_range);
  }
  if (const auto* text = a.as<std::string>()) return number_in_text<std::uint64_t>(*text);
  return no_overload();
}

Plain to_text(const Plain& a) {
  if (a.as<std::string>()) return a;
  if (const auto* truth = a.as<bool>()) return {std::string(*truth ? "true" : "false")};
  if (const auto* number = a.as<std::int64_t>()) return {std::to_string(*number)};
  if (const auto* number = a.as<std::uint64_t>()) return {std::to_string(*number)};
  if (const auto* bytes = a.as<ByteString>()) return is_utf8(bytes->bytes) ? Plain{bytes->bytes} : failed(ErrorCode::not_utf8);
  if (const auto* time = a.as<PlainInstant>()) return {write_instant({time->seconds, time->nanos})};
  if (const auto* duration = a.as<PlainDuration>()) return {write_duration(duration->nanos)};
  return no_overload();
}

Plain to_duration(const Plain& a) {
  if (a.as<PlainDuration>()) return a;
  const auto* text = a.as<std::string>();
  if (text == nullptr) return no_overload();
  std::int64_t nanos = 0;
  const DurationProblem problem = read_duration(*text, nanos);
  if (problem == DurationProblem::none) return {PlainDuration{nanos}};
  return failed(problem == DurationProblem::malformed ? ErrorCode::bad_conversion : ErrorCode::out_of_range);
}

Plain to_timestamp(const Plain& a) {
  if (a.as<PlainInstant>()) return a;
  std::optional<Instant> instant;
  if (const auto* text = a.as<std::string>()) instant = read_instant(*text);
  if (const auto* seconds = a.as<std::int64_t>()) instant = Instant{*seconds, 0};
  if (!instant) return failed(ErrorCode::bad_conversion);
  if (instant->seconds < kFirstSecond || instant->seconds > kLastSecond) return failed(ErrorCode::out_of_range);
  return {PlainInstant{instant->seconds, instant->nanos}};
}

Plain type_of(const Plain& a) {
  constexpr std::array kNames{"",      "null_type", "bool", "int", "uint", "double", "string", "bytes", "google.protobuf.Timestamp",
                              "google.protobuf.Duration", "type", "list", "map"};
  return {PlainType{kNames[a.value.index()]}};
}

Plain negated(const Plain& a) {
  if (const auto* number = a.as<std::int64_t>()) return in_128_bits<std::int64_t>("_-_", 0, Int128{*number});
  return a.as<double>() ? Plain{-*a.as<double>()} : no_overload();
}

Plain unary(const std::string& name, const Plain& a) {
  if (name == "!_") return a.as<bool>() ? Plain{!*a.as<bool>()} : no_overload();
  if (name == "-_") return negated(a);
  if (name == "size") return size_of(a);
  if (name == "type") return type_of(a);
  if (name == "dyn") return a;
  if (name == "int") return to_int(a);
  if (name == "uint") return to_uint(a);
  if (name == "string") return to_text(a);
  if (name == "double") return is_number(a) ? Plain{rounded(a)} : failed(ErrorCode::bad_conversion);
  if (name == "duration") return to_duration(a);
  if (name == "timestamp") return to_timestamp(a);
  if (name == "bytes") return a.as<std::string>() ? Plain{ByteString{*a.as<std::string>()}} : a;
  return failed(ErrorCode::unknown_name);
}

int rank_of(const Plain& key) { return key.as<bool>() ? 0 : key.as<std::string>() ? 2 : 1; }

}  // namespace

bool plain_equal(const Plain& a, const Plain& b) {
  if (const auto* left = a.as<std::shared_ptr<PlainList>>()) {
    const auto* right = b.as<std::shared_ptr<PlainList>>();
    return right != nullptr && std::ranges::equal(**left, **right, plain_equal);
  }
  if (const auto* left = a.as<std::shared_ptr<PlainMap>>()) {
    const auto* right = b.as<std::shared_ptr<PlainMap>>();
    if (right == nullptr || (*left)->size() != (*right)->size()) return false;
    return std::ranges::all_of(**left, [right](const auto& entry) {
      const Plain found = plain_lookup(**right, entry.first);
      return !found.is_error() && plain_equal(entry.second, found);
    });
  }
  if (a.as<PlainType>() && b.as<PlainType>()) return *a.as<PlainType>() == *b.as<PlainType>();
  if (a.as<Null>() && b.as<Null>()) return true;
  return ordered(a, b) == 0;
}

Plain plain_lookup(const PlainMap& map, const Plain& key) {
  for (const auto& [each, value] : map) {
    if (plain_equal(each, key)) return value;
  }
  return failed(ErrorCode::no_such_key);
}

Plain plain_map(const std::vector<Plain>& parts) {
  auto out = std::make_shared<PlainMap>();
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const Plain& key = parts[i];
    if (!key.as<bool>() && !key.as<std::string>() && !whole(key)) return failed(ErrorCode::bad_key);
  }
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    if (!plain_lookup(*out, parts[i]).is_error()) return failed(ErrorCode::duplicate_key);
    out->emplace_back(parts[i], parts[i + 1]);
  }
  std::ranges::stable_sort(*out, [](const auto& a, const auto& b) {
    return rank_of(a.first) != rank_of(b.first) ? rank_of(a.first) < rank_of(b.first) : ordered(a.first, b.first) == -1;
  });
  return {out};
}

Plain plain_call(const std::string& name, bool is_member, const std::vector<Plain>& arguments) {
  if (arguments.size() == 1) {
    return is_member && name != "size" ? failed(ErrorCode::unknown_name) : unary(name, arguments[0]);
  }
  if (arguments.size() != 2) return failed(ErrorCode::unknown_name);
  const Plain& a = arguments[0];
  const Plain& b = arguments[1];
  if (is_member) {
    if (!a.as<std::string>() || !b.as<std::string>()) return no_overload();
    return text_member(name, *a.as<std::string>(), *b.as<std::string>());
  }
  if (name == "_==_") return {plain_equal(a, b)};
  if (name == "_!=_") return {!plain_equal(a, b)};
  if (name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_") return comparison(name, a, b);
  if (name == "@in") return membership(a, b);
  if (name == "_[_]") return indexed(a, b);
  return arithmetic(name, a, b);
}

}  // namespace holdfast::policy::cel
