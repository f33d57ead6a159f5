// The risk desk: asks the policy in force about each withdrawal, over windows of all that went before.
//
// What it knows follows from the state: the policy's text, every withdrawal and deposit with its time, value and keys. So it is made
// anew after a restart, or when another policy comes into force, and says the same as one that was there all along. Windows begin
// warm: they hold what was before the policy was.
//
// Counted as withdrawals is what was asked for and not denied, from that moment on and whatever becomes of it: what is cancelled or
// rejected was asked for all the same. Counted as paid is what is final on its chain, from then on: nobody gets an address known
// by asking.
#pragma once

#include "base/flat_map.h"
#include "base/keyed_hash.h"
#include "custody/custody.h"
#include "policy/judge.h"
#include "policy/policy.h"
#include "risk/windows.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace holdfast::engine {

struct DeskOptions {
  // An address as people of the chain write it: what a policy's lists hold. None: its bytes in hex.
  std::function<std::string(std::string_view caip2, const custody::Address& address)> address_text{};
  // What label lists say of an address: categories with commas, or "none". None, or an empty answer: there are no lists, and what a
  // policy says of labels cannot be told.
  std::function<std::string(std::string_view caip2, const custody::Address& address)> screen{};
};

class Desk final : public custody::WithdrawalJudge {
 public:
  explicit Desk(DeskOptions options) : options_(std::move(options)) {}

  // Forgets all, and begins anew with the policy that is in force and everything that the state remembers.
  void start(const custody::State& state);
  // As start(), with another policy. It has to outlive the desk.
  void start(const custody::State& state, const policy::Policy& policy);

  custody::Judgement judge(const custody::State& state, const custody::RequestWithdrawal& request, Instant now) override;

  // What has just been applied to the state.
  void follow(const custody::State& state, const custody::Event& event);

 private:
  void take_up(const custody::State& state);
  void remember(const custody::State& state, const custody::Withdrawal& withdrawal);
  void remember(const custody::State& state, const custody::Deposit& deposit);
  void remember_paid(const custody::State& state, const custody::Withdrawal& withdrawal);
  risk::Fact fact(const custody::State& state, const custody::Withdrawal& withdrawal);
  void fill(const custody::State& state, const custody::Withdrawal& wanted, const std::string& labels);
  // What changes by waiting. `one` is of the moment, `look` of its windows then.
  static void fill_time(policy::Inputs& inputs, const custody::Session& session, const risk::Fact& one, const risk::Look& look);
  void record_why_not(const custody::State& state, const custody::Withdrawal& wanted, const policy::Subjects& subjects,
                      custody::Judgement& out);
  void fill_labels(const std::string& labels);
  policy::Subjects subjects(const custody::Withdrawal& wanted, custody::ChainId chain);
  void record_fired(const policy::Verdict& verdict, custody::Judgement& out) const;
  void record_about(const policy::Verdict& verdict, const policy::Subjects& subjects, custody::Judgement& out) const;
  void record_climbs(const policy::Verdict& verdict, const policy::Subjects& subjects, const custody::Withdrawal& wanted,
                     custody::ChainId chain, custody::Judgement& out) const;
  std::uint64_t name_of(const std::string& text);
  std::uint64_t name_of(const custody::Address& destination);
  std::uint64_t network_of(const std::string& ip);

  DeskOptions options_;
  std::unique_ptr<const policy::Policy> own_policy_;
  // All of these or none.
  const policy::Policy* policy_ = nullptr;
  std::optional<risk::Windows> windows_;
  std::optional<policy::Inputs> inputs_;
  std::optional<policy::Inputs> later_;  // Of the same withdrawal, at another time.
  std::optional<policy::Judge> judge_;

  bool search_is_cheap_ = true;

  risk::Look look_;
  risk::Look ahead_;
  // Of the withdrawal that is judged:
  std::string destination_;
  std::vector<std::string> labels_;
  std::array<std::string, policy::kScopes> subject_names_;
  // Customers choose addresses, and what their devices are called.
  struct StrangersHash {
    std::size_t operator()(const custody::Address& address) const { return keyed_hash(address.view()); }
    std::size_t operator()(const std::string& text) const { return keyed_hash(as_bytes(text)); }
  };
  // Exact names of keys, from 1. Only that they are equal or not means anything.
  FlatMap<custody::Address, std::uint64_t, StrangersHash> destinations_;
  std::unordered_map<std::string, std::uint64_t, StrangersHash> names_;
};

}  // namespace holdfast::engine
