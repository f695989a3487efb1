#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/json_writer.h"
#include "evidence/wire/act_head.h"
#include "verifier/judge/ledger/act_chain.h"

/// Whether what is stored is what the acts say. PURE.
namespace assay::judge {

/// Something that is not as an act, or a result, says it was.
struct Contradiction {
    std::string what;        ///< "act 17: expected ..., got ...", one line
    std::int64_t at_ms = 0;  ///< when that was which is contradicted; 0: nothing says when
    bool operator==(const Contradiction&) const = default;
};
/// {"what", "at": RFC 3339, or null where nothing says when}
Json to_json(const Contradiction& contradiction);

/// Follows a chain from its first act. An act that does not fit is told once: from there on the chain is
/// followed from the head that it has.
class ChainWalk {
  public:
    /// `head`: hex, as it is stored.
    std::optional<Contradiction> next(const ChainedAct& act, std::string_view head);
    [[nodiscard]] const ActHead& head() const { return head_; }

  private:
    ActHead head_;
    std::int64_t at_ms_ = 0;
};

/// One result of a host, as it is stored.
struct ResultLink {
    std::int64_t revision = 0;
    std::int64_t appraised_at = 0;  ///< Unix time, seconds
    std::string id;                 ///< hex
    std::string previous;           ///< hex; empty: the first of its TPM
};

/// An act that names a result.
struct NamedResult {
    std::int64_t act = 0;
    std::int64_t at_ms = 0;
    std::string id;  ///< hex
};

/// `links`: all of the host, by revision. `newest`: revision of the host, which counts on where its TPM was
/// exchanged.
std::vector<Contradiction> result_contradictions(std::string_view host, const std::vector<ResultLink>& links,
                                                 const std::vector<NamedResult>& named, std::int64_t newest);

/// A row as it stands, and what its newest act is of.
struct ActedRow {
    std::string what;         ///< "operator otto", "labels of rack-7"
    std::string stands = {};  ///< digest of what stands; empty: there is no row
    std::string acted = {};   ///< as the act says; empty: no act says anything
    std::int64_t act = 0;     ///< its number
    std::int64_t at_ms = 0;   ///< when it was
};
std::optional<Contradiction> row_contradiction(const ActedRow& row);

}  // namespace assay::judge
