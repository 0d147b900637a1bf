#include "drf/cli/assets.h"

#include <cstdlib>
#include <vector>

#include "drf/base/error.h"

namespace drf::cli {

std::filesystem::path bundled_root() {
  std::vector<std::string> places;
  if (const char* given = std::getenv("DRF_ASSETS")) places.push_back(given);
  places.push_back(std::filesystem::current_path().string());
  places.push_back(DRF_SOURCE_DIR);
  for (const std::filesystem::path place : places) {
    if (std::filesystem::exists(place / "assets/tiny/generator/model_index.json")) return place;
  }
  fail(ErrorKind::kInput, "the bundled models (assets/tiny) are in none of ", places,
       "; run drf from its source folder, or set DRF_ASSETS to that folder");
}

}  // namespace drf::cli
