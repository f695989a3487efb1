#include "verifier/judge/rim/pc_client_rim.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_log.h"
#include "verifier/judge/rim/swid_tag.h"
#include "verifier/judge/rim/xml_signature.h"

namespace assay::rim {
namespace {

bool is_pc_client(const SwidTag& tag) {
    return tag.binding_spec.starts_with("PC Client");
}

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string digests_text(const std::vector<Digest>& digests) {
    std::string out;
    for (const auto& each : digests)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", to_string(each.algorithm()), each.hex());
    return out;
}

std::unexpected<Error> not_of_the_tag(const NamedFile& file, const std::vector<SupportRim>& wanted) {
    const auto named = std::ranges::find_if(
        wanted, [&](const auto& each) { return file_name(each.name) == file_name(file.name); });
    const auto found = sha256(file.content).hex();
    if (named == wanted.end())
        return fail(ErrorCode::refused,
                    fmt::format("{}: SHA-256 {}: the manifest names no such support RIM; take "
                                "the file that came with the manifest",
                                printable(file.name), found));
    return fail(
        ErrorCode::refused,
        fmt::format("{}: SHA-256 {}, {} bytes; the manifest's {} has {}, {} bytes ({}); take the file that "
                    "came with the manifest",
                    printable(file.name), found, file.content.size(), named->name,
                    digests_text(named->digests), named->size.value_or(0), named->place));
}

Result<> read_support(const NamedFile& file, Rim& rim) {
    const auto found = std::ranges::find_if(
        rim.support, [&](const SupportRim& each) { return is_support_rim(each, file.content); });
    if (found == rim.support.end()) return not_of_the_tag(file, rim.support);
    if (found->given) return {};
    auto values = TRY(values_of_event_log(file.content, file_name(found->name)));
    if (values.size() > limits::kValues - rim.values.size())
        return fail(ErrorCode::limit, fmt::format("more than {} values", limits::kValues));
    std::ranges::move(values, std::back_inserter(rim.values));
    found->given = true;
    return {};
}

Result<> take_files(const SwidTag& tag, Rim& rim) {
    for (const auto& file : tag.files) {
        if (file.hashes.digests.empty()) {
            rim.not_used.push_back(
                fmt::format("file {} ({}): no digest stronger than SHA-1", file.path, file.place));
        } else if (!is_pc_client(tag)) {
            rim.values.push_back({.kind = RimValueKind::file,
                                  .pcr = {},
                                  .event_type = {},
                                  .digests = file.hashes.digests,
                                  .description = "file of " + tag.name,
                                  .path = file.path,
                                  .place = file.place});
        } else if (rim.support.size() == limits::kSupportRims) {
            return fail(ErrorCode::limit, fmt::format("more than {} support RIMs", limits::kSupportRims));
        } else {
            rim.support.push_back({file.path, file.size, file.hashes.digests, file.place, false});
        }
    }
    return {};
}

Result<> take_measurements(const SwidTag& tag, Rim& rim) {
    for (const auto& each : tag.measurements) {
        if (!each.active) continue;
        for (const auto& digest : each.alternatives) {
            if (rim.values.size() == limits::kValues)
                return fail(ErrorCode::limit, fmt::format("more than {} values", limits::kValues));
            rim.values.push_back({.kind = RimValueKind::measurement,
                                  .pcr = {},
                                  .event_type = {},
                                  .digests = {digest},
                                  .description = fmt::format("measurement {} of {}", each.index, tag.name),
                                  .path = each.name,
                                  .place = each.place});
        }
    }
    return {};
}

Rim rim_of(const SwidTag& tag) {
    Rim rim{.format = RimFormat::pc_client,
            .tag_id = tag.tag_id,
            .name = tag.name,
            .version = tag.version,
            .tag_version = tag.tag_version,
            .maker = tag.maker.empty() ? tag.creator : tag.maker,
            .model = tag.model,
            .platform_version = tag.firmware_version.empty() ? tag.platform_version : tag.firmware_version,
            .binding_spec = tag.binding_spec,
            .supplemental = tag.supplemental,
            .signer = {},
            .signed_at = {},
            .not_before = {},
            .not_after = {},
            .file = {},
            .values = {},
            .support = {},
            .not_used = tag.not_used};
    if (!tag.binding_spec_version.empty()) rim.binding_spec += " " + tag.binding_spec_version;
    return rim;
}

}  // namespace

// All of the tag's digests, so that none of them is a lie that another reader believes.
bool is_support_rim(const SupportRim& wanted, ByteView content) {
    return wanted.size.value_or(content.size()) == content.size() && !wanted.digests.empty() &&
           std::ranges::all_of(wanted.digests,
                               [&](const Digest& each) { return hash(each.algorithm(), {content}) == each; });
}

Result<std::vector<RimValue>> values_of_event_log(ByteView log, std::string_view name) {
    const auto parsed = TRY(with_context(tcg::parse_event_log(log), printable(name)));
    if (parsed.is_ccel())
        return fail(ErrorCode::unsupported,
                    fmt::format("{}: a log of measurement registers (CCEL), not of PCRs", printable(name)));
    if (std::ranges::all_of(parsed.banks(), [](HashAlgorithm each) { return each == HashAlgorithm::sha1; }))
        return fail(
            ErrorCode::unsupported,
            fmt::format("{}: the log has digests of SHA-1 alone, which are no reference for anything; ask "
                        "for one with SHA-256",
                        printable(name)));
    std::vector<RimValue> out;
    for (const auto& event : parsed.unverified_events()) {
        if (!event.extends()) continue;
        RimValue value{.kind = RimValueKind::event,
                       .pcr = event.pcr,
                       .event_type = event.unverified_type,
                       .digests = {},
                       .description = tcg::describe_unverified_data(event),
                       .path = {},
                       .place = fmt::format("{} event {}", printable(name), event.index)};
        std::ranges::copy_if(event.digests, std::back_inserter(value.digests),
                             [](const Digest& each) { return each.algorithm() != HashAlgorithm::sha1; });
        if (!value.digests.empty()) out.push_back(std::move(value));
    }
    return out;
}

Result<Rim> read_pc_client_rim(ByteView bytes, std::span<const NamedFile> support, const RimTrust& trust) {
    const auto document = TRY(xml::parse(bytes));
    const auto tag = TRY(read_swid_tag(document));
    auto rim = rim_of(tag);
    rim.file = sha256(bytes);
    auto signature = verify_xml_signature(document, trust);
    if (signature) {
        rim.signer = std::move(signature->signer);
        rim.signed_at = signature->signed_at;
    } else if (signature.error().code != ErrorCode::not_found || !trust.allow_unsigned) {
        return std::unexpected(std::move(signature).error());
    }
    TRY_VOID(take_files(tag, rim));
    TRY_VOID(take_measurements(tag, rim));
    for (const auto& file : support) TRY_VOID(read_support(file, rim));
    return rim;
}

}  // namespace assay::rim
