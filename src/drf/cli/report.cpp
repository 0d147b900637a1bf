// drf report: the HTML page of a run, or of several side by side, made anew from their folders.

#include "drf/report/report.h"

#include <iostream>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/cli/command.h"
#include "drf/report/html.h"

namespace drf::cli {

Command add_report(CLI::App& app) {
  struct Options {
    std::vector<std::string> runs;
    std::string output;
  };
  auto o = std::make_shared<Options>();
  app.add_option("runs", o->runs, "run folders (output.dir of a training); several stand side by side")
      ->required();
  app.add_option("-o,--output", o->output,
                 "the page (default: report.html in the run folder; several runs want a name)");
  return [o] {
    if (o->runs.size() > 1 && o->output.empty())
      fail(ErrorKind::kConfig, "report: ", o->runs.size(),
           " runs make one page that belongs to none of them: name it by -o FILE");
    const std::filesystem::path page = o->output.empty()
                                           ? std::filesystem::path(o->runs.front()) / "report.html"
                                           : std::filesystem::path(o->output);
    report::require_page(page);
    report::write_report({o->runs.begin(), o->runs.end()}, page);
    std::error_code ec;
    if (const auto bytes = std::filesystem::file_size(page, ec); !ec)
      log_info("report", "one file of ", report::bytes_in_words(bytes));
    std::cout << page.string() << "\n";
    return 0;
  };
}

}  // namespace drf::cli
