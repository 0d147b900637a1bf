#pragma once
// Questions from prompts with whatever models there are, one of them in memory at a time: first the one that
// reads and writes text, then, when that is gone, the critic that looks.

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <memory>
#include <optional>

#include "drf/critic/critic.h"
#include "drf/writer/question_maker.h"
#include "drf/writer/validate_on_clips.h"

namespace drf::writer {

struct SourceModels {
  /// Opens the language model, or is empty: then templates write and no caption is asked.
  std::function<std::unique_ptr<TextModel>()> text;
  bool text_writes = true;  ///< else it only judges what the templates wrote
  /// Opens the critic, or is empty: then nothing is asked before a gray clip, nor on clips.
  std::function<std::unique_ptr<critic::Critic>()> critic;
  /// What its answers depend on besides clip and question (critic_cache.h).
  std::function<std::string()> critic_identity;
  int64_t critic_frames = 16;  ///< of the gray clip
  double fps = 16;
  at::ScalarType dtype = at::kFloat;  ///< of the frames that the critic is shown
  at::Device device = at::kCPU;
};

struct SourceFiles {
  std::filesystem::path instructions;  ///< folder (instructions.h), where a model writes
  /// Keeps the answers of both models (answer_file.h), so that an interrupted run asks only what is missing;
  /// "" = nowhere.
  std::filesystem::path answers;
  std::optional<ClipSource> calibrate;  ///< real clips of the captions (validate_on_clips.h)
  std::optional<ClipSource> base;       ///< clips of the base model, several a prompt
};

struct MadeQuestions {
  std::vector<questions::Question> questions;
  Ledger ledger;
  MakerStats stats;
  /// Whether anything that a language model wrote is among the questions.
  bool any_written = false;
};

/// All of it. Throws as the models do, and Interrupted; what was answered by then is in files.answers.
MadeQuestions make_questions(const std::vector<std::string>& prompts,
                             const std::vector<std::string>& references, const MakerOptions& options,
                             const SourceModels& models, const SourceFiles& files);

/// "prompt 3 PF, prompt 9 VQ and 4 more"
std::string places_of(const std::vector<Place>& places);

/// The ledger and the counts for people, a line each, as --stats prints them.
std::string describe(const MadeQuestions& made);

}  // namespace drf::writer
