#include "drf/ops/plane_conv.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "drf/ops/parallel.h"
#include "drf/ops/plane_transforms.h"

namespace drf::ops {
namespace {

/// What a form means: planes of a source, sums of planes of a result, and the way in and out.
struct Form {
  int64_t planes, sums;
  int64_t source_side, result_side;  ///< a cell is so many pixels wide and high in source and result
  void (*in)(const Image&, const Cells&, float*, int64_t);
  void (*out)(const float*, int64_t, int64_t, const Cells&, const Target&);
};

const Form& form_of(PlaneForm form) {
  static const Form tiles{16, 16, 2, 2, planes_of_tiles, tiles_of_planes};
  static const Form doubled{9, 9, 1, 2, planes_of_pixels, doubled_pixels_of_planes};
  static const Form adjoint{9, 1, 2, 1, planes_of_doubled_pixels, pixels_of_plane};
  return form == PlaneForm::kTiles ? tiles : form == PlaneForm::kDoubled ? doubled : adjoint;
}

PackedConv pack(PlaneForm form, const at::Tensor& weight_OCT33, bool adjoint) {
  const bool is_tiles = form == PlaneForm::kTiles;
  // Rows of the one-dimensional transform of the three weights, in float64 and rounded once.
  const at::Tensor lines =
      is_tiles ? at::tensor({1.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.0, 0.0, 1.0}, at::kDouble)
                     .view({4, 3})
               : at::tensor({1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0}, at::kDouble).view({3, 3});
  const at::Tensor squares = at::kron(lines, lines).to(weight_OCT33.device());  // [planes, 9]
  at::Tensor weight = weight_OCT33.detach().to(at::kDouble);
  if (adjoint) weight = (is_tiles ? weight.flip({3, 4}) : weight).transpose(0, 1);
  PackedConv conv{form, weight.size(1), weight.size(0), weight.size(2), panels_for(weight.size(0)), {}};
  const int64_t planes = squares.size(0);
  const at::Tensor w_PTCO = at::matmul(squares, weight.permute({3, 4, 2, 1, 0}).reshape({9, -1}))
                                .to(at::kFloat)
                                .view({planes, conv.taps, conv.in, conv.out});
  conv.numbers =
      at::empty({planes, conv.taps, conv.in * conv.panels.padded}, weight_OCT33.options().dtype(at::kFloat));
  if (conv.numbers.is_meta()) return conv;  // a dry run: there is nothing to pack
  const float* from = w_PTCO.const_data_ptr<float>();
  float* to = conv.numbers.mutable_data_ptr<float>();
  for (int64_t i = 0; i < planes * conv.taps; ++i) {
    pack_columns(from + i * conv.in * conv.out, conv.out, 1, conv.in, conv.out, conv.panels,
                 to + i * conv.in * conv.panels.padded);
  }
  return conv;
}

/// Some cells of one clip over all of its frames: each source frame is transformed once and kept while
/// results need it.
class Walk {
 public:
  Walk(const PackedConv& conv, int64_t most_cells, int64_t H, int64_t W, const float* bias)
      : conv_(conv),
        form_(form_of(conv.form)),
        rows_(round_up_rows(most_cells)),
        H_(H),
        W_(W),
        bias_(bias),
        zeros_(std::max(conv.in, conv.out)),
        nowhere_(conv.out),
        planes_(conv.taps * form_.planes * rows_ * conv.in),
        sums_(form_.sums * rows_ * conv.panels.padded) {}

  void run(const ClipSums& clip, const Cells& cells) {
    int64_t num_ready = 0;
    for (const FrameSum& sum : clip.sums) {
      for (const FrameSum::Term& term : sum.terms) {
        for (; num_ready <= term.source; ++num_ready) {
          form_.in({clip.sources[num_ready], zeros_.data(), H_, W_, conv_.in}, cells, planes_at(num_ready, 0),
                   rows_ * conv_.in);
        }
      }
      multiply(sum, cells.count);
      form_.out(
          sums_.data(), rows_ * conv_.panels.padded, conv_.panels.padded, cells,
          {sum.y, bias_, sum.add, zeros_.data(), nowhere_.data(), H_ * form_.result_side / form_.source_side,
           W_ * form_.result_side / form_.source_side, conv_.out});
    }
  }

