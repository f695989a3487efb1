#include <algorithm>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"

namespace assay::vendors {
namespace {

constexpr std::int64_t kHighestPcr = 23;

std::optional<ReferenceOrigin> origin_of(std::string_view name) {
    using O = ReferenceOrigin;
    for (const auto each : {O::golden, O::rim, O::corim, O::list}) {
        if (to_string(each) == name) return each;
    }
    return std::nullopt;
}

}  // namespace

// "sha256:" and the digest's hex digits. SHA-1 vouches for nothing.
std::optional<Digest> Loader::read_digest(const TomlReader& table) {
    const auto text = complaints_.take(table.text("digest"));
    if (text.empty()) return std::nullopt;
    const auto colon = std::min(text.find(':'), text.size());
    const auto algorithm = hash_algorithm_from_name(std::string_view(text).substr(0, colon));
    const auto bytes =
        from_hex(std::string_view(text).substr(std::min(colon + 1, text.size())), Digest::kMaxSize);
    if (algorithm && *algorithm != HashAlgorithm::sha1 && bytes) {
        if (const auto digest = Digest::from_bytes(*algorithm, *bytes)) return *digest;
    }
    complaints_.add(table.where("digest"), "not a digest of SHA-256, SHA-384 or SHA-512 in full length",
                    "write it as \"sha256:\" and 64 hex digits");
    return std::nullopt;
}

void Loader::read_reference_values(const TomlReader& table, ReferenceSet& set) {
    struct Kind {
        const char* key;
        std::vector<ReferenceValue>& values;
        bool pcr_wanted, pcr_allowed;
    };
    for (const auto& kind : {Kind{"event", set.events, false, true}, Kind{"pcr", set.pcrs, true, true},
                             Kind{"file", set.files, false, false}}) {
        for (const auto& each : complaints_.take(table.tables(kind.key))) {
            complaints_.take(kind.pcr_allowed ? each.only({"pcr", "digest", "what"})
                                              : each.only({"digest", "what"}));
            ReferenceValue value;
            const auto digest = read_digest(each);
            if (digest) value.digest = *digest;
            if (const auto pcr = complaints_.take(each.optional_integer("pcr", 0, kHighestPcr)))
                value.pcr = static_cast<std::uint32_t>(*pcr);
            if (kind.pcr_wanted && !value.pcr)
                complaints_.add(each.where(), "a value of which PCR?", "add pcr = 0 to 23");
            value.what = complaints_.take(each.optional_text("what")).value_or("");
            value.where = each.where();
            if (digest) kind.values.push_back(std::move(value));
        }
    }
}

void Loader::read_references(const TomlReader& root) {
    complaints_.take(root.only({"reference"}));
    const auto tables = complaints_.take(root.tables("reference"));
    if (tables.empty())
        complaints_.add(root.where(), "no reference set in it", "add [[reference]], or remove the file");
    for (const auto& table : tables) {
        complaints_.take(table.only(
            {"name", "version", "model", "from", "to", "origin", "source", "event", "pcr", "file"}));
        ReferenceSet set;
        set.name = complaints_.take(table.text("name"));
        set.version = complaints_.take(table.text("version"));
        set.model = complaints_.take(table.text("model"));
        set.span = read_span(table);
        const auto origin = complaints_.take(table.text("origin"));
        if (const auto known = origin_of(origin)) {
            set.origin = *known;
        } else if (!origin.empty()) {
            complaints_.add(table.where("origin"), "'" + printable(origin) + "' is no origin",
                            "use golden, rim, corim or list");
        }
        set.source = complaints_.take(table.text("source"));
        set.where = table.where();
        read_reference_values(table, set);
        if (set.events.empty() && set.pcrs.empty() && set.files.empty())
            complaints_.add(table.where(), "a reference set without a value",
                            "add [[reference.event]], [[reference.pcr]] or [[reference.file]], or remove it");
        const auto same = std::ranges::find_if(db_.references_, [&](const ReferenceSet& other) {
            return other.name == set.name && other.version == set.version && other.model == set.model &&
                   other.span.overlaps(set.span);
        });
        if (same != db_.references_.end())
            complaints_.add(table.where(), "the same version of the same set as " + same->where,
                            "name the versions apart, or end one before the other begins");
        db_.references_.push_back(std::move(set));
    }
}

}  // namespace assay::vendors
