#include "agent/commands/doctor.h"

#include <ctime>

#include <fmt/core.h>
#include <unistd.h>

#include "agent/collectors/pci_spaces.h"
#include "agent/commands/doctor_tpm.h"
#include "agent/enrol/self_enrol.h"
#include "agent/enrol/token_file.h"
#include "agent/opened_machine.h"
#include "agent/state/activation.h"
#include "agent/state/host_identity.h"
#include "agent/state/waiting.h"
#include "agent/usb/journal/journal.h"
#include "agent/usb/kernel/uevent_socket.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

using State = Ailment::State;

std::string_view state_name(State state) {
    return state == State::good ? "good" : state == State::partial ? "partial" : "broken";
}

struct Remedy {
    std::string_view section;
    std::string_view not_found;
};
// What usually is amiss where the source of a section is not there at all.
constexpr Remedy kRemedies[] = {
    {section::kBootEventLog,
     "the firmware gave the kernel no log: is the TPM on in the firmware setup, and securityfs mounted?"},
    {section::kImaLog, "the kernel measures nothing: boot with ima_policy=tcb, if files are to be measured"},
    {section::kSmbios, "no DMI tables here (a container or a machine without SMBIOS)"},
    {section::kBmc, "modprobe ipmi_devintf ipmi_si; a machine without a BMC has none"},
    {section::kEsrt, "boot by UEFI, not by legacy BIOS; some firmware has no ESRT"},
    {section::kUsb, "modprobe usbcore; a machine without USB controllers has none"},
    {section::kChassis, "load the board's hwmon driver, where its chassis has an intrusion switch"},
    {section::kJournal, "start the service: systemctl enable --now assay-agent"},
    {section::kTpm, "turn the TPM on in the firmware setup"},
};

Ailment of_clock(Host& host) {
    const auto clock = host.clock();
    if (!clock)
        return {"clock", State::partial, clock.error().context, "let the kernel be asked: adjtimex(2)"};
    if (clock->synchronised) return {"clock", State::good, "synchronised", ""};
    const auto& row = cause_row(Cause::clock_undisciplined);
    return {"clock", State::partial, std::string(row.what), std::string(row.remedy)};
}

void add_sections(const Machine& machine, std::vector<Ailment>& out) {
    const auto collected = collect(machine);
    for (const auto& [name, bytes] : collected.sections) {
        out.push_back({"section " + name, State::good, fmt::format("{} bytes", bytes.size()), ""});
    }
    for (const auto& gap : collected.gaps.gaps()) {
        ErrorCode code = ErrorCode::io;
        if (gap.code == to_string(ErrorCode::refused)) code = ErrorCode::refused;
        if (gap.code == to_string(ErrorCode::not_found)) code = ErrorCode::not_found;
        out.push_back({"section " + gap.section, State::partial,
                       fmt::format("{}: {}", gap.source, gap.reason), remedy_for(gap.section, code)});
    }
}

Ailment of_usb(const Settings& settings) {
    const auto running = journal_has_writer(settings.journal_folder());
    if (running && *running) return {"usb monitor", State::good, "running", ""};
    const auto socket = UeventSocket::subscribe();
    if (!socket)
        return {"usb monitor", State::partial, socket.error().context, "run in the host's network namespace"};
    const auto why = running ? "not running: what is plugged in is not recorded" : running.error().context;
    return {"usb monitor", State::partial, why, remedy_for(section::kJournal, ErrorCode::not_found)};
}

// What the service waits for, in its own words; where it does not run, what it would wait for.
Ailment of_identity(const OpenedMachine& opened, const Settings& settings) {
    constexpr const char* kWhat = "enrolment";
    if (const auto name = enrolled_name(settings.state))
        return {kWhat, State::good, fmt::format("enrolled as {}", *name), ""};
    const auto running = journal_has_writer(settings.journal_folder());
    const auto waiting = load_waiting(settings.state);
    if (running && *running && waiting)
        return {kWhat, State::broken,
                fmt::format("not enrolled; the service waits since {}: {}", waiting->since, waiting->what),
                waiting->remedy};
    const auto name = name_to_enrol(settings);
    if (!name) return {kWhat, State::broken, name.error().what, name.error().remedy};
    const auto keys =
        opened.tpm ? opened.tpm->identity() : Result<TpmIdentity>(std::unexpected(opened.no_tpm));
    return {kWhat, State::broken,
            fmt::format("not enrolled as '{}': {}", *name,
                        keys ? expected_to_admit(*keys, settings) : keys.error().context),
            remedy_to_admit(*name) + "; the service enrols by itself then, or: assay-agent enrol"};
}

// One that lies there and is not taken.
void add_token(const Settings& settings, std::vector<Ailment>& out) {
    if (enrolled_name(settings.state)) return;
    const auto token = read_token_file(settings.enrol_token_file, settings.state);
    if (!token) out.push_back({"token", State::partial, token.error().context, ""});
}

// On what basis the section pci has what the kernel gives root alone.
void add_pci_basis(Host& host, std::vector<Ailment>& out) {
    const auto loaded = load_pci_spaces(host);
    if (!loaded) return;  // where it is needed the section has a gap
    out.push_back({"pci beyond 64 bytes", State::good,
                   fmt::format("of {} functions, as root read it {} s ago: {}",
                               loaded->spaces.functions.size(), loaded->age.count(), kPciSpacesFile),
                   ""});
}

