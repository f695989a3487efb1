#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent/devices/tpm/esys_connection.h"
#include "evidence/tpm/pcr.h"
#include "evidence/wire/section/sections.h"

namespace assay::agent {

/// `limit` where it has more banks than a TPML_PCR_SELECTION.
Result<TPML_PCR_SELECTION> tss_selection(const tcg::PcrSelection& selection);

/// The PCRs of a TPM. Of each selection the last values are kept: one round trip where the update counter has
/// not moved since. The connection outlives it.
class EsysPcrs {
  public:
    explicit EsysPcrs(EsysConnection& tpm) : tpm_(tpm) {}

    Result<PcrSection> read(std::string_view selection);

  private:
    struct Kept {
        std::uint32_t update_counter = 0;
        PcrSection values;
    };
    Result<std::optional<Kept>> read_once(const TPML_PCR_SELECTION& selection, const Kept* cached);

    EsysConnection& tpm_;
    std::map<std::string, Kept, std::less<>> kept_;  // by selection
};

}  // namespace assay::agent
