// What the policy said of a withdrawal, what has been done about it since, and the policies themselves.
#pragma once

#include "custody/types.h"
#include "policy/verdict.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::custody {

struct Saw {
  std::string variable;
  std::string value;
  friend bool operator==(const Saw&, const Saw&) = default;
};

// A rule that fired, in words of its time: whoever reads it needs no policy beside it.
struct FiredRule {
  std::string rule;
  std::string reason;
  std::uint32_t severity = 0;  // policy::Severity
  bool untold = false;         // Whether it holds could not be told, and that counts as holding.
  std::vector<Saw> saw;
  friend bool operator==(const FiredRule&, const FiredRule&) = default;
};
// What is kept of a verdict is bounded, whatever a policy says: the strictest rules first.
inline constexpr std::size_t kMaxFired = 32;
inline constexpr std::size_t kMaxSaw = 16;
inline constexpr std::size_t kMaxVerdictText = 256;  // Bytes of each text.

struct Review {
  std::string by;
  std::string role;
  Instant at;
  friend bool operator==(const Review&, const Review&) = default;
};

struct Note {
  std::string by;
  Instant at;
  std::string text;
  friend bool operator==(const Note&, const Note&) = default;
};

// What people have to look at, together: withdrawals that wait for reviews for the same reason. All that a detector raised about one
// subject is one case, however many they are; what rules alone stopped is a case for each customer.
struct Case {
  CaseId id;
  policy::Scope scope = policy::Scope::customer;
  std::string subject;         // As of grades: an id's digits; of a destination its address as text.
  std::string cause;           // The detector or rule that opened it.
  std::uint32_t severity = 0;  // policy::Severity of the strictest that fired for any of it.
  Instant opened_at;
  Instant due_at;              // The earliest of all that joined it.
  std::string assigned_to;
  std::vector<Note> notes;
  Instant closed_at;           // When nothing in it missed reviews any more, and nobody had to look at lists; 0: open.
  bool overdue = false;        // It was not closed when it was due.
  friend bool operator==(const Case&, const Case&) = default;
};
inline constexpr std::size_t kMaxNotes = 100;
inline constexpr std::size_t kMaxNoteText = 1'000;  // Bytes.
// How long people have, by severity from low to critical.
inline constexpr std::int64_t kCaseDueMs[] = {24 * 3'600'000, 4 * 3'600'000, 3'600'000, 15 * 60'000};

// An address that we paid, or were paid by, and what lists said of it: wrongs (labels.h) only.
struct LabelledAddress {
  ChainId chain;
  Address address;
  std::string labels;        // What they say: categories with commas, sorted.
  CaseId case_id;            // Where people look at the news.
  bool closed = false;       // They have.
  // Of which it was not said when they were asked for, or credited: to it, and of it; the first kMaxNamed.
  std::vector<WithdrawalId> withdrawals;
  std::vector<DepositId> deposits;
  WithdrawalId last_withdrawal;  // The newest of all these.
  DepositId last_deposit;
  std::uint64_t paid = 0;      // Micro dollars of all that went there,
  std::uint64_t credited = 0;  // and of all that came: what it can taint at most, whatever its receivers hold.
  bool waits() const { return case_id && !closed; }
  friend bool operator==(const LabelledAddress&, const LabelledAddress&) = default;
};
inline constexpr std::size_t kMaxNamed = 20;
// Whether a word of `said` does not stand in `told`. Both are categories with commas.
bool says_more(std::string_view said, std::string_view told);

// Of a withdrawal that was not simply allowed. The policy is the withdrawal's own.
struct Verdict {
  WithdrawalId withdrawal;
  policy::Demand demand;
  std::vector<FiredRule> fired;
  std::uint32_t fired_more = 0;    // That are not kept.
  std::uint64_t passes_up_to = 0;  // Micro dollars that would have been allowed, all else equal; 0: none.
  std::vector<Review> reviews;     // Approvals by people.
  bool confirmed = false;          // The customer has confirmed by a second factor.
  CaseId case_id{};                // Where people look at it; none: it wants no review.
  // All else equal, it would have been allowed, too:
  Instant passes_from{};                  // asked for from then on; 0: at no moment that was found.
  std::uint64_t passes_known_for_ms = 0;  // to a destination that is known for so long; 0: of no age that was found.
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// The role in which somebody with `roles` is still missed: one of these, or what everybody may, "operator"; nothing when none is.
std::optional<std::string> role_missing(const Verdict& verdict, const std::vector<std::string>& roles);
// All that it demands is there but for its delay.
bool only_waits(const Verdict& verdict);

// A detector stands on a freeze: nothing of the subject goes on until people lift it.
struct FreezeAsked {
  Scope scope = Scope::platform;
  std::uint64_t subject = 0;
  std::string detector;
};

// How strictly a subject is looked at since a detector fired. Subjects that can be frozen are named by their id's digits, a
// destination by its address as text.
struct GradeEntry {
  policy::GradeKey key;
  policy::Grade grade;
  friend bool operator==(const GradeEntry&, const GradeEntry&) = default;
};

// The last word on a withdrawal that is asked for, and all that it rests on and that cannot be found again later.
struct Judgement {
  PolicyId policy;
  std::uint64_t value = 0;
  WalletId payer;
  policy::Demand demand;
  std::vector<FiredRule> fired;
  std::uint32_t fired_more = 0;
  std::uint64_t passes_up_to = 0;
  Instant passes_from{};
  std::uint64_t passes_known_for_ms = 0;
  std::string labels;  // What the lists said of the destination then: categories with commas, "none"; empty: nobody was asked.
  std::vector<GradeEntry> raised;
  std::optional<policy::GradeKey> about;  // The detector that wants people to look at its subject; none: rules want it.
  std::vector<FreezeAsked> freezes;
};

struct State;
struct RequestWithdrawal;

// Who judges: the policy in force, over the windows of all that went before. Body: engine/desk.h.
class WithdrawalJudge {
 public:
  virtual ~WithdrawalJudge() = default;
  // Precondition: nothing else refuses the withdrawal. Gives the same for the same state and what went before.
  virtual Judgement judge(const State& state, const RequestWithdrawal& request, Instant now) = 0;
};

// The rule of the last resort, which every installation has: over the asset's own limit a person looks.
Judgement without_policy(const State& state, const RequestWithdrawal& request);
// Where a policy is in force and nobody can ask it: fail closed.
Judgement without_judge(const State& state, const RequestWithdrawal& request);

enum class PolicyState : std::uint8_t {
  proposed = 1,
  approved,    // By a second person.
  in_force,
  superseded,  // Was in force.
  dropped,     // Before it came into force.
};

// A version of the policy: never changed, and in force at most once.
struct PolicyVersion {
  PolicyId id;
  Hash32 hash;      // SHA-256 of the text.
  Bytes text;       // The file; none of one that was dropped.
  std::string name;
  PolicyId base;    // In force when it was proposed.
  bool loosens = false;  // Against that, as the program finds: what is not proved to be as strict is.
  PolicyState state = PolicyState::proposed;
  std::string proposed_by;
  Instant proposed_at;
  std::string approved_by;
  Instant approved_at;
  std::string activated_by;
  Instant activated_at;
  friend bool operator==(const PolicyVersion&, const PolicyVersion&) = default;
};
inline constexpr std::size_t kMaxPolicyText = 1 << 18;
inline constexpr std::ptrdiff_t kMaxOpenPolicies = 8;    // By one person: proposed or approved, over the present base;
inline constexpr std::ptrdiff_t kMaxDailyPolicies = 20;  // in 24 hours, whatever became of them.
inline constexpr std::int64_t kPolicyTimeLockMs = kMsPerDay;  // From approval on, for what loosens.

}  // namespace holdfast::custody
