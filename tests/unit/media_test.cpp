#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <set>

#include "drf/base/files.h"
#include "drf/media/clip.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/folder.h"
#include "drf/media/gif.h"
#include "drf/media/layout.h"
#include "drf/media/palette.h"
#include "drf/media/png.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::media {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

// A clip whose every channel, row and frame differs, with values in k/255.
at::Tensor gradients(int64_t frames, int64_t height, int64_t width) {
  const at::Tensor f = at::arange(frames).view({-1, 1, 1, 1}), c = at::arange(3).view({1, -1, 1, 1}),
                   y = at::arange(height).view({1, 1, -1, 1}), x = at::arange(width).view({1, 1, 1, -1});
  return ((f * 37 + c * 60 + y * 5 + x * 3) % 256).to(at::kFloat) / 255;
}

// Few colors: a block that moves on a plain ground.
at::Tensor moving_block(int64_t frames, int64_t height, int64_t width) {
  at::Tensor clip = at::full({frames, 3, height, width}, 51.0f / 255);
  for (int64_t f = 0; f < frames; ++f) clip[f][0].narrow(0, 2, 4).narrow(1, f, 4).fill_(1.0f);
  return clip;
}

uint32_t big_endian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes.at(at + i));
  return value;
}

// The pixels of an 8-bit RGB PNG, read by the specification's rules; every checksum is verified.
at::Tensor decode_png(const std::string& png) {
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
  std::string packed, last;
  int64_t width = 0, height = 0;
  for (size_t at = 8; at < png.size();) {
    const uint32_t length = big_endian(png, at);
    last = png.substr(at + 4, 4);
    const std::string body = png.substr(at + 4, 4 + length), data = body.substr(4);
    EXPECT_EQ(crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size()),
              big_endian(png, at + 8 + length));
    if (last == "IHDR") {
      width = big_endian(data, 0);
      height = big_endian(data, 4);
      EXPECT_EQ(data.substr(8), std::string("\x08\x02\x00\x00\x00", 5));
    }
    if (last == "IDAT") packed += data;
    at += 12 + length;
  }
  EXPECT_EQ(last, "IEND");
  const size_t stride = static_cast<size_t>(width) * 3;
  std::vector<uint8_t> raw(static_cast<size_t>(height) * (stride + 1));
  uLongf size = raw.size();
  EXPECT_EQ(uncompress(raw.data(), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
            Z_OK);
  EXPECT_EQ(size, raw.size());
  std::vector<uint8_t> out;
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    const uint8_t* row = &raw[y * (stride + 1)];
    for (size_t i = 0; i < stride; ++i) {
      const int a = i >= 3 ? out[y * stride + i - 3] : 0, b = y ? out[(y - 1) * stride + i] : 0,
                c = y && i >= 3 ? out[(y - 1) * stride + i - 3] : 0, p = a + b - c;
      const int pa = std::abs(p - a), pb = std::abs(p - b), pc = std::abs(p - c);
      const int guesses[] = {0, a, b, (a + b) / 2, pa <= pb && pa <= pc ? a : pb <= pc ? b : c};
      out.push_back(static_cast<uint8_t>(row[i + 1] + guesses[row[0]]));
    }
  }
  return at::tensor(out, at::kByte).view({height, width, 3});
}

TEST(Layout, BytesAreClampedAndRounded) {
  const at::Tensor x = at::tensor({-0.5f, 0.0f, 0.499f / 255, 0.501f / 255, 1.0f, 7.0f}).view({1, 3, 1, 2});
  EXPECT_TRUE(to_bytes(x).equal(at::tensor({0, 0, 255, 0, 1, 255}, at::kByte).view({1, 1, 2, 3})));
  EXPECT_TRUE(from_bytes(to_bytes(gradients(2, 5, 7))).equal(gradients(2, 5, 7)));
  error_of(ErrorKind::kNumerics, [] { to_bytes(at::full({1, 3, 2, 2}, NAN)); });
}

