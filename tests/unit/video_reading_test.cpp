// Clips as other people have them: turned, under any name, larger or other than they claim.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>

#include "drf/base/files.h"
#include "drf/media/clip.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/layout.h"
#include "drf/media/orientation.h"
#include "drf/media/png.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::media {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;
namespace fs = std::filesystem;

constexpr int32_t kOne = 0x10000;  // 1.0 in 16.16

std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// A clip in which no turn or mirror image equals another.
at::Tensor lopsided(int64_t frames, int64_t height, int64_t width) {
  at::Tensor clip = at::full({frames, 3, height, width}, 0.2f);
  for (int64_t f = 0; f < frames; ++f) {
    clip[f][0].narrow(0, 0, height / 4).fill_(0.9f);
    clip[f][1].narrow(1, 0, width / 4).fill_(0.7f);
    clip[f][2].narrow(0, height / 2, 4).narrow(1, f % 4, 4).fill_(0.9f);
  }
  return clip;
}

class VideoReading : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  }
  std::string refusal(const fs::path& path) {
    return error_of(ErrorKind::kInput, [&] { read_video(path); });
  }
  TemporaryFolder folder_;
};

TEST(Orientation, IsOneOfEight) {
  const auto of = [](int32_t a, int32_t b, int32_t c, int32_t d) {
    return orientation_of({a, b, 0, c, d, 0, 7 << 16, 9 << 16, 1 << 30});
  };
  EXPECT_EQ(of(kOne, 0, 0, kOne), (Orientation{false, false, false}));
  EXPECT_EQ(of(-kOne, 0, 0, -kOne), (Orientation{false, true, true}));
  EXPECT_EQ(of(0, kOne, -kOne, 0), (Orientation{true, true, false}));
  EXPECT_EQ(of(2 * kOne, 3, -2, kOne), (Orientation{false, false, false}))
      << "scale and rounding do not count";
  EXPECT_EQ(of(0, 0, 0, 0), (Orientation{})) << "no matrix at all";
  EXPECT_EQ(of(46341, 46341, -46341, 46341), std::nullopt) << "45 degrees";
  EXPECT_EQ(of(INT32_MIN, 0, 0, INT32_MIN), (Orientation{false, true, true}));
  // Quarter turn clockwise: the left column becomes the upper row.
  const at::Tensor picture = at::arange(18).to(at::kByte).view({2, 3, 3});
  const at::Tensor turned = oriented(picture, {true, true, false});
  EXPECT_EQ(turned.sizes(), at::IntArrayRef({3, 2, 3}));
  EXPECT_TRUE(turned[0][0].equal(picture[1][0]));
  EXPECT_TRUE(turned[0][1].equal(picture[0][0]));
  EXPECT_TRUE(turned[2][0].equal(picture[1][2]));
}

TEST_F(VideoReading, AllEightDisplayMatricesTurnTheFrames) {
  save_clip(folder_ / "a.mp4", lopsided(5, 32, 48), 8);
  const std::string bytes = read_file(folder_ / "a.mp4");
  const size_t tkhd = bytes.find("tkhd");
  ASSERT_NE(tkhd, std::string::npos);
  const at::Tensor flat = read_video(folder_ / "a.mp4").frames;
  const auto turned = [&](int a, int b, int c, int d) {
    std::string matrix;
    for (const int32_t entry : {a * kOne, b * kOne, 0, c * kOne, d * kOne, 0, 48 << 16, 48 << 16, 1 << 30})
      matrix += big_endian(static_cast<uint32_t>(entry));
    std::string copy = bytes;
    copy.replace(tkhd + 44, 36, matrix);
    write_text(folder_ / "b.mp4", copy);
    return read_video(folder_ / "b.mp4").frames;
  };
  const auto rows = [](const at::Tensor& x) { return x.flip(2); };
  const auto columns = [](const at::Tensor& x) { return x.flip(3); };
  const at::Tensor across = flat.transpose(2, 3);
  EXPECT_TRUE(turned(1, 0, 0, 1).equal(flat));
  EXPECT_TRUE(turned(-1, 0, 0, 1).equal(columns(flat)));
  EXPECT_TRUE(turned(1, 0, 0, -1).equal(rows(flat)));
  EXPECT_TRUE(turned(-1, 0, 0, -1).equal(rows(columns(flat))));
  EXPECT_TRUE(turned(0, 1, 1, 0).equal(across));
  EXPECT_TRUE(turned(0, 1, -1, 0).equal(columns(across))) << "a phone held upright";
  EXPECT_TRUE(turned(0, -1, 1, 0).equal(rows(across)));
  EXPECT_TRUE(turned(0, -1, -1, 0).equal(rows(columns(across))));
  std::string copy = bytes;
  std::string slanted;
  for (const int32_t entry : {46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30})
    slanted += big_endian(static_cast<uint32_t>(entry));
  copy.replace(tkhd + 44, 36, slanted);
  write_text(folder_ / "b.mp4", copy);
  EXPECT_TRUE(says(refusal(folder_ / "b.mp4"), "no multiple of 90 degrees"));
}

