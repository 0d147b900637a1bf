#pragma once
// Text that shows nothing. Editors and web pages leave behind spaces that no ASCII test knows: the
// ideographic one, the no-break one, the zero-width ones.

#include <string>
#include <string_view>

namespace drf {

/// Whether no character of `text` (UTF-8) leaves a mark: Unicode's White_Space, the format characters and the
/// other Default_Ignorable_Code_Point (zero-width spaces and joiners, marks of direction, variation
/// selectors, Hangul fillers), and the empty Braille cell. Bytes that are not UTF-8 count as marks.
bool is_blank(std::string_view text);

/// `text` without White_Space, zero-width spaces and byte-order marks at its ends; joiners and variation
/// selectors stay, since they belong to the character beside them.
std::string trimmed(std::string_view text);

}  // namespace drf
