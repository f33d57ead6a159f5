// holdfastd: keeps the books, follows the chains, proposes. It holds no key that can spend.
#include "apps/daemon/config.h"
#include "apps/daemon/daemon.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <sys/prctl.h>

namespace {

constexpr int kRefused = 1;  // The configuration or the data: a person must mend something.
constexpr int kFailed = 2;   // The world: another try may do.

int report(const holdfast::Error& error) {
  fmt::print(stderr, "holdfastd: {} ({})\n", error.text.empty() ? "cannot go on" : error.text, error.code);
  return error.kind == holdfast::ErrorKind::fault ? kFailed : kRefused;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Holdfast's daemon: books, chains, API. It holds no key that can spend."};
  app.require_subcommand(1);
  std::string path;
  CLI::App* init = app.add_subcommand("init", "make the journal and its signing key; once");
  CLI::App* run = app.add_subcommand("run", "run until SIGINT or SIGTERM");
  CLI::App* check = app.add_subcommand("check", "read the configuration and say whether it is right");
  for (CLI::App* command : {init, run, check}) command->add_option("--config", path, "the configuration file")->required();
  CLI11_PARSE(app, argc, argv);

  prctl(PR_SET_DUMPABLE, 0);  // A core dump would hold the journal's key.
  if (sodium_init() < 0) return kFailed;
  spdlog::set_default_logger(spdlog::stderr_logger_mt("holdfastd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  const auto config = holdfast::daemon::load_config(path);
  if (!config) return report(config.error());
  if (check->parsed()) return 0;
  const auto done = init->parsed() ? holdfast::daemon::init(*config) : holdfast::daemon::run(*config);
  return done ? 0 : report(done.error());
}
