#include "api/text/names.h"

namespace holdfast::api {

using namespace custody;

std::string_view name(WalletKind kind) {
  switch (kind) {
    case WalletKind::safe:
      return "safe";
    case WalletKind::single_key:
      return "single_key";
    case WalletKind::gas:
      return "gas";
    case WalletKind::cold:
      return "cold";
    case WalletKind::forwarders:
      return "forwarders";
    case WalletKind::multisig:
      return "multisig";
  }
  return "unknown";
}

std::string_view name(PolicyState state) {
  switch (state) {
    case PolicyState::proposed:
      return "proposed";
    case PolicyState::approved:
      return "approved";
    case PolicyState::in_force:
      return "in_force";
    case PolicyState::superseded:
      return "superseded";
    case PolicyState::dropped:
      return "dropped";
  }
  return "unknown";
}

std::string_view name(CoinState state) {
  switch (state) {
    case CoinState::unspent:
      return "unspent";
    case CoinState::spent:
      return "spent";
    case CoinState::orphaned:
      return "orphaned";
  }
  return "unknown";
}

std::string_view name(DepositState state) {
  switch (state) {
    case DepositState::seen:
      return "seen";
    case DepositState::credited:
      return "credited";
    case DepositState::orphaned:
      return "orphaned";
    case DepositState::reversed:
      return "reversed";
  }
  return "unknown";
}

std::string_view name(WithdrawalState state) {
  switch (state) {
    case WithdrawalState::requested:
      return "requested";
    case WithdrawalState::held:
      return "held";
    case WithdrawalState::approved:
      return "approved";
    case WithdrawalState::rejected:
      return "rejected";
    case WithdrawalState::signing:
      return "signing";
    case WithdrawalState::broadcast:
      return "broadcast";
    case WithdrawalState::confirming:
      return "confirming";
    case WithdrawalState::completed:
      return "completed";
    case WithdrawalState::returned:
      return "returned";
  }
  return "unknown";
}

std::string_view name(SpendState state) {
  switch (state) {
    case SpendState::planned:
      return "planned";
    case SpendState::authorised:
      return "authorised";
    case SpendState::assigned:
      return "assigned";
    case SpendState::signed_:
      return "signed";
    case SpendState::mined:
      return "mined";
    case SpendState::settled:
      return "settled";
    case SpendState::failed:
      return "failed";
    case SpendState::superseded:
      return "superseded";
  }
  return "unknown";
}

std::string_view name(Purpose purpose) {
  switch (purpose) {
    case Purpose::withdrawal:
      return "withdrawal";
    case Purpose::sweep:
      return "sweep";
    case Purpose::evacuation:
      return "evacuation";
    case Purpose::burn:
      return "burn";
    case Purpose::consolidation:
      return "consolidation";
    case Purpose::reserve:
      return "reserve";
  }
  return "unknown";
}

std::string_view name(Scope scope) {
  switch (scope) {
    case Scope::platform:
      return "platform";
    case Scope::chain:
      return "chain";
    case Scope::asset:
      return "asset";
    case Scope::wallet:
      return "wallet";
    case Scope::customer:
      return "customer";
  }
  return "unknown";
}

std::string_view name(IncidentCause cause) {
  switch (cause) {
    case IncidentCause::unmatched_spend:
      return "unmatched_spend";
    case IncidentCause::leaked_owner:
      return "leaked_owner";
    case IncidentCause::books_differ:
      return "books_differ";
    case IncidentCause::deep_reorg:
      return "deep_reorg";
    case IncidentCause::operator_report:
      return "operator_report";
    case IncidentCause::signer_alarm:
      return "signer_alarm";
  }
  return "unknown";
}

std::optional<WithdrawalState> withdrawal_state(std::string_view text) {
  for (const WithdrawalState state : kWithdrawalStates) {
    if (name(state) == text) return state;
  }
  return {};
}

std::optional<DepositState> deposit_state(std::string_view text) {
  for (const auto state :
       {DepositState::seen, DepositState::credited, DepositState::orphaned, DepositState::reversed}) {
    if (name(state) == text) return state;
  }
  return {};
}

std::optional<Scope> scope(std::string_view text) {
  for (const auto one : {Scope::platform, Scope::chain, Scope::asset, Scope::wallet, Scope::customer}) {
    if (name(one) == text) return one;
  }
  return {};
}

}  // namespace holdfast::api
