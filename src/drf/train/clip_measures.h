#pragma once
// What a clip looks like, in numbers that hang on no critic: what training by a critic is watched by. All are
// of frames as a viewer sees them, clamped and rounded to 8 bits, values x in [0, 1]; each is a share of the
// whole scale, so 1/255 is one step of 8 bits.
//
// Shape letters: F frames, H W pixels. f counts frames, i pixel values (three a pixel).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace drf::train {

/// By name, of frames_F3HW, float:
///   motion          mean over f, i of |x[f+1] - x[f]|, in [0, 1]; two frames or more.
///   flicker         mean over f, i of what a value takes back at once: with d[f] = x[f+1] - x[f] it is
///                   min(|d[f]|, |d[f+1]|) where d[f] and d[f+1] have opposite signs, else 0; in [0, 1];
///                   three frames or more. What moves and is wider than its step flickers not at all.
///   saturated       share of values that are 0 or 1: those that were clamped, or reached the end; in [0, 1].
///   high_frequency  root mean square over f and inner pixels of x minus the mean of its four neighbours, in
///                   [0, 1]: 1 for a chess board of single pixels, 0 for a plain or a slope; 3 x 3 pixels or
///                   more.
/// What a clip is too short or too small for is left out.
std::map<std::string, double> clip_measures(const at::Tensor& frames_F3HW);
/// All that ClipRecord::values() may have: those, and diversity.
const std::vector<std::string>& clip_measure_names();

/// The clip averaged over blocks to at most 64 pixels a side, uint8 on the CPU: what is kept to compare clips
/// by.
at::Tensor overview(const at::Tensor& frames_F3HW);
/// Mean over f, i of |a - b| of two overviews of one shape, in [0, 1].
double distance(const at::Tensor& a, const at::Tensor& b);

/// All that is measured of clips, `draws` of each of some prompts.
class ClipRecord {
 public:
  /// By name, for each prompt (in the order they were first seen) its clips' numbers.
  using Values = std::map<std::string, std::vector<std::vector<double>>>;

  /// One clip a row of frames_BF3HW. A prompt's clips come in the order of their draws.
  void add(const std::vector<int64_t>& prompts, const at::Tensor& frames_BF3HW);
  /// clip_measures(), and diversity: distance() of every two clips of a prompt.
  Values values() const;
  /// For each prompt its clips' overviews.
  std::vector<std::vector<at::Tensor>> overviews() const;

 private:
  struct OfPrompt {
    int64_t prompt;
    std::vector<std::map<std::string, double>> measures;
    std::vector<at::Tensor> overviews;
  };
  std::vector<OfPrompt> prompts_;
};

}  // namespace drf::train
