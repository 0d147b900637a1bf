// Attention at the shapes of the released models on a GPU: some fused kernel serves each of them, forward and
// back, and no matrix of scores is formed. (For 32,760 tokens and 12 heads it would be 26 GB.)
#include <ATen/ATen.h>
#include <ATen/SDPBackend.h>

#include <cstdio>
#include <optional>
#include <string>

#include "drf/ops/shared_prefix_attention.h"
#include "drf/tensor/memory_meter.h"
#include "tests/cuda/device.h"

namespace drf {
namespace {

struct Shape {
  const char* name;
  int64_t batch, heads, kv_heads, queries, keys, width;
  at::ScalarType dtype = at::kBFloat16;
  bool bias = false, causal = false;
};

const Shape kShapes[] = {
    {"Wan 1.3B, self, 17 frames of 832 x 480", 1, 12, 12, 7800, 7800, 128},
    {"Wan 1.3B, self, 81 frames of 832 x 480", 1, 12, 12, 32760, 32760, 128},
    {"Wan 14B, self, 81 frames of 832 x 480", 1, 40, 40, 32760, 32760, 128},
    {"Wan 1.3B, both branches at once", 2, 12, 12, 7800, 7800, 128},
    {"Wan 1.3B, text of 512 tokens", 1, 12, 12, 32760, 512, 128},
    {"Wan 1.3B, text whose padding is a bias", 1, 12, 12, 32760, 77, 128, at::kBFloat16, true},
    {"Wan 1.3B in float16", 1, 12, 12, 7800, 7800, 128, at::kHalf},
    {"Wan's VAE, middle block, 832 x 480", 3, 1, 1, 6240, 6240, 384, at::kFloat},
    {"Qwen2.5-VL, vision, whole", 8, 16, 16, 512, 512, 80},
    {"Qwen2.5-VL, vision, windows", 64, 16, 16, 64, 64, 80},
    {"Qwen2.5-VL 7B, language, prefix", 1, 28, 4, 1100, 1100, 128, at::kBFloat16, false, true},
};

const char* kernel_name(int64_t choice) {
  switch (static_cast<at::SDPBackend>(choice)) {
    case at::SDPBackend::math:
      return "math";
    case at::SDPBackend::flash_attention:
      return "flash";
    case at::SDPBackend::efficient_attention:
      return "memory-efficient";
    case at::SDPBackend::cudnn_attention:
      return "cuDNN";
    default:
      return "none";
  }
}

class AttentionOnCuda : public testing::OnCuda {
 protected:
  void SetUp() override {
    OnCuda::SetUp();
    at::globalContext().setSDPUseMath(false);  // what only the math kernel could do is an error
  }
  void TearDown() override { at::globalContext().setSDPUseMath(true); }
};

TEST_F(AttentionOnCuda, AFusedKernelServesEveryShapeOfTheReleasedModels) {
  for (const Shape& s : kShapes) {
    const auto options = at::TensorOptions().device(device_).dtype(s.dtype);
    // As linear layers give them: heads beside each other in a token's row.
    const auto tokens = [&](int64_t count, int64_t heads) {
      return at::randn({s.batch, count, heads, s.width}, options).set_requires_grad(true);
    };
    const at::Tensor q = tokens(s.queries, s.heads), k = tokens(s.keys, s.kv_heads),
                     v = tokens(s.keys, s.kv_heads);
    const auto bias =
        s.bias ? std::optional<at::Tensor>(at::zeros({s.batch, 1, 1, s.keys}, options)) : std::nullopt;
    const at::Tensor heads_q = q.transpose(1, 2), heads_k = k.transpose(1, 2), heads_v = v.transpose(1, 2);
    const bool shared = s.heads != s.kv_heads;
    at::globalContext().setSDPUseMath(true);  // so that it can be chosen
    const int64_t choice =
        at::_fused_sdp_choice(heads_q, heads_k, heads_v, bias, 0.0, s.causal, std::nullopt, shared);
    at::globalContext().setSDPUseMath(false);
    std::printf("%-42s %s\n", s.name, kernel_name(choice));
    RecordProperty(s.name, kernel_name(choice));
    EXPECT_NE(static_cast<at::SDPBackend>(choice), at::SDPBackend::math) << s.name;

    MemoryMeter meter(device_);
    const int64_t before = meter.live();
    meter.reset_peak();
    const at::Tensor y = at::scaled_dot_product_attention(heads_q, heads_k, heads_v, bias, 0.0, s.causal,
                                                          std::nullopt, shared);
    y.backward(at::ones_like(y));
    EXPECT_TRUE(at::isfinite(q.grad()).all().item<bool>()) << s.name;
    const int64_t taken = meter.peak() - before;
    const auto scores =
        s.batch * s.heads * s.queries * s.keys * static_cast<int64_t>(c10::elementSize(s.dtype));
    const auto tensors = static_cast<int64_t>(q.nbytes() + k.nbytes() + v.nbytes());
    // Where the scores are more than what any kernel needs: copies of what comes in and goes out, some of
    // them in float32.
    if (scores > 16 * tensors) {
      EXPECT_LT(taken, scores / 2) << s.name;
    }
  }
}

TEST_F(AttentionOnCuda, ManyQuestionsOnOnePrefixRunInFlashKernels) {
  const int64_t questions = 8, suffix = 40, prefix = 1100;
  const auto options = at::TensorOptions().device(device_).dtype(at::kBFloat16);
  const auto draw = [&](at::IntArrayRef shape) { return at::randn(shape, options).set_requires_grad(true); };
  const at::Tensor q = draw({1, questions, suffix, 28, 128}), k_prefix = draw({1, prefix, 4, 128}),
                   v_prefix = draw({1, prefix, 4, 128}), k = draw({1, questions, suffix, 4, 128}),
                   v = draw({1, questions, suffix, 4, 128});
  const double scale = 0.088;
  MemoryMeter meter(device_);
  const int64_t before = meter.live();
  meter.reset_peak();
  const at::Tensor y = ops::shared_prefix_attention(q, k_prefix, v_prefix, k, v, scale);
  const at::Tensor grad = at::randn_like(y);
  y.backward(grad);
  const int64_t taken = meter.peak() - before;
  std::vector<at::Tensor> got{y.detach()}, leaves{q, k_prefix, v_prefix, k, v};
  for (at::Tensor& leaf : leaves) {
    got.push_back(leaf.grad());
    leaf.mutable_grad() = at::Tensor();
  }
  meter.reset_peak();
  const int64_t again = meter.live();
  const at::Tensor plain = ops::shared_prefix_attention_plain(q, k_prefix, v_prefix, k, v, scale);
  plain.backward(grad);
  EXPECT_LT(taken, meter.peak() - again);
  std::vector<at::Tensor> want{plain.detach()};
  for (const at::Tensor& leaf : leaves) want.push_back(leaf.grad());
  for (size_t i = 0; i < want.size(); ++i) {
    const double error =
        ((got[i] - want[i]).to(at::kFloat).norm() / want[i].to(at::kFloat).norm()).item<double>();
    EXPECT_LT(error, 0.02) << "result " << i
                           << " (0: the value)";  // both round; ops_cuda_test has .0125 for one
  }
}

}  // namespace
}  // namespace drf
