#include "vendor-db/model/reference_set.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "vendor-db/model/firmware.h"

namespace assay::vendors {

std::string_view to_string(ReferenceOrigin origin) {
    constexpr std::array<std::string_view, 4> kNames{"golden", "rim", "corim", "list"};
    return kNames.at(static_cast<std::size_t>(origin));
}

bool is_of_model(const ReferenceSet& set, std::string_view model) {
    return set.model == "*" || (!trimmed(model).empty() && same_model(set.model, model));
}

const ReferenceSet* set_with_event(const std::vector<const ReferenceSet*>& sets, std::uint32_t pcr,
                                   const Digest& digest) {
    const auto found = std::ranges::find_if(sets, [&](const ReferenceSet* set) {
        return std::ranges::any_of(set->events, [&](const ReferenceValue& each) {
            return each.digest == digest && each.pcr.value_or(pcr) == pcr;
        });
    });
    return found == sets.end() ? nullptr : *found;
}

const ReferenceSet* set_with_value(const std::vector<const ReferenceSet*>& sets, std::uint32_t pcr,
                                   const Digest& value) {
    const auto found = std::ranges::find_if(sets, [&](const ReferenceSet* set) {
        return std::ranges::any_of(
            set->pcrs, [&](const ReferenceValue& each) { return each.digest == value && each.pcr == pcr; });
    });
    return found == sets.end() ? nullptr : *found;
}

std::vector<const ReferenceSet*> references_of(const std::vector<ReferenceSet>& all, std::string_view model,
                                               std::int64_t at) {
    std::vector<const ReferenceSet*> out;
    for (const auto& set : all) {
        if (is_of_model(set, model) && set.span.covers(at)) out.push_back(&set);
    }
    return out;
}

std::string to_toml(const std::vector<ReferenceSet>& sets) {
    std::string out;
    const auto line = [&](std::string_view key, const std::string& value) {
        out += fmt::format("{} = {}\n", key, value);
    };
    const auto write = [&](std::string_view kind, const std::vector<ReferenceValue>& values) {
        for (const auto& value : values) {
            out += fmt::format("\n[[reference.{}]]\n", kind);
            if (value.pcr) line("pcr", std::to_string(*value.pcr));
            line("digest", fmt::format("\"{}:{}\"", to_string(value.digest.algorithm()), value.digest.hex()));
            if (!value.what.empty()) line("what", toml_text(value.what));
        }
    };
    for (const auto& set : sets) {
        out += out.empty() ? "[[reference]]\n" : "\n[[reference]]\n";
        line("name", toml_text(set.name));
        line("version", toml_text(set.version));
        line("model", toml_text(set.model));
        if (set.span.from) line("from", utc_text(*set.span.from));
        if (set.span.to) line("to", utc_text(*set.span.to));
        line("origin", fmt::format("\"{}\"", to_string(set.origin)));
        line("source", toml_text(set.source));
        write("event", set.events);
        write("pcr", set.pcrs);
        write("file", set.files);
    }
    return out;
}

}  // namespace assay::vendors
