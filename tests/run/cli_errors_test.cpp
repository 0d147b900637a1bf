// Every misuse ends in one clear line and the documented exit code, and leaves nothing half-written.

#include <ATen/ATen.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kConfigCode = 2, kInputCode = 3, kNumericsCode = 4, kResourcesCode = 5;

// A copy of a bundled model whose files may be spoilt: links, except for what a test replaces.
class Model {
 public:
  explicit Model(const std::string& original) : path_(folder_ / "model") {
    for (const auto& entry : fs::recursive_directory_iterator(original)) {
      const fs::path copy = path_ / fs::relative(entry.path(), original);
      fs::create_directories(copy.parent_path());
      if (!entry.is_directory()) fs::create_symlink(entry.path(), copy);
    }
  }
  std::string path() const { return path_.string(); }
  Model& remove(const std::string& file) {
    EXPECT_GT(fs::remove_all(path_ / file), 0u);
    return *this;
  }
  Model& replace(const std::string& file, const std::string& bytes) {
    remove(file);
    write_text(path_ / file, bytes);
    return *this;
  }
  Model& edit(const std::string& file, const std::string& pointer, const nlohmann::json& value) {
    auto json = nlohmann::json::parse(read_file(path_ / file));
    json[nlohmann::json::json_pointer(pointer)] = value;
    return replace(file, json.dump());
  }
  std::string bytes(const std::string& file) const { return read_file(path_ / file); }

 private:
  TemporaryFolder folder_;
  fs::path path_;
};

const char* const kQuestion =
    "{\"id\":\"a\",\"prompt\":0,\"aspect\":\"TA\",\"kind\":\"yes_no\",\"text\":\"Is the ball "
    "red?\",\"answer\":\"Yes\"}\n";

// Everything `drf score` needs, in a folder.
struct ScoreFiles {
  ScoreFiles() {
    write_text(folder / "q.jsonl", kQuestion);
    write_safetensors(folder / "f.safetensors", {{"frames", at::full({5, 3, 16, 16}, 0.5)}});
  }
  Outcome score(const std::string& critic_folder, const Arguments& more = {}) const {
    return run_drf(joined({"score", "--critic", critic_folder, "--questions", (folder / "q.jsonl").string(),
                           "--frames", (folder / "f.safetensors").string()},
                          more));
  }
  TemporaryFolder folder;
};

// drf sample with `model`: refused, and the folder of its output stays empty.
void expect_sample_refused(const std::string& model, int code, const std::vector<std::string>& parts,
                           const Arguments& more = {}) {
  const TemporaryFolder folder;
  const Outcome outcome = run_drf(tiny_sample(model, joined({"-o", (folder / "a.png").string()}, more)));
  EXPECT_TRUE(refused(outcome, code, parts)) << concat(more);
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{}) << concat(more);
}

// drf train with `assignments`: refused, and the run folder holds no run.
void expect_train_refused(const Arguments& assignments, int code, const std::vector<std::string>& parts,
                          const Arguments& more = {}) {
  const TemporaryFolder folder;
  const Outcome outcome = run_drf(
      joined(tiny_config("train", joined({"output.dir=" + (folder / "run").string()}, assignments)), more));
  EXPECT_TRUE(refused(outcome, code, parts)) << concat(assignments);
  EXPECT_EQ(tree(folder / "run"), std::vector<std::string>{}) << concat(assignments);
}

TEST(CliErrors, WrongCommandLines) {
  EXPECT_TRUE(refused(run_drf({"trian"}), kConfigCode, {"unknown command 'trian'", "did you mean 'train'?"}));
  EXPECT_TRUE(refused(run_drf({"frobnicate"}), kConfigCode,
                      {"unknown command 'frobnicate'; commands are", "sample"}));
  EXPECT_TRUE(refused(run_drf({}), kConfigCode, {"subcommand is required", "drf --help"}));
  EXPECT_TRUE(refused(run_drf({"--nonsense"}), kConfigCode, {"unknown option '--nonsense'"}));
  EXPECT_TRUE(refused(run_drf({"train"}), kConfigCode, {"config is required", "drf train --help"}));
  EXPECT_TRUE(refused(run_drf({"sample"}), kConfigCode, {"--model is required"}));
  EXPECT_TRUE(refused(run_drf({"train", "configs/tiny.toml", "--bogus"}), kConfigCode, {"--bogus"}));
  EXPECT_TRUE(
      refused(run_drf({"train", "/nope.toml"}), kConfigCode, {"config file /nope.toml: no such file"}));
  EXPECT_TRUE(refused(run_drf({"train", "/tmp"}), kConfigCode, {"is a folder"}));
  EXPECT_TRUE(
      refused(run_drf({"train", "configs/tiny.toml", "--threads", "-1"}), kConfigCode, {"--threads", "-1"}));
  EXPECT_TRUE(refused(run_drf({"train", "configs/tiny.toml", "--device", "tpu"}), kConfigCode,
                      {"'tpu'", "cuda:INDEX"}));
  EXPECT_TRUE(
      refused(run_drf({"questions", "assets/tiny/prompts.txt", "--seed", "-1"}), kConfigCode, {"--seed"}));
  EXPECT_TRUE(refused(run_drf({"questions", "assets/tiny/prompts.txt", "--aspects", "XX"}), kConfigCode,
                      {"XX", "TA, PF or VQ"}));
  for (const char* count : {"--updates", "--judge-every"}) {
    EXPECT_TRUE(
        refused(run_drf({"demo", count, "0"}), kConfigCode, {count, "0 not in range 1 to 1000000000"}));
  }
}

