#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/command_line/exit_code.h"
#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/purchase_list.h"

/// A delivery of servers, as its purchase list expects them, beside what a verifier answers of them. Nothing
/// here reads a clock, a file or the network. Times are Unix seconds on the verifier's clock; 0 is never.
namespace assay::cli {

/// An enrolled host, of /v1/hosts.
struct HostSeen {
    std::string host;
    std::string ek_digest;
    std::string result_id;  ///< of the newest result; empty before the first
    Tier tier = Tier::none;
    std::int64_t enrolled_at = 0;
    std::int64_t appraised_at = 0;
    bool silent = false;
};

/// Somebody who was not let in, of /v1/refusals.
struct RefusalSeen {
    std::string host;  ///< the known or registered host that it is about; may be empty
    std::string asked_name;
    std::string id;  ///< of a finding: "admission.unregistered_tpm"
    std::string actual;
    std::int64_t last_at = 0;
};

/// Evidence in a host's name whose proof failed, of /v1/unproven.
struct UnprovenSeen {
    std::string host;
    std::string reason;
    std::int64_t times = 0;
    std::int64_t last_at = 0;
};

/// Which TPM the verifier lets in under a name, of /v1/registrations.
struct RegisteredSeen {
    std::string host;
    std::string tpm_digest;
    std::int64_t registered_at = 0;
};

/// A TPM that was exchanged on an operator's order, of /v1/replacements.
struct ExchangeSeen {
    std::string host;
    std::string reason;
    std::int64_t done_at = 0;  ///< 0: not carried out
};

/// What ties a host to the TPM of its purchase line.
struct Papers {
    std::vector<RegisteredSeen> registered;
    std::vector<ExchangeSeen> exchanges;
};

/// What the verifier answered in one look.
struct Answers {
    std::vector<HostSeen> hosts;
    std::vector<RefusalSeen> refusals;
    std::vector<UnprovenSeen> unproven;
    std::optional<Papers> papers;  ///< absent: not asked this time, so those of before hold
};

/// The newest result of a host, whole.
struct ResultSeen {
    std::string id;  ///< its digest, hex SHA-256
    AttestationResult result;
};

enum class Stage : std::uint8_t {
    expected,  ///< on the list, and not heard of since the watch began
    refused,   ///< somebody asked to be let in under its name, or with its TPM, and was refused
    enrolled,  ///< a host of the verifier, without a verdict that counts
    attested,  ///< with a verdict that counts
};
std::string_view to_string(Stage stage);  ///< "expected", ...

/// A server of the list. Texts are printable.
struct DeliveryRow {
    PurchasedHost bought;
    Stage stage = Stage::expected;
    /// Of a result from within the watch, or `none` where the list's TPM is not known to be the one that
    /// attested. Absent: nothing that counts has been said.
    std::optional<Tier> verdict;
    std::string reason;             ///< what a person reads first; empty where there is nothing to say
    std::int64_t since = 0;         ///< when stage and verdict became what they are
    std::string result_id;          ///< of the result that the verdict is of; empty without one
    std::string policy;             ///< digest of the policy of that result
    std::string policy_choice;      ///< by whose word it was chosen; may be empty
    std::vector<Finding> findings;  ///< those that do not affirm, the most alarming first
    std::int64_t appraised_at = 0;  ///< of that result

    /// What a screen shows is the same.
    [[nodiscard]] bool reads_as(const DeliveryRow& other) const;
};

/// What became of each server of a list, from the verifier's answers. A verdict counts where it is not older
/// than the watch and where the verifier is known to tie the host's name to the TPM of the list. The list's
/// order stays.
class Delivery {
  public:
    /// Nothing counts before `count_from`. `usage` for an empty list: of no server nothing can be affirmed.
    static Result<Delivery> of(std::vector<PurchasedHost> list);
    /// Verdicts, refusals and enrolments of this time and later count.
    void count_from(std::int64_t since);

    /// A whole look; what a look does not hold is over.
    void hear(Answers answers);
    /// A look that got no answer. Rows stay as they were, and nothing ends or affirms until the next answer.
    void miss() { is_current_ = false; }
    /// Hosts whose newest result has to be read before they have a verdict here; at most `most`.
    [[nodiscard]] std::vector<std::string> wanted(std::size_t most) const;
    /// Those results; of hosts that are not on the list they are left out.
    void hear(std::vector<ResultSeen> results);
    /// The next look has to ask for the papers: there are none yet, or some row lacks its line.
    [[nodiscard]] bool wants_papers() const;

    [[nodiscard]] const std::vector<DeliveryRow>& rows() const { return rows_; }
    /// Hosts that enrolled within the watch and are not on the list, by name.
    [[nodiscard]] const std::vector<std::string>& strangers() const { return strangers_; }
    [[nodiscard]] std::int64_t since() const { return since_; }
    /// Each row has a verdict, and the last look was answered.
    [[nodiscard]] bool finished() const;
    /// The gravest of all rows: contraindicated, none (a row without a verdict too, and where the last look
    /// was not answered), warning, affirming.
    [[nodiscard]] Tier tier() const;
    [[nodiscard]] command_line::ExitCode exit_code() const { return command_line::exit_code(tier()); }

  private:
    explicit Delivery(std::vector<PurchasedHost> list);
    [[nodiscard]] bool counts(const HostSeen& seen) const;
    [[nodiscard]] bool is_read(const HostSeen& seen) const;
    [[nodiscard]] std::string doubt(const DeliveryRow& row, const HostSeen& seen) const;
    [[nodiscard]] DeliveryRow judged(const DeliveryRow& before) const;
    void judge_refused(DeliveryRow& row) const;
    void judge_enrolled(DeliveryRow& row, const HostSeen& seen) const;
    void judge_attested(DeliveryRow& row, const HostSeen& seen) const;
    void judge();

    std::vector<DeliveryRow> rows_;
    std::set<std::string> listed_;
    std::int64_t since_;
    std::map<std::string, HostSeen> hosts_;         ///< by name
    std::map<std::string, std::size_t> tpms_;       ///< how many enrolled hosts have this EK
    std::map<std::string, RefusalSeen> refusals_;   ///< the newest of each name
    std::map<std::string, UnprovenSeen> unproven_;  ///< the newest of each name
    std::map<std::string, RegisteredSeen> registered_;
    std::map<std::string, ExchangeSeen> exchanges_;  ///< the newest of each name
    bool has_papers_ = false;
    bool is_current_ = false;                    ///< the last look was answered
    std::set<std::string> once_enrolled_;        ///< hosts of the list
    std::map<std::string, ResultSeen> results_;  ///< by name of the host
    std::vector<std::string> strangers_;
};

}  // namespace assay::cli
