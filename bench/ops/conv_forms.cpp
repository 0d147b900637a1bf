// The formulations of the decoder's causal 3 x 3 x 3 convolution that libtorch offers, beside drf's own, on
// any device: which one ops/causal_conv3d should take there.
//   conv_forms [device cpu] [dtype float32] [base width 24] [latent frames 5] [latent height 16] [width 16]
//   [turns 5]
// Wan's own width is 96; 17 frames of 832 x 480 are 5 latents of 60 x 104. Every form starts from
// channels-last frames with two of the past before them and gives such frames; the way back gives the
// gradient of its input alone.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "bench/ops/timing.h"
#include "drf/ops/causal_conv3d.h"

namespace {

using at::Tensor;

/// all_BTHWC: past and present. `back` gives d/d(all) from the result's gradient.
struct Form {
  const char* name;
  std::function<Tensor(const Tensor& all)> forward;
  std::function<Tensor(const Tensor& grad)> back;
};

struct Level {
  int64_t in, out, frames, height, width;
};

Tensor channels_second(const Tensor& x) { return x.permute({0, 4, 1, 2, 3}); }
Tensor channels_last(const Tensor& x) { return x.permute({0, 2, 3, 4, 1}).contiguous(); }

/// d/d(input) of a convolution whose input has `sizes` and `format`; its numbers do not matter.
Tensor input_gradient(const Tensor& grad, at::IntArrayRef sizes, at::MemoryFormat format,
                      const Tensor& weight, at::IntArrayRef padding) {
  const std::vector<int64_t> ones(padding.size(), 1), zeros(padding.size(), 0);
  return std::get<0>(at::convolution_backward(grad, at::empty(sizes, grad.options(), format), weight,
                                              c10::nullopt, ones, padding, ones, false, zeros, 1,
                                              {true, false, false}));
}

Form conv3d(const char* name, const Level& l, at::MemoryFormat format, const Tensor& weight,
            const Tensor& bias) {
  const Tensor w = weight.contiguous(format);
  const std::vector<int64_t> sizes = {1, l.in, l.frames + 2, l.height, l.width};
  return {name,
          [=](const Tensor& all) {
            return channels_last(at::conv3d(channels_second(all).contiguous(format), w, bias, 1, {0, 1, 1}));
          },
          [=](const Tensor& grad) {
            return channels_last(
                input_gradient(channels_second(grad).contiguous(format), sizes, format, w, {0, 1, 1}));
          }};
}

/// A sum over the taps in time of 2-D convolutions, the frames as their batch.
Form by_frames(const Level& l, const Tensor& weight, const Tensor& bias) {
  std::vector<Tensor> taps;
  for (int64_t k = 0; k < 3; ++k)
    taps.push_back(weight.select(2, k).contiguous(at::MemoryFormat::ChannelsLast));
  const auto as_batch = [](const Tensor& x) { return x[0].permute({0, 3, 1, 2}); };
  return {"conv2d over the taps",
          [=](const Tensor& all) {
            Tensor y;
            for (int64_t k = 0; k < 3; ++k) {
              const Tensor part = at::conv2d(as_batch(all.narrow(1, k, l.frames)),
                                             taps[static_cast<size_t>(k)], k == 0 ? bias : Tensor(), 1, 1);
              y = k == 0 ? part : y.add_(part);
            }
            return y.permute({0, 2, 3, 1}).unsqueeze(0).contiguous();
          },
          [=](const Tensor& grad) {
            const Tensor sum = at::zeros({1, l.frames + 2, l.height, l.width, l.in}, grad.options());
            for (int64_t k = 0; k < 3; ++k) {
              const Tensor part = as_batch(sum.narrow(1, k, l.frames));
              part.add_(input_gradient(as_batch(grad), part.sizes(), at::MemoryFormat::ChannelsLast,
                                       taps[static_cast<size_t>(k)], {1, 1}));
            }
            return sum;
          }};
}

/// What the decoder calls. Its gradient goes through autograd, as in the decoder.
Form ours(const Level& l, const Tensor& weight, const Tensor& bias, const drf::ops::PackedWeight& packed) {
  const auto run = [=, &packed](const Tensor& all) {
    return drf::ops::causal_conv3d(all.narrow(1, 2, l.frames), all.narrow(1, 0, 2), weight, bias, packed);
  };
  const Tensor input =
      at::empty({1, l.frames + 2, l.height, l.width, l.in}, weight.options()).set_requires_grad(true);
  const Tensor output = run(input);
  return {"ops::causal_conv3d", run, [=](const Tensor& grad) {
            output.backward(grad, /*retain_graph=*/true);
            const Tensor result = input.grad();
            input.mutable_grad() = Tensor();
            return result;
          }};
}

void require_equal(const Form& form, const Tensor& got, const Tensor& want, const char* way,
                   double tolerance) {
  const double error = (got - want).norm().item<double>() / want.norm().item<double>();
  if (error < tolerance) return;
  std::fprintf(stderr, "%s, %s: differs from the first form by %g\n", form.name, way, error);
  std::exit(1);
}

void compare(const Level& l, const at::TensorOptions& options, int turns) {
  const at::NoGradGuard no_graph;
  const auto small = at::TensorOptions().dtype(at::kFloat);
  const auto made = [&](at::IntArrayRef sizes, double scale) {
    return (at::randn(sizes, small) * scale).to(options);
  };
  const Tensor all = made({1, l.frames + 2, l.height, l.width, l.in}, 1),
               grad = made({1, l.frames, l.height, l.width, l.out}, 1),
               weight = made({l.out, l.in, 3, 3, 3}, 1 / std::sqrt(27.0 * static_cast<double>(l.in))),
               bias = made({l.out}, 1);
  const drf::ops::PackedWeight packed;
  std::vector<Form> forms = {
      conv3d("conv3d", l, at::MemoryFormat::Contiguous, weight, bias),
      conv3d("conv3d, channels last", l, at::MemoryFormat::ChannelsLast3d, weight, bias),
      by_frames(l, weight, bias)};
  {
    const at::AutoGradMode graph(true);
    forms.push_back(ours(l, weight, bias, packed));
  }
  const auto synchronize = [&] {
    if (!options.device().is_cpu()) c10::impl::VirtualGuardImpl(options.device().type()).synchronizeDevice(0);
  };
  const double tolerance = options.dtype() == at::kDouble  ? 1e-12
                           : options.dtype() == at::kFloat ? 1e-2
                                                           : 3e-2;
  std::vector<std::function<void()>> forward, back;  // 1e-2: cuDNN may take TF32
  for (const Form& form : forms) {
    require_equal(form, form.forward(all), forms[0].forward(all), "forward", tolerance);
    require_equal(form, form.back(grad), forms[0].back(grad), "back", tolerance);
    forward.push_back([&] { form.forward(all), synchronize(); });
    back.push_back([&] { form.back(grad), synchronize(); });
  }
  const auto there = drf::bench::fastest(forward, turns), way_back = drf::bench::fastest(back, turns);
  const double gflop = 54e-9 * static_cast<double>(l.in * l.out * l.frames * l.height * l.width);
  std::printf("%ld to %ld, %ld x %ld x %ld\n", long{l.in}, long{l.out}, long{l.frames}, long{l.height},
              long{l.width});
  for (size_t i = 0; i < forms.size(); ++i) {
    std::printf("  %-22s forward %9.3f ms %8.0f GFLOP/s   back %9.3f ms %8.0f GFLOP/s\n", forms[i].name,
                1e3 * there[i], gflop / there[i], 1e3 * way_back[i], gflop / way_back[i]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto text = [&](int i, const char* fallback) { return std::string(argc > i ? argv[i] : fallback); };
  const auto number = [&](int i, int64_t fallback) { return argc > i ? std::atoll(argv[i]) : fallback; };
  const std::string dtype = text(2, "float32");
  const std::map<std::string, at::ScalarType> dtypes = {
      {"float32", at::kFloat}, {"float64", at::kDouble}, {"bfloat16", at::kBFloat16}, {"float16", at::kHalf}};
  const int64_t width = number(3, 24), latents = number(4, 5), H = number(5, 16), W = number(6, 16),
                turns = number(7, 5);
  if (!dtypes.count(dtype) || std::min({width, latents, H, W, turns}) < 1) {
    std::fprintf(
        stderr,
        "usage: conv_forms [cpu|cuda] [float32|float64|bfloat16|float16] [base width] [latent frames]\n"
        "       [latent height] [latent width] [turns], numbers from 1\n");
    return 2;
  }
  at::manual_seed(0);
  const auto options = at::TensorOptions().device(at::Device(text(1, "cpu"))).dtype(dtypes.at(dtype));
  std::printf("%s, %s; fastest of %ld turns; GFLOP/s by the definition's 54 C O a pixel\n",
              text(1, "cpu").c_str(), dtype.c_str(), long{turns});
  const int64_t twice = 2 * latents - 1, full = 4 * latents - 3;
  for (const Level& level : {Level{4 * width, 4 * width, latents, H, W},
                             {4 * width, 4 * width, twice, 2 * H, 2 * W},
                             {2 * width, 2 * width, full, 4 * H, 4 * W},
                             {width, width, full, 8 * H, 8 * W},
                             {width, 3, full, 8 * H, 8 * W}}) {
    compare(level, options, static_cast<int>(turns));
  }
}
