#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/builders/vendor_files.h"
#include "tests/support/machine/text.h"
#include "vendor-db/bundle/bundle.h"
#include "vendor-db/bundle/difference.h"
#include "vendor-db/model/vendor_db.h"

using namespace assay;
using namespace assay::vendors;
using assay::test::first_complaint;
using assay::test::has;
using assay::test::replaced;

namespace {

const std::string kDigest(64, 'd');

Baseline baseline() {
    return {"PowerEdge R750",
            "BMC 7.10",
            {1'000'000'000, 2'000'000'000},
            "captured from rack-7",
            {{"0000:00:14.0", "1-14.1", "413c", "a102", {"network"}, kDigest, true, "Virtual \"NIC\"", ""},
             {"0000:00:14.0", "1-3", "8087", "0a2b", {"hub", "other"}, kDigest, false, "", ""}},
            ""};
}

Sources with_baselines(const std::string& text) {
    return {{}, {}, {}, {}, {{"baselines/r750.toml", text}}};
}
SeenDevice seen(const BaselineDevice& device) {
    return {device.controller, device.port, device.vid, device.pid, device.descriptors, device.interfaces};
}

}  // namespace

TEST_CASE("a baseline reads back as it was written") {
    const auto db = load(with_baselines(to_toml({baseline()})));
    REQUIRE(db);
    REQUIRE(db->baselines().size() == 1);
    auto read = db->baselines().front();
    CHECK(read.where == "baselines/r750.toml:1");
    read.where.clear();
    for (auto& device : read.devices) device.where.clear();
    CHECK(read.devices == baseline().devices);
    CHECK(to_toml({read}) == to_toml({baseline()}));
}

TEST_CASE("what a baseline lacks or has wrong is told with its place and remedy") {
    const auto text = to_toml({baseline()});
    const auto complaint = [](const std::string& text) { return first_complaint(with_baselines(text)); };
    CHECK(complaint(text) == "none");
    CHECK(has(complaint(replaced(text, "\"413c\"", "\"413C\"")), "four hex digits"));
    CHECK(has(complaint(replaced(text, "\"network\"", "\"nic\"")), "no kind of interface"));
    CHECK(has(complaint(replaced(text, kDigest, "dd")), "64 hex digits"));
    CHECK(has(complaint(replaced(text, "bmc = true", "bcm = true")), "baselines/r750.toml"));
    CHECK(has(complaint("[[baseline]]\nmodel = \"M\"\ngeneration = \"1\"\nsource = \"s\"\n"),
              "without a device"));
    CHECK(has(complaint(text + "\n" + text), "same generation"));
    CHECK(has(complaint(""), "no baseline"));
}

TEST_CASE("a device is a baseline's only where everything agrees") {
    const auto device = baseline().devices.front();
    CHECK(agrees(device, seen(device)));
    CHECK(difference(device, seen(device)).empty());
    for (const auto* part : {"controller", "port", "interfaces", "descriptors"}) {
        auto other = seen(device);
        const std::string_view which(part);
        if (which == "controller") other.controller = "0000:5e:00.0";
        if (which == "port") other.port = "1-4";
        if (which == "interfaces") other.interfaces = {"storage"};
        if (which == "descriptors") other.descriptors = std::string(64, 'e');
        CAPTURE(part);
        CHECK_FALSE(agrees(device, other));
        CHECK(difference(device, other) == part);
    }
}

TEST_CASE("a generation holds in its span, and of several those that hold are asked") {
    auto older = baseline(), newer = baseline();
    newer.generation = "BMC 7.20";
    newer.span = {1'500'000'000, std::nullopt};
    const std::vector all{older, newer};
    CHECK(baselines_of(all, "PowerEdge R750", 999'999'999).empty());
    CHECK(baselines_of(all, " poweredge  R750 ", 1'000'000'000).size() == 1);
    CHECK(baselines_of(all, "PowerEdge R750", 1'600'000'000).size() == 2);
    CHECK(baselines_of(all, "PowerEdge R750", 2'000'000'000).size() == 1);
    CHECK(baselines_of(all, "PowerEdge R75", 1'600'000'000).empty());
    CHECK(baselines_of(all, "", 1'600'000'000).empty());
}

TEST_CASE("a bundle carries baselines, and one without keeps the bytes that it had") {
    BundleContent content{1, 100, 200, {}};
    const auto without = encode_bundle_content(content).value();
    CHECK(std::string_view(reinterpret_cast<const char*>(without.data()), without.size()).find("baselines") ==
          std::string_view::npos);
    content.sources.baselines = {{"baselines/r750.toml", to_toml({baseline()})}};
    const auto with = encode_bundle_content(content).value();
    const auto decoded = decode_bundle_content(with);
    REQUIRE(decoded);
    REQUIRE(decoded->sources.baselines.size() == 1);
    CHECK(encode_bundle_content(*decoded).value() == with);
    CHECK(decode_bundle_content(without)->sources.baselines.empty());
}

TEST_CASE("the digest of the data and its difference know baselines") {
    const auto before = load(with_baselines(to_toml({baseline()}))).value().digest();
    auto other = baseline();
    other.devices.front().port = "1-14.2";
    const auto from = load(with_baselines(to_toml({baseline()}))),
               to = load(with_baselines(to_toml({other})));
    CHECK(to->digest() != before);
    const auto changes = difference(*from, *to);
    REQUIRE(changes.size() == 2);
    CHECK(changes.front().of == Change::Of::baseline);
    CHECK(difference(*from, *from).empty());
}
