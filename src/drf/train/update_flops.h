#pragma once
// How many floating-point operations of an update are useful, by stage: what the models would compute
// (models/flops.h) if each step, clip and answer were computed once and pulled back once. What recomputation
// runs again counts nothing.

#include <map>
#include <string>

#include "drf/critic/questions.h"
#include "drf/flow/reward_flow.h"
#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/flops.h"
#include "drf/models/wan/transformer_config.h"
#include "drf/models/wan/vae_config.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"
#include "drf/train/config.h"

namespace drf::train {

class UpdateFlops {
 public:
  /// Reads the dimensions of the configuration's models, not their weights. Throws Error(kInput).
  explicit UpdateFlops(const RunConfig& config);

  /// Of one call of flow.run(input, ...), by flow::stage_names(). Forward stages count forwards; pulls count
  /// the gradient of a model's input, and rule matching's also the velocities that it compares.
  std::map<std::string, double> stages(const flow::RewardFlow& flow, const flow::FlowInput& input) const;

 private:
  models::Flops critic_of(const critic::QuestionList& questions) const;
  void add_steps(const flow::RewardFlow& flow, const flow::FlowInput& input,
                 std::map<std::string, double>& stages) const;

  bool count_end_token_;
  int64_t text_length_;
  wan::TransformerConfig transformer_;
  wan::VaeConfig vae_;
  qwen::Config critic_;
  qwen::Grid grid_;  ///< of the critic's video
  std::unique_ptr<text::Tokenizer> tokenizer_;
  text::ChatTemplate chat_;
};

}  // namespace drf::train
