#include "evidence/tpm/pcr.h"

#include <algorithm>
#include <charconv>

#include "evidence/base/text.h"

namespace assay::tcg {
namespace {

constexpr std::uint32_t kAllPcrs = (1U << kPcrCount) - 1U;
constexpr std::size_t kSelectOctets = kPcrCount / 8;  // PCR_SELECT_MIN of a PC Client TPM
constexpr std::size_t kMostBanks = 16;                // HASH_COUNT of any TPM is below this

std::string bank_name(HashAlgorithm algorithm) {
    return std::string(to_string(algorithm));
}

/// Cuts `text` at the first `separator`; the second part is absent where there is none.
std::pair<std::string_view, std::optional<std::string_view>> cut(std::string_view text, char separator) {
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, at), text.substr(at + 1)};
}

Result<std::uint32_t> mask_from_text(std::string_view list) {
    std::uint32_t mask = 0;
    std::optional<std::string_view> left = list;
    while (left && !list.empty()) {
        const auto [item, rest] = cut(*left, ',');
        const unsigned index = TRY(pcr_index_from_text(item));
        if ((mask & (1U << index)) != 0) {
            return fail(ErrorCode::malformed, "PCR " + std::to_string(index) + " is listed twice");
        }
        mask |= 1U << index;
        left = rest;
    }
    return mask;
}

}  // namespace

Result<unsigned> pcr_index_from_text(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool canonical = text.size() == 1 || (!text.empty() && text.front() != '0');
    if (error != std::errc() || end != text.data() + text.size() || !canonical || value >= kPcrCount) {
        return fail(ErrorCode::malformed,
                    "expected a PCR index from 0 to 23, got '" + printable(shortened(text, 16)) + "'");
    }
    return value;
}

PcrSelection PcrSelection::of(HashAlgorithm algorithm, std::uint32_t mask) {
    PcrSelection selection;
    selection.banks_.push_back({algorithm, mask & kAllPcrs});
    return selection;
}

Result<> PcrSelection::add_bank(HashAlgorithm algorithm, std::uint32_t mask) {
    if ((mask & ~kAllPcrs) != 0) return fail(ErrorCode::malformed, "a PCR above 23 is selected");
    for (const auto& bank : banks_) {
        if (bank.algorithm == algorithm) {
            return fail(ErrorCode::malformed, "bank " + bank_name(algorithm) + " is listed twice");
        }
    }
    banks_.push_back({algorithm, mask});
    return {};
}

std::uint32_t PcrSelection::mask(HashAlgorithm algorithm) const {
    for (const auto& bank : banks_) {
        if (bank.algorithm == algorithm) return bank.mask;
    }
    return 0;
}

bool PcrSelection::contains(HashAlgorithm algorithm, unsigned index) const {
    return index < kPcrCount && (mask(algorithm) & (1U << index)) != 0;
}

bool PcrSelection::covers(const PcrSelection& other) const {
    return std::ranges::all_of(other.banks_,
                               [this](const Bank& bank) { return (bank.mask & ~mask(bank.algorithm)) == 0; });
}

bool PcrSelection::selects_nothing() const {
    return std::ranges::all_of(banks_, [](const Bank& bank) { return bank.mask == 0; });
}

PcrSelection read_pcr_selection(ByteReader& in) {
    PcrSelection selection;
    const std::uint32_t count = in.u32be("pcrSelections count");
    if (!in.check_count(count, 2 + 1 + kSelectOctets, kMostBanks, "pcrSelections")) return selection;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        const std::size_t start = in.offset();
        const auto algorithm = hash_algorithm_from_id(in.u16be("pcrSelection hash"));
        const std::size_t octets = in.u8("sizeofSelect");
        if (!in.ok()) break;
        if (!algorithm) {
            in.fail_at(start, ErrorCode::unsupported, "pcrSelection bank: " + algorithm.error().context);
            break;
        }
        if (octets < kSelectOctets || octets > kSelectOctets + 1) {
            in.fail_at(start + 2, ErrorCode::malformed, "sizeofSelect is neither 3 nor 4");
            break;
        }
        std::uint32_t mask = 0;
        for (std::size_t octet = 0; octet < octets; ++octet) {
            mask |= static_cast<std::uint32_t>(in.u8("pcrSelect")) << (8U * octet);
        }
        if (const auto added = selection.add_bank(*algorithm, mask); !added && in.ok()) {
            in.fail_at(start, added.error().code, added.error().context);
        }
    }
    return selection;
}

