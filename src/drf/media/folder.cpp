#include "drf/media/folder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

#include "drf/base/error.h"
#include "drf/base/letters.h"
#include "drf/base/log.h"
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

bool is_frame(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  static const std::set<std::string> kEndings = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"};
  return kEndings.count(lower(path.extension().string())) > 0 && name[0] != '.';
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

std::vector<at::Tensor> decode_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_frame(it->path())) files.push_back(it->path());
    if (static_cast<int64_t>(files.size()) > kMaxFrames)
      fail(ErrorKind::kInput, folder, ": the folder has more than ", kMaxFrames, " pictures");
  }
  if (error) fail(ErrorKind::kInput, folder, ": the folder cannot be read: ", error.message());
  if (files.empty())
    fail(ErrorKind::kInput, folder, ": the folder has no pictures (png, jpg, webp, bmp or tif)");
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return natural_less(a.filename().string(), b.filename().string());
  });
  std::vector<at::Tensor> pictures;
  int64_t animations = 0;
  for (const auto& file : files) {
    DecodedVideo picture = decode_video(file, 1);
    animations += picture.more;
    pictures.push_back(std::move(picture.pictures_HW3[0]));
    const at::Tensor &first = pictures.front(), &last = pictures.back();
    if (first.sizes() != last.sizes()) {
      fail(ErrorKind::kInput, file, ": the picture is ", last.size(1), "x", last.size(0), ", the first is ",
           first.size(1), "x", first.size(0), "; all must have one size");
    }
    if (static_cast<int64_t>(pictures.size()) * first.size(0) * first.size(1) > kMaxClipPixels) {
      fail(ErrorKind::kInput, folder, ": more than ", pictures.size() - 1, " pictures of ", first.size(1),
           "x", first.size(0), ", wanted ", kMaxClipPixels,
           " pixels in all at most; take fewer or scale them down");
    }
  }
  if (animations > 0) {
    log_warning("video", folder, ": ", animations, " of its ", files.size(),
                " pictures are animations; the first frame of each is taken");
  }
  return pictures;
}

}  // namespace drf::media