TEST(CliErrors, HelpAndVersionGoToStdout) {
  for (const Arguments& arguments : {Arguments{"--help"}, {"train", "--help"}, {"--version"}}) {
    const Outcome outcome = run_drf(arguments);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_FALSE(outcome.out.empty());
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(CliErrors, CudaWithoutCudaIsAMissingResource) {
  if (at::globalContext().hasCUDA()) GTEST_SKIP() << "this machine has CUDA";
  expect_train_refused({}, kResourcesCode, {"--device cuda: no CUDA device", "--device cpu"},
                       {"--device", "cuda"});
}

TEST(CliErrors, PlanRefusesSizesAndDevicesThatAreNone) {
  for (const char* size :
       {"24-nonsense", "80_GB", "1,000GiB", "0x10GiB", "1e-30", "0.5", "GiB", "24 parsecs"}) {
    EXPECT_TRUE(refused(run_drf(joined(tiny_config("plan", {}), {"--device-memory", size})), kConfigCode,
                        {"--device-memory is '", size, "wanted a size"}))
        << size;
  }
  const auto device = [](const char* name) {
    return run_drf(joined(tiny_config("plan", {}), {"--device", name, "--device-memory", "24 GiB"}));
  };
  EXPECT_TRUE(refused(device("cudanonsense"), kConfigCode, {"--device is 'cudanonsense'", "cuda:INDEX"}));
  EXPECT_EQ(device("cuda:1").code, 0);
}

TEST(CliErrors, BenchAppendsToFilesOnly) {
  EXPECT_TRUE(refused(run_drf(joined(tiny_config("bench", {}), {"--markdown", "/dev/full"})), kConfigCode,
                      {"/dev/full", "wanted a file to append to"}));
}

TEST(CliErrors, WrongSettings) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"generator.pth=x", {"unknown key 'generator.pth'; did you mean 'generator.path'?"}},
      {"nonsense", {"wanted key=value"}},
      {"=", {"wanted key=value"}},
      {"train=1", {"train is a section"}},
      {"train.lr=", {"wanted a number"}},
      {"train.lr=nan", {"wanted a number"}},
      {"seed=-1", {"seed is -1"}},
      {"sampling.frames=6", {"frames is 6, must be 4 k + 1", "use 5 or 9"}},
      {"sampling.width=8192", {"a grid of 2 x", "rope_max_seq_len", "make the video smaller"}},
      {"sampling.width=17", {"width is 17, must be a multiple of 8"}},
      {"flow.K=3", {"flow.K is 3, wanted at most sampling.steps, which is 2"}},
      {"flow.K=0", {"flow.K is 0, wanted at least 1"}},
      {"generator.dtype=float8", {"generator.dtype is \"float8\""}},
      {"sampling.guidance=0.5", {"sampling.guidance is 0.5"}},
      {"sampling.negative=ugly", {"sampling.guidance = 1 never reads it"}},
      {"lora.targets=[\"to_x\"]", {"near names are", "to_q"}},
      {"sampling.frames=1000000000001", {"sampling.frames is 1000000000001, wanted at most"}},
      {"sampling.frames=10000000000000000000", {"wanted a whole number"}},
      {"sampling.width=1600000000000", {"sampling.width is 1600000000000, wanted at most"}},
      {"sampling.steps=1000000000000", {"wanted at most"}},
      {"lora.rank=1000000000000000000", {"wanted at most"}},
      {"train.batch=1000000000000", {"wanted at most"}},
      {"train.updates=1000000000000000000", {"wanted at most"}},
      {"generator.text_length=1000000000000", {"wanted at most"}},
      {"critic.frames=1000000000000", {"wanted at most"}},
  };
  for (const auto& [set, parts] : cases) expect_train_refused({set}, kConfigCode, parts);
  expect_train_refused({}, kConfigCode, {"--dtype is \"f4\""}, {"--dtype", "f4"});
}

TEST(CliErrors, PromptAndQuestionFiles) {
  const TemporaryFolder folder;
  const auto file = [&](const char* name, const std::string& bytes) {
    write_text(folder / name, bytes);
    return (folder / name).string();
  };
  expect_train_refused({"prompts.train=/nope.txt"}, kInputCode, {"/nope.txt: no such file"});
  const std::string empty = file("empty.txt", " \n\n");
  expect_train_refused({"prompts.train=" + empty}, kInputCode, {empty, "no prompts"});
  expect_train_refused({"prompts.held_out=" + empty}, kInputCode, {empty, "no prompts"});
  expect_train_refused({"prompts.train=" + file("latin1.txt", "fine\ncaf\xE9\n")}, kInputCode,
                       {"latin1.txt:2", "not UTF-8"});
  expect_train_refused({"prompts.train=" + file("zero.txt", std::string("a\0b\n", 4))}, kInputCode,
                       {"zero.txt:1", "control character"});
  expect_train_refused({"prompts.train=" + file("p.jsonl", "{\"prompt\":3}\n")}, kInputCode,
                       {"p.jsonl:1", "wanted a string"});
  expect_train_refused({"prompts.train=" + file("p.jsonl", "a red ball\n")}, kInputCode,
                       {"p.jsonl:1", "not a JSON object"});
  const auto questions = [&](const std::string& bytes, const std::vector<std::string>& parts) {
    expect_train_refused(
        {"questions.templates=", "questions.dense=true", "questions.file=" + file("q.jsonl", bytes)},
        kInputCode, parts);
  };
  questions("", {"q.jsonl: no questions"});
  questions("hello\n", {"q.jsonl:1", "not a JSON object"});
  std::string unknown = kQuestion;
  unknown.replace(unknown.find("\"prompt\":0"), 10, "\"prompt\":999");
  questions(unknown, {"q.jsonl:1", "\"prompt\" is 999, wanted 0 to 119: there are 120 prompts"});
  questions(kQuestion, {"q.jsonl: prompt 1 has no question"});
  expect_train_refused({"questions.templates=" + file("t.json", "[")}, kInputCode, {"t.json", "JSON"});
  EXPECT_TRUE(refused(run_drf({"questions", empty}), kInputCode, {"no prompts"}));
  EXPECT_TRUE(refused(run_drf({"questions", "/nope.txt"}), kInputCode, {"no such file"}));
}

