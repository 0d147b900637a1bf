#pragma once
// A guided flow as small as it gets, for tests of every schedule.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/random.h"
#include "tests/support/flow_case.h"

namespace drf::testing {

constexpr int64_t kSmallSteps = 8;

/// Three prompts of different lengths that are asked different numbers of questions, small clips, adapters
/// everywhere.
class SmallFlow {
 public:
  explicit SmallFlow(const std::string& recompute, const std::function<void(run::RunConfig&)>& change = {}) {
    write_text(folder_ / "prompts.txt",
               "a red ball moves left on a black background\n"
               "a blue square\n"
               "a green triangle moves down\n");
    const auto question = [](int id, int prompt, const char* aspect, const char* text) {
      return concat(R"({"id":"q)", id, R"(","prompt":)", prompt, R"(,"aspect":")", aspect,
                    R"(","kind":"yes_no","text":")", text, R"(","answer":"Yes"})", "\n");
    };
    write_text(
        folder_ / "questions.jsonl",
        question(0, 0, "TA", "Is the object red?") + question(1, 0, "PF", "Does the object move smoothly?") +
            question(2, 0, "TA", "Does the object move left?") + question(3, 1, "TA", "Is the object blue?") +
            question(4, 2, "TA", "Is the object green?") + question(5, 2, "VQ", "Are the corners clean?"));
    case_ = std::make_unique<FlowCase>("guided", recompute, "float64", [&](run::RunConfig& c) {
      c.prompts.train = (folder_ / "prompts.txt").string();
      c.questions.file = (folder_ / "questions.jsonl").string();
      c.sampling.noise.clear();
      c.sampling.frames = 5;
      c.sampling.width = c.sampling.height = 16;
      c.sampling.steps = kSmallSteps;
      c.critic.frames = 2;
      c.lora.init_from.clear();
      c.lora.rank = 2;
      if (change) change(c);
    });
    case_->move_fresh_adapters();
  }

  FlowCase& flow_case() { return *case_; }
  run::Run& opened() { return case_->opened(); }
  /// The first clips.
  flow::Batch batch(int64_t clips = 1, int64_t update = 0) {
    std::vector<std::pair<int64_t, int64_t>> all;
    for (int64_t prompt = 0; prompt < clips; ++prompt) all.emplace_back(prompt, 0);
    return opened().batches().of(rewards::Split::kTrain, all, Purpose::kNoise, update);
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FlowCase> case_;
};

}  // namespace drf::testing
