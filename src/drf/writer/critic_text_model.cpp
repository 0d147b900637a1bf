#include "drf/writer/critic_text_model.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"
#include "drf/critic/open_critic.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"
#include "drf/writer/critic_identity.h"
#include "drf/writer/held_writing.h"

namespace drf::writer {
namespace {

/// Part of the identity by which answers are kept: another number where the same model would write or judge
/// otherwise (how a token is chosen, what holds it to a schema, how a chat is laid out).
constexpr int kWriting = 1;

/// What the model says when it is done: generation_config.json's and the chat's own. An id that no token has
/// can never be said; transformers takes it and never meets it.
std::vector<int64_t> read_end_ids(const std::filesystem::path& folder, const models::VisionLanguage& model) {
  std::vector<int64_t> ids;
  const auto add = [&](int64_t id) {
    if (std::count(ids.begin(), ids.end(), id) == 0) ids.push_back(id);
  };
  if (const auto id = model.tokenizer().id_of(model.chat().end_of_answer())) add(*id);
  if (const auto file = folder / "generation_config.json"; is_there(file)) {
    const nlohmann::json config = read_json(file);
    const nlohmann::json eos =
        config.is_object() && config.contains("eos_token_id") ? config["eos_token_id"] : nlohmann::json();
    for (const auto& id : eos.is_array() ? eos : nlohmann::json::array({eos})) {
      if (id.is_null()) continue;
      if (!id.is_number_integer())
        fail(ErrorKind::kInput, file, ": eos_token_id holds ", id.dump(), ", wanted ids of tokens");
      if (const auto end = id.get<int64_t>(); end >= 0 && end < model.tokenizer().size()) {
        add(end);
      } else {
        log_warning("writer", file, ": eos_token_id ", id.dump(), " is of no token (the tokenizer has ",
                    model.tokenizer().size(),
                    "), so no answer can end by it; does the file belong to this model?");
      }
    }
  }
  if (ids.empty())
    fail(ErrorKind::kInput, folder, ": its tokenizer does not know ", model.chat().end_of_answer(),
         ", by which answers end");
  return ids;
}

TokenMask make_mask(const text::Tokenizer& tokenizer, const std::vector<int64_t>& end_ids) {
  std::vector<std::string> tokens;
  for (int64_t id = 0; id < tokenizer.size(); ++id) tokens.push_back(tokenizer.bytes_of(id).value_or(""));
  return {std::move(tokens), end_ids, tokenizer.where()};
}

[[noreturn]] void refuse(const std::string& why) { fail(ErrorKind::kInput, why); }

void check_turns(const TextRequest& request) {
  if (request.turns.empty() || request.turns.back().role != "user")
    refuse("the last turn is to be the user's");
  for (size_t i = 0; i < request.turns.size(); ++i) {
    const std::string& role = request.turns[i].role;
    if (role != "user" && role != "assistant" && !(role == "system" && i == 0))
      refuse(concat("turn ", i + 1, " is of \"", role,
                    "\"; wanted \"user\", \"assistant\", or \"system\" first"));
  }
}

size_t common(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  const size_t both = std::min(a.size(), b.size());
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(both), b.begin()).first - a.begin());
}

}  // namespace

CriticTextModel::CriticTextModel(std::unique_ptr<models::VisionLanguage> model,
                                 const std::filesystem::path& folder, at::ScalarType dtype)
    : model_(std::move(model)),
      where_(folder.string()),
      identity_(
          concat("critic ", digest_of_critic(folder), " ", c10::toString(dtype), ", writing ", kWriting)),
      spellings_(critic::yes_no_spellings(model_->tokenizer(), where_)),
      end_ids_(read_end_ids(folder, *model_)) {
  for (const text::ChatPiece& piece : model_->chat().chat({{"user", ""}})) {
    if (piece.is_mark && !model_->tokenizer().id_of(piece.text))
      fail(ErrorKind::kInput, where_, ": its tokenizer does not know ", piece.text, ", a mark of its chats");
  }
}

