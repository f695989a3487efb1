#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/eventlog/event_log.h"

namespace assay::tcg {

/// Whether an event's digest says anything about the event's *data*.
enum class DataCoverage : std::uint8_t {
    covered,      ///< the digest is the hash of the data, or of the part given in `covered`
    not_covered,  ///< the digest is of something else (an image, a table): the data is a description that
                  ///< nobody vouches for
    mismatch,  ///< events of this kind hash their data, and this digest is not its hash: edited data or odd
               ///< firmware
};

/// By which rule. (PFP 1.06, 10.4.1 table; GRUB, shim and systemd-stub for EV_IPL)
enum class CoverageRule : std::uint8_t {
    whole_data,                 ///< hash of the data as it stands
    structure_without_padding,  ///< hash of the structure without the zeros behind it (padding.h)
    text_without_padding,       ///< hash of the text without the zeros behind its NUL, with or without that
    without_nul,                ///< hash of the text without its trailing NUL (8 or 16 bit)
    after_prefix,  ///< GRUB: hash of the text behind "grub_cmd: " and the like, with or without its NUL: the
                   ///< prefix is not covered
    variable_data_only,  ///< hash of VariableData: the variable's name and GUID are not covered
    without_last_byte,   ///< shim before 15.3: hash of an oversized UEFI_VARIABLE_DATA without its last byte
    tagged_data_only,    ///< hash of taggedEventData: the tag is not covered
    with_nul,  ///< old systemd-boot: hash of the UTF-16 text with its whole NUL, whose last byte the data
               ///< lacks
    eight_bit_text,   ///< systemd-stub: hash of the section's name in 8-bit text with its NUL, data in UTF-16
    separator_error,  ///< EV_SEPARATOR of the error form: hash of 00000001, the data tells what went wrong
    measured_object,  ///< hash of the object that the data describes (PE image, firmware volume, table)
    no_action,        ///< EV_NO_ACTION: extended nowhere
    no_digest,        ///< the record has no digest of this bank
    none,             ///< no rule fits (with `mismatch`)
};

std::string_view to_string(DataCoverage coverage);  ///< "covered", "not-covered", "mismatch"
std::string_view to_string(CoverageRule rule);      ///< "whole-data", ...

/// The bytes that were hashed are all that the structure has: its names as well as its values.
constexpr bool is_whole_structure(CoverageRule rule) {
    return rule == CoverageRule::whole_data || rule == CoverageRule::structure_without_padding;
}

struct CoverageResult {
    DataCoverage coverage = DataCoverage::not_covered;
    CoverageRule rule = CoverageRule::none;
    ByteView covered;  ///< exactly the bytes that were hashed; empty unless `covered`. Borrowed from the log
};

/// Hashes the event's data as its (untrusted) type says and compares. Says nothing about the digest itself:
/// that is believed only once the PCR replays. Costs one hash in the common case, at most eight.
CoverageResult data_coverage(const ParsedEvent& event, HashAlgorithm bank);

/// A short, printable description of what the data claims, for people: at most about 200 bytes.
std::string describe_unverified_data(const ParsedEvent& event);

}  // namespace assay::tcg
