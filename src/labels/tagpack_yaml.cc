#include "labels/tagpack_yaml.h"

#include "labels/import_tagpack.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

namespace holdfast::labels {
namespace {

constexpr std::array<std::string_view, kFieldCount> kFieldNames = {"address", "currency", "network",  "label",   "actor",
                                                                   "source",  "category", "abuse", "lastmod", "confidence"};

// Leaves the parser; never the file.
struct Stop {
  std::string_view code;
};

class PackEvents final : public YAML::EventHandler {
 public:
  RawPack pack;
  bool has_tags = false;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override { throw Stop{"yaml_alias"}; }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { throw Stop{"yaml_alias"}; }
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { scalar(anchor, {}); }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    scalar(anchor, value);
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(anchor, false);
    if (levels_.size() == 2 && levels_[0].key == "tags") has_tags = true;
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(anchor, true);
    if (!in_tag()) return;
    if (pack.tags.size() == kPackTagsMax) throw Stop{"list_too_long"};
    pack.tags.emplace_back().line = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    bool map = false;
    bool at_value = false;  // in a map: the key is read
    std::string key;
  };

  bool in_tag() const {
    return levels_.size() == 3 && levels_[0].key == "tags" && !levels_[1].map && levels_[2].map;
  }

  void open(YAML::anchor_t anchor, bool map) {
    if (anchor != 0) throw Stop{"yaml_alias"};
    if (levels_.size() == kPackDepthMax) throw Stop{"yaml_too_deep"};
    const bool is_root = levels_.empty();
    if (is_root && !map) throw Stop{"pack_shape"};
    if (!is_root && levels_.back().map && !levels_.back().at_value) throw Stop{"pack_shape"};  // A key is a text.
    if (levels_.size() == 2 && levels_[0].key == "tags" && (levels_[1].map || !map)) throw Stop{"pack_shape"};
    levels_.push_back({map, false, {}});
  }

  void close() {
    levels_.pop_back();
    if (!levels_.empty()) levels_.back().at_value = false;
  }

  void scalar(YAML::anchor_t anchor, std::string_view value) {
    if (anchor != 0) throw Stop{"yaml_alias"};
    if (levels_.empty()) throw Stop{"pack_shape"};
    Level& level = levels_.back();
    if (!level.map) {
      if (levels_.size() == 2 && levels_[0].key == "tags") throw Stop{"pack_shape"};
      return;
    }
    if (!level.at_value) level.key = value.substr(0, kPackFieldMax);
    else keep(level.key, value);
    level.at_value = !level.at_value;
  }

  void keep(std::string_view key, std::string_view value) {
    const auto* const name = std::ranges::find(kFieldNames, key);
    if (name == kFieldNames.end() || value.empty()) return;
    if (levels_.size() != 1 && !in_tag()) return;
    RawTag& tag = levels_.size() == 1 ? pack.header : pack.tags.back();
    // One byte above the bound is enough for the reader to see that it is above.
    tag.fields[static_cast<std::size_t>(name - kFieldNames.begin())] = value.substr(0, kPackFieldMax + 1);
  }

  std::vector<Level> levels_;
};

// The parser keeps some 240 bytes for each bracket that is open before it says the first word of it.
bool opens_too_much(std::string_view text) {
  std::size_t open = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') {
      if (++open > kPackOpenMax) return true;
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
  }
  return false;
}

}  // namespace

Result<RawPack> read_pack(std::string_view text) {
  if (text.size() > kPackSizeMax) return refuse("list_too_large");
  if (opens_too_much(text)) return refuse("yaml_too_deep");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    PackEvents events;
    if (!parser.HandleNextDocument(events) || !events.has_tags) return refuse("pack_shape");
    return std::move(events.pack);
  } catch (const Stop& stop) {
    return refuse(stop.code);
  } catch (const YAML::Exception& error) {
    return refuse("yaml_malformed", "line " + std::to_string(error.mark.line + 1));
  }
}

}  // namespace holdfast::labels
