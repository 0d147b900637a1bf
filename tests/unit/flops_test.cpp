// Operations counted on paper: against counts by hand, against the models' own weights, and how an update's
// stages follow from its settings.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/models/qwen/flops.h"
#include "drf/models/qwen2_5_vl/flops.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "drf/models/qwen3_vl/flops.h"
#include "drf/models/qwen3_vl/model.h"
#include "drf/models/wan/flops.h"
#include "drf/models/wan/transformer.h"
#include "drf/plan/measure.h"
#include "tests/support/golden.h"
#include "tests/support/open_run.h"

namespace drf {
namespace {

using testing::Golden;
using testing::source_path;

/// Two operations for each weight of a linear layer (or patch projection) and each row that passes it;
/// `rows` tells how many by the layer's name.
double products_of(nn::Module& model, const std::function<double(const std::string&)>& rows) {
  double total = 0;
  for (const nn::NamedParameter& p : model.named_parameters()) {
    if (p.name.ends_with(".weight") && p.tensor->dim() >= 2)
      total += 2 * static_cast<double>(p.tensor->numel()) * rows(p.name);
  }
  return total;
}

bool holds(const std::string& name, const std::string& part) { return name.find(part) != std::string::npos; }

TEST(WanFlops, AVelocityIsCountedAsByHand) {
  wan::TransformerConfig c;
  c.num_heads = 2;
  c.head_dim = 6;  // width 12
  c.in_channels = c.out_channels = 3;
  c.text_dim = 5;
  c.freq_dim = 4;
  c.ffn_dim = 10;
  c.num_layers = 2;
  // 7 video tokens of 3 * 4 values, 3 rows of text.
  const double self_attention = 7 * 4 * 12 * 12, cross_attention = 7 * 2 * 12 * 12, ffn = 7 * 2 * 12 * 10;
  const double time = 4 * 12 + 12 * 12 + 12 * 72;
  const models::Flops velocity = wan::velocity_flops(c, 7, 3);
  EXPECT_EQ(velocity.products,
            2 * (7 * 12 * 12 + time + 2 * (self_attention + cross_attention + ffn) + 7 * 12 * 12));
  EXPECT_EQ(velocity.attention, 2 * 2 * (2 * 12 * 7 * 7 + 2 * 12 * 7 * 3));
  EXPECT_EQ(velocity.forward(), velocity.products + velocity.attention);
  EXPECT_EQ(velocity.input_gradient(), velocity.products + 2 * velocity.attention);
  EXPECT_EQ(wan::read_text_flops(c, 3).forward(), 2 * (3 * (5 * 12 + 12 * 12) + 2 * 2 * 3 * 12 * 12));
}

TEST(WanFlops, EveryLayerOfTheTransformerIsCounted) {
  for (const char* name : {"wan_transformer_a", "wan_transformer_b", "wan_transformer_c"}) {
    wan::Transformer model(wan::TransformerConfig::read(Golden(name + std::string(".safetensors")).config()));
    const double video = 30, text = 4;
    const double reading = wan::read_text_flops(model.config(), 4).products;
    const double velocity = wan::velocity_flops(model.config(), 30, 4).products;
    EXPECT_EQ(reading + velocity, products_of(model,
                                              [&](const std::string& layer) {
                                                if (holds(layer, "text_embedder") ||
                                                    holds(layer, "attn2.to_k") || holds(layer, "attn2.to_v"))
                                                  return text;
                                                return holds(layer, "time_") ? 1.0 : video;
                                              }))
        << name;
  }
}

TEST(WanFlops, ADecodeIsCountedAsByHand) {
  wan::VaeConfig c;
  c.decoder_base_dim = 2;
  c.dim_mult = {1, 3};
  c.temporal_downsample = {true};
  c.num_res_blocks = 1;
  c.z_dim = 5;
  c.out_channels = 3;
  // 2 latent frames of 3 x 4; the coarse level has 6 channels, the fine one 2 and 3 frames of 6 x 8.
  const double coarse = 2 * 12, fine = 3 * 48;
  const double entry = coarse * (5 * 5 + 5 * 6 * 27);
  const double residual = coarse * 2 * 6 * 6 * 27;  // two convolutions, no shortcut
  const double middle = 2 * residual + coarse * (6 * 18 + 6 * 6);
  const double up = 1 * 12 * 6 * 12 * 3 + fine * 6 * 3 * 9;  // one frame doubles, then all are enlarged
  const double level = fine * (3 * 2 * 27 + 2 * 2 * 27 + 3 * 2) + fine * 2 * 2 * 2 * 27;
  const models::Flops decode = wan::decode_flops(c, 2, 3, 4);
  EXPECT_EQ(decode.products, 2 * (entry + middle + 2 * residual + up + level + fine * 2 * 3 * 27));
  EXPECT_EQ(decode.attention, 2 * 2 * (2 * 12 * 12 * 6));
}

TEST(QwenFlops, AttentionIsCountedAsByHand) {
  qwen::VisionConfig vision;
  vision.depth = 2;
  vision.hidden_size = 8;
  vision.intermediate_size = 12;
  vision.window_size = 112;  // 4 merged tokens a side, 8 patches
  vision.full_attention_blocks = {1};
  // 3 temporal patches of 12 x 16 patches: windows of 8 x 8 and 4 x 8.
  const double windows = 3 * (2 * 64.0 * 64 + 2 * 32.0 * 32), whole = 3 * 192.0 * 192;
  EXPECT_EQ(qwen::vision_flops(vision, {3, 12, 16}).attention, 2 * 2 * 8 * (windows + whole));

  qwen::Config config;
  config.text.hidden_size = 8;
  config.text.num_heads = 2;
  config.text.num_kv_heads = 1;
  config.text.head_dim = 4;
  config.text.num_layers = 3;
  // 4 tokens of prefix see 1 + 2 + 3 + 4; a question of 2 sees 5 + 6, one of 1 sees 5. The last layer's
  // prefix asks nothing.
  const double pairs = 3 * (5 + 6 + 5) + 2 * 10;
  EXPECT_EQ(qwen::language_flops(config.text, 4, {{2, 1}, {1, 1}}).attention, 2 * 2 * 8 * pairs);
}

TEST(QwenFlops, EveryLayerOfTheModelIsCounted) {
  for (const char* name : {"qwen_windows", "qwen_flat_tied", "qwen_tall", "qwen_small"}) {
    const Golden golden(name + std::string(".safetensors"));
    qwen::Model model(qwen::Config::read(golden.config()));
    const qwen::Config& c = model.config();
    const int64_t merge = c.vision.spatial_merge_size;
    const qwen::Grid grid{2, 2 * merge, 3 * merge};
    const double patches = static_cast<double>(grid.patches()), tokens = 15 + 3 + 4, suffix = 3 + 4,
                 wanted = 3;
    const std::string last = concat("layers.", c.text.num_layers - 1, ".");
    const auto rows = [&](const std::string& layer) {
      if (holds(layer, "visual.merger")) return patches / static_cast<double>(c.vision.merge_unit());
      if (holds(layer, "visual")) return patches;
      if (holds(layer, "lm_head")) return wanted;
      if (holds(layer, "embed_tokens")) return c.tie_word_embeddings ? wanted : 0.0;
      if (!holds(layer, last) || holds(layer, "k_proj") || holds(layer, "v_proj")) return tokens;
      return holds(layer, "q_proj") ? suffix : wanted;
    };
    EXPECT_EQ(qwen::vision_flops(c.vision, grid).products +
                  qwen::language_flops(c.text, 15, {{3, 1}, {4, 2}}).products,
              products_of(model, rows))
        << name;
  }
}

TEST(Qwen3Flops, EveryLayerOfTheModelIsCounted) {
  for (const char* name : {"qwen3_odd", "qwen3_row", "qwen3_tall", "qwen3_tied"}) {
    const Golden golden(name + std::string(".safetensors"));
    qwen3::Model model(qwen3::Config::read(golden.config()));
    const qwen3::Config& c = model.config();
    const int64_t merge = c.vision.spatial_merge_size;
    const qwen::Grid grid{2, 2 * merge, 3 * merge};
    const double patches = static_cast<double>(grid.patches()), tokens = 15 + 3 + 4, suffix = 3 + 4,
                 wanted = 3;
    const std::string last = concat("layers.", c.text.num_layers - 1, ".");
    const auto rows = [&](const std::string& layer) {
      if (holds(layer, "pos_embed")) return 0.0;  // looked up
      if (holds(layer, "merger")) return patches / static_cast<double>(c.vision.merge_unit());
      if (holds(layer, "visual")) return patches;
      if (holds(layer, "lm_head")) return wanted;
      if (holds(layer, "embed_tokens")) return c.tie_word_embeddings ? wanted : 0.0;
      if (!holds(layer, last) || holds(layer, "k_proj") || holds(layer, "v_proj")) return tokens;
      return holds(layer, "q_proj") ? suffix : wanted;
    };
    EXPECT_EQ(qwen3::vision_flops(c.vision, grid).products +
                  qwen::language_flops(c.text, 15, {{3, 1}, {4, 2}}).products,
              products_of(model, rows))
        << name;
  }
}

/// An update of one clip with the bundled models, small, with `sets` changed.
class UpdateFlops : public ::testing::Test {
 protected:
  std::map<std::string, double> stages(std::vector<std::string> sets, bool replayed = false,
                                       bool exact_d_xK = true) {
    sets.insert(sets.begin(), {"sampling.frames=5", "sampling.width=16", "sampling.height=16",
                               "sampling.steps=4", "flow.K=2", "train.batch=1", "critic.frames=2"});
    std::string tiny = source_path("configs/tiny.toml").string();
    const auto folder = std::filesystem::current_path();
    std::filesystem::current_path(source_path(""));
    run::RunConfig config = run::load_config(tiny, sets, run::known_policies());
    const auto opened = testing::open_run(config);
    run::Run& run = *opened;
    std::vector<std::pair<int64_t, int64_t>> clips;
    for (int64_t i = 0; i < config.train.batch; ++i) clips.emplace_back(0, i);
    flow::Batch batch = run.batches().of(rewards::Split::kTrain, clips, Purpose::kNoise);
    if (replayed) {
      run.objective().accumulate(batch, -1);
      run.objective().commit(/*skipped=*/false);
      batch.update = 1;
    }
    batch.exact_d_xK = exact_d_xK;
    std::filesystem::current_path(folder);
    std::map<std::string, double> flops;
    forwards_ = 0;
    for (const auto& [stage, cost] : run.objective().accumulate(batch, -1).costs) {
      flops[stage] = cost.flops;
      forwards_ += cost.generator_forwards;
    }
    return flops;
  }

