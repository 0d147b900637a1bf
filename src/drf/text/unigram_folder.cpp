// Unigram tokenizers from tokenizer.json or spiece.model.

#include <sentencepiece_processor.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/text/tokenizer_folder.h"
#include "drf/text/tokenizer_json.h"
#include "drf/text/unigram.h"

namespace drf::text {
namespace {

using nlohmann::json;

constexpr char kMark[] = "\xE2\x96\x81";  // U+2581
// transformers' T5Tokenizer passes these whatever the file says.
constexpr int64_t kT5UnknownId = 2;
constexpr int64_t kT5ExtraIds = 100, kMostExtraIds = 10'000;

std::vector<std::string> texts_of(const UnigramVocabulary& vocabulary) {
  std::vector<std::string> result;
  for (const auto& piece : vocabulary.pieces) result.push_back(piece.first);
  return result;
}

// How many sentinels, "<extra_id_0>" and on, tokenizer_config.json asks for.
int64_t extra_ids(const TokenizerFolder& folder) {
  const auto& number = json_or_null(folder.config, "extra_ids");
  if (!number.is_number_integer()) return kT5ExtraIds;
  const auto count = number.get<int64_t>();
  if (count < 0 || count > kMostExtraIds) {
    fail(ErrorKind::kInput, folder.folder / "tokenizer_config.json", ": extra_ids is ", number.dump(),
         ", wanted 0 to ", kMostExtraIds);
  }
  return count;
}

// A list of special tokens that names sentinels names them all.
bool lists_sentinels(const TokenizerFolder& folder) {
  const auto& listed = json_or_null(folder.config, "additional_special_tokens");
  return listed.is_array() && listed.dump().find("<extra_id_") != std::string::npos;
}

std::string sentinel(int64_t i) { return concat("<extra_id_", i, ">"); }

// What makes a T5Tokenizer of a vocabulary: defaults of the named tokens, sentinels, </s> behind every text.
void finish_t5(TokenizerParts& parts, const TokenizerFolder& folder) {
  const auto require = [&](const char* key, const char* fallback) {
    const std::string name = folder.named_token(key).empty() ? fallback : folder.named_token(key);
    const auto found = parts.ids.find(name);
    if (found == parts.ids.end()) {
      fail(ErrorKind::kInput, parts.where, ": the vocabulary has no ", key, " '", name, "'");
    }
    if (!parts.added.tokens().contains(found->second))
      parts.added.add({.id = found->second, .content = name});
    return found->second;
  };
  parts.eos = require("eos_token", "</s>");
  parts.pad = require("pad_token", "<pad>");
  require("unk_token", "<unk>");
  for (int64_t i = 0; !lists_sentinels(folder) && i < extra_ids(folder); ++i) {
    const std::string name = sentinel(i);
    const auto [entry, is_new] = parts.ids.try_emplace(name, static_cast<int64_t>(parts.tokens.size()));
    if (is_new) parts.tokens.push_back(name);
    if (!parts.added.tokens().contains(entry->second))
      parts.added.add({.id = entry->second, .content = name});
  }
  parts.prefix.clear();
  parts.suffix = {*parts.eos};
  parts.pre_tokenizer = PreTokenizer::t5();
}

// The one step of the file's normalizer that a T5Tokenizer keeps.
Normalizer t5_normalizer(const json& normalizer, const std::string& where) {
  std::vector<json> steps = {normalizer};
  if (json_or_null(normalizer, "type") == "Sequence") {
    steps = json_list(normalizer, "normalizers", where).get<std::vector<json>>();
  }
  for (const json& step : steps) {
    if (json_or_null(step, "type") == "Precompiled") return Normalizer::from_json(step, where);
  }
  return {};
}

UnigramVocabulary read_vocabulary(const json& model, const std::string& where) {
  UnigramVocabulary result;
  for (const auto& entry : json_list(model, "vocab", where)) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number()) {
      fail(ErrorKind::kInput, where, ": model.vocab[", result.pieces.size(), "] is not [piece, score]");
    }
    result.pieces.emplace_back(entry[0].get<std::string>(), entry[1].get<double>());
  }
  const auto& unknown = json_or_null(model, "unk_id");
  if (!unknown.is_null()) result.unknown = json_integer(model, "unk_id", where);
  result.byte_fallback = json_flag(model, "byte_fallback", false, where);
  return result;
}

// One field of a protocol buffers message: `number` for integers, `bytes` for strings and messages.
struct Field {
  uint64_t id = 0, number = 0;
  std::string_view bytes;
};

