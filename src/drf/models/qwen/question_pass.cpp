#include "drf/models/qwen/question_pass.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::qwen {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kRows = 16384;  // of a head, at once

bool is_half(const at::Tensor& head) { return c10::elementSize(head.scalar_type()) < 4; }

/// hidden W^T in float32 for half weights, widened a slice of the vocabulary at a time, so that the logits do
/// not carry a half type's rounding and no wide copy of W is kept.
struct WideHead : torch::autograd::Function<WideHead> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& hidden, const at::Tensor& weight) {
    ctx->save_for_backward({weight});
    ctx->saved_data["dtype"] = hidden.scalar_type();
    const at::Tensor wide = hidden.to(at::kFloat);
    std::vector<at::Tensor> parts;
    for (const at::Tensor& rows : weight.split(kRows)) parts.push_back(at::linear(wide, rows.to(at::kFloat)));
    return at::cat(parts, -1);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor weight = ctx->get_saved_variables()[0];
    at::Tensor grad;
    int64_t begin = 0;
    for (const at::Tensor& rows : weight.split(kRows)) {
      const at::Tensor part = at::matmul(grads[0].narrow(-1, begin, rows.size(0)), rows.to(at::kFloat));
      grad = grad.defined() ? grad.add_(part) : part;
      begin += rows.size(0);
    }
    return {grad.to(ctx->saved_data["dtype"].toScalarType()), at::Tensor()};
  }
};

at::Tensor int64_tensor(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

/// [B, N, S] ids padded at the end, and the rows of the wanted tokens among them.
struct PaddedSuffixes {
  int64_t questions = 0, length = 0;
  std::vector<int64_t> ids, rows;
};

PaddedSuffixes pad(const std::vector<std::vector<Suffix>>& clips) {
  PaddedSuffixes out;
  for (const auto& list : clips) {
    out.questions = std::max(out.questions, static_cast<int64_t>(list.size()));
    for (const Suffix& s : list) out.length = std::max(out.length, static_cast<int64_t>(s.ids.size()));
  }
  // What a padding token is does not matter: nothing that is kept sees it.
  out.ids.assign(clips.size() * out.questions * out.length, 0);
  for (size_t clip = 0; clip < clips.size(); ++clip) {
    for (size_t question = 0; question < clips[clip].size(); ++question) {
      const Suffix& suffix = clips[clip][question];
      const int64_t begin = (static_cast<int64_t>(clip) * out.questions + question) * out.length;
      std::copy(suffix.ids.begin(), suffix.ids.end(), out.ids.begin() + begin);
      for (const int64_t wanted : suffix.wanted) {
        DRF_CHECK(wanted >= 0 && wanted < static_cast<int64_t>(suffix.ids.size()), "position ", wanted,
                  " of ", suffix.ids.size());
        out.rows.push_back(begin + wanted);
      }
    }
  }
  return out;
}

/// The prompt with the videos' tokens in their places, [B, S, D].
at::Tensor embed_prompt(const LanguageModel& language, const std::vector<int64_t>& ids,
                        const std::vector<TokenRange>& places, const at::Tensor& video_BVD) {
  const at::Tensor text = language.embed(int64_tensor(ids));
  const auto all_clips = [&](const at::Tensor& x) {
    return x.unsqueeze(0).expand({video_BVD.size(0), -1, -1});
  };
  std::vector<int64_t> lengths;
  for (const TokenRange& place : places) lengths.push_back(place.length);
  const auto runs = video_BVD.to(text.scalar_type()).split_with_sizes(lengths, 1);
  std::vector<at::Tensor> parts;
  int64_t end = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    parts.push_back(all_clips(text.slice(0, end, places[i].begin)));
    parts.push_back(runs[i]);
    end = places[i].begin + places[i].length;
  }
  parts.push_back(all_clips(text.slice(0, end)));
  return at::cat(parts, 1);
}

/// `video.added_BVD` at the rows of the videos' tokens; `length`: of the prompt.
Additions additions_of(const VideoTokens& video, const std::vector<TokenRange>& places, int64_t length) {
  Additions out;
  if (video.added_BVD.empty()) return out;
  std::vector<int64_t> rows;
  for (int64_t clip = 0; clip < video.tokens_BVD.size(0); ++clip) {
    for (const TokenRange& place : places) {
      for (int64_t i = 0; i < place.length; ++i) rows.push_back(clip * length + place.begin + i);
    }
  }
  out.rows_V = int64_tensor(rows).to(video.tokens_BVD.device());
  for (const at::Tensor& added_BVD : video.added_BVD) out.after_VD.push_back(added_BVD.flatten(0, 1));
  return out;
}

/// A stretch of a prompt.
struct Stretch {
  std::vector<int64_t> ids;
  std::vector<TokenRange> videos;  ///< counted from its own beginning
  at::Tensor positions_3S;
};

