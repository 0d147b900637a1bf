#include "drf/writer/question_source.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "drf/base/error.h"
#include "drf/writer/answer_cache.h"
#include "drf/writer/validate_blind.h"
#include "drf/writer/validate_leading.h"

namespace drf::writer {
namespace {

void ask_language_model(QuestionMaker& maker, const MakerOptions& options, const SourceModels& models,
                        const SourceFiles& files) {
  std::map<critic::Aspect, Instruction> instructions;
  if (models.text_writes) instructions = read_instructions(files.instructions, options.questions.aspects);
  const std::unique_ptr<TextModel> model = models.text();
  std::unique_ptr<AnswerCache> cache;
  if (!files.answers.empty()) cache = std::make_unique<AnswerCache>(*model, files.answers);
  TextModel& asked = cache ? static_cast<TextModel&>(*cache) : *model;
  if (models.text_writes) {
    maker.write(asked, instructions);
  } else {
    maker.use_templates();
  }
  maker.judge(asked);
  if (cache) maker.stats().remembered = cache->found();
}

void ask_critic_of(QuestionMaker& maker, const SourceModels& models, const SourceFiles& files) {
  const std::unique_ptr<critic::Critic> critic = models.critic();
  maker.check([&](std::vector<Draft>& drafts, Ledger& ledger) {
    check_readable(drafts, ledger, [&](const critic::Question& question) -> std::string {
      try {
        critic->check_texts({question}, "question");
        return "";
      } catch (const Error& e) {
        if (e.kind() != ErrorKind::kInput) throw;
        return e.what();
      }
    });
    check_blind(drafts, *critic, gray_clip(models.critic_frames, models.dtype, models.device), models.fps,
                ledger);
    if (files.calibrate) check_on_clips(drafts, *critic, *files.calibrate, ledger);
    if (files.base) maker.stats().not_weighed = weigh_by_variance(drafts, *critic, *files.base);
  });
}

// "held out, where 10 % were asked for: TA 9.8 % of 512, PF 0.0 % of 96": wordings are drawn, not questions.
std::string held_out_shares(const MadeQuestions& made) {
  std::map<critic::Aspect, std::pair<int64_t, int64_t>> of;
  for (const critic::Question& q : made.questions) {
    if (!q.paraphrase_of.empty()) continue;
    of[q.aspect].first += q.held_out;
    ++of[q.aspect].second;
  }
  std::ostringstream out;
  out << "held out, where " << 100 * made.stats.held_out << " % were asked for" << std::fixed
      << std::setprecision(1);
  const char* before = ": ";
  for (const auto& [aspect, counts] : of) {
    out << before << critic::to_string(aspect) << " "
        << 100 * static_cast<double>(counts.first) / static_cast<double>(counts.second) << " % of "
        << counts.second;
    before = ", ";
  }
  out << "\n";
  return out.str();
}

}  // namespace

MadeQuestions make_questions(const std::vector<std::string>& prompts,
                             const std::vector<std::string>& references, const MakerOptions& options,
                             const SourceModels& models, const SourceFiles& files) {
  QuestionMaker maker(prompts, references, options);
  if (models.text) {
    ask_language_model(maker, options, models, files);
  } else {
    maker.use_templates();
  }
  if (models.critic) ask_critic_of(maker, models, files);
  MadeQuestions made;
  made.any_written = maker.any_written();
  made.questions = maker.finish();
  made.ledger = maker.ledger();
  made.stats = maker.stats();
  return made;
}

std::string describe(const MadeQuestions& made) {
  const MakerStats& s = made.stats;
  std::ostringstream out;
  if (!s.writer.empty()) {
    out << "written by " << s.writer << ": " << s.requests << " requests, " << s.prompt_tokens
        << " tokens read and " << s.answer_tokens << " written";
    if (s.remembered > 0) out << " (" << s.remembered << " answers were there already)";
    out << "\n";
    for (const auto& [reason, count] : s.failures)
      out << "  no questions from an answer, " << reason << ": " << count << "\n";
  }
  out << s.drafts << " facts were asked about before the checks\n";
  for (const auto& [reason, count] : made.ledger.counts()) out << "  " << reason << ": " << count << "\n";
  if (s.of_prompts_language > 0)
    out << s.of_prompts_language << " questions are in their prompt's language, the others in English\n";
  if (!s.writer.empty()) out << s.from_templates << " prompt aspects filled by the templates\n";
  out << s.generic << " prompt aspects filled with generic questions\n";
  if (s.not_weighed > 0)
    out << s.not_weighed << " prompts have fewer than two clips and keep their weights\n";
  const auto count = [&](auto of) { return std::count_if(made.questions.begin(), made.questions.end(), of); };
  const auto held_out = count([](const critic::Question& q) { return q.held_out; });
  const auto again = count([](const critic::Question& q) { return !q.paraphrase_of.empty(); });
  out << made.questions.size() << " questions";
  if (held_out + again > 0)
    out << ", of which " << held_out << " are held out and " << again << " are paraphrases";
  out << "\n";
  if (s.held_out > 0) out << held_out_shares(made);
  return out.str();
}

}  // namespace drf::writer
