#pragma once
// A language model that reads text and writes text, whatever it runs on: the run's own critic
// (critic_text_model.h) or a server (endpoint.h). Questions are written, and tested, through it alone; which
// one it is, nobody asks.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace drf::writer {

/// A chat that ends with what the model is to answer. UTF-8.
struct TextRequest {
  struct Turn {
    std::string role;  ///< "system", "user" or "assistant"
    std::string text;
  };
  std::vector<Turn> turns;
  /// JSON schema (one object as text; the subset of json_schema.h) that the answer must satisfy; "" = free
  /// text.
  std::string schema;
  int64_t max_tokens = 1024;  ///< of the answer, > 0
  /// Its answer is there already: none is wanted, and done() is not called. It stands here for a model whose
  /// answers depend, in their last bits, on what is asked beside them.
  bool answered = false;
};

struct TextAnswer {
  std::string text;      ///< "" where `error` says why there is none
  std::string error;     ///< one line; "" = answered
  bool complete = true;  ///< false: max_tokens cut it
  int64_t prompt_tokens = 0, answer_tokens = 0;
};

/// What the model holds of a yes: asked a yes/no question after a text, without writing anything.
struct YesNo {
  double p_yes =
      0;  ///< in [0, 1], among the spellings of yes and no; NaN where `error` says why there is none
  std::string error;  ///< one line; "" = answered
};

class TextModel {
 public:
  virtual ~TextModel() = default;
  /// Answers in the requests' order. done(i, answer) is called once for each that is wanted, as soon as it is
  /// known, in any order, from the calling thread; what it throws ends the call. A request that fails has its
  /// error in its answer; Error is thrown only where no further request can succeed (no server, no key, no
  /// memory).
  using Done = std::function<void(size_t, const TextAnswer&)>;
  virtual std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) = 0;
  /// How sure the model is that the last turn's question is to be answered with yes; `schema` and
  /// `max_tokens` are not read.
  using Judged = std::function<void(size_t, const YesNo&)>;
  virtual std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) = 0;
  /// What its answers depend on besides the request (model, address, version), for keys of caches and the
  /// header of files.
  virtual std::string identity() const = 0;
};

}  // namespace drf::writer
