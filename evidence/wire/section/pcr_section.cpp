// The section pcrs: {bank name: {PCR index in decimal: value}}.
#include <string>

#include "evidence/tpm/pcr.h"
#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay {
namespace {

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
                const auto index = tcg::pcr_index_from_text(key);
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
