#include "drf/report/report.h"

#include <fstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/page.h"
#include "drf/report/run_folder.h"

namespace drf::report {

namespace fs = std::filesystem;

void require_page(const fs::path& page) {
  std::error_code ec;
  if (!fs::is_regular_file(page, ec)) return;
  std::string begin(kPageBegin.size(), '\0');
  std::ifstream(page, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin != kPageBegin)
    fail(ErrorKind::kConfig, page, ": is there and is no page of a report, which begins with ", kPageBegin,
         "; name another file, or remove this one first");
}

void write_report(const std::vector<fs::path>& runs, const fs::path& page) {
  write_file_atomically(page, page_of(open_runs(runs)));
}

fs::path write_report(const fs::path& run) {
  const fs::path page = run / "report.html";
  write_report(std::vector<fs::path>{run}, page);
  return page;
}

}  // namespace drf::report
