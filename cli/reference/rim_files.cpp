#include "cli/reference/rim_files.h"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/certificate/pem.h"
#include "evidence/eventlog/event_type.h"
#include "verifier/judge/rim/pc_client_rim.h"
#include "verifier/judge/rim/read_rim.h"
#include "verifier/service/inputs/certificate_files.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

struct ReadFile {
    std::string name;
    Bytes content;
    bool used = false;
};

// What the owner trusts, with the storage that a RimTrust borrows.
struct Trusted {
    std::vector<tcg::Certificate> certificates;
    std::vector<Bytes> keys;
};

Result<Trusted> read_trusted(const RimFiles& files) {
    Trusted out;
    for (const auto& file : files.roots) {
        auto found = TRY(inputs::read_certificates(file));
        std::ranges::move(found, std::back_inserter(out.certificates));
    }
    for (const auto& file : files.keys) {
        const auto content = TRY(read_file(file, tcg::kPemFile));
        for (auto& each : TRY(with_context(tcg::pem_or_der(content, "PUBLIC KEY"), printable(file))))
            out.keys.push_back(std::move(each));
    }
    return out;
}

Result<std::vector<ReadFile>> read_support(const RimFiles& files) {
    std::vector<ReadFile> out;
    out.reserve(files.support.size());
    for (const auto& file : files.support) {
        auto content = TRY(read_file(file, rim::limits::kRimFile));
        out.push_back({file, std::move(content), false});
    }
    return out;
}

// The support RIMs of this manifest: among those that are given, else beside it under the name that it says.
std::vector<ReadFile> support_of(const std::string& manifest, const rim::Rim& rim,
                                 std::vector<ReadFile>& given) {
    std::vector<ReadFile> out;
    for (const auto& wanted : rim.support) {
        const auto found = std::ranges::find_if(
            given, [&](const auto& each) { return rim::is_support_rim(wanted, each.content); });
        if (found != given.end()) {
            found->used = true;
            out.push_back(*found);
            continue;
        }
        const auto beside = fs::path(manifest).parent_path() / fs::path(wanted.name).filename();
        auto content = read_file(beside, rim::limits::kRimFile);
        if (content && rim::is_support_rim(wanted, *content))
            out.push_back({beside.string(), std::move(*content)});
    }
    return out;
}

Result<RimFile> read_one(const std::string& file, std::vector<ReadFile>& support,
                         const rim::RimTrust& trust) {
    const auto content = TRY(read_file(file, rim::limits::kRimFile));
    const rim::NamedFile manifest{file, content};
    RimFile out;
    out.name = file;
    out.rim = TRY(rim::read_rim(manifest, {}, trust));
    const auto beside = support_of(file, out.rim, support);
    if (beside.empty()) return out;
    std::vector<rim::NamedFile> named;
    named.reserve(beside.size());
    for (const auto& each : beside) named.push_back({each.name, each.content});
    out.rim = TRY(rim::read_rim(manifest, named, trust));
    return out;
}

Result<> check_all_used(const std::vector<RimFile>& rims, const std::vector<ReadFile>& support) {
    for (const auto& file : support) {
        if (file.used) continue;
        std::string wanted;
        for (const auto& each : rims) {
            for (const auto& other : each.rim.support) {
                if (!other.given && !other.digests.empty())
                    wanted += fmt::format("; {} wants {}, {} {}", printable(each.name), other.name,
                                          to_string(other.digests.front().algorithm()),
                                          other.digests.front().hex());
            }
        }
        return fail(
            ErrorCode::refused,
            fmt::format("{}: sha256 {}: no manifest has this digest{}. Take the file that came with the "
                        "manifest, unchanged",
                        printable(file.name), sha256(file.content).hex(), wanted));
    }
    return {};
}

std::string signer_text(const rim::Rim& rim) {
    if (!rim.signer) return rim.format == rim::RimFormat::digest_list ? "nobody: a list" : "NOBODY";
    return fmt::format("{} ({} sha256 {}), {}", cell(rim.signer->subject),
                       rim.signer->by_certificate ? "certificate" : "key",
                       rim.signer->sha256.hex().substr(0, 16), rim.signer->algorithm);
}

Json json_of(const rim::RimValue& value) {
    Json out{{"kind", to_string(value.kind)}, {"place", value.place}};
    for (const auto& digest : value.digests)
        out["digests"][std::string(to_string(digest.algorithm()))] = digest.hex();
    if (value.pcr) out["pcr"] = *value.pcr;
    if (value.event_type) out["event_type"] = tcg::event_type_name(*value.event_type);
    if (!value.description.empty()) out["description"] = value.description;
    if (!value.path.empty()) out["path"] = value.path;
    return out;
}

void print(const rim::RimValue& value) {
    const auto& digest = value.digests.front();
    auto what = value.path.empty() ? value.description : value.path;
    if (value.event_type) what = fmt::format("{} {}", tcg::event_type_name(*value.event_type), what);
    fmt::print("  {:<11} {:<6} {}:{} {}\n", to_string(value.kind),
               value.pcr ? fmt::format("PCR {}", *value.pcr) : "", to_string(digest.algorithm()),
               digest.hex().substr(0, 16), kept_printable(shortened(what, 100)));
}

}  // namespace

