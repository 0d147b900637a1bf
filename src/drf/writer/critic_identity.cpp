#include "drf/writer/critic_identity.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/checkpoint.h"

namespace drf::writer {
namespace {

/// Another number where the same critic would answer otherwise about a clip.
constexpr int kLooking = 1;

}  // namespace

std::string digest_of_critic(const std::filesystem::path& folder) {
  std::string sample;
  for (const char* name : {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
                           "chat_template.json", "chat_template.jinja"}) {
    if (is_there(folder / name)) sample += concat(name, digest_file(folder / name));
  }
  const Checkpoint checkpoint = Checkpoint::open(folder, "model");
  for (const auto& [name, entry] : checkpoint.entries()) {
    const at::Tensor numbers = checkpoint.get(name).flatten();
    const int64_t count = numbers.numel(), some = std::min<int64_t>(count, 512);
    sample += concat(name, count);
    for (const at::Tensor& part : {numbers.narrow(0, 0, some), numbers.narrow(0, count - some, some)})
      sample.append(static_cast<const char*>(part.contiguous().const_data_ptr()), part.nbytes());
  }
  return digest(sample);
}

std::string critic_identity(const std::filesystem::path& folder, const critic::CriticOptions& o) {
  return concat("critic ", digest_of_critic(folder), " ", c10::toString(o.dtype), ", ", o.frames,
                " frames of ", o.max_pixels, " pixels", o.count_end_token ? ", end tokens" : "", ", looking ",
                kLooking);
}

}  // namespace drf::writer