 private:
  float* planes_at(int64_t source, int64_t plane) {
    return planes_.data() + (source % conv_.taps * form_.planes + plane) * rows_ * conv_.in;
  }
  Term term_of(const FrameSum::Term& term, int64_t plane) {
    const int64_t size = conv_.in * conv_.panels.padded;
    return {planes_at(term.source, plane),
            conv_.numbers.const_data_ptr<float>() + (plane * conv_.taps + term.tap) * size};
  }
  void multiply(const FrameSum& sum, int64_t count) {
    const int64_t planes_a_sum = form_.planes / form_.sums;
    for (int64_t s = 0; s < form_.sums; ++s) {
      terms_.clear();
      for (int64_t p = s * planes_a_sum; p < (s + 1) * planes_a_sum; ++p) {
        for (const FrameSum::Term& term : sum.terms) terms_.push_back(term_of(term, p));
      }
      sum_of_products(terms_.data(), static_cast<int64_t>(terms_.size()), conv_.in, conv_.panels, count,
                      sums_.data() + s * rows_ * conv_.panels.padded);
    }
  }

  const PackedConv& conv_;
  const Form& form_;
  const int64_t rows_, H_, W_;
  const float* bias_;
  std::vector<float> zeros_, nowhere_, planes_, sums_;
  std::vector<Term> terms_;
};

/// Cells at a time: what is alive of them should lie near the core, but a weight that is read from afar
/// should meet many rows; 200 to 1600 KiB were tried on a core with 512 KiB of its own
/// (bench/results/2026-11-24-decoder.md). And every thread wants some blocks.
int64_t cells_a_block(const PackedConv& conv, int64_t cells) {
  const Form& form = form_of(conv.form);
  const int64_t bytes_a_cell = 4 * (conv.taps * form.planes * conv.in + form.sums * conv.panels.padded);
  const int64_t most = std::clamp<int64_t>((int64_t{800} << 10) / bytes_a_cell, 24, 128);
  const int64_t blocks = 2 * at::get_num_threads();
  return std::clamp<int64_t>((cells + blocks - 1) / blocks, std::min<int64_t>(12, cells), most);
}

}  // namespace

PackedConv pack_conv(PlaneForm form, const at::Tensor& weight) {
  return pack(form, weight, form == PlaneForm::kDoubledAdjoint);
}

PackedConv pack_conv_adjoint(const at::Tensor& weight) { return pack(PlaneForm::kTiles, weight, true); }

void run_conv(const PackedConv& conv, const std::vector<ClipSums>& clips, int64_t H, int64_t W,
              const float* bias) {
  if (conv.numbers.is_meta()) return;  // a dry run: there is nothing to multiply
  const int64_t side = form_of(conv.form).source_side;
  const int64_t rows = (H + side - 1) / side, columns = (W + side - 1) / side;
  const int64_t cells = rows * columns, block = cells_a_block(conv, cells);
  const int64_t blocks = (cells + block - 1) / block, tasks = blocks * static_cast<int64_t>(clips.size());
  // Tasks are handed out one by one: threads that other programs hold up take fewer.
  std::atomic<int64_t> next{0};
  at::parallel_for(0, std::min<int64_t>(tasks, at::get_num_threads()), /*grain_size=*/1,
                   [&](int64_t, int64_t) {
                     Walk walk(conv, block, H, W, bias);
                     for (int64_t task = next++; task < tasks; task = next++) {
                       const int64_t first = task % blocks * block;
                       walk.run(clips[task / blocks], {first, std::min(block, cells - first), columns});
                     }
                   });
}

}  // namespace drf::ops