Result<PcrSelection> parse_pcr_selection(ByteView bytes) {
    return parse_exact(bytes, "TPML_PCR_SELECTION", [](ByteReader& in) { return read_pcr_selection(in); });
}

void write_pcr_selection(ByteWriter& out, const PcrSelection& selection) {
    out.u32be(static_cast<std::uint32_t>(selection.banks().size()));
    for (const auto& bank : selection.banks()) {
        out.u16be(static_cast<std::uint16_t>(bank.algorithm)).u8(kSelectOctets);
        for (std::size_t octet = 0; octet < kSelectOctets; ++octet) {
            out.u8(static_cast<std::uint8_t>(bank.mask >> (8U * octet)));
        }
    }
}

Bytes encode_pcr_selection(const PcrSelection& selection) {
    ByteWriter out;
    write_pcr_selection(out, selection);
    return out.take();
}

std::string to_text(const PcrSelection& selection) {
    std::string text;
    for (const auto& bank : selection.banks()) {
        if (!text.empty()) text += '+';
        text += bank_name(bank.algorithm) + ":";
        bool first = true;
        for (unsigned index = 0; index < kPcrCount; ++index) {
            if ((bank.mask & (1U << index)) == 0) continue;
            if (!first) text += ',';
            text += std::to_string(index);
            first = false;
        }
    }
    return text;
}

Result<PcrSelection> pcr_selection_from_text(std::string_view text) {
    PcrSelection selection;
    std::optional<std::string_view> left = text;
    while (left) {
        const auto [bank, rest] = cut(*left, '+');
        const auto [name, list] = cut(bank, ':');
        if (!list) {
            return fail(ErrorCode::malformed, "PCR selection '" + printable(shortened(text, 64)) +
                                                  "' has no ':'; write as sha256:0,1,7");
        }
        const HashAlgorithm algorithm = TRY(hash_algorithm_from_name(name));
        TRY_VOID(selection.add_bank(algorithm, TRY(mask_from_text(*list))));
        left = rest;
    }
    return selection;
}

Result<> PcrValues::set(unsigned index, const Digest& value) {
    if (index >= kPcrCount) return fail(ErrorCode::usage, "PCR " + std::to_string(index) + " is above 23");
    banks_[value.algorithm()][index] = value;
    return {};
}

const Digest* PcrValues::find(HashAlgorithm algorithm, unsigned index) const {
    const auto bank = banks_.find(algorithm);
    if (bank == banks_.end() || index >= kPcrCount) return nullptr;
    const auto& value = bank->second[index];
    return value ? &*value : nullptr;
}

Result<Digest> pcr_digest(const PcrSelection& selection, const PcrValues& values, HashAlgorithm algorithm) {
    Bytes selected;  // 24 values of a bank at most, and no bank twice: at most 4 x 24 x 64 bytes
    for (const auto& bank : selection.banks()) {
        for (unsigned index = 0; index < kPcrCount; ++index) {
            if ((bank.mask & (1U << index)) == 0) continue;
            const Digest* value = values.find(bank.algorithm, index);
            if (value == nullptr) {
                return fail(ErrorCode::not_found, "no value of PCR " + std::to_string(index) + " in bank " +
                                                      bank_name(bank.algorithm));
            }
            selected.insert(selected.end(), value->view().begin(), value->view().end());
        }
    }
    return hash(algorithm, {selected});
}

}  // namespace assay::tcg
