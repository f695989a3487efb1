#include "evidence/base/rfc3339.h"

#include <algorithm>

#include "evidence/base/text.h"

namespace assay {

std::string rfc3339_text(std::int64_t unix_seconds) {
    auto text = utc_text(unix_seconds);
    std::ranges::replace(text, ' ', 'T');
    return text;
}

}  // namespace assay
