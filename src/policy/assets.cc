#include "policy/assets.h"

#include "policy/domain.h"

namespace holdfast::policy {
namespace {

// Null: something else than a text that is written down.
const std::string* written(const cel::Ast& ast, const cel::Node& call, std::size_t argument) {
  const cel::Node& node = ast.node(ast.operand(call, argument));
  return node.kind == cel::NodeKind::literal ? std::get_if<std::string>(&ast.literal(node)) : nullptr;
}

}  // namespace

cel::Parsed<std::set<std::string>> assets_in(const cel::Ast& ast) {
  std::set<std::string> out;
  for (const cel::Node& node : ast.nodes) {
    if (node.kind != cel::NodeKind::call) continue;
    const bool is_amount = ast.text(node) == "amount";
    if (!is_amount && ast.text(node) != "sent") continue;
    const auto wrong = [&](const char* what) { return cel::reject("cel_type", node.at, what); };
    if (is_amount && node.count != 2) return wrong(R"(an amount is written with its asset: amount("3.2", "ETH"))");
    if (!is_amount && node.count != 1) return wrong(R"(what is sent is asked with the asset: sent("ETH"))");
    const std::string* symbol = written(ast, node, node.count - 1);
    if (symbol == nullptr || !is_symbol(*symbol)) {
      return wrong("the asset has to be written down: 1 to 32 of letters, digits and . _ - + $, in quotes");
    }
    const std::string* number = is_amount ? written(ast, node, 0) : nullptr;
    if (is_amount && (number == nullptr || !read_amount(*number))) {
      return wrong("the amount has to be written down: a number in quotes, with at most 18 decimals and up to 40,000,000,000,000");
    }
    out.insert(*symbol);
  }
  return out;
}

}  // namespace holdfast::policy
