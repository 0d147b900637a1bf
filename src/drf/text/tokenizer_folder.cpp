#include "drf/text/tokenizer_folder.h"

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/text/byte_level_bpe.h"
#include "drf/text/tokenizer_json.h"

namespace drf::text {
namespace {

using nlohmann::json;

// No tokenizer of the hub comes near this; it keeps a damaged id from claiming all memory.
constexpr int64_t kLargestId = 1 << 24;

json read_json_if_there(const std::filesystem::path& file) {
  if (!is_there(file)) return {};
  json value = read_json(file);
  if (!value.is_object()) fail(ErrorKind::kInput, file, ": not a JSON object");
  return value;
}

void put(TokenizerParts& parts, int64_t id, const std::string& token) {
  if (id < 0 || id > kLargestId) {
    fail(ErrorKind::kInput, parts.where, ": token '", token, "' has id ", id, ", wanted 0 to ", kLargestId);
  }
  if (id >= static_cast<int64_t>(parts.tokens.size())) parts.tokens.resize(static_cast<size_t>(id) + 1);
  parts.tokens[static_cast<size_t>(id)] = token;
  parts.ids[token] = id;
}

AddedToken read_added(const json& value, int64_t id, const std::string& where) {
  AddedToken token;
  token.id = id;
  token.content = json_text(value, "content", where);
  token.special = json_flag(value, "special", false, where);
  token.normalized = json_flag(value, "normalized", !token.special, where);
  token.single_word = json_flag(value, "single_word", false, where);
  token.lstrip = json_flag(value, "lstrip", false, where);
  token.rstrip = json_flag(value, "rstrip", false, where);
  return token;
}

std::string text_of_token(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  const auto& content = json_or_null(value, "content");
  return content.is_string() ? content.get<std::string>() : "";
}

// Special tokens that are named but in no list of added tokens, in the reference's order.
std::vector<std::string> named_specials(const TokenizerFolder& folder) {
  std::vector<std::string> names;
  for (const char* key :
       {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    if (const std::string token = folder.named_token(key); !token.empty()) names.push_back(token);
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    const auto& list = json_or_null(folder.config, key);
    if (!list.is_array()) continue;
    for (const auto& entry : list) names.push_back(text_of_token(entry));
  }
  return names;
}

bool ends_in_byte_level(const json& pre_tokenizer) {
  const auto& type = json_or_null(pre_tokenizer, "type");
  if (type == "ByteLevel") return true;
  const auto& steps = json_or_null(pre_tokenizer, "pretokenizers");
  return type == "Sequence" && steps.is_array() && !steps.empty() && ends_in_byte_level(steps.back());
}

std::unique_ptr<Tokenizer> open_bpe(const json& file, const TokenizerFolder& folder) {
  TokenizerParts parts;
  parts.where = (folder.folder / "tokenizer.json").string();
  const json& model = json_or_null(file, "model");
  fill_vocabulary(parts, json_or_null(model, "vocab"));
  const auto& decoder = json_or_null(file, "decoder");
  if (!ends_in_byte_level(json_or_null(file, "pre_tokenizer")) ||
      json_or_null(decoder, "type") != "ByteLevel") {
    fail(ErrorKind::kInput, parts.where,
         ": BPE is supported with a ByteLevel pre-tokenizer and decoder only");
  }
  parts.normalizer = Normalizer::from_json(json_or_null(file, "normalizer"), parts.where);
  parts.pre_tokenizer = PreTokenizer::from_json(json_or_null(file, "pre_tokenizer"), parts.where);
  fill_tokens(parts, {}, json_or_null(file, "added_tokens"), folder);
  read_post_processor(json_or_null(file, "post_processor"), parts);
  return std::make_unique<ByteLevelBpe>(std::move(parts), model);
}

}  // namespace

void read_post_processor(const json& value, TokenizerParts& parts) {
  if (value.is_null()) return;
  const std::string type = json_text(value, "type", parts.where);
  if (type == "ByteLevel") return;  // offsets only
  if (type == "Sequence") {
    for (const auto& step : json_list(value, "processors", parts.where)) read_post_processor(step, parts);
    return;
  }
  if (type != "TemplateProcessing") {
    fail(ErrorKind::kInput, parts.where, ": post-processor '", type,
         "' is not supported (TemplateProcessing, ByteLevel and Sequence are)");
  }
  bool after = false;
  for (const auto& item : json_list(value, "single", parts.where)) {
    if (item.contains("Sequence")) {
      after = true;
      continue;
    }
    const std::string name = json_text(json_or_null(item, "SpecialToken"), "id", parts.where);
    const auto& token = json_or_null(json_or_null(value, "special_tokens"), name);
    for (const auto& id : json_list(token, "ids", parts.where)) {
      if (!id.is_number_integer()) fail(ErrorKind::kInput, parts.where, ": post-processor: ids of ", name);
      (after ? parts.suffix : parts.prefix).push_back(id.get<int64_t>());
    }
  }
}

TokenizerFolder TokenizerFolder::read(const std::filesystem::path& folder) {
  TokenizerFolder result;
  result.folder = folder;
  result.config = read_json_if_there(folder / "tokenizer_config.json");
  result.special_map = read_json_if_there(folder / "special_tokens_map.json");
  const auto& name = json_or_null(result.config, "tokenizer_class");
  if (name.is_string()) result.tokenizer_class = name.get<std::string>();
  if (result.tokenizer_class.ends_with("Fast")) {
    result.tokenizer_class.resize(result.tokenizer_class.size() - 4);
  }
  return result;
}

bool TokenizerFolder::is_t5() const { return tokenizer_class.empty() || tokenizer_class == "T5Tokenizer"; }

std::string TokenizerFolder::named_token(const std::string& key) const {
  const std::string token = text_of_token(json_or_null(config, key));
  return token.empty() ? text_of_token(json_or_null(special_map, key)) : token;
}

void fill_vocabulary(TokenizerParts& parts, const json& vocabulary) {
  if (!vocabulary.is_object() || vocabulary.empty()) {
    fail(ErrorKind::kInput, parts.where, ": its vocabulary is no map of tokens to ids, as BPE needs");
  }
  for (const auto& [token, id] : vocabulary.items()) {
    if (!id.is_number_integer()) fail(ErrorKind::kInput, parts.where, ": id of '", token, "' is ", id.dump());
    put(parts, id.get<int64_t>(), token);
  }
}

void fill_tokens(TokenizerParts& parts, const std::vector<std::string>& vocabulary, const json& added,
                 const TokenizerFolder& folder) {
  for (size_t id = 0; id < vocabulary.size(); ++id) put(parts, static_cast<int64_t>(id), vocabulary[id]);
  const auto add = [&](AddedToken token) {
    put(parts, token.id, token.content);
    parts.added.add(std::move(token));
  };
  if (added.is_array()) {
    for (const auto& entry : added)
      add(read_added(entry, json_integer(entry, "id", parts.where), parts.where));
  }
  const auto& decoder = json_or_null(folder.config, "added_tokens_decoder");
  if (decoder.is_object()) {
    const std::string where = (folder.folder / "tokenizer_config.json").string();
    for (const auto& [id, entry] : decoder.items()) {
      if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != std::string::npos) {
        fail(ErrorKind::kInput, where, ": added_tokens_decoder: '", id, "' is no token id");
      }
      add(read_added(entry, std::stoll(id), where));
    }
  }
  for (const std::string& name : named_specials(folder)) {
    if (name.empty()) continue;
    const auto known = parts.ids.find(name);
    const int64_t id = known == parts.ids.end() ? static_cast<int64_t>(parts.tokens.size()) : known->second;
    if (!parts.added.tokens().contains(id)) add({.id = id, .content = name});
  }
  const auto id_of = [&](const char* key) -> std::optional<int64_t> {
    const auto found = parts.ids.find(folder.named_token(key));
    return found == parts.ids.end() ? std::nullopt : std::optional<int64_t>(found->second);
  };
  parts.eos = id_of("eos_token");
  parts.pad = id_of("pad_token");
}

std::unique_ptr<Tokenizer> open_tokenizer(const std::filesystem::path& folder) {
  for (const auto& place : {folder, folder / "tokenizer"}) {
    const auto file = place / "tokenizer.json";
    const TokenizerFolder read = TokenizerFolder::read(place);
    if (read.tokenizer_class == "CLIPTokenizer") return open_clip(read);
    if (is_there(file)) {
      const json value = read_json(file);
      const json& model = json_or_null(value, "model");
      // Files of before 2021 leave the type out.
      const bool has_merges = json_or_null(model, "merges").is_array();
      const std::string type =
          model.contains("type") ? json_text(model, "type", file.string()) : (has_merges ? "BPE" : "Unigram");
      if (type == "BPE") return open_bpe(value, read);
      if (type == "Unigram") return open_unigram_json(value, read);
      fail(ErrorKind::kInput, file, ": model type '", type, "' is not supported (BPE and Unigram are)");
    }
    if (is_there(place / "spiece.model")) {
      return open_spiece(place / "spiece.model", read);
    }
  }
  fail(ErrorKind::kInput, folder,
       ": holds neither tokenizer.json nor spiece.model, nor does its folder tokenizer/");
}

}  // namespace drf::text
