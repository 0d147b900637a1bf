#include "drf/nn/lora_names.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/nearest.h"

namespace drf::nn {
namespace {

// Other methods' tensors, told by the end of their names.
constexpr std::array<std::pair<const char*, const char*>, 2> kOtherEnds = {
    {{".diff_b", "full differences of biases"}, {".diff", "full differences of weights"}}};
// And by a part of them.
constexpr std::array<std::pair<const char*, const char*>, 15> kOtherMethods = {
    {{".lokr_", "LoKr (LyCORIS)"},
     {".hada_", "LoHa (LyCORIS)"},
     {".oft_", "OFT"},
     {".boft_", "BOFT"},
     {".glora_", "GLoRA"},
     {".vera_", "VeRA"},
     {".ia3_l", "IA3"},
     {".dora_scale", "DoRA"},
     {".lora_magnitude_vector", "DoRA"},
     {".lora_mid.", "LoCon with a core matrix"},
     {".lora_embedding_", "an adapter of an embedding"},
     {".base_layer.", "a model whose adapters are not merged"},
     {"_norm.weight", "trained norms"},
     {"_norm.bias", "trained norms"},
     {".bias", "an adapter with biases"}}};

enum class Half { kA, kB, kAlpha };

// A tensor's name taken apart.
struct Name {
  std::string layer;  // everything before the suffix
  Half half;
  std::string adapter;  // PEFT's name of the adapter ("default"), "" if the file has none
  bool kohya = false;
};

std::optional<std::string> without_end(const std::string& text, const std::string& end) {
  if (text.size() <= end.size() || !text.ends_with(end)) return {};
  return text.substr(0, text.size() - end.size());
}

std::optional<Name> take_apart(const std::string& tensor) {
  using Suffix = std::tuple<const char*, Half, bool>;
  static const std::array<Suffix, 8> kSuffixes = {
      Suffix{".lora_A.weight", Half::kA, false}, {".lora_B.weight", Half::kB, false},
      {".lora_down.weight", Half::kA, true},     {".lora_up.weight", Half::kB, true},
      {".lora.down.weight", Half::kA, true},     {".lora.up.weight", Half::kB, true},
      {".alpha", Half::kAlpha, false},           {".lora_alpha", Half::kAlpha, false}};
  for (const auto& [suffix, half, kohya] : kSuffixes) {
    if (const auto layer = without_end(tensor, suffix)) return Name{*layer, half, "", kohya};
  }
  // PEFT's own modules have the adapter's name in between: ".lora_A.default.weight".
  const auto stem = without_end(tensor, ".weight");
  for (const auto& [part, half] : {std::pair{".lora_A.", Half::kA}, {".lora_B.", Half::kB}}) {
    const size_t at = stem ? stem->rfind(part) : std::string::npos;
    if (at == std::string::npos || at == 0) continue;
    const std::string adapter = stem->substr(at + std::string(part).size());
    if (!adapter.empty() && adapter.find('.') == std::string::npos)
      return Name{stem->substr(0, at), half, adapter, false};
  }
  return {};
}

// The model's layers by every name that files have for them.
class Layers {
 public:
  Layers(const std::vector<std::string>& paths, const LayerNames& names) : own_prefix_(names.prefix + ".") {
    for (const std::string& path : paths) {
      add(dotted_, path, path);
      add(flat_, flat(path), path);
      const std::string original = names.to_comfyui ? names.to_comfyui(path) : "";
      if (original.empty()) continue;
      add(dotted_, original, path);
      add(flat_, flat(original), path);
    }
  }

  // The layer's path; "" if there is none.
  std::string find(std::string name) const {
    for (const char* prefix : {"lora_unet__", "lora_unet_", "lora_transformer_", "lycoris_"}) {
      if (name.starts_with(prefix)) return look_up(flat_, name.substr(std::string(prefix).size()));
    }
    for (int i = 0; i < 4; ++i) {
      const std::string found = look_up(dotted_, name);
      if (!found.empty() || !cut_prefix(name)) return found;
    }
    return "";
  }

  // `name` without what tools put before it: for messages.
  std::string bare(std::string name) const {
    for (int i = 0; i < 4 && cut_prefix(name); ++i) continue;
    return name;
  }

 private:
  using Table = std::map<std::string, std::string>;

  static std::string flat(std::string path) {
    std::replace(path.begin(), path.end(), '.', '_');
    return path;
  }
  // A name that two layers would have means neither.
  static void add(Table& table, const std::string& name, const std::string& path) {
    const auto [entry, fresh] = table.emplace(name, path);
    if (!fresh && entry->second != path) entry->second.clear();
  }
  static std::string look_up(const Table& table, const std::string& name) {
    const auto found = table.find(name);
    return found == table.end() ? "" : found->second;
  }
  bool cut_prefix(std::string& name) const {
    for (const std::string& prefix :
         {own_prefix_, std::string("base_model.model."), std::string("diffusion_model."),
          std::string("transformer."), std::string("model."), std::string("pipe."), std::string("dit."),
          std::string("unet."), std::string("module."), std::string("_orig_mod.")}) {
      if (!name.starts_with(prefix)) continue;
      name.erase(0, prefix.size());
      return true;
    }
    return false;
  }