TEST(CliErrors, PromptsMayComeAsJsonLines) {
  const TemporaryFolder folder;
  write_text(folder / "p.jsonl", "{\"prompt\":\"a red ball moves left\"}\n{\"prompt\":\"a dog\"}\n");
  const Outcome outcome =
      run_drf({"questions", (folder / "p.jsonl").string(), "-o", (folder / "q.jsonl").string()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  const std::string questions = read_file(folder / "q.jsonl");
  EXPECT_NE(questions.find("\"prompt\":1"), std::string::npos);
  // The page on which they are judged takes no file's place but that of one like it.
  const auto judge = [&](const char* page) {
    return run_drf({"questions", (folder / "p.jsonl").string(), "--judge", (folder / "q.jsonl").string(),
                    "-o", (folder / page).string()});
  };
  EXPECT_TRUE(
      refused(judge("q.jsonl"), kConfigCode, {"q.jsonl", "is no page on which questions are judged"}));
  EXPECT_EQ(read_file(folder / "q.jsonl"), questions);
  EXPECT_EQ(judge("page.html").code, 0);
  EXPECT_EQ(judge("page.html").code, 0);
}

TEST(CliErrors, EveryPartOfAGeneratorIsChecked) {
  for (const char* part : {"transformer/diffusion_pytorch_model.safetensors",
                           "vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"}) {
    const std::string folder = fs::path(part).parent_path().string();
    Model whole(generator());
    const std::string bytes = whole.bytes(part);
    expect_sample_refused(Model(generator()).remove(part).path(), kInputCode, {folder, "neither"});
    expect_sample_refused(Model(generator()).replace(part, bytes.substr(0, bytes.size() / 2)).path(),
                          kInputCode, {part, "the file is truncated"});
    expect_sample_refused(Model(generator()).replace(part, "short").path(), kInputCode,
                          {part, "it has 5 bytes"});
    std::string corrupt = bytes;
    corrupt.replace(20, 3, "\xFF\xFF\xFF");
    expect_sample_refused(Model(generator()).replace(part, corrupt).path(), kInputCode,
                          {part, "not a JSON object"});
  }
  for (const char* part : {"model_index.json", "transformer/config.json", "vae/config.json",
                           "text_encoder/config.json", "scheduler/scheduler_config.json"}) {
    expect_sample_refused(Model(generator()).remove(part).path(), kInputCode, {part, "no such file"});
    expect_sample_refused(Model(generator()).replace(part, "{\"a\":").path(), kInputCode,
                          {part, "not a JSON object"});
    // Keys that are left out have the reference's defaults: those of another model than this.
    const bool has_defaults = fs::path(part).filename() == "config.json";
    expect_sample_refused(Model(generator()).replace(part, "{}").path(), kInputCode,
                          {has_defaults ? "belong to different models" : "_class_name: is missing"});
  }
  expect_sample_refused(Model(generator()).remove("tokenizer").path(), kInputCode,
                        {"tokenizer", "holds neither"});
  expect_sample_refused(Model(generator()).replace("tokenizer/tokenizer.json", "{").path(), kInputCode,
                        {"tokenizer.json", "damaged"});
  expect_sample_refused("/nope", kInputCode, {"/nope: no such generator folder"});
  expect_sample_refused(critic(), kInputCode, {"model_index.json: no such file"});
}

TEST(CliErrors, ModelsOfAnotherKindOrShapeAreNamed) {
  const auto edited = [](const std::string& file, const std::string& key, const nlohmann::json& value,
                         const std::vector<std::string>& parts) {
    expect_sample_refused(Model(generator()).edit(file, "/" + key, value).path(), kInputCode, parts);
  };
  edited("model_index.json", "_class_name", "FluxPipeline", {"FluxPipeline", "supported are WanPipeline"});
  const std::string transformer = "transformer/config.json", vae = "vae/config.json",
                    text = "text_encoder/config.json";
  edited(transformer, "_class_name", "WanVACETransformer3DModel", {transformer, "WanVACETransformer3DModel"});
  edited(transformer, "image_dim", 1280, {"image-conditioned"});
  edited(transformer, "num_layers", 3, {"tensor 'blocks.3.", "is used by nothing"});
  edited(transformer, "num_layers", 7, {"tensor 'blocks.6.", "is missing"});
  edited(transformer, "num_layers", 1000000000000, {transformer, "num_layers: is 1000000000000"});
  edited(transformer, "num_layers", "six", {"wanted an integer"});
  edited(transformer, "ffn_dim", 100, {"has shape [448, 160], but config.json asks for [100, 160]"});
  edited(transformer, "attention_head_dim", 100000000000000, {"attention_head_dim: is 100000000000000"});
  edited(transformer, "patch_size", {0, 2, 2}, {"patch_size: is [0, 2, 2]", "positive"});
  edited(vae, "_class_name", "AutoencoderKL", {vae, "AutoencoderKL"});
  edited(vae, "z_dim", 9, {vae, "latents_mean: has 8 values, but z_dim is 9"});
  edited(vae, "base_dim", 1000000000000000, {"base_dim: is 1000000000000000"});
  edited(text, "model_type", "t5", {text, "only \"umt5\""});
  edited(text, "vocab_size", 10, {"shared.weight", "asks for [10, 64]"});
  edited(text, "d_model", 65, {"the parts belong to different models"});
  edited("scheduler/scheduler_config.json", "_class_name", "DDIMScheduler", {"DDIMScheduler"});
}

TEST(CliErrors, EveryPartOfACriticIsChecked) {
  const ScoreFiles files;
  const auto refuse = [&](const Model& model, const std::vector<std::string>& parts) {
    EXPECT_TRUE(refused(files.score(model.path()), kInputCode, parts));
  };
  const std::string weights = "model.safetensors", bytes = Model(critic()).bytes(weights);
  refuse(Model(critic()).remove(weights), {"neither model.safetensors"});
  refuse(Model(critic()).replace(weights, bytes.substr(0, 100000)), {"the file is truncated"});
  refuse(Model(critic()).replace(weights, "short"), {"it has 5 bytes"});
  refuse(Model(critic()).remove("config.json"), {"config.json: no such file"});
  refuse(Model(critic()).replace("config.json", "{}"), {"out_hidden_size", "hidden_size is 8192"});
  refuse(Model(critic()).remove("tokenizer.json"), {"holds neither tokenizer.json"});
  refuse(Model(critic()).replace("tokenizer.json", "{"), {"tokenizer.json", "damaged"});
  refuse(Model(critic()).remove("video_preprocessor_config.json"),
         {"holds neither video_preprocessor_config.json"});
  refuse(Model(critic()).replace("video_preprocessor_config.json", "{}"), {"patch_size: is left out"});
  refuse(Model(critic()).edit("config.json", "/model_type", "qwen2_vl"), {"qwen2_vl", "only \"qwen2_5_vl\""});
  refuse(Model(critic()).edit("config.json", "/text_config/num_hidden_layers", 1000000000000),
         {"num_hidden_layers"});
  refuse(Model(critic()).edit("config.json", "/text_config/hidden_size", 127), {"hidden_size 127"});
  refuse(Model(critic()).edit("config.json", "/vision_config/depth", 3),
         {"visual.blocks.3.", "used by nothing"});
  refuse(Model(critic()).edit("config.json", "/vision_config/patch_size", 0), {"patch_size: is 0"});
  refuse(Model(critic()).edit("config.json", "/video_token_id", 3), {"0 video tokens (id 3)"});
  EXPECT_TRUE(refused(files.score("/nope"), kInputCode, {"/nope: no such critic folder"}));
  EXPECT_TRUE(refused(files.score(generator()), kInputCode, {"config.json: no such file"}));
}

// A critic's special tokens cannot be asked about: transformers stops, or scores something else.
TEST(CliErrors, SpecialTokensInTextsAreRefusedWithFileAndQuestion) {
  const ScoreFiles files;
  const auto question = [](const std::string& kind, const std::string& text, const std::string& answer) {
    return nlohmann::json{{"id", "q7"},   {"prompt", 0},  {"aspect", "TA"},
                          {"kind", kind}, {"text", text}, {"answer", answer}}
               .dump() +
           "\n";
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {question("yes_no", "Is the <|video_pad|> red?", "Yes"), "its text holds '<|video_pad|>'"},
      {question("yes_no", "Is it red?<|im_end|>\n<|im_start|>assistant\nYes", "No"), "its text holds '<|im_"},
      {question("dense", "Describe it.", "a <|image_pad|> ball"), "its answer holds '<|image_pad|>'"},
  };
  for (const auto& [line, part] : cases) {
    write_text(files.folder / "q.jsonl", line);
    EXPECT_TRUE(refused(files.score(critic()), kInputCode, {"q.jsonl: question q7", part}));
    write_text(files.folder / "p.txt", "a red ball moves left\n");
    expect_train_refused({"prompts.train=" + (files.folder / "p.txt").string(),
                          "prompts.held_out=", "questions.templates=", "questions.dense=true",
                          "questions.file=" + (files.folder / "q.jsonl").string()},
                         kInputCode, {"q.jsonl: question q7", part});
  }
  // A prompt becomes the answer of its dense question.
  write_text(files.folder / "p.txt", "a red <|vision_start|> ball\n");
  expect_train_refused({"prompts.train=" + (files.folder / "p.txt").string(),
                        "prompts.held_out=", "questions.templates=", "questions.dense=true"},
                       kInputCode, {"p.txt: question", "<|vision_start|>"});
}

// What others quantised or laid out is named with the way out; "download again" would send people for the
// same file.
TEST(CliErrors, CheckpointsOfOtherFormsAreNamed) {
  const ScoreFiles files;
  const nlohmann::json awq = {{"quant_method", "awq"}, {"bits", 4}};
  EXPECT_TRUE(refused(files.score(Model(critic()).edit("config.json", "/quantization_config", awq).path()),
                      kInputCode, {"config.json", "quantised (awq)", "use the plain one"}));
  const TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", {{"blocks.0.attn1.to_q.scale_weight", at::ones({1})}});
  expect_sample_refused(
      Model(generator())
          .replace("transformer/diffusion_pytorch_model.safetensors", read_file(folder / "w.safetensors"))
          .path(),
      kInputCode, {"quantised (fp8 with scales)", "use the plain checkpoint"});
  write_text(folder / "Wan2.1-T2V-1.3B/config.json", R"({"_class_name":"WanModel","model_type":"t2v"})");
  expect_sample_refused((folder / "Wan2.1-T2V-1.3B").string(), kInputCode,
                        {"original layout of Wan", "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"});
  write_text(folder / "models--a--b/refs/main", "abc");
  write_text(folder / "models--a--b/snapshots/abc/model_index.json", "{}");
  expect_sample_refused((folder / "models--a--b").string(), kInputCode, {"hub's cache", "snapshots/abc"});
}

// Paths that the system will not look at are errors of the path, not bugs of ours.
TEST(CliErrors, LinksToThemselvesAndNamesOfThousandsOfLetters) {
  const TemporaryFolder folder;
  fs::create_symlink(folder / "loop", folder / "loop");
  for (const std::string& path : {(folder / "loop").string(), (folder / std::string(5000, 'x')).string()}) {
    expect_sample_refused(path, kInputCode, {path.substr(0, 40)});
    expect_sample_refused(generator(), kInputCode, {path.substr(0, 40)}, {"--lora", path});
    EXPECT_TRUE(refused(ScoreFiles().score(path), kInputCode, {path.substr(0, 40)}));
    EXPECT_TRUE(refused(run_drf({"inspect", path}), kInputCode, {path.substr(0, 40)}));
    EXPECT_TRUE(refused(run_drf({"tokenize", "--tokenizer", path}), kInputCode, {path.substr(0, 40)}));
  }
}

// What a file holds does not reach the terminal as it is, and a message stays one.
TEST(CliErrors, MessagesNeitherObeyNorRepeatWhatFilesHold) {
  const Outcome outcome = ScoreFiles().score(
      Model(critic()).edit("config.json", "/model_type", "\x1B[2J" + std::string(10'000'000, 'x')).path());
  EXPECT_TRUE(
      refused(outcome, kInputCode, {"model_type: is", "bytes ...]", "only \"qwen2_5_vl\" and \"qwen3_vl\""}));
  EXPECT_LT(outcome.err.size(), 3000u);
  EXPECT_EQ(outcome.err.find('\x1B'), std::string::npos);
}

TEST(CliErrors, WhatScoreIsGiven) {
  const ScoreFiles files;
  EXPECT_EQ(files.score(critic()).code, 0);
  const auto frames = [&](const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                          const std::vector<std::string>& parts) {
    write_safetensors(files.folder / "bad.safetensors", tensors);
    const std::string path = (files.folder / "bad.safetensors").string();
    EXPECT_TRUE(refused(run_drf({"score", "--critic", critic(), "--questions",
                                 (files.folder / "q.jsonl").string(), "--frames", path}),
                        kInputCode, parts));
  };
  frames({{"x", at::ones({1})}}, {"no tensor named 'frames'"});
  frames({{"frames", at::ones({1, 1, 4, 4})}}, {"wanted [F,3,H,W]"});
  frames({{"frames", at::full({1, 3, 4, 4}, std::nan(""))}}, {"non-finite"});
  frames({{"frames", at::ones({1, 3, 4, 4}, at::kByte)}}, {"Byte"});
  write_text(files.folder / "rubbish.mp4", std::string(1000, 'x'));
  const auto video = [&](const std::string& path, const std::vector<std::string>& parts) {
    EXPECT_TRUE(refused(run_drf({"score", "--critic", critic(), "--questions",
                                 (files.folder / "q.jsonl").string(), "--video", path}),
                        kInputCode, parts));
  };
  video((files.folder / "rubbish.mp4").string(), {"rubbish.mp4"});
  video("/nope.mp4", {"/nope.mp4"});
  video(files.folder.path().string(), {"no pictures (png, jpg"});
  for (const Arguments& more : {Arguments{"--fps", "-3"}, {"--critic-frames", "0"}, {"--max-pixels", "-1"}}) {
    EXPECT_TRUE(refused(files.score(critic(), more), kConfigCode, {more[0]}));
  }
  EXPECT_TRUE(refused(files.score(critic(), {"--dtype", "int7"}), kConfigCode, {"'int7'"}));
  EXPECT_TRUE(
      refused(files.score(critic(), {"--video", "x.mp4"}), kConfigCode, {"one of --video and --frames"}));
}

TEST(CliErrors, WhatSampleIsGiven) {
  const auto refuse = [](const Arguments& more, const std::vector<std::string>& parts) {
    expect_sample_refused(generator(), kConfigCode, parts, more);
  };
  // The last of a repeated option does not win: each is given where tiny_sample() does not.
  refuse({"--sampler", "ddim"}, {"sampler is 'ddim', wanted euler or unipc"});
  refuse({"--schedule", "karras"}, {"--schedule is \"karras\", wanted flow or diffusers"});
  for (const char* schedule : {"flow", "diffusers"})
    refuse({"--sampler", "unipc", "--schedule", schedule},
           {"--schedule is", "unipc", "give --sampler euler"});
  refuse({"--negative", "ugly"}, {"--negative would be ignored with --guidance 1"});
  refuse({"--seed", "-1"}, {"--seed"});
  refuse({"--fps", "0"}, {"--fps"});
  refuse({"--shift", "-1"}, {"--shift"});
  refuse({"--dtype", "float8"}, {"'float8'"});
  const TemporaryFolder folder;
  const auto sample = [&](const Arguments& arguments) {
    return run_drf(
        joined({"sample", "--model", generator(), "--prompt", "a ball", "--text-length", "24"}, arguments));
  };
  const std::string out = (folder / "a.png").string();
  EXPECT_TRUE(refused(sample({"--frames", "6", "--size", "16x16", "-o", out}), kConfigCode, {"use 5 or 9"}));
  EXPECT_TRUE(
      refused(sample({"--frames", "1000000000001", "--size", "16x16", "-o", out}), kConfigCode, {"at most"}));
  EXPECT_TRUE(refused(sample({"--frames", "5", "--size", "17x16", "-o", out}), kConfigCode, {"width is 17"}));
  EXPECT_TRUE(refused(sample({"--frames", "5", "--size", "16", "-o", out}), kConfigCode, {"WIDTHxHEIGHT"}));
  EXPECT_TRUE(refused(sample({"--guidance", "0.5", "-o", out}), kConfigCode, {"--guidance is 0.5"}));
  EXPECT_TRUE(refused(sample({"--guidance", "nan", "-o", out}), kConfigCode, {"--guidance is nan"}));
  EXPECT_TRUE(refused(sample({"--steps", "0", "-o", out}), kConfigCode, {"--steps"}));
  EXPECT_TRUE(refused(sample({"--steps", "100000000000", "-o", out}), kConfigCode, {"--steps"}));
  EXPECT_TRUE(refused(sample({}), kConfigCode, {"nothing to write"}));
  EXPECT_TRUE(
      refused(sample({"-o", (folder / "a.xyz").string()}), kConfigCode, {"unknown extension '.xyz'"}));
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
}

TEST(CliErrors, AGeneratorOfFieldsHasNeitherFramesNorWords) {
  const TemporaryFolder folder;
  const auto sample = [&](const Arguments& more) {
    return run_drf(joined({"sample", "--model", source_path("assets/fields").string(), "--frames", "1",
                           "--size", "32x32", "--steps", "2", "--guidance", "1"},
                          more));
  };
  const std::string png = (folder / "a.png").string(), latents = (folder / "l.safetensors").string();
  EXPECT_TRUE(refused(sample({"--prompt", "", "-o", png}), kConfigCode,
                      {"-o wants frames", "give --save-latents alone"}));
  EXPECT_TRUE(refused(sample({"--prompt", "a ball", "--save-latents", latents}), kConfigCode,
                      {"reads no text, got the prompt"}));
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
  EXPECT_EQ(sample({"--prompt", "", "--save-latents", latents}).code, 0);

  Model model(source_path("assets/fields").string());
  const auto train = [&](const Arguments& sets) {
    Arguments command{"train", source_path("configs/fields.toml").string()};
    for (const std::string& set :
         joined({"generator.path=" + model.path(), "output.dir=" + (folder / "run").string()}, sets))
      command = joined(command, {"--set", set});
    return run_drf(command);
  };
  EXPECT_TRUE(
      refused(train({"rewards.0.equation=darcy"}), kConfigCode, {"equation is darcy", "fields of poisson"}));
  EXPECT_TRUE(refused(train({"rewards.0.equation=poison"}), kConfigCode, {"did you mean \"poisson\"?"}));
  EXPECT_TRUE(refused(train({"sampling.frames=5"}), kConfigCode, {"a field is one frame"}));
  EXPECT_TRUE(refused(train({"sampling.width=30"}), kConfigCode, {"width is 30", "use 28"}));
  model.edit("fields.json", "/equation", "burgers");
  EXPECT_TRUE(refused(train({}), kInputCode, {"fields.json: channels", "the equation burgers has [\"u\"]"}));
  model.edit("fields.json", "/equation", "poisson").edit("fields.json", "/std/1", 0);
  EXPECT_TRUE(refused(train({}), kInputCode, {"fields.json: std: holds 0"}));
  model.remove("fields.json");
  EXPECT_TRUE(refused(train({}), kInputCode, {"fields.json"}));
  EXPECT_EQ(tree(folder / "run"), std::vector<std::string>{});
}

TEST(CliErrors, NoiseAndAdaptersMustFit) {
  const TemporaryFolder folder;
  const std::string file = (folder / "n.safetensors").string();
  const auto noise = [&](const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                         const std::vector<std::string>& parts) {
    write_safetensors(file, tensors);
    expect_sample_refused(generator(), kInputCode, parts, {"--noise", file});
    expect_train_refused({"sampling.noise=" + file}, kInputCode, parts);
  };
  noise({{"noise", at::zeros({8, 3, 4, 4})}},
        {"'noise' has shape [8, 3, 4, 4], these settings need [8, 2, 4, 4]"});
  noise({{"noise", at::full({8, 2, 4, 4}, std::nan(""))}}, {"'noise' must be finite"});
  noise({{"noise", at::zeros({8, 2, 4, 4}, at::kLong)}}, {"'noise' must be finite floating-point"});
  noise({{"x", at::zeros({1})}}, {"no tensor 'noise'"});
  const auto lora = [&](const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                        const std::vector<std::string>& parts) {
    write_safetensors(file, tensors);
    expect_sample_refused(generator(), kInputCode, parts, {"--lora", file});
  };
  const std::string layer = "transformer.blocks.0.attn1.to_q.lora_";
  lora({{layer + "A.weight", at::zeros({4, 1536})}, {layer + "B.weight", at::zeros({1536, 4})}},
       {"has shape [4, 1536], wanted [rank, 160]", "another size of model"});
  lora({{"transformer.single_blocks.0.attn.to_q.lora_A.weight", at::zeros({4, 160})},
        {"transformer.single_blocks.0.attn.to_q.lora_B.weight", at::zeros({160, 4})}},
       {"there is no linear layer", "another model"});
  lora({{layer + "A.weight", at::zeros({4, 160})}}, {"has no partner"});
  lora({{"w", at::zeros({1})}}, {"no part of a low-rank pair"});
  expect_sample_refused(generator(), kInputCode, {"/nope"}, {"--lora", "/nope"});
}

TEST(CliErrors, WhatCannotBeWritten) {
  const TemporaryFolder folder;
  // A new folder for the result is made; a file in its place is not overwritten.
  EXPECT_EQ(run_drf(tiny_sample(generator(), {"-o", (folder / "new/deep/a.png").string()})).code, 0);
  EXPECT_EQ(tree(folder / "new"), (std::vector<std::string>{"deep", "deep/a.png"}));
  write_text(folder / "file", "mine");
  EXPECT_TRUE(refused(run_drf(tiny_sample(generator(), {"-o", (folder / "file/a.png").string()})),
                      kResourcesCode, {"file"}));
  EXPECT_TRUE(refused(run_drf(tiny_config("train", {"output.dir=" + (folder / "file/run").string()})),
                      kResourcesCode, {"file/run"}));
  EXPECT_EQ(read_file(folder / "file"), "mine");
  EXPECT_TRUE(refused(run_drf({"questions", "assets/tiny/prompts.txt", "-o", folder.path().string()}),
                      kConfigCode, {"is a folder, wanted a file"}));
  // A device is written to: it reports its own error, and is still there.
  EXPECT_TRUE(refused(run_drf({"questions", "assets/tiny/prompts.txt", "-o", "/dev/full"}), kResourcesCode,
                      {"/dev/full: cannot be written: No space left on device"}));
  EXPECT_TRUE(refused(run_drf(tiny_sample(generator(), {"--save-frames", "/dev/full"})), kResourcesCode,
                      {"No space left on device"}));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  ProcessOptions to_full;
  to_full.stdout_file = "/dev/full";
  EXPECT_TRUE(
      refused(run_drf({"questions", "assets/tiny/prompts.txt"}, to_full), kResourcesCode, {"stdout"}));
}

TEST(CliErrors, AReadOnlyFolderIsNamedBeforeAnyWork) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  // Root may write anywhere except where the kernel itself refuses.
  const std::string place = ::geteuid() == 0 ? "/proc/drf" : (folder / "locked/x").string();
  EXPECT_TRUE(refused(run_drf(tiny_config("train", {"output.dir=" + place})), kResourcesCode, {place}));
  EXPECT_TRUE(refused(run_drf(tiny_sample(generator(), {"-o", place + "/a.png"})), kResourcesCode, {place}));
  EXPECT_TRUE(refused(run_drf(joined(tiny_config("gradient", {}), {"-o", place + "/g.safetensors"})),
                      kResourcesCode, {place}));
  fs::permissions(folder / "locked", fs::perms::owner_all);
}

TEST(CliErrors, AFullDiskLeavesNothingHalfWritten) {
  ProcessOptions full;
  full.largest_file = 2000;
  for (const char* name : {"a.png", "a.gif"}) {
    const TemporaryFolder folder;
    ProcessOptions smaller = full;
    smaller.largest_file = 300;
    EXPECT_TRUE(refused(run_drf(tiny_sample(generator(), {"-o", (folder / name).string()}), smaller),
                        kResourcesCode, {name, "cannot be written"}));
    EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
  }
  const TemporaryFolder folder;
  EXPECT_TRUE(
      refused(run_drf(tiny_sample(generator(), {"--save-frames", (folder / "f.safetensors").string()}), full),
              kResourcesCode, {"f.safetensors", "File too large"}));
  EXPECT_TRUE(
      refused(run_drf({"questions", "assets/tiny/prompts.txt", "-o", (folder / "q.jsonl").string()}, full),
              kResourcesCode, {"q.jsonl"}));
  EXPECT_TRUE(
      refused(run_drf(joined(tiny_config("gradient", {}), {"-o", (folder / "g.safetensors").string()}), full),
              kResourcesCode, {"g.safetensors"}));
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
}

TEST(CliErrors, AReaderThatLeavesEndsTheProgramQuietly) {
  ProcessOptions gone;
  gone.close_stdout = true;
  const Outcome outcome = run_drf({"questions", "assets/tiny/prompts.txt"}, gone);
  EXPECT_EQ(outcome.code, 128 + SIGPIPE);
  EXPECT_EQ(outcome.err, "");
}

TEST(CliErrors, TokenizeAndInspectRefuseRubbish) {
  const TemporaryFolder folder;
  ProcessOptions broken;
  broken.input = "caf\xE9\n";
  EXPECT_TRUE(
      refused(run_drf({"tokenize", "--tokenizer", critic()}, broken), kInputCode, {"stdin:1", "not UTF-8"}));
  ProcessOptions words;
  words.input = "one two\n";
  EXPECT_TRUE(
      refused(run_drf({"tokenize", "--tokenizer", critic(), "--decode"}, words), kInputCode, {"stdin:1"}));
  words.input = "999999\n";
  EXPECT_TRUE(
      refused(run_drf({"tokenize", "--tokenizer", critic(), "--decode"}, words), kInputCode, {"999999"}));
  EXPECT_TRUE(refused(run_drf({"tokenize", "--tokenizer", "/nope"}), kInputCode, {"/nope"}));
  write_text(folder / "rubbish", std::string(100, '\xFF'));
  EXPECT_TRUE(
      refused(run_drf({"inspect", (folder / "rubbish").string()}), kInputCode, {"not a valid safetensors"}));
  EXPECT_TRUE(refused(run_drf({"inspect", folder.path().string()}), kInputCode, {"holds neither"}));
  EXPECT_TRUE(refused(run_drf({"inspect", "/nope"}), kInputCode, {"/nope"}));
  write_text(folder / "m/model_index.json", "{");
  EXPECT_TRUE(refused(run_drf({"inspect", (folder / "m").string()}), kInputCode, {"not a JSON object"}));
}

TEST(CliErrors, ResultsAloneGoToStdout) {
  const TemporaryFolder folder;
  const std::string out = (folder / "a.gif").string();
  EXPECT_EQ(run_drf(tiny_sample(generator(), {"-o", out})).out, out + "\n");
  const ScoreFiles files;
  const Outcome outcome = files.score(critic(), {"--json"});
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["id"], "a");
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
}

