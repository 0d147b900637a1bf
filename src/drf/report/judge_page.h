#pragma once
// The page on which a person judges questions: one file, no network, worked with the keyboard or a thumb. It
// keeps what is marked in the browser, by the digests of the files, and exports marks.jsonl
// (questions/question_marks.h).

#include <filesystem>
#include <string>

#include "drf/questions/question_marks.h"

namespace drf::report {

/// The page's text for the prompts of marks.sample (all of them without one) and their questions, with
/// `marks` set already. `name`, a file's in any bytes, stands above. Texts are data to it, whatever they
/// hold: they stand in a JSON block of ASCII without "<", and the script shows them as text alone.
std::string judge_page(const questions::JudgedFiles& files, const questions::Marks& marks,
                       const std::string& name);

/// Throws Error(kConfig) if `page` is a file that is there and no page of this kind: the questions, given for
/// the page by mistake, are not to be lost.
void require_judge_page(const std::filesystem::path& page);

/// The page's script, which reads the block. A part of judge_page with a file of its own.
const char* judge_script();

}  // namespace drf::report
