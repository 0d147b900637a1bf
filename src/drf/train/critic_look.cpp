#include "drf/train/critic_look.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/flow/stage.h"

namespace drf::train {
namespace {

// [cells,pixels]: 1 where a pixel is of the cell.
at::Tensor partition(int64_t pixels) {
  const int64_t cells = std::min(pixels, kMostCells);
  const at::Tensor of_pixel = at::arange(pixels, at::kLong).mul(cells).div(pixels, "floor");
  return at::arange(cells, at::kLong).unsqueeze(1).eq(of_pixel.unsqueeze(0)).to(at::kDouble);
}

}  // namespace

CriticLook::Answers CriticLook::ask(const at::Tensor& frames_F3HW,
                                    const questions::QuestionList& questions) const {
  Answers answers;
  if (questions.empty()) return answers;
  at::Tensor logprobs;
  {
    const at::NoGradGuard no_graph;
    parking_.begin(critic_.residence());
    logprobs = critic_.ask(frames_F3HW.unsqueeze(0), options_.fps, {questions}).logprobs[0];
  }
  const at::AutoGradMode with_graph(true);
  const at::Tensor leaf = logprobs.detach().clone().set_requires_grad(true);
  const at::Tensor climbed = rewards::weigh_answers(leaf, questions, options_.weigh).objective;
  if (climbed.requires_grad()) torch::autograd::backward({climbed}, {at::ones_like(climbed)});
  const at::Tensor slopes = leaf.grad().defined() ? leaf.grad() : at::zeros_like(leaf);
  const auto to_list = [](const at::Tensor& values) {
    const at::Tensor on_cpu = values.detach().to(at::kCPU, at::kDouble).contiguous();
    return std::vector<double>(on_cpu.const_data_ptr<double>(),
                               on_cpu.const_data_ptr<double>() + on_cpu.numel());
  };
  answers.logprobs = to_list(logprobs);
  answers.slopes = to_list(slopes);
  return answers;
}

at::Tensor CriticLook::gradient(const at::Tensor& frames_F3HW, const questions::Question& question,
                                double slope) const {
  if (slope == 0) return at::zeros_like(frames_F3HW);
  parking_.begin(critic_.residence());
  flow::Stage stage(
      [&](const flow::Stage::Tensors& seen, nn::Graph) -> flow::Stage::Tensors {
        return {critic_.ask(seen[0].unsqueeze(0), options_.fps, {{question}}).logprobs[0].sum()};
      },
      flow::Recompute::kNone, nullptr);
  const at::Tensor value = stage.forward({frames_F3HW})[0];
  if (!stage.passes_gradient(0)) fail(ErrorKind::kNumerics, "the critic gave the frames no gradient");
  return stage.pull({at::full_like(value, slope)}, flow::HalfTypes{{}, 1.0})[0];
}

at::Tensor cells_of(const at::Tensor& gradient_F3HW, int64_t every) {
  DRF_CHECK(gradient_F3HW.dim() == 4 && every >= 1);
  const at::NoGradGuard no_graph;
  const at::Tensor rows = partition(gradient_F3HW.size(2)), columns = partition(gradient_F3HW.size(3)).t();
  std::vector<at::Tensor> frames;  // one at a time: a clip of float64 would be a few of the clip's own
  for (int64_t f = 0; f < gradient_F3HW.size(0); ++f) {
    const at::Tensor pixels = gradient_F3HW[f].to(at::kCPU, at::kDouble).abs().sum(0);
    const at::Tensor cells = rows.mm(pixels).mm(columns);
    if (f % every == 0)
      frames.push_back(cells);
    else
      frames.back() += cells;
  }
  return at::stack(frames);
}

}  // namespace drf::train
