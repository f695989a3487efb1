#include "cli/inspect/content/section_json.h"

#include <array>

#include <fmt/core.h>

#include "cli/inspect/content/ima_json.h"
#include "cli/inspect/content/usb_json.h"
#include "cli/inspect/file.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/cbor.h"
#include "evidence/device/bmc.h"
#include "evidence/device/pci.h"
#include "evidence/device/smbios_json.h"
#include "evidence/eventlog/replay/event_log_json.h"
#include "evidence/wire/section/ima_state.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay::cli {
namespace {

/// One item of one of our own documents, whatever it is.
Json item_json(cbor::Reader& in) {
    using cbor::Kind;
    switch (in.peek()) {
        case Kind::unsigned_integer:
            return in.unsigned_integer("item");
        case Kind::negative_integer:
            return in.integer("item");
        case Kind::bytes:
            return to_hex(in.bytes("item", limits::kSection));
        case Kind::text:
            return printable(in.text("item", limits::kSection));
        case Kind::boolean:
            return in.boolean("item");
        case Kind::array: {
            auto out = Json::array();
            in.array("items", limits::kCborItems, [&] { out.push_back(item_json(in)); });
            return out;
        }
        case Kind::map: {
            auto out = Json::object();
            in.map("members", [&](std::string_view key) { out[printable(key)] = item_json(in); });
            return out;
        }
        case Kind::null:
        case Kind::end:
            break;
    }
    in.skip();  // a null, or what is an error
    return {};
}

Result<Json> cbor_json(ByteView bytes) {
    return cbor::parse_document(bytes, "CBOR", [](cbor::Reader& in) { return item_json(in); });
}

Json pci_json(const PciFunction& function) {
    Json out{{"address", printable(function.address)},       {"slot", printable(function.slot)},
             {"driver", printable(function.driver)},         {"link_speed", printable(function.link_speed)},
             {"link_width", printable(function.link_width)}, {"config_bytes", function.config.size()}};
    const auto config = pci::parse_config(function.config);
    if (!config) {
        out["unread"] = describe(config.error());
        out["config"] = to_hex(function.config);
        return out;
    }
    out["id"] = pci::id_text(config->vendor, config->device);
    out["subsystem"] = pci::id_text(config->subsystem_vendor, config->subsystem_device);
    out["class"] = fmt::format("{:06x}", config->class_code);
    out["revision"] = fmt::format("{:02x}", config->revision);
    if (config->serial_number) out["serial_number"] = fmt::format("{:016x}", *config->serial_number);
    out["capabilities"] = Json::array();
    for (const auto& each : config->capabilities)
        out["capabilities"].push_back(
            {{"id", fmt::format("{:04x}", each.id)}, {"offset", each.offset}, {"extended", each.extended}});
    out["quirks"] = Json::array();
    for (const auto quirk : config->quirks) out["quirks"].push_back(pci::to_string(quirk));
    return out;
}

/// What `show` makes of it; the error where it could not be read.
template <typename T, typename Show>
Result<Json> shown_by(const Result<T>& read, Show&& show) {
    if (!read) return std::unexpected(read.error());
    return show(*read);
}

template <typename T>
Result<Json> list_json(const Result<std::vector<T>>& all, Json (*each)(const T&)) {
    return shown_by(all, [&](const std::vector<T>& items) {
        auto out = Json::array();
        for (const auto& one : items) out.push_back(each(one));
        return out;
    });
}

Json journal_json(const JournalSection& journal) {
    Json out{
        {"head", journal.head.hex()}, {"head_sequence", journal.head_sequence}, {"records", Json::array()}};
    for (const auto& record : journal.records) {
        const auto read = cbor_json(record);
        out["records"].push_back(read ? *read
                                      : Json{{"unread", describe(read.error())}, {"bytes", to_hex(record)}});
    }
    return out;
}

Json bmc_json(const BmcSection& section) {
    Json out{{"device_id", to_hex(section.device_id)}};
    if (const auto id = bmc::parse_device_id(section.device_id)) {
        out["manufacturer"] = id->manufacturer;
        out["product"] = id->product;
        out["firmware_version"] = id->firmware_version();
    } else {
        out["unread"] = describe(id.error());
    }
    return out;
}

Result<Json> part_json(ByteView bytes) {
    const auto part = TRY(decode_ima_part_section(bytes));
    const auto list = TRY(
        tcg::parse_ima_log(part.list, HashAlgorithm::sha1,
                           {static_cast<std::size_t>(part.entries), static_cast<std::size_t>(part.offset)}));
    auto out = ima_json(list);
    out["state"] = part.state.hex();
    return out;
}

Json usb_device_json(const UsbDevice& device) {
    return usb_json(device);
}

/// Those that say more than their fields.
std::optional<Result<Json>> read_in_detail(std::string_view name, ByteView bytes) {
    if (name == section::kBootEventLog) return tcg::inspect_event_log(bytes);
    if (name == section::kImaLog) return inspect_ima(bytes);
    if (name == section::kImaLogPart) return part_json(bytes);
    if (name == section::kSmbios) return device::inspect_smbios(bytes);
    if (name == section::kUsb) return list_json(decode_usb_section(bytes), usb_device_json);
    if (name == section::kPci) return list_json(decode_pci_section(bytes), pci_json);
    if (name == section::kJournal) return shown_by(decode_journal_section(bytes), journal_json);
    if (name == section::kBmc) return shown_by(decode_bmc_section(bytes), bmc_json);
    return std::nullopt;
}

/// Whether a section of this name is as it must be. One that is not known is not asked.
Result<> check_section(std::string_view name, ByteView bytes) {
#define CBOR_SECTION(id, constant, text, type)                    \
    if (name == (text)) {                                         \
        const auto read = decode_##id##_section(bytes);           \
        return read ? Result<>() : std::unexpected(read.error()); \
    }
#define RAW_SECTION(constant, text)
#include "evidence/wire/section/sections.inc"
    return {};
}

Json unread_json(const Error& error, ByteView bytes) {
    Json out{{"unread", describe(error)}};
    if (const auto shown = cbor_json(bytes)) {
        out["content"] = *shown;
    } else {
        constexpr std::size_t kShownBytes = 4096;
        out["bytes"] = to_hex(bytes.first(std::min(bytes.size(), kShownBytes)));
    }
    return out;
}

}  // namespace

Json section_json(std::string_view name, ByteView bytes) {
    if (const auto detail = read_in_detail(name, bytes))
        return *detail ? **detail : unread_json(detail->error(), bytes);
    if (const auto good = check_section(name, bytes); !good) return unread_json(good.error(), bytes);
    const auto read = cbor_json(bytes);
    return read ? *read : unread_json(read.error(), bytes);
}

void print_section(std::string_view name, ByteView bytes) {
    if (name == section::kImaLog) {
        if (const auto file = read_ima_file(bytes)) return print_ima(file->list);
    }
    print_tree(section_json(name, bytes));
}

}  // namespace assay::cli
