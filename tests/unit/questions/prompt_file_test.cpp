// Prompt lists as they lie about: each form is read for what it is or refused with its reason, and no syntax
// becomes a prompt.

#include "drf/questions/prompt_file.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::questions {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;
using Prompts = std::vector<std::string>;

class PromptFile : public ::testing::Test {
 protected:
  Prompts read(const std::string& name, const std::string& bytes) {
    write_text(folder_ / name, bytes);
    return read_prompts(folder_ / name);
  }
  std::string message(const std::string& name, const std::string& bytes) {
    write_text(folder_ / name, bytes);
    return error_of(ErrorKind::kInput, [&] { read_prompts(folder_ / name); });
  }
  TemporaryFolder folder_;
};

const Prompts kTwo = {"a red ball", "a \"big\" cat, asleep"};

TEST_F(PromptFile, HoldsOnePromptALine) {
  EXPECT_EQ(read("p.txt", "\xEF\xBB\xBF  a red ball \r\n\n \t\nein B\xC3\xA4r\n"),
            (Prompts{"a red ball", "ein B\xC3\xA4r"}));
  EXPECT_EQ(read("p", "{cinematic} a dog\n[wide] a cat\na, b; c\n"),
            (Prompts{"{cinematic} a dog", "[wide] a cat", "a, b; c"}))
      << "brackets alone make no JSON, commas no table";
}

TEST_F(PromptFile, JsonLinesInEverySpelling) {
  const std::string lines =
      "{\"prompt\": \"a red ball\", \"source\": 3}\n\n{\"prompt\":\" a \\\"big\\\" cat, asleep\"}";
  for (const char* name :
       {"p.jsonl", "p.JSONL", "p.JsonL", "p.ndjson", "p.NDJSON", "p.json", "p.txt", "p.csv", "p"})
    EXPECT_EQ(read(name, lines), kTwo) << name;
  EXPECT_EQ(read("bom.jsonl", "\xEF\xBB\xBF" + lines), kTwo);
}

TEST_F(PromptFile, JsonArraysOfTextsOrObjects) {
  for (const char* name : {"p.json", "p.JSON", "p.txt"}) {
    EXPECT_EQ(read(name, "[\n  \"a red ball\",\n  \"a \\\"big\\\" cat, asleep\"\n]\n"), kTwo) << name;
    EXPECT_EQ(read(name, "[{\"prompt\": \"a red ball\"}, \"a \\\"big\\\" cat, asleep\"]"), kTwo) << name;
  }
  EXPECT_TRUE(says(message("p.json", "{\"prompts\": [\"a\"]}"),
                   "p.json:1: key \"prompt\" is missing; the object has [prompts]"));
  EXPECT_TRUE(says(message("p.json", "{\n \"prompt\": \"a\"\n}"), "wanted a JSON array"));
  EXPECT_TRUE(says(message("p.json", "[\"a\", \"b\""), "wanted a JSON array"));
  EXPECT_TRUE(says(message("p.json", "[\"a\", 4]"), "p.json: item 1 (from 0): wanted a text"));
  EXPECT_TRUE(says(message("p.json", "[\"a\", \"\\u3000\"]"), "item 1 (from 0): the prompt is empty"));
  EXPECT_TRUE(says(message("p.json", "[{\"caption\": \"a\"}]"),
                   "item 0 (from 0): key \"prompt\" is missing; the object has [caption]"));
  EXPECT_TRUE(says(message("p.json", "[]"), "no prompts"));
  EXPECT_TRUE(says(message("p.json", "a red ball\n"), "wanted a JSON array"));
  EXPECT_TRUE(says(message("p.txt", "[\n\"a red ball\",\n"), "begins as JSON does"));
}

