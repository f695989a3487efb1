#include "verifier/service/store/acts/audit.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/migrations.h"
#include "verifier/service/store/operators.h"
#include "verifier/service/store/site/site_writes.h"

using namespace assay;
using namespace assay::store;
using namespace builders;

namespace {

std::vector<std::string> told(Store& store) {
    const auto found = Audit(store).everything();
    REQUIRE(found);
    std::vector<std::string> out;
    for (const auto& each : *found) out.push_back(each.what);
    return out;
}

bool tells(Store& store, std::string_view what) {
    const auto all = told(store);
    for (const auto& each : all) UNSCOPED_INFO(each);
    return std::ranges::any_of(all, [&](const auto& each) { return each.find(what) != std::string::npos; });
}

std::unique_ptr<Store> filled(const TestDatabase& database) {
    auto store = with_hosts(database);
    REQUIRE(Operators(*store).add({digest_of("certificate"), "ada", "admin", kNow, 0, "p-ada", ""},
                                  "local:root"));
    REQUIRE(Hosts(*store).set_labels("web-1", {{{"site", "north"}}, "ada", kNow}));
    const SiteDocument order{.kind = "order",
                             .id = "W-1",
                             .digest = digest_of("{}"),
                             .document = "{}",
                             .stored_at = kNow,
                             .stored_by = "jira"};
    const StoredBadgeRow late{"onguard", "2", 1, 1, "{}"};
    const StoredBadgeRow early{"onguard", "1", 2, 2, "{}"};
    REQUIRE(SiteWrites(*store).put(
        {.documents = {order}, .rows = {late, early}},
        {.kind = ActKind::orders_imported, .hand = "feed:jira", .subject = "orders"}, kNow));
    return store;
}

}  // namespace

STORE_TEST(untouched, "a database that nobody edited contradicts nothing, and neither does one that is new") {
    CHECK(told(*database.open()).empty());
    const auto store = filled(database);
    CHECK(told(*store) == std::vector<std::string>());
    REQUIRE(Hosts(*store).set_labels("web-1", {{}, "ada", kNow + 1}));
    REQUIRE(Operators(*store).revoke(digest_of("certificate"), "local:root", kNow + 1));
    CHECK(told(*store) == std::vector<std::string>());
}

STORE_TEST(edited_rows,
           "each row that was edited, added or taken away past the verifier is told with its act") {
    const auto store = filled(database);
    const auto edit = [&](const std::string& with, const std::string& back, std::string_view what) {
        INFO(with);
        database.execute(with);
        CHECK(tells(*store, what));
        database.execute(back);
        CHECK(told(*store) == std::vector<std::string>());
    };
    edit("UPDATE host_labels SET value = 'south'", "UPDATE host_labels SET value = 'north'",
         "labels web-1: expected what act ");
    edit("DELETE FROM host_labels",
         "INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES ('web-1', 'site', 'north', "
         "'ada', 1)",
         "labels web-1: expected what act ");
    edit(
        "INSERT INTO host_labels (host, name, value, set_by, set_at) VALUES ('web-2', 'role', 'x', 'ada', 1)",
        "DELETE FROM host_labels WHERE host = 'web-2'", "labels web-2: no act says so");
    edit(
        "INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('c', 'eve', "
        "'admin', 1, 0)",
        "DELETE FROM operators WHERE name = 'eve'", "operator c: no act says so");
    edit("UPDATE operators SET role = 'viewer'", "UPDATE operators SET role = 'admin'",
         "operator " + digest_of("certificate"));
    edit("UPDATE site_documents SET document = '[]'", "UPDATE site_documents SET document = '{}'",
         "document order W-1 1: it is not the one of its digest");
    edit("UPDATE badge_rows SET document = '[]' WHERE event_id = '2'",
         "UPDATE badge_rows SET document = '{}' WHERE event_id = '2'", "(orders.imported) stored");
    edit(
        "INSERT INTO badge_rows (source, event_id, from_ms, to_ms, document) VALUES ('onguard', '9', 1, 1, "
        "'{}')",
        "DELETE FROM badge_rows WHERE event_id = '9'", "badges onguard 1970-01-01: no act says so");
    database.execute("UPDATE operators SET revoked_at = 1");
    CHECK(tells(*store, "operator " + digest_of("certificate")));
}

STORE_TEST(edited_acts, "an act that was edited, or taken away, is told with its number") {
    const auto store = filled(database);
    for (const auto* column : {"kind", "hand", "subject", "object", "document"}) {
        INFO(column);
        database.execute(std::string("UPDATE acts SET ") + column + " = " + column +
                         " || ' ' WHERE number = 3");
        CHECK(tells(*store, "act 3: expected head "));
        database.execute(std::string("UPDATE acts SET ") + column + " = RTRIM(" + column +
                         ") WHERE number = 3");
    }
    CHECK(told(*store) == std::vector<std::string>());
    database.execute("DELETE FROM acts WHERE number = 3");
    CHECK(tells(*store, "act 3 is missing: act 4 follows"));
}

STORE_TEST(begun, "rows of before there were acts are vouched for by the act that began them") {
    const auto migrations = all_migrations();
    {
        auto before = Database::open(database.connection());
        REQUIRE(before);
        const auto acts = std::ranges::find(migrations, "0019_acts", &Migration::name);
        REQUIRE(migrate(**before, migrations.first(static_cast<std::size_t>(acts - migrations.begin()))));
    }
    database.execute(
        "INSERT INTO registrations (host, site, rack, unit, tpm_digest, chassis_serial, registered_by, "
        "registered_at) "
        "VALUES ('web-1', 'north', '', '', 'd', '', 'otto', 1)");
    database.execute(
        "INSERT INTO operators (certificate, name, role, created_at, revoked_at) VALUES ('c', 'ada', "
        "'admin', 1, 0)");
    database.execute(
        "INSERT INTO badge_rows (source, event_id, from_ms, to_ms, document) VALUES ('a', '1', 1, 1, '{}')");
    database.execute(
        "INSERT INTO sessions (id, host, work_order, technician, escort, opened_by, opened_at, closed_by, "
        "closed_at) VALUES ('s1', 'web-1', 'W-1', 'tess', 'ed', 'otto', 1, '', 0)");
    const auto store = database.open();
    CHECK(told(*store) == std::vector<std::string>());
    CHECK(Operators(*store).find("c"));
    database.execute("UPDATE registrations SET site = 'south'");
    CHECK(tells(*store, "registration web-1: expected what act 1 of "));
    database.execute("UPDATE sessions SET escort = 'eve'");
    CHECK(tells(*store, "session s1: expected what act 1 of "));
    database.execute("DELETE FROM badge_rows");
    CHECK(tells(*store, "badges a 1970-01-01: expected what act 1 of "));
}
