#include "identity/client_data.h"

#include "identity/proof.h"

#include <simdjson.h>

namespace holdfast::identity {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 8;

Failure malformed(std::string_view why) { return refuse("proof_client_data_malformed", std::string("clientDataJSON: ").append(why)); }

// Takes the member if it is one of the four. A second one of the same name could be read differently by somebody else.
bool take(const dom::key_value_pair& member, ClientData& out, unsigned& seen) {
  std::string* text = nullptr;
  unsigned bit = 0;
  if (member.key == "type") text = &out.type, bit = 1;
  if (member.key == "challenge") text = &out.challenge, bit = 2;
  if (member.key == "origin") text = &out.origin, bit = 4;
  if (member.key == "crossOrigin") bit = 8;
  if (bit == 0) return true;
  if ((seen & bit) != 0) return false;
  seen |= bit;
  if (!text) return member.value.get(out.cross_origin) == simdjson::SUCCESS;
  std::string_view value;
  if (member.value.get(value) != simdjson::SUCCESS) return false;
  *text = value;
  return true;
}

}  // namespace

Result<ClientData> read_client_data(ByteView json) {
  if (json.empty() || json.size() > kMaxClientData) return malformed("must have 1 to 2048 bytes");
  dom::parser parser(kMaxClientData);
  if (parser.allocate(json.size(), kMaxDepth) != simdjson::SUCCESS) return malformed("cannot be read");
  dom::object object;
  const std::string_view text = as_text(json);
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return malformed("is no JSON object");
  ClientData out;
  unsigned seen = 0;
  for (const dom::key_value_pair member : object) {
    if (!take(member, out, seen)) return malformed("a member is of the wrong type, or there twice");
  }
  if ((seen & 7U) != 7U) return malformed("type, challenge and origin must be there");
  return out;
}

}  // namespace holdfast::identity
