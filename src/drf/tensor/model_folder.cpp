#include "drf/tensor/model_folder.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"

namespace drf {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMostEntries = 10'000;  // of a folder that are looked at

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder), end; it != end && found.size() < kMostEntries; ++it)
    found.push_back(it->path());
  std::sort(found.begin(), found.end());
  return found;
}

bool is_file(const fs::path& path) {
  std::error_code ec;
  return fs::is_regular_file(path, ec);
}
// "_class_name", "model_type" and the like of a config.json that may be anything; "" if there is none.
std::string config_text(const fs::path& file, const std::string& key) {
  if (!is_file(file)) return "";
  std::string problem;
  const nlohmann::json json = parse_json(read_file(file), problem);
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

// The folder below snapshots/ that refs/main stands for, else the first.
fs::path snapshot_of(const fs::path& cache) {
  const fs::path main = cache / "refs" / "main";
  if (is_file(main)) {
    std::string name = read_file(main).substr(0, 100);
    while (!name.empty() && std::isspace(static_cast<unsigned char>(name.back()))) name.pop_back();
    if (!name.empty() && is_folder(cache / "snapshots" / name)) return cache / "snapshots" / name;
  }
  for (const fs::path& path : entries_of(cache / "snapshots")) {
    if (is_folder(path)) return path;
  }
  return cache / "snapshots";
}

std::string diffusers_repository(const fs::path& folder) {
  const std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  return concat("the repository with -Diffusers at the end of its name (",
                name.starts_with("Wan2") ? "Wan-AI/" + name : "Wan-AI/Wan2.1-T2V-1.3B", "-Diffusers)");
}

// The original code's folders: config.json of a WanModel, weights of VAE and text encoder as .pth.
std::string original_layout(const fs::path& folder) {
  const std::string name = config_text(folder / "config.json", "_class_name");
  const bool is_wan = name == "WanModel" || name == "VaceWanModel" || name == "WanAnimateModel";
  const bool two = is_folder(folder / "high_noise_model") || is_folder(folder / "low_noise_model");
  if (!is_wan && !two && !is_file(folder / "Wan2.1_VAE.pth") && !is_file(folder / "Wan2.2_VAE.pth"))
    return "";
  const std::string type = config_text(folder / "config.json", "model_type");
  if (type == "i2v" || type == "vace" || type == "ti2v" || type == "s2v" || type == "animate") {
    return concat("this is the original layout of a Wan model of type ", type,
                  "; wanted a text-to-video model in diffusers' layout, for example "
                  "Wan-AI/Wan2.1-T2V-1.3B-Diffusers");
  }
  return concat("this is the original layout of Wan", two ? " 2.2" : "",
                "; wanted diffusers' layout: ", diffusers_repository(folder));
}

std::string explain_folder(const fs::path& folder, const std::string& role, const std::string& file) {
  if (is_folder(folder / "snapshots")) {
    return concat("this is a model's folder in the hub's cache; the files lie in ", snapshot_of(folder),
                  ": give that");
  }
  const auto entries = entries_of(folder);
  for (const fs::path& path : entries) {
    if (path.filename().string().starts_with("models--"))
      return concat("this is the hub's cache; give one model's folder: ", snapshot_of(path));
  }
  if (const std::string original = original_layout(folder); !original.empty()) return original;
  if (is_file(folder / "adapter_config.json"))
    return "this is an adapter that PEFT saved; give the model here, and the adapter with --lora";
  if (role != "generator" && is_file(folder / "model_index.json")) {
    return concat("this is a pipeline of diffusers, a generator; wanted a ",
                  role == "critic" ? "vision-language model" : "CLIPModel of transformers");
  }
  if (is_file(folder.parent_path() / file) && role == "generator")
    return concat("this is one part of a pipeline; give the folder above: ", folder.parent_path());
  if (const std::string type = config_text(folder / "config.json", "model_type"); !type.empty())
    return concat("this is a model of transformers (", type, "); wanted a pipeline of diffusers");
  for (const fs::path& path : entries) {
    if (is_folder(path) && is_file(path / file)) return concat("did you mean ", path, "?");
  }
  return other_weights(folder, role == "generator" ? "diffusion_pytorch_model" : "model");
}

}  // namespace

std::string foreign_file(std::string_view bytes) {
  const auto starts = [&](std::string_view magic) { return bytes.substr(0, magic.size()) == magic; };
  if (starts("GGUF")) {
    return "a GGUF file, quantised for other programs; use the plain checkpoint (safetensors, bfloat16 or "
           "float32)";
  }
  if (starts("PK\x03\x04") || starts("\x80\x02")) {
    return "a PyTorch file (pickle), which is not read because it can run code; convert it with the model's "
           "save_pretrained(safe_serialization=True)";
  }
  if (starts("version https://git-lfs")) return "a pointer of git-lfs, not the file itself; run git lfs pull";
  const size_t text = bytes.find_first_not_of(" \t\r\n");
  const std::string_view rest = text == std::string_view::npos ? "" : bytes.substr(text);
  for (const std::string_view page : {"<!DOCTYPE", "<!doctype", "<html", "<?xml"}) {
    if (rest.substr(0, page.size()) == page)
      return "a web page, what a download leaves that was refused (log in, accept the licence); download "
             "again";
  }
  return "";
}

std::string other_weights(const fs::path& folder, const std::string& stem) {
  std::string shard;
  for (const fs::path& path : entries_of(folder)) {
    const std::string name = path.filename().string(), end = path.extension().string();
    if (end == ".gguf") {
      return concat(
          "has ", name,
          ", which is quantised (GGUF); use the plain checkpoint (safetensors, bfloat16 or float32)");
    }
    if (end == ".bin" || end == ".pth" || end == ".pt" || end == ".ckpt" || end == ".h5" ||
        end == ".msgpack") {
      return concat("has only ", name, "; drf reads ", stem,
                    ".safetensors (convert it with the model's save_pretrained(safe_serialization=True))");
    }
    if (end != ".safetensors") continue;
    if (name.starts_with(stem + "-0")) shard = name;
    if (name.starts_with(stem + ".") && shard.empty()) {
      return concat("has ", name, ", a variant; drf reads ", stem,
                    ".safetensors: rename or link it, if it is "
                    "the one that you want");
    }
  }
  if (shard.empty()) return "";
  return concat("has shards (", shard, ") without ", stem, ".safetensors.index.json; download that too");
}

void require_model_folder(const fs::path& folder, const std::string& role, const std::string& file) {
  if (!fs::exists(folder)) fail(ErrorKind::kInput, folder, ": no such ", role, " folder");
  if (!fs::is_directory(folder)) {
    std::string what;
    if (is_file(folder)) {
      std::string first(64, '\0');
      std::ifstream in(folder, std::ios::binary);
      in.read(first.data(), static_cast<std::streamsize>(first.size()));
      first.resize(static_cast<size_t>(in.gcount()));
      what = foreign_file(first);
    }
    fail(ErrorKind::kInput, folder, ": is a file, wanted a ", role, " folder in ",
         role == "generator" ? "diffusers'" : "transformers'", " layout",
         what.empty() ? "" : concat("; this is ", what));
  }
  if (is_there(folder / file)) return;
  const std::string why = explain_folder(folder, role, file);
  fail(ErrorKind::kInput, folder / file, ": no such file", why.empty() ? "" : "; " + why);
}

}  // namespace drf
