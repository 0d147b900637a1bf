// A Wan pipeline of two transformers samples as diffusers' WanPipeline does, wherever the boundary lies, on
// both samplers, with both guidances and both adapters; and a folder that is no such pipeline is refused.
// tools/reference/pair.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/files.h"
#include "drf/diffusion/sampler.h"
#include "drf/flow/guided_denoiser.h"
#include "drf/flow/networks.h"
#include "drf/models/denoiser.h"
#include "drf/nn/lora.h"
#include "drf/nn/residence.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/pair_model.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

namespace fs = std::filesystem;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_pair;
using testing::write_text;

using Files = std::vector<fs::path>;

models::ModelOptions options_of(const nlohmann::json& settings) {
  models::ModelOptions options;
  options.load.dtype = options.decoder_dtype = at::kDouble;
  options.text_length = settings["text-length"];
  options.guidance = settings["guidance"];
  if (settings.contains("guidance-2")) options.guidance_2 = settings["guidance-2"];
  return options;
}

at::Tensor sample(const fs::path& folder, const nlohmann::json& settings, const at::Tensor& noise,
                  const Files& loras) {
  const auto model = models::open_generator(folder, options_of(settings));
  models::Denoiser& denoiser = *model.denoiser;
  const auto components = denoiser.components();
  for (size_t i = 0; i < loras.size(); ++i)
    nn::load_lora(*components.at(i).root, loras[i], components[i].names);
  const at::NoGradGuard no_graph;
  const auto kind = diffusion::parse_sampler(settings["sampler"]);
  const auto schedule = diffusion::make_schedule(kind, settings["steps"], settings["shift"]);
  const auto sampler = diffusion::make_sampler(kind, schedule);
  const models::Condition text = denoiser.encode(settings["prompt"].get<std::string>()),
                          negative = denoiser.encode(settings["negative"].get<std::string>());
  const nn::TrainableSet untrained;
  const flow::GuidedDenoiser guided(denoiser, untrained, {});
  const flow::Prepared prepared = guided.prepare({text}, negative);
  at::Tensor x = noise.to(at::kDouble).unsqueeze(0);
  for (int64_t step = 0; step < schedule.steps(); ++step)
    x = sampler->step(x, guided.velocity(x, schedule.timesteps[step], prepared), step);
  return x[0];
}

const Files& golden_loras() {
  static const Files files{source_path("tests/goldens/pair_lora.safetensors"),
                           source_path("tests/goldens/pair_lora_2.safetensors")};
  return files;
}

class Pair : public ::testing::Test {
 protected:
  const Golden golden{"pair.safetensors"};
  const nlohmann::json cases = nlohmann::json::parse(golden.metadata("cases"));
  TemporaryFolder place;
};

// The golden's float64 answers are stored as float32, and Euler's step sizes are float32: a few roundings.
TEST_F(Pair, SamplesAsDiffusersWhereverTheBoundaryLies) {
  ASSERT_EQ(cases.size(), 9u);
  for (const auto& [name, settings] : cases.items()) {
    write_pair(place / name, settings["boundary"]);
    const bool adapted = settings.value("lora", false);
    EXPECT_TRUE(
        close_relative(sample(place / name, settings, golden["noise"], adapted ? golden_loras() : Files()),
                       golden[name + ".latents"], 1e-6))
        << name;
  }
}

// Were one ignored, the cases above would say nothing of it.
TEST_F(Pair, EachOfBothAdaptersGuidancesAndTheBoundaryCounts) {
  nlohmann::json settings = cases["euler"];
  write_pair(place / "pair", settings["boundary"]);
  const auto other = [&](const nlohmann::json& changed, const Files& loras, const fs::path& folder) {
    return !close_relative(sample(folder, changed, golden["noise"], loras), golden["euler.latents"], 1e-3);
  };
  EXPECT_TRUE(other(settings, {golden_loras()[0]}, place / "pair")) << "the second adapter";
  for (const char* key : {"guidance", "guidance-2"}) {
    nlohmann::json changed = settings;
    changed[key] = 2.5;
    EXPECT_TRUE(other(changed, golden_loras(), place / "pair")) << key;
  }
  write_pair(place / "elsewhere", 0.9);
  EXPECT_TRUE(other(settings, golden_loras(), place / "elsewhere"));
}