void add_rim_options(command_line::Command& command, RimFiles& files) {
    command
        .add_option(
            "FILE", files.manifests,
            "PC Client RIMs (SWID tags), CoRIMs, or lists of digests; what one is shows in its first bytes")
        ->required()
        ->type_name("FILE");
    command
        .add_option(
            "--support", files.support,
            "Support RIMs: the event logs whose digests are in the tags; by default those beside them")
        ->type_name("FILE");
    command
        .add_option("--roots", files.roots,
                    "Certificates (PEM or DER) that are trusted to sign, or whose holders' signers are")
        ->type_name("FILE");
    command.add_option("--key", files.keys, "Public keys (PEM) that are trusted to sign CoRIMs")
        ->type_name("FILE");
    command.add_option("--profile", files.profiles,
                       "Read a CoRIM of this profile as one without: it changes nothing of digests and keys");
    command.add_flag("--unsigned", files.allow_unsigned,
                     "Read manifests that nobody signed too; the set then says so, and counts as a list");
    command
        .add_option("--last", files.last,
                    "The manifest that was imported before: an older one of the same tag is refused")
        ->type_name("FILE");
}

Result<std::vector<RimFile>> read_rims(const RimFiles& files, std::int64_t at) {
    const auto trusted = TRY(read_trusted(files));
    const rim::RimTrust trust{.certificates = trusted.certificates,
                              .keys = trusted.keys,
                              .at_unix_time = at,
                              .allow_unsigned = files.allow_unsigned,
                              .profiles = files.profiles};
    auto support = TRY(read_support(files));
    std::vector<RimFile> out;
    out.reserve(files.manifests.size());
    for (const auto& file : files.manifests) out.push_back(TRY(read_one(file, support, trust)));
    TRY_VOID(check_all_used(out, support));
    if (files.last.empty()) return out;
    const auto content = TRY(read_file(files.last, rim::limits::kRimFile));
    const auto last = TRY(rim::identity_of({files.last, content}));
    for (const auto& each : out)
        TRY_VOID(with_context(rim::check_not_older(each.rim, last.tag_id, last.tag_version),
                              printable(each.name)));
    return out;
}

Json to_json(const RimFile& file) {
    const auto& rim = file.rim;
    Json out{{"file", file.name},
             {"sha256", rim.file.hex()},
             {"format", to_string(rim.format)},
             {"signed", rim.signer.has_value()},
             {"supplemental", rim.supplemental},
             {"values", Json::array()},
             {"support", Json::array()},
             {"not_used", rim.not_used}};
    const std::pair<const char*, const std::string&> texts[] = {{"tag_id", rim.tag_id},
                                                                {"name", rim.name},
                                                                {"version", rim.version},
                                                                {"maker", rim.maker},
                                                                {"model", rim.model},
                                                                {"platform_version", rim.platform_version},
                                                                {"binding_spec", rim.binding_spec}};
    for (const auto& [key, text] : texts) {
        if (!text.empty()) out[key] = text;
    }
    if (rim.format != rim::RimFormat::digest_list) out["tag_version"] = rim.tag_version;
    if (rim.signer) {
        out["signer"] = {{"subject", rim.signer->subject},
                         {"sha256", rim.signer->sha256.hex()},
                         {"by", rim.signer->by_certificate ? "certificate" : "key"},
                         {"algorithm", rim.signer->algorithm}};
        if (rim.signer->trusted_by) out["signer"]["trusted_by"] = rim.signer->trusted_by->hex();
    }
    if (rim.signed_at) out["signed_at"] = *rim.signed_at;
    if (rim.not_before) out["not_before"] = *rim.not_before;
    if (rim.not_after) out["not_after"] = *rim.not_after;
    for (const auto& each : rim.values) out["values"].push_back(json_of(each));
    for (const auto& each : rim.support)
        out["support"].push_back({{"name", each.name}, {"read", each.given}});
    return out;
}

void print(const RimFile& file, bool values) {
    const auto& rim = file.rim;
    fmt::print("{}: {}\n", cell(file.name), to_string(rim.format));
    if (!rim.tag_id.empty()) fmt::print("  tag:     {}, tag version {}\n", cell(rim.tag_id), rim.tag_version);
    fmt::print("  of:      {} {} {}\n", cell(rim.maker), cell(rim.model),
               cell(rim.version.empty() ? rim.platform_version : rim.version));
    if (rim.supplemental)
        fmt::print("  supplemental: it adds to another manifest, which is imported by itself\n");
    fmt::print("  signed:  {}\n", signer_text(rim));
    if (rim.not_before || rim.not_after)
        fmt::print("  valid:   {} to {}\n", rim.not_before ? utc_text(*rim.not_before) : "any time",
                   rim.not_after ? utc_text(*rim.not_after) : "any time");
    for (const auto& each : rim.support)
        fmt::print("  support: {}: {}\n", cell(each.name), each.given ? "read" : "NOT GIVEN: --support FILE");
    for (const auto& each : rim.not_used) fmt::print("  not used: {}\n", cell(each));
    fmt::print("  values:  {}\n", rim.values.size());
    if (!values) return;
    for (const auto& each : rim.values) print(each);
}

}  // namespace assay::cli
