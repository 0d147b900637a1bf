// All weights of a network as what is trained: masters, and casts of them in the slots of half models.
#include "drf/nn/trainable_weights.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <thread>

#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/norm.h"

namespace drf::nn {
namespace {

using Take = TrainableSet::Take;

struct Net : Module {
  explicit Net(at::ScalarType dtype) : first(3, 4), norm(4, 1e-6, Precision::kFloat32), second(4, 2) {
    register_module("first", first);
    register_module("norm", norm);
    register_module("second", second);
    register_parameter("table", table, {1, 2}, Precision::kFloat32);
    int64_t seed = 1;
    for (const NamedParameter& p : named_parameters()) {
      const bool wide = p.precision == Precision::kFloat32 && dtype != at::kDouble;
      *p.tensor = (at::linspace(-1, 1, p.tensor->numel(), at::kDouble) * .37 * seed++)
                      .view(p.tensor->sizes())
                      .to(wide ? at::kFloat : dtype);
      as_read.push_back(p.tensor->clone());
    }
    add_weights(trained, *this, "net");
  }
  at::Tensor forward(const at::Tensor& x) const {
    return second.forward(norm.forward(at::tanh(first.forward(x)))) * table;
  }
  at::Tensor x() const {
    return (at::arange(6, at::kDouble).view({2, 3}) / 4).to(first.weight().scalar_type());
  }
  std::vector<at::Tensor> take_gradients() const {
    std::vector<at::Tensor> all;
    for (const auto& [name, leaf] : trained.parameters()) {
      all.push_back(leaf.grad());
      leaf.mutable_grad() = at::Tensor();
    }
    return all;
  }
  Linear first;
  LayerNorm norm;
  Linear second;
  at::Tensor table;
  std::vector<at::Tensor> as_read;
  TrainableSet trained;
};

TEST(TrainableWeights, AreAllParametersInTheirOrderAsFloat32Copies) {
  Net net(at::kBFloat16);
  const auto named = net.named_parameters();
  const auto& parameters = net.trained.parameters();
  const auto reference = net.trained.standing(Take::kReference);
  ASSERT_EQ(parameters.size(), 7u);
  ASSERT_EQ(named.size(), 7u);
  for (size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_EQ(parameters[i].first, "net." + named[i].name);
    EXPECT_EQ(parameters[i].second.scalar_type(), at::kFloat) << named[i].name;
    EXPECT_TRUE(parameters[i].second.is_leaf() && parameters[i].second.requires_grad());
    EXPECT_TRUE(parameters[i].second.equal(net.as_read[i].to(at::kFloat)));
    EXPECT_TRUE(reference[i].equal(net.as_read[i]));
    EXPECT_EQ(named[i].tensor->scalar_type(), net.as_read[i].scalar_type()) << "what a slot holds";
    EXPECT_FALSE(parameters[i].second.is_alias_of(reference[i])) << "a file's pages are not written to";
  }
  EXPECT_TRUE(net.is_trained() && net.first.is_trained() && net.norm.is_trained());
}

// d sum of squares / d each leaf.
std::vector<at::Tensor> gradients(const Net& net) {
  net.forward(net.x()).to(at::kDouble).square().sum().backward();
  return net.take_gradients();
}

TEST(TrainableWeights, GetTheGradientOfThePlainGraph) {
  for (const auto dtype : {at::kDouble, at::kBFloat16, at::kHalf}) {
    Net net(dtype);
    const auto got = gradients(net);
    // The same module with ordinary parameters of its own dtype.
    std::vector<at::Tensor> plain;
    for (const at::Tensor& t : net.as_read) plain.push_back(t.clone().set_requires_grad(true));
    const auto scope = net.trained.with(plain);
    net.forward(net.x()).to(at::kDouble).square().sum().backward();
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_TRUE(got[i].defined()) << i;
      EXPECT_EQ(got[i].scalar_type(), dtype == at::kDouble ? at::kDouble : at::kFloat);
      EXPECT_TRUE(got[i].equal(plain[i].grad().to(got[i].scalar_type()))) << i;
    }
  }
}

TEST(TrainableWeights, GradientsOfSeveralBackwardsAddUpInFloat32) {
  Net net(at::kBFloat16);
  const auto once = gradients(net);
  const at::Tensor one = net.forward(net.x()), two = net.forward(net.x());
  one.to(at::kDouble).square().sum().backward();
  two.to(at::kDouble).square().sum().mul(1. / 1024).backward();  // beyond bfloat16's eight bits
  const auto both = net.take_gradients();
  for (size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(both[i].equal(once[i] + once[i] / 1024)) << i;
}

TEST(TrainableWeights, AreCastAnewWhenTheLeafHasChangedAndOnlyThen) {
  Net net(at::kBFloat16);
  const auto stand = [&] { return net.trained.with(net.trained.standing(Take::kAsTheyStand)); };
  const at::Tensor before = net.first.weight();
  { const auto scope = stand(); }
  EXPECT_TRUE(net.first.weight().is_same(before));
  {
    const at::NoGradGuard no_graph;
    for (const auto& [name, leaf] : net.trained.parameters()) leaf.sub_(1);
  }
  const auto scope = stand();
  EXPECT_FALSE(net.first.weight().equal(before));
  EXPECT_TRUE(net.first.weight().equal(net.trained.parameters()[1].second.to(at::kBFloat16)));
  EXPECT_EQ(net.trained.parameters()[1].first, "net.first.weight");
}

TEST(TrainableWeights, DetachedOnesAreTheSameCastWithoutGraph) {
  Net net(at::kBFloat16);
  const at::Tensor cast = net.first.weight();
  const auto frozen = net.trained.with(net.trained.standing(Take::kDetached));
  EXPECT_TRUE(net.first.weight().is_alias_of(cast));
  EXPECT_FALSE(net.forward(net.x()).requires_grad());
  EXPECT_EQ(net.trained.standing(Take::kAsTheyStand)[1].scalar_type(), at::kFloat) << "not yet cast";
}

TEST(TrainableWeights, OthersStandInTheirPlacesForAWhile) {
  Net net(at::kHalf);
  const at::Tensor trained = net.forward(net.x());
  {
    std::vector<at::Tensor> average;
    for (const auto& [name, leaf] : net.trained.parameters()) average.push_back(leaf.detach() * 2);
    const auto scope = net.trained.with(average);
    EXPECT_TRUE(net.first.weight().equal(average[1].to(at::kHalf)));
    EXPECT_TRUE(net.trained.standing(Take::kAsTheyStand)[1].is_same(average[1]));
    const auto base = net.trained.with(net.trained.standing(Take::kReference));
    EXPECT_TRUE(net.forward(net.x()).equal(trained)) << "nothing has moved yet";
    EXPECT_FALSE(net.forward(net.x()).requires_grad());
  }
  EXPECT_TRUE(net.forward(net.x()).equal(trained));
  EXPECT_TRUE(net.forward(net.x()).requires_grad());
}

TEST(TrainableWeights, ABlockThatRunsAgainFindsItsCasts) {
  for (const auto dtype : {at::kDouble, at::kBFloat16}) {
    Net net(dtype);
    const auto pulled = [&](bool recompute) {
      at::Tensor y;
      {
        const auto scope = net.trained.with(net.trained.standing(Take::kAsTheyStand));
        const BlockRunner run(recompute, &net.trained);
        const at::Tensor hidden = run(net.first, {net.x()}, [&](const auto& in) {
          return net.norm.forward(at::tanh(net.first.forward(in[0])));
        });
        y = run(net.second, {hidden}, [&](const auto& in) { return net.second.forward(in[0]); }) * net.table;
      }
      const auto base = net.trained.with(net.trained.standing(Take::kReference));
      std::thread([&] { y.to(at::kDouble).square().sum().backward(); }).join();
      return net.take_gradients();
    };
    const auto kept = pulled(false), again = pulled(true);
    for (size_t i = 0; i < kept.size(); ++i) {
      ASSERT_TRUE(kept[i].defined() && again[i].defined()) << i;
      EXPECT_TRUE(kept[i].equal(again[i])) << i;
    }
  }
}

}  // namespace
}  // namespace drf::nn
