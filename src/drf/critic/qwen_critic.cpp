#include "drf/critic/qwen_critic.h"

#include <ATen/ATen.h>

#include <limits>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/models/qwen2_5_vl/flops.h"
#include "drf/tensor/model_folder.h"
#include "drf/tensor/precision.h"

namespace drf::critic {
namespace {

constexpr size_t kMaxQuestionTokens = 65'536;  // docs/security.md; all are asked in one pass

at::Tensor index_tensor(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

// The frames a second that the critic's sampled frames stand for.
double sampled_fps(double fps, int64_t frames, int64_t sampled) {
  return frames > 1 && sampled > 1 ? fps * static_cast<double>(sampled - 1) / static_cast<double>(frames - 1)
                                   : fps;
}

void require_few_tokens(size_t tokens, const QuestionList& questions, const Question& at,
                        const std::string& where) {
  if (tokens <= kMaxQuestionTokens) return;
  fail(ErrorKind::kInput, where, "the ", questions.size(), " questions about one clip have more than ",
       kMaxQuestionTokens, " tokens (at question ", at.id, "); ask fewer at a time");
}

}  // namespace

QwenCritic::QwenCritic(const std::filesystem::path& folder, const CriticOptions& options)
    : options_(options),
      config_(qwen::Config::read(folder)),
      processor_(qwen::ProcessorConfig::read(folder, config_.vision)),
      model_(config_),
      tokenizer_(text::open_tokenizer(folder)),
      chat_(text::ChatTemplate::open(folder)) {
  require_effect(folder);
  nn::LoadOptions load;
  load.device = options.device;
  load.dtype = options.dtype;
  const auto open = [folder] { return Checkpoint::open(folder, "model"); };
  residence_ = std::make_unique<nn::Residence>(qwen::load(model_, open(), load), open);
  model_.set_recompute(options.recompute);
  yes_ids_ = spellings({"Yes", "yes", "YES"});
  no_ids_ = spellings({"No", "no", "NO"});
  if (yes_ids_.empty() || no_ids_.empty()) {
    fail(ErrorKind::kInput, folder, ": its tokenizer has no single token for ",
         yes_ids_.empty() ? "yes" : "no", "; this critic cannot answer yes/no questions");
  }
}

// A limit that the processor cannot keep would change nothing without a word.
void QwenCritic::require_effect(const std::filesystem::path& folder) const {
  const int64_t side = config_.vision.patch_size * config_.vision.spatial_merge_size;
  if (options_.max_pixels == 0) return;
  if (!processor_.resize) {
    fail(ErrorKind::kConfig, "max_pixels is ", options_.max_pixels, ", but the processor of ", folder,
         " resizes no frames (do_resize is false); leave it out");
  }
  if (options_.max_pixels < side * side) {
    fail(ErrorKind::kConfig, "max_pixels is ", options_.max_pixels, ", but ", folder, " shows at least ",
         side * side, " pixels a frame (", side, "x", side, "); set that or more, or leave it out");
  }
}

// What only the clips tell: frames so small or so long that the least size is above the limit, and clips with
// fewer frames than are asked for.
void QwenCritic::require_fitting_clip(int64_t height, int64_t width, int64_t frames, const qwen::Grid& grid) {
  const int64_t patch = config_.vision.patch_size, shown = grid.h * grid.w * patch * patch;
  if (options_.max_pixels > 0 && shown > options_.max_pixels) {
    fail(ErrorKind::kConfig, "max_pixels is ", options_.max_pixels, ", but frames of ", width, "x", height,
         " are shown with ", shown, " pixels, the least that the critic's processor makes of them; set ",
         shown, " or more, or leave it out");
  }
  if (options_.frames <= frames || warned_ || options_.device.is_meta()) return;
  warned_ = true;
  log_warning("critic", options_.frames, " frames are asked for, the clip has ", frames,
              ": some are shown more than once");
}

// Each word with and without a leading space, where that is one token.
std::vector<int64_t> QwenCritic::spellings(const std::vector<std::string>& words) const {
  std::vector<int64_t> ids;
  for (const std::string& word : words) {
    for (const std::string& spelling : {word, " " + word}) {
      const auto id = tokenizer_->single_token(spelling);
      if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
    }
  }
  return ids;
}

std::vector<int64_t> QwenCritic::prefix_ids(int64_t video_tokens) const {
  std::vector<int64_t> ids;
  for (int64_t id : tokenizer_->encode(chat_.prefix())) {
    // The template names the video by one token; the model wants one for each of its patches.
    ids.insert(ids.end(), id == config_.video_token_id ? video_tokens : 1, id);
  }
  return ids;
}

// A <|video_pad|> in a question would be one token more than there are features, an <|im_end|> would end the
// turn: transformers stops at the first and scores something else at the second.
void QwenCritic::check_texts(const QuestionList& questions, const std::string& where) const {
  std::vector<std::string> media;  // whatever the tokenizer calls special
  for (const int64_t id : {config_.image_token_id, config_.video_token_id, config_.vision_start_token_id,
                           config_.vision_end_token_id}) {
    if (id >= 0 && id < tokenizer_->size()) media.push_back(tokenizer_->token_of(id));
  }
  for (const Question& question : questions) {
    for (const auto& [what, text] : {std::pair("text", &question.text), {"answer", &question.answer}}) {
      std::string token = tokenizer_->special_in(*text);
      for (const std::string& name : media) {
        if (token.empty() && text->find(name) != std::string::npos) token = name;
      }
      if (token.empty()) continue;
      fail(ErrorKind::kInput, where, ": question ", question.id, ": its ", what, " holds '", token,
           "', a special token of the critic, which cannot be asked about; remove it");
    }
  }
  // Said now, not when the clip's turn comes. A token has a byte at least: few bytes need no count.
  size_t bytes = 0, tokens = 0;
  for (const Question& question : questions)
    bytes += chat_.suffix(question.text).size() + question.answer.size();
  if (bytes <= kMaxQuestionTokens) return;
  for (const Question& question : questions) {
    tokens += encode(question).suffix.ids.size();
    require_few_tokens(tokens, questions, question, concat(where, ": "));
  }
}

QwenCritic::Encoded QwenCritic::encode(const Question& question) const {
  Encoded encoded;
  encoded.suffix.ids = tokenizer_->encode(chat_.suffix(question.text));
  const int64_t last = static_cast<int64_t>(encoded.suffix.ids.size()) - 1;
  if (question.kind == Kind::kYesNo) {
    encoded.suffix.wanted = {last};
    return encoded;
  }
  encoded.answer = tokenizer_->encode(question.answer);
  if (options_.count_end_token) {
    for (int64_t id : tokenizer_->encode(chat_.end_of_answer())) encoded.answer.push_back(id);
  }
  if (encoded.answer.empty()) fail(ErrorKind::kInput, "question ", question.id, ": its answer has no token");
  // Teacher forcing: the token before each answer token predicts it.
  for (size_t i = 0; i < encoded.answer.size(); ++i) {
    encoded.suffix.wanted.push_back(last + static_cast<int64_t>(i));
    if (i + 1 < encoded.answer.size()) encoded.suffix.ids.push_back(encoded.answer[i]);
  }
  return encoded;
}

Answers QwenCritic::ask(const at::Tensor& frames_BF3HW, double fps,
                        const std::vector<QuestionList>& questions) {
  residence_->come_back();
  const int64_t B = frames_BF3HW.size(0), F = frames_BF3HW.size(1);
  DRF_CHECK(B == static_cast<int64_t>(questions.size()));
  const auto device = frames_BF3HW.device();
  const auto indices = qwen::sample_frame_indices(F, options_.frames);
  const at::Tensor sampled = frames_BF3HW.index_select(1, index_tensor(indices, device));
  const qwen::VideoInput video =
      qwen::process_video(sampled, processor_, config_.vision, options_.max_pixels);
  require_fitting_clip(frames_BF3HW.size(3), frames_BF3HW.size(4), F, video.grid);
  const at::Tensor video_BVD = model_.video_embeddings({video.patches_BLK.to(options_.dtype), video.grid});

  // What to ask, and for each question which rows of the logits answer it.
  qwen::QuestionBatch batch;
  batch.prefix_ids = prefix_ids(video_BVD.size(1));
  std::vector<int64_t> yes_no_rows, yes_no_target_is_yes, dense_rows, dense_tokens, dense_owner;
  std::vector<double> dense_weight;
  std::vector<std::vector<int64_t>> slot(questions.size());  // into [yes/no answers, dense answers]
  int64_t row = 0, dense = 0;
  for (size_t b = 0; b < questions.size(); ++b) {
    batch.suffixes.emplace_back();
    size_t tokens = 0;
    for (const Question& question : questions[b]) {
      const Encoded encoded = encode(question);
      tokens += encoded.suffix.ids.size();
      require_few_tokens(tokens, questions[b], question, "");
      batch.suffixes.back().push_back(encoded.suffix);
      if (question.kind == Kind::kYesNo) {
        slot[b].push_back(static_cast<int64_t>(yes_no_rows.size()));
        yes_no_rows.push_back(row++);
        yes_no_target_is_yes.push_back(question.answer == "Yes");
        continue;
      }
      slot[b].push_back(-1 - dense);
      for (int64_t token : encoded.answer) {
        dense_rows.push_back(row++);
        dense_tokens.push_back(token);
        dense_owner.push_back(dense);
        dense_weight.push_back(1.0 / static_cast<double>(encoded.answer.size()));
      }
      ++dense;
    }
  }
  const double seconds_per_grid =
      static_cast<double>(config_.vision.temporal_patch_size) / sampled_fps(fps, F, options_.frames);
  const at::Tensor logits_RV = model_.answer_logits(video_BVD, video.grid, seconds_per_grid, batch);
  Answers answers;
  answers.flops = flops(video.grid, batch);

  const auto pick = [&](const std::vector<int64_t>& v) { return index_tensor(v, device); };
  std::vector<at::Tensor> values, p_yes;  // the yes/no answers, then the dense ones
  if (!yes_no_rows.empty()) {
    const at::Tensor rows = logits_RV.index_select(0, pick(yes_no_rows));
    const at::Tensor yes = at::logsumexp(rows.index_select(1, pick(yes_ids_)), 1);
    const at::Tensor no = at::logsumexp(rows.index_select(1, pick(no_ids_)), 1);
    const at::Tensor target = at::where(pick(yes_no_target_is_yes).to(at::kBool), yes, no);
    values.push_back(target - at::logaddexp(yes, no));
    p_yes.push_back(at::sigmoid(yes - no).detach());
  }
  if (!dense_rows.empty()) {
    const at::Tensor log_p = at::log_softmax(logits_RV.index_select(0, pick(dense_rows)), 1)
                                 .gather(1, pick(dense_tokens).unsqueeze(1))
                                 .squeeze(1);
    const at::Tensor weights = at::tensor(dense_weight, at::kDouble).to(log_p.options());
    values.push_back(at::zeros({dense}, log_p.options()).index_add(0, pick(dense_owner), log_p * weights));
    p_yes.push_back(at::full({dense}, std::numeric_limits<double>::quiet_NaN(), log_p.options()));
  }
  const at::Tensor all = at::cat(values), all_p_yes = at::cat(p_yes);
  const int64_t first_dense = static_cast<int64_t>(yes_no_rows.size());
  for (auto& order : slot) {
    for (int64_t& s : order) s = s >= 0 ? s : first_dense - 1 - s;
    answers.logprobs.push_back(all.index_select(0, pick(order)));
    answers.p_yes.push_back(all_p_yes.index_select(0, pick(order)));
  }
  return answers;
}

models::Flops QwenCritic::flops(const qwen::Grid& grid, const qwen::QuestionBatch& batch) const {
  models::Flops sum;
  for (const std::vector<qwen::Suffix>& clip : batch.suffixes) {
    std::vector<qwen::QuestionTokens> asked;
    for (const qwen::Suffix& suffix : clip)
      asked.push_back({static_cast<int64_t>(suffix.ids.size()), static_cast<int64_t>(suffix.wanted.size())});
    sum = sum + qwen::vision_flops(config_.vision, grid) +
          qwen::language_flops(config_, static_cast<int64_t>(batch.prefix_ids.size()), asked);
  }
  return sum;
}

std::unique_ptr<Critic> open_critic(const std::filesystem::path& folder, const CriticOptions& options) {
  require_model_folder(folder, "critic", "config.json");
  return std::make_unique<QwenCritic>(folder, options);
}

}  // namespace drf::critic
