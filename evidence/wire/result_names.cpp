// The names of tiers, bases and claims, and how tiers compare.
#include <array>
#include <string>
#include <utility>

#include "evidence/base/text.h"
#include "evidence/wire/attestation_result.h"

namespace assay {

std::string_view to_string(Tier tier) {
    switch (tier) {
        case Tier::none:
            return "none";
        case Tier::affirming:
            return "affirming";
        case Tier::warning:
            return "warning";
        case Tier::contraindicated:
            return "contraindicated";
    }
    return "unknown";
}

Result<Tier> tier_from_name(std::string_view name) {
    for (const auto tier : {Tier::none, Tier::affirming, Tier::warning, Tier::contraindicated}) {
        if (to_string(tier) == name) return tier;
    }
    return fail(ErrorCode::malformed, "no trustworthiness tier: '" + printable(shortened(name, 64)) + "'");
}

Tier worst(Tier a, Tier b) {
    constexpr std::array kWorstFirst{Tier::contraindicated, Tier::none, Tier::warning};
    for (const auto tier : kWorstFirst) {
        if (a == tier || b == tier) return tier;
    }
    return Tier::affirming;
}

std::string_view to_string(Basis basis) {
    switch (basis) {
        case Basis::endorsed:
            return "endorsed";
        case Basis::quoted:
            return "quoted";
        case Basis::bound:
            return "bound";
        case Basis::self_reported:
            return "self_reported";
    }
    return "unknown";
}

Result<Basis> basis_from_name(std::string_view name) {
    for (const auto basis : {Basis::endorsed, Basis::quoted, Basis::bound, Basis::self_reported}) {
        if (to_string(basis) == name) return basis;
    }
    return fail(ErrorCode::malformed, "no basis: '" + printable(shortened(name, 64)) + "'");
}

std::string_view to_string(TrustClaim claim) {  // draft-ietf-rats-ar4si, 2.3.4
    switch (claim) {
        case TrustClaim::instance_identity:
            return "instance-identity";
        case TrustClaim::configuration:
            return "configuration";
        case TrustClaim::executables:
            return "executables";
        case TrustClaim::file_system:
            return "file-system";
        case TrustClaim::hardware:
            return "hardware";
        case TrustClaim::runtime_opaque:
            return "runtime-opaque";
        case TrustClaim::storage_opaque:
            return "storage-opaque";
        case TrustClaim::sourced_data:
            return "sourced-data";
    }
    return "unknown";
}

Result<TrustClaim> trust_claim_from_name(std::string_view name) {
    for (const auto claim :
         {TrustClaim::instance_identity, TrustClaim::configuration, TrustClaim::executables,
          TrustClaim::file_system, TrustClaim::hardware, TrustClaim::runtime_opaque,
          TrustClaim::storage_opaque, TrustClaim::sourced_data}) {
        if (to_string(claim) == name) return claim;
    }
    return fail(ErrorCode::malformed, "no trustworthiness claim: '" + printable(shortened(name, 64)) + "'");
}

}  // namespace assay
