#include "verifier/judge/changes/boot_news.h"

#include <catch2/catch.hpp>

namespace assay::judge {
namespace {

const ChangeSpan kWhen{1'000'000, 1'000'300};

BootMeasurement command(std::uint32_t pcr, const std::string& text) {
    const auto data = "kernel_cmdline: " + text;
    return {.pcr = pcr,
            .event = 0,
            .type = 13,  // EV_IPL
            .digest = sha256(as_view(data)),
            .what = "EV_IPL " + data,
            .covered = true,
            .data = to_bytes(data)};
}

BootChain chain(std::vector<BootMeasurement> measurements) {
    BootChain out;
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) out.values.at(pcr) = Digest();
    for (const auto& each : measurements) out.values.at(each.pcr) = sha256(as_view("extended"));
    out.measurements = std::move(measurements);
    return out;
}

BootNews news(const BootChain& before, const BootChain& after) {
    return boot_news(before, after, uncompared_pcrs({}), kWhen);
}

}  // namespace

TEST_CASE("the same boot is no news", "[changes]") {
    const auto boot = chain({command(8, "/vmlinuz root=/dev/sda1")});
    const auto out = news(boot, boot);
    CHECK(out.changes.empty());
    CHECK(out.not_compared.empty());
}

TEST_CASE("an argument that came is told by its word, and the way back is the same two sides turned",
          "[changes]") {
    const auto sound = chain({command(8, "/vmlinuz root=/dev/sda1")});
    const auto evil = chain({command(8, "/vmlinuz root=/dev/sda1 init=/bin/evil")});
    const auto out = news(sound, evil);
    REQUIRE(out.changes.size() == 1);
    const auto& told = out.changes[0].told;
    CHECK(told.id == "boot.changed");
    CHECK(told.kind == ChangeKind::boot);
    CHECK(told.actual == "kernel command line gained `init=/bin/evil`");
    CHECK(told.where.starts_with("PCR 8; between 1970-01-12"));
    const auto back = news(evil, sound);
    REQUIRE(back.changes.size() == 1);
    CHECK(back.changes[0].told.before == told.after);
    CHECK(back.changes[0].told.after == told.before);
}

TEST_CASE("what one measurement shows is one change, in all its words, and fits what is stored",
          "[changes]") {
    const auto sound = chain({command(8, "/vmlinuz quiet")});
    const auto out = news(sound, chain({command(8, "/vmlinuz init=/bin/evil")}));
    REQUIRE(out.changes.size() == 1);
    CHECK(out.changes[0].told.actual ==
          "kernel command line gained `init=/bin/evil`; kernel command line lost `quiet`");
    std::string many = "/vmlinuz";
    for (int i = 0; i < 400; ++i) many += " argument." + std::to_string(i);
    const auto more = news(sound, chain({command(8, many)}));
    REQUIRE(more.changes.size() == 1);
    CHECK(more.changes[0].told.actual.size() <= 1024);
}

TEST_CASE("what is measured into the PCRs of keys is told as keys", "[changes]") {
    const auto out = news(chain({command(7, "a")}), chain({command(7, "b")}));
    REQUIRE(!out.changes.empty());
    CHECK(out.changes[0].told.id == "boot.keys_changed");
    CHECK(out.changes[0].told.kind == ChangeKind::keys);
}

TEST_CASE("IMA's PCR and those that no log explains are not compared", "[changes]") {
    const auto before = chain({command(8, "a"), command(10, "b"), command(11, "c")});
    const auto after = chain({command(8, "a"), command(10, "x"), command(11, "y")});
    CHECK(boot_news(before, after, uncompared_pcrs({11}), kWhen).changes.empty());
    CHECK(news(before, after).changes.size() == 1);
}

TEST_CASE("a boot of which no PCR replays is not compared, and none is compared with it", "[changes]") {
    const auto before = chain({command(8, "a")});
    auto after = chain({command(9, "b")});
    after.unexplained = {8};
    after.measurements.clear();
    const auto out = news(before, after);
    CHECK(out.changes.empty());
    CHECK(out.not_compared == "PCRs 8 do not replay: nothing of this boot was compared");
    CHECK_FALSE(is_whole(after, &before, uncompared_pcrs({})));
}

TEST_CASE("a log that leaves out the events of a PCR does not become what the next boot is compared with",
          "[changes]") {
    const auto before = chain({command(4, "loader"), command(8, "a")});
    auto after = chain({command(8, "a")});
    after.values.at(4) = sha256(as_view("another loader"));  // extended, and the log has nothing of it
    CHECK(is_whole(before, nullptr, uncompared_pcrs({})));
    CHECK_FALSE(is_whole(after, &before, uncompared_pcrs({})));
    CHECK(is_whole(after, nullptr, uncompared_pcrs({})));
    CHECK(is_whole(after, &before, uncompared_pcrs({4})));
    // Of a PCR that the policy asks for no more nothing is hidden.
    after.values.at(4).reset();
    CHECK(is_whole(after, &before, uncompared_pcrs({})));
}

TEST_CASE("another bank is one change", "[changes]") {
    const auto before = chain({command(8, "a")});
    auto after = chain({command(8, "b")});
    after.bank = HashAlgorithm::sha384;
    const auto out = news(before, after);
    REQUIRE(out.changes.size() == 1);
    CHECK(out.changes[0].told.expected == "quoted in sha256");
    CHECK(out.changes[0].told.actual == "quoted in sha384");
}

TEST_CASE("more changes than are told one by one are counted", "[changes]") {
    std::vector<BootMeasurement> many;
    for (int i = 0; i < 40; ++i) {
        auto each = command(4, "");
        each.type = 0x80000003;  // EV_EFI_BOOT_SERVICES_APPLICATION
        each.what = "EV_EFI_BOOT_SERVICES_APPLICATION \\file" +
                    std::string(1, static_cast<char>('A' + i % 26)) +
                    std::string(static_cast<std::size_t>(i / 26 + 1), 'x');
        each.digest = sha256(as_view(each.what));
        each.data.clear();
        many.push_back(each);
    }
    const auto out = news(chain({command(4, "a")}), chain(many));
    REQUIRE(out.changes.size() == kChangesOfAnId + 1);
    CHECK(out.changes.back().told.actual.ends_with("more changes of this kind"));
}

}  // namespace assay::judge
