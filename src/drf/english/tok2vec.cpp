#include "drf/english/tok2vec.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "drf/base/error.h"
#include "drf/english/hash.h"
#include "drf/english/linear.h"
#include "drf/english/model.h"

namespace drf::english {
namespace {

constexpr size_t kTables = 6, kPieces = 3, kDepth = 4, kWindow = 3;
constexpr size_t kBlock = 64;  // words at a time through a layer: a long text needs no wider rows at once
constexpr uint32_t kFirstSeed = 8;  // of the first table; the next ones count on
constexpr std::array<size_t, kTables> kRows{5000, 1000, 2500, 2500, 50, 50};

// The best of three linear pieces, then a norm over the width.
class Maxout {
 public:
  Maxout(const std::string& name, size_t inputs)
      : linear_(model().tensor(name + ".W", {kVectorWidth, kPieces, inputs}),
                model().tensor(name + ".b", {kVectorWidth, kPieces})),
        gain_(model().tensor(name + ".g", {kVectorWidth}).values),
        shift_(model().tensor(name + ".h", {kVectorWidth}).values) {}

  // Adds to y, (rows, kVectorWidth), what the rows of x give.
  void add(const float* x, size_t rows, size_t stride, float* y) const {
    std::vector<float> pieces(kBlock * linear_.outputs());
    for (size_t begin = 0; begin < rows; begin += kBlock) {
      const size_t count = std::min(kBlock, rows - begin);
      linear_.apply(x + begin * stride, count, stride, pieces.data());
      for (size_t r = 0; r < count; ++r)
        add_row(pieces.data() + r * linear_.outputs(), y + (begin + r) * kVectorWidth);
    }
  }

 private:
  void add_row(const float* pieces, float* y) const {
    float best[kVectorWidth];
    float sum = 0;
    for (size_t o = 0; o < kVectorWidth; ++o) {
      best[o] = *std::max_element(pieces + o * kPieces, pieces + (o + 1) * kPieces);
      sum += best[o];
    }
    constexpr float kWidth = kVectorWidth;
    const float mean = sum / kWidth;
    float squares = 0;
    for (const float value : best) squares += (value - mean) * (value - mean);
    const float scale = 1 / std::sqrt(squares / kWidth + 1e-8F);
    for (size_t o = 0; o < kVectorWidth; ++o) y[o] += (best[o] - mean) * scale * gain_[o] + shift_[o];
  }

  Linear linear_;
  std::vector<float> gain_, shift_;
};

struct Layers {
  std::array<const Tensor*, kTables> tables{};
  Maxout mix{"mix", kTables* kVectorWidth};
  std::vector<Maxout> convolutions;
  Linear tagger;

  Layers()
      : tagger(model().tensor("tagger.W", {model().tags.size(), kVectorWidth}),
               model().tensor("tagger.b", {model().tags.size()})) {
    for (size_t i = 0; i < kTables; ++i)
      tables[i] = &model().tensor(concat("embed", i), {kRows[i], kVectorWidth});
    for (size_t i = 0; i < kDepth; ++i) convolutions.emplace_back(concat("conv", i), kWindow * kVectorWidth);
  }
};

const Layers& layers() {
  static const Layers held;
  return held;
}

// The sum of four rows of each table, the tables side by side.
void embed(const Features& word, float* out) {
  for (size_t table = 0; table < kTables; ++table, out += kVectorWidth) {
    std::fill(out, out + kVectorWidth, 0.0F);
    const std::vector<float>& rows = layers().tables[table]->values;
    for (const uint32_t key : table_keys(word[table], kFirstSeed + static_cast<uint32_t>(table))) {
      const float* const row = rows.data() + key % kRows[table] * kVectorWidth;
      for (size_t o = 0; o < kVectorWidth; ++o) out[o] += row[o];
    }
  }
}

}  // namespace

std::vector<float> word_vectors(const std::vector<Features>& words) {
  // As many rows of zeros as the layers see stand on both sides, and take part: after a layer they are zeros
  // no more. Of those a layer computes only what the layers after it look at.
  constexpr size_t kPad = kDepth, kEmbedded = kTables * kVectorWidth;
  std::vector<float> now((words.size() + 2 * kPad) * kVectorWidth);
  std::vector<float> embedded(kBlock * kEmbedded);
  for (size_t begin = 0; begin < words.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, words.size() - begin);
    for (size_t i = 0; i < count; ++i) embed(words[begin + i], embedded.data() + i * kEmbedded);
    layers().mix.add(embedded.data(), count, kEmbedded, now.data() + (begin + kPad) * kVectorWidth);
  }
  size_t first = 0;
  for (const Maxout& convolution : layers().convolutions) {
    std::vector<float> next = now;  // the residual
    const size_t rows = words.size() + 2 * (kPad - first) - (kWindow - 1);
    convolution.add(now.data() + first * kVectorWidth, rows, kVectorWidth,
                    next.data() + (first + 1) * kVectorWidth);
    now.swap(next);
    ++first;
  }
  const auto begin = now.begin() + static_cast<std::ptrdiff_t>(kPad * kVectorWidth);
  return {begin, begin + static_cast<std::ptrdiff_t>(words.size() * kVectorWidth)};
}

std::vector<Tag> tags_of(const std::vector<float>& vectors) {
  const Linear& linear = layers().tagger;
  const auto& names = model().tags;
  const size_t blank = static_cast<size_t>(std::find(names.begin(), names.end(), "_SP") - names.begin());
  DRF_CHECK(blank < names.size());
  std::vector<Tag> tags(vectors.size() / kVectorWidth);
  std::vector<float> scores(linear.outputs());
  for (size_t i = 0; i < tags.size(); ++i) {
    linear.apply(vectors.data() + i * kVectorWidth, 1, kVectorWidth, scores.data());
    const auto best = std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (const float score : scores) sum += std::exp(static_cast<double>(score) - *best);
    tags[i] = {static_cast<size_t>(best - scores.begin()), 1 / sum,
               std::exp(static_cast<double>(scores[blank]) - *best) / sum};
  }
  return tags;
}

}  // namespace drf::english
