#include "evidence/eventlog/event_data.h"

#include <array>
#include <optional>
#include <string_view>

#include "evidence/base/byte_reader.h"
#include "evidence/eventlog/event_payload.h"
#include "evidence/eventlog/payload/padding.h"

namespace assay::tcg {
namespace {

// What the digest of a type is the hash of. (PFP 1.06, 10.4.1)
enum class Kind : std::uint8_t {
    data,            // the data: anything else is a mismatch
    data_or_object,  // the data, or an object that the data describes: nothing can be a mismatch
    text,            // the data, with or without its NUL
    variable,        // UEFI_VARIABLE_DATA, or its VariableData alone
    tagged,          // TCG_PCClientTaggedEvent, or its data alone, or an object
    separator,
    boot_loader,  // EV_IPL
    object,       // never the data
    nothing,      // EV_NO_ACTION
};

Kind kind_of(std::uint32_t type) {
    switch (type) {
        case EV_NO_ACTION:
            return Kind::nothing;
        case EV_SEPARATOR:
            return Kind::separator;
        case EV_ACTION:
        case EV_EFI_ACTION:
        case EV_OMIT_BOOT_DEVICE_EVENTS:
            return Kind::text;
        case EV_EVENT_TAG:
            return Kind::tagged;
        case EV_IPL:
            return Kind::boot_loader;
        case EV_EFI_VARIABLE_DRIVER_CONFIG:
        case EV_EFI_VARIABLE_BOOT:
        case EV_EFI_VARIABLE_BOOT2:
        case EV_EFI_VARIABLE_AUTHORITY:
        case EV_EFI_SPDM_DEVICE_POLICY:
        case EV_EFI_SPDM_DEVICE_AUTHORITY:
            return Kind::variable;
        case EV_EFI_GPT_EVENT:
        case EV_EFI_GPT_EVENT2:  // the data already has its GUIDs zeroed (PFP 1.06, 10.4.1)
        case EV_EFI_SPDM_FIRMWARE_BLOB:
        case EV_EFI_SPDM_FIRMWARE_CONFIG:
            return Kind::data;
        case EV_EFI_BOOT_SERVICES_APPLICATION:
        case EV_EFI_BOOT_SERVICES_DRIVER:
        case EV_EFI_RUNTIME_SERVICES_DRIVER:
        case EV_EFI_PLATFORM_FIRMWARE_BLOB:
        case EV_EFI_PLATFORM_FIRMWARE_BLOB2:
        case EV_EFI_HANDOFF_TABLES:
        case EV_EFI_HANDOFF_TABLES2:
        case EV_EFI_HCRTM_EVENT:
            return Kind::object;
        default:
            return Kind::data_or_object;
    }
}

ByteView without_last(ByteView data, std::size_t count) {
    return data.first(data.size() - count);
}

bool ends_in_nul(ByteView data) {
    return !data.empty() && data.back() == std::byte{0};
}
bool ends_in_wide_nul(ByteView data) {
    return data.size() % 2 == 0 && ends_in_nul(data) && ends_in_nul(without_last(data, 1));
}

// Tries one reading after the other; the first whose hash is the digest decides.
class Reading {
  public:
    Reading(ByteView data, ByteView structure, const Digest& digest)
        : data_(data), structure_(structure), digest_(digest) {}

