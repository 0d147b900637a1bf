#pragma once
// Who writes questions: the options of `drf questions` and the keys of a run, and the models that they open.

#include <filesystem>
#include <string>

#include "drf/cli/command.h"
#include "drf/run/prompts.h"
#include "drf/writer/question_source.h"

namespace drf::cli {

struct WriterOptions {
  CommonOptions common;
  std::string source = "templates", critic, url, model, key_env, instructions, calibrate, base_clips;
  int64_t parallel = 4, requests_per_minute = 0, critic_frames = 16, max_pixels = 0;
  bool paraphrases = false;
  double held_out = 0;
};

void add_writer_options(CLI::App& app, WriterOptions& options);

/// Whether more is asked for than what templates write. Throws Error(kConfig) for options that would be
/// ignored, and for what is missing.
bool wants_writer(const CLI::App& app, const WriterOptions& options);

/// Writes and checks questions as the options say. `output`: the question file, beside which answers are kept
/// ("" = nowhere). Throws as writer::make_questions, Error(kConfig), and Error(kResources) for a key that is
/// not in the environment.
writer::MadeQuestions write_questions(const WriterOptions& options, const writer::MakerOptions& make,
                                      const std::vector<std::string>& prompts,
                                      const std::vector<std::string>& references,
                                      const std::filesystem::path& output);

/// Warns of aspects of prompts that are left without a question, and throws Error(kInput) for a prompt
/// without any. `dropped`: where the reasons stand, "" = nowhere.
void require_questions(const writer::MadeQuestions& made, const std::filesystem::path& dropped);

/// Throws Error(kInput) where a language model wrote and nothing of it was kept: what the templates filled in
/// is no source of its own. `made_file`: where its reasons stand.
void require_any_written(const writer::MadeQuestions& made, const std::string& source,
                         const std::filesystem::path& made_file);

/// For a run with questions.source "critic" or "endpoint": writes when it is called, keeps what was answered
/// and what was dropped in `folder`, and logs what happened. `config` must outlive what is returned.
run::WriteQuestions question_writer(const run::RunConfig& config, const std::filesystem::path& folder,
                                    at::Device device, const std::string& dtype);

}  // namespace drf::cli
