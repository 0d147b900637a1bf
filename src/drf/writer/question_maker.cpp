#include "drf/writer/question_maker.h"

#include <algorithm>
#include <iterator>

#include "drf/base/error.h"
#include "drf/templates/english.h"
#include "drf/writer/assemble.h"
#include "drf/writer/least_bad.h"
#include "drf/writer/validate_duplicates.h"
#include "drf/writer/validate_entailment.h"
#include "drf/writer/validate_form.h"
#include "drf/writer/validate_language.h"
#include "drf/writer/validate_leading.h"
#include "drf/writer/write_questions.h"

namespace drf::writer {
namespace {

// By prompt and aspect, as drafts came within them.
void sort(std::vector<Draft>& drafts) {
  std::stable_sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) {
    return std::pair(a.question.prompt, a.question.aspect) < std::pair(b.question.prompt, b.question.aspect);
  });
}

}  // namespace

std::vector<Draft> drafts_from_templates(const std::vector<templates::TemplateQuestion>& questions,
                                         Draft::Origin origin) {
  std::vector<Draft> drafts;
  for (const templates::TemplateQuestion& question : questions) {
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

void QuestionMaker::write(TextModel& model, const std::map<questions::Aspect, Instruction>& instructions) {
  Written written =
      write_questions(model, instructions, prompts_, {options_.paraphrases, options_.questions.dense});
  stats_.writer = model.identity();
  stats_.requests = written.requests;
  stats_.prompt_tokens = written.prompt_tokens;
  stats_.answer_tokens = written.answer_tokens;
  stats_.unanswered = static_cast<int64_t>(written.failures.size());
  for (const Written::Failure& f : written.failures) {
    Draft none;
    none.question.prompt = f.prompt;
    none.question.aspect = f.aspect;
    ledger_.add(none, "answer", {f.reason, f.detail, {}, Verdict::Part::kAnswer});
    if (stats_.first_unanswered.empty())
      stats_.first_unanswered =
          concat("prompt ", f.prompt, ", ", questions::to_string(f.aspect), ": ", f.reason, ": ", f.detail);
  }
  stats_.drafts = static_cast<int64_t>(written.drafts.size());
  for (Draft& draft : written.drafts) draft.twin_asked = options_.questions.twins;
  check_words(written.drafts);
  add(std::move(written.drafts));
  propose();
}

void QuestionMaker::use_templates() { propose(); }

void QuestionMaker::judge(TextModel* model) {
  do {
    if (model) check_entailment(proposed_, prompts_, *model, ledger_);
    if (model && options_.questions.twins) as_one({}, ask_lost_twins);  // before they are weighed
    std::move(proposed_.begin(), proposed_.end(), std::back_inserter(judged_));
    proposed_.clear();
  } while (propose());
}

void QuestionMaker::check(const Check& ask) {
  if (ask) ask(judged_, ledger_);
  std::move(judged_.begin(), judged_.end(), std::back_inserter(drafts_));
  judged_.clear();
  sort(drafts_);
  if (ask && options_.questions.twins) as_one({}, ask_lost_twins);
}

void QuestionMaker::check_words(std::vector<Draft>& drafts) {
  check_form(drafts, ledger_);
  check_leading(drafts, ledger_);  // before their language: "isn't" begins no English question that we know
  stats_.of_prompts_language += check_language(drafts, prompts_, ledger_);
}

// `change` sees all that stands or waits as one list, and drops nothing of it but from `more`, its end.
void QuestionMaker::as_one(std::vector<Draft> more, const Check& change) {
  std::vector<Draft> all;
  std::vector<size_t> ends;
  for (std::vector<Draft>* there : {&drafts_, &judged_, &proposed_}) {
    std::move(there->begin(), there->end(), std::back_inserter(all));
    ends.push_back(all.size());
  }
  std::move(more.begin(), more.end(), std::back_inserter(all));
  change(all, ledger_);
  DRF_CHECK(all.size() >= ends.back());
  const auto begin = std::make_move_iterator(all.begin());
  const auto at = [&](size_t i) { return begin + static_cast<std::ptrdiff_t>(i); };
  drafts_.assign(begin, at(ends[0]));
  judged_.assign(at(ends[0]), at(ends[1]));
  proposed_.assign(at(ends[1]), std::make_move_iterator(all.end()));
  sort(proposed_);
}

// What repeats a question that is there already is dropped, be it of another aspect: the first of two stays.
// Of what is there a twin or a paraphrase may go, which a new question asks.
void QuestionMaker::add(std::vector<Draft> drafts) {
  if (!drafts.empty()) as_one(std::move(drafts), check_duplicates);
}

std::vector<Place> QuestionMaker::empty_places() const {
  std::set<Place> there;
  for (const auto* drafts : {&drafts_, &judged_, &proposed_})
    for (const Draft& draft : *drafts) there.insert({draft.question.prompt, draft.question.aspect});
  std::vector<Place> empty;
  for (size_t p = 0; p < prompts_.size(); ++p) {
    for (const questions::Aspect aspect : options_.questions.aspects)
      if (!there.count({static_cast<int64_t>(p), aspect})) empty.emplace_back(p, aspect);
  }
  return empty;
}

std::vector<Draft> QuestionMaker::template_drafts(const std::vector<Place>& wanted) const {
  if (wanted.empty()) return {};
  // Of all prompts at once: a prompt's place decides its twins, as it does without a writer.
  const std::set<Place> set(wanted.begin(), wanted.end());
  std::vector<templates::TemplateQuestion> questions;
  for (templates::TemplateQuestion& q :
       templates::template_questions(prompts_, options_.templates, options_.questions)) {
    if (set.count({q.prompt, q.aspect})) questions.push_back(std::move(q));
  }
  return drafts_from_templates(questions, Draft::Origin::kTemplates);
}

std::vector<Draft> QuestionMaker::generic_drafts(const std::vector<Place>& wanted) const {
  std::vector<Draft> drafts;
  for (const Place& place : wanted) {
    std::vector<templates::TemplateQuestion> questions = templates::generic_questions(
        place.second, prompts_[static_cast<size_t>(place.first)], options_.questions);
    for (templates::TemplateQuestion& q : questions) q.prompt = place.first;
    for (Draft& draft : drafts_from_templates(questions, Draft::Origin::kGeneric))
      drafts.push_back(std::move(draft));
  }
  return drafts;
}

// What was dropped is not proposed again, whoever wrote it: but for its words, or those of its twin, by which
// every draft is judged itself, and a generic one not at all.
std::vector<Draft> QuestionMaker::untried(std::vector<Draft> drafts) const {
  std::set<std::pair<Place, std::string>> tried;
  for (const Ledger::Line& line : ledger_.lines()) {
    const questions::Question& q = line.draft.question;
    if (line.verdict.part == Verdict::Part::kAll && !line.is_about_words())
      tried.insert({{q.prompt, q.aspect}, q.text});
  }
  std::erase_if(drafts, [&](const Draft& draft) {
    const questions::Question& q = draft.question;
    return tried.count({{q.prompt, q.aspect}, q.text}) > 0;
  });
  return drafts;
}

bool QuestionMaker::propose() {
  while (true) {
    std::vector<Place> templates, generic;
    for (const Place& place : empty_places()) {
      Tried& tried = tried_[place];
      if (tried == Tried::kNothing) {
        templates.push_back(place);
        tried = Tried::kTemplates;
      } else if (tried == Tried::kTemplates) {
        generic.push_back(place);
        tried = Tried::kGeneric;
      }
    }
    if (templates.empty() && generic.empty()) return !proposed_.empty();
    std::vector<Draft> drafts = untried(template_drafts(templates)), more = untried(generic_drafts(generic));
    if (stats_.writer.empty()) stats_.drafts += static_cast<int64_t>(drafts.size() + more.size());
    check_words(drafts);
    for (const Draft& draft : more) ledger_.take_back(draft, Verdict::Part::kAll);
    std::move(more.begin(), more.end(), std::back_inserter(drafts));
    add(std::move(drafts));
  }
}

void QuestionMaker::take_back(const Check& ask) {
  const std::vector<Place> empty = empty_places();
  std::map<int64_t, std::vector<Draft>> of_prompt;  // what stands
  for (Draft& draft : drafts_) of_prompt[draft.question.prompt].push_back(std::move(draft));
  std::map<Place, TakenBack> first;
  for (TakenBack& taken : least_bad(ledger_, empty, ask)) {
    const Place place{taken.draft.question.prompt, taken.draft.question.aspect};
    const auto before = first.find(place);
    if (before != first.end() && !taken.is_as_good_as(before->second)) continue;
    std::vector<Draft> all = of_prompt[place.first];
    all.push_back(taken.draft);
    Ledger parts;
    check_duplicates(all, parts);
    if (all.size() == of_prompt[place.first].size()) continue;  // another aspect asks it
    of_prompt[place.first] = std::move(all);
    for (const Ledger::Line& line : parts.lines()) ledger_.add(line.draft, line.check, line.verdict);
    ledger_.take_back(taken.line, taken.twin_goes, "asked all the same, the least bad of its aspect");
    first.emplace(place, std::move(taken));
  }
  drafts_.clear();
  for (auto& [prompt, drafts] : of_prompt)
    std::move(drafts.begin(), drafts.end(), std::back_inserter(drafts_));
  sort(drafts_);
  stats_.taken_back = static_cast<int64_t>(first.size());
}

bool QuestionMaker::any_written() const {
  return std::any_of(drafts_.begin(), drafts_.end(),
                     [](const Draft& draft) { return draft.origin == Draft::Origin::kWritten; });
}

void QuestionMaker::count() {
  std::map<Place, Draft::Origin> by;  // of the least that stands
  for (const Draft& draft : drafts_) {
    Draft::Origin& origin =
        by.emplace(Place{draft.question.prompt, draft.question.aspect}, draft.origin).first->second;
    origin = std::min(origin, draft.origin);
  }
  for (const auto& [place, origin] : by) {
    stats_.from_templates += origin == Draft::Origin::kTemplates;
    stats_.generic += origin == Draft::Origin::kGeneric;
  }
  stats_.empty = empty_places();
}

std::vector<questions::Question> QuestionMaker::finish() {
  DRF_CHECK(proposed_.empty() && judged_.empty());
  stats_.held_out = options_.held_out;
  for (size_t p = 0; p < references_.size(); ++p) {
    if (references_[p].empty() || !options_.questions.aspects.count(questions::Aspect::kPF)) continue;
    std::vector<templates::TemplateQuestion> questions =
        templates::reference_questions(references_[p], options_.questions);
    for (templates::TemplateQuestion& q : questions) q.prompt = static_cast<int64_t>(p);
    for (Draft& draft : drafts_from_templates(questions, Draft::Origin::kTemplates))
      drafts_.push_back(std::move(draft));
  }
  sort(drafts_);
  count();
  return assemble(drafts_, {options_.held_out, options_.questions.seed});
}

}  // namespace drf::writer
