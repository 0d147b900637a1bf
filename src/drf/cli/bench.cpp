// drf bench: what training updates of a configuration cost, stage by stage.

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <ctime>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/cli/command.h"
#include "drf/nn/random_weights.h"
#include "drf/plan/measure.h"
#include "drf/plan/plan.h"
#include "drf/run/prompt_order.h"
#include "drf/tensor/machine.h"

namespace drf::cli {
namespace {

struct BenchOptions {
  CommonOptions common;
  std::string config, markdown;
  std::vector<std::string> sets;
  plan::MeasureOptions measure;
  bool json = false, random_weights = false;
};

using Row = std::vector<std::string>;

std::string fixed(double value, int digits) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

std::string mib(int64_t bytes) { return fixed(static_cast<double>(bytes) / (1 << 20), 1); }
std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::vector<Row> table(const plan::Measurement& m) {
  const double update = plan::median(m.update_s);
  std::vector<Row> rows = {{"stage", "seconds", "share", "GFLOP", "of peak", "peak MiB"}};
  for (const char* name : flow::stage_names()) {
    const plan::StageMeasurement& stage = m.stages.at(name);
    rows.push_back({name, fixed(stage.seconds, 4), percent(stage.seconds / update),
                    fixed(stage.flops / 1e9, 2), percent(stage.share_of_peak), mib(stage.peak_bytes)});
  }
  if (const auto park = m.stages.find("park"); park != m.stages.end())
    rows.push_back({"park", fixed(park->second.seconds, 4), percent(park->second.seconds / update), "", "",
                    mib(park->second.peak_bytes)});
  rows.push_back({"other", fixed(m.other_s, 4), percent(m.other_s / update), "", "", ""});
  rows.push_back({"update", fixed(update, 4), "", "", "", mib(m.peak_bytes)});
  return rows;
}

std::string dtypes(const run::RunConfig& c) {
  const std::string generator = c.generator.dtype, rewards = c.reward_dtype();
  return generator == rewards ? generator : "generator " + generator + ", rewards " + rewards;
}

std::string machine(const plan::Measurement& m, const run::RunConfig& config, at::Device device) {
  return concat(device_name(device), ", ", at::get_num_threads(), " threads, libtorch ", TORCH_VERSION, ", ",
                dtypes(config), "; matrix products ", fixed(m.matmul_rate / 1e9, 1), " GFLOP/s");
}

std::string memory(const plan::Measurement& m) {
  std::string text =
      concat("tensors: at most ", mib(m.peak_bytes), " MiB, ", mib(m.loaded_bytes), " when loaded");
  if (m.loaded_rss && m.peak_rss) {
    text += concat("; process: at most ", mib(*m.peak_rss), " MiB, ", mib(*m.peak_rss - *m.loaded_rss),
                   " above the loaded weights");
  }
  return text;
}

/// As one types it. Quotes where a shell needs them.
std::string command_line(const BenchOptions& o) {
  std::string line = "drf bench";
  const auto add = [&](const std::string& word) {
    const bool plain = word.find_first_of(" \t\"'\\$`*?[]{}()<>|&;#~!") == std::string::npos && !word.empty();
    std::string quoted;
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += plain ? " " + word : " '" + quoted + "'";
  };
  add(o.config);
  for (const std::string& set : o.sets) add("--set"), add(set);
  add("--updates"), add(concat(o.measure.updates));
  add("--warmup"), add(concat(o.measure.warmup));
  if (o.random_weights) add("--random-weights");
  if (o.common.threads > 0) add("--threads"), add(concat(o.common.threads));
  if (o.common.device != "cpu") add("--device"), add(o.common.device);
  if (!o.common.dtype.empty()) add("--dtype"), add(o.common.dtype);
  return line;
}

void print_table(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    std::cout << std::left << std::setw(12) << row[0] << std::right;
    for (size_t i = 1; i < row.size(); ++i) std::cout << std::setw(11) << row[i];
    std::cout << "\n";
  }
}

std::string markdown_table(const std::vector<Row>& rows) {
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (const std::string& cell : rows[r]) text += "| " + cell + " ";
    text += "|\n";
    if (r > 0) continue;
    for (size_t i = 0; i < rows[r].size(); ++i) text += i == 0 ? "|---" : "|---:";
    text += "|\n";
  }
  return text;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::localtime(&now));
  return text;
}

