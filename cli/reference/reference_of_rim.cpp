#include "cli/reference/reference_of_rim.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/eventlog/event_type.h"

namespace assay::cli {
namespace {

using rim::RimFormat;
using rim::RimValueKind;
using vendors::ReferenceOrigin;

// What nobody signed is worth what a list is worth, in whichever format it comes.
ReferenceOrigin origin_of(const rim::Rim& rim) {
    if (!rim.signer) return ReferenceOrigin::list;
    return rim.format == RimFormat::corim ? ReferenceOrigin::corim : ReferenceOrigin::rim;
}

std::string source_of(const RimFile& file) {
    const auto& rim = file.rim;
    std::string out =
        printable(std::filesystem::path(file.name).filename().string()) + ", sha256 " + rim.file.hex();
    if (!rim.tag_id.empty()) out += fmt::format(", tag {} version {}", rim.tag_id, rim.tag_version);
    if (!rim.signer) return out + (rim.format == RimFormat::digest_list ? "" : ", signed by nobody");
    return out + fmt::format(", signed by {} ({} sha256 {})", rim.signer->subject,
                             rim.signer->by_certificate ? "certificate" : "key", rim.signer->sha256.hex());
}

std::string what_of(const rim::RimValue& value) {
    std::string out = value.event_type ? tcg::event_type_name(*value.event_type) : std::string();
    for (const auto& each :
         {value.description, value.path != value.description ? value.path : std::string()}) {
        if (!each.empty()) out += (out.empty() ? "" : " ") + each;
    }
    return shortened(out, 300);
}

bool is_wanted(const rim::Rim& rim, const rim::RimValue& value, const ImportOptions& options) {
    if (!value.pcr) return true;
    if (!options.pcrs.empty()) return std::ranges::find(options.pcrs, *value.pcr) != options.pcrs.end();
    return rim.format != RimFormat::pc_client ||
           std::ranges::find(kBootPcrs, *value.pcr) != std::end(kBootPcrs);
}

// The same event may come more than once; once is enough to say that it may.
using Seen = std::set<std::tuple<RimValueKind, std::optional<std::uint32_t>, Digest>>;

void add(vendors::ReferenceSet& set, const rim::RimValue& value, Seen& seen) {
    auto& values = value.kind == RimValueKind::event ? set.events
                   : value.kind == RimValueKind::pcr ? set.pcrs
                                                     : set.files;
    for (const auto& digest : value.digests) {
        if (seen.emplace(value.kind, value.pcr, digest).second)
            values.push_back({.pcr = value.pcr, .digest = digest, .what = what_of(value), .where = {}});
    }
}

Result<std::string> chosen(const RimFile& file, const std::string& option, const std::string& own,
                           std::string_view what) {
    if (!option.empty()) return option;
    if (!trimmed(own).empty()) return std::string(trimmed(own));
    return fail(ErrorCode::usage,
                fmt::format("{} does not say its {}; give it: --{}", printable(file.name), what, what));
}

Result<> check_support(const RimFile& file) {
    for (const auto& each : file.rim.support) {
        if (each.given) continue;
        return fail(ErrorCode::not_found,
                    fmt::format("{}: its support RIM {} ({} {}) is not there; give it: --support FILE",
                                printable(file.name), each.name, to_string(each.digests.front().algorithm()),
                                each.digests.front().hex()));
    }
    return {};
}

}  // namespace

Result<ImportedSet> reference_of_rim(const RimFile& file, const ImportOptions& options) {
    const auto& rim = file.rim;
    TRY_VOID(check_support(file));
    ImportedSet out;
    auto& set = out.set;
    const auto own_name = rim.format == RimFormat::digest_list ? std::string() : rim.name;
    set.name = TRY(chosen(file, options.name, own_name, "name"));
    set.version = TRY(
        chosen(file, options.version, rim.version.empty() ? rim.platform_version : rim.version, "version"));
    set.model = TRY(chosen(file, options.model, rim.model, "model"));
    set.span = options.span;
    if (!set.span.from) set.span.from = rim.not_before;
    if (!set.span.to) set.span.to = rim.not_after;
    set.origin = origin_of(rim);
    set.source = source_of(file);
    std::map<std::uint32_t, std::size_t> other_pcrs;
    std::size_t measurements = 0;
    Seen seen;
    for (const auto& value : rim.values) {
        if (value.kind == RimValueKind::measurement)
            ++measurements;
        else if (!is_wanted(rim, value, options))
            ++other_pcrs[*value.pcr];
        else
            add(set, value, seen);
    }
    if (measurements > 0)
        out.left_out.push_back(
            fmt::format("{} measurements of components, which no check of a boot compares", measurements));
    for (const auto& [pcr, count] : other_pcrs)
        out.left_out.push_back(fmt::format("{} values of PCR {} (--pcrs)", count, pcr));
    if (set.events.empty() && set.pcrs.empty() && set.files.empty()) {
        std::string why;
        for (const auto& each : out.left_out) why += (why.empty() ? ": left out are " : ", ") + each;
        return fail(ErrorCode::not_found,
                    fmt::format("{}: nothing for a reference set{}", printable(file.name), why));
    }
    return out;
}

}  // namespace assay::cli
