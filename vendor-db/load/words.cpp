// The sentences that findings and answers are made of.
#include <chrono>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {

std::string date_text(std::int64_t unix_seconds) {
    using namespace std::chrono;
    constexpr std::int64_t kYear0 = -62'167'219'200;
    constexpr std::int64_t kYear10000 = 253'402'300'800;
    if (unix_seconds < kYear0 || unix_seconds >= kYear10000) return fmt::format("{} s", unix_seconds);
    const year_month_day day(floor<days>(sys_seconds(seconds(unix_seconds))));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

std::string share_text(Share share) {
    constexpr Share kHundred = 100;
    if (share % kHundred == 0) return fmt::format("{} %", share / kHundred);
    const auto digits = fmt::format("{:02}", share % kHundred);
    return fmt::format("{}.{} %", share / kHundred, digits[1] == '0' ? digits.substr(0, 1) : digits);
}

std::string span_text(const Span& span) {
    if (span.from && span.to) return "from " + date_text(*span.from) + " until " + date_text(*span.to);
    if (span.from) return "since " + date_text(*span.from);
    if (span.to) return "until " + date_text(*span.to);
    return "";
}

std::string VendorDb::in_words(const OwnershipChain& chain) const {
    if (chain.steps.empty()) return "";
    auto text = printable(legal_name(chain.steps.front().entity));
    for (const auto& [entity, link] : chain.steps) {
        const auto span = span_text(link->span);
        text +=
            fmt::format(" <- {} ({}{}{}, {}{})", printable(legal_name(link->owner)),
                        link->share ? share_text(*link->share) : "control", span.empty() ? "" : ", ", span,
                        printable(link->source), link->confidence == Confidence::weak ? ", weak" : "");
    }
    return text;
}

std::string VendorDb::in_words(const Listing& listing, std::int64_t at) const {
    std::string text;
    if (!listing.chain.steps.empty()) text = in_words(listing.chain) + " <- ";
    text += fmt::format("listed for {}, barring {}, status {} as of {}", printable(listing.list->title),
                        printable(listing.list->bars), to_string(listing.status), date_text(at));
    if (listing.status_from != 0 && listing.status != ListStatus::active)
        text += fmt::format(" (since {})", date_text(listing.status_from));
    if (listing.entry->effective_from) {
        text += fmt::format(", effective {}{}", listing.ahead(at) ? "only from " : "",
                            date_text(*listing.entry->effective_from));
    }
    text += fmt::format(" [{}: {}]", printable(listing.list->id), printable(listing.entry->document));
    if (listing.weak) text += ", weakly sourced";
    return text;
}

}  // namespace assay::vendors
