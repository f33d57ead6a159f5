// The judgement over requests about coins: the part of checks.h for chains of the Bitcoin family. Pure.
#pragma once

#include "base/instant.h"
#include "signer.pb.h"
#include "signer/checks.h"

namespace holdfast::signer {

// What an evacuation may cost: half of what it saves at most, and so much for each virtual byte. `vsize`: once signed, at most.
Checked<void> judge_rescue_fee(const CoinChainRule& chain, Amount spent, Amount fee, std::size_t vsize);

// The kind, a freeze and the clock are judged already.
Checked<ToSign> check_coins(const Policy& policy, const CoinChainRule& chain, const Memory& memory, const Books& books,
                            const proto::SignRequest& request, Instant now);

}  // namespace holdfast::signer
