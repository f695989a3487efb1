#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/statement/session_document.h"
#include "verifier/judge/devices/record_clock.h"
#include "verifier/service/casework/signed_statement.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site.h"

// From journal records to sessions.json.
namespace assay::api::site {
namespace {

using nlohmann::json;
using Documents = std::vector<store::SiteDocument>;

constexpr std::int64_t kRecent_ms = 300'000;  // a statement's time and its record's
constexpr std::size_t kMost = 10'000;  // statements of one submission: a week of signs of life, tenfold
constexpr std::size_t kIdDigits = 18;
constexpr std::size_t kNonceDigits = 64;

struct Draft {
    json content;
    std::int64_t number = 0;  // as it is stored; 0: not yet
};

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class Statements {
  public:
    Statements(Service& service, const store::Host& host, const judge::RecordClock& clock,
               std::shared_ptr<const accompaniment::Directory> directory)
        : service_(service), host_(host), clock_(clock), directory_(std::move(directory)) {}

    // What the host wrote is refused or taken; an error is the store's.
    Result<> take(const JournalRecord& record) {
        Result<> refused;
        TRY_VOID(taken(record, refused));
        if (refused) return {};
        const auto id = fmt::format("{}/{}", host_.known.name, record.sequence);
        spdlog::warn("host={} record={} statement refused: {}", host_.known.name, record.sequence,
                     printable(refused.error().context));
        const json document{{"record", record.sequence}, {"reason", printable(describe(refused.error()))}};
        add({.kind = "statement-refused", .id = id, .host = host_.known.name, .document = document.dump()});
        return {};
    }

    Documents take_documents() {
        for (const auto& [id, draft] : drafts_) {
            for (auto& document : documents_of(draft.content).value_or(Documents{})) {
                if (document.kind == "session-draft") document.made_from = draft.number;
                add(std::move(document));
            }
        }
        return std::move(out_);
    }

  private:
    Result<> taken(const JournalRecord& record, Result<>& refused) {
        SignedStatement given;
        refused = read(record, given);
        if (!refused) return {};
        const auto& statement = given.statement;
        const auto session = fmt::format("{}/{}", host_.known.name, statement.session);
        const bool late = statement.action == "late";
        if (!late) TRY_VOID(find_draft(session));
        const auto proof = late ? "late/" + late_id(given)
                                : fmt::format("{}/{}/{}/{}/{}", session, statement.action, statement.role,
                                              statement.at, given.key_id);
        // Once: a second time proves nothing.
        if (!seen_.insert(proof).second || TRY(store::SiteDocuments(service_.store).has("signature", proof)))
            return {};
        if (statement.action == "challenge") {
            if (!drafts_.contains(session)) refused = begin(session, given, record);
            return {};
        }
        refused = late ? take_late(given, record) : take_signature(session, given, record);
        if (refused) add(proof_of(given, proof));
        return {};
    }

    Result<> read(const JournalRecord& record, SignedStatement& given) const {
        const auto document = TRY(decode_session_document(*record.document));
        auto parsed = TRY(parse_session_statement(document.text));
        given = {.statement = std::move(parsed),
                 .public_key = document.public_key,
                 .signature = document.signature,
                 .key_id = public_key_id(document.public_key)};
        const auto& statement = given.statement;
        if (statement.host != host_.known.name)
            return fail(ErrorCode::refused, fmt::format("made for host {}", printable(statement.host)));
        if (statement.action == "challenge") return {};
        if (!directory_) return fail(ErrorCode::not_found, "there is no directory of persons");
        return genuine(*directory_, given);
    }

    Result<> find_draft(const std::string& session) {
        if (drafts_.contains(session)) return {};
        const auto found = TRY(store::SiteDocuments(service_.store).newest("session-draft", session));
        if (!found) return {};
        auto content = TRY(parse_json(found->document, kStoredJson));
        drafts_.emplace(session, Draft{std::move(content), found->number});
        return {};
    }

    Result<> begin(const std::string& session, const SignedStatement& given, const JournalRecord& record) {
        const auto& statement = given.statement;
        if (!is_hex(statement.session, kIdDigits) || !is_hex(statement.nonce, kNonceDigits) ||
            !given.public_key.empty() || !given.signature.empty() || !statement.role.empty()) {
            return fail(ErrorCode::malformed, "no challenge of a host: its session, nonce or role are odd");
        }
        drafts_.emplace(session, Draft{.content = {{"id", session},
                                                   {"fleet_host", host_.known.name},
                                                   {"host", host_.identity.ek_digest},
                                                   {"scope", "host"},
                                                   {"order", statement.order},
                                                   {"order_digest", statement.order_digest},
                                                   {"boot_id", record.boot_id},
                                                   {"nonce", statement.nonce}}});
        return {};
    }

    // By the record's clock; the claim must be near it.
    Result<judge::RecordTime> time_of(const SignedStatement& given, const JournalRecord& record) const {
        const auto when = clock_.time_of(record);
        const auto claimed = given.statement.at;
        const bool sane = claimed >= 0 && claimed < INT64_MAX / 1000;
        if (when.bound_ms > kRecent_ms)
            return fail(ErrorCode::refused, "when it was journaled is not known well enough");
        if (!sane || std::abs(claimed * 1000 - when.at_ms) > kRecent_ms + when.bound_ms) {
            return fail(ErrorCode::refused, fmt::format("signed at {}, and journaled at {}",
                                                        utc_text(claimed), utc_text(when.at_ms / 1000)));
        }
        return when;
    }

    Result<> take_late(SignedStatement& given, const JournalRecord& record) {
        const auto when = TRY(time_of(given, record));
        if (given.statement.role != "escort" || !given.statement.session.empty())
            return fail(ErrorCode::malformed, "a late signature is the escort's, and of no session");
        given.at_ms = std::max(when.at_ms, given.statement.at * 1000);
        add(TRY(late_document(given, host_.identity.ek_digest)));
        return {};
    }

    Result<> take_signature(const std::string& session, SignedStatement& given, const JournalRecord& record) {
        const auto& s = given.statement;
        const auto found = drafts_.find(session);
        if (found == drafts_.end()) {
            return fail(ErrorCode::refused,
                        "no challenge of this host opens its session: " + printable(s.session));
        }
        auto draft = found->second.content;
        JsonReader read(draft, {.open = true});
        if (read.peek("order") != s.order || read.peek("order_digest") != s.order_digest ||
            read.peek("nonce") != s.nonce || !s.device.empty()) {
            return fail(ErrorCode::refused, "made for another challenge than its session's");
        }
        if (read.peek("boot_id") != record.boot_id)
            return fail(ErrorCode::refused, "its session was opened in another boot");
        const bool opens = s.action == "open", beats = s.action == "heartbeat";
        if ((s.role != "technician" && s.role != "escort") || (!opens && !beats && s.action != "close"))
            return fail(ErrorCode::malformed, "no such action or role");
        const auto when = TRY(time_of(given, record));
        const auto claimed = s.at * 1000;
        // Whichever proves less: who holds a signature back gains nothing, nor who dates one ahead.
        given.at_ms = opens ? std::max(when.at_ms, claimed) : std::min(when.at_ms, claimed);
        TRY_VOID(apply(draft, given, *directory_));  // `read` asked that there is one
        TRY_VOID(documents_of(draft));
        found->second.content = std::move(draft);
        return {};
    }

    void add(store::SiteDocument document) {
        out_.push_back(stamped(service_, std::move(document), host_.known.name));
    }

    Service& service_;
    const store::Host& host_;
    const judge::RecordClock& clock_;
    std::shared_ptr<const accompaniment::Directory> directory_;
    std::map<std::string, Draft> drafts_;
    std::set<std::string> seen_;
    Documents out_;
};

}  // namespace

Result<Documents> statements_of(Service& service, const judge::OpenedEvidence& opened,
                                const store::Host& host, std::int64_t challenged_at, std::int64_t now) {
    const auto& claims = opened.claims();
    const auto& manifest = opened.authentication().manifest;
    if (!claims.journal || !claims.clock || !manifest) return Documents{};
    std::vector<const JournalRecord*> records;
    std::set<std::uint64_t> sequences;
    for (const auto& bound : claims.journal_records) {
        const auto& record = bound.record;
        if (!record || record->sequence <= host.known.journal_sequence || !record->document ||
            record->kind != DeviceEventKind::session || !sequences.insert(record->sequence).second) {
            continue;
        }
        if (records.size() < kMost) records.push_back(&*record);
    }
    if (records.empty()) return Documents{};
    const judge::RecordClock times(manifest->boot_id, *claims.clock, challenged_at, now);
    Statements statements(service, host, times, TRY(api::directory_of(service)));
    for (const auto* record : records) TRY_VOID(statements.take(*record));
    return statements.take_documents();
}

Result<> rejudge_under(Service& service, const std::string& host, const Documents& documents) {
    accompaniment::Span span{INT64_MAX, INT64_MIN};
    for (const auto& document : documents) {
        const bool late = document.kind == "late-attestation";
        if (!late && document.kind != "session") continue;
        constexpr std::int64_t kHour = 3'600'000;
        span = {std::min(span.from, late ? document.from_ms - kHour : document.from_ms),
                std::max(span.to, document.to_ms)};
    }
    if (span.from <= span.to) TRY_VOID(rejudge(service, {.host = host, .span = span}));
    return {};
}

}  // namespace assay::api::site
