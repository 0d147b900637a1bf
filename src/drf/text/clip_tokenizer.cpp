#include "drf/text/clip_tokenizer.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/text/byte_alphabet.h"
#include "drf/text/byte_level_bpe.h"
#include "drf/text/tokenizer_folder.h"
#include "drf/text/tokenizer_json.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

using nlohmann::json;

constexpr char kSuffix[] = "</w>";

// What the class builds whatever tokenizer.json says, in that file's words.
constexpr char kNormalizer[] = R"({"type": "Sequence", "normalizers": [
  {"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]})";
constexpr char kPreTokenizer[] = R"({"type": "Sequence", "pretokenizers": [
  {"type": "Split", "behavior": "Removed", "invert": true, "pattern": {"Regex":
    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}},
  {"type": "ByteLevel", "add_prefix_space": false}]})";

class ClipBpe : public ByteLevelBpe {
 public:
  using ByteLevelBpe::ByteLevelBpe;

 protected:
  /// A suffix is the space behind a word.
  std::string join(const std::vector<std::string>& tokens) const override {
    std::string text = lossy_utf8(ByteLevelBpe::join(tokens));
    for (size_t i = 0; (i = text.find(kSuffix, i)) != std::string::npos; ++i)
      text.replace(i, sizeof(kSuffix) - 1, " ");
    return strip(text, /*left=*/true, /*right=*/true, is_python_space);
  }
};

/// The lines "a b" of merges.txt.
json read_merges(const std::filesystem::path& file) {
  json merges = json::array();
  for_each_line(read_text_file(file), [&](size_t number, const std::string& line) {
    if (line.empty() || line.starts_with("#version")) return;
    if (std::count(line.begin(), line.end(), ' ') != 1)
      fail(ErrorKind::kInput, file, ": line ", number, ": '", line, "', wanted two tokens and a space");
    merges.push_back(line);
  });
  return merges;
}

bool holds_files(const std::filesystem::path& folder) {
  return is_there(folder / "tokenizer.json") ||
         (is_there(folder / "vocab.json") && is_there(folder / "merges.txt"));
}

}  // namespace

std::unique_ptr<Tokenizer> open_clip(const TokenizerFolder& folder) {
  TokenizerParts parts;
  json merges, added;
  if (is_there(folder.folder / "tokenizer.json")) {
    parts.where = (folder.folder / "tokenizer.json").string();
    const json file = read_json(folder.folder / "tokenizer.json");
    const json& model = json_or_null(file, "model");
    fill_vocabulary(parts, json_or_null(model, "vocab"));
    merges = json_list(model, "merges", parts.where);
    added = json_or_null(file, "added_tokens");
  } else {
    parts.where = (folder.folder / "vocab.json").string();
    fill_vocabulary(parts, read_json(folder.folder / "vocab.json"));
    merges = read_merges(folder.folder / "merges.txt");
  }
  fill_tokens(parts, {}, added, folder);
  // Found in texts as special tokens, whether a file lists them or not.
  const auto name = [&](const char* key, const char* fallback) -> std::optional<int64_t> {
    const std::string given = folder.named_token(key), token = given.empty() ? fallback : given;
    const auto found = parts.ids.find(token);
    if (found == parts.ids.end()) return std::nullopt;
    if (!parts.added.tokens().contains(found->second))
      parts.added.add({.id = found->second, .content = token});
    return found->second;
  };
  const auto start = name("bos_token", "<|startoftext|>"), end = name("eos_token", "<|endoftext|>");
  if (!start || !end) {
    fail(ErrorKind::kInput, parts.where, ": the vocabulary has no ", start ? "end" : "start", " token ('",
         start ? "<|endoftext|>" : "<|startoftext|>", "'): not CLIP's");
  }
  parts.eos = end;
  parts.pad = name("pad_token", "<|endoftext|>");
  parts.prefix = {*start};
  parts.suffix = {*end};
  parts.normalizer = Normalizer::from_json(json::parse(kNormalizer), parts.where);
  parts.pre_tokenizer = PreTokenizer::from_json(json::parse(kPreTokenizer), parts.where);
  return std::make_unique<ClipBpe>(std::move(parts),
                                   json{{"merges", std::move(merges)}, {"end_of_word_suffix", kSuffix}});
}

std::unique_ptr<Tokenizer> open_clip_tokenizer(const std::filesystem::path& folder) {
  for (const auto& place : {folder, folder / "tokenizer"}) {
    if (!holds_files(place)) continue;
    const TokenizerFolder read = TokenizerFolder::read(place);
    if (!read.tokenizer_class.empty() && read.tokenizer_class != "CLIPTokenizer") {
      fail(ErrorKind::kInput, place / "tokenizer_config.json", ": tokenizer_class is '", read.tokenizer_class,
           "'; only CLIPTokenizer is supported");
    }
    return open_clip(read);
  }
  fail(ErrorKind::kInput, folder, ": holds neither tokenizer.json nor vocab.json and merges.txt; copy them ",
       "from the model it was made from (PickScore, HPSv2: laion/CLIP-ViT-H-14-laion2B-s32B-b79K)");
}

}  // namespace drf::text
