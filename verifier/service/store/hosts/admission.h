#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "evidence/wire/purchase_list.h"
#include "verifier/service/store/hosts/hosts.h"

/// Who may become a host, and who was refused.
namespace assay::store {

/// A one-time enrolment token. The token itself is never stored.
struct Token {
    std::string digest;  ///< of the token's text
    std::string host;
    std::string created_by;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
    std::int64_t spent_at = 0;  ///< 0 while it is not spent
};

/// Why an identity may not be admitted under its name.
struct IdentityConflict {
    enum class Kind : std::uint8_t {
        second_tpm,   ///< the name is known with another EK
        second_ak,    ///< the name is known with this EK and another AK
        known_tpm,    ///< an EK or the AK is known under another name
        retired_tpm,  ///< an EK or the AK belonged to a host and was replaced there
    };
    Kind kind = Kind::second_tpm;
    std::string host;  ///< the one that is known
    std::string text;  ///< for a person
};

/// A credential was made and not yet, or not long ago, activated.
struct Enrolment {
    std::string id;
    std::string token_digest;  ///< empty where the registration stands for it
    Identity identity;
    std::string secret_digest;  ///< the secret itself is never stored
    std::int64_t expires_at = 0;
    std::int64_t activated_at = 0;  ///< 0 while it is pending
    std::string replacement = {};   ///< id of the Replacement that it is to end; empty for none
};

class Enrolments : Subject {
  public:
    using Subject::Subject;
    Result<> add_token(const Token& token);          ///< `conflict` where it is there already
    Result<Token> token(const std::string& digest);  ///< `not_found`
    /// Also forgets what expired before `now`.
    Result<> add(const Enrolment& enrolment, std::int64_t now);
    Result<Enrolment> find(const std::string& id);  ///< `not_found`
    Result<> drop(const std::string& id);
    /// Every reason why this identity may not be admitted; none where it may.
    Result<std::vector<IdentityConflict>> conflicts(const Identity& identity);
    /// Spends the token and admits the host, together. Again for the same host with the same identity it
    /// changes nothing but the token. With a `replacement` that is still pending it retires the identity that
    /// the host had, and journal and clock begin anew. `conflict` for any other identity, for a token spent
    /// on another enrolment, and for a replacement that is over.
    Result<> activate(const Enrolment& enrolment, std::int64_t now);
};

/// What the purchase says of a host: docs/formats/purchase-list.md.
struct Registration {
    PurchasedHost purchased;
    std::string registered_by;
    std::int64_t registered_at = 0;
};

/// What became of one line of a purchase list.
struct Registered {
    enum class Outcome : std::uint8_t { added, changed, unchanged, refused };
    std::size_t line = 0;
    std::string host;
    Outcome outcome = Outcome::unchanged;
    std::string reason;  ///< where refused or changed
};

class Registrations : Subject {
  public:
    using Subject::Subject;
    using HasDigest = std::function<bool(const Identity& enrolled, const std::string& tpm_digest)>;
    /// All lines, each with an act, or, where one is refused or `dry_run`, none; what became of each, in
    /// their order. The same line again changes nothing. Refused: a TPM that is registered for another host;
    /// for an enrolled host a digest that is not its TPM's (`has_digest` says whether the enrolled TPM has
    /// it).
    Result<std::vector<Registered>> add(const std::vector<PurchasedHost>& hosts, const std::string& who,
                                        std::int64_t now, bool dry_run, const HasDigest& has_digest);
    Result<Registration> find(const std::string& host);  ///< `not_found`
    /// Of the host for which a TPM with any of these digests is registered; `not_found`.
    Result<Registration> find_tpm(const std::vector<std::string>& tpm_digests);
    Result<std::vector<Registration>> list();  ///< by host
};

inline constexpr std::int64_t kRefusalsOfHost = 100;
inline constexpr std::int64_t kRefusals = 10'000;  ///< in all

/// An applicant that was refused. Nothing of it is proven but the text of the request.
struct Refusal {
    std::string host;        ///< the known or registered host that it is about; empty: the name is no host's
    std::string asked_name;  ///< the name that it asked for
    std::string kind;        ///< id of a finding: "admission.second_tpm"
    std::string ek_digest, ak_digest;
    std::string expected, actual;
    std::int64_t first_at = 0, last_at = 0;
    std::int64_t times = 1;
};

struct RefusalQuery {
    std::optional<std::string> host;    ///< about it, or asked for under its name
    std::optional<std::int64_t> since;  ///< last seen at or after
    std::optional<std::string> kind;
    std::int64_t limit = 100;
};

class Refusals : Subject {
  public:
    using Subject::Subject;
    /// Together: each is kept, or counted where the same was refused before; `actual` is then the newer one.
    /// At most kRefusalsOfHost different ones a host are kept apart, what comes after is counted in one; of
    /// names that are no host's the newest kRefusalsOfHost. Beyond kRefusals in all the oldest go.
    Result<> add(const std::vector<Refusal>& refusals);
    Result<std::vector<Refusal>> list(const RefusalQuery& query);  ///< newest first
};

/// An order that a host may enrol once with another TPM, and what became of it.
struct Replacement {
    std::string id;
    std::string host;
    std::string reason;
    std::string ordered_by;
    std::int64_t ordered_at = 0;
    std::int64_t expires_at = 0;
    std::string tpm_digest;    ///< of the new TPM, as in a purchase list; empty: a token is wanted instead
    std::int64_t done_at = 0;  ///< 0 while it is pending
    std::string old_ek_digest, old_ak_digest;
    std::string new_ek_digest, new_ak_digest;  ///< empty while it is pending
    std::int64_t released_at = 0;              ///< the old TPM may enrol under another name from then on
    std::string released_by, release_reason;
};

class Replacements : Subject {
  public:
    using Subject::Subject;
    /// `not_found` for a host that is not enrolled. A pending order for the same host is over with this one.
    Result<> order(const Replacement& order);
    /// The order for this host that is neither done nor expired; `not_found`.
    Result<Replacement> pending(const std::string& host, std::int64_t now);
    Result<std::vector<Replacement>> list(const std::optional<std::string>& host);  ///< newest first
    /// The TPM that was replaced may enrol again, under any name that is free. `not_found` for a replacement
    /// that was not carried out, `conflict` for one that is released already.
    Result<Replacement> release(const std::string& id, const std::string& who, const std::string& reason,
                                std::int64_t now);
};

}  // namespace assay::store
