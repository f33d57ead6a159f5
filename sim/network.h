// The wire between the engine and its signers: messages get lost, come twice, come late and in another order.
#pragma once

#include "base/instant.h"
#include "engine/signer_link.h"
#include "sim/prng.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::sim {

struct NetworkFaults {
  std::uint64_t lose_one_in = 0;
  std::uint64_t twice_one_in = 0;
  std::int64_t delay_max_ms = 0;  // Each message on its own: so they overtake each other.
};

class Network final : public engine::SignerLink {
 public:
  Network(Prng& prng, Clock& clock, std::vector<std::string> signers);

  NetworkFaults faults;

  // The engine's end.
  void send(std::string_view signer, const proto::ToSigner& message) override;
  std::vector<Incoming> poll() override;
  std::vector<std::string> connected() const override;

  // The signers' end.
  struct Arrived {
    std::string signer;
    proto::ToSigner message;
  };
  std::vector<Arrived> take_arrived();  // What has reached a signer by now, in the order of arrival.
  void answer(const std::string& signer, const proto::FromSigner& message);

  void set_attached(const std::string& signer, bool attached);  // A signer that is away receives and says nothing.
  void set_slow(const std::string& signer, std::int64_t extra_ms) { lines_.at(signer).extra_ms = extra_ms; }

 private:
  struct Line {
    bool attached = true;
    std::int64_t extra_ms = 0;
  };
  template <class Message>
  struct Flying {
    std::string signer;
    Message message;
  };
  using Due = std::pair<Instant, std::uint64_t>;  // And a serial number, so that equal times have an order.

  template <class Message>
  void launch(std::map<Due, Flying<Message>>& wire, const std::string& signer, const Message& message);

  Prng& prng_;
  Clock& clock_;
  std::map<std::string, Line> lines_;
  std::map<Due, Flying<proto::ToSigner>> outward_;
  std::map<Due, Flying<proto::FromSigner>> inward_;
  std::uint64_t serial_ = 0;
};

}  // namespace holdfast::sim
