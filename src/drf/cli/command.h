#pragma once
// What sub-commands share: their registration with the parser, and the options of those that run models.

#include <ATen/core/Tensor.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace drf::cli {

/// --threads, --device, --dtype.
struct CommonOptions {
  int threads = 0;  ///< 0: what OMP_NUM_THREADS says, else what the machine has
  std::string device = "cpu";
  std::string dtype;  ///< empty: the command's or config's own
};

/// What --seed may be.
inline const CLI::Range kSeeds(int64_t{0}, INT64_MAX);
/// What a number of updates, clips or draws may be. (CLI::PositiveNumber says its bounds with 300 digits.)
inline const CLI::Range kCounts(int64_t{1}, int64_t{1'000'000'000});

/// A number from `least` to `most`, and not nan, which passes the parser's own checks.
CLI::Validator number_from(double least, double most);

/// Adds the common options to a sub-command; not to one that would ignore them.
void add_common_options(CLI::App& app, CommonOptions& options);

/// "cpu", "cuda", "cuda:1". Throws Error(kConfig) for anything else; the device need not be there.
at::Device parse_device(const std::string& name);

/// Applies --threads and returns the device. Throws Error(kConfig) for an unknown device or one that is not
/// there.
at::Device apply(const CommonOptions& options);
/// What runs it, for a run's record: the processor and how many threads, or the GPU.
std::string machine_in_words(at::Device device);

/// "float32", "bfloat16", "float16", "float64". Throws Error(kConfig).
at::ScalarType parse_dtype(const std::string& name);

/// "64x48" (width x height). Throws Error(kConfig).
void parse_size(const std::string& text, int64_t& width, int64_t& height);

/// A sub-command: adds itself to `app` and returns what runs it.
using Command = std::function<int()>;
Command add_train(CLI::App& app);
Command add_eval(CLI::App& app);
Command add_plan(CLI::App& app);
Command add_sample(CLI::App& app);
Command add_score(CLI::App& app);
Command add_gradient(CLI::App& app);
Command add_selfcheck(CLI::App& app);
Command add_questions(CLI::App& app);
Command add_inspect(CLI::App& app);
Command add_tokenize(CLI::App& app);
Command add_demo(CLI::App& app);
Command add_report(CLI::App& app);
Command add_bench(CLI::App& app);

}  // namespace drf::cli
