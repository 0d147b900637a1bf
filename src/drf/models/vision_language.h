#pragma once
// What a vision-language model is to a critic: it looks at clips, and answers how it would go on after a
// question about them. It also writes, after texts without clips. Tokens, timestamps and positions are the
// model's own.
//
// Shape letters: B clips, F frames, V video tokens of a clip, D width, R wanted positions.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>
#include <vector>

#include "drf/models/flops.h"
#include "drf/models/generate.h"

namespace drf::nn {
class Residence;
}
namespace drf::text {
class ChatTemplate;
class Tokenizer;
}  // namespace drf::text

namespace drf::models {

struct VisionLanguageOptions {
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::kCPU;
  int64_t frames = 16;     ///< taken from a clip at round(linspace(0, F-1, frames)), half to even
  int64_t max_pixels = 0;  ///< a frame; 0 = the checkpoint's own limits; one without effect is refused
  bool vision = true;      ///< false: the vision tower is not read, and the model neither looks nor answers
  bool recompute = true;   ///< blocks keep no activations for the backward: less memory, the same bits
};

/// What a model made of clips of one size, to be given back to answer().
struct Video {
  std::vector<at::Tensor> features_BVD;       ///< the model's own, with the graph of the frames
  int64_t groups = 0, rows = 0, columns = 0;  ///< temporal patches; patches high and wide
  std::vector<double> group_seconds;          ///< when each temporal patch is, in the whole clip
  double seconds_per_group = 0;               ///< between two of them, at the rate of the frames taken
  Flops flops;
};

/// What follows the videos in one question.
struct Suffix {
  std::vector<int64_t> ids;     ///< at least one token
  std::vector<int64_t> wanted;  ///< indices into ids whose next-token logits are asked for, any order
};

struct Answered {
  at::Tensor logits_RV;  ///< [R, vocabulary], float32 or wider, in order of clip, question, `wanted`
  Flops flops;
};

class VisionLanguage {
 public:
  virtual ~VisionLanguage() = default;
  /// frames_BF3HW: whole clips, [0, 1], any real values (not clamped, not rounded); fps: their frames a
  /// second. Throws Error(kInput) for sizes that the checkpoint does not take, Error(kConfig) where
  /// max_pixels cannot be kept.
  virtual Video look(const at::Tensor& frames_BF3HW, double fps) = 0;
  /// shown: the videos of a prompt in order, each of B rows or of one for all. asked: one list a row; any
  /// number of questions of any lengths, all answered in one pass, each as if it were asked alone.
  virtual Answered answer(const std::vector<Video>& shown, const std::vector<std::vector<Suffix>>& asked) = 0;

  /// What the model writes after each prompt, text alone: greedily, of two best tokens that are equal the
  /// first, in the model's dtype, without a graph. Throws Error(kInput) for a prompt that is empty or holds
  /// ids that the model does not know, Error(kNumerics) for logits that are not finite, Interrupted.
  virtual std::vector<Written> generate(const std::vector<Prompt>& prompts, const Generation& how) = 0;
  /// The most bytes that generate() would remember of these.
  virtual int64_t generation_bytes(const std::vector<Prompt>& prompts) const = 0;
  /// About what generate() takes besides its weights and what it remembers: while it reads `tokens` tokens at
  /// once, and for its head while it writes.
  virtual int64_t writing_bytes(int64_t tokens) const = 0;
  /// How many tokens a prompt and what is written after it may have together.
  virtual int64_t max_positions() const = 0;

  virtual const text::Tokenizer& tokenizer() const = 0;
  virtual const text::ChatTemplate& chat() const = 0;
  /// The ids by which a prompt names pictures and videos: no question may hold them.
  virtual std::vector<int64_t> media_ids() const = 0;
  /// Where the weights are (nn/residence.h). look() brings them back, the backward of what it gave does not.
  virtual nn::Residence& residence() = 0;
};

}  // namespace drf::models
