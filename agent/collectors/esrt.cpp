#include <fmt/core.h>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"

namespace assay::agent {

namespace {

constexpr std::string_view kEntries = "/sys/firmware/efi/esrt/entries";

/// One entry; the first attribute that cannot be read makes it a gap: half an entry would look like version
/// 0.
Result<EsrtEntry> read_entry(Host& host, const std::string& path) {
    EsrtEntry entry;
    entry.fw_class = TRY(read_text(host, path + "/fw_class"));
    entry.fw_type = TRY(read_number(host, path + "/fw_type"));
    entry.fw_version = TRY(read_number(host, path + "/fw_version"));
    entry.lowest_supported_fw_version = TRY(read_number(host, path + "/lowest_supported_fw_version"));
    entry.capsule_flags = TRY(read_number(host, path + "/capsule_flags"));
    entry.last_attempt_version = TRY(read_number(host, path + "/last_attempt_version"));
    entry.last_attempt_status = TRY(read_number(host, path + "/last_attempt_status"));
    return entry;
}

}  // namespace

/// The EFI System Resource Table (UEFI 2.10, 23.4).
std::optional<Bytes> collect_esrt(const Machine& machine, GapLog& gaps) {
    const auto names = gaps.value_of(machine.host.list(kEntries), section::kEsrt, kEntries);
    if (!names) return std::nullopt;
    std::vector<EsrtEntry> entries;
    for (const auto& name : *names) {
        const auto path = fmt::format("{}/{}", kEntries, name);
        auto entry = read_entry(machine.host, path);
        if (entry && entries.size() == limits::kEsrtEntries)
            entry = fail(ErrorCode::limit, "too many ESRT entries");
        if (entry) {
            entries.push_back(std::move(*entry));
        } else {
            gaps.add(section::kEsrt, path, entry.error());
        }
    }
    return encode_esrt_section(entries);
}

}  // namespace assay::agent