// Two networks of one size take each other's files: names and shapes say nothing.
TEST_F(Pair, SwappedFilesDiffer) {
  const nlohmann::json settings = cases["euler"];
  write_pair(place / "pair", settings["boundary"], {"transformer", "transformer"});
  const auto model = models::open_generator(place / "pair", options_of(settings));
  const auto components = model.denoiser->components();
  Files files;
  for (size_t i = 0; i < 2; ++i) {
    nn::attach_lora(*components[i].root, {2, 2, {"to_q", "ffn.net.2"}}, i);
    const at::NoGradGuard no_graph;
    for (const nn::NamedLinear& layer : nn::adapters_of(*components[i].root))
      layer.linear->lora_B().fill_(0.3 - 0.5 * static_cast<double>(i));
    files.push_back(place / concat("adapters", i, ".safetensors"));
    nn::LayerNames silent = components[i].names;
    silent.network.clear();  // as other tools write them
    nn::save_lora(*components[i].root, files.back(), nn::LoraForm::kDiffusers, silent);
  }
  const at::Tensor right = sample(place / "pair", settings, golden["noise"], files);
  EXPECT_FALSE(
      close_relative(sample(place / "pair", settings, golden["noise"], {files[1], files[0]}), right, 1e-3));

  // Ours say whose they are.
  for (const nn::LoraForm form : {nn::LoraForm::kDiffusers, nn::LoraForm::kComfyUi}) {
    for (size_t i = 0; i < 2; ++i) nn::save_lora(*components[i].root, files[i], form, components[i].names);
    EXPECT_TRUE(close_relative(sample(place / "pair", settings, golden["noise"], files), right, 1e-6));
    EXPECT_TRUE(
        says(error_of(ErrorKind::kInput,
                      [&] {
                        sample(place / "pair", settings, golden["noise"], {files[1], files[0]});
                      }),
             "holds the adapters of transformer_2, wanted transformer's: give it in the other's place"));
  }
}

// diffusers compares in float32; a level that lies on the boundary is the first network's.
TEST_F(Pair, WhoComputesWhereAndHowItIsGuided) {
  nlohmann::json settings = cases["euler"];
  const auto opened = [&](const char* name, double boundary) {
    write_pair(place / name, boundary);
    return models::open_generator(place / name, options_of(settings));
  };
  const auto between = opened("between", 0.8);
  EXPECT_EQ(between.denoiser->component(800), 0u);
  EXPECT_EQ(between.denoiser->component(799.9), 1u);
  EXPECT_EQ(between.denoiser->guidance(800), 3);
  EXPECT_EQ(between.denoiser->guidance(799.9), 2);
  EXPECT_EQ(between.denoiser->components()[1].name, "transformer_2");
  const float level = 857.142883F;  // more than a hundredth of its last bit below what float64 would compare
  const auto on_level = opened("level", static_cast<double>(level) / 1000 + 1e-9);
  EXPECT_EQ(on_level.denoiser->component(level), 0u);
  settings.erase("guidance-2");
  EXPECT_EQ(opened("same", 0.8).denoiser->guidance(1), 3);
  EXPECT_EQ(opened("first", 0).denoiser->component(0), 0u);
  const auto second = opened("second", 1);
  EXPECT_EQ(second.denoiser->component(999.9), 1u);
  EXPECT_EQ(second.denoiser->component(1000), 0u);
}

TEST_F(Pair, WhichNetworksTrainAndWhatIsSaidOfOthers) {
  write_pair(place / "pair", 0.8);
  const auto model = models::open_generator(place / "pair", options_of(cases["euler"]));
  diffusion::ScheduleOptions options;
  options.steps = 8;
  const auto schedule = model.denoiser->schedule(options);
  int64_t first = 0;  // steps of the first network
  while (schedule.timesteps[static_cast<size_t>(first)] >= 800) ++first;
  ASSERT_GT(first, 1);
  const auto trained = [&](const diffusion::StepPolicyOptions& o) {
    return flow::trained_networks(*model.denoiser, schedule, diffusion::make_step_policy(o, 8).get());
  };
  using Trained = std::vector<bool>;
  EXPECT_EQ(trained({"last", 8 - first, {}}), (Trained{false, true}));
  EXPECT_EQ(trained({"last", 9 - first, {}}), (Trained{true, true}));
  EXPECT_EQ(trained({"list", 1, {0}}), (Trained{true, false}));
  EXPECT_EQ(trained({"random", 1, {}}), (Trained{true, true}));
  EXPECT_EQ(trained({"uniform", 1, {}}), (Trained{false, true}));
  EXPECT_EQ(trained({"low_variance", 1, {}}), (Trained{false, true}));
  EXPECT_EQ(flow::trained_networks(*model.denoiser, schedule, nullptr), (Trained{true, true}));

  const auto low = diffusion::make_step_policy({"last", 2, {}}, 8);
  const auto warnings = flow::network_warnings(*model.denoiser, schedule, low.get(), "last");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(says(warnings[0].found, concat("no step that trains is one of transformer, which has ", first,
                                             " of 8: it learns nothing and gets no adapter file")));
  EXPECT_TRUE(says(warnings[0].remedy, concat("flow.K = ", 9 - first, " would reach it")));
  EXPECT_EQ(flow::network_warnings(*model.denoiser, schedule, nullptr, "matching").size(), 0u);
  // The remedy is one that the choice of steps reads.
  const auto remedy = [&](const diffusion::StepPolicyOptions& o, const std::string& chosen_by) {
    const auto policy = diffusion::make_step_policy(o, 8);
    return flow::network_warnings(*model.denoiser, schedule, policy.get(), chosen_by).at(0).remedy;
  };
  EXPECT_TRUE(
      says(remedy({"list", 1, {7}}, "list"), concat("step ", first - 1, " in flow.steps would reach it")));
  EXPECT_TRUE(says(remedy({"uniform", 1, {}}, "uniform"),
                   concat("flow.policy = \"last\" with flow.K = ", 9 - first, " would reach it")));
  const std::string grpo = remedy({"list", 1, {0}}, "policy_gradient");
  EXPECT_TRUE(says(grpo, "all steps but the last train: more of them (sampling.steps) would reach it"));
  EXPECT_EQ(grpo.find("flow."), std::string::npos) << "it reads none of them";
}

