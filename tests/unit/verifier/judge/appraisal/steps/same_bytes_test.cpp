#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"

using namespace assay;
using assay::test::EvidenceBuilder;

TEST_CASE("the same inputs give the same bytes, whatever the locale and the time zone") {
    EvidenceBuilder builder;
    builder.pci.push_back(
        EvidenceBuilder::function("0000:5e:00.0", 0x1bd4, 0x1000));  // so that there is text in the result
    builder.bios_vendor = "Unheard-of \xc4\xb0nc";
    builder.journal.push_back(builder.event(DeviceEventKind::insert));
    const auto made = builder.build();
    const auto first = encode_attestation_result(made.appraise().result);
    CHECK(encode_attestation_result(made.appraise().result) == first);
    int locales = 0;
    for (const auto* locale : {"C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"}) {
        if (std::setlocale(LC_ALL, locale) == nullptr) continue;  // not installed here
        ++locales;
        for (const auto* zone : {"UTC", "Asia/Kathmandu", "America/St_Johns"}) {
            setenv("TZ", zone, 1);
            tzset();
            INFO(locale << " " << zone);
            CHECK(encode_attestation_result(made.appraise().result) == first);
        }
    }
    std::setlocale(LC_ALL, "C");
    CHECK(locales >= 2);
}

TEST_CASE("every input is named by its digest, and another input has another digest") {
    auto made = EvidenceBuilder().build();
    const auto before = made.appraise().result.inputs;
    made.bundle.sessions.push_back(EvidenceBuilder().session());
    const auto after = made.appraise().result.inputs;
    CHECK(after.at("sessions") != before.at("sessions"));
    CHECK(after.at("evidence") == before.at("evidence"));
    made.bundle.known_host.last_clock_ms += 1;
    CHECK(made.appraise().result.inputs.at("known_host") != before.at("known_host"));
    made.bundle.evidence.sections["smbios"].push_back(std::byte{0});
    CHECK(made.appraise().result.inputs.at("evidence") != before.at("evidence"));
    const auto roots = made.roots;
    made.makers = {{sha256(roots.front()), {}}};
    CHECK(made.appraise().result.inputs.at("roots") != before.at("roots"));
    made.makers.clear();
    CHECK(made.appraise().result.inputs.at("roots") == before.at("roots"));
    made.roots.clear();
    CHECK(made.appraise().result.inputs.at("roots") != before.at("roots"));
}
