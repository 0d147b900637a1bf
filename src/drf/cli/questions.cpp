// drf questions: a question file for a prompt file, from templates or a language model.

#include <iostream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/cli/judge_questions.h"
#include "drf/cli/question_writer.h"
#include "drf/questions/prompt_file.h"
#include "drf/questions/question_file.h"
#include "drf/run/run_directory.h"
#include "drf/templates/templates.h"
#include "drf/writer/assemble.h"
#include "drf/writer/held_out.h"

namespace drf::cli {
namespace {

struct QuestionsOptions {
  std::string prompts, output, templates;
  std::vector<std::string> aspects;
  int64_t seed = 0;
  bool stats = false, no_twins = false, no_dense = false;
  JudgeOptions judge;
  WriterOptions writer;
};

void print_stats(const templates::QuestionStats& stats, const std::vector<questions::Question>& questions,
                 double held_out) {
  std::cerr << stats.prompts << " prompts, " << questions.size() << " questions (" << stats.fewest << " to "
            << stats.most << " a prompt)\n"
            << stats.matched << " prompts matched the template set, " << stats.prompts - stats.matched
            << " went to the general parser\n"
            << stats.duplicates << " duplicate questions dropped, " << stats.filled
            << " prompt aspects filled with generic questions\n"
            << "twins that ask for another thing: " << stats.near_twins << " near, " << stats.far_twins
            << " far\n";
  if (held_out > 0) std::cerr << writer::held_out_shares(questions, held_out);
  for (const auto& [name, count] : stats.counts) std::cerr << "  " << name << ": " << count << "\n";
}

void write(const std::string& output, const std::vector<questions::Question>& questions) {
  if (!output.empty()) return questions::write_questions(output, questions);
  for (const questions::Question& question : questions)
    std::cout << questions::to_json_line(question) << "\n";
}

// What somebody wrote is checked, and what was dropped lies beside the questions.
int run_writer(const QuestionsOptions& o, const questions::PromptList& list, writer::MakerOptions make) {
  const Interrupt interrupt;
  make.paraphrases = o.writer.paraphrases;
  make.held_out = o.writer.held_out;
  std::filesystem::path dropped;
  if (!o.output.empty()) {
    dropped = std::filesystem::absolute(o.output).parent_path() / run::kDroppedFile;
    require_writable_folder(dropped.parent_path());  // before anything is paid for
  }
  const writer::MadeQuestions made = write_questions(o.writer, make, list.prompts, list.references, o.output);
  write(o.output, made.questions);
  if (!dropped.empty()) write_file_atomically(dropped, made.ledger.to_json_lines());
  if (o.stats) std::cerr << writer::describe(made);
  if (made.stats.unanswered > 0) {
    log_warning("questions", made.stats.unanswered, " of ", made.stats.requests,
                " answers gave no questions, the templates did (", made.stats.first_unanswered, ")");
  }
  require_questions(made, dropped);
  require_any_written(made, o.writer.source, dropped);
  return 0;
}

int run(const CLI::App& app, const QuestionsOptions& o) {
  const bool writes = wants_writer(app, o.writer);
  if (app.count("--seed") > 0 && o.no_twins && o.writer.held_out == 0)
    fail(ErrorKind::kConfig,
         "--seed would be ignored: it picks twins, which --no-twins leaves out, and what --held-out keeps");
  const questions::PromptList list = questions::read_prompt_list(o.prompts);
  const templates::TemplateSet templates =
      o.templates.empty() ? templates::TemplateSet() : templates::TemplateSet::read(o.templates);
  templates::QuestionOptions options;
  options.twins = !o.no_twins;
  options.dense = !o.no_dense;
  options.seed = static_cast<uint64_t>(o.seed);
  if (!o.aspects.empty()) {
    options.aspects.clear();
    for (const std::string& name : o.aspects) {
      const auto aspect = questions::parse_aspect(name);
      if (!aspect) fail(ErrorKind::kConfig, "--aspects: unknown aspect ", name, ", wanted TA, PF or VQ");
      options.aspects.insert(*aspect);
    }
  }
  if (writes) return run_writer(o, list, {options, templates});
  templates::QuestionStats stats;
  const std::vector<templates::TemplateQuestion> made =
      templates::template_questions(list.prompts, templates, options, &stats, list.references);
  std::vector<questions::Question> questions(made.begin(), made.end());
  if (o.writer.held_out > 0) {
    questions = writer::assemble(writer::drafts_from_templates(made, writer::Draft::Origin::kTemplates),
                                 {o.writer.held_out, options.seed});
  }
  write(o.output, questions);
  if (o.stats) print_stats(stats, questions, o.writer.held_out);
  return 0;
}

}  // namespace

Command add_questions(CLI::App& app) {
  auto options = std::make_shared<QuestionsOptions>();
  QuestionsOptions& o = *options;
  app.add_option("prompts", o.prompts, "prompt file: one a line, or .jsonl with {\"prompt\": ...}")
      ->required();
  app.add_option("-o,--output", o.output, "question file to write (default: stdout)");
  app.add_option("--templates", o.templates, "template set (JSON) for the sentences of one data set");
  app.add_option("--aspects", o.aspects, "only these: TA, PF, VQ")->delimiter(',');
  app.add_option("--seed", o.seed, "picks the values of negated twins, and what is held out")
      ->check(kSeeds)
      ->capture_default_str();
  app.add_flag("--no-twins", o.no_twins, "without negated twins, which --seed picks");
  app.add_flag("--no-dense", o.no_dense, "without open questions");
  app.add_flag("--stats", o.stats, "say on stderr how many of what");
  add_judge_options(app, o.judge);
  add_writer_options(app, o.writer);
  return [options, &app] {
    const QuestionsOptions& given = *options;
    if (app.count("--judge") > 0)
      return judge_questions(app, given.prompts, given.output, given.seed, given.judge);
    return run(app, given);
  };
}

}  // namespace drf::cli
