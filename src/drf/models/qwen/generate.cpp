#include "drf/models/qwen/generate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/models/qwen/text_cache.h"

namespace drf::qwen {
namespace {

using models::Generation;
using models::Prompt;
using models::Written;

/// What all prompts begin with, as long as each has a token left that is its own. A single one shares
/// nothing.
int64_t common_length(const std::vector<Prompt>& prompts) {
  if (prompts.size() < 2) return 0;
  auto common = static_cast<int64_t>(prompts[0].ids.size());
  for (const Prompt& prompt : prompts) {
    const auto apart = std::mismatch(prompt.ids.begin(), prompt.ids.end(), prompts[0].ids.begin(),
                                     prompts[0].ids.begin() + common);
    common =
        std::min({common, apart.first - prompt.ids.begin(), static_cast<int64_t>(prompt.ids.size()) - 1});
  }
  return common;
}

/// The batch as one pass reads it: what is common, then the rest of each padded at its end.
struct Reading {
  int64_t common = 0, longest = 0, room = 0;
  std::vector<int64_t> lengths;  ///< of the rests
  std::vector<int64_t> ids;      ///< [common + R x longest]
  std::vector<int64_t> places;   ///< positions of ids
  std::vector<int64_t> last;     ///< the last token of each prompt among ids
};

Reading plan_reading(const std::vector<Prompt>& prompts) {
  Reading r;
  r.common = common_length(prompts);
  int64_t most = 0;
  for (const Prompt& prompt : prompts) {
    r.lengths.push_back(static_cast<int64_t>(prompt.ids.size()) - r.common);
    r.longest = std::max(r.longest, r.lengths.back());
    most = std::max(most, prompt.max_tokens);
  }
  r.room = r.longest + most - 1;  // the last token that is taken is not read again
  const std::vector<int64_t>& first = prompts[0].ids;
  r.ids.assign(first.begin(), first.begin() + r.common);
  for (const Prompt& prompt : prompts) {
    r.last.push_back(static_cast<int64_t>(r.ids.size()) + r.lengths[r.last.size()] - 1);
    r.ids.insert(r.ids.end(), prompt.ids.begin() + r.common, prompt.ids.end());
    // What a padding token is does not matter: nothing that is kept sees it.
    r.ids.resize(static_cast<size_t>(r.common + static_cast<int64_t>(r.last.size()) * r.longest), first[0]);
  }
  r.places.resize(r.ids.size());
  std::iota(r.places.begin(), r.places.begin() + r.common, 0);
  for (auto row = r.places.begin() + r.common; row != r.places.end(); row += r.longest)
    std::iota(row, row + r.longest, r.common);
  return r;
}

void check(const TextConfig& config, const std::vector<Prompt>& prompts) {
  for (const Prompt& prompt : prompts) {
    if (prompt.ids.empty()) fail(ErrorKind::kInput, "critic: a prompt without tokens cannot be gone on with");
    DRF_CHECK(prompt.max_tokens > 0);
    check_ids(config, prompt.ids);
  }
}

at::Tensor on_all_axes(const std::vector<int64_t>& places) {
  return at::tensor(places, at::kLong).expand({3, -1});
}

/// The best token of each row.
std::vector<int64_t> best(const at::Tensor& logits_RV) {
  const auto [values, ids] = logits_RV.max(-1);
  const at::Tensor value = values.to(at::kCPU, at::kDouble), id = ids.to(at::kCPU);
  for (int64_t row = 0; row < value.size(0); ++row) {
    const double v = value[row].item<double>();
    if (std::isfinite(v)) continue;
    fail(ErrorKind::kNumerics, "critic: its logits are not finite; the weights or their dtype are at fault");
  }
  return {id.data_ptr<int64_t>(), id.data_ptr<int64_t>() + id.numel()};
}

}  // namespace

std::vector<Written> generate(const Speaker& speaker, const std::vector<Prompt>& prompts,
                              const Generation& how) {
  const at::NoGradGuard no_graph;
  const LanguageModel& language = speaker.language;
  check(language.config(), prompts);
  std::vector<Written> written(prompts.size());
  if (prompts.empty()) return written;
  const Reading reading = plan_reading(prompts);
  const auto rows = static_cast<int64_t>(prompts.size());
  const at::Device device = language.embedding().device();
  TextCache cache = make_cache(language.config(), reading.lengths, reading.room,
                               language.embedding().options().requires_grad(false));
  const Layout layout = reading.common > 0 ? Layout{1, reading.common, rows, reading.longest}
                                           : Layout{rows, reading.longest, 0, 0};
  at::Tensor hidden_RD = language.read(language.embed(at::tensor(reading.ids, at::kLong)), layout,
                                       language.rotary(on_all_axes(reading.places)),
                                       at::tensor(reading.last, at::kLong).to(device), cache);

  // One token is as cheap from the head as it is.
  const bool writes =
      std::any_of(prompts.begin(), prompts.end(), [](const Prompt& p) { return p.max_tokens > 1; });
  std::vector<at::Tensor> wide;
  if (writes) wide = widen(speaker.head);
  std::vector<size_t> open(prompts.size());  // the prompt of each row
  std::iota(open.begin(), open.end(), 0);
  while (true) {
    stop_if_interrupted();
    at::Tensor logits_RV = writes ? speak(hidden_RD, wide) : speak(hidden_RD, speaker.head);
    if (how.steer) how.steer(open, written, logits_RV);
    const std::vector<int64_t> taken = best(logits_RV);
    std::vector<size_t> still;
    std::vector<int64_t> still_rows, ids, places;
    for (size_t row = 0; row < open.size(); ++row) {
      const size_t prompt = open[row];
      Written& text = written[prompt];
      text.ended = std::find(how.end_ids.begin(), how.end_ids.end(), taken[row]) != how.end_ids.end();
      if (!text.ended) text.ids.push_back(taken[row]);
      if (text.ended || static_cast<int64_t>(text.ids.size()) == prompts[prompt].max_tokens) {
        if (how.finished) how.finished(prompt, text);
        continue;
      }
      still.push_back(prompt);
      still_rows.push_back(static_cast<int64_t>(row));
      ids.push_back(taken[row]);
      places.push_back(static_cast<int64_t>(prompts[prompt].ids.size() + text.ids.size()) - 1);
    }
    if (still.empty()) return written;
    if (still.size() < open.size()) cache.keep(still_rows);
    open = std::move(still);
    hidden_RD = language.step(language.embed(at::tensor(ids, at::kLong)),
                              language.rotary(on_all_axes(places)), cache);
  }
}

int64_t generation_bytes(const TextConfig& config, const std::vector<Prompt>& prompts, at::ScalarType dtype) {
  if (prompts.empty()) return 0;
  const Reading reading = plan_reading(prompts);
  return cache_bytes(config, static_cast<int64_t>(prompts.size()), reading.common, reading.room,
                     static_cast<int64_t>(c10::elementSize(dtype)));
}

int64_t writing_bytes(const TextConfig& config, int64_t tokens, at::ScalarType dtype) {
  const auto element = static_cast<int64_t>(c10::elementSize(dtype));
  // Gate, its activation, up and their product; the layer's input, the MLP's before and after its norm, and
  // its output.
  const int64_t reading = tokens * (4 * config.intermediate_size + 4 * config.hidden_size) * element;
  const int64_t head = element < 4 ? config.vocab_size * config.hidden_size * 4 : 0;
  return reading + head;
}

}  // namespace drf::qwen
