// Whether a request may be signed: the signer's whole judgement, in one pure function of its policy, its memory, the
// request and the time. Whoever asks, and whatever they say it is: only what the bytes do counts.
#pragma once

#include "base/instant.h"
#include "chain/utxo/psbt/psbt.h"
#include "signer.pb.h"
#include "signer/effect.h"
#include "signer/memory.h"
#include "signer/policy.h"
#include "signer/replica/books.h"

#include <optional>

namespace holdfast::signer {

struct ToSign {
  Hash32 digest;                       // What is signed; of coins: the transaction's id.
  Address20 key;                       // With whose key: `owner`, or an account of the policy. Of coins: the seed's id.
  proto::SignerRecord::Signed record;  // What has to be durable before the signature leaves.
  bool recorded = false;               // It is, since an earlier request for the same.
  std::optional<chain::utxo::Psbt> coins;  // Of coins: what to sign, made of nothing but what was derived and checked.
};

// `owner` is the address of the signer's own owner key; `books` what it knows of holdfastd's journal. Every refusal of refusal.h but
// journal_unavailable, key_unavailable, journal_not_followed, journal_behind and head_stale.
Checked<ToSign> check(const Policy& policy, const Address20& owner, const Memory& memory, const Books& books,
                      const proto::SignRequest& request, Instant now);

}  // namespace holdfast::signer
