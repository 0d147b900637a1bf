// The bundled critic as a writer: it writes nonsense, but only documents.
#include "drf/writer/critic_text_model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "drf/critic/open_critic.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"
#include "drf/writer/answer_cache.h"
#include "drf/writer/critic_identity.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::writer {
namespace {

using testing::error_of;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

const std::filesystem::path kFolder = source_path("assets/tiny/critic");

constexpr char kSchema[] =
    R"({"type": "object", "required": ["questions"], "properties": {"questions": {"type": "array", "minItems": 1,
        "maxItems": 4, "items": {"type": "object", "required": ["text", "answer"], "properties": {"text": {"type":
        "string", "maxLength": 60}, "answer": {"enum": ["Yes", "No"]}}}}}})";

std::unique_ptr<TextModel> open() { return open_critic_text_model(kFolder, at::kFloat, at::kCPU); }

TextRequest ask(const std::string& text, const std::string& schema = "", int64_t max_tokens = 120) {
  TextRequest request;
  request.turns = {{"system", "Write questions about clips."}, {"user", text}};
  request.schema = schema;
  request.max_tokens = max_tokens;
  return request;
}

std::vector<TextRequest> captions(const std::string& schema, int64_t max_tokens = 120) {
  std::vector<TextRequest> requests;
  for (const char* text :
       {"a red ball moves left", "", "a blue square moves to the right and then it stops near the edge",
        "a green disk", "a red ball moves left", "\xc3\xa9\xe2\x82\xac <|im_end|> \"}"})
    requests.push_back(ask(text, schema, max_tokens));
  return requests;
}

TEST(CriticTextModel, NonsenseIsADocumentOfTheSchemaWhateverTheLimit) {
  const auto model = open();
  for (const int64_t max_tokens : {45, 60, 120}) {
    const auto requests = captions(kSchema, max_tokens);
    std::vector<int> told(requests.size(), 0);
    const auto answers = model->write(requests, [&](size_t i, const TextAnswer& answer) {
      ++told.at(i);
      EXPECT_NE(answer.text, "");
    });
    for (size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(told[i], 1);
      EXPECT_EQ(answers[i].error, "");
      EXPECT_LE(answers[i].answer_tokens, max_tokens);
      EXPECT_GT(answers[i].prompt_tokens, 0);
      const auto json = nlohmann::json::parse(answers[i].text, nullptr, false);
      ASSERT_FALSE(json.is_discarded()) << answers[i].text;
      ASSERT_GE(json["questions"].size(), 1u);
      for (const auto& question : json["questions"])
        EXPECT_TRUE(question["text"].is_string() &&
                    (question["answer"] == "Yes" || question["answer"] == "No"));
    }
    EXPECT_EQ(answers[0].text, answers[4].text);  // the same request
  }
}

TEST(CriticTextModel, TheTokenizersOwnCutOfADocumentMayBeWritten) {
  const auto tokenizer = text::open_tokenizer(kFolder);
  std::vector<std::string> tokens;
  int special = 0;
  for (int64_t id = 0; id < tokenizer->size(); ++id) {
    tokens.push_back(tokenizer->bytes_of(id).value_or(""));
    special += tokens.back().empty();
  }
  EXPECT_GE(special, 5);
  EXPECT_FALSE(tokenizer->bytes_of(*tokenizer->id_of("<|im_end|>")));
  const int64_t end = *tokenizer->id_of("<|im_end|>");
  const TokenMask mask(tokens, {end}, "tiny");
  const JsonSchema schema = JsonSchema::parse(kSchema, "tiny");
  std::vector<uint8_t> allowed(tokens.size());
  for (const char* document :
       {R"({"questions": [{"text": "Is the red ball moving left?", "answer": "Yes"}]})",
        "{\"questions\":[{\"text\":\"\\\"\xc3\xa9\\\" \\u20ac\xe2\x82\xac "
        "\xf0\x9f\x98\x80]}\",\"answer\":\"No\"}, {\"text\": \"\", "
        "\"answer\": \"Yes\"}]}"}) {
    JsonSchema::State state = schema.begin();
    std::string joined;
    for (const int64_t id : tokenizer->encode(document)) {
      mask.allow(schema, state, 1000, allowed.data());
      ASSERT_TRUE(allowed[static_cast<size_t>(id)]) << document << ": " << tokens[static_cast<size_t>(id)];
      mask.take(schema, state, id);
      joined += tokens[static_cast<size_t>(id)];
    }
    EXPECT_EQ(joined, document);
    mask.allow(schema, state, 1, allowed.data());
    EXPECT_EQ(std::count(allowed.begin(), allowed.end(), 1), 1);
    EXPECT_TRUE(allowed[static_cast<size_t>(end)]);
  }
}

