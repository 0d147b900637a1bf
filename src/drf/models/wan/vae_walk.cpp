#include "drf/models/wan/vae_walk.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "drf/base/error.h"

namespace drf::wan {
namespace {

/// How much work the rows around stripes may add.
constexpr double kMostOverlap = 0.25;

/// What one level keeps and does, from the coarsest on.
struct Level {
  double frame_bytes;  ///< that its graph keeps of a frame
  double frame_work;   ///< multiplications of a frame, up to a factor
  double frame_out;    ///< bytes of its result a frame, before it is upsampled
  int64_t frames;      ///< of the whole clip
  double per_latent;   ///< frames a latent
  int64_t rows;
  /// Numbers in a row of a frame of its widest tensor, over all clips, and of what the upsampler before
  /// enlarged.
  double row_numbers, enlarged_row_numbers;
};

std::vector<Level> levels_of(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype) {
  const double bytes = static_cast<double>(sizes_BCTHW[0]) * static_cast<double>(c10::elementSize(dtype));
  std::vector<Level> levels;
  int64_t frames = sizes_BCTHW[2], rows = sizes_BCTHW[3], columns = sizes_BCTHW[4];
  double per_latent = 1;
  int64_t in = config.decoder_base_dim * config.dim_mult.back(), enlarged = 0;
  for (int64_t i = config.num_levels() - 1; i >= 0; --i) {
    const int64_t out = config.decoder_base_dim * config.dim_mult[i];
    const int64_t widest =
        levels.empty() ? std::max(3 * in, out) : std::max(in, out);  // queries, keys, values
    int64_t channels = in + out + 2 * out * config.num_res_blocks;
    // The middle: two residual blocks, and in the attention norm, its quotient, three projections and the
    // result.
    if (levels.empty()) channels += in * (2 * 2 + 6);
    if (i == 0) channels += out + config.out_channels;
    const auto pixels = static_cast<double>(rows * columns);
    levels.push_back({bytes * pixels * static_cast<double>(channels),
                      pixels * static_cast<double>(channels * out), bytes * pixels * static_cast<double>(out),
                      frames, per_latent, rows, static_cast<double>(sizes_BCTHW[0] * columns * widest),
                      static_cast<double>(sizes_BCTHW[0] * columns * enlarged)});
    if (i == 0) break;
    in = out / 2;
    enlarged = out;
    rows *= 2;
    columns *= 2;
    if (config.temporal_downsample[i - 1]) {
      frames = 2 * frames - 1;
      per_latent *= 2;
    }
  }
  return levels;
}

struct Cost {
  double bytes, work;
};

Cost cost_of(const std::vector<Level>& levels, const StripeLevels& striped, int64_t latents, int64_t chunk,
             int64_t stripes) {
  constexpr double kBorderFrames = 2;  // a layer's memory
  const int64_t chunks = (latents + chunk - 1) / chunk;
  double coarse_chunk = 0, coarse_borders = 0, fine = 0, work = 0, overlap_work = 0;
  for (size_t i = 0; i < levels.size(); ++i) {
    const Level& l = levels[i];
    const double frames = std::min(static_cast<double>(l.frames), l.per_latent * static_cast<double>(chunk));
    const double borders = static_cast<double>(chunks - 1) * kBorderFrames * l.frame_bytes;
    const double level_work = l.frame_work * static_cast<double>(l.frames);
    work += level_work;
    if (stripes == 1 || static_cast<int64_t>(i) < striped.first) {
      coarse_chunk += l.frame_bytes * frames;
      coarse_borders += borders;
      continue;
    }
    const double margin = 2.0 * static_cast<double>(striped.margins[i]) / static_cast<double>(l.rows);
    fine += (1.0 / static_cast<double>(stripes) + margin) * (l.frame_bytes * frames + borders);
    overlap_work += level_work * margin * static_cast<double>(stripes - 1);
  }
  if (stripes == 1) {
    // The decode, its repetition, its backward (towards the input only).
    return {coarse_chunk + coarse_borders, 3 * work};
  }
  // The coarse levels' result and its gradient.
  const Level& last_coarse = levels[static_cast<size_t>(std::max<int64_t>(0, striped.first - 1))];
  const double between = 2 * last_coarse.frame_out * static_cast<double>(last_coarse.frames);
  const double passes = chunks > 1 ? 4 : 3;  // borders inside a stripe are made once more
  return {between + coarse_borders + std::max(coarse_chunk, fine), passes * (work + overlap_work)};
}

int64_t most_rows(const std::vector<Level>& levels, const StripeLevels& striped) {
  return levels[static_cast<size_t>(std::max<int64_t>(0, striped.first - 1))].rows;
}

/// Numbers in the largest tensor of a walk.
double largest_tensor(const std::vector<Level>& levels, const StripeLevels& striped, int64_t chunk,
                      int64_t stripes) {
  constexpr int64_t kPast = 2;  // frames that a convolution over time puts in front
  const auto first = static_cast<size_t>(striped.first);
  const int64_t coarse_rows = most_rows(levels, striped);
  int64_t own = (coarse_rows + stripes - 1) / stripes;  // of a stripe, in rows of a level
  int64_t rows_before = std::min(coarse_rows, own + 2 * striped.input_margin);
  double most = 0;
  for (size_t i = 0; i < levels.size(); ++i) {
    const Level& l = levels[i];
    const auto frames = std::min(l.frames, static_cast<int64_t>(l.per_latent) * chunk);
    const bool in_stripes = stripes > 1 && i >= first;
    if (i > 0 && i >= first) own *= 2;
    const int64_t rows = in_stripes ? std::min(l.rows, own + 2 * striped.margins[i]) : l.rows;
    const int64_t enlarged_rows = in_stripes ? 2 * rows_before : l.rows;  // cut afterwards
    most = std::max({most, static_cast<double>((frames + kPast) * rows) * l.row_numbers,
                     static_cast<double>(frames * enlarged_rows) * l.enlarged_row_numbers});
    if (in_stripes) rows_before = rows;
    // What the coarse levels hand to the stripes is the whole clip's.
    if (stripes > 1 && i + 1 == first)
      most = std::max(most, static_cast<double>(l.frames * l.rows) * l.row_numbers);
  }
  return most;
}

bool can_be_indexed(const std::vector<Level>& levels, const StripeLevels& striped, int64_t chunk,
                    int64_t stripes) {
  return largest_tensor(levels, striped, chunk, stripes) < static_cast<double>(kTooManyNumbers);
}

/// `walk` with the longest chunks and the fewest stripes that can be indexed; what is given stays.
ClipWalk made_indexable(const std::vector<Level>& levels, const StripeLevels& striped, ClipWalk walk,
                        bool chunk_given, bool stripes_given) {
  const int64_t most = stripes_given ? walk.stripes : most_rows(levels, striped);
  for (int64_t stripes = std::max<int64_t>(1, walk.stripes); stripes <= most; ++stripes) {
    for (int64_t chunk = walk.chunk_latents; chunk >= (chunk_given ? walk.chunk_latents : 1); --chunk) {
      if (can_be_indexed(levels, striped, chunk, stripes)) return {chunk, walk.recompute, stripes};
    }
  }
  return walk;
}

int64_t most_stripes(const std::vector<Level>& levels, const StripeLevels& striped, int64_t latents) {
  const double plain = cost_of(levels, striped, latents, latents, 1).work;
  int64_t stripes = 1;
  const int64_t rows = most_rows(levels, striped);
  while (stripes < rows &&
         cost_of(levels, striped, latents, latents, stripes + 1).work <= (1 + kMostOverlap) * plain) {
    ++stripes;
  }
  return stripes;
}

}  // namespace

StripeLevels::StripeLevels(const VaeConfig& config)
    : first(config.num_levels() == 1 ? 0 : std::max<int64_t>(1, config.num_levels() - 2)),
      frames_per_latent(1),
      margins(static_cast<size_t>(config.num_levels()), 0) {
  int64_t needed = 1;  // conv_out
  for (int64_t i = config.num_levels() - 1; i >= first; --i) {
    needed += 2 * (config.num_res_blocks + 1);
    margins[static_cast<size_t>(i)] = needed;
    if (i > 0) needed = (needed + 1 + 1) / 2;  // the upsampler's convolution, then half the rows, rounded up
  }
  input_margin = needed;
  for (int64_t i = 1; i < first; ++i) {
    if (config.temporal_downsample[config.num_levels() - 1 - i]) frames_per_latent *= 2;
  }
}

int64_t decoder_graph_bytes(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype) {
  double bytes = 0;
  for (const Level& l : levels_of(config, sizes_BCTHW, dtype)) {
    bytes += l.frame_bytes * static_cast<double>(l.frames);
  }
  return static_cast<int64_t>(bytes);
}

ClipWalk lean_walk(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype, int64_t budget,
                   int64_t chunk, int64_t stripes) {
  const std::vector<Level> levels = levels_of(config, sizes_BCTHW, dtype);
  const StripeLevels striped(config);
  const int64_t T = sizes_BCTHW[2];
  const auto few = static_cast<double>(budget);
  if (chunk == 0 && stripes == 0 && cost_of(levels, striped, T, T, 1).bytes <= few &&
      can_be_indexed(levels, striped, T, 1)) {
    return {T, /*recompute=*/false, 1};
  }
  ClipWalk best{T, /*recompute=*/true, 1};
  std::optional<Cost> least;
  const auto better = [few](const Cost& a, const Cost& b) {
    const bool a_fits = a.bytes <= few, b_fits = b.bytes <= few;
    if (a_fits != b_fits) return a_fits;
    return a_fits ? a.work < b.work : a.bytes * a.work < b.bytes * b.work;
  };
  // Where two cost the same, the longer chunk is the faster one.
  const int64_t fewest = std::max<int64_t>(1, stripes);
  const int64_t most = stripes > 0 ? stripes : most_stripes(levels, striped, T);
  const int64_t longest = chunk > 0 ? std::min(chunk, T) : T, shortest = chunk > 0 ? longest : 1;
  for (int64_t count = fewest; count <= most; ++count) {
    for (int64_t latents = longest; latents >= shortest; --latents) {
      if (!can_be_indexed(levels, striped, latents, count)) continue;
      const Cost cost = cost_of(levels, striped, T, latents, count);
      if (least && !better(cost, *least)) continue;
      least = cost;
      best.chunk_latents = latents;
      best.stripes = count;
    }
  }
  if (least) return best;
  return made_indexable(levels, striped, {longest, /*recompute=*/true, most}, chunk > 0, stripes > 0);
}

ClipWalk whole_walk(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype, int64_t chunk,
                    int64_t stripes) {
  const ClipWalk whole{chunk > 0 ? std::min(chunk, sizes_BCTHW[2]) : sizes_BCTHW[2], /*recompute=*/false,
                       std::max<int64_t>(1, stripes)};
  return made_indexable(levels_of(config, sizes_BCTHW, dtype), StripeLevels(config), whole, chunk > 0,
                        stripes > 0);
}

ClipWalk walk_without_graph(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype) {
  const auto bytes = static_cast<double>(decoder_graph_bytes(config, sizes_BCTHW, dtype));
  const auto T = static_cast<double>(sizes_BCTHW[2]);
  const double chunks = std::ceil(T / std::max(1.0, std::floor(T * static_cast<double>(kFewBytes) / bytes)));
  const ClipWalk walk{static_cast<int64_t>(std::ceil(T / chunks)), /*recompute=*/false, 1};
  return made_indexable(levels_of(config, sizes_BCTHW, dtype), StripeLevels(config), walk, false, false);
}

void require_indexable(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, const ClipWalk& walk) {
  const int64_t T = sizes_BCTHW[2];
  const int64_t chunk = walk.chunk_latents > 0 ? std::min(walk.chunk_latents, T) : T;
  const int64_t stripes = std::max<int64_t>(1, walk.stripes);
  const std::vector<Level> levels = levels_of(config, sizes_BCTHW, at::kFloat);
  const StripeLevels striped(config);
  if (can_be_indexed(levels, striped, chunk, stripes)) return;
  const ClipWalk possible = made_indexable(levels, striped, {T, false, 1}, false, false);
  const bool there_is = can_be_indexed(levels, striped, possible.chunk_latents, possible.stripes);
  fail(ErrorKind::kConfig, "decoding ", sizes_BCTHW[0], " clips of ", T, " latents of ", sizes_BCTHW[3],
       " x ", sizes_BCTHW[4], " with flow.decode_chunk = ", chunk, " and flow.decode_stripes = ", stripes,
       " would make a tensor of ", static_cast<int64_t>(largest_tensor(levels, striped, chunk, stripes)),
       " numbers, wanted less than ", kTooManyNumbers, "; ",
       there_is
           ? concat("leave both at 0, or set them to ", possible.chunk_latents, " and ", possible.stripes)
           : "make the clip smaller");
}

}  // namespace drf::wan