TEST(Layout, ClipsStandSideBySideWithAGap) {
  const at::Tensor a = at::zeros({2, 3, 4, 5}), b = at::full({2, 3, 4, 3}, 0.5);
  const at::Tensor both = side_by_side({a, b}, 2, 0.25);
  EXPECT_EQ(both.sizes(), at::IntArrayRef({2, 3, 4, 10}));
  EXPECT_TRUE(both[1][2][3].equal(at::tensor({0.f, 0.f, 0.f, 0.f, 0.f, .25f, .25f, .5f, .5f, .5f})));
  EXPECT_EQ(stacked({a, a, a}, 1).sizes(), at::IntArrayRef({2, 3, 14, 5}));
  EXPECT_TRUE(upscale(at::arange(2.0).view({1, 1, 1, 2}).expand({1, 3, 1, 2}), 2)[0][0].equal(
      at::tensor({0., 0., 1., 1., 0., 0., 1., 1.}).view({2, 4})));
  const at::Tensor strip = film_strip(gradients(5, 4, 10), 2, 36);  // three frames a row
  EXPECT_EQ(strip.sizes(), at::IntArrayRef({1, 3, 10, 34}));
  EXPECT_TRUE(strip[0].narrow(1, 6, 4).narrow(2, 12, 10).equal(gradients(5, 4, 10)[4]));
  EXPECT_TRUE(strip[0].narrow(1, 6, 4).narrow(2, 24, 10).eq(1).all().item<bool>());
}

TEST(Png, EveryPixelReturns) {
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {7, 5}, {32, 32}}) {
    const at::Tensor smooth = to_bytes(gradients(1, height, width))[0];
    EXPECT_TRUE(decode_png(encode_png(smooth)).equal(smooth));
    const at::Tensor noisy =
        (at::arange(height * width * 3) * 7919 % 251).to(at::kByte).view({height, width, 3});
    EXPECT_TRUE(decode_png(encode_png(noisy)).equal(noisy));
  }
  const at::Tensor animation = to_bytes(gradients(3, 6, 4));
  EXPECT_TRUE(decode_png(encode_apng(animation, 8)).equal(animation[0])) << "readers without animation";
}

TEST(Palette, IsExactUpToItsSizeAndNearBeyond) {
  const at::Tensor few = to_bytes(moving_block(3, 10, 12));
  const auto exact = exact_palette(few.const_data_ptr<uint8_t>(), 360);
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->palette, (std::vector<Color>{{51, 51, 51}, {255, 51, 51}}));
  const at::Tensor many = to_bytes(gradients(1, 64, 64));
  EXPECT_FALSE(exact_palette(
      at::arange(300 * 3).to(at::kShort).remainder(257).to(at::kByte).contiguous().const_data_ptr<uint8_t>(),
      300));
  const Indexed reduced = reduced_palette(many.const_data_ptr<uint8_t>(), 64 * 64);
  EXPECT_LE(reduced.palette.size(), 256u);
  double error = 0;
  for (size_t i = 0; i < 64 * 64; ++i) {
    for (size_t c = 0; c < 3; ++c)
      error += std::abs(reduced.palette[reduced.indices[i]][c] - many.const_data_ptr<uint8_t>()[3 * i + c]);
  }
  EXPECT_LT(error / (64 * 64 * 3), 2.0) << "levels of 255, mean";
}

TEST(Folder, NumbersInNamesCountAsNumbers) {
  EXPECT_TRUE(natural_less("frame2.png", "frame10.png"));
  EXPECT_FALSE(natural_less("frame10.png", "frame2.png"));
  EXPECT_TRUE(natural_less("a", "b"));
  EXPECT_TRUE(natural_less("a1", "a1b"));
  EXPECT_TRUE(natural_less("a01", "a1"));
  EXPECT_FALSE(natural_less("a1", "a01"));
  EXPECT_TRUE(natural_less("a9", "a123456789012345678901234567890"));
}

TEST(Clip, UnknownExtensionsNameTheKnownOnes) {
  for (const std::string name : {"a.avi", "a", "a.mp3"}) {
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { check_clip_path(name); }), ".mp4, .gif, .apng or .png"));
  }
  check_clip_path("a.GIF");
}

TEST(Clip, FramesInSafetensorsAreChecked) {
  TemporaryFolder folder;
  const at::Tensor frames = gradients(2, 4, 4) * 2 - 0.5;
  write_frames(folder / "f.safetensors", frames);
  EXPECT_TRUE(read_frames(folder / "f.safetensors").equal(frames)) << "not clamped";
  const auto refuses = [&](const std::string& name, const at::Tensor& tensor, const std::string& part) {
    write_safetensors(folder / "g.safetensors", {{name, tensor}});
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_frames(folder / "g.safetensors"); }), part));
  };
  refuses("pixels", frames, "no tensor named 'frames'");
  refuses("frames", frames.permute({0, 2, 3, 1}).contiguous(), "[2, 4, 4, 3]");
  refuses("frames", frames.to(at::kInt), "wanted [F,3,H,W] of floats");
  refuses("frames", at::full({1, 3, 2, 2}, INFINITY), "non-finite");
  error_of(ErrorKind::kInput, [&] { read_frames(folder / "absent.safetensors"); });
}

