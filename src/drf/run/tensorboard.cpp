#include "drf/run/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf::run {
namespace {

// Little-endian bytes of a trivially copyable value, whatever the machine's order.
template <typename Bits>
std::string little_endian(Bits bits) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(Bits); ++i) bytes += static_cast<char>((bits >> (8 * i)) & 0xFF);
  return bytes;
}
std::string fixed(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return little_endian(bits);
}
std::string fixed(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return little_endian(bits);
}

// Protobuf wire format: a tag is field * 8 + type; 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}
std::string tag(int field, int type) { return varint(static_cast<uint64_t>(field * 8 + type)); }
std::string message(int field, const std::string& bytes) {
  return tag(field, 2) + varint(bytes.size()) + bytes;
}

// Event: 1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary, 7 session_log.
std::string event_head(double wall_time, int64_t step) {
  std::string bytes = tag(1, 1) + fixed(wall_time);
  if (step != 0) bytes += tag(2, 0) + varint(static_cast<uint64_t>(step));  // proto3 leaves zeros out
  return bytes;
}

// Event {summary {value}}; Summary: 1 value.
std::string event(double wall_time, int64_t step, const std::string& value) {
  return event_head(wall_time, step) + message(5, message(1, value));
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::filesystem::path new_file(const std::filesystem::path& folder, int64_t first_step) {
  char host[256] = "host";
  ::gethostname(host, sizeof(host) - 1);
  return folder / concat("events.out.tfevents.", static_cast<int64_t>(now()), ".", host, ".", ::getpid(), ".",
                         first_step);
}

uint32_t masked_crc(const std::string& bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

}  // namespace

uint32_t crc32c(const std::string& bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78 : 0);
      entries[i] = crc;
    }
    return entries;
  }();
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string tfrecord(const std::string& data) {
  const std::string length = little_endian<uint64_t>(data.size());
  return length + little_endian(masked_crc(length)) + data + little_endian(masked_crc(data));
}

std::string scalar_event(double wall_time, int64_t step, const std::string& name, float value) {
  // Summary.Value: 1 tag, 2 simple_value (float).
  return event(wall_time, step, message(1, name) + tag(2, 5) + fixed(value));
}

std::string picture_event(double wall_time, int64_t step, const std::string& name, const std::string& bytes,
                          int64_t height, int64_t width) {
  // Summary.Value: 4 image; Summary.Image: 1 height, 2 width, 3 colorspace (3: RGB), 4 encoded_image_string.
  const auto number = [](int field, int64_t value) {
    return tag(field, 0) + varint(static_cast<uint64_t>(value));
  };
  return event(
      wall_time, step,
      message(1, name) + message(4, number(1, height) + number(2, width) + number(3, 3) + message(4, bytes)));
}

std::string text_event(double wall_time, int64_t step, const std::string& name, const std::string& markdown) {
  // Summary.Value: 8 tensor, 9 metadata {1 plugin_data {1 plugin_name}}; TensorProto: 1 dtype (7: string),
  // 2 tensor_shape {2 dim {1 size}}, 8 string_val.
  const std::string shape = message(2, tag(1, 0) + varint(1));
  const std::string tensor = tag(1, 0) + varint(7) + message(2, shape) + message(8, markdown);
  return event(wall_time, step,
               message(1, name) + message(8, tensor) + message(9, message(1, message(1, "text"))));
}

EventFile::EventFile(const std::filesystem::path& folder, int64_t first_step)
    : path_(new_file(folder, first_step)), out_(path_, /*fresh=*/true) {
  const double start = now();
  out_.append(tfrecord(event_head(start, 0) + message(3, "brain.Event:2")));
  // SessionLog {status: START} at a step makes TensorBoard drop what it had from that step on.
  if (first_step > 0)
    out_.append(tfrecord(event_head(start, first_step) + message(7, tag(1, 0) + varint(1))));
}

void EventFile::scalar(const std::string& name, int64_t step, float value, double wall_time) {
  out_.append(tfrecord(scalar_event(wall_time < 0 ? now() : wall_time, step, name, value)));
}

void EventFile::picture(const std::string& name, int64_t step, const std::string& bytes, int64_t height,
                        int64_t width, double wall_time) {
  out_.append(tfrecord(picture_event(wall_time < 0 ? now() : wall_time, step, name, bytes, height, width)));
}

void EventFile::text(const std::string& name, int64_t step, const std::string& markdown, double wall_time) {
  out_.append(tfrecord(text_event(wall_time < 0 ? now() : wall_time, step, name, markdown)));
}

}  // namespace drf::run
