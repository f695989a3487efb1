#include "verifier/service/store/devices/devices.h"

#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/hosts/hosts.h"

/// Where USB devices were, by the journals of the hosts. Texts of devices are printable, as they are stored.
namespace assay::api {
namespace {

constexpr std::int64_t kUsualDevices = 100;
constexpr std::int64_t kMostDevices = 1000;
constexpr std::size_t kSerial = 1024;

Json to_json(const store::DeviceSummary& device) {
    Json hosts = Json::array();
    Json present = Json::array();
    for (const auto& in : device.hosts) {
        hosts.push_back({{"host", in.host},
                         {"first_seen", rfc3339_text_of_ms(in.first_seen_ms)},
                         {"last_seen", rfc3339_text_of_ms(in.last_seen_ms)},
                         {"present", in.present}});
        if (in.present) present.push_back(in.host);
    }
    return {{"vid", device.vid},
            {"pid", device.pid},
            {"serial", device.serial},
            {"serial_grade", usb::to_string(device.grade)},
            {"manufacturer", device.manufacturer},
            {"product", device.product},
            {"hub", device.hub},
            {"sightings", device.sightings},
            {"first_seen", rfc3339_text_of_ms(device.first_seen_ms)},
            {"last_seen", rfc3339_text_of_ms(device.last_seen_ms)},
            {"hosts", std::move(hosts)},
            {"present", std::move(present)}};
}

Json to_json(const judge::EventTime& time) {
    return {{"at", rfc3339_text_of_ms(time.at_ms)},
            {"earliest", rfc3339_text_of_ms(time.earliest_ms)},
            {"latest", rfc3339_text_of_ms(time.latest_ms)}};
}

Json to_json(const judge::DeviceSighting& sighting) {
    Json out{{"host", sighting.host},
             {"record", sighting.record},
             {"record_sha256", sighting.digest},
             {"kind", to_string(sighting.kind)},
             {"vid", sighting.vid},
             {"pid", sighting.pid},
             {"serial", sighting.serial},
             {"manufacturer", sighting.manufacturer},
             {"product", sighting.product},
             {"descriptors_sha256", sighting.descriptors},
             {"port", sighting.port},
             {"controller", sighting.controller},
             {"boot_id", sighting.boot_id},
             {"claimed", rfc3339_text_of_ms(sighting.claimed_ms)},
             {"time", to_json(sighting.time)},
             {"end", nullptr}};
    if (sighting.end) {
        out["end"] = {{"record", sighting.end->record},
                      {"kind", sighting.end->kind},
                      {"time", to_json(sighting.end->time)}};
    }
    return out;
}

Result<Response> devices(const Request& request, Service& service) {
    Query query(request);
    store::DeviceQuery wanted;
    wanted.host = query.text("host", limits::kHostName);
    wanted.limit = query.integer("limit", 1, kMostDevices).value_or(kUsualDevices);
    TRY_VOID(query.finish());
    if (wanted.host) TRY_VOID(store::Hosts(service.store).contact(*wanted.host));
    Json answer = Json::array();
    for (const auto& device : TRY(store::Devices(service.store).list(wanted)))
        answer.push_back(to_json(device));
    return json_response(answer.dump());
}

Result<Response> sightings(const Request& request, Service& service) {
    Query query(request);
    store::SightingQuery wanted;
    const auto serial = query.text("serial", kSerial);
    wanted.host = query.text("host", limits::kHostName);
    wanted.limit = query.integer("limit", 1, kMostDevices).value_or(kMostDevices);
    TRY_VOID(query.finish());
    if (!serial || serial->empty())
        return fail(ErrorCode::malformed,
                    "query 'serial': expected a serial number, got none; ask with ?serial=...");
    wanted.serial = *serial;
    Json answer = Json::array();
    for (const auto& sighting : TRY(store::Devices(service.store).sightings(wanted)))
        answer.push_back(to_json(sighting));
    return json_response(answer.dump());
}

}  // namespace

Endpoint list_devices() {
    return {.verb = Verb::get,
            .path = "/v1/devices",
            .role = Role::viewer,
            .summary = "Every USB device that journals tell of, with the hosts that it was in",
            .handler = devices};
}

Endpoint list_sightings() {
    return {.verb = Verb::get,
            .path = "/v1/devices/sightings",
            .role = Role::viewer,
            .summary = "Everywhere that devices with one serial number were seen, in the order of time",
            .handler = sightings};
}

}  // namespace assay::api
