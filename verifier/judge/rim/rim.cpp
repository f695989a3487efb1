#include "verifier/judge/rim/rim.h"

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::rim {

std::string_view to_string(RimFormat format) {
    switch (format) {
        case RimFormat::pc_client:
            return "pc-client";
        case RimFormat::corim:
            return "corim";
        case RimFormat::digest_list:
            return "digest-list";
    }
    return "?";
}

std::string_view to_string(RimValueKind kind) {
    switch (kind) {
        case RimValueKind::event:
            return "event";
        case RimValueKind::pcr:
            return "pcr";
        case RimValueKind::file:
            return "file";
        case RimValueKind::measurement:
            return "measurement";
    }
    return "?";
}

Result<> check_not_older(const Rim& rim, std::string_view last_tag_id, std::uint64_t last_tag_version) {
    if (rim.tag_id != last_tag_id || rim.tag_version >= last_tag_version) return {};
    return fail(ErrorCode::refused,
                fmt::format("tag {} has tag version {}, and {} was read before: an older manifest may name "
                            "firmware that its maker has withdrawn; take the newer one",
                            printable(rim.tag_id), rim.tag_version, last_tag_version));
}

}  // namespace assay::rim
