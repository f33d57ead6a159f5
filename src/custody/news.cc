// What lists say only after money has moved: whom we paid, or were paid by, and who is sanctioned, a thief, or the like only since.
#include "custody/handlers.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace holdfast::custody {
namespace {

constexpr std::uint32_t kSeverity = 2;  // policy::Severity::high
constexpr std::string_view kCause = "relabelled";

using Words = std::set<std::string, std::less<>>;

Words words_of(std::string_view labels) {
  Words out;
  while (!labels.empty()) {
    const std::size_t comma = std::min(labels.find(','), labels.size());
    out.emplace(labels.substr(0, comma));
    labels.remove_prefix(std::min(comma + 1, labels.size()));
  }
  return out;
}

std::string text_of(const Words& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : ",").append(word);
  return out;
}

bool goes_to(const State& s, const Withdrawal& withdrawal, const LabelledAddress& one) {
  return withdrawal.destination == one.address && s.assets.at(withdrawal.asset).chain == one.chain;
}

// What still waits to be paid there goes back: asked for again, it is judged by what lists say now.
void give_back(Decision& d, const LabelledAddress& one) {
  std::size_t left = kMaxDecided;
  for (const std::set<WithdrawalId>* waiting : {&d.state.waiting_held, &d.state.waiting_approved}) {
    for (const WithdrawalId id : *waiting) {
      const Withdrawal& withdrawal = d.state.withdrawals.at(id);
      if (!goes_to(d.state, withdrawal, one) || !says_more(one.labels, withdrawal.labels)) continue;
      if (left-- == 0) return;
      d.emit(WithdrawalReturned{id, Reason::destination_relabelled});
    }
  }
}

}  // namespace

bool says_more(std::string_view said, std::string_view told) {
  const Words known = words_of(told);
  return std::ranges::any_of(words_of(said), [&](const std::string& word) { return !known.contains(word); });
}

// News is a word that was not reported yet, or a transfer that was not. At most kMaxDecided withdrawals go back at once; again for the
// others.
Refusal decide(Decision& d, const ReportLabels& c) {
  const auto known = d.state.labelled.find({c.found.chain, c.found.address});
  LabelledAddress one = c.found;
  one.closed = false;
  bool is_news = true;
  if (known != d.state.labelled.end()) {
    Words all = words_of(known->second.labels);
    is_news = says_more(one.labels, known->second.labels) || known->second.last_withdrawal < one.last_withdrawal ||
              known->second.last_deposit < one.last_deposit;
    all.merge(words_of(one.labels));
    one.labels = text_of(all);
  }
  if (is_news) {
    one.case_id = case_for(d, policy::Scope::destination, c.text, std::string(kCause), kSeverity);
    d.emit(AddressLabelled{one});
  }
  give_back(d, c.found);  // By what is said now; what lists have taken back does not count.
  return Refusal::none;
}

Refusal decide(Decision& d, const CloseNews& c) {
  if (!d.state.cases.find(c.id)) return Refusal::case_unknown;
  if (!d.state.open_cases.contains(c.id)) return Refusal::case_closed;
  return d.state.news_of_case.contains(c.id) ? d.emit(NewsClosed{c.id, c.text, c.by}) : Refusal::state_wrong;
}

void apply(State& s, Instant, const AddressLabelled& e) {
  s.labelled[{e.one.chain, e.one.address}] = e.one;
  enter_news(s, e.one);
}

void apply(State& s, Instant at, const NewsClosed& e) {
  for (const ChainAddress& of : s.news_of_case.at(e.id)) s.labelled.at(of).closed = true;
  s.news_of_case.erase(e.id);
  s.cases.at(e.id).notes.push_back({e.by, at, e.text});
  close_case_if_done(s, at, e.id);
}

void enter_news(State& s, const LabelledAddress& one) {
  if (!one.waits()) return;
  const Case& in = s.cases.at(one.case_id);
  s.news_of_case[one.case_id].insert({one.chain, one.address});
  s.open_cases[one.case_id];
  s.case_of_subject[{in.scope, in.subject}] = one.case_id;
}

}  // namespace holdfast::custody
