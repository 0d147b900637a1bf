// drf report: the HTML page of a run, made anew from its folder.

#include "drf/report/report.h"

#include <iostream>

#include "drf/cli/command.h"

namespace drf::cli {

Command add_report(CLI::App& app) {
  auto run = std::make_shared<std::string>();
  app.add_option("run", *run, "run folder (output.dir of a training)")->required();
  return [run] {
    std::cout << report::write_report(*run).string() << "\n";
    return 0;
  };
}

}  // namespace drf::cli
