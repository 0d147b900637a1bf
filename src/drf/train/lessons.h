#pragma once
// What rewards that learn while a run trains (rewards/learner.h) are shown: clips of the base model before
// the first update, and fresh clips now and then.

#include <map>
#include <string>

#include "drf/run/run.h"

namespace drf::train {

/// Rolls out the clips that learners want to see before the first update (run/learners.h) by the model as it
/// was read, has them scored and lets the learners start. Returns false where there was nothing to do: none,
/// or they have learnt (a resumed run). Throws Interrupted, and Error(kNumerics) if one does not learn
/// (surrogate_reward.h).
bool start_learners(run::Run& run);

/// What one micro-batch of update `update` shows the teachers, where a learner wants them after it: its own
/// clips (`shown`), and beside each another of its prompt, so that every prompt makes a pair. Before the
/// optimiser: changes nothing that lasts. Returns the teachers' means; empty where none is wanted. Update -1
/// is one at which all are.
std::map<std::string, double> show_teachers(run::Run& run, const rewards::Judgement& shown, int64_t update,
                                            std::map<std::string, flow::StageCost>& costs);
/// After the optimiser: the learners learn from the update. No-op without any.
void let_learn(run::Run& run, std::map<std::string, flow::StageCost>& costs);

}  // namespace drf::train
