// Reading files that somebody else put there: what is no regular file, what is too large, what nests too
// deep.

#include "drf/base/files.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drf/base/blank.h"
#include "drf/base/config_fields.h"
#include "drf/base/nesting.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;
namespace fs = std::filesystem;

std::string refusal(const fs::path& path, uint64_t most = kMaxFileBytes) {
  return error_of(ErrorKind::kInput, [&] { read_file(path, most); });
}

TEST(InputFile, WhatIsNoRegularFileIsRefusedAtOnceAndNamed) {
  TemporaryFolder folder;
  EXPECT_TRUE(says(refusal(folder / "absent"), "absent: no such file"));
  EXPECT_TRUE(says(refusal(folder.path()), "is a folder, wanted a file"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(says(refusal(folder / "pipe"), "pipe: is a pipe, wanted a regular file"));
  EXPECT_TRUE(says(refusal("/dev/zero"), "/dev/zero: is a device, wanted a regular file"));
  fs::create_symlink("/dev/zero", folder / "endless");
  EXPECT_TRUE(says(refusal(folder / "endless"), "endless: is a device"));
  fs::create_symlink("itself", folder / "itself");
  EXPECT_TRUE(
      says(refusal(folder / "itself"), "itself: cannot be opened: Too many levels of symbolic links"));
  fs::create_symlink("nowhere", folder / "dangling");
  EXPECT_TRUE(says(refusal(folder / "dangling"), "dangling: cannot be opened: the link leads nowhere"));
  EXPECT_TRUE(says(refusal(folder / std::string(5000, 'n')), "cannot be opened: File name too long"));
  write_text(folder / "file", "x");
  EXPECT_TRUE(says(refusal(folder / "file" / "below"), "cannot be opened: Not a directory"));
}

TEST(InputFile, SizesAreLimited) {
  TemporaryFolder folder;
  write_text(folder / "f", "12345");
  EXPECT_EQ(read_file(folder / "f", 5), "12345");
  EXPECT_TRUE(says(refusal(folder / "f", 4), "f: has 5 bytes, files of its kind have 4 at most"));
  write_text(folder / "empty", "");
  EXPECT_EQ(read_file(folder / "empty", 0), "");
  // A hole of a terabyte takes no room on the disk, and would all of the memory.
  write_text(folder / "sparse", "");
  ASSERT_EQ(::truncate((folder / "sparse").c_str(), int64_t{1} << 40), 0);
  EXPECT_TRUE(says(refusal(folder / "sparse"), "1099511627776 bytes"));
  // Files of /proc give no size and have bytes all the same.
  EXPECT_FALSE(read_file("/proc/self/status").empty());
  EXPECT_TRUE(says(refusal("/proc/self/status", 3), "has more than 3 bytes"));
}

TEST(InputFile, NamesAreAskedWithoutThrowing) {
  TemporaryFolder folder;
  fs::create_symlink("itself", folder / "itself");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_symlink(folder.path(), folder / "folder");
  EXPECT_TRUE(is_there(folder / "itself"));
  EXPECT_TRUE(is_there(folder / "dangling")) << "so that a reader says what is wrong with it";
  EXPECT_FALSE(is_there(folder / "absent"));
  EXPECT_FALSE(is_there(folder / std::string(5000, 'n')));
  EXPECT_TRUE(is_folder(folder / "folder"));
  EXPECT_FALSE(is_folder(folder / "itself"));
  EXPECT_FALSE(is_folder(folder / std::string(5000, 'n')));
}

TEST(TextFile, OtherEncodingsAreNamed) {
  TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) {
    write_text(folder / "t", bytes);
    return error_of(ErrorKind::kInput, [&] { read_utf8_lines(folder / "t"); });
  };
  EXPECT_TRUE(says(message(std::string("\xFF\xFE"
                                       "a\0b\0",
                                       6)),
                   "t: is UTF-16 text; save the file as UTF-8"));
  EXPECT_TRUE(says(message(std::string("\xFE\xFF\0a", 4)), "is UTF-16 text"));
  EXPECT_TRUE(says(message(std::string("\xFF\xFE\0\0a\0\0\0", 8)), "is UTF-32 text"));
  EXPECT_TRUE(says(message(std::string("\0\0\xFE\xFF\0\0\0a", 8)), "is UTF-32 text"));
  write_text(folder / "t",
             "\xEF\xBB\xBF"
             "a\r\nb");
  EXPECT_EQ(read_utf8_lines(folder / "t"), (std::vector<std::string>{"a", "b"}));
}

TEST(Blank, KnowsEverySpaceThatShowsNothing) {
  for (const char* text :
       {"", " \t\r\n\v\f", "\xE3\x80\x80", "\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF",
        "\xE2\x80\x83 \xE2\x80\xA8", "\xE2\x80\x8E\xE2\x81\xA0", "\xC2\x85", "\xEF\xB8\x8F", "\xE3\x85\xA4",
        "\xE2\xA0\x80", "\xE1\xA0\x8E", "\xF3\xA0\x84\x80"}) {
    EXPECT_TRUE(is_blank(text)) << text;
  }
  for (const char* text : {".", "\xE3\x80\x81", "\xFF", "\xE3\x80",
                           "\xE2\x80\x8B"
                           "a",
                           "\xC3\xA4", "\xF0\x9F\x98\x80"})
    EXPECT_FALSE(is_blank(text)) << text;
  EXPECT_EQ(trimmed("\xE3\x80\x80 a\xC2\xA0"
                    "b \xE2\x80\x8B\xEF\xBB\xBF\n"),
            "a\xC2\xA0"
            "b");
  EXPECT_EQ(trimmed("\xE2\x9D\xA4\xEF\xB8\x8F "), "\xE2\x9D\xA4\xEF\xB8\x8F")
      << "the selector belongs to the heart";
  EXPECT_EQ(trimmed(" \xE2\x80\x8B "), "");
}

TEST(Nesting, IsCountedOutsideStringsAndComments) {
  EXPECT_EQ(json_nesting(R"({"a": [1, {"b": "[[[[\"[["}], "c": []})"), 3);
  EXPECT_EQ(json_nesting("7"), 0);
  EXPECT_EQ(json_nesting(std::string(200'000, '[')), 200'000);
  EXPECT_EQ(json_nesting("\"[[\\"), 0);
  EXPECT_EQ(toml_nesting("a = 1.5 # [[[[\nb.c = [[1], '[[[', \"]\\\"[[\"]\n"), 2);
  EXPECT_EQ(toml_nesting("a.b.c.d = 1"), 3);
  EXPECT_EQ(toml_nesting("[a.b.c]\nx = {y.z = 1}\n"), 3);
  EXPECT_EQ(toml_nesting("a = \"\"\"[[[\n[[\"\"\"\nb = '''[[\n'''\n"), 0);
  EXPECT_EQ(toml_nesting("]]]] a = [1]"), 1) << "unbalanced text is the parser's affair";
}

TEST(ConfigText, DeepOnesAreRefusedBeforeTheyAreParsed) {
  std::vector<int64_t> numbers;
  const std::vector<Field> fields = {{"list", &numbers, ""}};
  const auto message = [&](const std::string& toml) {
    return error_of(ErrorKind::kConfig, [&] { read_config_text(toml, "c.toml", fields); });
  };
  const std::string many(200'000, '[');
  std::string dotted = "a";
  for (int i = 0; i < 200'000; ++i) dotted += ".a";
  std::string tables;
  for (int i = 0; i < 200'000; ++i) tables += "{a=";
  for (const std::string& toml :
       {"list = " + many, dotted + " = 1", "[" + dotted + "]", "list = " + tables, "[x]\n" + dotted + "=1"})
    EXPECT_TRUE(says(message(toml), "c.toml: nests ")) << toml.substr(0, 20);
  EXPECT_EQ(error_of(ErrorKind::kConfig, [&] { override_field("list=" + many, fields); }).find("a bug"),
            std::string::npos);
  TemporaryFolder folder;
  write_text(folder / "c.toml", "#" + std::string(1 << 20, 'x'));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { read_config_file(folder / "c.toml", fields); }),
                   "config file " + (folder / "c.toml").string() + ": has 1048577 bytes"));
}

}  // namespace
}  // namespace drf
