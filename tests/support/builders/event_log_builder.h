#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"
#include "evidence/eventlog/event_log.h"
#include "evidence/tpm/pcr.h"

namespace assay::test {

using namespace std::string_view_literals;

/// One event to be written. `measured` is what its digests are the hash of.
struct BuiltEvent {
    std::uint32_t pcr = 0;
    std::uint32_t type = 0;
    Bytes data;
    Bytes measured;
    bool zero_digest = false;
};

inline Bytes utf16le(std::string_view ascii) {
    ByteWriter out;
    for (const char c : ascii) out.u16le(static_cast<unsigned char>(c));
    return out.take();
}

inline Bytes efi_global_guid() {
    return ByteWriter()
        .u32le(0x8be4df61)
        .u16le(0x93ca)
        .u16le(0x11d2)
        .bytes(to_bytes("\xaa\x0d\x00\xe0\x98\x03\x2b\x8c"sv))
        .take();
}

inline Bytes efi_variable(std::string_view name, ByteView data) {
    return ByteWriter()
        .bytes(efi_global_guid())
        .u64le(name.size())
        .u64le(data.size())
        .bytes(utf16le(name))
        .bytes(data)
        .take();
}

inline Bytes image_load_event(std::string_view path) {
    const auto name = ByteWriter().bytes(utf16le(path)).u16le(0).take();
    const auto nodes = ByteWriter()
                           .u8(4)
                           .u8(4)
                           .u16le(static_cast<std::uint16_t>(4 + name.size()))
                           .bytes(name)
                           .u8(0x7f)
                           .u8(0xff)
                           .u16le(4)
                           .take();
    return ByteWriter().u64le(0x1000).u64le(0x2000).u64le(0).u64le(nodes.size()).bytes(nodes).take();
}

/// Makes a valid crypto-agile boot event log with honest digests, and lets a test spoil one thing of it.
class EventLogBuilder {
  public:
    std::vector<HashAlgorithm> banks{HashAlgorithm::sha1, HashAlgorithm::sha256};
    std::vector<BuiltEvent> events;

    /// Firmware, Secure Boot variables, separators, boot application, GRUB command, ExitBootServices.
    static EventLogBuilder typical() {
        using namespace assay::tcg;
        EventLogBuilder log;
        log.startup_locality(3);
        log.add(0, EV_S_CRTM_VERSION, utf16le("1.0"));
        log.add(0, EV_EFI_PLATFORM_FIRMWARE_BLOB, Bytes(16), to_bytes("a firmware volume"));
        log.secure_boot(true);
        for (const auto name : {"PK"sv, "KEK"sv, "db"sv, "dbx"sv}) {
            log.add(7, EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable(name, as_view("keys")));
        }
        log.add(1, EV_EFI_VARIABLE_BOOT, efi_variable("BootOrder", Bytes(2)), Bytes(2));
        log.add(4, EV_EFI_ACTION, to_bytes("Calling EFI Application from Boot Option"sv));
        for (std::uint32_t pcr = 0; pcr < 8; ++pcr) log.add(pcr, EV_SEPARATOR, Bytes(4));
        log.add(4, EV_EFI_BOOT_SERVICES_APPLICATION, image_load_event("\\EFI\\BOOT\\BOOTX64.EFI"),
                to_bytes("an image"));
        log.add(8, EV_IPL, to_bytes("grub_cmd: linux /vmlinuz quiet\0"sv),
                to_bytes("linux /vmlinuz quiet"sv));
        log.add(14, EV_IPL, to_bytes("MokList\0"sv), to_bytes("the list itself"sv));
        log.add(5, EV_EFI_ACTION, to_bytes("Exit Boot Services Invocation"sv));
        log.add(5, EV_EFI_ACTION, to_bytes("Exit Boot Services Returned with Success"sv));
        return log;
    }

