#pragma once

namespace drf {

/// What models read beside weights (docs/checkpoints.md).
inline constexpr const char* kSideFiles[] = {"model_index.json",
                                             "config.json",
                                             "scheduler_config.json",
                                             "fields.json",
                                             "tokenizer.json",
                                             "tokenizer_config.json",
                                             "special_tokens_map.json",
                                             "added_tokens.json",
                                             "spiece.model",
                                             "processor_config.json",
                                             "video_preprocessor_config.json",
                                             "preprocessor_config.json",
                                             "chat_template.jinja",
                                             "chat_template.json"};

}  // namespace drf
