#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"

namespace assay {

/// One host as it was bought: docs/formats/purchase-list.md. Texts are as the file has them, printable.
struct PurchasedHost {
    std::size_t line = 0;  ///< of the file, from 1; 0 where it came from elsewhere
    std::string host;
    std::string site, rack, unit;  ///< where it stands; each may be empty
    std::string tpm_digest;        ///< 64 lower-case hex digits: of the EK, its SPKI or its certificate
    std::string chassis_serial;    ///< may be empty
    bool operator==(const PurchasedHost&) const = default;
};

/// A name under which a host can enrol: 1 to 253 of a-z 0-9 . - _, beginning and ending with a letter or
/// digit.
bool is_enrolment_name(std::string_view text);

/// 64 hex digits, also in upper case or with colons between the octets, as 64 lower-case ones.
Result<std::string> normal_tpm_digest(std::string_view text);

/// The whole list. An error names line, column and remedy: "line 7: tpm_digest: ...". A host or a digest that
/// comes twice is an error too.
Result<std::vector<PurchasedHost>> parse_purchase_list(std::string_view csv);

}  // namespace assay
