#include "evidence/base/result.h"

#include <fmt/core.h>

namespace assay {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::truncated:
            return "truncated";
        case ErrorCode::limit:
            return "limit";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::refused:
            return "refused";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::io:
            return "io";
        case ErrorCode::tpm:
            return "tpm";
        case ErrorCode::crypto:
            return "crypto";
        case ErrorCode::usage:
            return "usage";
        case ErrorCode::internal:
            return "internal";
    }
    return "internal";
}

std::string describe(const Error& error) {
    if (error.offset)
        return fmt::format("{} ({} at byte {})", error.context, to_string(error.code), *error.offset);
    return fmt::format("{} ({})", error.context, to_string(error.code));
}

}  // namespace assay
