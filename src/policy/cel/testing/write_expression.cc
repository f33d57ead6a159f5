#include "policy/cel/testing/sample_world.h"

#include <fmt/format.h>

#include <array>

namespace holdfast::policy::cel {

namespace {

enum class Kind : std::uint8_t { truth, integer, natural, floating, text, bytes, list, map, instant, duration };

constexpr int kMaxDepth = 5;
constexpr std::size_t kMaxLength = 4'000;

// Each choice is a byte; when they are used up the simplest is taken.
class Writer {
 public:
  explicit Writer(std::span<const std::uint8_t> choices) : choices_(choices) {}

  std::string write() { return any(static_cast<Kind>(pick(10)), 0); }

 private:
  std::size_t pick(std::size_t from) {
    if (at_ == choices_.size() || length_ > kMaxLength) return 0;
    return choices_[at_++] % from;
  }

  template <std::size_t N>
  std::string one_of(const std::array<const char*, N>& of) {
    return of[pick(N)];
  }

  std::string any(Kind kind, int depth) {
    const bool is_leaf = depth >= kMaxDepth || at_ == choices_.size() || pick(5) == 0;
    std::string out = is_leaf ? leaf(kind) : inner(kind, depth + 1);
    length_ += out.size();
    return out;
  }

  std::string leaf(Kind kind) {
    switch (kind) {
      case Kind::truth: return one_of(std::array{"true", "false", "b"});
      case Kind::integer:
        if (!locals_.empty() && pick(2) == 1) return locals_[pick(locals_.size())];
        return one_of(std::array{"0", "1", "-1", "i", "j", "9223372036854775807", "7", "0x10", "xs[2]", "m.btc", "held('btc')"});
      case Kind::natural: return one_of(std::array{"0u", "1u", "u", "18446744073709551615u", "3u"});
      case Kind::floating: return one_of(std::array{"0.0", "1.0", "d", "-0.5", "1e300", "4.0", "9007199254740993.0"});
      case Kind::text: return one_of(std::array{"''", "s", "'btc'", "\"\\u00e9\"", "r'\\d'", "'zz'", "ws[1]"});
      case Kind::bytes: return one_of(std::array{"b''", "y", "b'\\xff\\x00'", "b'btc'"});
      case Kind::list: return one_of(std::array{"[]", "xs", "[1, 2]", "[i]"});
      case Kind::map: return one_of(std::array{"{}", "m", "{'btc': 1, 'x': i}"});
      case Kind::instant: return one_of(std::array{"t", "timestamp(0)", "timestamp('9999-12-31T23:59:59.9Z')"});
      case Kind::duration: return one_of(std::array{"p", "duration('1h')", "duration('-1.5s')", "duration('0')"});
    }
    return "";
  }

  std::string binary(Kind left, const char* op, Kind right, int depth) {
    std::string out = "(" + any(left, depth);
    return out + " " + op + " " + any(right, depth) + ")";
  }

  std::string conditional(Kind kind, int depth) {
    std::string out = "(" + any(Kind::truth, depth) + " ? ";
    out += any(kind, depth) + " : ";
    return out + any(kind, depth) + ")";
  }

  std::string inner(Kind kind, int depth) {
    switch (kind) {
      case Kind::truth: return truth(depth);
      case Kind::integer: return integer(depth);
      case Kind::natural: return number(kind, {"+", "-", "*", "/", "%"}, depth);
      case Kind::floating: return number(kind, {"+", "-", "*", "/", "*"}, depth);
      case Kind::text: return pick(3) == 0 ? conditional(kind, depth) : binary(kind, "+", kind, depth);
      case Kind::bytes: return pick(3) == 0 ? conditional(kind, depth) : binary(kind, "+", kind, depth);
      case Kind::list: return list(depth);
      case Kind::map: return conditional(kind, depth);
      case Kind::instant: return pick(3) == 0 ? conditional(kind, depth) : binary(kind, pick(2) == 0 ? "+" : "-", Kind::duration, depth);
      case Kind::duration:
        if (pick(3) == 0) return conditional(kind, depth);
        return pick(2) == 0 ? binary(kind, "-", kind, depth) : binary(Kind::instant, "-", Kind::instant, depth);
    }
    return "";
  }

