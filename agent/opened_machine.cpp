#include "agent/opened_machine.h"

#include <string>

#include "agent/devices/host/real_host.h"
#include "agent/devices/host/recorded_host.h"
#include "agent/devices/private_file.h"
#include "agent/usb/journal/journal.h"
#include "agent/usb/watch_state.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "files/secret.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxJournalBytes = 12U
                                         << 20U;  // below limits::kSection, with room for the frame around

Gap journal_gap(const Error& error) {
    return {std::string(section::kJournal), "usb monitor", std::string(to_string(error.code)), error.context};
}

std::optional<Bytes> recorded_section(const std::filesystem::path& folder, std::string_view name) {
    const auto bundle = recorded_bundle(folder);
    if (!bundle) return std::nullopt;
    const auto found = bundle->evidence.sections.find(name);
    if (found == bundle->evidence.sections.end()) return std::nullopt;
    return found->second;
}

// The recorded records that are not acknowledged yet.
Result<Bytes> after(const Bytes& encoded, std::uint64_t sequence) {
    auto journal = TRY(decode_journal_section(encoded));
    std::erase_if(journal.records, [sequence](const Bytes& record) {
        const auto decoded = decode_journal_record(record);
        return decoded && decoded->sequence <= sequence;
    });
    return encode_journal_section(journal);
}

}  // namespace

Result<std::unique_ptr<Host>> open_host(const Settings& settings) {
    if (settings.recorded.empty()) return make_real_host();
    return open_recorded_host(settings.recorded);
}

Tpm::Connect way_to_tpm(const Settings& settings) {
    if (settings.recorded.empty() || !settings.tcti.empty())
        return [conf = settings.tcti] { return open_tcti(conf); };
    return
        [folder = settings.recorded]() -> Result<Tcti> { return recorded_tcti(TRY(load_recording(folder))); };
}

Result<std::string> tpm_owner_auth(std::string_view given, std::string_view file) {
    return files::secret_of({"--owner-auth", given, file, "assay.owner-auth"});
}

Result<TpmAccess> access_to_tpm(const Settings& settings) {
    constexpr std::size_t kAuth = 64;  // TPM 2.0 Part 2, 10.4.5: TPM2B_AUTH of the largest digest
    // An option goes before agent.toml.
    const auto file =
        settings.endorsement_auth.empty() ? settings.endorsement_auth_file.string() : std::string();
    TpmAccess out;
    out.endorsement_auth = TRY(
        files::secret_of({"--endorsement-auth", settings.endorsement_auth, file, "assay.endorsement-auth"}));
    if (out.endorsement_auth.size() > kAuth)
        return fail(ErrorCode::usage,
                    "endorsement hierarchy's authorisation: expected at most 64 bytes, got " +
                        std::to_string(out.endorsement_auth.size()));
    return out;
}

Result<std::unique_ptr<Tpm>> open_tpm(const Settings& settings) {
    auto tpm = std::make_unique<Tpm>(way_to_tpm(settings), TRY(access_to_tpm(settings)));
    TRY_VOID(tpm->connect());
    return tpm;
}

Result<OpenedMachine> open_machine(const Settings& settings) {
    OpenedMachine machine;
    machine.host = TRY(open_host(settings));
    auto tpm = open_tpm(settings);
    if (tpm) {
        machine.tpm = std::move(*tpm);
    } else {
        machine.no_tpm = tpm.error();
    }
    return machine;
}

Result<SavedBundle> recorded_bundle(const std::filesystem::path& folder) {
    const auto file = folder / "bundle.cbor";
    const auto bytes = TRY(read_small_file(file, 2 * limits::kEvidenceBody));
    return with_context(decode_saved_bundle(as_view(bytes)), printable(file.string()));
}

JournalPart journal_part(const Settings& settings, std::uint64_t sequence) {
    JournalPart part;
    if (!settings.recorded.empty()) {
        if (const auto encoded = recorded_section(settings.recorded, section::kJournal)) {
            auto journal = after(*encoded, sequence);
            if (journal) part.sections.emplace(section::kJournal, std::move(*journal));
            if (!journal) part.gaps.push_back(journal_gap(journal.error()));
            return part;
        }
    }
    const auto journal = read_journal(settings.journal_folder(), sequence, kMaxJournalBytes);
    if (journal) part.sections.emplace(section::kJournal, encode_journal_section(*journal));
    if (!journal) part.gaps.push_back(journal_gap(journal.error()));
    const auto watched = journal_has_writer(settings.journal_folder());
    if (!watched) part.gaps.push_back(journal_gap(watched.error()));
    if (watched && !*watched)
        part.gaps.push_back(journal_gap({ErrorCode::not_found,
                                         "usb monitor not running: what was plugged in meanwhile is not "
                                         "recorded; start the service assay-agent",
                                         {}}));
    return part;
}

std::optional<Heartbeat> noted_heartbeat(const Settings& settings, Host& host) {
    if (!settings.recorded.empty()) {
        const auto encoded = recorded_section(settings.recorded, section::kClock);
        const auto clock = encoded ? decode_clock_section(*encoded) : fail(ErrorCode::not_found, "no clock");
        return clock ? clock->watch : std::nullopt;
    }
    const auto watched = journal_has_writer(settings.journal_folder());
    const auto state = load_watch_state(settings.journal_folder());
    return watched && *watched && state ? heartbeat_of(host, *state) : std::nullopt;
}

MonitorVoice voice_beside(const Settings& settings, Host& host) {
    return {[&settings](std::uint64_t since) { return journal_part(settings, since); },
            [&settings, &host] { return noted_heartbeat(settings, host); }};
}

}  // namespace assay::agent
