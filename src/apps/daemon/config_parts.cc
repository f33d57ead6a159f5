#include "apps/daemon/config_parts.h"

#include <algorithm>

namespace holdfast::daemon {

using config::TomlReader;

std::string read_node(TomlReader& in, custody::ChainFamily family) {
  constexpr std::string_view kScheme = "http://";
  std::string url = in.text("node");
  const std::string_view rest = url.starts_with(kScheme) ? std::string_view(url).substr(kScheme.size()) : std::string_view();
  const std::string_view place = rest.substr(0, rest.find('/'));
  const auto colon = place.rfind(':');
  const bool port_given = colon != std::string_view::npos && colon + 1 < place.size();
  const bool good = !place.empty() && colon != 0 && place.find('@') == std::string_view::npos &&
                    (port_given || family == custody::ChainFamily::accounts);
  if (!url.empty() && !good) in.reject("node", "has to be http://HOST:PORT: no TLS, no password; a node elsewhere needs a tunnel");
  return url;
}

void check_names(const Config& config, const std::string& caip2, TomlReader& in) {
  for (const WalletConfig& one : config.wallets) {
    if (one.chain != caip2) continue;
    const bool has_cold = one.cold.empty() || std::ranges::any_of(config.wallets, [&](const WalletConfig& other) {
      return other.chain == caip2 && other.wallet.kind == custody::WalletKind::cold && other.wallet.name == one.cold;
    });
    if (!has_cold) in.reject("wallets", "no cold wallet of this chain is called " + one.cold + ", as \"cold\" of " + one.wallet.name + " says");
    const bool has_signer = one.signer.empty() || std::ranges::any_of(config.signers, [&](const custody::Signer& signer) {
      return signer.name == one.signer;
    });
    if (!has_signer) in.reject("wallets", "no signer is called " + one.signer + ", as \"signer\" of " + one.wallet.name + " says");
  }
}

}  // namespace holdfast::daemon
