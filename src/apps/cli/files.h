// Reads files that somebody names on the command line.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>

namespace holdfast::cli {

// All of it, also of a pipe.   Refuses file_unreadable, file_too_large (more than `most` bytes).
Result<std::string> read_file(const std::string& path, std::size_t most);

}  // namespace holdfast::cli