    bool hashed(ByteView part, CoverageRule rule) {
        if (hash(digest_.algorithm(), {part}) != digest_) return false;
        result_ = {DataCoverage::covered, rule, part};
        return true;
    }
    bool whole() {
        if (hashed(data_, CoverageRule::whole_data)) return true;
        return structure_.size() != data_.size() &&
               hashed(structure_, CoverageRule::structure_without_padding);
    }
    // Text is padded by zeros behind its NUL, of which two bytes may be hashed.
    bool padded_text() {
        auto end = data_.size();
        while (end != 0 && data_[end - 1] == std::byte{0}) --end;
        if (end == 0 || data_.size() - end <= 2) return false;
        for (const std::size_t nul : {0U, 1U, 2U, 3U}) {
            if (end + nul < data_.size() &&
                hashed(data_.first(end + nul), CoverageRule::text_without_padding))
                return true;
        }
        return false;
    }
    bool without_nul() {
        return (ends_in_nul(data_) && hashed(without_last(data_, 1), CoverageRule::without_nul)) ||
               (ends_in_wide_nul(data_) && hashed(without_last(data_, 2), CoverageRule::without_nul));
    }
    CoverageResult object() { return {DataCoverage::not_covered, CoverageRule::measured_object, {}}; }
    CoverageResult found() { return result_; }
    CoverageResult mismatch() { return {DataCoverage::mismatch, CoverageRule::none, {}}; }

    CoverageResult variable(bool name_is_measured) {
        if (name_is_measured && whole()) return found();
        const auto part = variable_data();
        if (part && hashed(*part, CoverageRule::variable_data_only)) return found();
        if (!name_is_measured && whole()) return found();
        // Old shims log the structure with the slack of its C type, and hash all of that but the last byte.
        const bool slack = !part && !data_.empty();
        return slack && hashed(without_last(data_, 1), CoverageRule::without_last_byte) ? found()
                                                                                        : mismatch();
    }

    CoverageResult tagged() {  // u32 taggedEventID, u32 taggedEventDataSize, data (PFP 1.06, 10.2.5)
        if (whole()) return found();
        if (data_.size() >= 8 && hashed(data_.subspan(8), CoverageRule::tagged_data_only)) return found();
        return object();
    }

    CoverageResult
    separator() {  // PFP 1.06, 10.4.1: 00000000, ffffffff; the error form measures the number 1
        if (whole()) return found();
        constexpr std::array error{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}};
        if (hash(digest_.algorithm(), {error}) == digest_) {
            return {DataCoverage::not_covered, CoverageRule::separator_error, {}};
        }
        return mismatch();
    }

    // GRUB measures the command and logs "grub_cmd: " and the command; shim logs a variable's name and
    // measures its content; systemd-stub measures and logs the command line as UTF-16 with its NUL, and logs
    // a section's name in UTF-16 for two digests, of the name and of the content. Only GRUB's own texts can
    // be found edited.
    CoverageResult boot_loader() {
        const auto text = as_text(data_);
        for (const auto& grub : kGrubTexts) {
            if (!text.starts_with(grub.prefix)) continue;
            if (after(grub.prefix.size())) return found();
            if (!grub.old) return whole() || without_nul() ? found() : mismatch();
        }
        return whole() || without_nul() || with_nul() || eight_bit_text() ? found() : object();
    }

  private:
    // UTF-16 text whose last byte, a half of its NUL, is not in the data.
    bool with_nul() {
        constexpr std::array nul{std::byte{0}};
        const bool cut = data_.size() >= 3 && data_.size() % 2 == 1 && ends_in_nul(data_);
        if (!cut || hash(digest_.algorithm(), {data_, nul}) != digest_) return false;
        result_ = {DataCoverage::covered, CoverageRule::with_nul, data_};
        return true;
    }
    // Each upper byte is zero, so the 8-bit text determines the data.
    bool eight_bit_text() {
        constexpr std::size_t kLongestName = 256;
        if (data_.size() > kLongestName || !ends_in_wide_nul(data_)) return false;
        Bytes narrow;
        for (std::size_t i = 0; i < data_.size(); i += 2) {
            if (data_[i + 1] != std::byte{0}) return false;
            narrow.push_back(data_[i]);
        }
        if (hash(digest_.algorithm(), {narrow}) != digest_) return false;
        result_ = {DataCoverage::covered, CoverageRule::eight_bit_text, data_};
        return true;
    }
    bool after(std::size_t prefix) {
        const auto rest = data_.subspan(prefix);
        const auto text = ends_in_nul(rest) ? without_last(rest, 1) : rest;
        return hashed(text, CoverageRule::after_prefix) ||
               (text.size() != rest.size() && hashed(rest, CoverageRule::after_prefix));
    }
    [[nodiscard]] std::optional<ByteView> variable_data() const;

