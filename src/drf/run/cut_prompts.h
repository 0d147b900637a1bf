#pragma once
// Prompts whose end the generator never reads. Questions are made from all of a prompt, so that what is asked
// about its end could only be met by chance.

#include <string>
#include <vector>

#include "drf/models/denoiser.h"

namespace drf::run {

/// Warns, in one line for all of `prompts`, where some have more tokens than `generator` takes: how many, by
/// how many tokens, and which loses most. `source` is the key or option that gave them, `length` the one that
/// sets how many tokens are read.
void warn_of_cut_prompts(const models::Denoiser& denoiser, const std::vector<std::string>& prompts,
                         const std::string& source, const std::string& length);

}  // namespace drf::run
