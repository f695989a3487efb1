#include "agent/attest/collect.h"

#include <cerrno>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <sys/random.h>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/recorded_host.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"
#include "evidence/tpm/quote.h"
#include "files/output.h"

namespace assay::agent {

namespace {

constexpr int kQuoteTries = 8;

std::string boot_id_in(const Sections& sections) {
    const auto found = sections.find(section::kKernel);
    if (found != sections.end()) {
        const auto kernel = decode_kernel_section(found->second);
        if (kernel && kernel->boot_id.size() == kNoBootId.size()) return kernel->boot_id;
    }
    return std::string(kNoBootId);
}

/// The clock as it was collected: asking once more would give another time than the evidence has.
Result<std::int64_t> wall_ms_in(const Sections& sections) {
    const auto found = sections.find(section::kClock);
    if (found == sections.end()) return fail(ErrorCode::not_found, "the machine gave no clock");
    return TRY(decode_clock_section(found->second)).wall_ms;
}

/// Whether the quote is over exactly these values.
Result<bool> quotes_values(const TpmQuote& signed_quote, const PcrSection& pcrs) {
    const auto quote = TRY(tcg::parse_quote(signed_quote.quote));
    tcg::PcrValues values;
    for (const auto& [algorithm, bank] : pcrs) {
        for (const auto& [index, digest] : bank) TRY_VOID(values.set(index, digest));
    }
    // Every AK of Assay signs with SHA-256 (agent/devices/tpm/tpm_templates.h).
    const auto digest = TRY(tcg::pcr_digest(quote.selection, values, HashAlgorithm::sha256));
    return equal(digest.view(), quote.pcr_digest);
}

/// What moves while it is looked at: the PCRs, and then the list that the kernel extends PCR 10 with.
Result<> read_moving(const Machine& machine, const EvidenceRequest& request, std::string_view boot_id,
                     Sections& sections, GapLog& gaps, PcrSection& pcrs) {
    pcrs = TRY(machine.tpm->read_pcrs(request.selection));
    sections.insert_or_assign(std::string(section::kPcrs), encode_pcr_section(pcrs));
    // A list of another boot begins anew.
    const bool goes_on = request.ima && request.ima->boot_id == boot_id;
    auto list = goes_on ? collect_ima_log_part(machine, *request.ima, gaps) : collect_ima_log(machine, gaps);
    if (list)
        sections.insert_or_assign(std::string(goes_on ? section::kImaLogPart : section::kImaLog),
                                  std::move(*list));
    return {};
}

/// Nothing where the TPM was never set up for it: the verifier says what that means.
Result<std::optional<JournalProof>> certified_journal(Tpm& tpm, const Digest& binding,
                                                      std::optional<std::uint64_t> rests_at) {
    auto proof = tpm.certify_journal(binding.view(), rests_at);
    if (proof) return std::optional(std::move(*proof));
    spdlog::debug("journal not certified: {}", printable(describe(proof.error())));
    return std::nullopt;
}

Result<Evidence> bind_and_quote(const Machine& machine, const EvidenceRequest& request,
                                const Collected& collected) {
    for (int attempt = 1;; ++attempt) {
        Evidence bound{request.nonce, {}, {}, {}, collected.sections, {}};
        auto gaps = collected.gaps;
        const auto journal = request.journal ? request.journal() : JournalPart{};
        for (const auto& gap : journal.gaps) gaps.add(gap);
        for (const auto& [name, bytes] : journal.sections) bound.sections.insert_or_assign(name, bytes);
        PcrSection pcrs;
        TRY_VOID(read_moving(machine, request, collected.boot_id, bound.sections, gaps, pcrs));
        const bool last = attempt == kQuoteTries;
        if (last) {
            gaps.add(section::kPcrs, "TPM2_PCR_Read",
                     {ErrorCode::conflict,
                      fmt::format("PCRs were extended during each of {} quotes before", attempt - 1),
                      {}});
        }
        bound.sections.emplace(section::kGaps, encode_gaps_section(gaps.gaps()));
        bound.manifest = manifest_of(request.host, collected.boot_id, bound.sections);
        const auto binding = evidence_binding(request.nonce, bound.manifest);
        auto quote = TRY(machine.tpm->quote(request.selection, binding.view()));
        if (!last && !TRY(quotes_values(quote, pcrs))) continue;
        bound.quote = std::move(quote.quote);
        bound.signature = std::move(quote.signature);
        if (bound.sections.contains(section::kJournal)) {
            bound.journal_proof = TRY(certified_journal(*machine.tpm, binding, request.journal_rests_at));
            // Another process may have written meanwhile; then the two are not of one moment.
            if (!last && !journal.still && request.journal().sections != journal.sections) continue;
        }
        return bound;
    }
}

/// The sign of life is the newest thing in the evidence beside the PCRs.
Result<> add_heartbeat(const EvidenceRequest& request, Sections& sections) {
    const auto found = sections.find(section::kClock);
    if (!request.heartbeat || found == sections.end()) return {};
    auto clock = TRY(decode_clock_section(found->second));
    clock.watch = request.heartbeat();
    found->second = encode_clock_section(clock);
    return {};
}

Result<> check_request(const Machine& machine, const EvidenceRequest& request) {
    if (machine.tpm == nullptr) return std::unexpected(machine.no_tpm);
    if (request.nonce.size() != kNonceSize)
        return fail(ErrorCode::usage, fmt::format("nonce: expected 32 bytes, got {}", request.nonce.size()));
    if (request.host.empty()) return fail(ErrorCode::usage, "the host has no name");
    return {};
}

}  // namespace

Collected collect(const Machine& machine) {
    Collected collected;
    for (const auto& [name, run] : collectors()) {
        if (name == section::kImaLog) continue;  // read with the PCRs, as late as possible
        if (auto bytes = run(machine, collected.gaps)) collected.sections.emplace(name, std::move(*bytes));
    }
    collected.boot_id = boot_id_in(collected.sections);
    return collected;
}

Result<Evidence> make_evidence(const Machine& machine, const EvidenceRequest& request) {
    TRY_VOID(check_request(machine, request));
    // The AK is made or looked up before the clock and the PCRs are read, not between them.
    TRY_VOID(machine.tpm->identity());
    auto collected = collect(machine);
    TRY_VOID(add_heartbeat(request, collected.sections));
    return bind_and_quote(machine, request, collected);
}

Result<SavedBundle> make_saved_bundle(const Machine& machine, EvidenceRequest request, std::string made_by) {
    constexpr std::int64_t kMsPerSecond = 1000;
    constexpr std::int64_t kLifetime = 300;  // seconds
    request.ima.reset();
    request.journal_rests_at.reset();
    SavedBundle bundle;
    bundle.evidence = TRY(make_evidence(machine, request));
    auto identity = TRY(machine.tpm->identity());
    const auto now = TRY(wall_ms_in(bundle.evidence.sections)) / kMsPerSecond;
    bundle.challenge = {request.nonce, request.selection, now, now + kLifetime};
    if (request.activation) bundle.activation = request.activation(identity);
    bundle.known_host.name = request.host;
    bundle.known_host.ak_public = std::move(identity.ak_public);
    bundle.known_host.ek_public = std::move(identity.ek_public);
    bundle.known_host.ek_certificates = std::move(identity.ek_certificates);
    bundle.known_host.enrolled_at = now;
    bundle.made_by = std::move(made_by);
    return bundle;
}

Result<SavedBundle> record(Host& host, const Tpm::Connect& way_to_tpm, TpmAccess access,
                           EvidenceRequest request, std::string made_by,
                           const std::filesystem::path& folder) {
    // Before anything is kept the keys are made and put in their places: the last response to each command is
    // kept, and all of them must be of one state of the TPM.
    TRY_VOID(Tpm(way_to_tpm, std::move(access)).identity());
    Recording recording;
    RecordingHost recording_host(host, recording);
    Tpm tpm([&]() -> Result<Tcti> { return recording_tcti(TRY(way_to_tpm()), recording); });
    auto bundle = TRY(make_saved_bundle({recording_host, &tpm, {}}, std::move(request), std::move(made_by)));
    static_cast<void>(tpm.device_keys());  // for the doctor; what it cannot have is recorded as that
    TRY_VOID(save_recording(recording, folder));
    TRY_VOID(files::write_output(folder / "bundle.cbor", encode_saved_bundle(bundle)));
    return bundle;
}

Result<Bytes> random_nonce() {
    Bytes nonce(kNonceSize);
    if (::getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) {
        return fail_errno(errno, "getrandom");
    }
    return nonce;
}

}  // namespace assay::agent