/// Refuses what could not be written, before any work.
void require_appendable(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file))
    fail(ErrorKind::kConfig, "--markdown ", file, " is a folder, wanted a file");
  if (std::filesystem::exists(file) &&
      !std::filesystem::is_regular_file(file))  // a pipe would be read for ever
    fail(ErrorKind::kConfig, "--markdown ", file, " is a device or a pipe, wanted a file to append to");
  require_writable_folder(std::filesystem::absolute(file).parent_path());
  if (std::filesystem::exists(file)) read_file(file);
}

void append_markdown(const std::filesystem::path& file, const std::string& section) {
  const std::string before = std::filesystem::exists(file) ? read_file(file) : "";
  write_file_atomically(file, before + (before.empty() ? "" : "\n") + section);
}

nlohmann::ordered_json to_json(const plan::Measurement& m, at::Device device) {
  nlohmann::ordered_json stages, peaks;
  for (const auto& [name, stage] : m.stages) {
    stages[name] = stage.seconds;
    peaks[name] = stage.peak_bytes;
  }
  const auto or_null = [](const std::optional<int64_t>& bytes) {
    return bytes ? nlohmann::ordered_json(*bytes) : nlohmann::ordered_json();
  };
  std::optional<int64_t> above;
  if (m.loaded_rss && m.peak_rss) above = *m.peak_rss - *m.loaded_rss;
  return {{"updates", m.update_s.size()},
          {"update_s", m.update_s},
          {"stages", stages},
          {"peak_bytes", m.peak_bytes},
          {"loaded_bytes", m.loaded_bytes},
          {"stage_peaks", peaks},
          {"loaded_rss", or_null(m.loaded_rss)},
          {"peak_rss", or_null(m.peak_rss)},
          {"peak_above_weights", or_null(above)},
          {"matmul_gflops", m.matmul_rate / 1e9},
          {"reward", m.reward},
          {"threads", at::get_num_threads()},
          {"device", device_name(device)}};
}

int run(const BenchOptions& o) {
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const run::RunConfig given = run::load_config(o.config, o.sets, run::known_policies());
  if (!o.markdown.empty()) require_appendable(o.markdown);
  if (const std::filesystem::path trace = o.measure.trace; !trace.empty()) {
    if (std::filesystem::is_directory(trace))
      fail(ErrorKind::kConfig, "--trace ", trace, " is a folder, wanted a file");
    require_writable_folder(std::filesystem::absolute(trace).parent_path());
  }
  std::optional<nn::RandomWeights> random;
  if (o.random_weights) random.emplace(static_cast<uint64_t>(given.seed));
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config =
      plan::resolve(plan::to_measure(given, o.measure), prompts, device, o.common.dtype);
  run::Run run(config, prompts, {.device = device, .texts = run::prompts_to_come(config, prompts, 0)});
  const std::optional<plan::Measurement> measured = plan::measure(run, o.measure);
  if (!measured) return interrupt.exit_code();

  const std::string where = machine(*measured, run.config(), device);
  const std::vector<Row> rows = table(*measured);
  if (!o.markdown.empty()) {
    append_markdown(o.markdown, concat("## ", today(), "\n\n`", command_line(o), "`\n\n", where, "; ",
                                       memory(*measured), ".\n\n", markdown_table(rows)));
  }
  if (o.json) {
    std::cout << to_json(*measured, device).dump() << "\n";
    return 0;
  }
  std::cout << where << "\n";
  print_table(rows);
  std::cout << memory(*measured) << "\n";
  return 0;
}

}  // namespace

Command add_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  BenchOptions& o = *options;
  const CLI::Range from_one(int64_t{1}, int64_t{1'000'000}), from_none(int64_t{0}, int64_t{1'000'000});
  app.add_option("config", o.config, "run configuration (TOML)")->required();
  app.add_option("--updates", o.measure.updates, "training updates that are measured")
      ->check(from_one)
      ->capture_default_str();
  app.add_option("--warmup", o.measure.warmup, "updates before them, not counted")
      ->check(from_none)
      ->capture_default_str();
  app.add_option("--set", o.sets, "override a key: section.key=value (repeatable)")->allow_extra_args(false);
  app.add_flag("--random-weights", o.random_weights,
               "draw the weights on the device; of the checkpoints, the headers are enough");
  app.add_flag("--json", o.json, "one JSON object instead of the table");
  app.add_option(
      "--trace", o.measure.trace,
      "one more update, kernel by kernel, into this file: JSON for chrome://tracing and ui.perfetto.dev");
  app.add_option("--markdown", o.markdown, "file to append the table to, dated");
  add_common_options(app, o.common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
