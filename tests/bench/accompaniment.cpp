#include <chrono>
#include <iostream>
#include <string>

#include <fmt/core.h>

#include "verifier/judge/accompaniment/judging/judge.h"

// assay-bench-accompaniment [ORDERS ROWS]   nanoseconds of judging one device event against a site's open
// orders and badge rows, each with its receipt, of building their indexes, and of a bare lookup, as JSON.
namespace {

using namespace assay::accompaniment;

constexpr Millis kStart = 1'770'000'000'000;
constexpr Millis kDay = 86'400'000;
constexpr Millis kHour = 3'600'000;
constexpr int kDays = 90;
constexpr int kPeople = 2000;
constexpr int kRacks = 400;
constexpr int kHosts = 10'000;
constexpr int kEvents = 2000;

// Two keepers, of whom one proposes and the other approves.
Known entered(Millis at) {
    return {.receipt = {.at = at, .hand = "operator:keeper"}, .hands = {"operator:second"}};
}

std::string person(int i) {
    return fmt::format("p-{}", i % kPeople);
}

Facts facts_of(int orders, int rows) {
    Facts facts;
    auto& directory = facts.directory;
    directory.zones.push_back({.id = "site", .parent = {}, .kind = ZoneKind::site});
    for (int room = 0; room < 20; ++room)
        directory.zones.push_back(
            {.id = fmt::format("room-{}", room), .parent = "site", .kind = ZoneKind::room});
    for (int rack = 0; rack < kRacks; ++rack)
        directory.zones.push_back({.id = fmt::format("rack-{}", rack),
                                   .parent = fmt::format("room-{}", rack % 20),
                                   .kind = ZoneKind::rack});
    for (int i = 0; i < kPeople; ++i) {
        Person one;
        one.id = person(i);
        one.employer = i % 2 == 0 ? "us" : "vendor";
        one.keys = {fmt::format("k-{}", i)};
        one.credentials = {fmt::format("b-{}", i)};
        one.unescorted_zones = one.escort_zones = {"site"};
        // Each was another once, without the key; of some that changes on one of the days.
        auto before = one;
        before.keys.clear();
        before.known = entered(kStart - 4 * kDay);
        before.known.until = i % 20 == 0 ? kStart + (i / 20 % kDays) * kDay : kStart - 3 * kDay;
        one.known = entered(before.known.until);
        directory.persons.push_back(std::move(before));
        directory.persons.push_back(std::move(one));
    }
    for (int i = 0; i < kHosts; ++i) {
        Host host;
        host.id = fmt::format("host-{}", i);
        host.zone = fmt::format("rack-{}", i % kRacks);
        host.known = entered(kStart - 4 * kDay);
        directory.hosts.push_back(std::move(host));
    }
    const auto known = entered(kStart - 4 * kDay);
    directory.entities = {{.id = "us", .owners = {}, .approved = true, .decided = {}, .known = known},
                          {.id = "vendor", .owners = {}, .approved = true, .decided = {}, .known = known}};
    directory.issuers = {{.id = "dc", .entity = "us", .known = known}};
    directory.hands = {{.id = "operator:keeper", .person = person(2)}, {.id = "feed:jira", .person = "boss"}};
    facts.policy.issuers = {{.id = "dc", .batch = kHour}};
    const Millis end = kStart + kDays * kDay;
    for (int i = 0; i < orders; ++i) {
        OrderFields fields;
        fields.issuer = "dc";
        fields.requester = "r";
        fields.technicians = {person(2 * i + 1)};
        fields.hosts = {fmt::format("host-{}", i % kHosts)};
        fields.window = {kStart + (i % kDays) * kDay, end};
        fields.state = "draft";
        fields.devices = {
            {.serial = {}, .digest = {}, .vid = {}, .pid = {}, .kind = DeviceKind::storage, .actions = {}}};
        auto approved = fields;
        approved.state = "approved";
        // One of ten approvals arrives when the work has begun.
        const Receipt created{.at = kStart - 2 * kDay, .hand = "feed:jira"};
        const Receipt decided{.at = i % 10 == 0 ? fields.window.from + kDay / 2 : kStart - kDay,
                              .hand = "feed:jira"};
        facts.orders.push_back({.id = fmt::format("W-{}", i),
                                .created_at = kStart - 2 * kDay,
                                .created_by = "r",
                                .versions = {{.from = kStart - 2 * kDay,
                                              .by = "r",
                                              .changed = {},
                                              .fields = fields,
                                              .digest = {},
                                              .receipt = created},
                                             {.from = kStart - kDay,
                                              .by = "boss",
                                              .changed = {"state"},
                                              .fields = approved,
                                              .digest = {},
                                              .receipt = decided}},
                                .contradiction = {},
                                .receipt = created,
                                .export_number = 0});
    }
    Feed feed{.source = "doors", .watermark = end + kDay, .kept_since = {}, .zones = {"site"}, .passed = {}};
    for (int hour = 0; hour < kDays * 24; ++hour) {
        const auto at = kStart + hour * kHour;
        feed.passed.push_back({.received_at = at, .watermark = at - kHour / 4});
        facts.exports.push_back(
            {.hand = "feed:jira", .number = hour, .received_at = hour == 0 ? kStart - 2 * kDay : at});
    }
    facts.orders_watermark = end + kDay;
    for (int i = 0; i < rows; ++i) {
        BadgeRow row;
        row.source = "doors";
        row.event_id = std::to_string(i);
        row.credential = fmt::format("b-{}", i % kPeople);
        row.direction = (i / kPeople) % 2 == 0 ? Direction::in : Direction::out;
        (row.direction == Direction::in ? row.zone_to : row.zone_from) = fmt::format("room-{}", i % 20);
        const Millis at =
            kStart + static_cast<Millis>(static_cast<double>(i) / rows * kDays * static_cast<double>(kDay));
        row.occurred = {at, at};
        row.receipt = {.at = at + (i % 1000 == 0 ? kDay : kHour / 60), .hand = "feed:doors"};
        facts.badges.rows.push_back(std::move(row));
    }
    facts.badges.feeds.push_back(std::move(feed));
    facts.sessions.watermark = end + kDay;
    return facts;
}

std::vector<Occurrence> events_of() {
    std::vector<DeviceEvent> events;
    for (int i = 0; i < kEvents; ++i) {
        DeviceEvent event;
        event.id = fmt::format("e-{}", i);
        event.host = fmt::format("host-{}", (i * 37) % kHosts);
        const Millis at = kStart + kDay * kDays * i / kEvents;
        event.time = {at, at};
        event.device.interfaces = {DeviceKind::storage};
        event.device.digest = std::string(64, 'a');
        event.device.port = fmt::format("1-{}", i);
        events.push_back(std::move(event));
    }
    return occurrences_of(std::move(events), Policy());
}

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

int run(int orders, int rows) {
    auto facts = facts_of(orders, rows);
    auto start = std::chrono::steady_clock::now();
    const auto knowledge = Knowledge::of(std::move(facts));
    if (!knowledge) {
        std::cerr << describe(knowledge.error()) << '\n';
        return 1;
    }
    const double build = nanoseconds_since(start);
    const auto events = events_of();
    double best = 1e18;
    std::size_t people = 0;
    for (int round = 0; round < 5; ++round) {
        start = std::chrono::steady_clock::now();
        for (const auto& event : events)
            people += judge(event, **knowledge, kStart + 2 * kDays * kDay).people.size();
        best = std::min(best, nanoseconds_since(start) / static_cast<double>(events.size()));
    }
    start = std::chrono::steady_clock::now();
    for (const auto& event : events)
        people += (*knowledge)->directory().host(event.event.host) == nullptr ? 1U : 0U;
    const double lookup = nanoseconds_since(start) / static_cast<double>(events.size());
    std::cout
        << fmt::format(
               R"({{"judge": {:.0f}, "build": {:.0f}, "lookup": {:.0f}, "orders": {}, "rows": {}, "people": {}}})",
               best, build, lookup, orders, rows, people)
        << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return run(argc > 2 ? std::stoi(argv[1]) : 10'000, argc > 2 ? std::stoi(argv[2]) : 1'000'000);
}