std::vector<int64_t> CriticTextModel::encode(const TextRequest& request) const {
  std::vector<text::ChatTurn> turns;
  for (const TextRequest::Turn& turn : request.turns) turns.push_back({turn.role, turn.text});
  std::vector<int64_t> ids;
  for (const text::ChatPiece& piece : model_->chat().chat(turns)) {
    const auto more = piece.is_mark ? std::vector<int64_t>{*model_->tokenizer().id_of(piece.text)}
                                    : model_->tokenizer().encode(
                                          piece.text, {.add_special_tokens = false, .parse_special = false});
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

const JsonSchema& CriticTextModel::schema_of(const std::string& text) {
  auto found = schemas_.find(text);
  if (found == schemas_.end()) found = schemas_.emplace(text, JsonSchema::parse(text, where_)).first;
  return found->second;
}

CriticTextModel::Work CriticTextModel::prepare(const TextRequest& request, int64_t max_tokens) const {
  check_turns(request);
  Work work;
  work.answered = request.answered;
  work.prompt = {encode(request), max_tokens};
  const auto tokens = static_cast<int64_t>(work.prompt.ids.size());
  if (tokens + max_tokens > model_->max_positions()) {
    refuse(concat("the request has ", tokens, " tokens and its answer up to ", max_tokens,
                  "; together the model takes ", model_->max_positions()));
  }
  for (const int64_t id : model_->media_ids()) {
    if (std::count(work.prompt.ids.begin(), work.prompt.ids.end(), id) > 0)
      refuse(concat("the request holds '", model_->tokenizer().token_of(id),
                    "', by which the model knows clips; remove it"));
  }
  return work;
}

std::vector<std::vector<CriticTextModel::Work>> CriticTextModel::batches(std::vector<Work> work) const {
  std::stable_sort(work.begin(), work.end(),
                   [](const Work& a, const Work& b) { return a.prompt.ids < b.prompt.ids; });
  // Where much less is shared than on either side begin other instructions.
  std::vector<size_t> shared(work.size() + 1, 0);  // [i]: of i - 1 and i
  for (size_t i = 1; i < work.size(); ++i) shared[i] = common(work[i - 1].prompt.ids, work[i].prompt.ids);
  std::vector<std::vector<Work>> kinds;
  for (size_t i = 0; i < work.size(); ++i) {
    if (i == 0 || 4 * shared[i] < std::max(shared[i - 1], shared[i + 1])) kinds.emplace_back();
    kinds.back().push_back(std::move(work[i]));
  }
  std::vector<std::vector<Work>> out;
  for (std::vector<Work>& kind : kinds) {
    const size_t alike = common(kind.front().prompt.ids, kind.back().prompt.ids);  // still in their order
    std::stable_sort(kind.begin(), kind.end(),
                     [](const Work& a, const Work& b) { return a.prompt.ids.size() < b.prompt.ids.size(); });
    std::vector<models::Prompt> prompts;
    const auto fit = [&] {
      return prompts.size() <= kRequestsAtOnce &&
             alike + prompts.size() * (prompts.back().ids.size() - alike) <= kTokensAtOnce &&
             model_->generation_bytes(prompts) <= kRememberedBytes;
    };
    for (Work& one : kind) {
      prompts.push_back(one.prompt);
      if (prompts.size() == 1 || !fit()) {
        prompts = {one.prompt};
        out.emplace_back();
      }
      out.back().push_back(std::move(one));
    }
  }
  std::erase_if(out, [](const std::vector<Work>& batch) {
    return std::all_of(batch.begin(), batch.end(), [](const Work& one) { return one.answered; });
  });
  return out;
}

void CriticTextModel::write_batch(const std::vector<Work>& batch, std::vector<TextAnswer>& answers,
                                  const Done& done) {
  std::vector<models::Prompt> prompts;
  std::vector<HeldWriting::Row> rows;
  for (const Work& work : batch) {
    prompts.push_back(work.prompt);
    rows.push_back({work.schema, work.prompt.max_tokens});
  }
  HeldWriting held(*mask_, rows);
  models::Generation how;
  how.end_ids = end_ids_;
  how.steer = [&](const auto& open, const auto& written, at::Tensor& logits) {
    held.steer(open, written, logits);
  };
  how.finished = [&](size_t row, const models::Written& written) {
    if (batch[row].answered) return;
    const size_t request = batch[row].request;
    TextAnswer& answer = answers[request];
    answer.text = model_->tokenizer().decode(written.ids);
    answer.complete = batch[row].schema != nullptr ? !held.was_cut(row) : written.ended;
    answer.prompt_tokens = static_cast<int64_t>(prompts[row].ids.size());
    answer.answer_tokens = static_cast<int64_t>(written.ids.size()) + (written.ended ? 1 : 0);
    if (done) done(request, answer);
  };
  model_->generate(prompts, how);
}

std::vector<TextAnswer> CriticTextModel::write(const std::vector<TextRequest>& requests, const Done& done) {
  if (!mask_) mask_.emplace(make_mask(model_->tokenizer(), end_ids_));
  std::vector<TextAnswer> answers(requests.size());
  std::vector<Work> work;
  for (size_t i = 0; i < requests.size(); ++i) {
    const TextRequest& request = requests[i];
    try {
      if (request.max_tokens < 1)
        refuse(concat("max_tokens is ", request.max_tokens, ", wanted more than 0"));
      Work one = prepare(request, request.max_tokens);
      one.request = i;
      if (!request.schema.empty()) {
        one.schema = &schema_of(request.schema);
        const int64_t least = one.schema->missing_bytes(one.schema->begin());
        if (least > request.max_tokens)
          refuse(concat("max_tokens is ", request.max_tokens,
                        ", but the schema's shortest document may take ", least));
      }
      work.push_back(std::move(one));
    } catch (const Error& error) {
      answers[i].error = error.what();
      answers[i].complete = false;
      if (done && !request.answered) done(i, answers[i]);
    }
  }
  for (const auto& batch : batches(std::move(work))) write_batch(batch, answers, done);
  return answers;
}

void CriticTextModel::judge_batch(const std::vector<Work>& batch, std::vector<YesNo>& answers,
                                  const Judged& done) {
  std::vector<models::Prompt> prompts;
  for (const Work& work : batch) prompts.push_back(work.prompt);
  models::Generation how;
  how.steer = [&](const std::vector<size_t>& open, const auto&, at::Tensor& logits_RV) {
    const auto mass = [&](const std::vector<int64_t>& ids) {
      return at::logsumexp(logits_RV.index_select(1, at::tensor(ids, at::kLong).to(logits_RV.device())), 1);
    };
    const at::Tensor p = at::sigmoid(mass(spellings_.yes) - mass(spellings_.no)).to(at::kCPU, at::kDouble);
    for (size_t row = 0; row < open.size(); ++row)
      answers[batch[open[row]].request].p_yes = p[static_cast<int64_t>(row)].item<double>();
  };
  how.finished = [&](size_t row, const auto&) {
    const size_t request = batch[row].request;
    if (done && !batch[row].answered) done(request, answers[request]);
  };
  model_->generate(prompts, how);
}

std::vector<YesNo> CriticTextModel::judge(const std::vector<TextRequest>& requests, const Judged& done) {
  std::vector<YesNo> answers(requests.size());
  std::vector<Work> work;
  for (size_t i = 0; i < requests.size(); ++i) {
    try {
      work.push_back(prepare(requests[i], /*max_tokens=*/1));
      work.back().request = i;
    } catch (const Error& error) {
      answers[i] = {std::nan(""), error.what()};
      if (done && !requests[i].answered) done(i, answers[i]);
    }
  }
  for (const auto& batch : batches(std::move(work))) judge_batch(batch, answers, done);
  return answers;
}

std::unique_ptr<TextModel> open_critic_text_model(const std::filesystem::path& folder, at::ScalarType dtype,
                                                  at::Device device) {
  models::VisionLanguageOptions options;
  options.dtype = dtype;
  options.device = device;
  options.vision = false;
  return std::make_unique<CriticTextModel>(critic::open_vision_language(folder, options), folder, dtype);
}

}  // namespace drf::writer
