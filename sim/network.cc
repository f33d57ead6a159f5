#include "sim/network.h"

namespace holdfast::sim {

Network::Network(Prng& prng, Clock& clock, std::vector<std::string> signers) : prng_(prng), clock_(clock) {
  for (std::string& signer : signers) lines_[std::move(signer)];
}

template <class Message>
void Network::launch(std::map<Due, Flying<Message>>& wire, const std::string& signer, const Message& message) {
  const auto line = lines_.find(signer);
  if (line == lines_.end() || !line->second.attached || prng_.one_in(faults.lose_one_in)) return;
  const int copies = prng_.one_in(faults.twice_one_in) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    const std::int64_t delay = prng_.between(0, faults.delay_max_ms) + line->second.extra_ms;
    wire.emplace(Due{clock_.now() + delay, ++serial_}, Flying<Message>{signer, message});
  }
}

void Network::send(std::string_view signer, const proto::ToSigner& message) {
  launch(outward_, std::string(signer), message);
}

void Network::answer(const std::string& signer, const proto::FromSigner& message) { launch(inward_, signer, message); }

std::vector<engine::SignerLink::Incoming> Network::poll() {
  std::vector<Incoming> out;
  while (!inward_.empty() && inward_.begin()->first.first <= clock_.now()) {
    auto& flying = inward_.begin()->second;
    if (lines_.at(flying.signer).attached) out.push_back({flying.signer, std::move(flying.message)});
    inward_.erase(inward_.begin());
  }
  return out;
}

std::vector<Network::Arrived> Network::take_arrived() {
  std::vector<Arrived> out;
  while (!outward_.empty() && outward_.begin()->first.first <= clock_.now()) {
    auto& flying = outward_.begin()->second;
    if (lines_.at(flying.signer).attached) out.push_back({flying.signer, std::move(flying.message)});
    outward_.erase(outward_.begin());
  }
  return out;
}

std::vector<std::string> Network::connected() const {
  std::vector<std::string> out;
  for (const auto& [name, line] : lines_) {
    if (line.attached) out.push_back(name);
  }
  return out;
}

void Network::set_attached(const std::string& signer, bool attached) { lines_.at(signer).attached = attached; }

}  // namespace holdfast::sim
