#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kSelectRegistration =
    "SELECT host, site, rack, unit, tpm_digest, chassis_serial, registered_by, registered_at FROM "
    "registrations ";

Result<Registration> one(soci::session& sql, const std::string& where, const std::string& key) {
    Registration row;
    auto& host = row.purchased;
    sql << kSelectRegistration + where, soci::use(key), soci::into(host.host), soci::into(host.site),
        soci::into(host.rack), soci::into(host.unit), soci::into(host.tpm_digest),
        soci::into(host.chassis_serial), soci::into(row.registered_by), soci::into(row.registered_at);
    if (!sql.got_data()) return fail(ErrorCode::not_found, "no host of this name is registered");
    return row;
}

Result<std::optional<Registration>> maybe(Result<Registration> found) {
    if (found) return *std::move(found);
    if (found.error().code == ErrorCode::not_found) return std::nullopt;
    return std::unexpected(std::move(found).error());
}

Result<std::optional<Identity>> enrolled(soci::session& sql, const std::string& host) {
    Identity identity;
    std::string ek;
    std::string certificates;
    std::string iak;
    std::string idevid;
    sql << "SELECT name, ek_digest, encode(ek_public, 'hex'), encode(ek_certificates, 'hex'), iak, idevid "
           "FROM hosts "
           "WHERE "
           "name = :name",
        soci::use(host), soci::into(identity.host), soci::into(identity.ek_digest), soci::into(ek),
        soci::into(certificates), soci::into(iak), soci::into(idevid);
    if (!sql.got_data()) return std::nullopt;
    identity.ek_public = TRY(bytes_from_column(ek));
    identity.ek_certificates = TRY(decode_list(TRY(bytes_from_column(certificates))));
    identity.iak = TRY(device_key_from_column(iak));
    identity.idevid = TRY(device_key_from_column(idevid));
    std::string digest;
    soci::statement statement = (sql.prepare << "SELECT digest FROM identity_keys WHERE host = :host AND "
                                                "retired_by = '' AND kind = 'EK'",
                                 soci::use(host), soci::into(digest));
    statement.execute();
    while (statement.fetch()) {
        if (digest != identity.ek_digest) identity.other_eks.push_back(digest);
    }
    return identity;
}

std::string changes(const PurchasedHost& before, const PurchasedHost& after) {
    std::string text;
    const auto compare = [&](std::string_view what, const std::string& old, const std::string& fresh) {
        if (old == fresh) return;
        if (!text.empty()) text += ", ";
        text += fmt::format("{}: '{}' was '{}'", what, fresh, old);
    };
    compare("site", before.site, after.site);
    compare("rack", before.rack, after.rack);
    compare("unit", before.unit, after.unit);
    compare("tpm_digest", before.tpm_digest, after.tpm_digest);
    compare("chassis_serial", before.chassis_serial, after.chassis_serial);
    return text;
}

using Outcome = Registered::Outcome;

Result<Registered> judge(soci::session& sql, const PurchasedHost& host, const Store::HasDigest& has_digest) {
    Registered out{host.line, host.host, Outcome::added, ""};
    const auto refused = [&](std::string reason) {
        out.outcome = Outcome::refused;
        out.reason = std::move(reason);
        return out;
    };
    const auto before = TRY(maybe(one(sql, "WHERE host = :host", host.host)));
    if (before) {
        out.reason = changes(before->purchased, host);
        out.outcome = out.reason.empty() ? Outcome::unchanged : Outcome::changed;
        if (out.outcome == Outcome::unchanged) return out;
    }
    const auto other = TRY(maybe(one(sql, "WHERE tpm_digest = :digest", host.tpm_digest)));
    if (other && other->purchased.host != host.host) {
        return refused(fmt::format("this TPM is registered for '{}'; correct whichever line is wrong",
                                   other->purchased.host));
    }
    const auto identity = TRY(enrolled(sql, host.host));
    if (identity && !has_digest(*identity, host.tpm_digest)) {
        return refused(
            fmt::format("'{}' is enrolled with another TPM (EK {}); after a change of its mainboard: "
                        "assay hosts replace {} --ek DIGEST --reason TEXT",
                        host.host, identity->ek_digest, host.host));
    }
    return out;
}

void write(soci::session& sql, const PurchasedHost& host, const std::string& who, std::int64_t now) {
    hold_host(sql, host.host);  // it may be enrolled already
    sql << "INSERT INTO registrations (host, site, rack, unit, tpm_digest, chassis_serial, registered_by, "
           "registered_at) VALUES (:host, :site, :rack, :unit, :digest, :serial, :who, :now) "
           "ON CONFLICT (host) DO UPDATE SET site = excluded.site, rack = excluded.rack, unit = "
           "excluded.unit, tpm_digest = excluded.tpm_digest, chassis_serial = excluded.chassis_serial, "
           "registered_by = excluded.registered_by, registered_at = excluded.registered_at",
        soci::use(host.host), soci::use(host.site), soci::use(host.rack), soci::use(host.unit),
        soci::use(host.tpm_digest), soci::use(host.chassis_serial), soci::use(who), soci::use(now);
}

std::string group_of(const Refusal& refusal) {
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto* part :
         {&refusal.host, &refusal.asked_name, &refusal.kind, &refusal.ek_digest, &refusal.ak_digest})
        hasher.update(sha256(as_view(*part)).view());
    return hasher.finish().hex();
}

bool count_up(soci::session& sql, const std::string& group, const Refusal& row) {
    return rows_changed(sql,
                        "UPDATE refusals SET last_at = :last, times = times + :times, actual = :actual WHERE "
                        "group_key = :group",
                        soci::use(row.last_at), soci::use(row.times), soci::use(row.actual),
                        soci::use(group)) == 1;
}