TEST(CriticTextModel, AnAnswerDoesNotDependOnItsCompany) {
  const auto model = open();
  auto requests = captions(kSchema);
  requests[2].schema = "";
  requests[3].max_tokens = 50;
  const auto together = model->write(requests, nullptr);
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto alone = model->write({requests[i]}, nullptr)[0];
    EXPECT_EQ(alone.text, together[i].text);
    EXPECT_EQ(alone.complete, together[i].complete);
  }
  EXPECT_TRUE(model->write({}, nullptr).empty());
}

TEST(CriticTextModel, MoreRequestsThanFitAtOnceAndOfSeveralKindsAreAllAnswered) {
  const auto model = open();
  std::vector<TextRequest> requests;
  for (size_t i = 0; i < 2 * kRequestsAtOnce + 7; ++i) {
    requests.push_back(ask(concat("clip ", i * i), kSchema, 45));
    if (i % 3 == 0) requests.back().turns[0].text.insert(0, 200, 'x');
  }
  std::vector<int> told(requests.size(), 0);
  const auto answers = model->write(requests, [&](size_t i, const TextAnswer&) { ++told[i]; });
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(told[i], 1);
    EXPECT_TRUE(nlohmann::json::accept(answers[i].text));
  }
  for (const size_t i : {0, 1, 35, 70})
    EXPECT_EQ(answers[i].text, model->write({requests[i]}, nullptr)[0].text);
}

// What is read in one pass, by the texts' tokens.
class Watched : public models::VisionLanguage {
 public:
  using Batch = std::vector<std::vector<int64_t>>;
  explicit Watched(std::vector<Batch>& batches) : batches_(batches) {
    models::VisionLanguageOptions options;
    options.vision = false;
    model_ = critic::open_vision_language(kFolder, options);
  }
  std::vector<models::Written> generate(const std::vector<models::Prompt>& prompts,
                                        const models::Generation& how) override {
    batches_.emplace_back();
    for (const models::Prompt& prompt : prompts) batches_.back().push_back(prompt.ids);
    return model_->generate(prompts, how);
  }
  models::Video look(const at::Tensor& frames, double fps) override { return model_->look(frames, fps); }
  models::Answered answer(const std::vector<models::Video>& shown,
                          const std::vector<std::vector<models::Suffix>>& asked) override {
    return model_->answer(shown, asked);
  }
  int64_t generation_bytes(const std::vector<models::Prompt>& prompts) const override {
    return model_->generation_bytes(prompts);
  }
  int64_t writing_bytes(int64_t tokens) const override { return model_->writing_bytes(tokens); }
  int64_t max_positions() const override { return model_->max_positions(); }
  const text::Tokenizer& tokenizer() const override { return model_->tokenizer(); }
  const text::ChatTemplate& chat() const override { return model_->chat(); }
  std::vector<int64_t> media_ids() const override { return model_->media_ids(); }
  nn::Residence& residence() override { return model_->residence(); }

 private:
  std::unique_ptr<models::VisionLanguage> model_;
  std::vector<Batch>& batches_;
};

// In the last bits an answer depends on its batch, so that is the same whatever an earlier run kept.
TEST(CriticTextModel, AResumedRunAsksInTheSameCompany) {
  const TemporaryFolder folder;
  std::vector<TextRequest> requests;
  for (size_t i = 0; i < 2 * kRequestsAtOnce + 7; ++i) {
    requests.push_back(ask(concat("clip ", i * i), kSchema, 45));
    if (i % 3 == 0) requests.back().turns[0].text.insert(0, 200, 'x');
  }
  std::vector<Watched::Batch> whole, resumed;
  const auto run = [&](const char* name, std::vector<Watched::Batch>& batches, size_t most, bool judges) {
    CriticTextModel model(std::make_unique<Watched>(batches), kFolder, at::kFloat);
    AnswerFile kept(folder / name);
    AnswerCache cache(model, kept);
    size_t done = 0;
    const auto count = [&](size_t, const auto&) {
      if (++done > most) throw std::runtime_error("stopped");
    };
    if (judges) {
      cache.judge(requests, count);
    } else {
      cache.write(requests, count);
    }
    return done;
  };
  for (const bool judges : {false, true}) {
    whole.clear(), resumed.clear();
    const char* name = judges ? "judged" : "written";
    run(concat("whole ", name).c_str(), whole, requests.size(), judges);
    EXPECT_GE(whole.size(), 3u);
    EXPECT_THROW(run(name, resumed, 40, judges), std::runtime_error);
    const size_t before = resumed.size();
    EXPECT_EQ(run(name, resumed, requests.size(), judges), requests.size());
    for (const Watched::Batch& batch : resumed)
      EXPECT_TRUE(std::count(whole.begin(), whole.end(), batch) > 0) << "another batch of " << batch.size();
    EXPECT_LT(resumed.size() - before, whole.size()) << "what is whole is not asked again";
  }
}

