#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "vendor-db/model/model.h"

/// What a boot of a model may measure (Reference Values of RFC 9334): docs/formats/reference-set.md. PURE.
namespace assay::vendors {

/// Where a set's values come from.
enum class ReferenceOrigin : std::uint8_t {
    golden,  ///< captured from an attested host that people looked at
    rim,     ///< a TCG PC Client RIM: a signed SWID tag and its support RIM
    corim,   ///< a signed CoRIM
    list,    ///< a list of digests
};
/// "golden", "rim", "corim", "list".
std::string_view to_string(ReferenceOrigin origin);

struct ReferenceValue {
    std::optional<std::uint32_t> pcr;  ///< 0 to 23; absent where the source does not say
    Digest digest;
    std::string what;   ///< the file, variable or event, for a reader; may be empty
    std::string where;  ///< "references/r750.toml:7"

    bool operator==(const ReferenceValue&) const = default;
};

/// One generation of what one thing may measure: a BIOS version, a boot loader, a kernel. Several hold at
/// once.
struct ReferenceSet {
    std::string name;     ///< "r750 BIOS"
    std::string version;  ///< "2.19.1"
    std::string model;    ///< SMBIOS type 1, product name; "*": all
    Span span;            ///< when it holds
    ReferenceOrigin origin = ReferenceOrigin::golden;
    std::string source;                       ///< host and time, or tag, signer and digest
    std::vector<ReferenceValue> events = {};  ///< digests that are extended; one with `pcr` judges that PCR
    std::vector<ReferenceValue> pcrs = {};    ///< values that a whole PCR may have; each has `pcr`
    std::vector<ReferenceValue> files = {};   ///< contents of files (IMA); none has `pcr`
    std::string where = {};

    /// "r750 BIOS 2.19.1".
    [[nodiscard]] std::string title() const { return name + " " + version; }
};

/// A set that lets `digest` be extended into this PCR, among those that are about the PCR. Null: none.
const ReferenceSet* set_with_event(const std::vector<const ReferenceSet*>& sets, std::uint32_t pcr,
                                   const Digest& digest);
/// A set by which the whole PCR may have this value. Null: none.
const ReferenceSet* set_with_value(const std::vector<const ReferenceSet*>& sets, std::uint32_t pcr,
                                   const Digest& value);
/// A model is compared as a baseline's is; "*" is of every model, also of one that nobody names.
bool is_of_model(const ReferenceSet& set, std::string_view model);
/// The sets of a model that hold at a time (Unix time, seconds), in the order of files and tables.
std::vector<const ReferenceSet*> references_of(const std::vector<ReferenceSet>& all, std::string_view model,
                                               std::int64_t at);

/// As a file of vendor data (TOML). It reads back as it was given, `where` aside.
std::string to_toml(const std::vector<ReferenceSet>& sets);

}  // namespace assay::vendors