TEST(Clip, AFailedWriteLeavesNothing) {
  TemporaryFolder folder;
  write_text(folder / "file", "x");
  std::vector<std::string> names = {"a.gif", "a.png", "a.apng"};
  if (have_ffmpeg()) names.push_back("a.mp4");
  for (const std::string& name : names) {
    error_of(ErrorKind::kResources, [&] { save_clip(folder / "file" / name, gradients(2, 8, 8), 8); });
    std::filesystem::create_directories(folder / "taken" / name);
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { save_clip(folder / "taken" / name, gradients(2, 8, 8), 8); }),
             "is a folder"));
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "taken"))
    EXPECT_TRUE(entry.is_directory()) << entry.path();
}

class WithFfmpeg : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  }
  TemporaryFolder folder_;
};

TEST_F(WithFfmpeg, LosslessFormatsReturnEveryPixelAndTheirRate) {
  const at::Tensor clip = gradients(9, 12, 10), few = moving_block(9, 13, 17);
  save_clip(folder_ / "a.apng", clip, 8);
  EXPECT_TRUE(read_video(folder_ / "a.apng").frames.equal(clip));
  EXPECT_NEAR(read_video(folder_ / "a.apng").fps, 8, 1e-9);
  save_clip(folder_ / "a.png", clip, 8);
  EXPECT_TRUE(read_video(folder_ / "a.png").frames.equal(film_strip(clip, 2)));
  save_clip(folder_ / "a.gif", few, 8);
  const Clip gif = read_video(folder_ / "a.gif");
  EXPECT_TRUE(gif.frames.equal(few));
  EXPECT_NEAR(gif.fps, 8, 1e-9);
}

TEST_F(WithFfmpeg, GifsOfAnySizeAndManyColorsAreReadable) {
  for (const auto& [frames, height, width] :
       std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {2, 64, 64}, {3, 97, 61}, {2, 300, 400}}) {
    // Noise fills the dictionary quickly, so that it is cleared several times a frame.
    const int64_t n = frames * height * width * 3;
    const at::Tensor noise =
        (at::arange(n) * 7919 % 1009 % 256).to(at::kFloat).view({frames, 3, height, width}) / 255;
    for (const at::Tensor& clip : {noise, gradients(frames, height, width)}) {
      save_clip(folder_ / "a.gif", clip, 16);
      const at::Tensor got = read_video(folder_ / "a.gif").frames;
      ASSERT_EQ(got.sizes(), clip.sizes());
      EXPECT_LT((got - clip).abs().mean().item<double>(), 8.0 / 255);
    }
    // Two colors in a pattern that never ends: long codes.
    const at::Tensor two = (at::arange(n / 3) * 31 % 7 % 2)
                               .to(at::kFloat)
                               .view({frames, 1, height, width})
                               .expand({frames, 3, height, width});
    save_clip(folder_ / "a.gif", two, 16);
    EXPECT_TRUE(read_video(folder_ / "a.gif").frames.equal(two));
  }
}

TEST_F(WithFfmpeg, VideosReturnTheirFramesToALossyCodecsError) {
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{32, 32}, {48, 64}, {31, 45}}) {
    // Smooth in space and time, as video codecs expect.
    const at::Tensor t = at::linspace(0, 1, 9).view({-1, 1, 1, 1}),
                     y = at::linspace(0, 1, height).view({1, 1, -1, 1}),
                     x = at::linspace(0, 1, width).view({1, 1, 1, -1});
    const at::Tensor clip = at::cat(
        {(0.8 * x + 0.1 + 0 * y + 0 * t), 0.5 * y + 0.2 + 0 * x + 0 * t, 0.5 * t + 0.2 + 0 * (x + y)}, 1);
    for (const double fps : {8.0, 24000.0 / 1001}) {
      save_clip(folder_ / "a.mp4", clip, fps);
      const Clip got = read_video(folder_ / "a.mp4");
      EXPECT_EQ(got.frames.sizes(), at::IntArrayRef({9, 3, (height + 1) / 2 * 2, (width + 1) / 2 * 2}));
      const at::Tensor same = got.frames.narrow(2, 0, height).narrow(3, 0, width);
      // Eight-bit 4:2:0 at crf 16 (or MPEG-4 at q 2): a few levels of 255. A swapped matrix or range is 10.
      EXPECT_LT((same - clip).abs().mean().item<double>(), 4.0 / 255) << height << "x" << width;
      EXPECT_NEAR(got.fps, fps, 1e-3);
    }
  }
}

