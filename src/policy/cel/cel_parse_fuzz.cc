// Fuzzes the reader of expressions: whatever comes, it is refused or becomes a tree that keeps its promises, and the message for a
// person can be made.
#include "base/bytes.h"
#include "base/check.h"
#include "policy/cel/syntax/parser.h"
#include "policy/cel/syntax/utf8.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::policy::cel;
  const std::string_view text = as_text({data, size});
  const auto ast = parse(text);
  if (!ast) {
    HF_CHECK(!ast.error().code.empty());
    HF_CHECK(is_utf8(explain(text, ast.error())));
    return 0;
  }
  HF_CHECK(ast->root < ast->nodes.size());
  for (NodeId id = 0; id < ast->nodes.size(); ++id) {
    const Node& node = ast->nodes[id];
    HF_CHECK(node.at <= text.size() && node.height <= ParseLimits().max_depth);
    for (std::size_t i = 0; i < node.count; ++i) {
      HF_CHECK(ast->operand(node, i) < id && ast->node(ast->operand(node, i)).height < node.height);
    }
  }
  return 0;
}
