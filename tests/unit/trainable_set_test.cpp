// Slots that tensors are put into for a while, and blocks that run again with what stood there.
#include "drf/nn/trainable_set.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "drf/nn/block_runner.h"
#include "drf/nn/lora.h"

namespace drf::nn {
namespace {

struct Net : Module {
  Net() : first(3, 3), second(3, 2) {
    register_module("first", first);
    register_module("second", second);
    int64_t seed = 1;
    for (const NamedParameter& p : named_parameters())
      *p.tensor = at::linspace(-1, 1, p.tensor->numel(), at::kDouble).view(p.tensor->sizes()) * seed++;
    attach_lora(*this, {.rank = 2, .alpha = 6, .targets = {"first", "second"}}, 7);
    for (const NamedLinear& layer : adapters_of(*this)) layer.linear->lora_B().data().fill_(0.25);
    add_lora(trained, *this);
  }
  at::Tensor forward(const at::Tensor& x) const { return second.forward(at::tanh(first.forward(x))); }
  at::Tensor plain(const at::Tensor& x) const {
    return at::linear(at::tanh(at::linear(x, first.weight(), first.bias())), second.weight(), second.bias());
  }
  Linear first, second;
  TrainableSet trained;
};

using Take = TrainableSet::Take;
at::Tensor x() { return at::arange(6, at::kDouble).view({2, 3}) / 4; }

TEST(TrainableSet, NamesItsLeavesAsFilesDo) {
  Net net;
  const auto& parameters = net.trained.parameters();
  ASSERT_EQ(parameters.size(), 4u);
  EXPECT_EQ(parameters[0].first, "transformer.first.lora_A.weight");
  EXPECT_EQ(parameters[3].first, "transformer.second.lora_B.weight");
  EXPECT_TRUE(parameters[3].second.is_same(net.second.lora_B()));
  EXPECT_TRUE(net.first.is_trained() && net.second.is_trained());
  EXPECT_FALSE(net.is_trained());
}

TEST(TrainableSet, AModeIsWhatLiesInTheSlotsAndNests) {
  Net net;
  const at::Tensor trained = net.forward(x());
  EXPECT_TRUE(trained.requires_grad());
  {
    const auto base = net.trained.with(net.trained.standing(Take::kReference));
    EXPECT_TRUE(net.forward(x()).equal(net.plain(x())));
    EXPECT_TRUE(net.first.is_trained()) << "caches ask this, whatever lies in the slots";
    {
      std::vector<at::Tensor> other;
      for (const auto& [name, leaf] : net.trained.parameters()) other.push_back(leaf.detach() * 2);
      const auto doubled = net.trained.with(other);
      EXPECT_FALSE(net.forward(x()).equal(net.plain(x())));
      const auto detached = net.trained.with(net.trained.standing(Take::kDetached));
      EXPECT_TRUE(net.first.lora_A().equal(other[0])) << "what stands, not the leaf";
    }
    EXPECT_TRUE(net.forward(x()).equal(net.plain(x())));
  }
  {
    const auto frozen = net.trained.with(net.trained.standing(Take::kDetached));
    const at::Tensor y = net.forward(x());
    EXPECT_TRUE(y.equal(trained));
    EXPECT_FALSE(y.requires_grad());
  }
  EXPECT_TRUE(net.first.lora_A().is_same(net.trained.parameters()[0].second));
}

TEST(TrainableSet, AnExceptionLeavesNothingBehind) {
  Net net;
  const at::Tensor before = net.forward(x());
  try {
    const auto base = net.trained.with(net.trained.standing(Take::kReference));
    throw std::runtime_error("out of memory");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(net.forward(x()).equal(before));
  EXPECT_TRUE(net.forward(x()).requires_grad());
}

/// d sum of squares / d x and / d each leaf, of blocks run by `run` while `take` stands.
std::vector<at::Tensor> gradients(Net& net, Take take, bool recompute) {
  const at::Tensor in = x().set_requires_grad(true);
  at::Tensor y;
  {
    const auto scope = net.trained.with(net.trained.standing(take));
    const BlockRunner run(recompute, &net.trained);
    const at::Tensor hidden =
        run(net.first, {in}, [&](const auto& inputs) { return at::tanh(net.first.forward(inputs[0])); });
    y = run(net.second, {hidden}, [&](const auto& inputs) { return net.second.forward(inputs[0]); });
  }
  std::thread([&] { y.square().sum().backward(); }).join();  // as the engine of a GPU does
  std::vector<at::Tensor> result{in.grad()};
  for (const auto& [name, leaf] : net.trained.parameters()) {
    result.push_back(leaf.grad().defined() ? leaf.grad().clone() : at::Tensor());
    leaf.mutable_grad() = at::Tensor();
  }
  return result;
}

TEST(BlockRunner, ABlockThatRunsAgainFindsWhatStoodInItsSlots) {
  Net net;
  for (const Take take : {Take::kAsTheyStand, Take::kDetached, Take::kReference}) {
    const auto kept = gradients(net, take, false), again = gradients(net, take, true);
    for (size_t i = 0; i < kept.size(); ++i) {
      ASSERT_EQ(kept[i].defined(), again[i].defined()) << i;
      EXPECT_EQ(kept[i].defined(), i == 0 || take == Take::kAsTheyStand) << i;
      if (kept[i].defined()) EXPECT_TRUE(kept[i].equal(again[i])) << i;
    }
  }
  EXPECT_TRUE(net.forward(x()).requires_grad()) << "the backward put things back";
}

TEST(BlockRunner, LeavesGetTheirGradientWhereNoInputCarriesOne) {
  Net net;
  const BlockRunner run(true, &net.trained);
  run(net.first, {x()}, [&](const auto& in) { return net.first.forward(in[0]); }).sum().backward();
  EXPECT_GT(net.first.lora_B().grad().abs().max().item<double>(), 0);
}

TEST(BlockRunner, WithoutGradientNothingIsKeptOrRunAgain) {
  Net net;
  int calls = 0;
  const auto call = [&](const std::vector<at::Tensor>& in) { return ++calls, net.first.forward(in[0]); };
  const auto base = net.trained.with(net.trained.standing(Take::kReference));
  EXPECT_FALSE(BlockRunner(true, &net.trained)(net.first, {x()}, call).requires_grad());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace drf::nn
