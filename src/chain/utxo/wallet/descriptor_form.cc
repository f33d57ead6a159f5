#include "chain/utxo/wallet/descriptor_form.h"

#include "base/hex.h"
#include "chain/utxo/wallet/address.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kMaxMultisigKeys = 16;
constexpr std::size_t kMaxLeafKeys = 999;
constexpr std::size_t kMaxRawScript = 10'000;
constexpr std::size_t kMaxNameTold = 24;

// Reads forward over a descriptor's body; knows the place for what it refuses.
class FormParser {
 public:
  FormParser(std::string_view body, const Network& network) : body_(body), network_(network) {}

  Result<DescriptorForm> parse() {
    auto form = output();
    if (form && at_ != body_.size()) return malformed("something behind the end");
    return form;
  }

 private:
  Failure malformed(const std::string& why) const {
    return refuse("descriptor_malformed", why + ", at character " + std::to_string(at_ + 1));
  }
  Failure unsupported(std::string_view name) const {
    return refuse("descriptor_unsupported",
                  std::string(name.substr(0, kMaxNameTold)) + "() here, at character " + std::to_string(at_ + 1));
  }
  // An error of a part, with the place where the part begins.
  Failure placed(const Error& error) const {
    return refuse(error.code, error.text + ", at character " + std::to_string(at_ + 1));
  }

  bool take(char c) {
    if (at_ == body_.size() || body_[at_] != c) return false;
    ++at_;
    return true;
  }
  // "name(" or nothing.
  std::optional<std::string_view> take_function() {
    const auto is_of_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    const std::string_view rest = body_.substr(at_);
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_of_name) - rest.begin());
    if (end == 0 || end == rest.size() || rest[end] != '(') return std::nullopt;
    at_ += end + 1;
    return rest.substr(0, end);
  }
  std::string_view argument() const {
    const std::string_view rest = body_.substr(at_);
    return rest.substr(0, rest.find_first_of(",)"));
  }
  Result<std::string> close(std::string text) {
    if (!take(')')) return malformed("a closing bracket is missing");
    return text + ')';
  }

  Result<DescriptorForm> output();
  Result<DescriptorForm> script_hash();
  Result<DescriptorForm> of_function(std::string_view name);
  Result<DescriptorForm> of_one_key(OutputForm output, std::string_view name, KeyPlace place);
  Result<DescriptorForm> witness_script();
  Result<DescriptorForm> taproot();
  Result<DescriptorForm> address();
  Result<DescriptorForm> raw();
  Result<DescriptorKey> key(KeyPlace place);
  Result<unsigned> threshold();
  Result<std::string> quorum(DescriptorForm& form, std::string_view name, KeyPlace place, std::size_t max_keys);

  std::string_view body_;
  const Network& network_;
  std::size_t at_ = 0;
};

Result<DescriptorForm> FormParser::output() {
  const auto name = take_function();
  if (!name) return malformed("no function such as wsh(...); a bare address is written addr(ADDRESS)");
  if (*name == "sh") return script_hash();
  if (*name == "pkh") return of_one_key(OutputForm::pkh, "pkh", KeyPlace::ecdsa);
  if (*name == "tr") return taproot();
  if (*name == "addr") return address();
  if (*name == "raw") return raw();
  return of_function(*name);
}

// What may stand in sh(...) as well as by itself.
Result<DescriptorForm> FormParser::of_function(std::string_view name) {
  if (name == "wpkh") return of_one_key(OutputForm::wpkh, "wpkh", KeyPlace::ecdsa);
  if (name == "wsh") return witness_script();
  return unsupported(name);
}

Result<DescriptorForm> FormParser::script_hash() {
  const auto name = take_function();
  if (!name) return malformed("no function in sh()");
  auto form = of_function(*name);
  if (!form) return form;
  auto text = close("sh(" + form->text);
  if (!text) return Failure(text.error());
  form->nested = true;
  form->text = std::move(*text);
  return form;
}

Result<DescriptorKey> FormParser::key(KeyPlace place) {
  const std::string_view text = argument();
  auto parsed = parse_key(text, place, network_);
  if (!parsed) {
    // A function where a key belongs, and not a key that is mistyped.
    const auto name = take_function();
    if (name) return unsupported(*name);
    return placed(parsed.error());
  }
  at_ += text.size();
  return parsed;
}

Result<DescriptorForm> FormParser::of_one_key(OutputForm output, std::string_view name, KeyPlace place) {
  auto only = key(place);
  if (!only) return Failure(only.error());
  auto text = close(std::string(name) + "(" + only->text);
  if (!text) return Failure(text.error());
  DescriptorForm form;
  form.output = output;
  form.threshold = 1;
  form.keys.push_back(std::move(*only));
  form.text = std::move(*text);
  return form;
}

