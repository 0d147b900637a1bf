#pragma once
// TensorBoard's event files with scalars, pictures that may move, and texts, written without protobuf.
// Format: TFRecord framing (length, masked CRC-32C, data, masked CRC-32C) around Event messages
// (tensorflow/core/util/event.proto).

#include <cstdint>
#include <filesystem>
#include <string>

#include "drf/base/append_file.h"

namespace drf::run {

class EventFile {
 public:
  /// Makes events.out.tfevents.* in `folder`. With first_step > 0 (a resumed run) TensorBoard is told to
  /// forget what older files say about steps from there on. Throws Error(kResources).
  EventFile(const std::filesystem::path& folder, int64_t first_step);

  /// Value of one curve; flushed, whole or not at all. `wall_time` in seconds since 1970, now if negative.
  /// Throws Error(kResources).
  void scalar(const std::string& tag, int64_t step, float value, double wall_time = -1);

  /// A picture that browsers know (a GIF plays), and its size in pixels; the same promise.
  void picture(const std::string& tag, int64_t step, const std::string& bytes, int64_t height, int64_t width,
               double wall_time = -1);
  /// Markdown; the same promise.
  void text(const std::string& tag, int64_t step, const std::string& markdown, double wall_time = -1);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  AppendFile out_;
};

/// CRC-32C (Castagnoli, reflected).
uint32_t crc32c(const std::string& bytes);

/// One TFRecord around `data`.
std::string tfrecord(const std::string& data);

/// The Event message {wall_time, step, summary {value {tag, simple_value}}}.
std::string scalar_event(double wall_time, int64_t step, const std::string& tag, float value);
/// The same with image {height, width, colorspace = 3, encoded_image_string}.
std::string picture_event(double wall_time, int64_t step, const std::string& tag, const std::string& bytes,
                          int64_t height, int64_t width);
/// The same with a tensor of one string, of the plugin "text".
std::string text_event(double wall_time, int64_t step, const std::string& tag, const std::string& markdown);

}  // namespace drf::run
