#pragma once
// The way from prompts to a file of questions: somebody writes (a language model, or the templates), the
// checks take away what is not sure, the templates fill what is left empty, and no prompt ends without a
// question of an enabled aspect. Each step is a call, so that whoever makes questions decides which models
// are in memory at which: one at a time.
//
//   QuestionMaker maker(prompts, references, options);
//   maker.write(model, instructions);        // or maker.use_templates();
//   maker.judge(model);                      // entailment; the model can go after it
//   maker.ask_blind(critic, ...);            // and what needs clips
//   const auto questions = maker.finish();

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "drf/critic/templates.h"
#include "drf/writer/draft.h"
#include "drf/writer/instructions.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

struct MakerOptions {
  critic::QuestionOptions questions;
  critic::TemplateSet templates;
  bool paraphrases = false;
  double held_out = 0;  ///< AssembleOptions::held_out
};

/// What happened, for --stats.
struct MakerStats {
  std::string writer;  ///< TextModel::identity(); "" where templates wrote
  int64_t requests = 0, prompt_tokens = 0, answer_tokens = 0;
  std::map<std::string, int64_t> failures;  ///< Written::failures
  std::vector<std::string> examples;        ///< Written::examples
  int64_t drafts = 0;                       ///< facts that were written, before any check
  int64_t of_prompts_language = 0;
  int64_t from_templates = 0;  ///< (prompt, aspect) pairs that the templates filled
  int64_t generic = 0;         ///< those that only the questions that fit any prompt were left for
  int64_t remembered = 0;      ///< answers that were kept from an earlier run
  double held_out = 0;         ///< share that was asked for
  int64_t not_weighed = 0;     ///< prompts with too few clips to weigh their questions by
};

class QuestionMaker {
 public:
  /// `references`: a clip a prompt or "", or none. Throws Error(kConfig) if no aspect is enabled.
  QuestionMaker(std::vector<std::string> prompts, std::vector<std::string> references, MakerOptions options);

  /// One of these two comes first. Checks of form, language, leading words and duplicates follow at once.
  /// What the model leaves empty the templates fill. Without QuestionOptions::twins what the model writes as
  /// twins are controls and no more. Throws as TextModel::write, and Interrupted.
  void write(TextModel& model, const std::map<critic::Aspect, Instruction>& instructions);
  void use_templates();
  /// Entailment, of what stands and of what the templates fill in for what falls. Throws as TextModel::judge,
  /// and Interrupted.
  void judge(TextModel& model);
  /// A check of the drafts that needs a critic: validate_blind.h, validate_on_clips.h.
  void check(const std::function<void(std::vector<Draft>&, Ledger&)>& ask) { ask(drafts_, ledger_); }

  /// The questions; what the checks left empty is filled by generic ones, which are not checked. Questions
  /// with a second clip (references) are added as the templates add them.
  std::vector<critic::Question> finish();

  /// Whether a draft that the model wrote still stands.
  bool any_written() const;
  const Ledger& ledger() const { return ledger_; }
  MakerStats& stats() { return stats_; }

 private:
  void check_words(std::vector<Draft>& drafts);
  std::vector<std::pair<int64_t, critic::Aspect>> empty_aspects() const;
  std::vector<Draft> template_drafts(const std::vector<std::pair<int64_t, critic::Aspect>>& wanted);
  void fill_from_templates(TextModel* judge);
  bool fill_with_generic_questions();  // whether anything was empty
  void sort_drafts();

  std::vector<std::string> prompts_, references_;
  MakerOptions options_;
  std::vector<Draft> drafts_;
  // By templates and by generic questions; neither is asked twice.
  std::set<std::pair<int64_t, critic::Aspect>> filled_, generic_;
  Ledger ledger_;
  MakerStats stats_;
};

/// Drafts of what templates made, each with the twin that they made for it.
std::vector<Draft> drafts_from_templates(const std::vector<critic::TemplateQuestion>& questions,
                                         Draft::Origin origin);

}  // namespace drf::writer
