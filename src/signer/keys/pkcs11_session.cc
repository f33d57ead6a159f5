#include "signer/keys/pkcs11_session.h"

#include <fmt/core.h>
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

namespace holdfast::signer::pkcs11 {
namespace {

constexpr std::size_t kMaxObjects = 1024;
constexpr std::size_t kMaxAttributeBytes = 4096;

// Fields of a fixed width, with blanks behind.
std::string padded(const unsigned char* field, std::size_t size) {
  std::string out(reinterpret_cast<const char*>(field), size);
  out.erase(std::find_if(out.rbegin(), out.rend(), [](char c) { return c != ' ' && c != '\0'; }).base(), out.end());
  return out;
}

std::vector<CK_ATTRIBUTE> views_of(std::vector<Attribute>& attributes) {
  std::vector<CK_ATTRIBUTE> out;
  for (Attribute& one : attributes) out.push_back({one.type, one.value.data(), one.value.size()});
  return out;
}

Result<std::vector<CK_SLOT_ID>> slots_of(const CK_FUNCTION_LIST& calls) {
  CK_ULONG count = 0;
  if (const CK_RV code = calls.C_GetSlotList(CK_TRUE, nullptr, &count); code != CKR_OK) return unavailable("C_GetSlotList", code);
  std::vector<CK_SLOT_ID> out(count);
  if (const CK_RV code = calls.C_GetSlotList(CK_TRUE, out.data(), &count); code != CKR_OK) return unavailable("C_GetSlotList", code);
  out.resize(std::min<std::size_t>(count, out.size()));
  return out;
}

bool is_at(const CK_TOKEN_INFO& token, const TokenPlace& place) {
  if ((token.flags & CKF_TOKEN_INITIALIZED) == 0) return false;
  if (padded(token.label, sizeof token.label) != place.label) return false;
  return place.serial.empty() || padded(token.serialNumber, sizeof token.serialNumber) == place.serial;
}

Result<CK_SLOT_ID> find_slot(const CK_FUNCTION_LIST& calls, const TokenPlace& place) {
  const auto slots = slots_of(calls);
  if (!slots) return Failure(slots.error());
  std::vector<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : *slots) {
    CK_TOKEN_INFO token{};
    if (calls.C_GetTokenInfo(slot, &token) == CKR_OK && is_at(token, place)) found.push_back(slot);
  }
  if (found.empty()) return fault("token_missing", fmt::format("{}: has no token \"{}\" {}", place.module, place.label, place.serial));
  if (found.size() > 1) return refuse("token_twice", fmt::format("two tokens are called \"{}\": name the serial number", place.label));
  return found.front();
}

}  // namespace

Attribute Attribute::number(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
  Attribute out{type, Bytes(sizeof number)};
  std::memcpy(out.value.data(), &number, sizeof number);
  return out;
}

Attribute secp256k1_parameters() { return {CKA_EC_PARAMS, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a}}; }

std::optional<chain::evm::PublicKey> point_of(ByteView value) {
  constexpr std::size_t kPoint = 65;
  constexpr std::uint8_t kOctetString = 0x04;
  if (value.size() == kPoint + 2 && value[0] == kOctetString && value[1] == kPoint) value = value.subspan(2);
  if (value.size() != kPoint || value[0] != 0x04) return std::nullopt;
  return chain::evm::PublicKey::from(value.subspan(1));
}

Result<std::unique_ptr<Session>> Session::open(std::shared_ptr<Module> module, const TokenPlace& place, bool writes) {
  const auto slot = find_slot(module->calls(), place);
  if (!slot) return Failure(slot.error());
  CK_SESSION_HANDLE session = 0;
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (writes ? CKF_RW_SESSION : 0);
  const CK_RV code = module->calls().C_OpenSession(*slot, flags, nullptr, nullptr, &session);
  if (code != CKR_OK) return unavailable("C_OpenSession", code);
  return std::unique_ptr<Session>(new Session(std::move(module), *slot, session));
}

Session::~Session() {
  if (module_->is_usable()) module_->calls().C_CloseSession(session_);  // The last one of a token logs out.
}

