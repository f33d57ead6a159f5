#include "base/printable.h"

namespace holdfast {

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool is_c1 = out[i] == '\xc2' && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;  // U+0080 to U+009F
    if (is_control(out[i])) out[i] = '?';
    if (is_c1) out[i] = out[i + 1] = '?';
  }
  return out;
}

}  // namespace holdfast
