#include "drf/writer/question_source.h"

#include <algorithm>
#include <sstream>

#include "drf/base/error.h"
#include "drf/writer/answer_cache.h"
#include "drf/writer/critic_cache.h"
#include "drf/writer/held_out.h"
#include "drf/writer/validate_blind.h"
#include "drf/writer/validate_leading.h"

namespace drf::writer {
namespace {

// At most one model is in memory.
class Models {
 public:
  Models(const SourceModels& models, std::filesystem::path answers)
      : models_(models), answers_(std::move(answers)) {}

  TextModel& text() {
    if (text_) return text_cache_ ? static_cast<TextModel&>(*text_cache_) : *text_;
    close();
    text_ = models_.text();
    if (AnswerFile* const file = kept()) text_cache_.emplace(*text_, *file);
    return text();
  }
  critic::Critic& critic() {
    if (critic_) return critic_cache_ ? static_cast<critic::Critic&>(*critic_cache_) : *critic_;
    close();
    critic_ = models_.critic();
    if (AnswerFile* const file = kept()) critic_cache_.emplace(*critic_, models_.critic_identity(), *file);
    return critic();
  }
  void close() {
    if (text_cache_) found_ += text_cache_->found();
    if (critic_cache_) found_ += critic_cache_->found();
    text_cache_.reset(), text_.reset(), critic_cache_.reset(), critic_.reset();
  }
  /// Answers from the file, of the models that were closed.
  int64_t found() const { return found_; }

 private:
  // Made when a model is there, so that a command that cannot begin leaves none.
  AnswerFile* kept() {
    if (!answers_.empty() && !file_) file_.emplace(answers_);
    return file_ ? &*file_ : nullptr;
  }

  const SourceModels& models_;
  std::filesystem::path answers_;
  std::optional<AnswerFile> file_;
  std::unique_ptr<TextModel> text_;
  std::unique_ptr<critic::Critic> critic_;
  std::optional<AnswerCache> text_cache_;
  std::optional<CriticCache> critic_cache_;
  int64_t found_ = 0;
};

void drop_unreadable(std::vector<Draft>& drafts, Ledger& ledger, const critic::Critic& critic) {
  check_readable(drafts, ledger, [&](const questions::Question& question) -> std::string {
    try {
      critic.check_texts({question}, "question");
      return "";
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::kInput) throw;
      return e.what();
    }
  });
}

void write(QuestionMaker& maker, Models& open, const MakerOptions& options, const SourceModels& models,
           const SourceFiles& files) {
  if (!models.text || !models.text_writes) return maker.use_templates();
  const auto instructions = read_instructions(files.instructions, options.questions.aspects);
  maker.write(open.text(), instructions);
}

}  // namespace

MadeQuestions make_questions(const std::vector<std::string>& prompts,
                             const std::vector<std::string>& references, const MakerOptions& options,
                             const SourceModels& models, const SourceFiles& files) {
  QuestionMaker maker(prompts, references, options);
  Models open(models, files.answers);
  const auto look = [&](std::vector<Draft>& drafts, Ledger& ledger) {
    critic::Critic& critic = open.critic();
    drop_unreadable(drafts, ledger, critic);
    check_blind(drafts, critic, gray_clip(models.critic_frames, models.dtype, models.device), models.fps,
                ledger);
    if (files.calibrate) check_on_clips(drafts, critic, *files.calibrate, ledger);
  };
  const auto look_again = [&](std::vector<Draft>& drafts, Ledger& ledger) {
    drop_unreadable(drafts, ledger, open.critic());
    if (files.calibrate) check_on_clips(drafts, open.critic(), *files.calibrate, ledger);
  };
  write(maker, open, options, models, files);
  do {
    maker.judge(models.text ? &open.text() : nullptr);
    maker.check(models.critic ? QuestionMaker::Check(look) : nullptr);
  } while (maker.propose());
  if (maker.lacks()) maker.take_back(models.critic ? QuestionMaker::Check(look_again) : nullptr);
  if (files.base) {
    maker.weigh([&](std::vector<Draft>& drafts) {
      maker.stats().not_weighed = weigh_by_variance(drafts, open.critic(), *files.base);
    });
  }
  open.close();
  MadeQuestions made;
  made.any_written = maker.any_written();
  made.questions = maker.finish();
  maker.stats().remembered = open.found();
  made.ledger = maker.ledger();
  made.stats = maker.stats();
  return made;
}

std::string places_of(const std::vector<Place>& places) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(places.size(), kShown); ++i)
    text +=
        concat(i > 0 ? ", " : "", "prompt ", places[i].first, " ", questions::to_string(places[i].second));
  return places.size() > kShown ? concat(text, " and ", places.size() - kShown, " more") : text;
}

std::string describe(const MadeQuestions& made) {
  const MakerStats& s = made.stats;
  std::ostringstream out;
  if (!s.writer.empty()) {
    out << "written by " << s.writer << ": " << s.requests << " requests, " << s.prompt_tokens
        << " tokens read and " << s.answer_tokens << " written";
    if (s.remembered > 0) out << " (" << s.remembered << " answers were there already)";
    out << "\n";
  }
  out << s.drafts << " facts were asked about before the checks\n";
  for (const auto& [reason, count] : made.ledger.counts()) out << "  " << reason << ": " << count << "\n";
  if (s.of_prompts_language > 0)
    out << s.of_prompts_language << " questions are in their prompt's language, the others in English\n";
  if (!s.writer.empty()) out << s.from_templates << " prompt aspects filled by the templates\n";
  out << s.generic << " prompt aspects filled with generic questions\n";
  if (s.taken_back > 0)
    out << s.taken_back << " prompt aspects keep the least bad question of those that were dropped\n";
  if (!s.empty.empty())
    out << s.empty.size() << " prompt aspects are left without a question: " << places_of(s.empty) << "\n";
  if (s.not_weighed > 0)
    out << s.not_weighed << " prompts have fewer than two clips and keep their weights\n";
  const auto count = [&](auto of) { return std::count_if(made.questions.begin(), made.questions.end(), of); };
  const auto held_out = count([](const questions::Question& q) { return q.held_out; });
  const auto again = count([](const questions::Question& q) { return !q.paraphrase_of.empty(); });
  out << made.questions.size() << " questions";
  if (held_out + again > 0)
    out << ", of which " << held_out << " are held out and " << again << " are paraphrases";
  out << "\n";
  if (s.held_out > 0) out << held_out_shares(made.questions, s.held_out);
  return out.str();
}

}  // namespace drf::writer
