// The stable words for custody's enumerations, as they stand in every JSON of the API.
#pragma once

#include "custody/types.h"
#include "custody/verdict.h"

#include <optional>
#include <string_view>

namespace holdfast::api {

std::string_view name(custody::WalletKind kind);
std::string_view name(custody::CoinState state);
std::string_view name(custody::DepositState state);
std::string_view name(custody::WithdrawalState state);
std::string_view name(custody::SpendState state);
std::string_view name(custody::Purpose purpose);
std::string_view name(custody::Scope scope);
std::string_view name(custody::IncidentCause cause);
std::string_view name(custody::PolicyState state);

std::optional<custody::WithdrawalState> withdrawal_state(std::string_view name);
std::optional<custody::DepositState> deposit_state(std::string_view name);
std::optional<custody::Scope> scope(std::string_view name);

inline constexpr custody::WithdrawalState kWithdrawalStates[] = {
    custody::WithdrawalState::requested,  custody::WithdrawalState::held,      custody::WithdrawalState::approved,
    custody::WithdrawalState::rejected,   custody::WithdrawalState::signing,   custody::WithdrawalState::broadcast,
    custody::WithdrawalState::confirming, custody::WithdrawalState::completed, custody::WithdrawalState::returned};

}  // namespace holdfast::api
