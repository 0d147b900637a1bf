// drf: fine-tunes a video diffusion model with the gradient of a vision-language model's answers.

#include <c10/util/Exception.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <new>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/nearest.h"
#include "drf/base/printable.h"
#include "drf/cli/command.h"

namespace {

using drf::ErrorKind;

int report(ErrorKind kind, const std::string& message) {
  std::cerr << "drf: " << drf::printable(message) << "\n";
  return drf::exit_code(kind);
}

// What libraries read from the environment before main begins; the program starts itself once more with it,
// where the user has not chosen (bench/results/2026-11-24-update.md).
// OpenMP's threads spin for milliseconds while they wait. On a machine that something else uses too, that
// costs up to ten times the run time; sleeping at once costs a tenth on a quiet one, and more on a busy one.
// A spin of some microseconds has neither fault. glibc's heap asks for pages of 4 KiB. Where large tensors
// come and go, as under flow.recompute = "block", a sixth of the time went into them; it can ask for huge
// ones.
void start_with_settings(char** argv) {
  const auto set = [](const char* name) { return std::getenv(name) != nullptr; };
  const bool waits = set("OMP_WAIT_POLICY") || set("GOMP_SPINCOUNT"), heap = set("GLIBC_TUNABLES");
  if (waits && heap) return;
  if (!waits) setenv("GOMP_SPINCOUNT", "10000", 1);
  if (!heap) setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 1);
  execv("/proc/self/exe", argv);  // returns only where it is not possible; then it goes without
}

// Out of memory reaches us as bad_alloc or as one of libtorch's messages.
bool is_out_of_memory(const std::string& message) {
  return message.find("out of memory") != std::string::npos ||
         message.find("can't allocate memory") != std::string::npos;
}

// What the system says about a path that an argument or a file names (a link to itself, a name of thousands
// of letters, no permission to look): the path is at fault. What it says about the machine is not the path's.
int report_path(const std::filesystem::filesystem_error& error) {
  const std::error_code code = error.code();
  const bool machine = code == std::errc::io_error || code == std::errc::no_space_on_device ||
                       code == std::errc::too_many_files_open || code == std::errc::not_enough_memory ||
                       code == std::errc::read_only_file_system;
  const std::string path = error.path1().empty() ? std::string("a path") : error.path1().string();
  return report(machine ? ErrorKind::kResources : ErrorKind::kInput,
                path + ": cannot be used: " + code.message());
}

int run(const drf::cli::Command& command) {
  try {
    const int code = command();
    if (!std::cout.flush()) return report(ErrorKind::kResources, "the results cannot be written to stdout");
    return code;
  } catch (const drf::Interrupted& e) {
    return e.exit_code();
  } catch (const drf::Error& e) {
    return report(e.kind(), e.what());
  } catch (const c10::Error& e) {
    const bool verbose = std::getenv("DRF_BACKTRACE") != nullptr;
    if (verbose) std::cerr << e.what() << "\n";
    const std::string message = e.what_without_backtrace();
    if (is_out_of_memory(message)) return report(ErrorKind::kResources, "out of memory: " + message);
    return report(ErrorKind::kBug, "a bug in drf (DRF_BACKTRACE=1 shows where): " + message);
  } catch (const std::filesystem::filesystem_error& e) {
    return report_path(e);
  } catch (const std::bad_alloc&) {
    return report(ErrorKind::kResources, "out of memory; use smaller sizes or fewer frames");
  } catch (const std::exception& e) {
    return report(ErrorKind::kBug, std::string("a bug in drf: ") + e.what());
  }
}

// One line for what the parser refuses. It calls a misspelt command a missing one.
int report_usage(const CLI::App& app, const CLI::ParseError& error, const std::string& first_argument) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  std::string message = error.what(), help = "drf --help";
  for (char& c : message) c = c == '\n' ? ' ' : c;
  const bool known = std::find(commands.begin(), commands.end(), first_argument) != commands.end();
  if (known) help = "drf " + first_argument + " --help";
  if (!known && !first_argument.empty()) {
    const auto close = drf::nearest(first_argument, commands, 1);
    message = drf::concat(
        "unknown ", first_argument[0] == '-' ? "option" : "command", " '", first_argument, "'",
        close.empty() ? drf::concat("; commands are ", commands) : "; did you mean '" + close.front() + "'?");
  }
  return report(ErrorKind::kConfig, message + " (" + help + ")");
}

}  // namespace

int main(int argc, char** argv) {
  start_with_settings(argv);
  ::signal(SIGXFSZ,
           SIG_IGN);  // a file that may not grow is an error of the write, not the end of the program
  CLI::App app(
      "drf fine-tunes a video diffusion model with the gradient of a frozen vision-language model's "
      "answers.\n"
      "Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 a bug, 2 usage or config,\n"
      "3 input file, 4 numerics, 5 memory or disk, 130/143 interrupted.");
  app.name("drf");
  app.set_version_flag("--version", "drf " DRF_VERSION);
  app.require_subcommand(1);
  std::map<const CLI::App*, drf::cli::Command> commands;
  const auto add = [&](const char* name, const char* what, drf::cli::Command (*make)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, what);
    commands[sub] = make(*sub);
  };
  using namespace drf::cli;  // the add_ functions
  add("demo", "train the bundled small models for a few minutes and show that the videos got better",
      add_demo);
  add("questions", "make questions for a prompt file", add_questions);
  add("train", "train a LoRA by the gradient of the critic's answers", add_train);
  add("eval", "compare base model and LoRA on held-out prompts and questions", add_eval);
  add("plan", "predict the memory of a run and say what would make it fit", add_plan);
  add("sample", "generate a video", add_sample);
  add("score", "ask the critic about a video", add_score);
  add("gradient", "write one exact gradient of the reward, for checking or use elsewhere", add_gradient);
  add("bench", "time training updates stage by stage, and their memory", add_bench);
  add("selfcheck", "check the gradient on your own models: a table of what holds and what to do",
      add_selfcheck);
  add("report", "write the HTML page of one run or several: curves, clips, questions, cost, configuration",
      add_report);
  add("inspect", "say what a checkpoint, LoRA or model folder holds", add_inspect);
  add("tokenize", "turn lines of text into token ids and back", add_tokenize);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return report_usage(app, e, argc > 1 ? argv[1] : "");
  }
  return run(commands.at(app.get_subcommands().front()));
}
