#include "evidence/eventlog/replay/event_log_facts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "evidence/eventlog/payload/efi_structures.h"
#include "evidence/eventlog/payload/padding.h"
#include "evidence/eventlog/replay/secure_boot_keys.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr auto kGlobalVariable =
    "8be4df61-93ca-11d2-aa0d-00e098032b8c"sv;  // EFI_GLOBAL_VARIABLE (UEFI 2.10, 3.3)

bool is_variable_type(std::uint32_t type) {
    return type == EV_EFI_VARIABLE_DRIVER_CONFIG || type == EV_EFI_VARIABLE_BOOT ||
           type == EV_EFI_VARIABLE_BOOT2 || type == EV_EFI_VARIABLE_AUTHORITY;
}

enum class Claim : std::uint8_t { nothing, secure_boot, unreadable };

// Shims log odd structures as EV_EFI_VARIABLE_AUTHORITY; the firmware's own variables must be readable.
Claim claim_of(const ParsedEvent& event) {
    if (!is_variable_type(event.unverified_type)) return Claim::nothing;
    const auto variable = parse_efi_variable(without_padding(event.unverified_type, event.unverified_data));
    if (!variable) {
        return event.unverified_type == EV_EFI_VARIABLE_DRIVER_CONFIG ? Claim::unreadable : Claim::nothing;
    }
    const bool secure_boot = variable->name == "SecureBoot" && guid_text(variable->guid) == kGlobalVariable;
    return secure_boot ? Claim::secure_boot : Claim::nothing;
}

// The byte of SecureBoot, if the whole structure (name, GUID and value) is what the TPM saw.
std::optional<bool> verified_byte(const ReplayedEventLog& log, const ParsedEvent& event) {
    const auto data = log.verified_data(event);
    if (!data || !is_whole_structure(log.coverage(event).rule)) return std::nullopt;
    const auto variable = parse_efi_variable(*data);
    if (!variable || variable->data.size() != 1) return std::nullopt;
    const auto value = variable->data.front();
    if (value != std::byte{0} && value != std::byte{1}) return std::nullopt;
    return value == std::byte{1};
}

// `data` below: what the TPM vouches for, of an event that is verified.
bool is_separator(const ParsedEvent& event, std::optional<ByteView> data) {
    constexpr std::array zeros{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}};
    constexpr std::array ones{std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}};
    return event.unverified_type == EV_SEPARATOR && data && (equal(*data, zeros) || equal(*data, ones));
}

// The error form: the TPM saw the digest of the number 1; by the digest alone or with the number as data.
bool is_error_separator(const ParsedEvent& event, std::optional<ByteView> data, CoverageRule rule) {
    constexpr std::array one{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}};
    return event.unverified_type == EV_SEPARATOR &&
           (rule == CoverageRule::separator_error || (data && equal(*data, one)));
}

bool is_action(const ParsedEvent& event, std::optional<ByteView> data, std::uint32_t pcr,
               std::string_view text) {
    if (event.pcr != pcr || event.unverified_type != EV_EFI_ACTION || !data) return false;
    const auto action = as_text(*data);
    return action.substr(0, action.find('\0')) == text;
}

}  // namespace

SecureBootState secure_boot_state(const ReplayedEventLog& log) {
    SecureBootState state;
    state.pcr7 = log.comparison(kSecureBootPcr).agreement;
    bool first = true;
    for (const auto& event : log.log().unverified_events()) {
        if (event.pcr != kSecureBootPcr || !event.extends()) continue;
        if (is_separator(event, log.verified_data(event))) {
            state.separators.push_back(event.index);
            continue;
        }
        const bool after = !state.separators.empty();
        if (after) state.after_separator.push_back(event.index);
        const auto claim = claim_of(event);
        if (claim == Claim::unreadable) state.unreadable.push_back(event.index);
        if (claim != Claim::secure_boot) continue;
        state.variable_events.push_back(event.index);
        const auto value = verified_byte(log, event);
        if (!value) {
            state.unverified.push_back(event.index);
        } else if (!after && first) {
            first = false;
            state.enabled = value;
            state.event = event.index;
        } else if (!after && state.enabled != value) {
            state.contradictory = true;
        }
    }
    if (state.contradictory) state.enabled.reset();
    return state;
}

BootMilestones boot_milestones(const ReplayedEventLog& log) {
    // PFP 1.06, 3.3.4: a separator in each of PCRs 0..7; 10.4.1: the texts of EV_EFI_ACTION.
    std::array<unsigned, 8> separators{};
    BootMilestones marks;
    for (const auto& [event, digest, data] : log.verified()) {
        if (event.pcr < separators.size() && is_separator(event, data)) ++separators[event.pcr];
        if (is_error_separator(event, data, log.coverage(event).rule))
            marks.error_separators.push_back(event.index);
        if (is_action(event, data, 4, "Calling EFI Application from Boot Option")) marks.ready_to_boot = true;
        if (is_action(event, data, 5, "Exit Boot Services Invocation")) marks.exit_boot_services = true;
        if (is_action(event, data, 5, "Exit Boot Services Returned with Success")) {
            marks.exit_boot_services_succeeded = true;
        }
        if (is_action(event, data, 5, "Exit Boot Services Returned with Failure") &&
            !marks.exit_boot_services_succeeded) {
            marks.exit_boot_services_succeeded = false;
        }
    }
    for (std::uint32_t pcr = 0; pcr < separators.size(); ++pcr) {
        if (separators[pcr] == 0) marks.pcrs_without_separator.push_back(pcr);
        if (separators[pcr] > 1) marks.pcrs_with_repeated_separator.push_back(pcr);
    }
    return marks;
}

}  // namespace assay::tcg
