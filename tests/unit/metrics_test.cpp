#include "drf/run/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "drf/base/files.h"
#include "drf/run/tensorboard.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace drf::run {
namespace {

using drf::testing::error_of;
using drf::testing::FileSizeLimit;
using drf::testing::says;
using drf::testing::TemporaryFolder;
using drf::testing::write_text;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string line(int64_t update) { return nlohmann::json{{"update", update}}.dump() + "\n"; }

TEST(MetricsFile, EveryUpdateIsOneLineThatIsThereAtOnce) {
  TemporaryFolder folder;
  MetricsFile metrics(folder / "runs/metrics.jsonl", 0);
  metrics.append({{"update", 1}, {"reward", 0.5}, {"aspects", {{"TA", 1}}}});
  EXPECT_EQ(read_file(folder / "runs/metrics.jsonl"),
            "{\"update\":1,\"reward\":0.5,\"aspects\":{\"TA\":1}}\n");
  metrics.append({{"update", 2}, {"reward", std::nan("")}});
  EXPECT_TRUE(says(read_file(folder / "runs/metrics.jsonl"), "{\"update\":2,\"reward\":null}\n"));
}

TEST(MetricsFile, AResumedRunDropsWhatLiesBeyondItsCheckpoint) {
  TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  write_text(file, line(1) + line(2) + line(3) + "{\"upd");  // the process died while it wrote
  MetricsFile metrics(file, 2);
  metrics.append({{"update", 3}});
  EXPECT_EQ(read_file(file), line(1) + line(2) + line(3));
  write_text(file, "{\"upd");
  MetricsFile again(file, 0);
  EXPECT_EQ(read_file(file), "");
}

// Damage in the middle is no reason to end a run.
TEST(MetricsFile, LinesThatAreDamagedAreDroppedAndCounted) {
  TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  write_text(file, line(1) + "{\"upd" + line(2) + "hello\n\n[1]\n{\"step\":1}\n{\"update\":\"1\"}\n" +
                       line(3) + line(4));
  ::testing::internal::CaptureStderr();
  MetricsFile metrics(file, 3);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(says(said, "metrics.jsonl:2: 6 lines that are not an update's are dropped"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_EQ(read_file(file), line(1) + line(3));
}

// A long run's file may be larger than what other readers take; and so may one of its lines be, after damage.
TEST(MetricsFile, AFileOfAnySizeIsReadAPartAtATime) {
  TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  write_text(file, line(1));
  const uint64_t hole = kMaxFileBytes + (uint64_t{44} << 20);
  std::filesystem::resize_file(file, hole);
  std::ofstream(file, std::ios::app) << "\n" << line(2) << line(3);
  MetricsFile metrics(file, 2);
  EXPECT_EQ(read_file(file), line(1) + line(2));
}

TEST(MetricsFile, AFileThatIsNotOursIsRefusedAndLeft) {
  TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  for (const std::string bad : {"hello\n{}\n", "{\"step\":1}\n", "{\"update\":\"1\"}\n", "[1]\n"}) {
    write_text(file, bad);
    EXPECT_TRUE(
        says(error_of(ErrorKind::kInput, [&] { MetricsFile metrics(file, 5); }), "the file is not drf's"));
    EXPECT_EQ(read_file(file), bad);
  }
}

// RLIMIT_FSIZE makes write() fail as a full disk does.
TEST(MetricsFile, AFullDiskIsReportedAndWhatWasWrittenStays) {
  TemporaryFolder folder;
  MetricsFile metrics(folder / "metrics.jsonl", 0);
  metrics.append({{"update", 1}});
  EventFile events(folder.path(), 0);
  const FileSizeLimit full(4);
  const auto message = error_of(ErrorKind::kResources, [&] { metrics.append({{"update", 2}}); });
  EXPECT_TRUE(says(message, "metrics.jsonl: cannot be written: "));
  EXPECT_TRUE(
      says(error_of(ErrorKind::kResources, [&] { events.scalar("x", 1, 1); }), "events.out.tfevents"));
  EXPECT_EQ(read_file(folder / "metrics.jsonl").rfind(line(1), 0), 0u);
}

TEST(MetricsFile, AFolderThatTakesNoFilesIsReported) {
  error_of(ErrorKind::kResources, [] { MetricsFile metrics("/proc/drf-no/metrics.jsonl", 0); });
  error_of(ErrorKind::kResources, [] { EventFile events("/proc/drf-no", 0); });
}

TEST(Crc32c, EqualsTheKnownAnswers) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);    // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);  // the same
}

// Bytes from Google's protobuf runtime with the messages of event.proto and summary.proto.
TEST(EventFile, EventsAreTheBytesOfProtobuf) {
  EXPECT_EQ(scalar_event(1.5, 0, "reward", -0.25f),
            from_hex("09000000000000f83f2a0f0a0d0a0672657761726415000080be"));
  std::string long_tag = "09000008402049da4110ac022a97010a94010a8c01677261645f6e6f726d2f";
  for (int i = 0; i < 130; ++i) long_tag += "78";
  EXPECT_EQ(scalar_event(1764000000.125, 300, "grad_norm/" + std::string(130, 'x'), 3.5f),
            from_hex(long_tag + "1500006040"));
  EXPECT_EQ(picture_event(1.5, 7, "a/0", std::string("GIF89a\0\xff", 8), 130, 9),
            from_hex("09000000000000f83f10072a1a0a180a03612f30221108820110091803220847494638396100ff"));
  EXPECT_EQ(
      text_event(1.5, 7, "a/0", "**x**"),
      from_hex(
          "09000000000000f83f10072a220a200a03612f30420f080712041202080142052a2a782a2a4a080a060a0474657874"));
}

TEST(EventFile, RecordsAreFramedAndAResumedFileSaysWhereItStarts) {
  TemporaryFolder folder;
  EventFile events(folder.path(), 7);
  events.scalar("reward", 7, 0.5f, 1.5);
  const std::string bytes = read_file(events.path());
  EXPECT_EQ(events.path().filename().string().rfind("events.out.tfevents.", 0), 0u);
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, 8);
    ASSERT_LE(at + length + 16, bytes.size());
    records.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(bytes.substr(at, length + 16), tfrecord(records.back()));
    at += length + 16;
  }
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].substr(9),
            "\x1a\x0d"
            "brain.Event:2");
  EXPECT_EQ(records[1].substr(9), from_hex("10073a020801"));  // step 7, session_log {status: START}
  EXPECT_EQ(records[2], scalar_event(1.5, 7, "reward", 0.5f));
}

// The mask of the framing, from TensorFlow's documentation of TFRecord: rotate right by 15, add 0xa282ead8.
TEST(EventFile, AFrameIsLengthCrcDataCrc) {
  const auto masked = [](const std::string& data) {
    const uint32_t crc = crc32c(data), value = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    return std::string(reinterpret_cast<const char*>(&value), 4);
  };
  const std::string length = std::string("\x03") + std::string(7, '\0');
  EXPECT_EQ(tfrecord("abc"), length + masked(length) + "abc" + masked("abc"));
}

}  // namespace
}  // namespace drf::run
