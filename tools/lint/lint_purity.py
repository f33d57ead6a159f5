"""ledger, policy and custody compute: they read no clock, file, socket, environment or random number, and count no money
in floats."""
import re

from tree import Finding, includes

PURE = ("src/ledger/", "src/policy/", "src/risk/", "src/identity/", "src/custody/")
KNOWS_DOUBLES = "src/policy/cel/"  # double is a type of the language. Money is another there.
IMPURE_HEADERS = {
    "atomic", "barrier", "chrono", "condition_variable", "cstdio", "cstdlib", "ctime", "fcntl.h", "filesystem",
    "fstream", "future", "iostream", "latch", "mutex", "random", "semaphore", "shared_mutex", "stdio.h", "stop_token",
    "sys/random.h", "sys/socket.h", "sys/stat.h", "sys/time.h", "thread", "time.h", "unistd.h", "spdlog/spdlog.h",
}
IMPURE_WORDS = re.compile(
    r"\b(float|double|getenv|std::chrono|std::this_thread|std::time|clock_gettime|gettimeofday|std::rand|rand|srand|"
    r"thread_local|std::cout|std::cerr|printf|Clock)\b")


def check(tree):
    for folder in PURE:
        for path in tree.paths(".h", ".cc", under=folder):
            if tree.is_test(path):
                continue
            for line, file, _ in includes(tree, path):
                if file in IMPURE_HEADERS:
                    yield Finding(path, line, f"<{file}> in a pure folder", "take what it gives as an argument")
            for line, code in tree.code_lines(path):
                for match in IMPURE_WORDS.finditer(code):
                    if match[1] == "double" and path.startswith(KNOWS_DOUBLES):
                        continue
                    yield Finding(path, line, f"{match[1]} in a pure folder",
                                  "take times and choices as arguments; count money in whole base units (Amount)")


SAMPLES = [
    ({"src/ledger/books.cc": "#include <chrono>\n"}, "<chrono> in a pure folder"),
    ({"src/custody/risk.cc": "double share = 0.5;\n"}, "double in a pure folder"),
    ({"src/policy/limits.cc": "double limit;\n", "src/policy/cel/value.h": "double floating;\n"}, "limits.cc:1: double"),
    ({"src/policy/cel/value.h": "std::time(nullptr); double floating;\n"}, "std::time in a pure folder"),
    ({"src/custody/apply.cc": "auto now = std::chrono::system_clock::now();\n"}, "std::chrono in a pure folder"),
    ({"src/custody/decide.cc": "Instant decide(Clock& clock);\n"}, "Clock in a pure folder"),
    ({"src/ledger/books.h": "// double entry\nint x; /* float */\n", "src/engine/engine.cc": "double seconds;\n",
      "src/ledger/books_test.cc": "#include <random>\n"}, None),
]
