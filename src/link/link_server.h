// holdfastd's side of the link: the engine's SignerLink over gRPC. Signers dial in with certificates of one authority;
// who they are stands in the certificate (spiffe://holdfast/signer/NAME), not in what they say.
#pragma once

#include "base/result.h"
#include "engine/signer_link.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::link {

struct LinkServerOptions {
  std::string address;  // "0.0.0.0:7443"; port 0 takes any free one
  std::string ca_pem;   // The authority of the signers' certificates.
  std::string certificate_pem;
  std::string key_pem;
  std::vector<std::string> signers;  // Nobody else is let in.
  std::function<void()> on_incoming = [] {
  };  // A message came, or a signer came or went: poll(). On any thread; be short.
  // Every message, before poll() gives it. True: it is not for poll(). On any thread; be short.
  using Heard = std::function<bool(const std::string& signer, const proto::FromSigner& message)>;
  Heard on_message = [](const std::string&, const proto::FromSigner&) { return false; };
};

class LinkServer final : public engine::SignerLink {
 public:
  // fault link_not_listening (address in use, bad certificate or key)
  static Result<std::unique_ptr<LinkServer>> start(LinkServerOptions options);
  ~LinkServer() override;  // Ends all streams and waits for them.

  void send(std::string_view signer, const proto::ToSigner& message) override;
  std::vector<Incoming> poll() override;
  std::vector<std::string> connected() const override;
  int port() const;

 private:
  struct Running;
  explicit LinkServer(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace holdfast::link
