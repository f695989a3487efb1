#include "agent/commands/doctor.h"

#include <fmt/core.h>
#include <unistd.h>

#include "agent/opened_machine.h"
#include "agent/state/host_identity.h"
#include "agent/usb/journal/journal.h"
#include "agent/usb/kernel/uevent_socket.h"
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

Ailment of_tpm(OpenedMachine& opened) {
    if (!opened.tpm)
        return {"tpm", State::broken, opened.no_tpm.context, remedy_for(section::kTpm, opened.no_tpm.code)};
    const auto properties = opened.tpm->properties();
    if (!properties) {
        return {"tpm", State::broken, properties.error().context,
                remedy_for(section::kTpm, properties.error().code)};
    }
    return {"tpm", State::good,
            fmt::format("{} {}, firmware {:x}.{:x}", properties->manufacturer, properties->vendor_string,
                        properties->firmware_version_1, properties->firmware_version_2),
            ""};
}

// Most machines have none, which is nothing amiss.
void add_device_identity(OpenedMachine& opened, std::vector<Ailment>& out) {
    if (!opened.tpm) return;
    const auto found = opened.tpm->device_keys();
    if (!found) {
        out.push_back({"device identity", State::partial, found.error().context, "see the reason"});
        return;
    }
    for (const auto& key : found->keys) {
        out.push_back({fmt::format("{} certificate", to_string(key.role)), State::good,
                       fmt::format("in NV, and the TPM has its key; {} certificates above it",
                                   key.certificates.size() - 1),
                       ""});
    }
    if (!found->trouble.empty()) {
        out.push_back(
            {"device identity", State::partial, found->trouble, "the host enrols without it; ask its maker"});
    }
}

Ailment of_clock(Host& host) {
    const auto clock = host.clock();
    if (!clock) return {"clock", State::partial, clock.error().context, ""};
    if (clock->synchronised) return {"clock", State::good, "synchronised", ""};
    return {"clock", State::partial, "no time source disciplines it: times in the journal are worth less",
            "start chrony or systemd-timesyncd"};
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

Ailment of_identity(const Settings& settings) {
    const auto name = enrolled_name(settings.state);
    if (!name)
        return {"enrolment", State::broken, name.error().context,
                "assay-agent enrol --token-file - --name HOST"};
    return {"enrolment", State::good, fmt::format("enrolled as {}", *name), ""};
}

Ailment of_state(const Settings& settings) {
    const auto& folder = settings.state;
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {"state", State::good, folder.string(), ""};
    const auto reason = std::error_code(errno, std::generic_category()).message();
    if (errno == ENOENT) return {"state", State::partial, folder.string() + ": " + reason, "enrol makes it"};
    return {"state", State::broken, folder.string() + ": " + reason, "run as root, or as the agent's user"};
}

Ailment of_server(const Settings& settings) {
    auto client = client::HttpsClient::make(settings.client());
    if (!client) return {"server", State::broken, client.error().context, "set `server` and `ca`"};
    const auto health = client->get_json("/healthz");
    if (!health) return {"server", State::broken, health.error().context, "see the reason"};
    return {"server", State::good, settings.server, ""};
}

}  // namespace

std::string remedy_for(std::string_view section, ErrorCode code) {
    if (code == ErrorCode::refused && section == section::kTpm)
        return "run as root, or join the group tss: usermod -aG tss USER";
    if (code == ErrorCode::refused)
        return "run as root, or as the service's user after systemd-tmpfiles --create assay.conf";
    for (const auto& remedy : kRemedies) {
        if (remedy.section == section && code == ErrorCode::not_found) return std::string(remedy.not_found);
    }
    return "see the reason";
}

Result<std::vector<Ailment>> examine(const Settings& settings) {
    auto opened = TRY(open_machine(settings));
    std::vector<Ailment> out{of_tpm(opened),      of_identity(settings),  of_state(settings),
                             of_server(settings), of_clock(*opened.host), of_usb(settings)};
    add_device_identity(opened, out);
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