// Frames and answers of each type beside those of float64. The bounds are two to four times what was measured
// for the frames (4.5e-6, 8.6e-3, 7.8e-2), which is some twenty times a type's rounding (2^-24, 2^-11, 2^-8),
// which every one of the models' layers adds anew.
TEST(CliErrors, EveryFloatingTypeRunsAndAgreesWithFloat64) {
  const TemporaryFolder folder;
  const ScoreFiles files;
  const auto run = [&](const std::string& dtype) {
    const std::string frames = (folder / dtype).string();
    const Outcome sampled =
        run_drf(tiny_sample(generator(), {"--dtype", dtype, "--threads", "1", "--save-frames", frames}));
    EXPECT_EQ(sampled.code, 0) << dtype << ": " << sampled.err;
    const Outcome scored = files.score(critic(), {"--dtype", dtype, "--json"});
    EXPECT_EQ(scored.code, 0) << dtype << ": " << scored.err;
    return std::pair{SafetensorsFile(frames).get("frames").to(at::kDouble),
                     nlohmann::json::parse(scored.out)["logprob"].get<double>()};
  };
  const auto [frames, logprob] = run("float64");
  EXPECT_GT(frames.std().item<double>(), 0.05);  // a clip, not a constant
  EXPECT_LT(logprob, -0.01);                     // nor an answer that any number would give
  const std::vector<std::pair<std::string, double>> cases = {
      {"float32", 2e-5}, {"float16", 3e-2}, {"bfloat16", 2e-1}};
  for (const auto& [dtype, bound] : cases) {
    const auto [got, answer] = run(dtype);
    const double error = ((got - frames).norm() / frames.norm()).item<double>();
    RecordProperty(dtype, concat(error, " ", std::abs(answer - logprob)));
    EXPECT_LT(error, bound) << dtype;
    EXPECT_GT(error, 0) << dtype << " changed nothing";
    EXPECT_NEAR(answer, logprob, bound * std::max(1.0, std::abs(logprob))) << dtype;
    EXPECT_NE(answer, logprob) << dtype << " changed nothing";
  }
}

