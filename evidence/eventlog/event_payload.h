#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/eventlog/event_log.h"
#include "evidence/eventlog/payload/efi_structures.h"
#include "evidence/eventlog/payload/efi_variable_content.h"
#include "evidence/eventlog/payload/gpt_event.h"
#include "evidence/eventlog/payload/sp800_155_event.h"
#include "evidence/eventlog/payload/spdm_event.h"

/// What an event's data says, read by its type, its PCR and its own form. Reading is not believing: a check
/// that concludes from a payload asks first whether the data is verified (ReplayedEventLog::verified_data).
/// Texts are hostile.
namespace assay::tcg {

/// Data that is not read: no structure is known for it, or it is not the structure that its type asks for.
struct UnreadPayload {
    std::string why;
};

/// Whose text it is.
enum class TextKind : std::uint8_t {
    action,               ///< EV_ACTION, EV_EFI_ACTION
    firmware_version,     ///< EV_S_CRTM_VERSION, UTF-16 or a GUID
    grub_command,         ///< GRUB: the command alone
    kernel_command_line,  ///< GRUB: what the kernel is started with
    module_command_line,  ///< GRUB: a module's arguments (multiboot, xen)
    load_options,         ///< systemd-stub, systemd-boot: the image's command line, UTF-16
    uki_section,          ///< systemd-stub under PCR 11: ".linux"; the digest is of name or content
    shim_variable,        ///< shim under PCR 14: "MokList"; the digest is of the content
    file,                 ///< GRUB under PCR 9: the file's path; the digest is of the file
    description,          ///< any other text: of a table, a blob
};
std::string_view to_string(TextKind kind);  ///< "action", "grub-command", ...
/// What GRUB writes before a text that it measures.
struct GrubText {
    std::string_view prefix;
    TextKind kind;
    /// Before GRUB 2.04, Red Hat's and others' hash the text with its NUL, or otherwise: an edit cannot be
    /// told from another variant.
    bool old = false;
};
inline constexpr std::array kGrubTexts{GrubText{"grub_cmd: ", TextKind::grub_command},
                                       GrubText{"kernel_cmdline: ", TextKind::kernel_command_line},
                                       GrubText{"module_cmdline: ", TextKind::module_command_line},
                                       GrubText{"grub_kernel_cmdline ", TextKind::kernel_command_line, true},
                                       GrubText{"grub_cmd ", TextKind::grub_command, true}};
struct TextPayload {
    TextKind kind = TextKind::description;
    std::string text;  ///< without GRUB's prefix, without NUL
};

/// EV_SEPARATOR of four bytes: 0, 0xffffffff, 1 for an error; "WBCL" where Windows takes over.
struct SeparatorPayload {
    std::uint32_t value = 0;
};
/// EV_NO_ACTION (PFP 1.06, 10.4.5.3).
struct StartupLocalityPayload {
    std::uint8_t locality = 0;
};
/// The log's header; its fields are ParsedEventLog::spec_id().
struct SpecIdPayload {};

/// EFI_PLATFORM_FIRMWARE_BLOB and _BLOB2 (PFP 1.06, 10.2.4): where the measured bytes were.
struct FirmwareBlobPayload {
    std::string description;   ///< _BLOB2 alone has one
    std::uint64_t base = 0;    ///< physical address
    std::uint64_t length = 0;  ///< bytes
};
/// UEFI_HANDOFF_TABLE_POINTERS and _POINTERS2 (PFP 1.06, 10.2.2).
struct HandoffTablesPayload {
    struct Table {
        ByteView vendor_guid;       ///< as stored, 16 bytes
        std::uint64_t address = 0;  ///< physical
    };
    std::string description;  ///< _POINTERS2 alone has one
    std::vector<Table> tables;
};
/// TCG_PCClientTaggedEvent (PFP 1.06, 10.2.5); Windows puts several into one event.
struct TaggedPayload {
    struct Record {
        std::uint32_t id = 0;
        ByteView data;
    };
    std::vector<Record> records;
};
/// "Linux initrd" for a tag that is known; empty for others.
std::string_view tag_name(std::uint32_t id);
/// EFI_STUB tags of Linux (drivers/firmware/efi/libstub): the digests are of the initrd and of the load
/// options, the data names them only.
inline constexpr std::uint32_t kLinuxInitrdTag = 0x8f3b22ec;
inline constexpr std::uint32_t kLinuxLoadOptionsTag = 0x8f3b22ed;

/// UEFI_VARIABLE_DATA and what is in it.
struct VariablePayload {
    EfiVariable variable;
    EfiVariableContent content;
};

using EventPayload = std::variant<UnreadPayload, TextPayload, SeparatorPayload, StartupLocalityPayload,
                                  SpecIdPayload, FirmwareBlobPayload, HandoffTablesPayload, TaggedPayload,
                                  VariablePayload, ImageLoadEvent, GptEvent, SpdmEvent, Sp800155Event>;

/// Borrows from the event's data. Never an error: what does not fit is UnreadPayload.
EventPayload read_event_payload(const ParsedEvent& event);

/// The form that was read: "text", "variable", "image-load", "partition-table", "unread", ...
std::string_view payload_form(const EventPayload& payload);

/// In words, printable, not cut: at most some kilobytes.
std::string payload_text(const EventPayload& payload);

/// describe_unverified_data (event_data.h) of an event whose payload was read already.
std::string describe_unverified_data(const ParsedEvent& event, const EventPayload& payload);

}  // namespace assay::tcg
