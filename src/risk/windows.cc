#include "risk/windows.h"

#include "base/check.h"
#include "risk/group.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::risk {

std::string_view name(KeyKind kind) {
  switch (kind) {
    case KeyKind::customer: return "customer";
    case KeyKind::destination: return "destination";
    case KeyKind::asset: return "asset";
    case KeyKind::chain: return "chain";
    case KeyKind::wallet: return "wallet";
    case KeyKind::device: return "device";
    case KeyKind::ip: return "ip";
    case KeyKind::network: return "network";
    case KeyKind::api_key: return "api_key";
    case KeyKind::platform: return "platform";
  }
  return "";
}

struct Windows::Body {
  explicit Body(std::size_t groups_and_hidden) : rows(groups_and_hidden) {}

  void advance(Instant to) {
    now = std::max(now, to);
    while (rows.size() > 0 && now - rows.at(rows.oldest()) >= longest_ms) {
      for (Group& group : groups) group.let_go(rows, rows.oldest());
      rows.pop();
    }
  }

  Rows rows;
  std::vector<Group> groups;  // Those asked for, then those whose keys are only counted.
  std::size_t asked_for = 0;
  std::size_t windows = 0;
  std::array<bool, kStreams> is_counted{};  // Of each stream, whether any group is over it.
  std::int64_t longest_ms = 1;
  Instant now{INT64_MIN / 2};
};

namespace {

Result<void> check_window(const WindowSpec& spec) {
  if (spec.length_ms < 0 || spec.length_ms > kMaxWindowMs) {
    return refuse("windows_wrong", fmt::format("a length of {} ms is not between 1 and {}", spec.length_ms, kMaxWindowMs));
  }
  if (spec.length_ms == kEver && (spec.extremes || spec.profile || spec.distinct || spec.rhythm)) {
    return refuse("windows_wrong", "a window over all time tells count and sum only");
  }
  if (spec.rhythm && spec.length_ms > kMaxRhythmMs) return refuse("windows_wrong", "a window with a rhythm is a day long at most");
  return {};
}

bool has_few_keys(KeyKind kind) {
  return kind == KeyKind::platform || kind == KeyKind::asset || kind == KeyKind::chain || kind == KeyKind::wallet;
}

Result<void> check_group(const GroupSpec& spec) {
  const bool pair = spec.keys.size() == 2 && spec.keys.front() != spec.keys.back();
  if (spec.keys.size() != 1 && !pair) return refuse("windows_wrong", "a group has one key, or two different ones");
  if (spec.windows.empty() || spec.windows.size() > Windows::kMaxWindows) {
    return refuse("windows_wrong", fmt::format("a group of {} windows; it has 1 to {}", spec.windows.size(), Windows::kMaxWindows));
  }
  if (spec.band.least < 0 || spec.band.least > spec.band.most) return refuse("windows_wrong", "a band from more to less");
  const bool has_rhythm = std::ranges::any_of(spec.windows, &WindowSpec::rhythm);
  if (has_rhythm && (pair || !has_few_keys(spec.keys.front()))) {
    return refuse("windows_wrong", "a rhythm is that of the platform, or of an asset, chain or wallet");
  }
  for (const WindowSpec& window : spec.windows) {
    if (auto right = check_window(window); !right) return right;
  }
  return {};
}

// The group of that key alone that counts the same facts; appended without windows where there is none.
std::size_t group_of(KeyKind kind, const GroupSpec& of, std::vector<GroupSpec>& specs) {
  const GroupSpec wanted{{kind}, {}, of.over, of.band};
  const auto found = std::ranges::find_if(specs, [&](const GroupSpec& spec) { return spec.counts_like(wanted); });
  const auto number = static_cast<std::size_t>(found - specs.begin());
  if (found == specs.end()) specs.push_back(wanted);
  return number;
}

}  // namespace

Result<Windows> Windows::make(const std::vector<GroupSpec>& specs) {
  if (specs.size() > kMaxGroups) return refuse("windows_wrong", fmt::format("more than {} groups", kMaxGroups));
  std::vector<GroupSpec> all = specs;
  std::vector<std::vector<std::size_t>> distinct_groups;
  std::int64_t longest = 1;
  std::size_t windows = 0;
  for (const GroupSpec& spec : specs) {
    if (auto right = check_group(spec); !right) return Failure(right.error());
    std::vector<std::size_t>& others = distinct_groups.emplace_back();
    for (const WindowSpec& window : spec.windows) {
      others.push_back(window.distinct ? group_of(*window.distinct, spec, all) : 0);
      longest = std::max(longest, window.length_ms);
      ++windows;
    }
  }
  distinct_groups.resize(all.size());
  auto body = std::make_unique<Body>(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) body->groups.emplace_back(i, all[i], distinct_groups[i]);
  for (const GroupSpec& spec : specs) body->is_counted[static_cast<std::size_t>(spec.over)] = true;
  body->asked_for = specs.size();
  body->windows = windows;
  body->longest_ms = longest;
  return Windows(std::move(body));
}

Windows::Windows(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Windows::Windows(Windows&&) noexcept = default;
Windows& Windows::operator=(Windows&&) noexcept = default;
Windows::~Windows() = default;

void Windows::add(const Fact& fact) {
  HF_CHECK(fact.value >= 0);
  Body& body = *body_;
  body.advance(fact.at);
  if (!body.is_counted[static_cast<std::size_t>(fact.of)]) return;
  const std::uint32_t row = body.rows.push(body.now, fact.value);
  for (Group& group : body.groups) group.chain(body.rows, row, fact);
  for (Group& group : body.groups) group.take_in(body.rows, row);
}

void Windows::look(const Fact& fact, Look& out) {
  Body& body = *body_;
  body.advance(fact.at);
  // Memory answers slowly and many questions at once: each step asks for all groups before the first answer is needed.
  for (const Group& group : body.groups) group.expect_key(fact);
  for (const Group& group : body.groups) group.expect_holds(fact);
  for (const Group& group : body.groups) group.expect_rows(body.rows, fact);
  out.groups.resize(body.asked_for);
  out.windows.resize(body.windows);
  std::size_t first = 0;
  for (std::size_t i = 0; i < body.asked_for; ++i) {
    const std::size_t count = body.groups[i].spec().windows.size();
    body.groups[i].look(body.rows, fact, body.now, out.groups[i], std::span(out.windows).subspan(first, count));
    first += count;
  }
}

bool Windows::look_ahead(const Fact& fact, Instant at, std::uint64_t groups, std::size_t& walk, Look& out) const {
  const Body& body = *body_;
  Ahead ahead{body.now, std::max(body.now, at), body.longest_ms, walk};
  out.groups.resize(body.asked_for);
  out.windows.resize(body.windows);
  std::size_t first = 0;
  for (std::size_t i = 0; i < body.asked_for; ++i) {
    const std::size_t count = body.groups[i].spec().windows.size();
    const auto windows = std::span(out.windows).subspan(first, count);
    const bool is_asked = (groups >> i & 1U) != 0;
    if (is_asked && !body.groups[i].look_ahead(body.rows, fact, ahead, out.groups[i], windows)) return false;
    first += count;
  }
  return true;
}

std::size_t Windows::facts() const { return body_->rows.size(); }

std::size_t Windows::keys() const {
  std::size_t sum = 0;
  for (const Group& group : body_->groups) sum += group.keys();
  return sum;
}

std::size_t Windows::bytes() const {
  std::size_t sum = body_->rows.bytes();
  for (const Group& group : body_->groups) sum += group.bytes();
  return sum;
}

}  // namespace holdfast::risk