// FFmpeg calls its reader yuv4mpegpipe, as it calls those of single pictures png_pipe.
TEST_F(VideoReading, AY4mClipIsAVideo) {
  const auto y4m = [&](const std::string& rate, const std::string& aspect) {
    std::string text = "YUV4MPEG2 W32 H16 F" + rate + " Ip A" + aspect + " C420jpeg\n";
    for (int frame = 0; frame < 3; ++frame)
      text += "FRAME\n" + std::string(32 * 16 * 3 / 2, static_cast<char>(100 + frame));
    write_text(folder_ / "a.y4m", text);
    return read_video(folder_ / "a.y4m");
  };
  const Clip clip = y4m("24:1", "1:1");
  EXPECT_EQ(clip.fps, 24);
  EXPECT_EQ(clip.frames.sizes(), at::IntArrayRef({3, 3, 16, 32}));
  EXPECT_EQ(y4m("30000:1001", "1:1").fps, 30000.0 / 1001);
  EXPECT_EQ(y4m("24:1", "2:1").frames.size(3), 64);
}

TEST_F(VideoReading, PixelsThatAreNotSquareAreMadeSo) {
  save_clip(folder_ / "a.mp4", lopsided(5, 32, 48), 8);
  const std::string bytes = read_file(folder_ / "a.mp4");
  const size_t pasp = bytes.find("pasp");
  ASSERT_NE(pasp, std::string::npos);
  const auto with = [&](uint32_t across, uint32_t down) {
    std::string copy = bytes;
    copy.replace(pasp + 4, 8, big_endian(across) + big_endian(down));
    write_text(folder_ / "b.mp4", copy);
  };
  with(4, 3);
  const at::Tensor wide = read_video(folder_ / "b.mp4").frames;
  EXPECT_EQ(wide.sizes(), at::IntArrayRef({5, 3, 32, 64}));
  EXPECT_NEAR(wide.mean().item<double>(), lopsided(5, 32, 48).mean().item<double>(), 0.02);
  with(1, 2000);
  EXPECT_TRUE(says(refusal(folder_ / "b.mp4"), "its pixels are 1 wide and 2000 high"));
}

TEST_F(VideoReading, PhotographsLieAsTheirExifSays) {
  // 16 x 8, the left half white, orientation 6: shown 8 x 16 with the upper half white.
  const unsigned char jpeg[] = {
      255, 216, 255, 224, 0,   16, 74, 70, 73, 70, 0,   1,   1,   0,  0,  1,  0,  1,  0,  0,  255, 225, 0,
      34,  69,  120, 105, 102, 0,  0,  77, 77, 0,  42,  0,   0,   0,  8,  0,  1,  1,  18, 0,  3,   0,   0,
      0,   1,   0,   6,   0,   0,  0,  0,  0,  0,  255, 219, 0,   67, 0,  3,  2,  2,  3,  2,  2,   3,   3,
      3,   3,   4,   3,   3,   4,  5,  8,  5,  5,  4,   4,   5,   10, 7,  7,  6,  8,  12, 10, 12,  12,  11,
      10,  11,  11,  13,  14,  18, 16, 13, 14, 17, 14,  11,  11,  16, 22, 16, 17, 19, 20, 21, 21,  21,  12,
      15,  23,  24,  22,  20,  24, 18, 20, 21, 20, 255, 192, 0,   11, 8,  0,  8,  0,  16, 1,  1,   17,  0,
      255, 196, 0,   21,  0,   1,  1,  0,  0,  0,  0,   0,   0,   0,  0,  0,  0,  0,  0,  0,  0,   9,   10,
      255, 196, 0,   20,  16,  1,  0,  0,  0,  0,  0,   0,   0,   0,  0,  0,  0,  0,  0,  0,  0,   0,   255,
      218, 0,   8,   1,   1,   0,  0,  63, 0,  84, 210, 174, 255, 217};
  for (const char* name : {"a.JPG", "b.Jpeg"}) {
    write_text(folder_ / "f" / name, std::string(reinterpret_cast<const char*>(jpeg), sizeof jpeg));
  }
  const at::Tensor frames = read_video(folder_ / "f").frames;
  ASSERT_EQ(frames.sizes(), at::IntArrayRef({2, 3, 16, 8}));
  EXPECT_GT(frames.narrow(2, 0, 7).min().item<double>(), 0.8);
  EXPECT_LT(frames.narrow(2, 9, 7).max().item<double>(), 0.2);
}

