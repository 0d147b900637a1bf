#include "drf/cli/question_writer.h"

#include <cstdlib>
#include <set>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/log.h"
#include "drf/cli/assets.h"
#include "drf/critic/open_critic.h"
#include "drf/media/clip.h"
#include "drf/run/run_directory.h"
#include "drf/writer/clip_list.h"
#include "drf/writer/critic_identity.h"
#include "drf/writer/critic_text_model.h"
#include "drf/writer/endpoint.h"

namespace drf::cli {
namespace {

// Who is asked, whether a command or a run says so.
struct Who {
  std::string source, critic;
  writer::EndpointOptions endpoint;
  critic::CriticOptions critic_options;
  double fps = 16;
};

// The key is read here, where a command begins, and goes nowhere but to the server.
writer::EndpointOptions endpoint_options(const std::string& url, const std::string& model,
                                         const std::string& key_env, const char* key) {
  writer::EndpointOptions o;
  o.url = url;
  o.model = model;
  o.key_env = key_env;
  if (key_env.empty()) return o;
  const char* const value = std::getenv(key_env.c_str());
  if (!value || !*value)
    fail(ErrorKind::kResources, key, " is ", key_env,
         ", but the environment has no such variable; export it");
  o.key = value;
  return o;
}

writer::SourceModels models_of(const Who& who) {
  writer::SourceModels models;
  models.text_writes = who.source != "templates";
  if (who.source == "endpoint") {
    models.text = [who] { return writer::open_endpoint(who.endpoint); };
  } else if (!who.critic.empty()) {
    models.text = [who] {
      return writer::open_critic_text_model(who.critic, who.critic_options.dtype, who.critic_options.device);
    };
  }
  if (!who.critic.empty()) {
    models.critic = [who] { return critic::open_critic(who.critic, who.critic_options); };
    models.critic_identity = [who] { return writer::critic_identity(who.critic, who.critic_options); };
  }
  models.critic_frames = who.critic_options.frames;
  models.fps = who.fps;
  models.dtype = who.critic_options.dtype == at::kDouble ? at::kDouble : at::kFloat;
  models.device = who.critic_options.device;
  return models;
}

writer::ClipSource clips_of(const std::string& path, size_t prompts, const writer::SourceModels& models) {
  writer::ClipSource clips;
  clips.files = writer::read_clip_list(path, static_cast<int64_t>(prompts));
  clips.read = [dtype = models.dtype, device = models.device](const std::filesystem::path& file) {
    const media::Clip clip = media::read_video(file);
    const bool plays = clip.fps >= 0.01 && clip.fps <= 1000;
    return writer::ClipSource::Clip{clip.frames.to(device, dtype), plays ? clip.fps : 16};
  };
  return clips;
}

std::filesystem::path instructions_folder(const std::string& given) {
  return given.empty() ? bundled_root() / "configs/writer" : std::filesystem::path(given);
}

}  // namespace

void add_writer_options(CLI::App& app, WriterOptions& o) {
  app.add_option("--source", o.source, "who writes: templates, critic or endpoint")->capture_default_str();
  app.add_option(
      "--critic", o.critic,
      "critic's folder: writes with --source critic, and checks what was written, also by templates");
  app.add_option("--url", o.url, "--source endpoint: base address of an OpenAI-compatible server");
  app.add_option("--model", o.model, "the model's name on it");
  app.add_option("--key-env", o.key_env, "environment variable with its key");
  app.add_option("--parallel", o.parallel, "requests in flight at the server")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--requests-per-minute", o.requests_per_minute,
                 "requests begun at most, evenly; 0 = no limit")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--instructions", o.instructions,
                 "folder of ta.txt, pf.txt, vq.txt (default: configs/writer)");
  app.add_flag("--paraphrases", o.paraphrases, "also each question in other words, never trained on");
  app.add_option("--held-out", o.held_out, "share of the facts that is never trained on")
      ->check(number_from(0, 0.99));
  app.add_option(
      "--calibrate", o.calibrate,
      "real clips of the prompts (folder of p12.mp4, ..., or JSON lines): drops what the critic gets "
      "wrong on them");
  app.add_option(
      "--weigh-by-variance", o.base_clips,
      "clips of the base model, two or more a prompt, named alike: weighs questions by the variance "
      "of p over them");
  app.add_option("--critic-frames", o.critic_frames, "frames of a clip that the critic sees")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--max-pixels", o.max_pixels, "pixels a frame at most (default: the checkpoint's limit)")
      ->check(number_from(1, 4294967296.0));
  add_common_options(app, o.common);
}

bool wants_writer(const CLI::App& app, const WriterOptions& o) {
  const auto given = [&](const char* option) { return app.count(option) > 0; };
  if (o.source != "templates" && o.source != "critic" && o.source != "endpoint")
    fail(ErrorKind::kConfig, "--source is '", o.source, "', wanted templates, critic or endpoint");
  const auto refuse = [&](const char* option, const char* reader) {
    if (given(option))
      fail(ErrorKind::kConfig, option, " would be ignored: only ", reader,
           " reads it; see drf questions --help");
  };
  if (o.source != "endpoint") {
    for (const char* option : {"--url", "--model", "--key-env", "--parallel", "--requests-per-minute"})
      refuse(option, "--source endpoint");
  }
  if (o.source == "templates") {
    for (const char* option : {"--instructions", "--paraphrases"}) refuse(option, "a source that writes");
  }
  if (o.critic.empty()) {
    if (o.source == "critic") fail(ErrorKind::kConfig, "--source critic wants --critic FOLDER");
    for (const char* option : {"--calibrate", "--weigh-by-variance", "--critic-frames", "--max-pixels",
                               "--device", "--dtype", "--threads"})
      refuse(option, "a command with --critic");
  }
  if (o.source == "endpoint" && (o.url.empty() || o.model.empty()))
    fail(ErrorKind::kConfig, "--source endpoint wants --url ADDRESS and --model NAME");
  return o.source != "templates" || !o.critic.empty();
}

