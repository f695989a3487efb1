#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

namespace assay::tcg {

/// PCRs of one bank of a PC Client TPM: 0..23. (PC Client Platform TPM Profile, 4.6)
inline constexpr unsigned kPcrCount = 24;

/// "0" to "23": decimal digits alone, no sign, space or leading zero. `malformed` otherwise, with the text.
Result<unsigned> pcr_index_from_text(std::string_view text);

/// Which PCRs of which banks: TPML_PCR_SELECTION (TPM 2.0 Part 2, 10.9.7). The order of the banks is kept,
/// because the digest of a quote is made in that order; within a bank the order is always ascending.
class PcrSelection {
  public:
    struct Bank {
        HashAlgorithm algorithm = HashAlgorithm::sha256;
        std::uint32_t mask =
            0;  ///< bit n stands for PCR n; never above bit 23. May be 0: a bank named, and none of it.
        bool operator==(const Bank&) const = default;
    };

    PcrSelection() = default;
    /// One bank: `PcrSelection::of(HashAlgorithm::sha256, 0x00ffff)` is PCRs 0-15. Bits above 23 are dropped.
    static PcrSelection of(HashAlgorithm algorithm, std::uint32_t mask);

    /// Appends a bank. `malformed` where it is there already, or `mask` has a bit above 23.
    Result<> add_bank(HashAlgorithm algorithm, std::uint32_t mask);

    [[nodiscard]] const std::vector<Bank>& banks() const { return banks_; }
    /// The bank's mask; 0 where the bank is not named.
    [[nodiscard]] std::uint32_t mask(HashAlgorithm algorithm) const;
    [[nodiscard]] bool contains(HashAlgorithm algorithm, unsigned index) const;
    /// Every PCR of `other` is in this selection too.
    [[nodiscard]] bool covers(const PcrSelection& other) const;
    /// No PCR at all: a quote over it says nothing.
    [[nodiscard]] bool selects_nothing() const;

    /// Same banks in the same order with the same PCRs.
    bool operator==(const PcrSelection&) const = default;

  private:
    std::vector<Bank> banks_;
};

/// TPML_PCR_SELECTION: a 32-bit count, then for each bank hash (16 bits), sizeofSelect (8 bits: 3, or 4 with
/// the fourth octet 0), the octets, PCR 0 in the lowest bit of the first. A bank that is listed twice is
/// refused, a bank of an unknown hash is `unsupported`. Errors stick in `in`.
PcrSelection read_pcr_selection(ByteReader& in);
Result<PcrSelection> parse_pcr_selection(ByteView bytes);
void write_pcr_selection(ByteWriter& out, const PcrSelection& selection);
Bytes encode_pcr_selection(const PcrSelection& selection);

/// "sha256:0,1,7", several banks joined by '+', as in "sha1:0+sha256:0,7"; a bank without PCRs is "sha256:".
std::string to_text(const PcrSelection& selection);
/// The reverse; PCRs of a bank in any order, each once. Nothing but this grammar: no spaces, signs or leading
/// zeros.
Result<PcrSelection> pcr_selection_from_text(std::string_view text);

/// Values of PCRs, as replayed or as read. What is not known is absent, and is not zero.
class PcrValues {
  public:
    using Bank = std::array<std::optional<Digest>, kPcrCount>;

    /// The bank is the digest's own algorithm. `usage` for an index above 23.
    Result<> set(unsigned index, const Digest& value);
    /// Null where the value is not known. Valid until the next `set`.
    [[nodiscard]] const Digest* find(HashAlgorithm algorithm, unsigned index) const;
    [[nodiscard]] const std::map<HashAlgorithm, Bank>& banks() const { return banks_; }

    bool operator==(const PcrValues&) const = default;

  private:
    std::map<HashAlgorithm, Bank> banks_;
};

/// The digest that a quote over `selection` carries: H of the selected values, bank by bank in the
/// selection's order, within a bank by ascending PCR. `algorithm` is the hash of the signing scheme, not of a
/// bank. (TPM 2.0 Part 1, 17.6 and Part 3, 18.4) `not_found` where a selected PCR has no value.
Result<Digest> pcr_digest(const PcrSelection& selection, const PcrValues& values, HashAlgorithm algorithm);

}  // namespace assay::tcg
