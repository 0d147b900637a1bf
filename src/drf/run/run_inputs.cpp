#include "drf/run/run_inputs.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/printable.h"
#include "drf/nn/lora_file.h"
#include "drf/tensor/checkpoint.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/side_files.h"

namespace drf::run {
namespace fs = std::filesystem;
namespace {

const char* const kMark = "{\"drf_inputs\":1";
// Of longer texts, and of files that are none, a digest: what is recorded must be read again (base/files.h).
constexpr uintmax_t kLongText = 16 << 20, kLongSideFile = 256 << 10;
constexpr size_t kManyLines = 1'000'000;

// A file's lines, or its digest where they are too many.
std::pair<const char*, std::vector<std::string>> content(const fs::path& file, uintmax_t longest) {
  std::error_code ec;
  if (fs::file_size(file, ec) <= longest && is_utf8(read_file(file))) {
    std::vector<std::string> lines = read_utf8_lines(file);
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    if (lines.size() <= kManyLines) return {"text", std::move(lines)};
  }
  return {"digest", {concat("digest ", digest_file(file))}};
}

std::vector<std::string> header_lines(const std::map<std::string, TensorEntry>& entries) {
  std::vector<std::string> lines;
  for (const auto& [name, entry] : entries)
    lines.push_back(concat(name, " ", entry.dtype_name, " ", entry.shape));
  return lines;
}

// The folder itself and those in it, sorted.
std::vector<fs::path> parts_of(const fs::path& folder) {
  std::vector<fs::path> parts = {folder};
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->is_directory(ec)) parts.push_back(it->path());
  }
  std::sort(parts.begin() + 1, parts.end());
  return parts;
}

// `line` around byte `at`, at most `most` bytes of it, whole UTF-8 sequences, quoted.
std::string shown(const std::string& line, size_t at) {
  constexpr size_t kBefore = 30, kMost = 80;
  const auto continues = [&](size_t i) { return i < line.size() && (line[i] & 0xC0) == 0x80; };
  size_t begin = at > kBefore && line.size() > kMost ? at - kBefore : 0;
  while (continues(begin)) --begin;
  size_t end = std::min(line.size(), begin + kMost);
  while (continues(end)) --end;
  return concat(begin > 0 ? "'..." : "'", printable(std::string_view(line).substr(begin, end - begin)),
                end < line.size() ? "...'" : "'");
}

std::string difference(const std::string& where, const std::string& before, const std::string& now) {
  size_t at = 0;
  while (at < before.size() && at < now.size() && before[at] == now[at]) ++at;
  return concat(where, "was ", shown(before, at), ", is now ", shown(now, at));
}

std::string first_difference(const std::vector<std::string>& before, const std::vector<std::string>& now,
                             bool numbered) {
  for (size_t i = 0; i < std::max(before.size(), now.size()); ++i) {
    const std::string where = numbered ? concat("line ", i + 1, " ") : "";
    if (i >= now.size()) return concat(where, "was ", shown(before[i], 0), ", is gone now");
    if (i >= before.size()) return concat(where, "is new: ", shown(now[i], 0));
    if (before[i] != now[i]) return difference(where, before[i], now[i]);
  }
  return "";
}

}  // namespace

std::string first_difference(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  return first_difference(before, now, /*numbered=*/true);
}

RunInputs RunInputs::read(const RunConfig& config) {
  RunInputs all;
  std::error_code ec;
  const auto text = [&](const char* key, const std::string& path) {
    if (path.empty() || !fs::is_regular_file(path, ec)) return;
    auto [kind, lines] = content(path, kLongText);
    all.inputs_.push_back({key, path, {{"", kind, std::move(lines)}}});
  };
  const auto tensors = [&](const char* key, const std::string& path) {
    if (path.empty() || !fs::is_regular_file(path, ec)) return;
    const SafetensorsFile file(path);
    std::vector<std::string> lines = header_lines(file.entries());
    for (const auto& [name, value] : file.metadata()) lines.push_back(concat("metadata ", name, " ", value));
    lines.push_back(concat("digest ", digest_file(path)));
    all.inputs_.push_back({key, path, {{"", "header", std::move(lines)}}});
  };
  const auto model = [&](const std::string& key, const std::string& path) {
    if (path.empty() || !fs::is_directory(path, ec)) return;
    Input input{key, path, {}};
    const auto name_of = [&](const fs::path& file) { return file.lexically_relative(path).string(); };
    for (const fs::path& part : parts_of(path)) {
      for (const char* side : kSideFiles) {
        const fs::path file = part / side;
        if (!fs::is_regular_file(file, ec)) continue;
        auto [kind, lines] = content(file, kLongSideFile);
        input.files.push_back({name_of(file), kind, std::move(lines)});
      }
      for (const char* stem : {"diffusion_pytorch_model", "model"}) {
        if (!fs::exists(part / concat(stem, ".safetensors"), ec) &&
            !fs::exists(part / concat(stem, ".safetensors.index.json"), ec))
          continue;
        const Checkpoint checkpoint = Checkpoint::open(part, stem);
        std::vector<std::string> lines = header_lines(checkpoint.entries());
        std::set<fs::path> shards;
        for (const auto& [name, entry] : checkpoint.entries()) shards.insert(checkpoint.file_of(name));
        for (const fs::path& shard : shards)
          lines.push_back(concat(shard.filename(), " ", fs::file_size(shard, ec), " bytes"));
        input.files.push_back({name_of(part / concat(stem, ".safetensors")), "header", std::move(lines)});
      }
    }
    all.inputs_.push_back(std::move(input));
  };
  text("prompts.train", config.prompts.train);
  text("prompts.held_out", config.prompts.held_out);
  text("questions.file", config.questions.file);
  text("questions.templates", config.questions.templates);
  model("generator.path", config.generator.path);
  if (config.asks_critic()) model("critic.path", config.critic.path);
  for (size_t i = 0; i < config.rewards.size(); ++i)
    if (!config.rewards[i].path.empty()) model(concat("rewards.", i, ".path"), config.rewards[i].path);
  if (!config.lora.init_from.empty())
    tensors("lora.init_from", nn::adapter_file(config.lora.init_from).string());
  if (!config.lora.init_from_2.empty())
    tensors("lora.init_from_2", nn::adapter_file(config.lora.init_from_2).string());
  tensors("sampling.noise", config.sampling.noise);
  return all;
}

