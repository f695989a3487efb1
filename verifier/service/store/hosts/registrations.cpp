#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/admission.h"
#include "verifier/service/store/hosts/identity.h"

namespace assay::store {
namespace {

constexpr const char* kSelectRegistration =
    "SELECT host, site, rack, unit, tpm_digest, chassis_serial, registered_by, registered_at FROM "
    "registrations ";

auto registration_columns(Registration& row) {
    auto& host = row.purchased;
    return std::tie(host.host, host.site, host.rack, host.unit, host.tpm_digest, host.chassis_serial,
                    row.registered_by, row.registered_at);
}

std::optional<Registration> registered(soci::session& sql, const std::string& where, const std::string& key) {
    return Query(sql, kSelectRegistration + where, key).first<Registration>(registration_columns);
}

Result<std::optional<Identity>> enrolled(soci::session& sql, const std::string& host) {
    Identity identity;
    IdentityColumns keys;
    if (!Query(sql,
               "SELECT name, ek_digest, encode(ek_public, 'hex'), encode(ak_public, 'hex'), "
               "encode(ek_certificates, 'hex'), iak, idevid FROM hosts WHERE name = :name",
               host)
             .one(identity.host, identity.ek_digest, keys.ek_public, keys.ak_public, keys.ek_certificates,
                  keys.iak, keys.idevid))
        return std::nullopt;
    TRY_VOID(keys.read_into(identity));
    std::string digest;
    Query(sql, "SELECT digest FROM identity_keys WHERE host = :host AND retired_by = '' AND kind = 'EK'",
          host)
        .each(
            [&] {
                if (digest != identity.ek_digest) identity.other_eks.push_back(digest);
            },
            digest);
    return identity;
}

Json line_json(const PurchasedHost& host) {
    return {{"chassis_serial", host.chassis_serial},
            {"host", host.host},
            {"rack", host.rack},
            {"site", host.site},
            {"tpm_digest", host.tpm_digest},
            {"unit", host.unit}};
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

Result<Registered> judge(soci::session& sql, const PurchasedHost& host,
                         const Registrations::HasDigest& has_digest) {
    Registered out{host.line, host.host, Outcome::added, ""};
    const auto refused = [&](std::string reason) {
        out.outcome = Outcome::refused;
        out.reason = std::move(reason);
        return out;
    };
    const auto before = registered(sql, "WHERE host = :host", host.host);
    if (before) {
        out.reason = changes(before->purchased, host);
        out.outcome = out.reason.empty() ? Outcome::unchanged : Outcome::changed;
        if (out.outcome == Outcome::unchanged) return out;
    }
    const auto other = registered(sql, "WHERE tpm_digest = :digest", host.tpm_digest);
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
    execute(sql,
            "INSERT INTO registrations (host, site, rack, unit, tpm_digest, chassis_serial, registered_by, "
            "registered_at) VALUES (:host, :site, :rack, :unit, :digest, :serial, :who, :now) "
            "ON CONFLICT (host) DO UPDATE SET site = excluded.site, rack = excluded.rack, unit = "
            "excluded.unit, tpm_digest = excluded.tpm_digest, chassis_serial = excluded.chassis_serial, "
            "registered_by = excluded.registered_by, registered_at = excluded.registered_at",
            host.host, host.site, host.rack, host.unit, host.tpm_digest, host.chassis_serial, who, now);
}

void write_line_act(soci::session& sql, const PurchasedHost& host, const std::optional<Registration>& before,
                    const std::string& who, std::int64_t now) {
    constexpr std::int64_t kSecond_ms = 1000;
    const auto after = line_json(host);
    const auto place = write_act(
        sql,
        {.kind = before ? ActKind::registration_changed : ActKind::registration_added,
         .hand = "operator:" + who,
         .subject = "host:" + host.host,
         .object = sha256(as_view(after.dump())).hex(),
         .document =
             Json{{"after", after}, {"before", before ? line_json(before->purchased) : Json()}}.dump()},
        now * kSecond_ms);
    execute(sql, "UPDATE registrations SET act = :act WHERE host = :host", place.number, host.host);
}

}  // namespace

Result<std::vector<Registered>> Registrations::add(const std::vector<PurchasedHost>& hosts,
                                                   const std::string& who, std::int64_t now, bool dry_run,
                                                   const HasDigest& has_digest) {
    std::vector<Registered> outcomes;
    bool refused = false;
    const auto written = database_.write([&](soci::session& sql) -> Result<> {
        std::vector<std::pair<const PurchasedHost*, std::optional<Registration>>> kept;
        for (const auto& host : hosts) {
            auto outcome = TRY(judge(sql, host, has_digest));
            refused = refused || outcome.outcome == Outcome::refused;
            if (outcome.outcome == Outcome::added || outcome.outcome == Outcome::changed) {
                kept.emplace_back(&host, registered(sql, "WHERE host = :host", host.host));
                write(sql, host, who, now);
            }
            outcomes.push_back(std::move(outcome));
        }
        // Rolled back: the outcomes say why.
        if (refused || dry_run) return fail(ErrorCode::conflict, "nothing is to be kept");
        // Behind all rows, so that the chain is held for a short time.
        for (const auto& [host, before] : kept) write_line_act(sql, *host, before, who, now);
        return {};
    });
    const bool complete = outcomes.size() == hosts.size();
    if (!written && !(complete && (refused || dry_run))) return std::unexpected(written.error());
    return outcomes;
}

Result<Registration> Registrations::find(const std::string& host) {
    return database_.read([&](soci::session& sql) {
        return found(registered(sql, "WHERE host = :host", host), "no host of this name is registered");
    });
}

Result<Registration> Registrations::find_tpm(const std::vector<std::string>& tpm_digests) {
    return database_.read([&](soci::session& sql) -> Result<Registration> {
        for (const auto& digest : tpm_digests) {
            if (auto row = registered(sql, "WHERE tpm_digest = :digest", digest)) return *std::move(row);
        }
        return fail(ErrorCode::not_found, "this TPM is registered for no host");
    });
}

Result<std::vector<Registration>> Registrations::list() {
    return database_.read([&](soci::session& sql) {
        return Query(sql, std::string(kSelectRegistration) + "ORDER BY host")
            .rows<Registration>(registration_columns);
    });
}

}  // namespace assay::store
