#include "cli/inspect/evidence_json.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/tpm/quote.h"
#include "evidence/wire/saved_bundle.h"
#include "evidence/wire/statement/activation_statement.h"

namespace assay::cli {
namespace {

Json entry_of(const ManifestEntry& entry, const Evidence& evidence) {
    Json section{{"name", entry.name}, {"length", entry.length}, {"sha256", entry.digest.hex()}};
    const auto found = evidence.sections.find(entry.name);
    if (found == evidence.sections.end())
        section["content"] = "not included";
    else if (found->second.size() == entry.length && sha256(found->second) == entry.digest)
        section["content"] = "matches";
    else
        section["content"] = "differs from the manifest";
    return section;
}

std::string names_in(const Manifest& manifest) {
    std::string out;
    for (const auto& entry : manifest.entries) out += (out.empty() ? "" : ", ") + entry.name;
    return out.empty() ? "none" : out;
}

Json evidence_json(const Evidence& evidence) {
    Json out{{"nonce", to_hex(evidence.nonce)}, {"verified", false}};
    if (auto manifest = decode_manifest(evidence.manifest)) {
        out["host"] = printable(manifest->host);
        out["boot_id"] = printable(manifest->boot_id);
        out["sections"] = Json::array();
        for (const auto& entry : manifest->entries) out["sections"].push_back(entry_of(entry, evidence));
    } else {
        out["manifest_error"] = describe(manifest.error());
    }
    if (auto quote = inspect_quote(evidence.quote)) {
        const auto binding = evidence_binding(evidence.nonce, evidence.manifest).hex();
        out["bound"] = (*quote)["extra_data"] == binding;
        out["quote"] = std::move(*quote);
    } else {
        out["quote_error"] = describe(quote.error());
    }
    return out;
}

/// `assay appraise --keys` verifies it; here there is no key.
Json activation_json(const std::string& token) {
    const auto said = unverified_activation(token);
    if (!said) return {{"verified", false}, {"error", printable(describe(said.error()))}};
    return {{"verified", false},
            {"host", printable(said->host)},
            {"ak", said->ak.hex()},
            {"ek", said->ek.hex()},
            {"build", printable(said->build)},
            {"activated_at", rfc3339_text(said->activated_at)},
            {"issued_at", rfc3339_text(said->issued_at)},
            {"expires_at", rfc3339_text(said->expires_at)}};
}

}  // namespace

Result<Json> inspect_quote(ByteView attest) {
    const auto quote = TRY(tcg::parse_quote(attest));
    return Json{{"type", "quote"},
                {"qualified_signer", to_hex(quote.qualified_signer)},
                {"extra_data", to_hex(quote.extra_data)},
                {"clock_ms", quote.clock_info.clock_ms},
                {"reset_count", quote.clock_info.reset_count},
                {"restart_count", quote.clock_info.restart_count},
                {"safe", quote.clock_info.safe},
                {"firmware_version", quote.firmware_version},
                {"selection", tcg::to_text(quote.selection)},
                {"pcr_digest", to_hex(quote.pcr_digest)},
                {"verified", false}};
}

Result<Json> inspect_evidence(ByteView bytes) {
    if (const auto bundle = decode_saved_bundle(bytes)) {
        auto out = evidence_json(bundle->evidence);
        out["format"] = "saved bundle";
        out["made_by"] = printable(bundle->made_by);
        out["challenge"] = {{"selection", printable(bundle->challenge.selection)},
                            {"issued_at", bundle->challenge.issued_at},
                            {"expires_at", bundle->challenge.expires_at}};
        out["known_host"] = {{"name", printable(bundle->known_host.name)},
                             {"ak_activated", bundle->known_host.ak_activated},
                             {"enrolled_at", bundle->known_host.enrolled_at}};
        out["sessions"] = bundle->sessions.size();
        if (bundle->activation) out["activation"] = activation_json(*bundle->activation);
        return out;
    }
    auto out = evidence_json(TRY(decode_evidence(bytes)));
    out["format"] = "evidence";
    return out;
}

Result<FoundSection> find_section(ByteView file, std::string_view name) {
    auto bundle = decode_saved_bundle(file);
    auto evidence = bundle ? std::move(bundle->evidence) : TRY(decode_evidence(file));
    const auto manifest = TRY(with_context(decode_manifest(evidence.manifest), "manifest"));
    const auto* entry = manifest.find(name);
    if (entry == nullptr)
        return fail(ErrorCode::not_found, fmt::format("no section '{}'; the evidence has {}",
                                                      printable(shortened(name, 64)), names_in(manifest)));
    const auto found = evidence.sections.find(name);
    if (found == evidence.sections.end())
        return fail(ErrorCode::not_found,
                    fmt::format("section '{}' is named and not included: the verifier has it from an earlier "
                                "report. A bundle that it writes has it: assay host export",
                                printable(name)));
    FoundSection out{.about = entry_of(*entry, evidence), .bytes = std::move(found->second)};
    out.about["host"] = printable(manifest.host);
    out.about["verified"] = false;
    return out;
}

}  // namespace assay::cli
