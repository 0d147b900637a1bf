#pragma once
// Full fine-tuning: every parameter of a network is trained, none is an adapter.

#include <string>

#include "drf/nn/module.h"
#include "drf/nn/trainable_set.h"
#include "drf/tensor/checkpoint.h"

namespace drf::nn {

/// All parameters of a loaded `model` without adapters become trainable, named PREFIX + "." + path in the
/// order of named_parameters(). A leaf is a float32 copy (float64 of a float64 parameter); the slots of a
/// half model are given casts of theirs. The reference is the parameter as it was read, which is kept.
void add_weights(TrainableSet& set, Module& model, const std::string& prefix = "transformer");

/// The leaves of add_weights(set, model, ...) become what a checkpoint of the same network holds, whatever
/// its dtypes. Throws as load_strict(), and then changes nothing.
void read_weights(const TrainableSet& set, Module& model, const Checkpoint& checkpoint);

}  // namespace drf::nn