const char* const kNames[] = {"50%done",      "frame%03d",   "%d",
                              "is it red?",   "a*b",         "{x}[y]",
                              "concat:a|b",   "file:a",      "http:a",
                              "pipe:",        "-dash",       "new\nline",
                              "a \"b\" 'c'",  "back\\slash", "\xC4\xE3\xBA\xC3",
                              "\xE4\xBD\xA0", "a;b&c$d",     "subfile,,start,0,end,9,,:a"};

TEST_F(VideoReading, TheNamedFileIsReadWhateverItsName) {
  const at::Tensor clip = lopsided(5, 16, 24);
  for (const char* extension : {".apng", ".gif", ".mp4"}) {
    const fs::path plain = folder_ / (std::string("plain") + extension);
    save_clip(plain, clip, 8);
    const Clip want = read_video(plain);
    for (const char* name : kNames) {
      // Also under an ending that lies: the content decides.
      for (const std::string ending : {std::string(extension), std::string(".png"), std::string(".txt")}) {
        const fs::path named = folder_ / (name + ending);
        std::error_code ec;
        fs::copy_file(plain, named, fs::copy_options::overwrite_existing, ec);
        ASSERT_FALSE(ec) << named;
        const Clip got = read_video(named);
        EXPECT_TRUE(got.frames.equal(want.frames)) << named;
        EXPECT_EQ(got.fps, want.fps) << named;
      }
    }
  }
}

TEST_F(VideoReading, FoldersAndWrittenFilesMayHaveAnyNameToo) {
  const at::Tensor clip = lopsided(3, 16, 24);
  for (const char* name : kNames) {
    for (int64_t f = 0; f < 3; ++f)
      save_clip(folder_ / name / concat(name, f, ".png"), clip.narrow(0, f, 1), 8);
    EXPECT_TRUE(
        read_video(folder_ / name).frames.equal(to_bytes(clip).permute({0, 3, 1, 2}).to(at::kFloat).div(255)))
        << name;
    const std::string file = name + std::string(".mp4");
    save_clip(folder_ / file, clip, 8);
    EXPECT_EQ(read_video(folder_ / file).frames.size(0), 3) << name;
    EXPECT_TRUE(fs::is_regular_file(folder_ / file)) << name;
  }
}

