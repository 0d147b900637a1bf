#pragma once
// The way from prompts to a file of questions: somebody writes (a language model, or the templates), the
// checks take away what is not sure, and what they leave empty is proposed anew: by the templates, then as
// the generic questions that fit any clip. Whatever is proposed passes the same checks. An aspect for which
// nothing is left takes back the least bad of what was dropped, but nothing that is wrong on real clips. Each
// step is a call, so that whoever makes questions decides which models are in memory at which: one at a time.
//
//   QuestionMaker maker(prompts, references, options);
//   maker.write(model, instructions);        // or maker.use_templates();
//   do {
//     maker.judge(&model);                   // entailment; the model can go after it
//     maker.check(ask_the_critic);           // blind, on clips
//   } while (maker.propose());
//   maker.take_back(...);
//   const auto questions = maker.finish();

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/templates/templates.h"
#include "drf/writer/draft.h"
#include "drf/writer/instructions.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

struct MakerOptions {
  templates::QuestionOptions questions;
  templates::TemplateSet templates;
  bool paraphrases = false;
  double held_out = 0;  ///< AssembleOptions::held_out
};

/// An aspect of a prompt.
using Place = std::pair<int64_t, questions::Aspect>;

/// What happened, for --stats.
struct MakerStats {
  std::string writer;  ///< TextModel::identity(); "" where templates wrote
  int64_t requests = 0, prompt_tokens = 0, answer_tokens = 0;
  int64_t unanswered = 0;        ///< requests without a usable answer; each is a line of the ledger
  std::string first_unanswered;  ///< "prompt 3, PF: failed: ..."; "" = none
  int64_t drafts = 0;            ///< facts that were written, before any check
  int64_t of_prompts_language = 0;
  // Of the questions that finish() gave, by aspect of a prompt:
  int64_t from_templates = 0;  ///< what the writer left empty the templates filled
  int64_t generic = 0;         ///< only questions that fit any prompt were left
  int64_t taken_back = 0;      ///< only what a check had dropped was left
  std::vector<Place> empty;    ///< nothing was
  int64_t remembered = 0;      ///< answers that were kept from an earlier run
  double held_out = 0;         ///< share that was asked for
  int64_t not_weighed = 0;     ///< prompts with too few clips to weigh their questions by
};

class QuestionMaker {
 public:
  /// Drops, and says what in the ledger.
  using Check = std::function<void(std::vector<Draft>&, Ledger&)>;

  /// `references`: a clip a prompt or "", or none. Throws Error(kConfig) if no aspect is enabled.
  QuestionMaker(std::vector<std::string> prompts, std::vector<std::string> references, MakerOptions options);

  /// One of these two comes first. Checks of form, language, leading words and duplicates follow at once.
  /// What the model leaves empty the templates propose. Without QuestionOptions::twins what the model writes
  /// as twins are controls and no more. Throws as TextModel::write, and Interrupted.
  void write(TextModel& model, const std::map<questions::Aspect, Instruction>& instructions);
  void use_templates();
  /// Entailment, of what is proposed, and of what is proposed for what falls. Throws as TextModel::judge, and
  /// Interrupted. Without a model nothing falls.
  void judge(TextModel* model);
  /// What needs a critic (validate_blind.h, validate_on_clips.h), of what was judged; empty = nothing falls.
  /// What is left stands.
  void check(const Check& ask);
  /// Proposes for what is empty the next that was not tried: the templates' questions, then generic ones,
  /// whose words are not checked. True where there is something to judge and check.
  bool propose();

  /// Whether an aspect of a prompt has no question.
  bool lacks() const { return !empty_places().empty(); }
  /// An empty aspect takes the one of those that entailment or the blind test dropped which was least wrong,
  /// without its twin where that was wrong. `ask` drops of the candidates what must not be asked: what the
  /// critic cannot read, what is wrong on real clips; empty = none. What stays empty is counted.
  void take_back(const Check& ask);
  /// Changes what stands, by weights.
  void weigh(const std::function<void(std::vector<Draft>&)>& by) { by(drafts_); }

  /// The questions, after all of the above. Questions with a second clip (references) are added as the
  /// templates add them.
  std::vector<questions::Question> finish();

  /// Whether a draft that the model wrote still stands.
  bool any_written() const;
  const Ledger& ledger() const { return ledger_; }
  MakerStats& stats() { return stats_; }

 private:
  enum class Tried { kNothing, kTemplates, kGeneric };
  void check_words(std::vector<Draft>& drafts);
  void as_one(std::vector<Draft> more, const Check& change);
  void add(std::vector<Draft> drafts);
  std::vector<Place> empty_places() const;
  std::vector<Draft> template_drafts(const std::vector<Place>& wanted) const;
  std::vector<Draft> generic_drafts(const std::vector<Place>& wanted) const;
  std::vector<Draft> untried(std::vector<Draft> drafts) const;
  void count();

  std::vector<std::string> prompts_, references_;
  MakerOptions options_;
  std::vector<Draft> proposed_;  // wait to be judged
  std::vector<Draft> judged_;    // wait for the critic
  std::vector<Draft> drafts_;    // stand
  std::map<Place, Tried> tried_;
  Ledger ledger_;
  MakerStats stats_;
};

/// Drafts of what templates made, each with the twin that they made for it.
std::vector<Draft> drafts_from_templates(const std::vector<templates::TemplateQuestion>& questions,
                                         Draft::Origin origin);

}  // namespace drf::writer
