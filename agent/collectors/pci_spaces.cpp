#include "agent/collectors/pci_spaces.h"

#include <algorithm>

#include <fmt/core.h>

#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/cbor.h"
#include "evidence/wire/section/sections.h"

namespace assay::agent {
namespace {

constexpr std::string_view kAnew = "systemctl start assay-agent-pci.service reads them";
constexpr std::string_view kAllFunctions = "/sys/bus/pci/devices";
constexpr std::string_view kBootIdFile = "/proc/sys/kernel/random/boot_id";
constexpr std::size_t kFrame = 1024;  // what stands around the section
constexpr std::size_t kAlways = wire::kPciHeader;

// PCI Local Bus 3.0, 6.2.1 and 6.2.4: what a function is, whatever it does.
bool is_same_function(const Bytes& before, const Bytes& now) {
    constexpr std::size_t kRevision = 0x08, kHeaderType = 0x0e, kSubsystem = 0x2c, kWord = 4;
    constexpr auto kLayout = std::byte{0x7f};
    const auto equal = [&](std::size_t at, std::size_t size) {
        const auto from = static_cast<std::ptrdiff_t>(at);
        return std::equal(now.begin() + from, now.begin() + from + static_cast<std::ptrdiff_t>(size),
                          before.begin() + from);
    };
    if (!equal(0, kWord) || !equal(kRevision, kWord) || !equal(kHeaderType, 1)) return false;
    return (now[kHeaderType] & kLayout) != std::byte{0} || equal(kSubsystem, kWord);
}

}  // namespace

Bytes encode_pci_spaces(const PciSpaces& spaces) {
    std::vector<PciFunction> functions;
    for (const auto& [address, config] : spaces.functions) {
        functions.emplace_back();
        functions.back().address = address;
        functions.back().config = config;
    }
    return cbor::map({{"pci", cbor::bytes(encode_pci_section(functions))},
                      {"boot_id", cbor::text(spaces.boot_id)},
                      {"boottime_ms", cbor::unsigned_integer(spaces.boottime_ms)}});
}

Result<PciSpaces> decode_pci_spaces(ByteView document) {
    PciSpaces out;
    Bytes section;
    TRY_VOID(cbor::parse_document(document, "PCI spaces", [&](cbor::Reader& in) -> Result<> {
        in.map("PCI spaces", [&](std::string_view key) {
            if (key == "pci") {
                const auto bytes = in.bytes(key, limits::kSection);
                section.assign(bytes.begin(), bytes.end());
            } else if (key == "boot_id") {
                out.boot_id = in.text(key);
            } else if (key == "boottime_ms") {
                out.boottime_ms = in.unsigned_integer(key);
            } else {
                in.unknown(key);
            }
        });
        return {};
    }));
    for (auto& function : TRY(decode_pci_section(section)))
        out.functions.emplace(std::move(function.address), std::move(function.config));
    return out;
}

Result<PciSpaces> read_pci_spaces(Host& host) {
    PciSpaces out;
    out.boot_id = TRY(read_text(host, kBootIdFile));
    out.boottime_ms = TRY(host.clock()).boottime_ms;
    std::size_t cut = 0;
    for (const auto& address : TRY(host.list(kAllFunctions))) {
        auto config = host.read(fmt::format("{}/{}/config", kAllFunctions, address), limits::kPciConfig);
        if (!config) continue;  // it went meanwhile, or the collector has its own gap about it
        if (config->size() <= kAlways) {
            ++cut;
        } else if (out.functions.size() < limits::kPciFunctions) {
            out.functions.emplace(address, *std::move(config));
        }
    }
    if (cut > 0)
        return fail(ErrorCode::refused,
                    fmt::format("of {} PCI functions the kernel gives only the first {} bytes: expected "
                                "CAP_SYS_ADMIN; run it as root, or by assay-agent-pci.service",
                                cut, kAlways));
    return out;
}

Result<LoadedPciSpaces> load_pci_spaces(Host& host) {
    const auto document = host.read(kPciSpacesFile, limits::kSection + kFrame);
    if (!document) return fail(document.error().code, fmt::format("{}; {}", document.error().context, kAnew));
    LoadedPciSpaces out;
    out.spaces = TRY(with_context(decode_pci_spaces(*document), kPciSpacesFile));
    const auto boot = TRY(read_text(host, kBootIdFile));
    const auto now = TRY(host.clock()).boottime_ms;
    const auto then = out.spaces.boottime_ms;
    if (out.spaces.boot_id != boot || then > now)
        return fail(ErrorCode::conflict,
                    fmt::format("{}: stale, it is of another boot; {}", kPciSpacesFile, kAnew));
    out.age = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::milliseconds(now - then));
    if (out.age > kPciSpacesAge)
        return fail(ErrorCode::conflict,
                    fmt::format("{}: stale, expected one of the last {} h, got one of {} s ago; {}",
                                kPciSpacesFile, kPciSpacesAge.count(), out.age.count(), kAnew));
    return out;
}

Result<Bytes> whole_space(const PciSpaces& spaces, const std::string& address, const Bytes& header) {
    const auto found = spaces.functions.find(address);
    if (found == spaces.functions.end())
        return fail(ErrorCode::not_found, fmt::format("{} was not there yet when {} was written; {}",
                                                      printable(address), kPciSpacesFile, kAnew));
    const auto& read = found->second;
    if (header.size() != kAlways || read.size() <= kAlways || !is_same_function(read, header))
        return fail(ErrorCode::conflict, fmt::format("{} is another device than when {} was written; {}",
                                                     printable(address), kPciSpacesFile, kAnew));
    auto whole = header;
    whole.insert(whole.end(), read.begin() + static_cast<std::ptrdiff_t>(kAlways), read.end());
    return whole;
}

}  // namespace assay::agent