TEST_F(VideoReading, FoldersOfPicturesAreReadWithCare) {
  const at::Tensor clip = lopsided(3, 16, 24);
  save_clip(folder_ / "f" / "1.PNG", clip.narrow(0, 0, 1), 8);
  save_clip(folder_ / "f" / "2.Png", clip.narrow(0, 1, 1), 8);
  const at::Tensor two = read_video(folder_ / "f").frames;
  EXPECT_EQ(two.size(0), 2) << "endings in any spelling";
  write_text(folder_ / "f" / "._1.png", "what a file manager leaves behind");
  write_text(folder_ / "f" / "Thumbs.db", "and another");
  EXPECT_TRUE(read_video(folder_ / "f").frames.equal(two));
  save_clip(folder_ / "a.apng", clip.narrow(0, 2, 1).repeat({4, 1, 1, 1}), 8);
  fs::copy_file(folder_ / "a.apng", folder_ / "f" / "3.png");
  ::testing::internal::CaptureStderr();
  const at::Tensor three = read_video(folder_ / "f").frames;
  EXPECT_TRUE(
      says(::testing::internal::GetCapturedStderr(), "1 of its 3 pictures are animations; the first frame"));
  EXPECT_TRUE(three.narrow(0, 0, 2).equal(two));
  EXPECT_EQ(three.size(0), 3);
  fs::create_directory(folder_ / "f" / "4.png");
  EXPECT_TRUE(says(refusal(folder_ / "f"), "4.png: is a folder, wanted a file"));
  fs::remove(folder_ / "f" / "4.png");
  ASSERT_EQ(::mkfifo((folder_ / "f" / "4.png").c_str(), 0600), 0);
  EXPECT_TRUE(says(refusal(folder_ / "f"), "4.png: is a pipe"));
}

TEST_F(VideoReading, WhatIsNoVideoIsNotMadeOne) {
  // FFmpeg renders text as a video of letters, and follows playlists.
  write_text(folder_ / "notes.nfo", std::string(4000, 'x') + "\n");
  refusal(folder_ / "notes.nfo");
  write_text(folder_ / "list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:/etc/passwd\n");
  EXPECT_TRUE(says(refusal(folder_ / "list.mp4"), "no video or picture that drf reads"));
  write_text(folder_ / "list.txt", "ffconcat version 1.0\nfile a.mp4\n");
  EXPECT_TRUE(says(refusal(folder_ / "list.txt"), "no video or picture that drf reads"));
  write_text(folder_ / "sub.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
  refusal(folder_ / "sub.srt");
  ASSERT_EQ(::mkfifo((folder_ / "pipe.mp4").c_str(), 0600), 0);
  EXPECT_TRUE(says(refusal(folder_ / "pipe.mp4"), "is a pipe"));
  EXPECT_TRUE(says(refusal("/dev/zero"), "is a device"));
  fs::create_symlink("loop.mp4", folder_ / "loop.mp4");
  EXPECT_TRUE(says(refusal(folder_ / "loop.mp4"), "symbolic links"));
  EXPECT_TRUE(says(refusal(folder_ / (std::string(5000, 'n') + ".mp4")), "File name too long"));
}

std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  return big_endian(static_cast<uint32_t>(data.size())) + body +
         big_endian(
             static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size())));
}

TEST_F(VideoReading, PicturesThatClaimGigabytesAreRefusedByTheirHeader) {
  const auto bomb = [&](uint32_t width, uint32_t height) {
    write_text(folder_ / "a.png", "\x89PNG\r\n\x1A\n" +
                                      png_chunk("IHDR", big_endian(width) + big_endian(height) +
                                                            std::string("\x08\x02\0\0\0", 5)) +
                                      png_chunk("IDAT", "x\x9C") + png_chunk("IEND", ""));
    return refusal(folder_ / "a.png");
  };
  bomb(30'000, 30'000);
  bomb(0x7FFFFFFF, 0x7FFFFFFF);
  bomb(20'000, 1);
  bomb(0, 0);
}

TEST_F(VideoReading, LongAnimationsAreRefusedOnTheWay) {
  // A canvas of 8000 x 8000 and a thousand pictures of one pixel: 30 KB that would become 192 GB.
  const std::string canvas("\x40\x1F\x40\x1F", 4);
  std::string gif = "GIF89a" + canvas + std::string("\x80\0\0\0\0\0\xFF\xFF\xFF", 9);
  for (int f = 0; f < 1000; ++f)
    gif += std::string("\x21\xF9\x04\x04\x04\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0", 23);
  write_text(folder_ / "a.gif", gif + ";");
  EXPECT_TRUE(says(refusal(folder_ / "a.gif"), "the video is too long: more than 4 frames of 8000x8000"));
  std::string wide = gif;
  wide.replace(6, 4, std::string("\xFF\xFF\xFF\xFF", 4));
  write_text(folder_ / "b.gif", wide + ";");
  EXPECT_FALSE(refusal(folder_ / "b.gif").empty());
}

}  // namespace
}  // namespace drf::media