/// The prompt up to the end of the runs that `constant` fills (nothing, where it is undefined), and the rest.
std::pair<Stretch, Stretch> cut_after(const VideoTokens& constant, const Positions& prompt,
                                      const std::vector<int64_t>& ids) {
  int64_t cut = 0, left = constant.tokens_BVD.defined() ? constant.tokens_BVD.size(1) : 0;
  Stretch first, rest;
  for (const TokenRange& video : prompt.videos) {
    if (left > 0) {
      first.videos.push_back(video);
      cut = video.begin + video.length;
      left -= video.length;
    } else {
      rest.videos.push_back({video.begin - cut, video.length});
    }
  }
  DRF_CHECK(left == 0, left, " tokens of constant videos have no place in the prompt");
  first.ids.assign(ids.begin(), ids.begin() + cut);
  rest.ids.assign(ids.begin() + cut, ids.end());
  first.positions_3S = prompt.ids_3S.slice(1, 0, cut);
  rest.positions_3S = prompt.ids_3S.slice(1, cut);
  return {first, rest};
}

}  // namespace

at::Tensor speak(const at::Tensor& hidden, const at::Tensor& head) {
  return is_half(head) ? WideHead::apply(hidden, head) : at::linear(hidden, head);
}

std::vector<at::Tensor> widen(const at::Tensor& head) {
  if (!is_half(head)) return {head};
  std::vector<at::Tensor> wide;
  for (const at::Tensor& rows : head.split(kRows)) wide.push_back(rows.to(at::kFloat));
  return wide;
}

at::Tensor speak(const at::Tensor& hidden, const std::vector<at::Tensor>& wide) {
  const at::Tensor x = hidden.to(wide.front().scalar_type());
  std::vector<at::Tensor> parts;
  for (const at::Tensor& rows : wide) parts.push_back(at::linear(x, rows));
  return at::cat(parts, -1);
}

void check_ids(const TextConfig& config, const std::vector<int64_t>& ids) {
  for (const int64_t id : ids) {
    if (id < 0 || id >= config.vocab_size) {
      fail(ErrorKind::kInput, "critic: token id ", id, " is not in the model's vocabulary of ",
           config.vocab_size, "; does the tokenizer belong to this checkpoint?");
    }
  }
}

at::Tensor sequence_logits(const Speaker& speaker, const VideoTokens& video, const Positions& positions,
                           const std::vector<int64_t>& ids, const nn::BlockRunner& run) {
  const LanguageModel& language = speaker.language;
  check_ids(language.config(), ids);
  const Layout layout{video.tokens_BVD.size(0), static_cast<int64_t>(ids.size()), 0, 0};
  const at::Tensor x = embed_prompt(language, ids, positions.videos, video.tokens_BVD);
  const ops::RotaryTable rotary = language.rotary(positions.ids_3S.repeat({1, layout.clips}));
  const at::Tensor hidden = language.forward(x.flatten(0, 1), layout, rotary,
                                             additions_of(video, positions.videos, layout.prefix), run);
  return speak(hidden, speaker.head).unflatten(0, {layout.clips, layout.prefix});
}

at::Tensor answer_logits(const Speaker& speaker, const VideoTokens& constant, const VideoTokens& video,
                         const Positions& prefix, const QuestionBatch& questions,
                         const nn::BlockRunner& run) {
  const LanguageModel& language = speaker.language;
  const int64_t clips = video.tokens_BVD.size(0);
  DRF_CHECK(static_cast<int64_t>(questions.suffixes.size()) == clips, questions.suffixes.size(),
            " lists for ", clips, " clips");
  check_ids(language.config(), questions.prefix_ids);
  const PaddedSuffixes suffixes = pad(questions.suffixes);
  check_ids(language.config(), suffixes.ids);
  if (suffixes.rows.empty()) {
    return at::zeros({0, language.config().vocab_size},
                     video.tokens_BVD.options().dtype(at_least_float(video.tokens_BVD.scalar_type())));
  }
  const auto [first, rest] = cut_after(constant, prefix, questions.prefix_ids);
  std::vector<KeyValues> before;
  if (!first.ids.empty()) {
    const at::NoGradGuard no_graph;
    const at::Tensor x = embed_prompt(language, first.ids, first.videos, constant.tokens_BVD);
    before = language.remember(x.flatten(0, 1), language.rotary(first.positions_3S),
                               additions_of(constant, first.videos, x.size(1)));
  }
  const Layout layout{clips, static_cast<int64_t>(rest.ids.size()), suffixes.questions, suffixes.length};
  const at::Tensor x = at::cat({embed_prompt(language, rest.ids, rest.videos, video.tokens_BVD).flatten(0, 1),
                                language.embed(int64_tensor(suffixes.ids))});
  const at::Tensor suffix_ids =
      at::arange(prefix.next, prefix.next + layout.suffix).expand({3, layout.suffix});
  const ops::RotaryTable rotary = language.rotary(
      at::cat({rest.positions_3S.repeat({1, clips}), suffix_ids.repeat({1, clips * layout.questions})}, 1));
  const at::Tensor rows = int64_tensor(suffixes.rows).to(x.device());
  const Additions additions = additions_of(video, rest.videos, layout.prefix);
  return speak(language.forward_rows(x, layout, rotary, rows, additions, before, run), speaker.head);
}

}  // namespace drf::qwen