TEST_F(PromptFile, AnObjectMayNameAReferenceClip) {
  read("p.jsonl", "{\"prompt\": \"a\", \"reference\": \"clips/7.mp4\"}\n{\"prompt\": \"b\"}\n");
  const PromptList list = read_prompt_list(folder_ / "p.jsonl");
  EXPECT_EQ(list.prompts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(list.references, (std::vector<std::string>{"clips/7.mp4", ""}));
  EXPECT_TRUE(
      says(message("p.json", "[{\"prompt\": \"a\", \"reference\": \" \"}]"), "\"reference\" is empty"));
  EXPECT_TRUE(says(message("p.jsonl", "{\"prompt\": \"a\", \"reference\": 7}"), "reference"));
}

TEST_F(PromptFile, TablesWithAHeader) {
  EXPECT_EQ(read("p.csv", "prompt,id\na red ball,1\n\"a \"\"big\"\" cat, asleep\",2\n"), kTwo);
  EXPECT_EQ(
      read("p.CSV", "\xEF\xBB\xBFid;Prompt \r\n1; a red ball\r\n\r\n2;\"a \"\"big\"\" cat, asleep\"\r\n"),
      kTwo);
  EXPECT_EQ(read("p.tsv", "id\tprompt\n1\ta red ball\n2\ta \"big\" cat, asleep\n"), kTwo);
  EXPECT_EQ(read("p.csv", "\"prompt\"\n\"a red ball\"\n\"a \"\"big\"\" cat, asleep\""), kTwo);
  EXPECT_EQ(read("p.csv", "prompt,n\n\"two\r\nlines\",1\n"), (Prompts{"two\nlines"}));
  EXPECT_TRUE(says(message("p.csv", "caption,id\na,1\n"),
                   "p.csv:1: no column is called \"prompt\"; the header has [caption, id]"));
  EXPECT_TRUE(says(message("p.csv", "prompt,prompt\na,1\n"), "two columns"));
  EXPECT_TRUE(says(message("p.csv", "prompt,id\n\na red ball, moving,1\n"),
                   "p.csv:3: the row has 3 fields, the header 2"))
      << "an unquoted comma must not cut a prompt";
  EXPECT_TRUE(says(message("p.csv", "prompt,id\n\"two\nlines\",1\n,2\n"), "p.csv:4: the prompt is empty"));
  EXPECT_TRUE(says(message("p.csv", "prompt,id\na,1\n\"b,2\n"), "p.csv:3: a quoted field is never closed"));
  EXPECT_TRUE(says(message("p.csv", "prompt\n\"a\" b\n"), "p.csv:2: text stands behind the closing quote"));
  EXPECT_TRUE(says(message("p.csv", "prompt,id\n"), "no prompts"));
  for (const char* header : {"prompt,id", "id\tPrompt", "prompt", "\"prompt\";seed", "caption,file"})
    EXPECT_TRUE(says(message("p.txt", std::string(header) + "\na,1\n"),
                     "p.txt:1: the first line is a table's header"))
        << header;
}

TEST_F(PromptFile, LinesThatShowNothingAreBlank) {
  EXPECT_EQ(
      read("p.txt",
           "a\n\xE3\x80\x80\n\xC2\xA0\n\xE2\x80\x8B\n\xEF\xBB\xBF\n\xE2\x80\x8E\xE2\x81\xA0\n\xE3\x80\x80"
           "b\xC2\xA0\n"),
      (Prompts{"a", "b"}));
  EXPECT_EQ(read("p.jsonl", "{\"prompt\":\"a\"}\n\xE3\x80\x80\n"), (Prompts{"a"}));
  EXPECT_EQ(read("p.csv", "prompt\na\n\xE3\x80\x80\n"), (Prompts{"a"}));
  EXPECT_TRUE(says(message("p.txt", "\xE3\x80\x80\n\xE2\x80\x8B\n"), "no prompts"));
  EXPECT_TRUE(says(message("p.jsonl", "{\"prompt\":\"\xE2\x80\x8B\"}\n"), "\"prompt\" is empty"));
}

TEST_F(PromptFile, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_TRUE(says(message("p.txt", ""), "no prompts"));
  EXPECT_TRUE(says(message("p.txt",
                           "good\nb\xFF"
                           "d\n"),
                   "p.txt:2: the line is not UTF-8"));
  EXPECT_TRUE(says(message("p.txt", std::string("\xFF\xFE"
                                                "a\0\n\0",
                                                6)),
                   "is UTF-16 text"));
  EXPECT_TRUE(says(message("p.txt", std::string("a\0b\n", 4)), "p.txt:1: control character 0"));
  EXPECT_TRUE(says(message("p.txt", "a\x1B[2Jb\n"), "control character 27"));
  EXPECT_TRUE(
      says(message("p.jsonl", "{\"prompt\":\"a\"}\nb\n"), "p.jsonl:2: the line is not a JSON object"));
  EXPECT_TRUE(says(message("p.jsonl", "{\"text\":\"a\"}\n"), "p.jsonl:1: key \"prompt\" is missing"));
  EXPECT_TRUE(says(message("p.jsonl", "{\"prompt\":4}\n"), "\"prompt\" is 4, wanted a string"));
  EXPECT_TRUE(says(message("p.jsonl", "{\"prompt\":" + std::string(200'000, '[') + "\n"), "nested deeper"));
  EXPECT_TRUE(says(message("p.yaml", "- a red ball\n"), "not read from .yaml files, but from .txt"));
  EXPECT_TRUE(says(message("p.txt", std::string(3 << 20, 'x')),
                   "p.txt:1: the prompt has 3145728 bytes, wanted 8192"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_prompts(folder_ / "absent.txt"); }), "absent.txt"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_prompts("/dev/zero"); }), "is a device"));
}

}  // namespace
}  // namespace drf::questions
