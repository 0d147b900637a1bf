#include "drf/templates/templates.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/questions/json_line.h"
#include "drf/templates/english.h"

namespace drf::templates {
namespace {

std::string stats_key(const questions::Question& q) {
  return to_string(q.aspect) + " " + to_string(q.kind) +
         (q.kind == questions::Kind::kYesNo ? " " + q.answer : "");
}

// Drops questions whose text the list has already. A twin whose question went is a twin no longer.
std::vector<TemplateQuestion> without_duplicates(std::vector<TemplateQuestion> questions, int64_t& dropped) {
  std::vector<TemplateQuestion> kept;
  std::set<std::string> seen;
  bool last_stays = false;
  for (TemplateQuestion& q : questions) {
    const bool stays = seen.insert(q.text).second;
    q.twin = q.twin && last_stays;
    last_stays = stays;
    if (stays) {
      kept.push_back(std::move(q));
    } else {
      ++dropped;
    }
  }
  return kept;
}

// A template may name {prompt} again and again; what read_questions would refuse is not written.
void require_writable_text(const questions::Question& q) {
  const std::string where = concat("questions of prompt ", q.prompt);
  questions::require_plain_text(q.text, "text", where);
  questions::require_plain_text(q.answer, "answer", where);
}

}  // namespace

std::vector<TemplateQuestion> template_questions(const std::vector<std::string>& prompts,
                                                 const TemplateSet& templates, const QuestionOptions& options,
                                                 QuestionStats* stats,
                                                 const std::vector<std::string>& references) {
  if (options.aspects.empty())
    fail(ErrorKind::kConfig, "questions: no aspect is enabled, wanted at least one of TA, PF, VQ");
  QuestionStats count;
  count.prompts = static_cast<int64_t>(prompts.size());
  TwinCount twins;
  std::vector<TemplateQuestion> all;
  for (size_t p = 0; p < prompts.size(); ++p) {
    const int64_t index = static_cast<int64_t>(p);
    const auto values = templates.match(prompts[p]);
    count.matched += !values.empty();
    std::vector<TemplateQuestion> questions = values.empty()
                                                  ? english_questions(prompts[p], index, options, twins)
                                                  : templates.ask(prompts[p], values, index, options);
    for (const questions::Aspect aspect : options.aspects) {
      if (std::any_of(questions.begin(), questions.end(), [&](const auto& q) { return q.aspect == aspect; }))
        continue;
      ++count.filled;
      for (const TemplateQuestion& q : generic_questions(aspect, prompts[p], options)) questions.push_back(q);
    }
    if (!references.empty() && !references[p].empty() && options.aspects.count(questions::Aspect::kPF)) {
      for (const TemplateQuestion& q : reference_questions(references[p], options)) questions.push_back(q);
    }
    questions = without_duplicates(std::move(questions), count.duplicates);
    const int64_t n = static_cast<int64_t>(questions.size());
    count.fewest = p == 0 ? n : std::min(count.fewest, n);
    count.most = std::max(count.most, n);
    for (size_t i = 0; i < questions.size(); ++i) {
      TemplateQuestion& q = questions[i];
      q.id = concat("p", index, "-q", i);
      q.prompt = index;
      require_writable_text(q);
      ++count.counts[stats_key(q)];
      all.push_back(q);
    }
  }
  count.near_twins = twins.near;
  count.far_twins = twins.far;
  if (stats) *stats = count;
  return all;
}

std::vector<questions::Question> make_questions(const std::vector<std::string>& prompts,
                                                const TemplateSet& templates, const QuestionOptions& options,
                                                QuestionStats* stats,
                                                const std::vector<std::string>& references) {
  const auto made = template_questions(prompts, templates, options, stats, references);
  return {made.begin(), made.end()};
}

}  // namespace drf::templates
