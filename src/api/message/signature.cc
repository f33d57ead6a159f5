#include "api/message/signature.h"

#include "api/message/digest.h"
#include "base/check.h"
#include "base/hex.h"

#include <sodium.h>

#include <algorithm>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

// Of a component that begins with '@'.
std::optional<std::string> derived(std::string_view name, const RequestHead& head) {
  if (name == "@method") return head.method;
  if (name == "@path") return std::string(head.path());
  if (name == "@query") return '?' + std::string(head.query());
  if (name == "@authority") {
    auto host = head.header("host");
    if (host)
      std::transform(host->begin(), host->end(), host->begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return host;
  }
  return {};
}

bool is_derived(std::string_view name) {
  return name == "@method" || name == "@path" || name == "@query" || name == "@authority";
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool covers(const InnerList& covered, std::string_view name) {
  return std::any_of(covered.items.begin(), covered.items.end(),
                     [&](const Item& item) { return item.value == BareItem(std::string(name)); });
}

template <class T>
const T* parameter(const InnerList& list, std::string_view key) {
  for (const Parameter& one : list.parameters) {
    if (one.key == key) return std::get_if<T>(&one.value);
  }
  return nullptr;
}

bool parameters_known(const InnerList& list) {
  static constexpr std::string_view kKnown[] = {"created", "keyid", "nonce", "alg", "tag"};
  return std::all_of(list.parameters.begin(), list.parameters.end(), [](const Parameter& one) {
    return std::find(std::begin(kKnown), std::end(kKnown), one.key) != std::end(kKnown);
  });
}

struct Labelled {
  std::string label;
  InnerList input;
};

// The one member of Signature-Input that bears our tag.
Answer<Labelled> find_input(const RequestHead& head) {
  const auto field = head.header("signature-input");
  if (!field || !head.header("signature")) return refused(E::signature_missing);
  auto dictionary = parse_dictionary(*field);
  if (!dictionary) return refused(E::signature_malformed, "Signature-Input is no dictionary of RFC 8941.");
  std::optional<Labelled> found;
  for (DictionaryMember& member : *dictionary) {
    InnerList* list = std::get_if<InnerList>(&member.value);
    const std::string* tag = list ? parameter<std::string>(*list, "tag") : nullptr;
    if (!tag || *tag != kSignatureTag) continue;
    if (found) return refused(E::signature_malformed, "Two signatures bear the tag \"holdfast\".");
    found = Labelled{std::move(member.key), std::move(*list)};
  }
  if (!found) return refused(E::signature_missing, "No signature bears the tag \"holdfast\".");
  return std::move(*found);
}

Answer<FixedBytes<64>> find_signature(const RequestHead& head, std::string_view label) {
  const auto dictionary = parse_dictionary(*head.header("signature"));
  const DictionaryMember* member = dictionary ? find(*dictionary, label) : nullptr;
  const Item* item = member ? std::get_if<Item>(&member->value) : nullptr;
  const Bytes* bytes = item ? std::get_if<Bytes>(&item->value) : nullptr;
  if (!bytes || bytes->size() != 64) {
    return refused(E::signature_malformed, "Signature has no 64 bytes under the label of Signature-Input.");
  }
  return FixedBytes<64>::from(*bytes);
}

Answer<SignatureClaim> read_parameters(const InnerList& input) {
  const auto* created = parameter<std::int64_t>(input, "created");
  const auto* key_id = parameter<std::string>(input, "keyid");
  const auto* nonce = parameter<std::string>(input, "nonce");
  const auto* algorithm = parameter<std::string>(input, "alg");
  if (!created || !key_id || !nonce || !algorithm) {
    return refused(E::signature_incomplete, "Signature-Input must have created, keyid, nonce, alg and tag.");
  }
  if (*algorithm != "ed25519") return refused(E::signature_malformed, "alg must be \"ed25519\".");
  if (nonce->size() < kMinNonceLength || nonce->size() > kMaxNonceLength) {
    return refused(E::signature_malformed, "nonce must have 16 to 64 characters.");
  }
  if (!parameters_known(input)) return refused(E::signature_malformed, "Signature-Input has a parameter unknown here.");
  return SignatureClaim{*key_id, *created, *nonce, {}, {}};
}

}  // namespace

Answer<std::string> signature_base(const InnerList& covered, const RequestHead& head) {
  std::string base;
  base.reserve(512);
  std::vector<std::string_view> seen;
  for (const Item& item : covered.items) {
    const auto* name = std::get_if<std::string>(&item.value);
    const bool known = name && item.parameters.empty() && (is_derived(*name) || is_field_name(*name));
    if (!known) return refused(E::signature_malformed, "A covered component is not known here, or has parameters.");
    if (std::find(seen.begin(), seen.end(), *name) != seen.end()) {
      return refused(E::signature_malformed, "A component is covered twice: " + *name);
    }
    seen.push_back(*name);
    const auto value = is_derived(*name) ? derived(*name, head) : head.header(*name);
    if (!value) return refused(E::signature_incomplete, "It covers what the request does not have: " + *name);
    base.append("\"").append(*name).append("\": ").append(*value).append("\n");
  }
  return base.append("\"@signature-params\": ").append(to_field_text(covered));
}

Answer<SignatureClaim> read_signature(const RequestHead& head) {
  const auto input = find_input(head);
  if (!input) return std::unexpected(input.error());
  const auto signature = find_signature(head, input->label);
  if (!signature) return std::unexpected(signature.error());
  auto claim = read_parameters(input->input);
  if (!claim) return std::unexpected(claim.error());

  const std::pair<std::string_view, bool> wanted[] = {{"@method", true},
                                                      {"@path", true},
                                                      {"@query", head.has_query()},
                                                      {"content-digest", head.has_body()},
                                                      {"idempotency-key", head.header("idempotency-key").has_value()}};
  for (const auto& [name, needed] : wanted) {
    if (needed && !covers(input->input, name)) {
      return refused(E::signature_incomplete, "The signature must cover " + std::string(name) + ".");
    }
  }
  auto base = signature_base(input->input, head);
  if (!base) return std::unexpected(base.error());
  if (base->size() > kMaxSignatureBase) return refused(E::signature_malformed, "The covered fields are longer than 4096 bytes together.");
  claim->base = std::move(*base);
  claim->signature = *signature;
  return claim;
}

bool verify(const SignatureClaim& claim, const SigningKey& key) {
  const ByteView base = as_bytes(claim.base);
  return crypto_sign_verify_detached(claim.signature.bytes.data(), base.data(), base.size(), key.bytes.data()) == 0;
}

RequestSigner::RequestSigner(std::string key_id, const Secret& seed)
    : key_id_(std::move(key_id)), secret_key_(crypto_sign_SECRETKEYBYTES) {
  HF_CHECK(seed.size() == crypto_sign_SEEDBYTES);
  crypto_sign_seed_keypair(public_key_.bytes.data(), secret_key_.mutable_data(), seed.reveal().data());
}

FixedBytes<64> RequestSigner::sign_text(std::string_view text) const {
  FixedBytes<64> out;
  const ByteView message = as_bytes(text);
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(), secret_key_.reveal().data());
  return out;
}

void RequestSigner::sign(RequestHead& head, std::string_view body, std::int64_t now_s) const {
  InnerList input;
  const auto cover = [&](std::string_view name) { input.items.push_back({std::string(name), {}}); };
  cover("@method");
  cover("@path");
  if (head.has_query()) cover("@query");
  if (!body.empty()) {
    head.headers.push_back({"content-digest", content_digest(body)});
    cover("content-digest");
  }
  if (head.header("idempotency-key")) cover("idempotency-key");
  FixedBytes<16> nonce;
  randombytes_buf(nonce.bytes.data(), nonce.bytes.size());
  input.parameters = {{"created", now_s},
                      {"keyid", key_id_},
                      {"nonce", to_hex(nonce.view())},
                      {"alg", std::string("ed25519")},
                      {"tag", std::string(kSignatureTag)}};
  const auto base = signature_base(input, head);
  HF_CHECK(base.has_value());
  FixedBytes<64> signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, as_bytes(*base).data(), base->size(),
                       secret_key_.reveal().data());
  head.headers.push_back({"signature-input", "sig1=" + to_field_text(input)});
  head.headers.push_back({"signature", "sig1=" + to_field_text(Item{to_bytes(signature.view()), {}})});
}

}  // namespace holdfast::api
