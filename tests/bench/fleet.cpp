#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "tests/support/builders/vendor_files.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"
#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"
#include "verifier/service/store/attestations/write_secure_boot.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/engine/database.h"

// assay-bench-fleet [HOSTS [COMPONENTS]]   fills an SQLite store with a fleet of one generation of servers
// (100,000 of 40 parts each, if not said otherwise) and asks, through the API's own dispatch, where a maker's
// parts are. JSON, milliseconds.
namespace {

using namespace assay;
using namespace assay::judge;
using namespace assay::test;
using vendors::Component;
using vendors::Namespace;

/// One host's part number `slot`. Every host has a drive of Inspur; every 100th has a NIC of Huawei.
HostComponent part(long host, int slot) {
    constexpr int kDimms = 24;
    HostComponent out{.serial = fmt::format("S-{}-{}", host, slot),
                      .evidence = fmt::format("handle {:#06x}", slot)};
    if (slot == 0) {
        out.kind = Component::drive;
        out.place = "nvme0";
        out.maker = {{Namespace::pci, "1bd4", "PCI id 1bd4:0911", ""}};
        out.model = "NS8500G2";
    } else if (slot == 1) {
        out.kind = Component::nic;
        out.place = "eth0";
        const bool rare = host % 100 == 0;
        out.maker = {{Namespace::pci, rare ? "19e5" : "8086", "PCI id", "chip"},
                     {Namespace::oui, rare ? "F86EEE" : "A4BF01", "permanent MAC", "address"}};
        out.model = rare ? "Hi1822" : "E810";
    } else if (slot < 2 + kDimms) {
        out.kind = Component::memory;
        out.place = fmt::format("DIMM_{}", slot);
        out.maker = {{Namespace::jep106, "1:ce", "module id 0xce80", ""}};
        out.model = "M393A4K40EB3-CWE";
    } else {
        out.kind = Component::pci;
        out.place = fmt::format("0000:{:02x}:00.0", slot);
        out.maker = {{Namespace::pci, "8086", fmt::format("PCI id 8086:{:04x}", slot), "chip"}};
        out.model = fmt::format("8086:{:04x}", slot);
    }
    return out;
}

/// The rows that the product writes, in one transaction: host by host through the API would take hours, and
/// what is measured is the question.
void fill(const std::string& file, long hosts, int components, std::int64_t now) {
    soci::session sql(soci::sqlite3, file);
    sql << "PRAGMA synchronous = OFF";
    std::vector<store::PartType> types;
    const auto type_id = [&](const store::PartType& type) {
        const auto known = std::ranges::find_if(types, [&](const store::PartType& each) {
            return each.kind == type.kind && each.model == type.model && each.maker == type.maker;
        });
        if (known != types.end()) return known->id;
        types.push_back(type);
        auto& added = types.back();
        added.id = static_cast<std::int64_t>(types.size());
        const auto digest = std::to_string(added.id);
        const auto kind = std::string(to_string(added.kind));
        sql << "INSERT INTO part_types VALUES (:id, :digest, :kind, :model)", soci::use(added.id),
            soci::use(digest), soci::use(kind), soci::use(added.model);
        std::int64_t position = 0;
        for (const auto& id : added.maker) {
            const auto ns = std::string(to_string(id.ns));
            sql << "INSERT INTO part_makers VALUES (:t, :p, :n, :v, :l, :w)", soci::use(added.id),
                soci::use(position), soci::use(ns), soci::use(id.value), soci::use(id.layer),
                soci::use(id.what);
            ++position;
        }
        return added.id;
    };
    soci::transaction all(sql);
    std::string host, kind, place, serial, evidence;
    std::int64_t type = 0;
    soci::statement add_host =
        (sql.prepare << "INSERT INTO hosts (name, enrolled_at, ek_digest, ak_digest, ek_public, "
                        "ak_public, ek_certificates) VALUES (:h, 0, :e, :a, x'00', x'00', x'00')",
         soci::use(host, "h"), soci::use(host, "e"), soci::use(host, "a"));
    soci::statement seen =
        (sql.prepare << "INSERT INTO host_state (host, revision, clock_ms, reset_count, restart_count, "
                        "journal_sequence, journal_head, attested_at) VALUES (:h, 0, 0, 0, 0, 0, '', :n)",
         soci::use(host, "h"), soci::use(now, "n"));
    soci::statement add =
        (sql.prepare << "INSERT INTO components VALUES (:h, :k, :p, :t, :s, '', '', :e, :n, 0, '')",
         soci::use(host, "h"), soci::use(kind, "k"), soci::use(place, "p"), soci::use(type, "t"),
         soci::use(serial, "s"), soci::use(evidence, "e"), soci::use(now, "n"));
    for (long n = 0; n < hosts; ++n) {
        host = fmt::format("rack-{:06}", n);
        add_host.execute(true);
        seen.execute(true);
        for (int slot = 0; slot < components; ++slot) {
            const auto one = part(n, slot);
            kind = std::string(to_string(one.kind));
            place = one.place;
            serial = one.serial;
            evidence = one.evidence;
            type = type_id(store::part_type_of(one));
            add.execute(true);
        }
    }
    all.commit();
}

Digest certificate_digest(const KnownCertificate& known) {
    return must(Digest::from_bytes(HashAlgorithm::sha256, must(from_hex(known.sha256, 32))));
}

/// What each host's boot showed: seven certificates, a dbx of 430 entries, ten images. The worst case: no two
/// hosts' boots are the same, as where each has a kernel image of its own.
void fill_secure_boot(TestService& service, long hosts) {
    constexpr int kRevoked = 430;
    constexpr int kImages = 10;
    SecureBootSeen seen;
    auto& facts = seen.facts;
    facts.known = BootKnown::quoted;
    facts.enabled = facts.authorities_whole = facts.applications_whole = facts.drivers_whole = true;
    facts.db.measured = facts.kek.measured = facts.dbx_measured = true;
    for (const auto& each : known_certificates()) {
        const auto digest = certificate_digest(each);
        (each.variable == "db" ? facts.db : facts.kek).certificates.push_back(digest);
        facts.certificates.push_back({digest, "CN=" + std::string(each.name) + ",O=Microsoft Corporation",
                                      "CN=" + std::string(each.issuer), 1'790'000'000});
    }
    std::ranges::sort(facts.certificates, {}, &BootCertificate::sha256);
    for (int i = 0; i < kRevoked; ++i) seen.revoked.images.push_back(sha256(as_view(std::to_string(i))));
    std::ranges::sort(seen.revoked.images);
    facts.dbx_entries = kRevoked;
    facts.authorities = {{"db", "certificate", certificate_digest(known_certificates()[2])},
                         {"Shim", "certificate", sha256(as_view("shim"))}};
    for (int i = 0; i < kImages; ++i)
        facts.images.push_back({.pcr = i < 2 ? 4U : 2U,
                                .digest = to_bytes(sha256(as_view(std::to_string(i))).view()),
                                .what = fmt::format("\\EFI\\debian\\image{}.efi", i),
                                .authority = i % 2});
    must(service.store().database().write([&](soci::session& sql) -> Result<bool> {
        for (long n = 0; n < hosts; ++n) {
            const auto host = fmt::format("rack-{:06}", n);
            facts.images.front().digest = to_bytes(sha256(as_view(host)).view());
            TRY_VOID(store::write_secure_boot(sql, host, {host, seen}, service.now));
        }
        return true;
    }));
}

double milliseconds(TestService& service, const std::string& target, nlohmann::json& answer) {
    constexpr int kRounds = 5;
    double best = 1e9;
    for (int i = 0; i < kRounds; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto response = service.get(target);
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
        if (response.status != 200) throw std::runtime_error(response.body);
        best = std::min(best, taken.count());
        answer = json_of(response);
    }
    return best;
}

int run(int argc, char** argv) {
    const long hosts = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 100'000;
    const int components = argc > 2 ? static_cast<int>(std::strtol(argv[2], nullptr, 10)) : 40;
    TestService service;
    service.vendors() = must(vendors::load(shipped_sources()));
    fill(service.file().string(), hosts, components, service.now);
    nlohmann::json out{{"hosts", hosts}, {"components", components}, {"questions", nlohmann::json::object()}};
    for (const auto& [name, target] : std::vector<std::pair<std::string, std::string>>{
             {"exposure: a part on each 100th host", "/v1/vendors/exposure?entity=huawei"},
             {"exposure: a part on each host", "/v1/vendors/exposure?entity=inspur&owned=1"},
             {"exposure: as of a time",
              "/v1/vendors/exposure?entity=inspur&as_of=" + std::to_string(service.now)},
             {"exposure: 24 parts on each host", "/v1/vendors/exposure?entity=samsung"},
             {"unknown", "/v1/vendors/unknown"}}) {
        nlohmann::json answer;
        const auto taken = milliseconds(service, target, answer);
        out["questions"][name] = {{"ms", taken},
                                  {"parts", answer.value("parts_in_all", 0)},
                                  {"hosts", answer.value("hosts_in_all", 0)}};
    }
    fill_secure_boot(service, hosts);
    const std::string asked = "/v1/fleet/secure-boot?limit=10000";
    for (const auto& [name, target] : std::vector<std::pair<std::string, std::string>>{
             {"Secure Boot by model, no two boots the same", asked},
             {"Secure Boot if a certificate were revoked",
              asked + "&if_revoked=Microsoft%20Corporation%20UEFI%20CA%202011"},
             {"Secure Boot if an image were revoked", asked + "&if_revoked=" + sha256(as_view("1")).hex()}}) {
        nlohmann::json answer;
        const auto taken = milliseconds(service, target, answer);
        out["secure_boot"][name] = {{"ms", taken}, {"hosts", answer.at("all").at("known").at("quoted")}};
    }
    fmt::print("{}\n", out.dump(2));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "assay-bench-fleet: " << error.what() << "\n";
        return 1;
    }
}
