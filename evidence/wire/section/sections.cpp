#include "evidence/wire/section/sections.h"

#include <string>

#include "evidence/tpm/pcr.h"
#include "evidence/wire/section/ima_state_shape.h"
#include "evidence/wire/section/journal.h"

namespace assay::wire {
void PcrBanks::encode(cbor::Writer& out, const PcrSection& banks) const {
    out.map(banks.size());
    for (const auto& [algorithm, values] : banks) {  // the names ascend as the algorithm ids do
        out.text(to_string(algorithm)).map(values.size());
        for (const auto& [index, value] : values) out.text(std::to_string(index)).bytes(value.view());
    }
}

void PcrBanks::decode(cbor::Reader& in, std::string_view what, PcrSection& banks) const {
    const auto refuse = [&](const Error& error) { in.input().fail_here(error.code, error.context); };
    in.map(what, [&](std::string_view name) {
        const auto algorithm = hash_algorithm_from_name(name);
        if (!algorithm) return refuse(algorithm.error());
        auto& bank = banks[*algorithm];
        in.map("bank", [&](std::string_view key) {
            const auto index = tcg::pcr_index_from_text(key);
            if (!index) return refuse(index.error());
            DigestOf{*algorithm}.decode(in, key, bank[*index]);
        });
    });
}

}  // namespace assay::wire

namespace assay {

#define CBOR_SECTION(id, constant, name, type)                                                \
    Bytes encode_##id##_section(const type& value) {                                          \
        return wire::encode_document(wire::k##constant, value);                               \
    }                                                                                         \
    Result<type> decode_##id##_section(ByteView bytes) {                                      \
        return wire::decode_document<type>(wire::k##constant, bytes, name, limits::kSection); \
    }
#include "evidence/wire/section/sections.inc"

}  // namespace assay