TEST_F(Pair, OneAtATimeOnlyTheNetworkInUseIsThere) {
  nlohmann::json settings = cases["euler"];
  write_pair(place / "pair", 0.8);
  models::ModelOptions options = options_of(settings);
  options.one_at_a_time = true;
  const auto model = models::open_generator(place / "pair", options);
  const auto components = model.denoiser->components();
  for (const models::Component& network : components) EXPECT_FALSE(network.residence->here()) << network.name;
  const flow::Parking parking({components[0].residence, components[1].residence}, flow::Park::kOn);
  const nn::TrainableSet untrained;
  const flow::GuidedDenoiser guided(*model.denoiser, untrained, {}, &parking);
  const auto text = model.denoiser->encode("a red ball");
  const auto prepared = guided.prepare({text}, text);
  const at::Tensor x = golden["noise"].to(at::kDouble).unsqueeze(0);
  for (const double t : {950.0, 300.0, 850.0}) {
    guided.velocity(x, t, prepared);
    const size_t own = model.denoiser->component(t);
    EXPECT_TRUE(components[own].residence->here());
    EXPECT_FALSE(components[1 - own].residence->here());
  }
}

// A network that no step is reads nothing.
TEST_F(Pair, ANetworkThatIsNotAskedNeedNotBeThere) {
  write_pair(place / "pair", 0.8);
  const auto model = models::open_generator(place / "pair", options_of(cases["euler"]));
  const auto components = model.denoiser->components();
  components[0].residence->park();
  const nn::TrainableSet untrained;
  const flow::GuidedDenoiser guided(*model.denoiser, untrained, {});
  const auto text = model.denoiser->encode("a red ball");
  guided.velocity(golden["noise"].to(at::kDouble).unsqueeze(0), 300, guided.prepare({text}, text));
  EXPECT_FALSE(components[0].residence->here());
}

TEST_F(Pair, WhatIsNoSuchPipelineIsRefused) {
  write_pair(place / "pair", 0.8);
  const fs::path index = place / "pair" / "model_index.json",
                 config = place / "pair" / "transformer_2" / "config.json";
  const auto refusal = [&](const fs::path& file, const std::function<void(nlohmann::json&)>& change) {
    const std::string before = read_file(file);
    nlohmann::json json = nlohmann::json::parse(before);
    change(json);
    write_text(file, json.dump());
    const std::string message =
        error_of(ErrorKind::kInput, [&] { models::open_generator(place / "pair", {}); });
    write_text(file, before);
    return message;
  };
  const nlohmann::json null = {nullptr, nullptr};
  EXPECT_TRUE(says(refusal(index, [&](auto& json) { json["transformer"] = null; }),
                   "model_index.json: transformer: is null, wanted a WanTransformer3DModel"));
  EXPECT_TRUE(says(refusal(index, [&](auto& json) { json["transformer_2"] = null; }),
                   "boundary_ratio: is 0.8, but there is no transformer_2"));
  EXPECT_TRUE(says(refusal(index, [&](auto& json) { json.erase("transformer_2"); }), "no transformer_2"));
  EXPECT_TRUE(says(refusal(index, [&](auto& json) { json["boundary_ratio"] = nullptr; }),
                   "transformer_2: is there, but without boundary_ratio"));
  for (const double ratio : {-0.1, 1.5, 875.0})
    EXPECT_TRUE(says(refusal(index, [&](auto& json) { json["boundary_ratio"] = ratio; }),
                     "wanted a share of the timesteps, from 0 to 1"));
  EXPECT_TRUE(says(refusal(config,
                           [](auto& json) {
                             json["patch_size"] = {1, 1, 1};
                           }),
                   "transformer_2 takes 8 channels in patches of [1, 1, 1], transformer 8 in [1, 2, 2]"));
  EXPECT_TRUE(says(refusal(config, [](auto& json) { json["text_dim"] = 10; }),
                   "width 64, the transformer_2 wants 10"));
  fs::remove(place / "pair" / "transformer_2" / "diffusion_pytorch_model.safetensors");
  EXPECT_TRUE(says(refusal(config, [](auto&) {}), "transformer_2"));
}

TEST_F(Pair, AGuidanceThatNothingReadsIsRefused) {
  models::ModelOptions options;
  options.guidance = 3;
  options.guidance_2 = 2;
  for (const char* folder : {"assets/tiny/generator", "assets/fields"})
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { models::open_generator(source_path(folder), options); }),
             "has one transformer, but a second guidance, 2, is given"));
  write_pair(place / "pair", 0.8);
  options.guidance = 1;
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { models::open_generator(place / "pair", options); }),
                   "diffusers never guides"));
  options.guidance_2 = 1;
  EXPECT_NO_THROW(models::open_generator(place / "pair", options));
}

}  // namespace
}  // namespace drf