  std::string number(Kind kind, const std::array<const char*, 5>& ops, int depth) {
    if (pick(6) == 0) return conditional(kind, depth);
    return binary(kind, ops[pick(ops.size())], kind, depth);
  }

  std::string loop(std::string_view macro, Kind body, int depth) {
    const std::string variable = fmt::format("v{}", locals_.size());
    std::string out = fmt::format("{}.{}({}, ", any(Kind::list, depth), macro, variable);
    locals_.push_back(variable);
    if (macro == "map" && pick(2) == 1) out += any(Kind::truth, depth) + ", ";
    out += any(body, depth);
    locals_.pop_back();
    return out + ")";
  }

  std::string truth(int depth) {
    const Kind kind = static_cast<Kind>(pick(10));
    const bool has_order = kind != Kind::list && kind != Kind::map;
    switch (pick(12)) {
      case 0: return "!" + any(Kind::truth, depth);
      case 1: return binary(Kind::truth, "&&", Kind::truth, depth);
      case 2: return binary(Kind::truth, "||", Kind::truth, depth);
      case 3: return binary(kind, "==", kind, depth);
      case 4: return binary(kind, "!=", kind, depth);
      case 5: return has_order ? binary(kind, "<", kind, depth) : binary(Kind::integer, ">=", Kind::floating, depth);
      case 6: return has_order ? binary(kind, ">=", kind, depth) : binary(Kind::natural, "<", Kind::integer, depth);
      case 7: return binary(Kind::integer, "in", Kind::list, depth);
      case 8: return binary(Kind::text, "in", Kind::map, depth);
      case 9: return loop(one_of(std::array{"all", "exists", "exists_one"}), Kind::truth, depth);
      case 10: return any(Kind::text, depth) + "." + one_of(std::array{"contains", "startsWith", "endsWith"}) + "(" + any(Kind::text, depth) + ")";
      default: return "has(" + any(Kind::map, depth) + ".btc)";
    }
  }

  std::string integer(int depth) {
    switch (pick(7)) {
      case 0: return "size(" + any(static_cast<Kind>(static_cast<int>(Kind::text) + static_cast<int>(pick(4))), depth) + ")";
      case 1: return any(Kind::list, depth) + "[" + any(Kind::integer, depth) + "]";
      case 2: return any(Kind::map, depth) + "[" + any(Kind::text, depth) + "]";
      case 3: return "int(" + any(one_integer_source(), depth) + ")";
      case 4: return "-(" + any(Kind::integer, depth) + ")";
      default: return number(Kind::integer, {"+", "-", "*", "/", "%"}, depth);
    }
  }

  Kind one_integer_source() {
    constexpr std::array kSources{Kind::natural, Kind::floating, Kind::text, Kind::instant};
    return kSources[pick(kSources.size())];
  }

  std::string list(int depth) {
    switch (pick(5)) {
      case 0: return conditional(Kind::list, depth);
      case 1: return binary(Kind::list, "+", Kind::list, depth);
      case 2: return loop("filter", Kind::truth, depth);
      case 3: return loop("map", Kind::integer, depth);
      default: {
        std::string out = "[" + any(Kind::integer, depth) + ", ";
        return out + any(Kind::integer, depth) + "]";
      }
    }
  }

  std::span<const std::uint8_t> choices_;
  std::size_t at_ = 0;
  std::size_t length_ = 0;
  std::vector<std::string> locals_;
};

}  // namespace

std::string write_expression(std::span<const std::uint8_t> choices) { return Writer(choices).write(); }

}  // namespace holdfast::policy::cel
