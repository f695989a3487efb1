#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include <tss2/tss2_esys.h>

#include "agent/devices/tpm/esys_connection.h"
#include "tests/support/machine/value.h"
#include "tests/support/tpm/swtpm.h"

/// What an owner may have done to a TPM before Assay came.
namespace assay::test {

/// TPM2_HierarchyChangeAuth from none to `auth`.
inline void set_hierarchy_auth(const Swtpm& swtpm, ESYS_TR hierarchy, const std::string& auth) {
    auto tpm = value(agent::EsysConnection::open(value(agent::open_tcti(swtpm.tcti()))));
    TPM2B_AUTH wanted{};
    wanted.size = static_cast<UINT16>(auth.size());
    std::ranges::copy(auth, std::begin(wanted.buffer));
    const auto done = tpm.command("HierarchyChangeAuth", [&] {
        return ::Esys_HierarchyChangeAuth(tpm.esys(), hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                          &wanted);
    });
    if (!done) throw std::runtime_error(done.error().context);
}

/// TPM2_PCR_Allocate of SHA-1 alone, and the start that it takes.
inline void keep_sha1_alone(Swtpm& swtpm) {
    {
        auto tpm = value(agent::EsysConnection::open(value(agent::open_tcti(swtpm.tcti()))));
        TPML_PCR_SELECTION banks{};
        const TPMI_ALG_HASH off[] = {TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512};
        banks.pcrSelections[banks.count++] = {TPM2_ALG_SHA1, 3, {0xff, 0xff, 0xff}};
        for (const auto hash : off) banks.pcrSelections[banks.count++] = {hash, 3, {0, 0, 0}};
        TPMI_YES_NO done = 0;
        UINT32 most = 0;
        UINT32 needed = 0;
        UINT32 available = 0;
        const auto sent = tpm.command("PCR_Allocate", [&] {
            return ::Esys_PCR_Allocate(tpm.esys(), ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                       ESYS_TR_NONE, &banks, &done, &most, &needed, &available);
        });
        if (!sent || done == 0) throw std::runtime_error("PCR_Allocate was refused");
    }
    swtpm.restart();
}

}  // namespace assay::test
