// Wan 2.2's two transformers through the commands: two adapter files, a run that goes on with both, and what
// is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_train.h"
#include "tests/support/pair_model.h"

namespace drf {
namespace {

constexpr int kConfigCode = 2, kInputCode = 3;

using namespace testing;

// Two steps, the first above the boundary and the second below.
class PairRun : public ::testing::Test {
 protected:
  PairRun() { write_pair(place / "pair", 0.9); }
  Arguments pair(const Arguments& more = {}) const {
    return joined({"generator.path=" + (place / "pair").string(), "lora.rank=2"}, more);
  }
  Arguments both(const Arguments& more = {}) const { return pair(joined({"flow.K=2"}, more)); }
  std::string at(const std::string& name) const { return (place / name).string(); }
  static std::vector<std::string> files(const fs::path& run, int step) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(checkpoint(run, step, ".")))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  /// One small clip of two steps.
  Outcome sample(const std::string& model, const std::string& latents, const Arguments& more) const {
    return run_drf(joined({"sample", "--model", model, "--prompt", "a red ball", "--frames", "5", "--size",
                           "16x16", "--steps", "2", "--text-length", "24", "--sampler", "euler", "--schedule",
                           "flow", "--save-latents", at(latents)},
                          more));
  }
  TemporaryFolder place;
};

TEST_F(PairRun, EachTransformerHasItsFileAndARunGoesOnWithBoth) {
  const fs::path whole = place / "whole", halves = place / "halves";
  const Arguments settings = both({"output.comfyui=true", "train.eval_every=3", "eval.prompts=1",
                                   "sampling.guidance=3", "sampling.guidance_2=2"});
  const Outcome done = train(whole, settings);
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, (whole / "checkpoints/step-000003/adapters.safetensors").string() + "\n" +
                          (whole / "checkpoints/step-000003/adapters_2.safetensors").string() + "\n");
  const std::vector<std::string> all = {"adapters.safetensors",           "adapters_2.safetensors",
                                        "adapters_2_comfyui.safetensors", "adapters_comfyui.safetensors",
                                        "optimizer.safetensors",          "state.json"};
  EXPECT_EQ(files(whole, 3), all);
  for (const std::string& name : all) EXPECT_TRUE(fs::exists(whole / "checkpoints/best" / name)) << name;
  for (const auto& [name, network] :
       {std::pair{"adapters", "transformer"}, std::pair{"adapters_2", "transformer_2"}}) {
    for (const char* form : {".safetensors", "_comfyui.safetensors"}) {
      const SafetensorsFile file(checkpoint(whole, 3, (std::string(name) + form).c_str()));
      EXPECT_EQ(file.metadata().at("drf_network"), network);
      for (const auto& [tensor, entry] : file.entries()) {
        const char* prefix = form[0] == '.' ? "transformer.blocks." : "diffusion_model.blocks.";
        EXPECT_EQ(tensor.rfind(prefix, 0), 0u) << tensor;
      }
    }
  }
  EXPECT_NE(read_file(checkpoint(whole, 3)), read_file(checkpoint(whole, 3, "adapters_2.safetensors")));

  ASSERT_EQ(train(halves, joined(settings, {"train.updates=2"})).code, 0);
  const Outcome rest = train(halves, settings, {"--resume"});
  ASSERT_EQ(rest.code, 0) << rest.err;
  expect_same_run(whole, halves, 3);
  EXPECT_EQ(read_file(checkpoint(whole, 3, "adapters_2.safetensors")),
            read_file(checkpoint(halves, 3, "adapters_2.safetensors")));
}

TEST_F(PairRun, WithoutAStepThatTrainsThereIsNoFile) {
  const fs::path run = place / "run";
  const Outcome done = train(run, pair());  // flow.K = 1
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, (run / "checkpoints/step-000003/adapters_2.safetensors").string() + "\n");
  EXPECT_EQ(files(run, 3),
            (std::vector<std::string>{"adapters_2.safetensors", "optimizer.safetensors", "state.json"}));
  EXPECT_NE(done.err.find("no step that trains is one of transformer, which has 1 of 2"), std::string::npos)
      << done.err;
  EXPECT_NE(done.err.find("flow.K = 2 would reach it"), std::string::npos) << done.err;

  const std::string file = checkpoint(run, 3, "adapters_2.safetensors").string();
  const auto eval = [&](const Arguments& files) {
    return run_drf(joined(tiny_config("eval", pair({"eval.prompts=1"})), joined({"--json"}, files)));
  };
  const Outcome right = eval({"--lora-2", file});
  ASSERT_EQ(right.code, 0) << right.err;
  const auto row = nlohmann::json::parse(right.out);
  EXPECT_NE(row["base"]["reward"], row["after"]["reward"]);
  EXPECT_TRUE(refused(eval({"--lora", file}), kInputCode,
                      {"holds the adapters of transformer_2, wanted transformer's", "--lora-2"}));
  EXPECT_TRUE(refused(eval({}), kConfigCode, {"--weights,--lora,--lora-2", "is required"}));
  EXPECT_TRUE(refused(eval({"--lora", file, "--lora-2", file}), kConfigCode,
                      {"--lora and --lora-2 are one file", file, "adapters_2.safetensors"}));
  EXPECT_TRUE(
      refused(run_drf(tiny_config("train", pair({"output.dir=" + at("next"), "lora.init_from=" + file}))),
              kConfigCode, {"lora.init_from is", "no step that trains is one of transformer's"}));
  EXPECT_TRUE(refused(run_drf(tiny_config("train", both({"output.dir=" + at("next"), "lora.init_from=" + file,
                                                         "lora.init_from_2=" + file}))),
                      kConfigCode, {"lora.init_from and lora.init_from_2 are one file"}));
}

