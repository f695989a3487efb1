#pragma once

#include <optional>
#include <string>

#include "agent/devices/tpm/esys_connection.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/tpm/nv.h"

namespace assay::agent {

/// The journal's two NV indices (evidence/tpm/journal_index.h) in a TPM. The connection outlives it.
class EsysJournal {
  public:
    explicit EsysJournal(EsysConnection& tpm) : tpm_(tpm) {}

    Result<JournalIndices> read();
    Result<> define(const std::string& owner_auth);
    Result<> remove(const std::string& owner_auth);
    Result<> extend(const Digest& record);
    Result<> increment();
    Result<JournalProof> certify(ESYS_TR ak, ByteView qualifying_data, std::optional<std::uint64_t> rests_at);

  private:
    struct Index {
        TssHandle handle;
        TPMA_NV attributes = 0;
    };
    /// `not_found` where it is not defined, `conflict` where something else stands at its handle.
    Result<Index> index(const tcg::NvPublic& wanted);
    Result<Bytes> content(const Index& index, const tcg::NvPublic& area);
    Result<TpmQuote> certify(ESYS_TR ak, const tcg::NvPublic& area, ByteView qualifying_data);
    Result<> give_owner_auth(const std::string& owner_auth);
    Result<> define(const tcg::NvPublic& area);
    Result<> undefine(const tcg::NvPublic& area);

    EsysConnection& tpm_;
};

}  // namespace assay::agent
