// The section pcrs: {bank name: {PCR index in decimal: value}}.
#include <charconv>
#include <string>

#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay {
namespace {

constexpr std::uint32_t kPcrs = 24;  // PC Client Platform TPM Profile, 4.6: PCRs 0 to 23

// The map key of a PCR: decimal, without a leading zero; such keys ascend as their numbers do.
Result<std::uint32_t> pcr_index(std::string_view key) {
    std::uint32_t index = 0;
    const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (code != std::errc() || index >= kPcrs || std::to_string(index) != key) {
        return fail(ErrorCode::malformed, "expected a PCR index from 0 to 23");
    }
    return index;
}

struct PcrBanks {
    void encode(cbor::Writer& out, const PcrSection& banks) const {
        out.map(banks.size());
        for (const auto& [algorithm, values] : banks) {  // the names ascend as the algorithm ids do
            out.text(to_string(algorithm)).map(values.size());
            for (const auto& [index, value] : values) out.text(std::to_string(index)).bytes(value.view());
        }
    }

    void decode(cbor::Reader& in, std::string_view what, PcrSection& banks) const {
        const auto refuse = [&](const Error& error) { in.input().fail_here(error.code, error.context); };
        in.map(what, [&](std::string_view name) {
            const auto algorithm = hash_algorithm_from_name(name);
            if (!algorithm) return refuse(algorithm.error());
            auto& bank = banks[*algorithm];
            in.map("bank", [&](std::string_view key) {
                const auto index = pcr_index(key);
                if (!index) return refuse(index.error());
                wire::DigestOf{*algorithm}.decode(in, key, bank[*index]);
            });
        });
    }
};

}  // namespace

Bytes encode_pcr_section(const PcrSection& pcrs) {
    return wire::encode_document(PcrBanks{}, pcrs);
}
Result<PcrSection> decode_pcr_section(ByteView bytes) {
    return wire::decode_section<PcrSection>(PcrBanks{}, bytes, section::kPcrs);
}

}  // namespace assay