  int64_t forwards_ = 0;  ///< of the last stages()
};

// A clip's velocity at a step is one, whatever runs it again; each branch of guidance is one.
TEST_F(UpdateFlops, GeneratorForwardsAreWhatAnUpdateSamples) {
  const auto forwards = [this](const std::vector<std::string>& sets, bool replayed = false) {
    stages(sets, replayed);
    return forwards_;
  };
  EXPECT_EQ(forwards({}), 4);
  EXPECT_EQ(forwards({"sampling.steps=5", "flow.K=3"}), 5);
  EXPECT_EQ(forwards({"train.batch=2"}), 8);
  EXPECT_EQ(forwards({"sampling.guidance=3"}), 8);
  EXPECT_EQ(forwards({"flow.recompute=block"}), 4);
  EXPECT_EQ(forwards({"flow.reuse=2"}, /*replayed=*/true), 2);
  EXPECT_EQ(forwards({"flow.policy=low_variance", "flow.K=1", "flow.draws=3"}), 7);
}

TEST_F(UpdateFlops, FollowTheWalk) {
  auto base = stages({});
  for (const char* stage : flow::stage_names()) EXPECT_GT(base.at(stage), 0) << stage;
  const double pull = base["pull_steps"] / 2;
  const double velocity = stages({"sampling.steps=5"})["rollout"] - base["rollout"];
  const double reading = base["rollout"] - 4 * velocity;
  EXPECT_GT(reading, 0);
  EXPECT_LT(reading, velocity);
  EXPECT_GT(pull, velocity);  // attention's two factors
  EXPECT_LT(pull, 2 * velocity);

  auto changed = stages({"flow.K=3"});
  EXPECT_DOUBLE_EQ(changed["rollout"], base["rollout"]);
  EXPECT_DOUBLE_EQ(changed["pull_steps"], 3 * pull);
  changed = stages({"train.batch=2"});
  for (const char* stage : flow::stage_names()) EXPECT_DOUBLE_EQ(changed[stage], 2 * base[stage]) << stage;
  changed = stages({"flow.recompute=block"});
  for (const char* stage : flow::stage_names()) EXPECT_DOUBLE_EQ(changed[stage], base[stage]) << stage;
  changed = stages({"flow.reuse=2"}, /*replayed=*/true);
  EXPECT_DOUBLE_EQ(changed["rollout"], reading + 2 * velocity);
  changed = stages({"train.anchor=0.1", "flow.recompute=stage"});
  EXPECT_DOUBLE_EQ(changed["rollout"], 2 * reading + 4 * velocity);
  EXPECT_DOUBLE_EQ(changed["pull_steps"], 2 * velocity + 4 * pull);
  changed = stages({"train.anchor=0.1", "flow.recompute=stage"}, false, /*exact_d_xK=*/false);
  EXPECT_DOUBLE_EQ(changed["pull_steps"], 2 * velocity + 3 * pull);
  changed = stages({"flow.policy=low_variance", "flow.K=1", "flow.draws=3"});
  EXPECT_DOUBLE_EQ(changed["rollout"], reading + 7 * velocity);
  EXPECT_DOUBLE_EQ(changed["pull_steps"], 3 * pull);
  EXPECT_DOUBLE_EQ(changed["pull_decode"], 3 * base["pull_decode"]);
  EXPECT_DOUBLE_EQ(changed["critic"], 3 * base["critic"]);
  const std::vector<std::string> spread = {"flow.policy=list", "flow.K=2", "flow.steps=[1, 3]"};
  EXPECT_DOUBLE_EQ(stages(spread)["pull_steps"], 3 * pull);  // the step between is pulled through
  changed = stages({spread[0], spread[1], spread[2], "flow.detach_input=true"});
  EXPECT_DOUBLE_EQ(changed["pull_steps"], 2 * pull);
}

// Where all weights are trained, each linear layer's pull is a product more, the text's first of all.
TEST_F(UpdateFlops, FullWeightsTakeAProductMore) {
  auto base = stages({}), full = stages({"train.weights=full", "lora.rank=32", "lora.alpha=32"});
  const double velocity = stages({"sampling.steps=5"})["rollout"] - base["rollout"];
  const double reading = base["rollout"] - 4 * velocity, pull = base["pull_steps"] / 2;
  const double products = 2 * velocity - pull;  // products + attention, and products + 2 attention
  EXPECT_DOUBLE_EQ(full["rollout"], base["rollout"]);
  EXPECT_DOUBLE_EQ(full["pull_steps"], 2 * (pull + products) + reading);
  EXPECT_DOUBLE_EQ(full["pull_critic"], base["pull_critic"]);
}

TEST_F(UpdateFlops, FollowGuidanceAndRule) {
  auto base = stages({});
  auto guided = stages({"sampling.guidance=3"});
  EXPECT_DOUBLE_EQ(guided["rollout"], 2 * base["rollout"]);
  EXPECT_DOUBLE_EQ(guided["pull_steps"], 2 * base["pull_steps"]);
  EXPECT_DOUBLE_EQ(stages({"sampling.guidance=3", "flow.cfg_grad=cond"})["pull_steps"], base["pull_steps"]);
  const double velocity = stages({"sampling.steps=5"})["rollout"] - base["rollout"];
  const double reading = base["rollout"] - 4 * velocity;
  // The anchor holds both branches, whichever the reward's gradient goes through.
  EXPECT_DOUBLE_EQ(stages({"sampling.guidance=3", "flow.cfg_grad=cond", "train.anchor=0.1",
                           "flow.recompute=stage"})["pull_steps"],
                   2 * 2 * velocity + 4 * base["pull_steps"]);
  EXPECT_DOUBLE_EQ(stages({"sampling.guidance=3", "flow.rule=matching", "flow.K=2"})["pull_steps"],
                   2 * stages({"flow.rule=matching", "flow.K=2"})["pull_steps"]);
  const auto matching = stages({"flow.rule=matching", "flow.K=2", "matching.steps=3"});
  EXPECT_DOUBLE_EQ(matching.at("rollout"), 2 * reading + 4 * velocity);
  EXPECT_DOUBLE_EQ(matching.at("pull_steps"), 3 * (2 * velocity + base["pull_steps"] / 2));
}

// A forward of all steps, and of those that train once more with its pull, beside the base model's; nothing
// of the critic or the decoder is pulled. A later pass rolls nothing out.
TEST_F(UpdateFlops, FollowThePassesOfPolicyGradients) {
  auto base = stages({});
  const double pull = base["pull_steps"] / 2;
  const double velocity = stages({"sampling.steps=5"})["rollout"] - base["rollout"];
  const double reading = base["rollout"] - 4 * velocity;
  const std::vector<std::string> grpo = {"flow.rule=policy_gradient", "policy_gradient.group=2",
                                         "train.batch=2"};
  const auto with = [&](std::vector<std::string> more, bool replayed = false) {
    more.insert(more.begin(), grpo.begin(), grpo.end());
    return stages(more, replayed);
  };
  auto got = with({});
  EXPECT_DOUBLE_EQ(got["rollout"], 2 * (reading + 4 * velocity));
  EXPECT_DOUBLE_EQ(got["decode"], 2 * base["decode"]);
  EXPECT_DOUBLE_EQ(got["critic"], 2 * base["critic"]);
  EXPECT_EQ(got.count("pull_critic") + got.count("pull_decode"), 0u);
  EXPECT_DOUBLE_EQ(got["pull_steps"], 2 * (2 * reading + 3 * (2 * velocity + pull)));
  got = with({"policy_gradient.kl=0", "flow.recompute=block"});
  EXPECT_DOUBLE_EQ(got["pull_steps"], 2 * (reading + 3 * (velocity + pull)));
  got = with({"flow.reuse=2", "policy_gradient.kl=0"}, /*replayed=*/true);
  EXPECT_EQ(got.count("rollout") + got.count("decode") + got.count("critic"), 0u);
  EXPECT_DOUBLE_EQ(got["pull_steps"], 2 * (reading + 3 * (velocity + pull)));
  got = with({"sampling.guidance=3", "flow.cfg_grad=cond", "policy_gradient.kl=0"});  // three rows of text
  EXPECT_DOUBLE_EQ(got["pull_steps"], 3 * reading + 2 * 3 * (2 * velocity + pull));
}

TEST(Measure, TheMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(plan::median({3, 1, 2}), 2);
  EXPECT_EQ(plan::median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(plan::median({7}), 7);
}

}  // namespace
}  // namespace drf
