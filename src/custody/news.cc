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

bool waits_for(const State& s, const Withdrawal& withdrawal, const LabelledAddress& one) {
  return withdrawal.destination == one.address && s.assets.at(withdrawal.asset).chain == one.chain;
}

}  // namespace

// The news open a case. What still waits to be paid there goes back: asked for again, it is judged by what lists say now.
Refusal decide(Decision& d, const ReportLabels& c) {
  const auto known = d.state.labelled.find({c.found.chain, c.found.address});
  const Words told = known == d.state.labelled.end() ? Words() : words_of(known->second.labels);
  Words all = words_of(c.found.labels);
  Words news = all;
  for (const std::string& word : told) news.erase(word);
  if (news.empty()) return Refusal::none;
  all.insert(told.begin(), told.end());
  LabelledAddress one = c.found;
  one.labels = text_of(all);
  if (known != d.state.labelled.end() && known->second.waits()) news.merge(words_of(known->second.news));
  one.news = text_of(news);
  one.closed = false;
  one.case_id = case_for(d, policy::Scope::destination, c.text, std::string(kCause), kSeverity);
  d.emit(AddressLabelled{one});
  for (const std::set<WithdrawalId>* waiting : {&d.state.waiting_held, &d.state.waiting_approved}) {
    for (const WithdrawalId id : *waiting) {
      if (waits_for(d.state, d.state.withdrawals.at(id), one)) d.emit(WithdrawalReturned{id, Reason::destination_relabelled});
    }
  }
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

void remember_labels(State& s, ChainId chain, const Address& address, const std::string& labels) {
  const auto known = s.labelled.find({chain, address});
  LabelledAddress one = known == s.labelled.end() ? LabelledAddress{chain, address, {}, {}, {}, false, {}, {}, 0, 0} : known->second;
  Words all = words_of(one.labels);
  all.merge(words_of(labels));
  one.labels = text_of(all);
  s.labelled[{chain, address}] = std::move(one);
}

void enter_news(State& s, const LabelledAddress& one) {
  if (!one.waits()) return;
  const Case& in = s.cases.at(one.case_id);
  s.news_of_case[one.case_id].insert({one.chain, one.address});
  s.open_cases[one.case_id];
  s.case_of_subject[{in.scope, in.subject}] = one.case_id;
}

}  // namespace holdfast::custody
