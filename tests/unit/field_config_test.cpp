// fields.json: what it says, and every way in which it cannot be meant.
#include "drf/models/fields/field_config.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace drf::fields {
namespace {

using testing::error_of;
using testing::says;

nlohmann::json poisson() {
  return nlohmann::json::parse(
      R"({"channels": ["f", "u"], "mean": [0.5, -1], "std": [2, 0.25], "equation": "poisson"})");
}

FieldConfig read(const nlohmann::json& json) { return FieldConfig::read(JsonConfig(json, "fields.json")); }

std::string refusal(const nlohmann::json& json) {
  return error_of(ErrorKind::kInput, [&] { read(json); });
}

std::string refusal_with(const std::string& key, const nlohmann::json& value) {
  nlohmann::json json = poisson();
  json[key] = value;
  return refusal(json);
}

TEST(FieldConfig, WhatIsLeftOutIsPlain) {
  const FieldConfig config = read(poisson());
  EXPECT_EQ(config.equation, Equation::kPoisson);
  EXPECT_EQ(config.mean, (std::vector<double>{0.5, -1}));
  EXPECT_EQ(config.std, (std::vector<double>{2, 0.25}));
  EXPECT_EQ(config.residual_scale, 1);
  EXPECT_FALSE(config.data);
}

TEST(FieldConfig, DataAndScaleAreRead) {
  nlohmann::json json = poisson();
  json["residual_scale"] = 0.28;
  json["data"] = {{"samples", 64},
                  {"mean_abs_r", 3e-7},
                  {"mean_square_r", 2e-13},
                  {"variance", {0.1, 0.2}},
                  {"power", {{3, 2, 1}, {6, 5, 4}}}};
  const FieldConfig config = read(json);
  EXPECT_EQ(config.residual_scale, 0.28);
  ASSERT_TRUE(config.data);
  EXPECT_EQ(config.data->samples, 64);
  EXPECT_EQ(config.data->mean_abs_r, 3e-7);
  EXPECT_EQ(config.data->power[1], (std::vector<double>{6, 5, 4}));
}

TEST(FieldConfig, EveryEquationHasItsChannels) {
  for (size_t i = 0; i < equation_names().size(); ++i) {
    const auto equation = static_cast<Equation>(i);
    nlohmann::json json = {{"equation", equation_names()[i]}, {"channels", channels_of(equation)}};
    json["mean"] = json["std"] = std::vector<double>(channels_of(equation).size(), 1.0);
    if (equation == Equation::kKolmogorov) json["time_spacing"] = 0.125;
    EXPECT_EQ(read(json).equation, equation);
    EXPECT_EQ(read(json).time_spacing, equation == Equation::kKolmogorov ? 0.125 : 0);
  }
  nlohmann::json timeless = {
      {"equation", "kolmogorov"}, {"channels", {"w1", "w2", "w3"}}, {"mean", {0, 0, 0}}, {"std", {1, 1, 1}}};
  EXPECT_TRUE(says(refusal(timeless), "time_spacing: is missing"));
}

TEST(FieldConfig, WhatCannotBeMeantIsRefusedByItsKey) {
  EXPECT_TRUE(says(refusal_with("equation", "navier"),
                   "fields.json: equation: is \"navier\", wanted one of [poisson"));
  EXPECT_TRUE(says(refusal_with("equation", 3), "equation"));
  EXPECT_TRUE(says(refusal_with("equation", "burgers"),
                   R"(channels: is ["f","u"], but the equation burgers has ["u"])"));
  EXPECT_TRUE(says(refusal_with("channels", {"u", "f"}), R"(poisson has ["f","u"] in this order)"));
  EXPECT_TRUE(says(refusal_with("channels", {"f"}), "channels"));
  EXPECT_TRUE(says(refusal_with("channels", "f"), "channels"));
  EXPECT_TRUE(says(refusal_with("mean", {0.0}), "mean: has 1 numbers, wanted 2"));
  EXPECT_TRUE(says(refusal_with("std", {1, 1, 1}), "std: has 3 numbers, wanted 2"));
  EXPECT_TRUE(says(refusal_with("std", {1, 0}), "std: holds 0"));
  EXPECT_TRUE(says(refusal_with("std", {-1, 1}), "std"));
  EXPECT_TRUE(says(refusal_with("mean", {"a", "b"}), "mean"));
  EXPECT_TRUE(says(refusal_with("residual_scale", 0), "residual_scale"));
  EXPECT_TRUE(says(refusal_with("residual_scale", "large"), "residual_scale"));
  EXPECT_TRUE(
      says(refusal_with("time_spacing", 0.5), "time_spacing: is set, which means nothing for poisson"));
  for (const char* key : {"equation", "channels", "mean", "std"}) {
    nlohmann::json json = poisson();
    json.erase(key);
    EXPECT_TRUE(says(refusal(json), concat(key, ": is missing")));
  }
}

TEST(FieldConfig, DataThatNothingCanBeComparedWithAreRefused) {
  const nlohmann::json good = {{"samples", 64},
                               {"mean_abs_r", 0},
                               {"mean_square_r", 0},
                               {"variance", {1, 1}},
                               {"power", {{1, 2}, {1, 2}}}};
  EXPECT_NO_THROW(read([&] {
    auto json = poisson();
    json["data"] = good;
    return json;
  }()));
  const auto with = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json data = good;
    data[key] = value;
    return refusal_with("data", data);
  };
  EXPECT_TRUE(says(with("variance", {1}), "fields.json: data: variance"));
  EXPECT_TRUE(says(with("variance", {1, 0}), "variance"));
  EXPECT_TRUE(says(with("power", {{1, 2}}), "power"));
  EXPECT_TRUE(says(with("power", {{1, 2}, {1}}), "unequal"));
  EXPECT_TRUE(says(with("power", {{1, 0}, {1, 1}}), "power"));
  EXPECT_TRUE(says(with("power", 1), "power"));
  EXPECT_TRUE(says(with("samples", 0), "samples"));
  EXPECT_TRUE(says(with("mean_abs_r", nullptr), "mean_abs_r"));
  EXPECT_TRUE(says(refusal_with("data", 5), "data"));
}

TEST(Equation, ANameIsMendedAndRefused) {
  EXPECT_EQ(parse_equation("darcy", "rewards.equation"), Equation::kDarcy);
  const std::string message =
      error_of(ErrorKind::kConfig, [] { parse_equation("poison", "rewards.equation"); });
  EXPECT_TRUE(says(message, "rewards.equation is \"poison\""));
  EXPECT_TRUE(says(message, "did you mean \"poisson\"?"));
}

}  // namespace
}  // namespace drf::fields
