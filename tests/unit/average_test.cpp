// The running average of what is trained against its formula.
#include "drf/run/average.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/nn/linear.h"
#include "drf/nn/lora.h"
#include "drf/nn/trainable_weights.h"

namespace drf::run {
namespace {

struct Net : nn::Module {
  explicit Net(at::ScalarType dtype) : layer(3, 2) {
    register_module("layer", layer);
    for (const nn::NamedParameter& p : named_parameters())
      *p.tensor = at::linspace(-1, 1, p.tensor->numel(), at::kDouble).view(p.tensor->sizes()).to(dtype);
  }
  nn::Linear layer;
  nn::TrainableSet trained;
};

void expect_formula(Net& net, double tolerance) {
  constexpr double kDecay = 0.9;
  std::vector<std::vector<double>> expected;
  const auto numbers = [](const at::Tensor& t) {
    const at::Tensor flat = t.detach().to(at::kDouble).flatten();
    return std::vector<double>(flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
  };
  for (const auto& [name, leaf] : net.trained.parameters()) expected.push_back(numbers(leaf));
  Average average(net.trained, kDecay);
  for (int64_t update = 1; update <= 7; ++update) {
    for (size_t i = 0; i < expected.size(); ++i) {
      at::Tensor leaf = net.trained.parameters()[i].second;
      {
        const at::NoGradGuard no_graph;
        leaf.add_(std::sin(static_cast<double>(update + static_cast<int64_t>(i))));
      }
      const auto now = numbers(leaf);
      for (size_t k = 0; k < now.size(); ++k)
        expected[i][k] = kDecay * expected[i][k] + (1 - kDecay) * now[k];
    }
    average.update();
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto got = numbers(average.values()[i]);
    for (size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[i][k], tolerance) << i << " " << k;
    EXPECT_FALSE(average.values()[i].requires_grad());
    EXPECT_EQ(average.values()[i].scalar_type(), net.trained.parameters()[i].second.scalar_type());
  }
}

TEST(Average, OfWeightsAndOfAdaptersIsTheFormulas) {
  for (const auto dtype : {at::kDouble, at::kBFloat16}) {
    const double tolerance = dtype == at::kDouble ? 1e-14 : 1e-6;  // float32 masters of a half model
    Net full(dtype);
    nn::add_weights(full.trained, full);
    expect_formula(full, tolerance);
    Net lora(dtype);
    nn::attach_lora(lora, {.rank = 2, .alpha = 2, .targets = {"layer"}}, 3);
    nn::add_lora(lora.trained, lora);
    expect_formula(lora, tolerance);
  }
}

TEST(Average, StandsInTheSlotsForAWhile) {
  Net net(at::kHalf);
  nn::add_weights(net.trained, net);
  Average average(net.trained, 0.5);
  const at::Tensor x = at::ones({1, 3}, at::kHalf), before = net.layer.forward(x).detach();
  {
    const at::NoGradGuard no_graph;
    for (const auto& [name, leaf] : net.trained.parameters()) leaf.add_(1);
  }
  average.update();  // half a step behind
  const auto forward = [&](std::vector<at::Tensor> values) {
    const auto scope = net.trained.with(std::move(values));
    return net.layer.forward(x).detach();
  };
  const at::Tensor moved = forward(net.trained.standing(nn::TrainableSet::Take::kAsTheyStand));
  EXPECT_TRUE(at::allclose(moved, before + 4, 0, 2e-2));
  EXPECT_TRUE(at::allclose(forward(average.values()), before + 2, 0, 2e-2));
  EXPECT_TRUE(forward(net.trained.standing(nn::TrainableSet::Take::kAsTheyStand)).equal(moved));
}

}  // namespace
}  // namespace drf::run
