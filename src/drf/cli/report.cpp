// drf report: the HTML page of a run, made anew from its folder.

#include "drf/report/report.h"

#include <iostream>

#include "drf/cli/command.h"

namespace drf::cli {

Command add_report(CLI::App& app) {
  struct ReportOptions {
    CommonOptions common;  // taken as by every command; nothing here computes
    std::string run;
  };
  auto options = std::make_shared<ReportOptions>();
  app.add_option("run", options->run, "run folder (output.dir of a training)")->required();
  add_common_options(app, options->common);
  return [options] {
    std::cout << report::write_report(options->run).string() << "\n";
    return 0;
  };
}

}  // namespace drf::cli