void add(soci::session& sql, const Refusal& refusal) {
    auto group = group_of(refusal);
    if (count_up(sql, group, refusal)) return;
    std::int64_t kept = 0;
    sql << "SELECT COUNT(*) FROM refusals WHERE host = :host", soci::use(refusal.host), soci::into(kept);
    auto row = refusal;
    // An applicant chooses its name and its keys, so their number must not decide how much is kept.
    if (kept >= kRefusalsOfHost && row.host.empty()) {
        sql << "DELETE FROM refusals WHERE group_key IN (SELECT group_key FROM refusals WHERE host = '' "
               "ORDER BY "
               "last_at, group_key LIMIT 1)";
    } else if (kept >= kRefusalsOfHost) {
        row.asked_name = row.ek_digest = row.ak_digest = "";
        row.actual = "many different TPMs";
        group = group_of(row);
        if (count_up(sql, group, row)) return;
    }
    const auto added = rows_changed(
        sql,
        "INSERT INTO refusals (group_key, host, asked_name, kind, ek_digest, ak_digest, expected, actual, "
        "first_at, last_at, times) VALUES (:group, :host, :asked, :kind, :ek, :ak, :expected, :actual, "
        ":first, "
        ":last, :times) ON CONFLICT DO NOTHING",
        soci::use(group), soci::use(row.host), soci::use(row.asked_name), soci::use(row.kind),
        soci::use(row.ek_digest), soci::use(row.ak_digest), soci::use(row.expected), soci::use(row.actual),
        soci::use(row.first_at), soci::use(row.last_at), soci::use(row.times));
    if (added == 0) count_up(sql, group, row);  // another connection was first
}

void drop_surplus(soci::session& sql) {
    std::int64_t there = 0;
    sql << "SELECT COUNT(*) FROM refusals", soci::into(there);
    if (there <= kRefusals) return;
    const auto surplus = there - kRefusals;
    sql << "DELETE FROM refusals WHERE group_key IN (SELECT group_key FROM refusals ORDER BY last_at, "
           "group_key LIMIT :surplus)",
        soci::use(surplus);
}

}  // namespace

Result<std::vector<Registered>> Store::add_registrations(const std::vector<PurchasedHost>& hosts,
                                                         const std::string& who, std::int64_t now,
                                                         bool dry_run, const HasDigest& has_digest) {
    std::vector<Registered> outcomes;
    bool refused = false;
    const auto written = database_->write([&](soci::session& sql) -> Result<> {
        for (const auto& host : hosts) {
            auto outcome = TRY(judge(sql, host, has_digest));
            refused = refused || outcome.outcome == Outcome::refused;
            if (outcome.outcome == Outcome::added || outcome.outcome == Outcome::changed)
                write(sql, host, who, now);
            outcomes.push_back(std::move(outcome));
        }
        // Rolled back: the outcomes say why.
        if (refused || dry_run) return fail(ErrorCode::conflict, "nothing is to be kept");
        return {};
    });
    const bool complete = outcomes.size() == hosts.size();
    if (!written && !(complete && (refused || dry_run))) return std::unexpected(written.error());
    return outcomes;
}

Result<Registration> Store::registration(const std::string& host) {
    return database_->read([&](soci::session& sql) { return one(sql, "WHERE host = :host", host); });
}

Result<Registration> Store::registration_of(const std::vector<std::string>& tpm_digests) {
    return database_->read([&](soci::session& sql) -> Result<Registration> {
        for (const auto& digest : tpm_digests) {
            if (auto found = TRY(maybe(one(sql, "WHERE tpm_digest = :digest", digest))))
                return *std::move(found);
        }
        return fail(ErrorCode::not_found, "this TPM is registered for no host");
    });
}

Result<std::vector<Registration>> Store::registrations() {
    return database_->read([&](soci::session& sql) -> Result<std::vector<Registration>> {
        Registration row;
        auto& host = row.purchased;
        soci::statement statement =
            (sql.prepare << std::string(kSelectRegistration) + "ORDER BY host", soci::into(host.host),
             soci::into(host.site), soci::into(host.rack), soci::into(host.unit), soci::into(host.tpm_digest),
             soci::into(host.chassis_serial), soci::into(row.registered_by), soci::into(row.registered_at));
        statement.execute();
        std::vector<Registration> rows;
        while (statement.fetch()) rows.push_back(row);
        return rows;
    });
}

Result<> Store::add_refusals(const std::vector<Refusal>& refusals) {
    return database_->write([&](soci::session& sql) -> Result<> {
        for (const auto& refusal : refusals) add(sql, refusal);
        drop_surplus(sql);
        return {};
    });
}

Result<std::vector<Refusal>> Store::refusals(const RefusalQuery& query) {
    return database_->read([&](soci::session& sql) -> Result<std::vector<Refusal>> {
        Select select(
            "SELECT host, asked_name, kind, ek_digest, ak_digest, expected, actual, first_at, last_at, times "
            "FROM refusals");
        select.where_either("(host = :host OR asked_name = :name)", query.host)
            .where_if("kind = :kind", query.kind)
            .where_if("last_at >= :since", query.since)
            .order_by("last_at DESC, group_key")
            .limit(query.limit);
        Refusal row;
        auto statement = select.prepare(
            sql, soci::into(row.host), soci::into(row.asked_name), soci::into(row.kind),
            soci::into(row.ek_digest), soci::into(row.ak_digest), soci::into(row.expected),
            soci::into(row.actual), soci::into(row.first_at), soci::into(row.last_at), soci::into(row.times));
        statement.execute();
        std::vector<Refusal> rows;
        while (statement.fetch()) rows.push_back(row);
        return rows;
    });
}

}  // namespace assay::store
