// The judgement over requests about coins: the part of checks.h for chains of the Bitcoin family. Pure.
#pragma once

#include "base/instant.h"
#include "signer.pb.h"
#include "signer/checks.h"

namespace holdfast::signer {

// The kind, a freeze and the clock are judged already.
Checked<ToSign> check_coins(const Policy& policy, const CoinChainRule& chain, const Memory& memory,
                            const proto::SignRequest& request, Instant now);

}  // namespace holdfast::signer