// The fields of `message` in order; what is cut off at the end is left out. Enough of the wire format
// (https://protobuf.dev/programming-guides/encoding) for what the library's interface does not show.
std::vector<Field> fields_of(std::string_view message) {
  std::vector<Field> result;
  size_t i = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0; i < message.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(message[i++]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (i < message.size()) {
    const uint64_t key = varint();
    Field field;
    field.id = key >> 3;
    if ((key & 7) == 0) {
      field.number = varint();
    } else {
      const uint64_t length = (key & 7) == 2 ? varint() : (key & 7) == 1 ? 8 : 4;
      if (length > message.size() - i) break;
      field.bytes = message.substr(i, length);
      i += length;
    }
    result.push_back(field);
  }
  return result;
}

}  // namespace

std::unique_ptr<Tokenizer> open_unigram_json(const json& file, const TokenizerFolder& folder) {
  TokenizerParts parts;
  parts.where = (folder.folder / "tokenizer.json").string();
  UnigramVocabulary vocabulary = read_vocabulary(json_or_null(file, "model"), parts.where);
  fill_tokens(parts, texts_of(vocabulary), json_or_null(file, "added_tokens"), folder);
  const json& normalizer = json_or_null(file, "normalizer");
  if (folder.is_t5()) {
    vocabulary.unknown = kT5UnknownId;
    vocabulary.byte_fallback = false;
    parts.normalizer = t5_normalizer(normalizer, parts.where);
    finish_t5(parts, folder);
    return std::make_unique<Unigram>(std::move(parts), std::move(vocabulary), kMark,
                                     /*strip_first_mark=*/true);
  }
  parts.normalizer = Normalizer::from_json(normalizer, parts.where);
  parts.pre_tokenizer = PreTokenizer::from_json(json_or_null(file, "pre_tokenizer"), parts.where);
  read_post_processor(json_or_null(file, "post_processor"), parts);
  const json& decoder = json_or_null(file, "decoder");
  if (json_or_null(decoder, "type") != "Metaspace") {
    fail(ErrorKind::kInput, parts.where, ": unigram is supported with a Metaspace decoder only, got ",
         decoder.dump().substr(0, 60));
  }
  const bool strip = json_or_null(decoder, "prepend_scheme") != "never";
  return std::make_unique<Unigram>(std::move(parts), std::move(vocabulary),
                                   json_text(decoder, "replacement", parts.where), strip);
}

std::unique_ptr<Tokenizer> open_spiece(const std::filesystem::path& file, const TokenizerFolder& folder) {
  if (!folder.is_t5()) {
    fail(ErrorKind::kInput, folder.folder, ": ", folder.tokenizer_class,
         " with spiece.model alone is not supported: save it with tokenizer.json");
  }
  sentencepiece::SentencePieceProcessor processor;
  // Read here: the library would wait at a pipe and read a device without end.
  const std::string bytes = read_file(file);
  if (const auto status = processor.LoadFromSerializedProto(bytes); !status.ok()) {
    fail(ErrorKind::kInput, file, ": not a sentencepiece model: ", status.error_message());
  }
  TokenizerParts parts;
  parts.where = file.string();
  UnigramVocabulary vocabulary;
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    vocabulary.pieces.emplace_back(processor.IdToPiece(id), processor.GetScore(id));
  }
  // Here the reference puts the sentinels into the vocabulary, the last one first.
  for (int64_t i = extra_ids(folder); i-- > 0;) vocabulary.pieces.emplace_back(sentinel(i), 0.0);
  vocabulary.unknown = kT5UnknownId;
  fill_tokens(parts, texts_of(vocabulary), json(), folder);
  // ModelProto: pieces 1 (type 3), normalizer_spec 3 (precompiled_charsmap 2). Control and user-defined
  // pieces are found inside text, unless the config has a list of its own.
  const bool has_list = json_or_null(folder.config, "additional_special_tokens").is_array();
  constexpr uint64_t kPieces = 1, kType = 3, kNormalizerSpec = 3, kCharsmap = 2;
  constexpr uint64_t kControl = 3, kUserDefined = 4;
  const std::string proto = processor.serialized_model_proto();
  int id = 0;
  for (const Field& field : fields_of(proto)) {
    if (field.id == kNormalizerSpec) {
      for (const Field& spec : fields_of(field.bytes)) {
        if (spec.id != kCharsmap || spec.bytes.empty()) continue;
        parts.normalizer = Normalizer::from_charsmap(
            std::make_shared<const PrecompiledCharsmap>(std::string(spec.bytes), parts.where));
      }
    }
    if (field.id != kPieces || has_list) continue;
    for (const Field& spec : fields_of(field.bytes)) {
      if (spec.id != kType || (spec.number != kControl && spec.number != kUserDefined)) continue;
      parts.added.add({.id = id, .content = processor.IdToPiece(id), .special = spec.number == kControl});
    }
    ++id;
  }
  finish_t5(parts, folder);
  return std::make_unique<Unigram>(std::move(parts), std::move(vocabulary), kMark, /*strip_first_mark=*/true);
}

}  // namespace drf::text
