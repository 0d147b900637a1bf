#include "drf/objectives/kept_judgement.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/tensor/dry_run.h"

namespace drf::objectives {
namespace {

using nlohmann::json;

at::Tensor doubles(const json& list) { return at::tensor(list.get<std::vector<double>>(), at::kDouble); }

}  // namespace

at::Tensor to_host(const at::Tensor& x) {
  if (x.is_meta()) return stands_for_cpu(x) ? x : at::Tensor();
  return x.to(at::kCPU);
}

at::Tensor from_host(const at::Tensor& x, const at::Tensor& like) {
  return x.defined() ? x.to(like.options()) : at::empty_like(like);
}

rewards::Judgement values_of(rewards::Judgement judgement) {
  judgement.x0 = judgement.frames_BF3HW = judgement.d_frames = judgement.d_x0 = at::Tensor();
  judgement.rewards_B = judgement.rewards_B.to(at::kDouble);
  for (auto& [name, score] : judgement.by_name) {
    score.total_B = score.total_B.to(at::kDouble);
    score.tensors.clear();
  }
  return judgement;
}

std::vector<double> numbers(const at::Tensor& values_B) {
  std::vector<double> all;
  for (const at::Tensor& value : values_B.unbind(0)) all.push_back(value.item<double>());
  return all;
}

std::string judgement_to_text(const rewards::Judgement& judgement) {
  json by_name = json::object(), prompts = json::array();
  for (const auto& [name, score] : judgement.by_name) {
    json facts = json::array();
    for (const auto& clip : score.facts) {
      json& own = facts.emplace_back(json::object());
      for (const auto& [fact, mean] : clip) own[fact] = {mean.sum, mean.count};
    }
    by_name[name] = {{"total", numbers(score.total_B)}, {"parts", score.parts}, {"facts", facts}};
  }
  for (const rewards::Sample& sample : judgement.samples) prompts.push_back(sample.prompt);
  return json{{"rewards", numbers(judgement.rewards_B)},
              {"prompts", prompts},
              {"saturation", judgement.saturation},
              {"out_of_range", judgement.out_of_range},
              {"by_name", by_name}}
      .dump();
}

rewards::Judgement judgement_from_text(const std::string& text) {
  std::string problem;
  const json all = parse_json(text, problem);
  rewards::Judgement judgement;
  judgement.rewards_B = doubles(all.at("rewards"));
  judgement.saturation = all.at("saturation");
  judgement.out_of_range = all.value("out_of_range", 0.0);  // older checkpoints have none
  for (const int64_t prompt : all.at("prompts").get<std::vector<int64_t>>())
    judgement.samples.push_back({rewards::Split::kTrain, prompt, 0, {}});
  for (const auto& [name, own] : all.at("by_name").items()) {
    rewards::Score& score = judgement.by_name[name];
    score.total_B = doubles(own.at("total"));
    score.parts = own.at("parts").get<std::vector<std::map<std::string, double>>>();
    for (const json& clip : own.at("facts")) {
      auto& facts = score.facts.emplace_back();
      for (const auto& [fact, mean] : clip.items())
        facts[fact] = {mean.at(0).get<double>(), mean.at(1).get<int64_t>()};
    }
  }
  return judgement;
}

rewards::Judgement take_judgement(StateVisitor& v, std::string& judged, int64_t clips) {
  const size_t end = judged.find('\n');
  rewards::Judgement judgement;
  try {
    judgement = judgement_from_text(judged.substr(0, end));
  } catch (const std::exception& e) {
    v.reject("judged", concat("is damaged: ", e.what()));
  }
  judged.erase(0, end == std::string::npos ? end : end + 1);
  if (static_cast<int64_t>(judgement.samples.size()) != clips || judgement.rewards_B.size(0) != clips)
    v.reject("judged", concat("has not ", clips, " clips a batch"));
  return judgement;
}

void require_clips(StateVisitor& v, const std::string& name, const std::vector<at::Tensor>& tensors,
                   size_t count, const std::vector<int64_t>& shape, int64_t clips) {
  std::vector<int64_t> sizes = shape;
  sizes.insert(sizes.begin(), clips);
  const auto fits = [&](const at::Tensor& x) { return x.sizes() == at::IntArrayRef(sizes); };
  if (tensors.size() == count && std::all_of(tensors.begin(), tensors.end(), fits)) return;
  v.reject(name, concat("rollout.safetensors is missing or damaged, wanted ", count, " tensors ", sizes,
                        ": updates after this checkpoint go on with its clips"));
}

}  // namespace drf::objectives