writer::MadeQuestions write_questions(const WriterOptions& o, const writer::MakerOptions& make,
                                      const std::vector<std::string>& prompts,
                                      const std::vector<std::string>& references,
                                      const std::filesystem::path& output) {
  Who who{o.source, o.critic, {}, {}};
  if (o.source == "endpoint") {
    who.endpoint = endpoint_options(o.url, o.model, o.key_env, "--key-env");
    who.endpoint.parallel = o.parallel;
    who.endpoint.requests_per_minute = o.requests_per_minute;
  }
  who.critic_options.device = apply(o.common);
  who.critic_options.dtype = o.common.dtype.empty() ? at::kFloat : parse_dtype(o.common.dtype);
  who.critic_options.frames = o.critic_frames;
  who.critic_options.max_pixels = o.max_pixels;
  const writer::SourceModels models = models_of(who);
  writer::SourceFiles files;
  if (models.text_writes) files.instructions = instructions_folder(o.instructions);
  if (models.text && !output.empty()) files.answers = output.string() + ".answers.jsonl";
  if (!o.calibrate.empty()) files.calibrate = clips_of(o.calibrate, prompts.size(), models);
  if (!o.base_clips.empty()) files.base = clips_of(o.base_clips, prompts.size(), models);
  return writer::make_questions(prompts, references, make, models, files);
}

void require_questions(const writer::MadeQuestions& made, const std::filesystem::path& dropped) {
  const std::vector<writer::Place>& empty = made.stats.empty;
  if (empty.empty()) return;
  std::set<int64_t> asked;
  for (const questions::Question& q : made.questions) asked.insert(q.prompt);
  const std::string why = dropped.empty() ? "" : concat(", why stands in ", dropped);
  for (const writer::Place& place : empty) {
    if (asked.count(place.first)) continue;
    fail(ErrorKind::kInput, "no question of prompt ", place.first,
         " is left: all that could be asked is wrong ", "on its clips, or cannot be read by the critic", why,
         "; take it out of the prompts, or its clips out of --calibrate");
  }
  log_warning("questions", empty.size(),
              " prompt aspects are left without a question: ", writer::places_of(empty), why);
}

void require_any_written(const writer::MadeQuestions& made, const std::string& source,
                         const std::filesystem::path& made_file) {
  if (made.stats.writer.empty() || made.any_written) return;
  fail(ErrorKind::kInput, "nothing that ", source, " (", made.stats.writer, ") wrote was kept: all ",
       made.stats.drafts, " facts were dropped",
       made_file.empty() ? "" : concat(", why stands in ", made_file),
       made.stats.first_unanswered.empty() ? "" : concat("; ", made.stats.first_unanswered),
       "; take a more capable model, or the source templates");
}

run::WriteQuestions question_writer(const run::RunConfig& config, const std::filesystem::path& folder,
                                    at::Device device, const std::string& dtype) {
  if (!config.questions.written()) return {};
  return [&config, folder, device, dtype](const std::vector<std::string>& prompts,
                                          const std::vector<std::string>& references) {
    Who who{config.questions.source, config.critic.path, {}, {}, config.sampling.fps};
    if (who.source == "endpoint") {
      const run::WriterConfig& w = config.writer;
      who.endpoint = endpoint_options(w.url, w.model, w.key_env, "writer.key_env");
      who.endpoint.parallel = w.parallel;
      who.endpoint.requests_per_minute = w.requests_per_minute;
    }
    who.critic_options.device = device;
    who.critic_options.dtype = run::scalar_type(dtype.empty() ? config.critic.dtype : dtype, "critic.dtype");
    who.critic_options.frames = config.critic.frames;
    who.critic_options.max_pixels = config.critic.max_pixels;
    writer::MakerOptions make;
    make.questions = run::question_options(config);
    for (auto it = make.questions.aspects.begin(); it != make.questions.aspects.end();) {
      const auto weight = config.reward.weights.find(questions::to_string(*it));
      const bool counts = weight != config.reward.weights.end() && weight->second > 0;
      it = counts ? std::next(it) : make.questions.aspects.erase(it);
    }
    make.templates = run::template_set(config);
    make.paraphrases = config.questions.paraphrases;
    make.held_out = config.questions.held_out;
    make.questions.seed = static_cast<uint64_t>(config.seed);
    const writer::MadeQuestions made = writer::make_questions(
        prompts, references, make, models_of(who),
        {instructions_folder(config.writer.instructions), folder / run::kAnswersFile, {}, {}});
    const std::filesystem::path dropped = folder / run::kDroppedFile;
    write_file_atomically(dropped, made.ledger.to_json_lines());
    std::istringstream lines(writer::describe(made));
    for (std::string line; std::getline(lines, line);) log_info("questions", line);
    require_questions(made, dropped);
    require_any_written(made, who.source, dropped);
    return made.questions;
  };
}

}  // namespace drf::cli
