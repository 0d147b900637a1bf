#pragma once
// What is trained of a generator's networks: which get adapters, and where they come from.

#include <filesystem>
#include <vector>

#include "drf/models/denoiser.h"
#include "drf/nn/trainable_set.h"
#include "drf/run/config.h"

namespace drf::run {

/// Files of adapters, one a network; an empty path: none.
using AdapterFiles = std::vector<std::filesystem::path>;

/// Gives each of the denoiser's networks for which `trains` holds its adapters, fresh or from lora.init_from
/// and lora.init_from_2, and writes what those settle to config.lora: rank, alpha, targets. Throws
/// Error(kConfig) for a file to start from that nothing would train, that contradicts what is given or whose
/// adapters compute at fewer levels of noise than all, where lora.steps is all; and as nn::attach_lora and
/// nn::load_lora.
void start_adapters(models::Denoiser& denoiser, const std::vector<bool>& trains, RunConfig& config);

/// Whether files may be given together, before a model is read. Throws Error(kConfig) if the first two of
/// `keys`, as which they are given, name one file.
void check_adapter_files(const AdapterFiles& files, const std::vector<const char*>& keys);

/// Gives the networks the adapters of `files`; those without a file stay as they are. Returns where each
/// network's compute. Throws Error(kConfig) for more files than networks; else as nn::load_lora.
std::vector<nn::SigmaMax> load_adapters(models::Denoiser& denoiser, const AdapterFiles& files);

/// All adapters there are become trainable, under their network's name ("transformer_2.blocks.0..."). With
/// config.output.comfyui, throws as nn::check_comfyui.
void add_adapters(models::Denoiser& denoiser, const RunConfig& config, nn::TrainableSet& trained);

/// In the place of adapters: all weights become trainable, and what the folder in `files`, if there is one,
/// holds. Throws Error(kConfig) for a generator of several networks; else as nn::read_weights.
void add_weights(models::Denoiser& denoiser, const AdapterFiles& files, nn::TrainableSet& trained);

}  // namespace drf::run
