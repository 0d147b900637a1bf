#pragma once
// What drf demo is asked, in any of its worlds.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/cli/command.h"

namespace drf::cli {

struct DemoOptions {
  CommonOptions common;
  std::string world = "tiny";  ///< "tiny": clips judged by a critic; "fields": solutions of an equation
  int64_t seed = 0, updates = 0;
  std::string output;
  std::vector<std::string> sets;
  bool json = false;
};

/// drf demo --world fields: trains the bundled generator of fields by configs/fields.toml and says how far
/// base, trained and guided samples are from their equation and from data.
int run_fields_demo(const DemoOptions& options);

}  // namespace drf::cli