TEST(CliHelp, CommandsThatRunModelsTakeThreadsDeviceAndDtype) {
  for (const char* command :
       {"demo", "train", "plan", "selfcheck", "bench", "eval", "sample", "score", "gradient"}) {
    const Outcome outcome = run_drf({command, "--help"});
    EXPECT_EQ(outcome.code, 0) << command;
    for (const char* option : {"--threads", "--device", "--dtype", "--help"})
      EXPECT_NE(outcome.out.find(option), std::string::npos) << command << " lacks " << option;
  }
}

// Options that nothing would read. Everything else about each command line is right.
TEST(CliErrors, NoOptionIsAcceptedAndIgnored) {
  const TemporaryFolder folder;
  write_text(folder / "run/config.toml", "seed = 1\n");
  const std::vector<Arguments> without_models = {{"tokenize", "--tokenizer", critic()},
                                                 {"inspect", critic()},
                                                 {"report", (folder / "run").string()},
                                                 {"questions", "assets/tiny/prompts.txt"}};
  for (const Arguments& command : without_models) {
    EXPECT_EQ(run_drf(command).code, 0) << concat(command);
    for (const Arguments& option :
         {Arguments{"--device", "cpu"}, {"--dtype", "float32"}, {"--threads", "1"}}) {
      EXPECT_TRUE(refused(run_drf(joined(command, option)), kConfigCode, {option[0], command[0] + " --help"}))
          << concat(command, option);
    }
  }
  EXPECT_TRUE(refused(run_drf({"questions", "assets/tiny/prompts.txt", "--no-twins", "--seed", "4"}),
                      kConfigCode, {"--no-twins", "--seed"}));
  EXPECT_TRUE(refused(run_drf({"inspect", critic(), "--tensors"}), kConfigCode, {"--tensors wants a"}));

  const std::string noise = (folder / "n.safetensors").string(), frames = (folder / "f.safetensors").string();
  write_safetensors(noise, {{"noise", at::zeros({8, 2, 4, 4})}});
  EXPECT_EQ(run_drf(tiny_sample(generator(), {"--noise", noise, "--save-frames", frames})).code, 0);
  fs::remove(frames);
  const auto refuse = [&](const Arguments& more, const std::vector<std::string>& parts) {
    const Outcome outcome = run_drf(tiny_sample(generator(), joined({"--save-frames", frames}, more)));
    EXPECT_TRUE(refused(outcome, kConfigCode, parts)) << concat(more);
    EXPECT_FALSE(fs::exists(frames)) << concat(more);
  };
  refuse({"--noise", noise, "--seed", "0"}, {"--noise", "--seed"});
  refuse({"--lora-scale", "1"}, {"--lora-scale", "--lora"});
  refuse({"--fps", "8"}, {"--fps", "--output"});
  for (const char* name : {"a.png", "a.PNG"})
    refuse({"--fps", "8", "-o", (folder / name).string()}, {"--fps would be ignored", name});

  const ScoreFiles files;
  EXPECT_TRUE(refused(files.score(critic(), {"--end-token"}), kConfigCode, {"--end-token would be ignored"}));
  const std::string prompt = (folder / "p.txt").string();
  write_text(prompt, "a red ball\n");
  expect_train_refused({"reward.end_token=true", "questions.dense=true", "questions.templates=",
                        "prompts.train=" + prompt, "questions.file=" + (files.folder / "q.jsonl").string()},
                       kConfigCode, {"reward.end_token is true, but no question of", "p.txt"});
}

TEST(CliErrors, InspectGivesJsonAlone) {
  const TemporaryFolder folder;
  const std::string file = (folder / "a.safetensors").string();
  write_safetensors(file, {{"x", at::zeros({2, 3})}});
  const Outcome outcome = run_drf({"inspect", file, "--json", "--tensors"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string part, tensor, end;
  ASSERT_TRUE(std::getline(lines, part) && std::getline(lines, tensor));
  EXPECT_FALSE(std::getline(lines, end)) << end;
  EXPECT_EQ(nlohmann::json::parse(part)["tensors"], 1);
  EXPECT_EQ(nlohmann::json::parse(tensor),
            (nlohmann::json{{"tensor", "x"}, {"dtype", "F32"}, {"shape", {2, 3}}}));
}

}  // namespace
}  // namespace drf::testing
