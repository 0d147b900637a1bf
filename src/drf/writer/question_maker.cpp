#include "drf/writer/question_maker.h"

#include <algorithm>
#include <iterator>

#include "drf/base/error.h"
#include "drf/critic/templates_english.h"
#include "drf/writer/assemble.h"
#include "drf/writer/validate_duplicates.h"
#include "drf/writer/validate_entailment.h"
#include "drf/writer/validate_form.h"
#include "drf/writer/validate_language.h"
#include "drf/writer/validate_leading.h"
#include "drf/writer/write_questions.h"

namespace drf::writer {

std::vector<Draft> drafts_from_templates(const std::vector<critic::TemplateQuestion>& questions,
                                         Draft::Origin origin) {
  std::vector<Draft> drafts;
  for (const critic::TemplateQuestion& question : questions) {
    if (question.twin) {
      DRF_CHECK(!drafts.empty(), "a twin without its question: ", question.text);
      drafts.back().twin = question.text;
      drafts.back().twin_weight = question.weight;
      continue;
    }
    Draft draft;
    draft.question = question;
    draft.question.id.clear();
    draft.origin = origin;
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

QuestionMaker::QuestionMaker(std::vector<std::string> prompts, std::vector<std::string> references,
                             MakerOptions options)
    : prompts_(std::move(prompts)), references_(std::move(references)), options_(std::move(options)) {
  if (options_.questions.aspects.empty())
    fail(ErrorKind::kConfig, "questions: no aspect is enabled, wanted at least one of TA, PF, VQ");
}

void QuestionMaker::write(TextModel& model, const std::map<critic::Aspect, Instruction>& instructions) {
  const Written written =
      write_questions(model, instructions, prompts_, {options_.paraphrases, options_.questions.dense});
  stats_.writer = model.identity();
  stats_.requests = written.requests;
  stats_.prompt_tokens = written.prompt_tokens;
  stats_.answer_tokens = written.answer_tokens;
  stats_.failures = written.failures;
  stats_.examples = written.examples;
  stats_.drafts = static_cast<int64_t>(written.drafts.size());
  drafts_ = written.drafts;
  for (Draft& draft : drafts_) draft.twin_asked = options_.questions.twins;
  check_words(drafts_);
  check_duplicates(drafts_, ledger_);
  fill_from_templates(nullptr);
}

void QuestionMaker::use_templates() {
  std::vector<std::pair<int64_t, critic::Aspect>> all;
  for (size_t p = 0; p < prompts_.size(); ++p)
    for (const critic::Aspect aspect : options_.questions.aspects) all.emplace_back(p, aspect);
  drafts_ = template_drafts(all);
  filled_.insert(all.begin(), all.end());
  stats_.drafts = static_cast<int64_t>(drafts_.size());
  check_words(drafts_);
  check_duplicates(drafts_, ledger_);
}

void QuestionMaker::judge(TextModel& model) {
  check_entailment(drafts_, prompts_, model, ledger_);
  if (options_.questions.twins) ask_lost_twins(drafts_, ledger_);  // before they are weighed
  fill_from_templates(&model);
}

void QuestionMaker::check_words(std::vector<Draft>& drafts) {
  check_form(drafts, ledger_);
  check_leading(drafts, ledger_);  // before their language: "isn't" begins no English question that we know
  stats_.of_prompts_language += check_language(drafts, prompts_, ledger_);
}

std::vector<std::pair<int64_t, critic::Aspect>> QuestionMaker::empty_aspects() const {
  std::set<std::pair<int64_t, critic::Aspect>> there;
  for (const Draft& draft : drafts_) there.insert({draft.question.prompt, draft.question.aspect});
  std::vector<std::pair<int64_t, critic::Aspect>> empty;
  for (size_t p = 0; p < prompts_.size(); ++p) {
    for (const critic::Aspect aspect : options_.questions.aspects)
      if (!there.count({static_cast<int64_t>(p), aspect})) empty.emplace_back(p, aspect);
  }
  return empty;
}

std::vector<Draft> QuestionMaker::template_drafts(
    const std::vector<std::pair<int64_t, critic::Aspect>>& wanted) {
  if (wanted.empty()) return {};
  // Of all prompts at once: a prompt's place decides its twins, as it does without a writer.
  const std::set<std::pair<int64_t, critic::Aspect>> set(wanted.begin(), wanted.end());
  std::vector<critic::TemplateQuestion> questions;
  for (critic::TemplateQuestion& q :
       critic::template_questions(prompts_, options_.templates, options_.questions)) {
    if (set.count({q.prompt, q.aspect})) questions.push_back(std::move(q));
  }
  return drafts_from_templates(questions, Draft::Origin::kTemplates);
}

void QuestionMaker::fill_from_templates(TextModel* judge) {
  std::vector<std::pair<int64_t, critic::Aspect>> wanted;
  for (const auto& pair : empty_aspects())
    if (filled_.insert(pair).second) wanted.push_back(pair);
  if (wanted.empty()) return;
  std::vector<Draft> more = template_drafts(wanted);
  stats_.from_templates += static_cast<int64_t>(wanted.size());
  check_words(more);
  // They may repeat another aspect's, which was there first; a model or a critic should be asked once.
  for (Draft& draft : more) drafts_.push_back(std::move(draft));
  check_duplicates(drafts_, ledger_);
  if (judge) {
    const std::set<std::pair<int64_t, critic::Aspect>> filled(wanted.begin(), wanted.end());
    const auto fresh = std::stable_partition(drafts_.begin(), drafts_.end(), [&](const Draft& draft) {
      return !filled.count({draft.question.prompt, draft.question.aspect});
    });
    more.assign(std::make_move_iterator(fresh), std::make_move_iterator(drafts_.end()));
    drafts_.erase(fresh, drafts_.end());
    check_entailment(more, prompts_, *judge, ledger_);
    for (Draft& draft : more) drafts_.push_back(std::move(draft));
  }
  sort_drafts();
}

// By prompt and aspect, as drafts came within them.
void QuestionMaker::sort_drafts() {
  std::stable_sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
    return std::pair(a.question.prompt, a.question.aspect) < std::pair(b.question.prompt, b.question.aspect);
  });
}

bool QuestionMaker::any_written() const {
  return std::any_of(drafts_.begin(), drafts_.end(),
                     [](const Draft& draft) { return draft.origin == Draft::Origin::kWritten; });
}

bool QuestionMaker::fill_with_generic_questions() {
  const auto empty = empty_aspects();
  for (const auto& pair : empty) {
    const auto [prompt, aspect] = pair;
    stats_.generic += generic_.insert(pair).second;
    std::vector<critic::TemplateQuestion> questions =
        critic::generic_questions(aspect, prompts_[static_cast<size_t>(prompt)], options_.questions);
    for (critic::TemplateQuestion& q : questions) q.prompt = prompt;
    for (Draft& draft : drafts_from_templates(questions, Draft::Origin::kGeneric)) {
      ledger_.take_back(draft);
      drafts_.push_back(std::move(draft));
    }
  }
  return !empty.empty();
}

std::vector<critic::Question> QuestionMaker::finish() {
  stats_.held_out = options_.held_out;
  if (fill_with_generic_questions()) {
    check_duplicates(drafts_, ledger_);  // of what another aspect asks already
    fill_with_generic_questions();       // unless nothing would be left
  }
  for (size_t p = 0; p < references_.size(); ++p) {
    if (references_[p].empty() || !options_.questions.aspects.count(critic::Aspect::kPF)) continue;
    std::vector<critic::TemplateQuestion> questions =
        critic::reference_questions(references_[p], options_.questions);
    for (critic::TemplateQuestion& q : questions) q.prompt = static_cast<int64_t>(p);
    for (Draft& draft : drafts_from_templates(questions, Draft::Origin::kTemplates))
      drafts_.push_back(std::move(draft));
  }
  sort_drafts();
  return assemble(drafts_, {options_.held_out, options_.questions.seed});
}

}  // namespace drf::writer
