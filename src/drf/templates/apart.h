#pragma once
// Whether a question can tell one thing of a caption from another by its name.

#include "drf/templates/caption.h"

namespace drf::templates {

/// "a clay pot ... a white pot": whether the longer name of `other` may be meant by that of `t` as well.
bool may_mean(const Thing& t, const Thing& other);

/// Whether no other thing of the caption may be meant by the name of its `thing`-th: what is said of it by
/// name is of it alone.
bool is_named_alone(const Caption& caption, int thing);

/// Whether the body's part that `part` names may be of another one than its owner: the caption tells of more
/// than one who has such a part.
bool may_be_of_another(const Caption& caption, const Thing& part);

}  // namespace drf::templates
