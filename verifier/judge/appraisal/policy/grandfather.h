#pragma once

#include <cstdint>
#include <string>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

/// Exceptions for parts that were there before a decision: docs/formats/decisions.md says what ends one.
namespace assay::judge {

/// Whether an exception covers a part, and in any case why.
struct PartException {
    bool covers = false;
    std::string why;  ///< "excepted until 2027-01-01: seen here since 2024-05-01", or "no exception: ..."
};

/// `basis` is that of the evidence that names the part; `now` in Unix seconds.
PartException exception_for(const HostComponent& part, const vendors::Grandfather& rule, Basis basis,
                            const KnownHost& known, std::int64_t now);

/// An identifier as SeenComponent::maker has it: "pci 1bd4".
std::string seen_maker(const MakerId& id);

}  // namespace assay::judge
