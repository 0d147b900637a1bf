#include "drf/writer/critic_identity.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/checkpoint.h"
#include "drf/tensor/side_files.h"

namespace drf::writer {
namespace {

/// Another number where the same critic would answer otherwise about a clip.
constexpr int kLooking = 1;

}  // namespace

std::string digest_of_critic(const std::filesystem::path& folder) {
  std::string sample;
  std::vector<const char*> names(std::begin(kSideFiles), std::end(kSideFiles));
  names.push_back("generation_config.json");  // a critic that writes ends by it
  for (const char* name : names)
    if (is_there(folder / name)) sample += concat(name, digest_file(folder / name));
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
