#include "drf/models/qwen2_5_vl/model.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/models/qwen2_5_vl/positions.h"
#include "drf/tensor/precision.h"

namespace drf::qwen {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// hidden W^T in float32 for half weights, widened a slice of the vocabulary at a time, so that the logits do
/// not carry a half type's rounding and no wide copy of W is kept.
struct WideHead : torch::autograd::Function<WideHead> {
  static constexpr int64_t kRows = 16384;
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

}  // namespace

Model::Model(const Config& config) : config_(config), visual_(config.vision), language_model_(config.text) {
  register_module("model.visual", visual_);
  register_module("model.language_model", language_model_);
  if (!config.tie_word_embeddings) {
    register_parameter("lm_head.weight", lm_head_, {config.text.vocab_size, config.text.hidden_size});
  }
}

at::Tensor Model::video_embeddings(const VideoInput& video) const {
  return visual_.forward(video.patches_BLK, video.grid, run_);
}

void Model::check_ids(const std::vector<int64_t>& ids) const {
  for (const int64_t id : ids) {
    if (id < 0 || id >= config_.text.vocab_size) {
      fail(ErrorKind::kInput, "critic: token id ", id, " is not in the model's vocabulary of ",
           config_.text.vocab_size, "; does the tokenizer belong to this checkpoint?");
    }
  }
}

at::Tensor Model::embed_with_video(const at::Tensor& ids_S, int64_t video_begin,
                                   const at::Tensor& video_BVD) const {
  const at::Tensor text = language_model_.embed(ids_S);
  const int64_t video_end = video_begin + video_BVD.size(1);
  const auto all_clips = [&](const at::Tensor& x) {
    return x.unsqueeze(0).expand({video_BVD.size(0), -1, -1});
  };
  return at::cat({all_clips(text.slice(0, 0, video_begin)), video_BVD.to(text.scalar_type()),
                  all_clips(text.slice(0, video_end))},
                 1);
}

at::Tensor Model::head(const at::Tensor& hidden) const {
  const at::Tensor& weight = config_.tie_word_embeddings ? language_model_.embedding() : lm_head_;
  if (c10::elementSize(weight.scalar_type()) >= 4) return at::linear(hidden, weight);
  return WideHead::apply(hidden, weight);
}

at::Tensor Model::logits(const at::Tensor& video_BVD, const Grid& grid, double seconds_per_grid,
                         const std::vector<int64_t>& ids) const {
  check_ids(ids);
  const Positions at_ids = positions(ids, config_, grid, seconds_per_grid);
  const Layout layout{video_BVD.size(0), static_cast<int64_t>(ids.size()), 0, 0};
  const at::Tensor x = embed_with_video(int64_tensor(ids), at_ids.video_begin, video_BVD);
  const ops::RotaryTable rotary = language_model_.rotary(at_ids.ids_3S.repeat({1, layout.clips}));
  const at::Tensor hidden = language_model_.forward(x.flatten(0, 1), layout, rotary, run_);
  return head(hidden).unflatten(0, {layout.clips, layout.prefix});
}

at::Tensor Model::answer_logits(const at::Tensor& video_BVD, const Grid& grid, double seconds_per_grid,
                                const QuestionBatch& questions) const {
  const int64_t clips = video_BVD.size(0);
  DRF_CHECK(static_cast<int64_t>(questions.suffixes.size()) == clips, questions.suffixes.size(),
            " lists for ", clips, " clips");
  check_ids(questions.prefix_ids);
  const PaddedSuffixes suffixes = pad(questions.suffixes);
  check_ids(suffixes.ids);
  const Positions prefix = positions(questions.prefix_ids, config_, grid, seconds_per_grid);
  if (suffixes.rows.empty()) {
    return at::zeros({0, config_.text.vocab_size},
                     video_BVD.options().dtype(at_least_float(video_BVD.scalar_type())));
  }
  const Layout layout{clips, static_cast<int64_t>(questions.prefix_ids.size()), suffixes.questions,
                      suffixes.length};
  const at::Tensor x = at::cat(
      {embed_with_video(int64_tensor(questions.prefix_ids), prefix.video_begin, video_BVD).flatten(0, 1),
       language_model_.embed(int64_tensor(suffixes.ids))});
  const at::Tensor suffix_ids =
      at::arange(prefix.next, prefix.next + layout.suffix).expand({3, layout.suffix});
  const ops::RotaryTable rotary = language_model_.rotary(
      at::cat({prefix.ids_3S.repeat({1, clips}), suffix_ids.repeat({1, clips * layout.questions})}, 1));
  const at::Tensor rows = int64_tensor(suffixes.rows).to(x.device());
  return head(language_model_.forward_rows(x, layout, rotary, rows, run_));
}

}  // namespace drf::qwen
