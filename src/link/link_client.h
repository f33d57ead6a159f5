// The signer's side of its link: it dials holdfastd, attaches, answers, and dials again when the stream ends. It listens
// nowhere. TLS with certificates on both sides; the signer's own names it (spiffe://holdfast/signer/NAME).
#pragma once

#include "signer/signer.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace holdfast::link {

struct LinkOptions {
  std::string server;       // "host:port"
  std::string server_name;  // A name that the server's certificate must carry.
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
  // Called on the signing thread, several times a second, attached or not: for whatever else of the signer's has to be done there. What
  // it gives is told to holdfastd, as soon as that is there.
  std::function<std::vector<proto::Alarm>(signer::Signer&)> each_round = [](signer::Signer&) { return std::vector<proto::Alarm>(); };
};

// Serves until it is told to stop. Everything the signer does is done on the calling thread. A freeze overtakes all
// requests that wait; it is carried out even when the stream breaks before it can be acknowledged. Complete evacuations are
// kept in the store, and it is answered how many: none, where they are refused. Without a store none are kept.
//
// The journal that holdfastd streams is followed before any request that rests on it is judged; a request that came before its part of
// the journal waits for it a little. Heads are cosigned with the witness's key, at most once a second.
void run_link(signer::Signer& signer, Clock& clock, const LinkOptions& options, const journal::LogKey& witness, std::stop_token stop,
              signer::EvacuationStore* store = nullptr);

}  // namespace holdfast::link
