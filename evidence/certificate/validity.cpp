#include "evidence/certificate/validity.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::tcg {
namespace {

constexpr std::int64_t kDayOfValidity_s = 24LL * 3600;

}  // namespace

Nearness nearness(const Validity& validity, std::int64_t now) {
    if (now < validity.not_before) return Nearness::to_come;
    if (now > validity.not_after) return Nearness::ended;
    const auto left = validity.not_after - now;
    if (left <= 7 * kDayOfValidity_s) return Nearness::within_7_days;
    if (left <= 30 * kDayOfValidity_s) return Nearness::within_30_days;
    return left <= 60 * kDayOfValidity_s ? Nearness::within_60_days : Nearness::far;
}

std::string_view to_string(Nearness nearness) {
    constexpr std::array<std::string_view, 6> kNames{"good",   "60 days", "30 days",
                                                     "7 days", "ended",   "to come"};
    return kNames.at(static_cast<std::size_t>(nearness));
}

std::string validity_words(const Validity& validity, std::int64_t now) {
    switch (nearness(validity, now)) {
        case Nearness::to_come:
            return fmt::format("is valid only from {} on", utc_text(validity.not_before));
        case Nearness::ended:
            return fmt::format("ended at {}", utc_text(validity.not_after));
        default:
            break;
    }
    const auto days = (validity.not_after - now) / kDayOfValidity_s;
    return fmt::format("ends in {} {}, at {}", days, days == 1 ? "day" : "days",
                       utc_text(validity.not_after));
}

std::string time_text(std::int64_t time_s) {
    auto text = utc_text(time_s);
    std::ranges::replace(text, ' ', 'T');
    return text;
}

bool Reminder::due(const Validity& validity, std::int64_t now) {
    const auto is = nearness(validity, now);
    if (is == Nearness::far) {
        said_ = is;
        return false;
    }
    // A clock that was set back says nothing about when it was said.
    if (is == said_ && now >= said_at_ && now - said_at_ < kDayOfValidity_s) return false;
    said_ = is;
    said_at_ = now;
    return true;
}

}  // namespace assay::tcg