  std::string own_prefix_;
  Table dotted_, flat_;
};

[[noreturn]] void refuse_tensor(const SafetensorsFile& file, const std::string& tensor) {
  if (tensor.starts_with("model.diffusion_model.")) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", tensor,
         "' is of a whole model in one file, as ComfyUI keeps them; wanted a file of adapters");
  }
  const auto refuse = [&](const char* method) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", tensor, "' is no part of a low-rank pair: it is ",
         method,
         ", which is not supported; wanted plain LoRA (merge it into the model, or extract a LoRA from it)");
  };
  for (const auto& [end, method] : kOtherEnds) {
    if (tensor.ends_with(end)) refuse(method);
  }
  for (const auto& [part, method] : kOtherMethods) {
    if (tensor.find(part) != std::string::npos) refuse(method);
  }
  fail(ErrorKind::kInput, file.path(), ": tensor '", tensor,
       "' is no part of a low-rank pair (wanted names that end in .lora_A.weight, .lora_B.weight, "
       ".lora_down.weight, .lora_up.weight or .alpha)");
}

[[noreturn]] void refuse_layer(const SafetensorsFile& file, const std::string& name, const Layers& layers,
                               const std::vector<std::string>& paths) {
  const std::string bare = layers.bare(name);
  if (name.starts_with("text_encoder") || name.starts_with("lora_te")) {
    fail(ErrorKind::kInput, file.path(), ": '", name,
         "': adapters of text encoders are not supported; wanted those of the transformer alone");
  }
  for (const char* part : {"k_img", "v_img", "img_emb", "add_k_proj", "add_v_proj", "image_embedder"}) {
    if (bare.find(part) == std::string::npos) continue;
    fail(ErrorKind::kInput, file.path(), ": '", name,
         "' is a layer of an image-to-video model, which this is not");
  }
  if (bare.find("vace_") != std::string::npos)
    fail(ErrorKind::kInput, file.path(), ": '", name, "' is a layer of a VACE model, which this is not");
  if (name.starts_with("transformer_2.")) {
    fail(ErrorKind::kInput, file.path(), ": '", name,
         "' is a layer of a second transformer (Wan 2.2), which this model lacks");
  }
  const auto close = nearest(bare, paths, 2);
  fail(ErrorKind::kInput, file.path(), ": there is no linear layer '", bare, "' in this model",
       close.empty() ? "" : concat("; near names are ", close), "; are the adapters of another model?");
}

}  // namespace

AdapterNames read_adapter_names(const SafetensorsFile& file, const std::vector<std::string>& paths,
                                const LayerNames& names) {
  const Layers layers(paths, names);
  AdapterNames result;
  std::set<std::string> adapters;
  std::map<std::string, std::string> called;  // layer -> what the file calls it
  std::map<std::string, bool> kohya;          // layer -> the suffixes of its pair
  for (const auto& [tensor, entry] : file.entries()) {
    const auto name = take_apart(tensor);
    if (!name) refuse_tensor(file, tensor);
    const std::string layer = layers.find(name->layer);
    if (layer.empty()) refuse_layer(file, name->layer, layers, paths);
    result.from_peft = result.from_peft || name->layer.starts_with("base_model.model.");
    if (name->half != Half::kAlpha) adapters.insert(name->adapter);
    if (adapters.size() > 1) {
      fail(ErrorKind::kInput, file.path(), ": holds several adapters, named '", *adapters.begin(), "' and '",
           *adapters.rbegin(), "'; save one of them");
    }
    const auto two = [&](const std::string& other) {
      fail(ErrorKind::kInput, file.path(), ": layer '", layer, "' has two adapters, '", other, "' and '",
           tensor, "'; keep one, or merge them with the tool that made them");
    };
    LayerTensors& tensors = result.layers[layer];
    std::string& slot = name->half == Half::kA   ? tensors.A
                        : name->half == Half::kB ? tensors.B
                                                 : tensors.alpha;
    if (!slot.empty()) two(slot);
    const auto known = called.emplace(layer, name->layer).first;
    if (known->second != name->layer) two(known->second);
    if (name->half != Half::kAlpha) {
      const auto style = kohya.emplace(layer, name->kohya).first;
      if (style->second != name->kohya) two(tensors.A.empty() ? tensors.B : tensors.A);
      result.kohya_suffixes = result.kohya_suffixes || name->kohya;
    }
    slot = tensor;
  }
  if (result.layers.empty()) fail(ErrorKind::kInput, file.path(), ": holds no adapters");
  return result;
}

}  // namespace drf::nn
