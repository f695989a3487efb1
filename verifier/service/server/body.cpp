#include "verifier/service/server/body.h"

#include <algorithm>

namespace assay::server {
namespace {

constexpr std::size_t kFirstStep = 4096;

}  // namespace

Body::Body(Admission& admission, std::string source, bool is_operator, std::size_t limit,
           std::optional<std::uint64_t> claimed)
    : room_(admission, std::move(source), is_operator),
      limit_(limit),
      most_(static_cast<std::size_t>(std::min<std::uint64_t>(claimed.value_or(limit), limit))) {}

Body::Taken Body::append(std::string_view part) {
    if (part.size() > limit_ - bytes_.size()) return Taken::too_large;
    const auto wanted = bytes_.size() + part.size();
    if (wanted > bytes_.capacity()) {
        const auto step = std::min(most_, std::max(kFirstStep, 2 * bytes_.capacity()));
        const auto capacity = std::max(wanted, step);
        if (!room_.grow_to(capacity)) return Taken::no_room;
        std::string grown;  // std::string::reserve would take up to twice as much
        grown.reserve(capacity);
        grown.append(bytes_);
        bytes_.swap(grown);
    }
    bytes_.append(part);
    return Taken::yes;
}

}  // namespace assay::server
