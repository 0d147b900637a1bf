#include "drf/cli/judge_questions.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/questions/question_figures.h"
#include "drf/report/judge_page.h"

namespace drf::cli {
namespace {

using nlohmann::ordered_json;
using questions::Figures;
using questions::Share;

ordered_json to_json(const Share& share, const char* hits) {
  if (share.of == 0) return nullptr;
  return {{hits, share.hits}, {"of", share.of},     {"share", share.value()},
          {"low", share.low}, {"high", share.high}, {"design_effect", share.design_effect}};
}

ordered_json to_json(const Figures& f) {
  ordered_json rows = ordered_json::object(), verdicts = ordered_json::object();
  for (const Figures::Row& row : f.rows)
    rows[row.name] = {{"valid", to_json(row.all, "valid")},
                      {"yes", to_json(row.yes, "valid")},
                      {"no", to_json(row.no, "valid")},
                      {"prompts_with_wrong", to_json(row.prompts_with_wrong, "wrong")}};
  for (size_t i = 0; i < std::size(questions::kVerdicts); ++i)
    verdicts[to_string(questions::kVerdicts[i])] = f.verdicts[i];
  ordered_json sample;
  if (f.sample) sample = {{"prompts", f.sample->prompts}, {"of", f.sample->of}, {"seed", f.sample->seed}};
  return {{"sample", sample},
          {"prompts", f.prompts},
          {"questions", f.questions},
          {"judged", f.judged},
          {"judged_prompts", f.judged_prompts},
          {"whole_prompts", f.whole_prompts},
          {"interval", 0.95},
          {"rows", rows},
          {"recall", f.recall ? to_json(*f.recall, "asked") : ordered_json()},
          {"verdicts", verdicts}};
}

// "300/369  81.3 % (75.1-86.2)"
std::string cell(const Share& share) {
  if (share.of == 0) return "-";
  char text[96];
  std::snprintf(text, sizeof text, "%lld/%lld  %.1f %% (%.1f-%.1f)", static_cast<long long>(share.hits),
                static_cast<long long>(share.of), 100 * share.value(), 100 * share.low, 100 * share.high);
  return text;
}

void print_row(const std::string& name, const std::string& all, const std::string& yes, const std::string& no,
               const std::string& prompts) {
  char line[256];
  std::snprintf(line, sizeof line, "%-6s %-30s %-30s %-30s %s", name.c_str(), all.c_str(), yes.c_str(),
                no.c_str(), prompts.c_str());
  std::cout << line << "\n";
}

void print_table(const Figures& f) {
  if (f.sample)
    std::cout << "a sample of " << f.sample->prompts << " of " << f.sample->of << " prompts, seed "
              << f.sample->seed << "\n";
  std::cout << f.judged << " of " << f.questions << " questions judged; all of " << f.judged_prompts << " of "
            << f.prompts << " prompts; 95 % intervals\n\n";
  print_row("", "valid", "target Yes", "target No", "prompts with a wrong one");
  for (const Figures::Row& row : f.rows)
    print_row(row.name, cell(row.all), cell(row.yes), cell(row.no), cell(row.prompts_with_wrong));
  std::cout << "\n";
  if (f.recall)
    std::cout << "facts asked of facts stated: " << cell(*f.recall) << ", in " << f.whole_prompts
              << " prompts whose missed facts are noted\n";
  else
    std::cout << "facts asked of facts stated: unknown; no prompt is judged whose missed facts are noted\n";
  for (size_t i = 1; i < std::size(questions::kVerdicts); ++i)
    if (f.verdicts[i] > 0) std::cout << to_string(questions::kVerdicts[i]) << ": " << f.verdicts[i] << "\n";
}

// What was given on the command line and would not be read.
void refuse_ignored(const CLI::App& app, const JudgeOptions& o, bool page) {
  std::set<std::string> read = {"prompts", "--judge", "--marks"};
  if (page) read.insert({"--output", "--sample"});
  if (page && o.sample > 0) read.insert("--seed");
  if (!page) read.insert("--json");
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || read.contains(option->get_name())) continue;
    fail(ErrorKind::kConfig, option->get_name(), " has no meaning beside --judge",
         page && option->get_name() == "--seed" ? " without --sample"
         : page                                 ? " where a page is written"
                                                : " and --marks without -o, which prints figures",
         "; leave it out");
  }
}

int write_page(const std::string& output, const questions::JudgedFiles& files, int64_t seed,
               const JudgeOptions& o) {
  const auto num_prompts = static_cast<int64_t>(files.prompts.size());
  if (o.sample > num_prompts)
    fail(ErrorKind::kConfig, "--sample is ", o.sample, ", and there are ", num_prompts, " prompts");
  questions::CarriedMarks carried;
  carried.marks.of_question.resize(files.questions.size());
  carried.marks.of_prompt.resize(files.prompts.size());
  if (!o.marks.empty()) {
    carried = questions::carry_marks(o.marks, files);
    std::cerr << carried.kept << " marks are set on the page; " << carried.set_aside
              << " are set aside: their questions are gone or read otherwise\n";
  }
  if (o.sample > 0) carried.marks.sample = questions::PromptSample{o.sample, num_prompts, seed};
  const std::string name = std::filesystem::path(o.questions).filename().string();
  const std::string page = report::judge_page(files, carried.marks, name);
  if (output.empty())
    std::cout << page;
  else
    write_file_atomically(output, page);
  return 0;
}

}  // namespace

void add_judge_options(CLI::App& app, JudgeOptions& o) {
  CLI::Option* judge = app.add_option("--judge", o.questions,
                                      "write a page (-o) on which a person marks the questions of this file");
  app.add_option("--marks", o.marks,
                 "marks.jsonl of that page: print their figures, or with -o a page that has them set")
      ->needs(judge);
  app.add_option("--sample", o.sample, "this many prompts on the page, drawn by --seed")
      ->needs(judge)
      ->check(CLI::Range(int64_t{1}, INT64_MAX));
  app.add_flag("--json", o.json, "the figures as one JSON object")->needs(judge);
}

int judge_questions(const CLI::App& app, const std::string& prompts, const std::string& output, int64_t seed,
                    const JudgeOptions& o) {
  const bool page = o.marks.empty() || !output.empty();
  refuse_ignored(app, o, page);
  const questions::JudgedFiles files = questions::read_judged_files(prompts, o.questions);
  if (page) {
    if (!output.empty()) report::require_judge_page(output);
    return write_page(output, files, seed, o);
  }
  const Figures figures = questions::figures_of(files, questions::read_marks(o.marks, files));
  if (o.json)
    std::cout << to_json(figures).dump() << "\n";
  else
    print_table(figures);
  return 0;
}

}  // namespace drf::cli