std::string RunInputs::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Input& input : inputs_) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const File& file : input.files)
      files.push_back({{"name", file.name}, {"kind", file.kind}, {"lines", file.lines}});
    list.push_back({{"key", input.key}, {"path", input.path}, {"files", std::move(files)}});
  }
  // A name or a path may hold any bytes; the files' lines are UTF-8.
  using Handler = nlohmann::ordered_json::error_handler_t;
  return nlohmann::ordered_json{{"drf_inputs", 1}, {"inputs", std::move(list)}}.dump(-1, ' ', false,
                                                                                     Handler::replace) +
         "\n";
}

bool RunInputs::is_ours(const fs::path& file) {
  std::error_code ec;
  if (!fs::is_regular_file(file, ec)) return false;
  std::ifstream in(file, std::ios::binary);
  std::string begin(std::string(kMark).size(), '\0');
  return in.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kMark;
}

std::optional<RunInputs> RunInputs::load(const fs::path& file) {
  std::error_code ec;
  if (!fs::exists(file, ec)) return std::nullopt;
  const JsonConfig json = JsonConfig::read(file);
  RunInputs all;
  try {
    for (const auto& input : json.json().at("inputs")) {
      Input one{input.at("key"), input.at("path"), {}};
      for (const auto& entry : input.at("files"))
        one.files.push_back({entry.at("name"), entry.at("kind"), entry.at("lines")});
      all.inputs_.push_back(std::move(one));
    }
  } catch (const nlohmann::json::exception& e) {
    fail(ErrorKind::kInput, file, ": is damaged (", e.what(),
         "); remove it to go on without a comparison of what the run reads");
  }
  return all;
}

const RunInputs::Input* RunInputs::find(const std::string& key) const {
  for (const Input& input : inputs_) {
    if (input.key == key) return &input;
  }
  return nullptr;
}

std::vector<std::string> RunInputs::differences(const RunInputs& now) const {
  std::vector<std::string> all;
  for (const Input& before : inputs_) {
    const Input* const after = now.find(before.key);
    if (after && after->path != before.path) continue;
    const auto add = [&](const std::string& name, const std::string& what) {
      const fs::path file = name.empty() ? fs::path(before.path) : fs::path(before.path) / name;
      all.push_back(concat(file, " (", before.key, "): ", what));
    };
    const auto named = [](const std::vector<File>& files, const std::string& name) {
      return std::find_if(files.begin(), files.end(), [&](const File& file) { return file.name == name; });
    };
    static const std::vector<File> none;
    const std::vector<File>& files = after ? after->files : none;
    for (const File& file : before.files) {
      const auto other = named(files, file.name);
      if (other == files.end()) {
        add(file.name, "was there when the run began, and is gone now");
      } else if (other->kind != file.kind) {
        add(file.name, concat("was read as ", file.kind, ", is now ", other->kind));
      } else if (const auto what = first_difference(file.lines, other->lines, file.kind == "text");
                 !what.empty()) {
        add(file.name, what);
      }
    }
    for (const File& file : files) {
      if (named(before.files, file.name) == before.files.end())
        add(file.name, "was not there when the run began");
    }
  }
  return all;
}

std::string RunInputs::models_digest() const {
  std::string all;
  for (const Input& input : inputs_) {
    if (input.key.starts_with("prompts.") || input.key.starts_with("questions.")) continue;
    for (const File& file : input.files) {
      all += concat(input.key, "\n", file.name, "\n");
      for (const std::string& line : file.lines) all += line + "\n";
    }
  }
  return digest(all);
}

std::vector<std::string> RunInputs::moved(const RunInputs& now) const {
  std::vector<std::string> keys;
  for (const Input& after : now.inputs_) {
    const Input* const before = find(after.key);
    if (!before || before->path != after.path) keys.push_back(after.key);
  }
  return keys;
}

}  // namespace drf::run