Result<unsigned> FormParser::threshold() {
  const std::string_view digits = argument();
  const bool plain = !digits.empty() && digits.size() <= 3 && digits[0] != '0' &&
                     std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!plain) return malformed("a threshold is a number from 1 on");
  unsigned value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  at_ += digits.size();
  return value;
}

// m,KEY,...) with the name in front already taken. Answers its canonical text.
Result<std::string> FormParser::quorum(DescriptorForm& form, std::string_view name, KeyPlace place, std::size_t max_keys) {
  const auto needed = threshold();
  if (!needed) return Failure(needed.error());
  form.threshold = *needed;
  form.sorted = name.starts_with("sorted");
  std::string text = std::string(name) + "(" + std::to_string(*needed);
  while (take(',')) {
    if (form.keys.size() == max_keys) {
      return refuse("descriptor_unsupported", "more than " + std::to_string(max_keys) + " keys");
    }
    auto next = key(place);
    if (!next) return Failure(next.error());
    text += "," + next->text;
    form.keys.push_back(std::move(*next));
  }
  if (form.keys.size() < *needed) return malformed("fewer keys than the threshold");
  return close(std::move(text));
}

Result<DescriptorForm> FormParser::witness_script() {
  const auto name = take_function();
  if (!name) return malformed("no function in wsh()");
  if (*name != "multi" && *name != "sortedmulti") return unsupported(*name);
  DescriptorForm form;
  form.output = OutputForm::wsh;
  const auto inner = quorum(form, *name, KeyPlace::ecdsa, kMaxMultisigKeys);
  if (!inner) return Failure(inner.error());
  auto text = close("wsh(" + *inner);
  if (!text) return Failure(text.error());
  form.text = std::move(*text);
  return form;
}

Result<DescriptorForm> FormParser::taproot() {
  auto internal = key(KeyPlace::taproot);
  if (!internal) return Failure(internal.error());
  DescriptorForm form;
  std::string front = "tr(" + internal->text;
  if (take(',')) {
    if (at_ < body_.size() && body_[at_] == '{') return refuse("descriptor_unsupported", "a tree of more than one script");
    const auto name = take_function();
    if (!name) return malformed("no function in tr()");
    if (*name != "multi_a" && *name != "sortedmulti_a") return unsupported(*name);
    form.output = OutputForm::tr_leaf;
    const auto leaf = quorum(form, *name, KeyPlace::taproot, kMaxLeafKeys);
    if (!leaf) return Failure(leaf.error());
    front += "," + *leaf;
    form.internal = std::move(*internal);
  } else {
    form.output = OutputForm::tr_key;
    form.threshold = 1;
    form.keys.push_back(std::move(*internal));
  }
  auto text = close(std::move(front));
  if (!text) return Failure(text.error());
  form.text = std::move(*text);
  return form;
}

Result<DescriptorForm> FormParser::address() {
  const std::string_view text = argument();
  auto script = script_of_address(network_, text);
  if (!script) return placed(script.error());
  const auto written = address_of_script(network_, *script);
  if (!written) return malformed("an address that Holdfast does not write");
  at_ += text.size();
  auto closed = close("addr(" + *written);
  if (!closed) return Failure(closed.error());
  DescriptorForm form;
  form.script = std::move(*script);
  form.text = std::move(*closed);
  return form;
}

Result<DescriptorForm> FormParser::raw() {
  const std::string_view digits = argument();
  auto script = digits.starts_with("0x") || digits.starts_with("0X") ? std::nullopt : from_hex(digits);
  if (!script || script->empty() || script->size() > kMaxRawScript) {
    return malformed("a script of 1 to 10000 bytes in hexadecimal");
  }
  at_ += digits.size();
  auto closed = close("raw(" + to_hex(*script));
  if (!closed) return Failure(closed.error());
  DescriptorForm form;
  form.script = std::move(*script);
  form.text = std::move(*closed);
  return form;
}

// Keys with a tuple have as many branches, all of them.
bool branches_agree(const DescriptorForm& form) {
  const std::size_t branches = form.branches();
  const auto agrees = [branches](const DescriptorKey& key) { return key.branches() == 1 || key.branches() == branches; };
  return std::ranges::all_of(form.keys, agrees) && (!form.internal || agrees(*form.internal));
}

}  // namespace

std::size_t DescriptorForm::branches() const {
  std::size_t most = internal ? internal->branches() : 1;
  for (const DescriptorKey& key : keys) most = std::max(most, key.branches());
  return most;
}

bool DescriptorForm::ranged() const {
  return (internal && internal->ranged) || std::ranges::any_of(keys, &DescriptorKey::ranged);
}

Result<DescriptorForm> parse_form(std::string_view body, const Network& network) {
  auto form = FormParser(body, network).parse();
  if (form && !branches_agree(*form)) return refuse("descriptor_malformed", "keys with tuples of different lengths");
  return form;
}

}  // namespace holdfast::chain::utxo
