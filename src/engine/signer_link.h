// The port to the signers, as the engine sees them: names to send to, messages that come back.
#pragma once

#include "signer.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::engine {

// send() never blocks. What cannot be delivered is dropped: the conductor asks again.
class SignerLink {
 public:
  virtual ~SignerLink() = default;
  virtual void send(std::string_view signer, const proto::ToSigner& message) = 0;

  struct Incoming {
    std::string signer;  // As its certificate names it.
    proto::FromSigner message;
  };
  virtual std::vector<Incoming> poll() = 0;                   // What has come since the last call, in order.
  virtual std::vector<std::string> connected() const = 0;
};

}  // namespace holdfast::engine
