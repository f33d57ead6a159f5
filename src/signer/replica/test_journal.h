// For tests: events of holdfastd's journal, as the signer's books read them.
#pragma once

#include "base/amount.h"
#include "custody.pb.h"

#include <string>

namespace holdfast::signer::test {

inline std::string blob(Amount amount) {
  const auto word = amount.to_word();
  std::size_t first = 0;
  while (first < 32 && word.bytes[first] == 0) ++first;
  return std::string(as_text(word.view().subspan(first)));
}

inline record::Event chain_event(std::uint64_t id, const std::string& caip2) {
  record::Event out;
  out.mutable_chain_registered()->mutable_chain()->set_id(id);
  out.mutable_chain_registered()->mutable_chain()->set_caip2(caip2);
  return out;
}

inline record::Event asset_event(std::uint64_t id, std::uint64_t chain, ByteView contract) {
  record::Event out;
  auto* asset = out.mutable_asset_registered()->mutable_asset();
  asset->set_id(id);
  asset->set_chain(chain);
  asset->set_contract(std::string(as_text(contract)));
  return out;
}

inline record::Event customer_event(std::uint64_t id, const std::string& reference) {
  record::Event out;
  out.mutable_customer_created()->mutable_customer()->set_id(id);
  out.mutable_customer_created()->mutable_customer()->set_reference(reference);
  return out;
}

inline record::Event key_event(std::uint64_t id, std::uint64_t customer, const std::string& key, std::uint32_t kind = 1) {
  record::Event out;
  auto* one = out.mutable_customer_key_enrolled()->mutable_key();
  one->set_id(id);
  one->set_customer(customer);
  one->set_kind(kind);
  one->set_key(key);
  return out;
}

inline record::Event key_removed_event(std::uint64_t id) {
  record::Event out;
  out.mutable_customer_key_removed()->set_key(id);
  return out;
}

inline record::Event address_event(std::uint64_t customer, std::uint64_t chain, ByteView address, const Hash32& salt = {}) {
  record::Event out;
  auto* one = out.mutable_deposit_address_assigned()->mutable_address();
  one->set_customer(customer);
  one->set_chain(chain);
  one->set_address(std::string(as_text(address)));
  one->set_salt(std::string(as_text(salt.view())));
  return out;
}

inline record::Event deposit_event(std::uint64_t id, std::uint64_t customer, std::uint64_t asset, Amount amount, std::uint8_t txid = 1,
                                   std::uint32_t position = 0) {
  record::Event out;
  auto* one = out.mutable_deposit_seen()->mutable_deposit();
  one->set_id(id);
  one->set_customer(customer);
  one->set_asset(asset);
  one->set_amount(blob(amount));
  one->set_address("an address");
  one->set_txid(std::string(32, static_cast<char>(txid)));
  one->set_position(position);
  one->set_height(100);
  return out;
}

inline record::Event credited_event(std::uint64_t id) {
  record::Event out;
  out.mutable_deposit_credited()->set_deposit(id);
  return out;
}

inline record::Event withdrawal_event(std::uint64_t id, std::uint64_t customer, std::uint64_t asset, Amount amount, ByteView destination,
                                      Amount fee = Amount::zero()) {
  record::Event out;
  auto* one = out.mutable_withdrawal_requested();
  one->set_withdrawal(id);
  std::string request(16, '\0');
  for (std::size_t i = 0; i < 8; ++i) request[i] = static_cast<char>(id >> (8 * i));
  request[15] = 'r';
  one->set_request(request);
  one->set_customer(customer);
  one->set_asset(asset);
  one->set_amount(blob(amount));
  one->set_fee(blob(fee));
  one->set_destination(std::string(as_text(destination)));
  return out;
}

inline record::Event approved_event(std::uint64_t id, std::int64_t expires_at_ms) {
  record::Event out;
  out.mutable_withdrawal_approved()->set_withdrawal(id);
  out.mutable_withdrawal_approved()->set_expires_at_ms(expires_at_ms);
  return out;
}

inline record::Event returned_event(std::uint64_t id, std::uint32_t reason = 1) {
  record::Event out;
  out.mutable_withdrawal_returned()->set_withdrawal(id);
  out.mutable_withdrawal_returned()->set_reason(reason);
  return out;
}

inline record::Event rejected_event(std::uint64_t id) {
  record::Event out;
  out.mutable_withdrawal_rejected()->set_withdrawal(id);
  return out;
}

}  // namespace holdfast::signer::test
