// The sections about firmware and what it reports: smbios, bmc, esrt, tpm.
#include "evidence/base/limits.h"
#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay {
namespace {

using wire::Blob;
using wire::field;
using wire::record;
using wire::Text;
using wire::Unsigned;

constexpr auto kSmbios =
    record(field("table", &SmbiosSection::table, Blob{0, limits::kSmbiosTable}),
           field("entry_point", &SmbiosSection::entry_point, Blob{0, limits::kSmbiosEntryPoint}));

// IPMI 2.0, 20.1: eleven bytes after the completion code, then four of auxiliary firmware revision that may
// be absent.
constexpr auto kBmc = record(field("device_id", &BmcSection::device_id, Blob{11, 15}));

constexpr Unsigned kU32{0xffffffff};  // UEFI 2.10, 23.4: all numbers of an ESRT entry are UINT32
constexpr wire::List kEsrt{
    record(field("fw_type", &EsrtEntry::fw_type, kU32), field("fw_class", &EsrtEntry::fw_class, Text{}),
           field("fw_version", &EsrtEntry::fw_version, kU32),
           field("capsule_flags", &EsrtEntry::capsule_flags, kU32),
           field("last_attempt_status", &EsrtEntry::last_attempt_status, kU32),
           field("last_attempt_version", &EsrtEntry::last_attempt_version, kU32),
           field("lowest_supported_fw_version", &EsrtEntry::lowest_supported_fw_version, kU32)),
    limits::kEsrtEntries};

constexpr auto kTpm =
    record(field("family", &TpmSection::family, Text{}), field("revision", &TpmSection::revision, Unsigned{}),
           field("manufacturer", &TpmSection::manufacturer, Text{}),
           field("vendor_string", &TpmSection::vendor_string, Text{}),
           field("firmware_version_1", &TpmSection::firmware_version_1, Unsigned{}),
           field("firmware_version_2", &TpmSection::firmware_version_2, Unsigned{}));

}  // namespace

Bytes encode_smbios_section(const SmbiosSection& smbios) {
    return wire::encode_document(kSmbios, smbios);
}
Result<SmbiosSection> decode_smbios_section(ByteView bytes) {
    return wire::decode_section<SmbiosSection>(kSmbios, bytes, section::kSmbios);
}

Bytes encode_bmc_section(const BmcSection& bmc) {
    return wire::encode_document(kBmc, bmc);
}
Result<BmcSection> decode_bmc_section(ByteView bytes) {
    return wire::decode_section<BmcSection>(kBmc, bytes, section::kBmc);
}

Bytes encode_esrt_section(const std::vector<EsrtEntry>& entries) {
    return wire::encode_document(kEsrt, entries);
}
Result<std::vector<EsrtEntry>> decode_esrt_section(ByteView bytes) {
    return wire::decode_section<std::vector<EsrtEntry>>(kEsrt, bytes, section::kEsrt);
}

Bytes encode_tpm_section(const TpmSection& tpm) {
    return wire::encode_document(kTpm, tpm);
}
Result<TpmSection> decode_tpm_section(ByteView bytes) {
    return wire::decode_section<TpmSection>(kTpm, bytes, section::kTpm);
}

}  // namespace assay
