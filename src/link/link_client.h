// The signer's side of its link: it dials holdfastd, attaches, answers, and dials again when the stream ends. It listens
// nowhere. TLS with certificates on both sides; the signer's own names it (spiffe://holdfast/signer/NAME).
#pragma once

#include "signer/signer.h"

#include <stop_token>
#include <string>

namespace holdfast::link {

struct LinkOptions {
  std::string server;       // "host:port"
  std::string server_name;  // A name that the server's certificate must carry.
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
};

// Serves until it is told to stop. Everything the signer does is done on the calling thread. A freeze overtakes all
// requests that wait; it is carried out even when the stream breaks before it can be acknowledged. Complete evacuations are
// kept in the store, and it is answered how many: none, where they are refused. Without a store none are kept.
void run_link(signer::Signer& signer, Clock& clock, const LinkOptions& options, std::stop_token stop,
              signer::EvacuationStore* store = nullptr);

}  // namespace holdfast::link