    ByteView data_;
    ByteView structure_;  // of data_, without padding; all of it where nothing says how long it is
    const Digest& digest_;
    CoverageResult result_;
};

// VariableData, without decoding the name: GUID, two 64-bit lengths, 2 bytes a character of the name, the
// data.
std::optional<ByteView> Reading::variable_data() const {
    constexpr std::size_t kFixed = 16 + 8 + 8;
    ByteReader in(structure_);
    in.bytes(16, "VariableName");
    const auto characters = in.u64le("UnicodeNameLength");
    const auto size = in.u64le("VariableDataLength");
    if (!in.ok() || characters > in.remaining() / 2) return std::nullopt;
    const auto name_size = 2 * static_cast<std::size_t>(characters);
    if (size != in.remaining() - name_size) return std::nullopt;
    return structure_.subspan(kFixed + name_size);
}

}  // namespace

std::string_view to_string(DataCoverage coverage) {
    switch (coverage) {
        case DataCoverage::covered:
            return "covered";
        case DataCoverage::not_covered:
            return "not-covered";
        case DataCoverage::mismatch:
            return "mismatch";
    }
    return "mismatch";
}

std::string_view to_string(CoverageRule rule) {
    switch (rule) {
        case CoverageRule::whole_data:
            return "whole-data";
        case CoverageRule::structure_without_padding:
            return "structure-without-padding";
        case CoverageRule::text_without_padding:
            return "text-without-padding";
        case CoverageRule::without_nul:
            return "without-nul";
        case CoverageRule::after_prefix:
            return "after-prefix";
        case CoverageRule::variable_data_only:
            return "variable-data-only";
        case CoverageRule::without_last_byte:
            return "without-last-byte";
        case CoverageRule::tagged_data_only:
            return "tagged-data-only";
        case CoverageRule::with_nul:
            return "with-nul";
        case CoverageRule::eight_bit_text:
            return "eight-bit-text";
        case CoverageRule::separator_error:
            return "separator-error";
        case CoverageRule::measured_object:
            return "measured-object";
        case CoverageRule::no_action:
            return "no-action";
        case CoverageRule::no_digest:
            return "no-digest";
        case CoverageRule::none:
            return "none";
    }
    return "none";
}

CoverageResult data_coverage(const ParsedEvent& event, HashAlgorithm bank) {
    if (!event.extends()) return {DataCoverage::not_covered, CoverageRule::no_action, {}};
    const auto* digest = event.digest_in(bank);
    if (digest == nullptr) return {DataCoverage::not_covered, CoverageRule::no_digest, {}};
    Reading reading(event.unverified_data, without_padding(event.unverified_type, event.unverified_data),
                    *digest);
    switch (kind_of(event.unverified_type)) {
        case Kind::nothing:
            return {DataCoverage::not_covered, CoverageRule::no_action, {}};
        case Kind::data:
            return reading.whole() ? reading.found() : reading.mismatch();
        case Kind::data_or_object:
            return reading.whole() || reading.without_nul() ? reading.found() : reading.object();
        case Kind::text:
            return reading.whole() || reading.without_nul() || reading.padded_text() ? reading.found()
                                                                                     : reading.mismatch();
        case Kind::variable:
            return reading.variable(event.unverified_type != EV_EFI_VARIABLE_BOOT);
        case Kind::tagged:
            return reading.tagged();
        case Kind::separator:
            return reading.separator();
        case Kind::boot_loader:
            return reading.boot_loader();
        case Kind::object:
            return reading.object();
    }
    return reading.mismatch();
}

}  // namespace assay::tcg
