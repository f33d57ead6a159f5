// Text from outside, made fit for terminals, logs and messages: nothing in it moves a cursor or begins a line.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// Also a line break, and a tab. Of ASCII: see printable() for the controls beyond it.
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Controls as '?', those of U+0080 to U+009F too; as long as the text.
std::string printable(std::string_view text);

}  // namespace holdfast
