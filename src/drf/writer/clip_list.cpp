#include "drf/writer/clip_list.h"

#include <algorithm>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/questions/json_line.h"

namespace drf::writer {
namespace fs = std::filesystem;
namespace {

using Clips = std::map<int64_t, std::vector<fs::path>>;

// "p12-a.mp4" -> 12; -1 for another name.
int64_t prompt_of(const std::string& stem) {
  const size_t end = stem.find('-');
  const std::string digits = stem.substr(0, end);
  if (digits.size() < 2 || digits.size() > 10 || digits[0] != 'p' ||
      digits.find_first_not_of("0123456789", 1) != std::string::npos)
    return -1;
  return std::stoll(digits.substr(1));
}

Clips of_folder(const fs::path& folder, int64_t num_prompts) {
  std::vector<fs::path> entries;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    entries.push_back(it->path());
  if (ec) fail(ErrorKind::kInput, folder, ": cannot be read: ", ec.message());
  std::sort(entries.begin(), entries.end());
  Clips clips;
  for (const fs::path& entry : entries) {
    if (entry.filename().string()[0] == '.') continue;
    const int64_t prompt = prompt_of(entry.stem().string());
    if (prompt < 0)
      fail(ErrorKind::kInput, entry, ": wanted a clip called by its prompt's index: p12.mp4, or p12-a.mp4");
    if (prompt >= num_prompts)
      fail(ErrorKind::kInput, entry, ": is of prompt ", prompt, ", but there are ", num_prompts,
           " prompts, counted from 0");
    clips[prompt].push_back(entry);
  }
  return clips;
}

Clips of_lines(const fs::path& file, int64_t num_prompts) {
  Clips clips;
  for_each_line(read_text_file(file), [&](size_t number, const std::string& text) {
    if (is_blank(text)) return;
    const questions::JsonLine line(file, number, text);
    line.require_known_keys({"prompt", "clip"});
    const auto& prompt = line.at("prompt");
    const bool whole =
        prompt.is_number_unsigned() && prompt.get<uint64_t>() < static_cast<uint64_t>(num_prompts);
    if (!whole)
      line.reject("\"prompt\" is ", prompt.dump(), ", wanted the index of a prompt, 0 to ", num_prompts - 1);
    const fs::path clip = line.text("clip");
    if (!is_there(clip)) line.reject("the clip ", clip, " is not there");
    clips[prompt.get<int64_t>()].push_back(clip);
  });
  return clips;
}

}  // namespace

Clips read_clip_list(const fs::path& path, int64_t num_prompts) {
  Clips clips = is_folder(path) ? of_folder(path, num_prompts) : of_lines(path, num_prompts);
  if (clips.empty()) fail(ErrorKind::kInput, path, ": names no clip");
  return clips;
}

}  // namespace drf::writer