// By what somebody without network can affirm a bundle that is saved here.
Ailment of_activation(const OpenedMachine& opened, const Settings& settings, const std::string& name) {
    constexpr const char* kWhat = "offline proof";
    constexpr const char* kRenew = "assay-agent attest  # a verifier of this release answers with a new one";
    const auto kept = load_activation(settings.state);
    if (!kept) return {kWhat, State::partial, kept.error().context, kRenew};
    if (!*kept)
        return {kWhat, State::partial,
                "no statement of activation by the verifier: a bundle saved here cannot be affirmed offline",
                kRenew};
    const auto& said = (*kept)->statement;
    if (opened.tpm) {
        const auto keys = opened.tpm->identity();
        if (keys && !is_about(said, name, keys->ak_public, keys->ek_public))
            return {kWhat, State::partial, "the statement of activation is about another host or TPM",
                    kRenew};
    }
    if (std::time(nullptr) >= said.expires_at)
        return {kWhat, State::partial, "the statement of activation expired at " + utc_text(said.expires_at),
                kRenew};
    return {kWhat, State::good,
            fmt::format("activated at {}, holds until {}", utc_text(said.activated_at),
                        utc_text(said.expires_at)),
            ""};
}

Ailment of_state(const Settings& settings) {
    const auto& folder = settings.state;
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {"state", State::good, folder.string(), ""};
    const int why = errno;
    auto error = error_of_errno(why, folder.string());
    if (why == ENOENT) return {"state", State::partial, std::move(error.context), "enrol makes it"};
    return {"state", State::broken, std::move(error.context), "run as root, or as the agent's user"};
}

// What is near its end is told here, not in the log as well.
void add_server(const Settings& settings, std::vector<Ailment>& out) {
    auto config = settings.client();
    config.warn = nullptr;
    auto client = client::HttpsClient::make(std::move(config));
    if (!client) {
        out.push_back({"server", State::broken, client.error().context,
                       "set `server` and `ca` in agent.toml, or give --server and --ca"});
        return;
    }
    // The reason has its own remedy: every failure of a connection is a row of causes.inc.
    const auto health = client->get_json("/healthz");
    out.push_back(health ? Ailment{"server", State::good, settings.server, ""}
                         : Ailment{"server", State::broken, health.error().context, ""});
    if (!health || !client->handshake().server) return;
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto& validity = client->handshake().server->validity;
    const bool far = tcg::nearness(validity, now) == tcg::Nearness::far;
    out.push_back({"server certificate", far ? State::good : State::partial,
                   tcg::validity_words(validity, now),
                   far ? "" : "on the verifier: assay-verifier certificates renew, and start it again"});
}

}  // namespace

std::string remedy_for(std::string_view section, ErrorCode code) {
    if (code == ErrorCode::refused && section == section::kTpm)
        return "run as root, or join the group tss: usermod -aG tss USER";
    if (code == ErrorCode::refused)
        return "run as root, or as the service's user after systemd-tmpfiles --create assay-agent.conf";
    for (const auto& remedy : kRemedies) {
        if (remedy.section == section && code == ErrorCode::not_found) return std::string(remedy.not_found);
    }
    return {};  // the reason is all that is known
}

Result<std::vector<Ailment>> examine(const Settings& settings) {
    auto opened = TRY(open_machine(settings));
    const bool enrolled = enrolled_name(settings.state).has_value();
    auto out = TRY(examine_tpm(opened, settings, enrolled));
    out.push_back(of_identity(opened, settings));
    add_token(settings, out);
    if (const auto name = enrolled_name(settings.state))
        out.push_back(of_activation(opened, settings, *name));
    out.push_back(of_state(settings));
    add_server(settings, out);
    out.push_back(of_clock(*opened.host));
    out.push_back(of_usb(settings));
    add_pci_basis(*opened.host, out);
    add_sections(opened.machine(), out);
    return out;
}

command_line::ExitCode doctor_exit_code(const std::vector<Ailment>& ailments) {
    auto code = command_line::ExitCode::done;
    for (const auto& ailment : ailments) {
        if (ailment.state == State::broken) return command_line::ExitCode::none;
        if (ailment.state == State::partial) code = command_line::ExitCode::warning;
    }
    return code;
}

std::string doctor_text(const std::vector<Ailment>& ailments, bool colours) {
    std::string out;
    for (const auto& ailment : ailments) {
        const std::string_view colour = ailment.state == State::good      ? "32"
                                        : ailment.state == State::partial ? "33"
                                                                          : "31";
        const auto state = fmt::format("{:<8}", state_name(ailment.state));
        out += colours ? fmt::format("\x1b[{}m{}\x1b[0m", colour, state) : state;
        out += fmt::format("{:<24}{}\n", printable(ailment.what), printable(ailment.detail));
        if (!ailment.remedy.empty())
            out += fmt::format("{:<8}{:<24}-> {}\n", "", "", printable(ailment.remedy));
    }
    return out;
}

std::string doctor_json(const std::vector<Ailment>& ailments) {
    auto checks = Json::array();
    for (const auto& ailment : ailments) {
        checks.push_back({{"what", ailment.what},
                          {"state", state_name(ailment.state)},
                          {"detail", printable(ailment.detail)},
                          {"remedy", ailment.remedy}});
    }
    return Json({{"checks", checks}}).dump(2) + "\n";
}

}  // namespace assay::agent
