#include "drf/run/prompts.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/critic/question_file.h"
#include "drf/critic/templates.h"

namespace drf::run {
namespace {

// Questions by prompt. Prompts that the file leaves without any are refused: they could not be trained on.
std::vector<critic::QuestionList> by_prompt(const std::vector<critic::Question>& questions, size_t prompts,
                                            const std::string& source) {
  std::vector<critic::QuestionList> lists(prompts);
  for (const critic::Question& q : questions) lists.at(static_cast<size_t>(q.prompt)).push_back(q);
  for (size_t i = 0; i < prompts; ++i) {
    if (lists[i].empty()) {
      fail(ErrorKind::kInput, source, ": prompt ", i,
           " has no question; add one, or let drf questions make the file");
    }
  }
  return lists;
}

PromptSet open_prompts(const std::string& file, const RunConfig& config, bool may_use_question_file) {
  PromptSet set;
  critic::PromptList list = critic::read_prompt_list(file);
  set.prompts = std::move(list.prompts);
  if (!config.asks_questions()) return set;
  if (may_use_question_file && !config.questions.file.empty()) {
    const auto questions =
        critic::read_questions(config.questions.file, static_cast<int64_t>(set.prompts.size()));
    set.questions = by_prompt(questions, set.prompts.size(), config.questions.file);
  } else {
    const auto templates = config.questions.templates.empty()
                               ? critic::TemplateSet()
                               : critic::TemplateSet::read(config.questions.templates);
    critic::QuestionOptions options;
    options.dense = config.questions.dense;
    set.questions =
        by_prompt(critic::make_questions(set.prompts, templates, options, nullptr, list.references),
                  set.prompts.size(), file);
  }
  return set;
}

// A prompt whose questions all weigh nothing would cost as much as any other and teach nothing.
void require_counting_questions(const PromptSet& set, const RunConfig& config) {
  const auto is_dense = [](const critic::Question& q) { return q.kind == critic::Kind::kDense; };
  const bool any_dense = std::any_of(set.questions.begin(), set.questions.end(), [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), is_dense);
  });
  if (config.reward.end_token && !any_dense) {
    fail(ErrorKind::kConfig, "reward.end_token is true, but no question of ", config.prompts.train,
         " has a free-text answer that ends; leave it out");
  }
  for (size_t i = 0; i < set.prompts.size(); ++i) {
    const bool counts =
        std::any_of(set.questions[i].begin(), set.questions[i].end(), [&](const auto& question) {
          const auto weight = config.reward.weights.find(critic::to_string(question.aspect));
          return question.weight > 0 && weight != config.reward.weights.end() && weight->second > 0;
        });
    if (!counts) {
      fail(ErrorKind::kConfig, config.questions.file.empty() ? config.prompts.train : config.questions.file,
           ": no question of prompt ", i, " (\"", set.prompts[i],
           "\") counts: their weights, or those of their aspects in reward.weights, are 0");
    }
  }
}

}  // namespace

PromptSets read_prompts(const RunConfig& config) {
  PromptSets sets;
  if (config.prompts.train.empty()) {
    sets.train.prompts = sets.held_out.prompts = {""};
    return sets;
  }
  sets.train = open_prompts(config.prompts.train, config, true);
  if (config.asks_questions()) require_counting_questions(sets.train, config);
  if (!config.prompts.held_out.empty()) sets.held_out = open_prompts(config.prompts.held_out, config, false);
  return sets;
}

std::string questions_text(const PromptSet& set) {
  std::string text;
  for (const critic::QuestionList& list : set.questions) {
    for (const critic::Question& question : list) text += critic::to_json_line(question) + "\n";
  }
  return text;
}

const std::string& require_prompt(const RunConfig& config, const PromptSets& sets, int64_t index) {
  const std::vector<std::string>& prompts = sets.train.prompts;
  if (index < 0 || index >= static_cast<int64_t>(prompts.size())) {
    fail(ErrorKind::kConfig, "--prompt is ", index, ", ", config.prompts.train, " has ", prompts.size(),
         " prompts, counted from 0");
  }
  return prompts[static_cast<size_t>(index)];
}

std::vector<std::string> evaluated_prompts(const RunConfig& config, const PromptSets& sets) {
  std::vector<std::string> prompts = sets.held_out.prompts;
  if (prompts.empty())
    fail(ErrorKind::kConfig, "prompts.held_out is not set: name a file of prompts to evaluate on");
  const auto limit = static_cast<size_t>(config.eval.prompts);
  if (limit > 0 && limit < prompts.size()) prompts.resize(limit);
  return prompts;
}

}  // namespace drf::run