TEST_F(PairRun, GradientsAndSamplesTakeBoth) {
  const fs::path run = place / "run";
  ASSERT_EQ(train(run, both()).code, 0);
  const std::string first = checkpoint(run, 3).string(),
                    second = checkpoint(run, 3, "adapters_2.safetensors").string();
  const Outcome gradient =
      run_drf(joined(tiny_config("gradient", both({"lora.init_from=" + first, "lora.init_from_2=" + second})),
                     {"-o", at("gradient.safetensors")}));
  ASSERT_EQ(gradient.code, 0) << gradient.err;
  const SafetensorsFile file(place / "gradient.safetensors");
  for (const char* name : {"d.transformer.blocks.0.attn1.to_q.lora_A.weight",
                           "d.transformer_2.blocks.2.attn1.to_q.lora_B.weight"})
    EXPECT_GT(file.get(name).abs().max().item<double>(), 0) << name;

  const auto latents = [&](const std::string& name, const Arguments& more) {
    const Outcome done = sample(at("pair"), name, more);
    EXPECT_EQ(done.code, 0) << done.err;
    return SafetensorsFile(place / name).get("latents").clone();
  };
  const at::Tensor base = latents("base", {});
  EXPECT_FALSE(at::equal(latents("first", {"--lora", first}), base));
  EXPECT_FALSE(at::equal(latents("second", {"--lora-2", second}), base));
  EXPECT_TRUE(at::equal(latents("off", {"--lora", first, "--lora-2", second, "--lora-scale", "0"}), base));
}

TEST_F(PairRun, WhatOneTransformerCannotHaveIsRefused) {
  const std::string lora = source_path("tests/goldens/flow_plain_lora.safetensors").string();
  EXPECT_TRUE(refused(sample(generator(), "x", {"--lora-2", lora}), kConfigCode,
                      {"--lora-2 is", "the generator has one transformer"}));
  EXPECT_TRUE(refused(sample(generator(), "x", {"--guidance", "3", "--guidance-2", "2"}), kConfigCode,
                      {"has one transformer", "--guidance-2"}));
  EXPECT_TRUE(refused(sample(at("pair"), "x", {"--guidance", "1", "--guidance-2", "3"}), kConfigCode,
                      {"diffusers never guides"}));
  EXPECT_TRUE(
      refused(sample(at("pair"), "x", {"--guidance-2", "0.5"}), kConfigCode, {"--guidance-2 is 0.5"}));
  EXPECT_TRUE(refused(sample(at("pair"), "x", {"--lora", lora, "--lora-2", lora}), kConfigCode,
                      {"--lora and --lora-2 are one file"}));
  const auto config = [&](const Arguments& more) {
    return run_drf(tiny_config("train", joined({"output.dir=" + at("run")}, more)));
  };
  EXPECT_TRUE(refused(config({"sampling.guidance=2", "sampling.guidance_2=3"}), kConfigCode,
                      {"has one transformer", "sampling.guidance_2"}));
  EXPECT_TRUE(refused(config({"lora.init_from_2=" + lora}), kConfigCode,
                      {"lora.init_from_2 is", "has one transformer"}));
  EXPECT_TRUE(refused(config(pair({"sampling.guidance_2=3"})), kConfigCode, {"sampling.guidance_2 is 3"}));
  EXPECT_TRUE(
      refused(config(pair({"sampling.guidance_2=0.5"})), kConfigCode, {"sampling.guidance_2 is 0.5"}));
}

TEST_F(PairRun, InspectAndPlanShowBoth) {
  const Outcome inspect = run_drf({"inspect", at("pair"), "--json"});
  ASSERT_EQ(inspect.code, 0) << inspect.err;
  EXPECT_NE(inspect.out.find(R"("part":"transformer_2","class":"WanTransformer3DModel")"), std::string::npos)
      << inspect.out;
  for (const char* range : {R"("timesteps":[900.0,1000])", R"("timesteps":[0,900.0])", R"("shift":3.0)"})
    EXPECT_NE(inspect.out.find(range), std::string::npos) << inspect.out;
  const auto plan = [&](const Arguments& more) {
    const Outcome done = run_drf(joined(tiny_config("plan", both(more)), {"--json"}));
    EXPECT_EQ(done.code, 0) << done.err;
    return nlohmann::json::parse(done.out);
  };
  const auto crossing = plan({"flow.K=2"}), below = plan({"flow.K=1"});
  int networks = 0;
  for (const auto& w : crossing["weights"])
    networks += w["checkpoint"].get<std::string>().find("transformer") != std::string::npos;
  EXPECT_EQ(networks, 2);
  EXPECT_GT(crossing["adapters"], below["adapters"]) << "a network that nothing trains holds none";
}

}  // namespace
}  // namespace drf
