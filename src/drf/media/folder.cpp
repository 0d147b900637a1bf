#include "drf/media/folder.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/media/ffmpeg.h"

namespace drf::media {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// The run of digits at s[i] without leading zeros; `i` moves behind it.
std::string number_at(const std::string& s, size_t& i) {
  while (i < s.size() && s[i] == '0') ++i;
  const size_t begin = i;
  while (i < s.size() && digit(s[i])) ++i;
  return s.substr(begin, i - begin);
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const std::string x = number_at(a, i), y = number_at(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  if (i == a.size() && j == b.size()) return a < b;  // 01 and 1: any fixed order
  return i == a.size();
}

at::Tensor decode_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto extension = it->path().extension();
    if (extension == ".png" || extension == ".jpg" || extension == ".jpeg") files.push_back(it->path());
  }
  if (error) fail(ErrorKind::kInput, folder, ": the folder cannot be read: ", error.message());
  if (files.empty()) fail(ErrorKind::kInput, folder, ": the folder has no *.png or *.jpg frames");
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return natural_less(a.filename().string(), b.filename().string());
  });
  std::vector<at::Tensor> frames;
  for (const auto& file : files) {
    frames.push_back(decode_video(file).frames_FHW3.narrow(0, 0, 1));
    if (frames.back().sizes() != frames.front().sizes()) {
      fail(ErrorKind::kInput, file, ": the picture is ", frames.back().size(2), "x", frames.back().size(1),
           ", the first is ", frames.front().size(2), "x", frames.front().size(1),
           "; all must have one size");
    }
  }
  return at::cat(frames);
}

}  // namespace drf::media
