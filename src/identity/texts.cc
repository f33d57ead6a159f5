#include "identity/texts.h"

#include "base/hex.h"

#include <fmt/format.h>

#include <charconv>

namespace holdfast::identity {
namespace {

constexpr std::int64_t kEndMs = 253'402'300'800'000;  // 10000-01-01
constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '%') {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

// Writes lines; remembers the first value that cannot stand in one.
class Lines {
 public:
  explicit Lines(std::string_view first) : text_(first) { text_ += '\n'; }

  Lines& add(std::string_view key, std::string_view value) {
    if (wrong_.empty() && (value.empty() || value.size() > kMaxFieldBytes)) wrong_ = key;
    text_.append(key).append(": ").append(escaped(value)) += '\n';
    return *this;
  }
  Result<std::string> take() {
    if (!wrong_.empty()) return refuse("text_field_invalid", fmt::format("{}: must have 1 to {} bytes", wrong_, kMaxFieldBytes));
    return std::move(text_);
  }

 private:
  std::string text_;
  std::string wrong_;
};

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 in the Gregorian calendar, by eras of 400 years that begin on 1 March: leap days come last in a year.
Date date_of(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;  // 0000-03-01
  const std::int64_t era = shifted / 146'097;
  const auto day_of_era = static_cast<unsigned>(shifted % 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day_of_year - (153 * from_march + 2) / 5 + 1};
}

std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = y / 400;
  const std::int64_t year_of_era = y % 400;
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

// Digits at a place of the text; out of any range when they are none.
unsigned number(std::string_view text, std::size_t at, std::size_t size) {
  unsigned out = 0;
  const char* const begin = text.data() + at;
  return std::from_chars(begin, begin + size, out).ptr == begin + size ? out : 99'999;
}

}  // namespace

Result<std::string> withdrawal_intent(const WithdrawalIntent& intent) {
  const std::string expires = write_second(intent.expires);
  if (expires.empty()) return refuse("text_expiry_invalid", "expires: must be a whole second of the years 1970 to 9999");
  return Lines("Holdfast withdrawal v1")
      .add("exchange", intent.exchange)
      .add("customer", intent.customer)
      .add("request", to_hex(intent.request.view()))
      .add("asset", intent.asset)
      .add("amount", intent.amount.to_string())
      .add("destination", intent.destination)
      .add("expires", expires)
      .take();
}

Result<std::string> key_enrolment(const KeyEnrolment& enrolment) {
  return Lines("Holdfast key v1")
      .add("exchange", enrolment.exchange)
      .add("customer", enrolment.customer)
      .add("key", enrolment.key.to_text())
      .take();
}

Result<std::string> withdrawal_decision(const WithdrawalDecision& decision) {
  return Lines("Holdfast decision v1")
      .add("exchange", decision.exchange)
      .add("decision", "approve withdrawal")
      .add("withdrawal", std::to_string(decision.withdrawal))
      .add("customer", decision.customer)
      .add("request", to_hex(decision.request.view()))
      .add("asset", decision.asset)
      .add("amount", decision.amount.to_string())
      .add("destination", decision.destination)
      .add("by", decision.by)
      .take();
}

std::string write_second(Instant at) {
  if (at.unix_ms < 0 || at.unix_ms >= kEndMs || at.unix_ms % kMsPerSecond != 0) return {};
  const std::int64_t seconds = at.unix_ms / kMsPerSecond;
  const Date date = date_of(seconds / kSecondsPerDay);
  const std::int64_t in_day = seconds % kSecondsPerDay;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", date.year, date.month, date.day, in_day / 3600, in_day / 60 % 60, in_day % 60);
}

std::optional<Instant> read_second(std::string_view text) {
  constexpr std::size_t kSize = 20;
  if (text.size() != kSize) return std::nullopt;
  const unsigned year = number(text, 0, 4);
  const unsigned month = number(text, 5, 2);
  const unsigned day = number(text, 8, 2);
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  const unsigned in_day = number(text, 11, 2) * 3600 + number(text, 14, 2) * 60 + number(text, 17, 2);
  const Instant at{(days_of(year, month, day) * kSecondsPerDay + in_day) * kMsPerSecond};
  // Also days that no month has, hours past 23 and every other separator.
  if (write_second(at) != text) return std::nullopt;
  return at;
}

}  // namespace holdfast::identity