    EventLogBuilder& add(std::uint32_t pcr, std::uint32_t type, Bytes data) {
        auto measured = data;
        return add(pcr, type, std::move(data), std::move(measured));
    }
    EventLogBuilder& add(std::uint32_t pcr, std::uint32_t type, Bytes data, Bytes measured) {
        events.push_back({pcr, type, std::move(data), std::move(measured), false});
        return *this;
    }
    EventLogBuilder& startup_locality(std::uint8_t locality, std::uint32_t pcr = 0) {
        events.push_back(
            {pcr, tcg::EV_NO_ACTION, ByteWriter().text("StartupLocality\0"sv).u8(locality).take(), {}, true});
        return *this;
    }
    EventLogBuilder& secure_boot(bool on) {
        return add(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("SecureBoot", Bytes{std::byte{on}}));
    }
    /// The first event of this PCR and type.
    BuiltEvent& find(std::uint32_t pcr, std::uint32_t type) {
        for (auto& event : events) {
            if (event.pcr == pcr && event.type == type) return event;
        }
        return events.at(events.size());  // throws: the test asks for what is not there
    }

    [[nodiscard]] Digest digest_of(const BuiltEvent& event, HashAlgorithm bank) const {
        return event.zero_digest ? Digest::filled(bank, std::byte{0}) : hash(bank, {event.measured});
    }

    [[nodiscard]] Bytes spec_id() const {
        ByteWriter out;
        out.text("Spec ID Event03\0"sv)
            .u32le(1)
            .u8(0)
            .u8(2)
            .u8(0)
            .u8(2)
            .u32le(static_cast<std::uint32_t>(banks.size()));
        for (const auto bank : banks) {
            out.u16le(static_cast<std::uint16_t>(bank)).u16le(static_cast<std::uint16_t>(digest_size(bank)));
        }
        return out.u8(0).take();
    }

    [[nodiscard]] static Bytes header(ByteView spec_id, std::uint32_t pcr = 0) {
        return ByteWriter()
            .u32le(pcr)
            .u32le(tcg::EV_NO_ACTION)
            .bytes(Bytes(20))
            .u32le(static_cast<std::uint32_t>(spec_id.size()))
            .bytes(spec_id)
            .take();
    }

    [[nodiscard]] Bytes record(const BuiltEvent& event) const {
        ByteWriter out;
        out.u32le(event.pcr).u32le(event.type).u32le(static_cast<std::uint32_t>(banks.size()));
        for (const auto bank : banks)
            out.u16le(static_cast<std::uint16_t>(bank)).bytes(digest_of(event, bank).view());
        return out.u32le(static_cast<std::uint32_t>(event.data.size())).bytes(event.data).take();
    }

    [[nodiscard]] Bytes bytes() const {
        ByteWriter out;
        out.bytes(header(spec_id()));
        for (const auto& event : events) out.bytes(record(event));
        return out.take();
    }

    /// The same events in the SHA-1 format of TPM 1.2, without a Spec ID event.
    [[nodiscard]] Bytes sha1_bytes() const {
        ByteWriter out;
        for (const auto& event : events) {
            out.u32le(event.pcr)
                .u32le(event.type)
                .bytes(digest_of(event, HashAlgorithm::sha1).view())
                .u32le(static_cast<std::uint32_t>(event.data.size()))
                .bytes(event.data);
        }
        return out.take();
    }

    /// What a TPM would hold that extended these events, by its own rules: PCR 0 from `locality`, 17..22 all
    /// ones.
    [[nodiscard]] tcg::PcrValues::Bank tpm_values(HashAlgorithm bank, std::uint8_t locality = 3) const {
        tcg::PcrValues::Bank values;
        for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
            values.at(pcr) = Digest::filled(bank, pcr >= 17 && pcr <= 22 ? std::byte{0xff} : std::byte{0});
        }
        Bytes start(digest_size(bank));
        start.back() = std::byte{locality};
        values[0] = Digest::from_bytes(bank, start).value();
        for (const auto& event : events) {
            if (event.type == tcg::EV_NO_ACTION || event.pcr >= tcg::kPcrCount) continue;
            values.at(event.pcr) = extend(*values.at(event.pcr), digest_of(event, bank));
        }
        return values;
    }
};

}  // namespace assay::test