Result<void> Session::log_in(const Secret& pin) {
  CK_TOKEN_INFO token{};
  if (const CK_RV code = module_->calls().C_GetTokenInfo(slot_, &token); code != CKR_OK) return unavailable("C_GetTokenInfo", code);
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) return refuse("pin_locked", "the token's PIN is locked; its security officer can set a new one");
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return refuse("pin_last_try", "one more wrong PIN locks the token: log in once with the token's own tool first");
  }
  // The interface takes it as not const, and does not write to it.
  auto* const text = const_cast<CK_UTF8CHAR*>(pin.reveal().data());
  const CK_RV code = module_->calls().C_Login(session_, CKU_USER, text, pin.size());
  switch (code) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
      return {};
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
      return refuse("pin_wrong", "the token refuses the PIN; it is not tried again");
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
      return refuse("pin_locked", "the token's PIN is locked or expired");
    case CKR_USER_PIN_NOT_INITIALIZED:
      return refuse("pin_not_set", "the token has no PIN yet: set it with the token's own tool");
    default:
      return unavailable("C_Login", code);
  }
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find(std::vector<Attribute> wanted) {
  const auto& calls = module_->calls();
  auto views = views_of(wanted);
  if (const CK_RV code = calls.C_FindObjectsInit(session_, views.data(), views.size()); code != CKR_OK) {
    return unavailable("C_FindObjectsInit", code);
  }
  std::vector<CK_OBJECT_HANDLE> out(kMaxObjects);
  CK_ULONG count = 0;
  const CK_RV code = calls.C_FindObjects(session_, out.data(), out.size(), &count);
  calls.C_FindObjectsFinal(session_);
  if (code != CKR_OK) return unavailable("C_FindObjects", code);
  out.resize(std::min<std::size_t>(count, out.size()));
  return out;
}

Result<Bytes> Session::read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  Bytes value(kMaxAttributeBytes);
  CK_ATTRIBUTE view{type, value.data(), value.size()};
  const CK_RV code = module_->calls().C_GetAttributeValue(session_, object, &view, 1);
  if (code == CKR_ATTRIBUTE_SENSITIVE) return refuse("token_keeps_it", "the token does not give it away");
  if (code != CKR_OK || view.ulValueLen > value.size()) return unavailable("C_GetAttributeValue", code);
  value.resize(view.ulValueLen);
  return value;
}

Result<void> Session::destroy(CK_OBJECT_HANDLE object) {
  const CK_RV code = module_->calls().C_DestroyObject(session_, object);
  return code == CKR_OK ? Result<void>{} : Result<void>(unavailable("C_DestroyObject", code));
}

Result<Session::Pair> Session::generate(std::vector<Attribute> public_part, std::vector<Attribute> private_part) {
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  auto shown = views_of(public_part);
  auto kept = views_of(private_part);
  Pair out{};
  const CK_RV code = module_->calls().C_GenerateKeyPair(session_, &mechanism, shown.data(), shown.size(), kept.data(), kept.size(),
                                                        &out.public_key, &out.private_key);
  if (code != CKR_OK) return unavailable("C_GenerateKeyPair", code);
  return out;
}

Result<std::array<std::uint8_t, 64>> Session::sign(CK_OBJECT_HANDLE key, const Hash32& digest) {
  if (!module_->is_usable()) return fault("token_unavailable", "the session belongs to the process that forked this one");
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  const auto& calls = module_->calls();
  if (const CK_RV code = calls.C_SignInit(session_, &mechanism, key); code != CKR_OK) return unavailable("C_SignInit", code);
  Hash32 data = digest;
  std::array<std::uint8_t, 64> out{};
  CK_ULONG size = out.size();
  if (const CK_RV code = calls.C_Sign(session_, data.bytes.data(), data.bytes.size(), out.data(), &size); code != CKR_OK) {
    return unavailable("C_Sign", code);
  }
  if (size != out.size()) return fault("token_unavailable", fmt::format("C_Sign gives {} bytes", size));
  return out;
}

}  // namespace holdfast::signer::pkcs11
