#include "drf/run/prompts.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/questions/question_file.h"
#include "drf/templates/templates.h"

namespace drf::run {
namespace {

// Questions by prompt. Prompts that the file leaves without any are refused: they could not be trained on.
void sort_by_prompt(const std::vector<questions::Question>& questions, const std::string& source,
                    PromptSet& set) {
  set.questions.resize(set.prompts.size());
  for (const questions::Question& q : questions) {
    if (!q.trains()) set.unseen.resize(set.prompts.size());
    auto& lists = q.trains() ? set.questions : set.unseen;
    lists.at(static_cast<size_t>(q.prompt)).push_back(q);
  }
  for (size_t i = 0; i < set.prompts.size(); ++i) {
    if (!set.questions[i].empty()) continue;
    const bool unseen = !set.unseen.empty() && !set.unseen[i].empty();
    fail(ErrorKind::kInput, source, ": prompt ", i, " has no question",
         unseen ? " to train on, only held-out ones and paraphrases" : "",
         "; add one, or let drf questions make the file");
  }
}

std::vector<questions::Question> written_questions(const RunConfig& config, const questions::PromptList& list,
                                                   const WriteQuestions& write) {
  const std::filesystem::path folder = config.output.dir;
  const std::filesystem::path kept = folder / "questions.jsonl";
  if (is_there(folder / "config.toml") && is_there(kept))
    return questions::read_questions(kept, static_cast<int64_t>(list.prompts.size()));
  if (write) return write(list.prompts, list.references);
  fail(ErrorKind::kConfig, "questions.source is \"", config.questions.source, "\", but ", kept,
       ", where drf train keeps what was written, is not there; start the run first, or let drf questions "
       "--source ",
       config.questions.source, " write a file and name it in questions.file");
}

PromptSet open_prompts(const std::string& file, const RunConfig& config, rewards::Split split,
                       const WriteQuestions& write) {
  PromptSet set;
  questions::PromptList list = questions::read_prompt_list(file);
  set.prompts = list.prompts;
  if (!config.asks_questions()) return set;
  const bool trains = split == rewards::Split::kTrain;
  if (trains && !config.questions.file.empty()) {
    const auto questions =
        questions::read_questions(config.questions.file, static_cast<int64_t>(set.prompts.size()));
    sort_by_prompt(questions, config.questions.file, set);
  } else if (trains && config.questions.written()) {
    sort_by_prompt(written_questions(config, list, write), file, set);
  } else {
    sort_by_prompt(templates::make_questions(set.prompts, template_set(config), question_options(config),
                                             nullptr, list.references),
                   file, set);
  }
  return set;
}

// A prompt whose questions all weigh nothing would cost as much as any other and teach nothing.
void require_counting_questions(const PromptSet& set, const RunConfig& config) {
  const auto is_dense = [](const questions::Question& q) { return q.kind == questions::Kind::kDense; };
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
          const auto weight = config.reward.weights.find(questions::to_string(question.aspect));
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

templates::QuestionOptions question_options(const RunConfig& config) {
  templates::QuestionOptions options;
  options.dense = config.questions.dense;
  return options;
}

templates::TemplateSet template_set(const RunConfig& config) {
  return config.questions.templates.empty() ? templates::TemplateSet()
                                            : templates::TemplateSet::read(config.questions.templates);
}

PromptSets read_prompts(const RunConfig& config, const WriteQuestions& write) {
  PromptSets sets;
  if (config.prompts.train.empty()) {
    sets.train.prompts = sets.held_out.prompts = {""};
    return sets;
  }
  sets.train = open_prompts(config.prompts.train, config, rewards::Split::kTrain, write);
  if (config.asks_questions()) require_counting_questions(sets.train, config);
  if (!config.prompts.held_out.empty())
    sets.held_out = open_prompts(config.prompts.held_out, config, rewards::Split::kHeldOut, write);
  return sets;
}

std::string questions_text(const PromptSet& set) {
  std::string text;
  for (size_t i = 0; i < set.questions.size(); ++i) {
    for (const questions::Question& question : set.questions[i])
      text += questions::to_json_line(question) + "\n";
    if (set.unseen.empty()) continue;
    for (const questions::Question& question : set.unseen[i])
      text += questions::to_json_line(question) + "\n";
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

std::vector<int64_t> prompts_with_unseen(const RunConfig& config, const PromptSets& sets) {
  std::vector<int64_t> indices;
  const auto limit = static_cast<size_t>(config.eval.prompts);
  for (size_t p = 0; p < sets.train.unseen.size(); ++p) {
    if (sets.train.unseen[p].empty()) continue;
    indices.push_back(static_cast<int64_t>(p));
    if (indices.size() == limit) break;
  }
  return indices;
}

std::vector<int64_t> validated_with_unseen(const RunConfig& config, const PromptSets& sets) {
  std::vector<int64_t> indices = prompts_with_unseen(config, sets);
  indices.resize(std::min(indices.size(), evaluated_prompts(config, sets).size()));
  return indices;
}

}  // namespace drf::run