TEST_F(WithFfmpeg, AFolderOfPicturesIsAClip) {
  const at::Tensor clip = gradients(11, 6, 8);
  for (int64_t f = 0; f < 11; ++f) save_clip(folder_ / concat("f/frame", f, ".png"), clip.narrow(0, f, 1), 8);
  write_text(folder_ / "f" / "notes.txt", "not a frame");
  EXPECT_TRUE(read_video(folder_ / "f").frames.equal(clip));
  EXPECT_EQ(read_video(folder_ / "f").fps, 16);
  save_clip(folder_ / "f" / "frame3.png", gradients(1, 6, 9), 8);
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_video(folder_ / "f"); }),
                   "frame3.png: the picture is 9x6, the first is 8x6"));
  std::filesystem::create_directory(folder_ / "empty");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_video(folder_ / "empty"); }), "no pictures"));
}

TEST_F(WithFfmpeg, AbsentForeignAndTruncatedFilesAreRefused) {
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_video(folder_ / "absent.mp4"); }), "no such file"));
  write_text(folder_ / "empty.mp4", "");
  error_of(ErrorKind::kInput, [&] { read_video(folder_ / "empty.mp4"); });
  write_text(folder_ / "text.mp4", "this is no video, whatever its name says\n");
  error_of(ErrorKind::kInput, [&] { read_video(folder_ / "text.mp4"); });
  write_text(folder_ / "list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n");
  error_of(ErrorKind::kInput, [&] { read_video(folder_ / "list.mp4"); });
  const at::Tensor clip = gradients(12, 32, 48);
  for (const std::string name : {"a.mp4", "a.png", "a.apng", "a.gif"}) {
    save_clip(folder_ / name, clip, 8);
    const std::string bytes = read_file(folder_ / name);
    for (const double share : {0.02, 0.3, 0.6, 0.9}) {
      write_text(folder_ / ("cut-" + name),
                 bytes.substr(0, static_cast<size_t>(share * static_cast<double>(bytes.size()))));
      EXPECT_FALSE(error_of(ErrorKind::kInput, [&] { read_video(folder_ / ("cut-" + name)); }).empty())
          << name << " cut at " << share;
    }
  }
}

TEST_F(WithFfmpeg, DamagedFilesNeverCrash) {
  save_clip(folder_ / "a.mp4", gradients(9, 32, 32), 8);
  save_clip(folder_ / "a.gif", gradients(3, 32, 32), 8);
  for (const std::string name : {"a.mp4", "a.gif"}) {
    const std::string good = read_file(folder_ / name);
    uint32_t random = 1;
    for (int trial = 0; trial < 60; ++trial) {
      std::string bytes = good;
      for (int flip = 0; flip < 4; ++flip) {
        random = random * 1664525u + 1013904223u;
        bytes[(random >> 8) % bytes.size()] = static_cast<char>(random >> 3);
      }
      write_text(folder_ / ("bad-" + name), bytes);
      try {
        const Clip clip = read_video(folder_ / ("bad-" + name));
        EXPECT_GT(clip.frames.size(0), 0);
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::kInput) << e.what();
      }
    }
  }
}

TEST(WithoutFfmpeg, PicturesAreWrittenAndVideosNameThePackages) {
  if (have_ffmpeg()) GTEST_SKIP() << "built with FFmpeg";
  TemporaryFolder folder;
  for (const std::string name : {"a.gif", "a.png", "a.apng"}) save_clip(folder / name, gradients(2, 8, 8), 8);
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { check_clip_path("a.mp4"); }), "libavformat-dev"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { read_video(folder / "a.gif"); }), "libavformat-dev"));
}

}  // namespace
}  // namespace drf::media
