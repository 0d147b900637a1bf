#include "drf/train/update_flops.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>

#include "drf/models/qwen2_5_vl/video_processor.h"
#include "drf/models/wan/flops.h"

namespace drf::train {
namespace {

namespace fs = std::filesystem;

qwen::Grid grid_of(const RunConfig& c, const qwen::VisionConfig& vision) {
  const auto processor = qwen::ProcessorConfig::read(c.critic.path, vision);
  const at::Tensor sampled = at::zeros({1, c.critic.frames, 3, c.sampling.height, c.sampling.width});
  return qwen::process_video(sampled, processor, vision, c.critic.max_pixels).grid;
}

/// Rows of text that are computed: up to the longest prompt, and one that stands for the padding.
int64_t text_rows(const flow::FlowInput& input, bool guided, int64_t padded_to) {
  int64_t longest = guided ? input.unconditional.get("text").size(1) : 0;
  for (const models::Condition& condition : input.conditions)
    longest = std::max(longest, condition.get("text").size(1));
  return std::min(padded_to, longest + 1);
}

}  // namespace

UpdateFlops::UpdateFlops(const RunConfig& config)
    : count_end_token_(config.reward.end_token),
      text_length_(config.generator.text_length),
      transformer_(wan::TransformerConfig::read(
          JsonConfig::read(fs::path(config.generator.path) / "transformer" / "config.json"))),
      vae_(wan::VaeConfig::read(JsonConfig::read(fs::path(config.generator.path) / "vae" / "config.json"))),
      critic_(qwen::Config::read(config.critic.path)),
      grid_(grid_of(config, critic_.vision)),
      tokenizer_(text::open_tokenizer(config.critic.path)),
      chat_(text::ChatTemplate::open(config.critic.path)) {}

models::Flops UpdateFlops::critic_of(const critic::QuestionList& questions) const {
  const auto tokens = [&](const std::string& text) {
    return static_cast<int64_t>(tokenizer_->encode(text).size());
  };
  // The prefix names the video by one token; the model has one for each merged patch.
  const int64_t prefix = tokens(chat_.prefix()) - 1 + grid_.patches() / critic_.vision.merge_unit();
  std::vector<qwen::QuestionTokens> asked;
  for (const critic::Question& q : questions) {
    const int64_t length = tokens(chat_.suffix(q.text));
    int64_t answer = 1;  // the answer's first token is read off the suffix's last; the others are fed in
    if (q.kind != critic::Kind::kYesNo)
      answer = tokens(q.answer) + (count_end_token_ ? tokens(chat_.end_of_answer()) : 0);
    asked.push_back({length + answer - 1, answer});
  }
  return qwen::vision_flops(critic_.vision, grid_) + qwen::language_flops(critic_, prefix, asked);
}

void UpdateFlops::add_steps(const flow::RewardFlow& flow, const flow::FlowInput& input,
                            std::map<std::string, double>& stages) const {
  const flow::FlowOptions& o = flow.options();
  const bool guided = o.guidance.scale != 1;
  const bool both_pulled = guided && o.guidance.gradient == diffusion::GuidanceGradient::kBoth;
  const auto clips = static_cast<double>(input.questions.size());
  const double branches = clips * (guided ? 2 : 1);

  const auto& patch = transformer_.patch_size;
  const int64_t video = input.noise_BCTHW[0][0].numel() / (patch[0] * patch[1] * patch[2]);
  const int64_t text = text_rows(input, guided, text_length_);
  const models::Flops velocity = wan::velocity_flops(transformer_, video, text);
  const double forward = branches * velocity.forward();
  const double pull_all = branches * velocity.input_gradient(),
               pull = guided && !both_pulled ? pull_all / 2 : pull_all;
  const double reading = branches * wan::read_text_flops(transformer_, text).forward();

  if (o.rule == flow::Rule::kMatching) {
    const int64_t wanted = o.matching.steps > 0 ? std::min(o.matching.steps, o.steps) : o.steps;
    const auto matched = static_cast<double>(wanted);
    stages["rollout"] += 2 * reading + static_cast<double>(o.steps) * forward;  // with adapters and without
    stages["pull_steps"] += matched * (2 * forward + pull_all);  // the base's velocity, the trained one
    return;
  }
  const diffusion::Walk walk = flow.policy().walk(input.update);
  const auto draws = static_cast<double>(walk.renoise_to >= 0 ? walk.draws : 1);
  const auto moves = static_cast<double>(walk.gradient.size());
  const auto trained = static_cast<double>(std::count_if(
      walk.gradient.begin(), walk.gradient.end(), [](const diffusion::Move& move) { return move.trains; }));
  const double rolled = input.finished_BCTHW.defined() ? 0 : static_cast<double>(walk.rollout.size());
  stages["rollout"] += (o.anchor > 0 ? 2 : 1) * reading + (rolled + draws * moves) * forward;
  const double passed = o.detach_input ? 0 : moves - trained;
  double& pulled = stages["pull_steps"];
  pulled += draws * (trained * (o.anchor > 0 ? pull_all : pull) + passed * pull);
  if (o.anchor <= 0) return;
  pulled +=
      draws * trained * forward;  // velocities of the base model beside, then their gradient in the state
  if (!o.detach_input) pulled += draws * (trained - (input.exact_d_xK ? 0 : 1)) * pull_all;
}

std::map<std::string, double> UpdateFlops::stages(const flow::RewardFlow& flow,
                                                  const flow::FlowInput& input) const {
  std::map<std::string, double> stages;
  add_steps(flow, input, stages);
  const bool matching = flow.options().rule == flow::Rule::kMatching;
  const diffusion::Walk walk = flow.policy().walk(input.update);
  const double draws = !matching && walk.renoise_to >= 0 ? static_cast<double>(walk.draws) : 1;

  const at::Tensor& x = input.noise_BCTHW;
  const models::Flops decode =
      draws * static_cast<double>(x.size(0)) * wan::decode_flops(vae_, x.size(2), x.size(3), x.size(4));
  models::Flops critic;
  for (const critic::QuestionList& questions : input.questions) critic = critic + critic_of(questions);
  critic = draws * critic;
  stages["decode"] = decode.forward();
  stages["pull_decode"] = decode.input_gradient();
  stages["critic"] = critic.forward();
  stages["pull_critic"] = critic.input_gradient();
  return stages;
}

}  // namespace drf::train