TEST(CriticTextModel, AnEndThatIsOfNoTokenIsSaid) {
  const TemporaryFolder copy;
  std::filesystem::copy(kFolder, copy / "critic");
  const auto opens = [&](const std::string& ends) {
    write_text(copy / "critic/generation_config.json", "{\"eos_token_id\": " + ends + "}");
    ::testing::internal::CaptureStderr();
    open_critic_text_model(copy / "critic", at::kFloat, at::kCPU);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(opens("[402, 400]"), "");
  EXPECT_EQ(opens("null"), "");
  for (const char* id : {"999999", "-1"})
    EXPECT_TRUE(says(opens(concat("[402, ", id, "]")), concat("eos_token_id ", id, " is of no token")));
  write_text(copy / "critic/generation_config.json", "{\"eos_token_id\": [402, \"<|im_end|>\"]}");
  EXPECT_TRUE(says(
      error_of(ErrorKind::kInput, [&] { open_critic_text_model(copy / "critic", at::kFloat, at::kCPU); }),
      "eos_token_id holds \"<|im_end|>\", wanted ids of tokens"));
}

TEST(CriticIdentity, WhateverAModelIsReadFromMakesAnother) {
  const TemporaryFolder copy;
  std::filesystem::copy(kFolder, copy / "critic");
  std::set<std::string> seen = {digest_of_critic(copy / "critic")};
  for (const char* name :
       {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "processor_config.json", "preprocessor_config.json",
        "video_preprocessor_config.json", "chat_template.json", "chat_template.jinja"}) {
    for (const char* bytes : {"{}", "{ }"}) {
      write_text(copy / "critic" / name, bytes);
      EXPECT_TRUE(seen.insert(digest_of_critic(copy / "critic")).second) << name;
    }
  }
}

TEST(CriticTextModel, FreeTextHoldsNoSpecialTokenAndSaysWhetherItWasCut) {
  const auto model = open();
  const auto answers = model->write({ask("a red ball", "", 1), ask("a red ball", "", 30)}, nullptr);
  EXPECT_FALSE(answers[0].complete);
  EXPECT_EQ(answers[0].answer_tokens, 1);
  for (const auto& answer : answers) EXPECT_EQ(answer.text.find("<|"), std::string::npos) << answer.text;
  EXPECT_EQ(answers[1].text.compare(0, answers[0].text.size(), answers[0].text), 0);
}

TEST(CriticTextModel, JudgingIsTheMassOfYesAgainstThatOfNo) {
  const auto model = open();
  qwen::Model plain(qwen::Config::read(kFolder));
  qwen::load(plain, Checkpoint::open(kFolder, "model"), {});
  const auto tokenizer = text::open_tokenizer(kFolder);
  const auto requests = captions("");
  const auto answers = model->judge(requests, nullptr);
  for (size_t i = 0; i < requests.size(); ++i) {
    std::vector<int64_t> ids;
    const auto add = [&](const std::string& text, bool special) {
      for (const int64_t id : tokenizer->encode(text, {.parse_special = special})) ids.push_back(id);
    };
    add("<|im_start|>", true), add("system\nWrite questions about clips.", false),
        add("<|im_end|>\n<|im_start|>", true);
    add("user\n" + requests[i].turns[1].text, false), add("<|im_end|>\n<|im_start|>assistant\n", true);
    const at::Tensor logits = plain.logits(at::zeros({1, 0, 128}), {}, ids)[0][-1].to(at::kDouble).exp();
    double yes = 0, no = 0;
    for (const char* word : {"Yes", " Yes", "yes", " yes", "YES", " YES"})
      if (const auto id = tokenizer->single_token(word)) yes += logits[*id].item<double>();
    for (const char* word : {"No", " No", "no", " no", "NO", " NO"})
      if (const auto id = tokenizer->single_token(word)) no += logits[*id].item<double>();
    EXPECT_NEAR(answers[i].p_yes, yes / (yes + no), 1e-5);
    EXPECT_EQ(answers[i].error, "");
  }
  EXPECT_NE(answers[0].p_yes, answers[3].p_yes);
}

TEST(CriticTextModel, WhatCannotBeAnsweredHasItsReasonAndTheRestIsAnswered) {
  const auto model = open();
  auto requests = captions(kSchema);
  requests[0].schema = R"({"type": "number"})";
  requests[1].max_tokens = 3;
  requests[2].max_tokens = 2000;
  requests[3].turns[0].role = "tool";
  requests[4].turns.push_back({"assistant", "No"});
  requests.push_back(ask("\xff"));
  requests.push_back(ask("a", "", 0));
  size_t told = 0;
  const auto answers = model->write(requests, [&](size_t, const TextAnswer&) { ++told; });
  EXPECT_EQ(told, requests.size());
  EXPECT_TRUE(says(answers[0].error, "\"type\" is \"number\""));
  EXPECT_TRUE(says(answers[1].error, "shortest document may take"));
  EXPECT_TRUE(says(answers[2].error, "together the model takes 2048"));
  EXPECT_TRUE(says(answers[3].error, "turn 1 is of \"tool\""));
  EXPECT_TRUE(says(answers[4].error, "last turn is to be the user's"));
  EXPECT_TRUE(says(answers[6].error, "UTF-8"));
  EXPECT_TRUE(says(answers[7].error, "max_tokens is 0"));
  for (const size_t i : {0, 1, 2, 3, 4, 6, 7}) EXPECT_TRUE(answers[i].text.empty() && !answers[i].complete);
  EXPECT_EQ(answers[5].error, "");
  EXPECT_TRUE(nlohmann::json::accept(answers[5].text));
  const auto judged = model->judge({requests[3], requests[5]}, nullptr);
  EXPECT_TRUE(std::isnan(judged[0].p_yes));
  EXPECT_TRUE(says(judged[0].error, "tool"));
  EXPECT_TRUE(judged[1].p_yes > 0 && judged[1].p_yes < 1);
}

TEST(CriticTextModel, WhatWasThrownByWhoeverListensEndsTheCall) {
  const auto model = open();
  EXPECT_THROW(model->write(captions(kSchema, 60),
                            [](size_t, const TextAnswer&) { throw std::runtime_error("enough"); }),
               std::runtime_error);
  EXPECT_EQ(model->write({ask("a", kSchema, 60)}, nullptr)[0].error, "");
}

TEST(CriticTextModel, ItsIdentityIsThatOfItsFilesNotOfTheirPlace) {
  const TemporaryFolder copy;
  std::filesystem::copy(kFolder, copy / "critic");
  const auto identity = [](const std::filesystem::path& folder, at::ScalarType dtype = at::kFloat) {
    return open_critic_text_model(folder, dtype, at::kCPU)->identity();
  };
  const std::string here = open()->identity();
  EXPECT_TRUE(here.ends_with(", writing 1")) << here;  // of the code: older answers are told apart
  EXPECT_EQ(identity(copy / "critic"), here);
  EXPECT_NE(identity(copy / "critic", at::kBFloat16), here);
  {
    std::fstream file(copy / "critic/model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4, std::ios::end);  // the last number of the last tensor
    const float other = 3;
    file.write(reinterpret_cast<const char*>(&other), 4);
  }
  EXPECT_NE(identity(copy / "critic"), here);
}

TEST(CriticTextModel, TheVisionTowerIsNotRead) {
  const TemporaryFolder copy;
  std::filesystem::copy(kFolder, copy / "critic");
  const auto file = copy / "critic/model.safetensors";
  // Tensors of the tower that are no longer what the model would want are not looked at.
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  std::string head(200'000, '\0');
  bytes.read(head.data(), static_cast<std::streamsize>(head.size()));
  const size_t at = head.find("visual.merger.mlp.0.weight");
  ASSERT_NE(at, std::string::npos);
  bytes.clear();
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.write("visual.merger.mlp.9.weight", 26);
  bytes.close();
  EXPECT_EQ(open_critic_text_model(copy / "critic", at::kFloat, at::kCPU)
                ->write({ask("a", kSchema, 60)}, nullptr)[0]
                .error,
            "");
}

TEST(CriticTextModel, AFolderThatIsNoCriticIsRefused) {
  const TemporaryFolder folder;
  const auto refused = [&] {
    return error_of(ErrorKind::kInput, [&] { open_critic_text_model(folder.path(), at::kFloat, at::kCPU); });
  };
  EXPECT_TRUE(says(refused(), "config.json"));
  write_text(folder / "config.json", R"({"model_type": "llama"})");
  EXPECT_TRUE(says(refused(), "llama"));
}

}  // namespace
}  // namespace drf::writer
