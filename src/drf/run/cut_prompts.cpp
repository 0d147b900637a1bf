#include "drf/run/cut_prompts.h"

#include "drf/base/log.h"

namespace drf::run {

void warn_of_cut_prompts(const models::Denoiser& denoiser, const std::vector<std::string>& prompts,
                         const std::string& source, const std::string& length) {
  size_t count = 0, worst = 0;
  int64_t most = 0;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const int64_t cut = denoiser.text_tokens_cut(prompts[i]);
    count += cut > 0;
    if (cut <= most) continue;
    most = cut;
    worst = i;
  }
  if (count == 0) return;
  const std::string which =
      prompts.size() == 1 ? "the text" : concat(count, " of ", prompts.size(), " prompts");
  log_warning("text", source, ": ", which, count == 1 ? " is" : " are", " cut: ", most,
              " tokens at the end of \"", prompts[worst].substr(0, 60), "\"",
              prompts.size() == 1 ? "" : concat(" (prompt ", worst, ")"), " are never read by the generator",
              count == 1 ? "" : ", fewer of the others", "; raise ", length, " or shorten the text");
}

}  // namespace drf::run
