#include "tests/support/flow_case.h"

#include <ATen/ATen.h>

#include "drf/tensor/safetensors.h"
#include "tests/support/open_run.h"
#include "tests/support/slope.h"

namespace drf::testing {

FlowCase::FlowCase(const std::string& name, const std::string& recompute, const std::string& dtype,
                   const std::function<void(run::RunConfig&)>& change, at::Device device)
    : golden_("flow_" + name + ".safetensors") {
  const auto config = nlohmann::json::parse(golden_.metadata("config"));
  const auto questions = nlohmann::json::parse(golden_.metadata("questions"));
  std::string lines;
  for (auto question : questions) {
    question["prompt"] = 0;
    lines += question.dump() + "\n";
  }
  write_text(folder_ / "questions.jsonl", lines);
  write_text(folder_ / "prompts.txt", golden_.metadata("prompt") + "\n");

  run::RunConfig c;
  c.generator = {source_path("assets/tiny/generator").string(), dtype, config["generator"]["text_length"]};
  c.critic.path = source_path("assets/tiny/critic").string();
  c.critic.dtype = dtype;
  c.critic.frames = config["critic"]["frames"];
  c.critic.max_pixels = config["critic"]["max_pixels"];
  c.prompts.train = (folder_ / "prompts.txt").string();
  c.questions.file = (folder_ / "questions.jsonl").string();
  const auto& s = config["sampling"];
  c.sampling.frames = s["frames"];
  c.sampling.width = s["width"];
  c.sampling.height = s["height"];
  c.sampling.fps = s["fps"];
  c.sampling.steps = s["steps"];
  c.sampling.shift = s["shift"];
  c.sampling.guidance = s["guidance"];
  c.sampling.negative = s["negative"];
  c.sampling.schedule = s["schedule"];
  write_safetensors(folder_ / "noise.safetensors", {{"noise", golden_["noise"].to(at::kFloat)}});
  c.sampling.noise = (folder_ / "noise.safetensors").string();
  c.flow.K = config["flow"]["K"];
  c.flow.cfg_grad = config["flow"]["cfg_grad"];
  c.flow.recompute = recompute;
  if (recompute == "block") {  // by itself it would decode so small a clip at once
    c.flow.decode_chunk = 1;
    c.flow.decode_stripes = 2;
  }
  c.reward.weights = config["reward"]["weights"].get<std::map<std::string, double>>();
  c.reward.focus = config["reward"]["focus"];
  c.reward.margin = config["reward"]["margin"];
  c.reward.end_token = config["reward"]["end_token"];
  c.train.anchor = config["train"]["anchor"];
  c.lora.init_from = source_path("tests/goldens/flow_" + name + "_lora.safetensors").string();
  if (change) change(c);
  run_ = open_run(c, device);
}

std::unique_ptr<run::Engine> FlowCase::engine(const std::function<void(run::RunConfig&)>& change,
                                              std::vector<flow::Term> rewards, models::Decoder* decoder) {
  run::RunConfig config = run_->config();
  if (change) change(config);
  const flow::Parts& parts = run_->parts();
  if (rewards.empty()) rewards = parts.scorer.terms();
  const auto scale = [this, sampling = config.sampling](double t) {
    return run_->denoiser().component(t) == 0 || sampling.guidance_2 == 0 ? sampling.guidance
                                                                          : sampling.guidance_2;
  };
  AtGuidance& denoiser = guided_.emplace_back(run_->denoiser(), scale);
  return std::make_unique<run::Engine>(
      config, denoiser, run_->trained(), run::adapters_compute(config, denoiser),
      decoder ? decoder : run_->decoder(), std::move(rewards), parts.noise, &run_->meter());
}

std::vector<std::pair<std::string, at::Tensor>> FlowCase::adapters() { return run_->trained().parameters(); }

void FlowCase::move_fresh_adapters() {
  const at::NoGradGuard no_graph;
  uint32_t index = 100;
  for (auto& [name, tensor] : adapters()) {
    if (name.find("lora_B") != std::string::npos) tensor.copy_(direction(index++, tensor) * 0.02);
  }
}

diffusion::Walk walk_of(const std::string& steps, int64_t end) {
  diffusion::Walk walk;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto level = static_cast<int64_t>(i);
    const int64_t to = i + 1 == steps.size() ? end : level + 1;
    (steps[i] == '.' ? walk.rollout : walk.gradient).push_back({level, to, steps[i] == 't'});
  }
  return walk;
}

std::vector<at::Tensor> FlowCase::take_gradients() {
  std::vector<at::Tensor> gradients;
  for (auto& [name, tensor] : adapters()) {
    gradients.push_back(tensor.grad());
    tensor.mutable_grad() = at::Tensor();
  }
  return gradients;
}

}  // namespace drf::testing
