#pragma once
// The text of a page: what a report writes to a file, and what a training serves of itself.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drf/report/run_folder.h"

namespace drf::report {

/// How every page begins.
inline constexpr std::string_view kPageBegin = "<!doctype html";

/// Of a page that is asked for anew while its run trains (page/live.js): what its parts were made of.
struct Stamps {
  std::string all;    ///< all files that a page reads
  std::string clips;  ///< of them those that only a page that is opened again shows
};

/// The whole page. With `live` it asks its server for live_parts(), else it loads and sends nothing.
std::string page_of(const std::vector<RunFolder>& runs, const std::optional<Stamps>& live = {});

/// JSON of what changes with each update: {"stamp", "clips", "data" (curves.h), "alarms", "cost" (HTML)}.
std::string live_parts(const RunFolder& run, const Stamps& stamps);

/// The Content-Security-Policy of a page, as its head says it as well.
std::string page_policy(bool live);

}  // namespace drf::report
