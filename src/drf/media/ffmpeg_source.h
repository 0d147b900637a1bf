#pragma once
// A file as FFmpeg reads it: bytes of one regular file, and nothing else. FFmpeg is told no name, so that
// none is taken for a protocol ("concat:a.png"), a pattern ("50%done/f1.png", "is it red?.png") or an ending
// that chooses the format; and it opens nothing by itself, whatever a playlist or a container names. For
// ffmpeg_*.cpp only.

#include <filesystem>
#include <string>

#include "drf/base/files.h"
#include "drf/media/ffmpeg_handles.h"

namespace drf::media {

class FileSource {
 public:
  /// Throws Error(kInput) as InputFile does.
  explicit FileSource(const std::filesystem::path& path);
  ~FileSource();
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  /// The opened container. Throws Error(kInput) naming the path: not a format that drf reads (a list of its
  /// own: FFmpeg's contains playlists, subtitles and text art), or broken.
  Input open();
  /// The last bytes of the file without the zeros that some writers fill up with.
  std::string tail() const;

 private:
  static int read(void* self, uint8_t* to, int size);
  static int64_t seek(void* self, int64_t offset, int whence);

  std::filesystem::path path_;
  InputFile file_;
  AVIOContext* io_ = nullptr;
  int64_t at_ = 0;
};

}  // namespace drf::media
