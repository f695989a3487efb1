#include <algorithm>
#include <map>
#include <string>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/eventlog/event_payload.h"

namespace assay::tcg {
namespace {

using fmt::format;

constexpr std::size_t kShown = 4;  // subjects of certificates, partitions

std::string counted(std::size_t count, std::string_view what) {
    return format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// "1 x509 (CN=...), 217 sha256"
std::string lists_text(const std::vector<EfiSignatureList>& lists) {
    std::map<SignatureKind, std::size_t> counts;
    std::string subjects;
    std::size_t named = 0;
    for (const auto& list : lists) {
        counts[list.kind] += list.signatures.size();
        if (list.kind != SignatureKind::x509) continue;
        for (const auto& signature : list.signatures) {
            if (named >= kShown) break;
            const auto subject = certificate_subject(signature.data);
            subjects += format("{}{}", named++ == 0 ? "" : "; ", subject.value_or("no certificate"));
        }
    }
    if (counts[SignatureKind::x509] > named) subjects += "; ...";
    std::string text;
    for (const auto& [kind, count] : counts) {
        if (count == 0) continue;
        text += format("{}{} {}", text.empty() ? "" : ", ", count, to_string(kind));
        if (kind == SignatureKind::x509) text += " (" + subjects + ")";
    }
    return text.empty() ? "no signatures" : text;
}

std::string authority_text(const EfiSignature& signature) {
    if (const auto subject = certificate_subject(signature.data)) return *subject;
    return signature.data.size() == 32 ? to_hex(signature.data) : counted(signature.data.size(), "byte");
}

std::string order_text(const std::vector<std::uint16_t>& order) {
    std::string text;
    for (const auto option : order) text += format("{}{:04X}", text.empty() ? "" : ",", option);
    return text;
}

std::string sbat_text(const SbatLevel& level) {
    std::string text = level.date.empty() ? "original level" : level.date;
    for (const auto& entry : level.entries) text += format(", {} {}", entry.component, entry.generation);
    return text;
}

std::string content_text(const VariablePayload& variable, const UnreadContent&) {
    const auto data = variable.variable.data;
    return data.size() == 1 ? format(" = {}", std::to_integer<int>(data[0]))
                            : format(", {} bytes", data.size());
}
std::string content_text(const VariablePayload&, const AbsentContent&) {
    return " absent";
}
std::string content_text(const VariablePayload&, const FlagContent& flag) {
    return format(" = {}", flag.value);
}
std::string content_text(const VariablePayload&, const OrderContent& order) {
    return ": " + order_text(order.options);
}
std::string content_text(const VariablePayload&, const SignatureContent& content) {
    return ": " + lists_text(content.lists);
}
std::string content_text(const VariablePayload&, const AuthorityContent& content) {
    return ": " + authority_text(content.signature);
}
std::string content_text(const VariablePayload&, const EfiLoadOption& option) {
    return format(": {}{}, {}", option.description, option.is_active() ? "" : " (inactive)",
                  option.path.text);
}
std::string content_text(const VariablePayload&, const SbatLevel& level) {
    return ": " + sbat_text(level);
}

std::string words(const ImageLoadEvent& image) {
    const auto& name = image.file_path.empty() ? image.device_path : image.file_path;
    return format("{} ({} bytes)", name.empty() ? "image" : name, image.length);
}

std::string words(const GptEvent& gpt) {
    std::string text =
        format("disk {}, {}", guid_text(gpt.disk), counted(gpt.partitions.size(), "partition"));
    for (std::size_t i = 0; i < std::min(gpt.partitions.size(), kShown); ++i)
        text += format("{}{}", i == 0 ? ": " : ", ",
                       gpt.partitions[i].name.empty() ? "-" : gpt.partitions[i].name);
    return text;
}

std::string words(const SpdmEvent& spdm) {
    auto text = format("SPDM device {}", spdm.path.text.empty() ? "without a path" : spdm.path.text);
    if (spdm.pci) text += format(", PCI {:04x}:{:04x}", spdm.pci->vendor, spdm.pci->device);
    if (spdm.version == 2) text += format(", authentication state {}", spdm.auth_state);
    if (!spdm.certificate_chain.empty()) text += ", certificate chain";
    return text + ", " + counted(spdm.measurements.size(), "measurement");
}

std::string words(const Sp800155Event& event) {
    auto text = format("SP800-155 event {}, manifest {}", event.version, guid_text(event.reference_manifest));
    if (!event.platform_model.empty())
        text +=
            format(", {} {} {}", event.platform_manufacturer, event.platform_model, event.platform_version);
    if (!event.firmware_version.empty()) text += format(", firmware {}", event.firmware_version);
    return text;
}

std::string words(const TaggedPayload& payload) {
    const auto& first = payload.records.front();
    const auto name = tag_name(first.id);
    auto text = name.empty() ? format("tag 0x{:08x}", first.id) : std::string(name);
    if (payload.records.size() > 1) return text + format(" and {} more", payload.records.size() - 1);
    return text + format(", {} bytes", first.data.size());
}

std::string words(const TextPayload& payload) {
    switch (payload.kind) {
        case TextKind::grub_command:
            return "grub_cmd: " + payload.text;
        case TextKind::kernel_command_line:
            return "kernel_cmdline: " + payload.text;
        case TextKind::module_command_line:
            return "module_cmdline: " + payload.text;
        default:
            return payload.text;
    }
}

std::string words(const UnreadPayload& unread) {
    return unread.why;
}
std::string words(const SeparatorPayload& mark) {
    return format("0x{:08x}", mark.value);
}
std::string words(const StartupLocalityPayload& start) {
    return format("StartupLocality {}", start.locality);
}
std::string words(const SpecIdPayload&) {
    return "Spec ID event";
}
std::string words(const FirmwareBlobPayload& blob) {
    return format("{}{}{:#x}, {} bytes", blob.description, blob.description.empty() ? "" : ", ", blob.base,
                  blob.length);
}
std::string words(const HandoffTablesPayload& tables) {
    return format("{}{}", tables.description.empty() ? "" : tables.description + ", ",
                  counted(tables.tables.size(), "table"));
}
std::string words(const VariablePayload& variable) {
    return variable.variable.name +
           std::visit([&](const auto& content) { return content_text(variable, content); }, variable.content);
}

}  // namespace

std::string_view to_string(TextKind kind) {
    switch (kind) {
        case TextKind::action:
            return "action";
        case TextKind::firmware_version:
            return "firmware-version";
        case TextKind::grub_command:
            return "grub-command";
        case TextKind::kernel_command_line:
            return "kernel-command-line";
        case TextKind::module_command_line:
            return "module-command-line";
        case TextKind::load_options:
            return "load-options";
        case TextKind::uki_section:
            return "uki-section";
        case TextKind::shim_variable:
            return "shim-variable";
        case TextKind::file:
            return "file";
        case TextKind::description:
            return "description";
    }
    return "description";
}

std::string_view payload_form(const EventPayload& payload) {
    constexpr std::string_view kForms[]{
        "unread", "text",     "separator",  "startup-locality", "spec-id", "firmware-blob", "handoff-tables",
        "tagged", "variable", "image-load", "partition-table",  "spdm",    "sp800-155"};
    static_assert(std::size(kForms) == std::variant_size_v<EventPayload>);
    return kForms[payload.index()];
}

std::string payload_text(const EventPayload& payload) {
    return printable(std::visit([](const auto& read) { return words(read); }, payload));
}

}  // namespace assay::tcg
