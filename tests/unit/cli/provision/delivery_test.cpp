#include "cli/provision/delivery.h"

#include <catch2/catch.hpp>

#include "tests/unit/cli/provision/deliveries.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::cli::deliveries;
using command_line::ExitCode;

TEST_CASE("a server that nobody heard of is expected, and the watch goes on without affirming") {
    auto delivery = watched({"rack-7"});
    delivery.hear(look({}));
    const auto& row = delivery.rows().front();
    CHECK(row.stage == Stage::expected);
    CHECK_FALSE(row.verdict);
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
}

TEST_CASE("a server that was refused says why; one of before the watch, or of another name, does not") {
    auto delivery = watched({"rack-7", "rack-8"});
    auto answers = look({});
    answers.refusals = {{"", "rack-7", "admission.no_right", "token: none was given", kStart - 1}};
    delivery.hear(answers);
    CHECK(delivery.rows()[0].stage == Stage::expected);
    answers.refusals.push_back(
        {"rack-7", "rack-7", "admission.unregistered_tpm", "a TPM with EK 00", kStart + 5});
    delivery.hear(answers);
    CHECK(delivery.rows()[0].stage == Stage::refused);
    CHECK(delivery.rows()[0].reason == "admission.unregistered_tpm: a TPM with EK 00");
    CHECK(delivery.rows()[0].since == kStart + 5);
    CHECK(delivery.rows()[1].stage == Stage::expected);
    CHECK_FALSE(delivery.finished());
}

TEST_CASE("a server that asks with another's TPM stands in both rows") {
    auto delivery = watched({"rack-7", "rack-8"});
    auto answers = look({});
    answers.refusals = {{"rack-7", "rack-8", "admission.known_tpm", "'rack-8' asked with rack-7's", kStart}};
    delivery.hear(answers);
    CHECK(delivery.rows()[0].stage == Stage::refused);
    CHECK(delivery.rows()[1].stage == Stage::refused);
}

TEST_CASE("a server that was refused first and enrolled then is enrolled") {
    auto delivery = watched({"rack-7"});
    auto answers = look({enrolled("rack-7")});
    answers.refusals = {{"", "rack-7", "admission.no_right", "token: none was given", kStart}};
    delivery.hear(answers);
    CHECK(delivery.rows()[0].stage == Stage::enrolled);
    CHECK(delivery.rows()[0].reason == "it has not attested yet");
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
}

TEST_CASE("evidence that its TPM did not prove is the reason of a server without a verdict") {
    auto delivery = watched({"rack-7"});
    auto answers = look({enrolled("rack-7")});
    answers.unproven = {{"rack-7", "signature", 3, kStart + 1}, {"rack-8", "nonce", 1, kStart + 1}};
    delivery.hear(answers);
    CHECK(delivery.rows()[0].reason ==
          "evidence came in its name that its TPM did not prove (signature, 3 times)");
    CHECK(delivery.rows()[0].stage == Stage::enrolled);
}

TEST_CASE("each tier is a verdict, and the gravest is the exit code") {
    const auto code_of = [](std::vector<Tier> tiers) {
        std::vector<std::string> names;
        std::vector<HostSeen> hosts;
        for (const auto tier : tiers) {
            names.push_back("rack-" + std::to_string(names.size()));
            hosts.push_back(attested(names.back(), tier));
        }
        auto delivery = watched(names);
        hear(delivery, look(hosts));
        CHECK(delivery.finished());
        return delivery.exit_code();
    };
    using enum Tier;
    CHECK(code_of({affirming, affirming}) == ExitCode::done);
    CHECK(code_of({affirming, warning}) == ExitCode::warning);
    CHECK(code_of({warning, none}) == ExitCode::none);
    CHECK(code_of({none, contraindicated, warning, affirming}) == ExitCode::contraindicated);
}

TEST_CASE("one server without a verdict keeps the watch from ending and from affirming") {
    auto delivery = watched({"rack-7", "rack-8"});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    CHECK(delivery.rows()[0].verdict == Tier::affirming);
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
    hear(delivery, look({attested("rack-7", Tier::affirming), attested("rack-8", Tier::affirming)}));
    CHECK(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::done);
}

TEST_CASE("a verdict of before the watch does not count and says so; one of its first second does") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("rack-7", Tier::affirming, kStart - 1)}));
    CHECK(delivery.rows()[0].stage == Stage::enrolled);
    CHECK_FALSE(delivery.rows()[0].verdict);
    CHECK(holds(delivery.rows()[0].reason, "is from before this watch and does not count"));
    CHECK(delivery.exit_code() == ExitCode::none);
    hear(delivery, look({attested("rack-7", Tier::affirming, kStart)}));
    CHECK(delivery.rows()[0].stage == Stage::attested);
    CHECK(delivery.exit_code() == ExitCode::done);
}

TEST_CASE("before the watch knows the verifier's time nothing counts") {
    auto delivery = *Delivery::of({line_of("rack-7", 2)});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
}

TEST_CASE("a verdict counts when its whole result was read, and it is read once") {
    auto delivery = watched({"rack-7"});
    const auto answers = look({attested("rack-7", Tier::warning)});
    delivery.hear(answers);
    CHECK(delivery.wanted(8) == std::vector<std::string>{"rack-7"});
    CHECK(delivery.wanted(0).empty());
    CHECK(delivery.rows()[0].reason == "its result is being read");
    CHECK_FALSE(delivery.finished());
    delivery.hear({result_of("rack-7", Tier::warning)});
    CHECK(delivery.wanted(8).empty());
    CHECK(delivery.finished());
    auto steady = look({attested("rack-7", Tier::warning, kStart + 90)});
    delivery.hear(steady);
    CHECK(delivery.wanted(8).empty());
}

TEST_CASE("a verdict that changed is read anew and takes the place of the one before") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    delivery.hear(look({attested("rack-7", Tier::contraindicated, kStart + 90)}));
    CHECK(delivery.wanted(8) == std::vector<std::string>{"rack-7"});
    CHECK_FALSE(delivery.finished());
    delivery.hear({result_of("rack-7", Tier::contraindicated, kStart + 90)});
    CHECK(delivery.exit_code() == ExitCode::contraindicated);
    CHECK(delivery.rows()[0].since == kStart + 90);
}

TEST_CASE("the first reason is the most alarming finding, and what affirms is none") {
    auto delivery = watched({"rack-7"});
    delivery.hear(look({attested("rack-7", Tier::contraindicated)}));
    auto read = result_of("rack-7", Tier::contraindicated);
    read.result.findings = {finding("tpm.software", Tier::affirming), finding("usb.new", Tier::warning),
                            finding("vendor.unapproved", Tier::contraindicated)};
    delivery.hear({read});
    CHECK(delivery.rows()[0].reason == "vendor.unapproved: system: Langchao");
    CHECK(delivery.rows()[0].findings.size() == 2);
    CHECK(delivery.rows()[0].policy == std::string(64, 'b'));
    CHECK(delivery.rows()[0].result_id.size() == 64);
}

TEST_CASE("a host that the verifier has no more has no verdict any more") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    CHECK(delivery.finished());
    hear(delivery, look({}));
    CHECK_FALSE(delivery.rows()[0].verdict);
    CHECK(delivery.rows()[0].reason == "it was enrolled, and the verifier has it no more");
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
}

TEST_CASE("names are compared letter by letter: another case is another host, and not on the list") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("Rack-7", Tier::affirming)}));
    CHECK(delivery.rows()[0].stage == Stage::expected);
    CHECK(delivery.strangers() == std::vector<std::string>{"Rack-7"});
    CHECK_FALSE(parse_purchase_list("host,tpm_digest\nRack-7," + std::string(64, 'a') + "\n"));
}

TEST_CASE("two lines with one TPM are no list, and two hosts with one TPM affirm nothing") {
    const std::string digest(64, 'a');
    const auto twice = parse_purchase_list("host,tpm_digest\nrack-7," + digest + "\nrack-8," + digest + "\n");
    REQUIRE_FALSE(twice);
    CHECK(holds(twice.error().context, "one TPM is one host"));
    auto delivery = watched({"rack-7", "rack-8"});
    auto hosts = std::vector{attested("rack-7", Tier::affirming), attested("rack-8", Tier::affirming)};
    hear(delivery, look(hosts));
    CHECK(delivery.exit_code() == ExitCode::done);
    hosts[1].ek_digest = hosts[0].ek_digest;
    hear(delivery, look(hosts));
    CHECK(delivery.rows()[0].verdict == Tier::none);
    CHECK(holds(delivery.rows()[0].reason, "one TPM is one host"));
    CHECK(delivery.exit_code() == ExitCode::none);
}

TEST_CASE("an empty list is a clear error and never a pass") {
    const auto empty = Delivery::of({});
    REQUIRE_FALSE(empty);
    CHECK(empty.error().code == ErrorCode::usage);
    CHECK(holds(empty.error().context, "names no server"));
    const auto heading = parse_purchase_list("host,tpm_digest\n");
    REQUIRE_FALSE(heading);
    CHECK(holds(heading.error().context, "a host a line"));
}

TEST_CASE("a host whose line the verifier does not have may have any TPM") {
    auto delivery = watched({"rack-7"});
    CHECK(delivery.wants_papers());
    auto answers = look({attested("rack-7", Tier::affirming)});
    const auto papers = answers.papers;
    answers.papers->registered.clear();
    hear(delivery, answers);
    CHECK(delivery.wants_papers());
    CHECK(delivery.rows()[0].verdict == Tier::none);
    CHECK(holds(delivery.rows()[0].reason, "assay hosts register --purchase"));
    answers.papers = papers;
    hear(delivery, answers);
    CHECK_FALSE(delivery.wants_papers());
    CHECK(delivery.rows()[0].verdict == Tier::affirming);
}

TEST_CASE("a host that is registered with another TPM than the list's does not affirm") {
    auto delivery = watched({"rack-7"});
    auto answers = look({attested("rack-7", Tier::affirming)});
    answers.papers->registered[0].tpm_digest = std::string(64, '0');
    hear(delivery, answers);
    CHECK(delivery.exit_code() == ExitCode::none);
    CHECK(holds(delivery.rows()[0].reason, "another TPM for it than this list (0000000000000000...)"));
}

TEST_CASE("a TPM that was exchanged is not the list's, unless the list was registered after it") {
    auto delivery = watched({"rack-7"});
    auto answers = look({attested("rack-7", Tier::affirming)});
    answers.papers->exchanges = {{"rack-7", "WO-1017", kStart - 10}, {"rack-7", "never done", 0}};
    hear(delivery, answers);
    CHECK(delivery.rows()[0].verdict == Tier::none);
    CHECK(holds(delivery.rows()[0].reason, "it was exchanged at"));
    CHECK(holds(delivery.rows()[0].reason, "WO-1017"));
    answers.papers->registered[0].registered_at = kStart - 5;
    hear(delivery, answers);
    CHECK(delivery.rows()[0].verdict == Tier::affirming);
}

TEST_CASE("a list that has the EK's own digest needs no papers to be compared") {
    auto delivery = watched({"rack-7"});
    auto answers = look({attested("rack-7", Tier::affirming)});
    answers.hosts[0].ek_digest = delivery.rows()[0].bought.tpm_digest;
    answers.papers->registered.clear();
    hear(delivery, answers);
    CHECK(delivery.exit_code() == ExitCode::done);
}

TEST_CASE("papers that were not asked for this time are those of before") {
    auto delivery = watched({"rack-7"});
    auto answers = look({attested("rack-7", Tier::affirming)});
    hear(delivery, answers);
    answers.papers.reset();
    hear(delivery, answers);
    CHECK(delivery.exit_code() == ExitCode::done);
}

TEST_CASE("who enrolled within the watch and is not on the list is named; who was there before is not") {
    auto delivery = watched({"rack-7"});
    auto early = enrolled("old-1");
    early.enrolled_at = kStart - 1;
    delivery.hear(look({enrolled("web-2"), early, enrolled("web-1")}));
    CHECK(delivery.strangers() == std::vector<std::string>{"web-1", "web-2"});
}

TEST_CASE("a look without an answer neither ends the watch nor affirms, and the next one mends it") {
    auto delivery = watched({"rack-7"});
    const auto answers = look({attested("rack-7", Tier::affirming)});
    hear(delivery, answers);
    delivery.miss();
    CHECK(delivery.rows()[0].verdict == Tier::affirming);
    CHECK_FALSE(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::none);
    hear(delivery, answers);
    CHECK(delivery.finished());
    CHECK(delivery.exit_code() == ExitCode::done);
}

TEST_CASE("a row reads as before until stage, verdict or reason is another, and keeps since when") {
    auto delivery = watched({"rack-7"});
    hear(delivery, look({attested("rack-7", Tier::affirming)}));
    const auto first = delivery.rows()[0];
    hear(delivery, look({attested("rack-7", Tier::affirming, kStart + 300)}));
    CHECK(delivery.rows()[0].reads_as(first));
    CHECK(delivery.rows()[0].since == first.since);
    hear(delivery, look({attested("rack-7", Tier::warning, kStart + 600)}));
    CHECK_FALSE(delivery.rows()[0].reads_as(first));
    CHECK(delivery.rows()[0].since == kStart + 600);
}

TEST_CASE(
    "a server with a verdict that is silent since, or whose name others ask for, says so and keeps it") {
    auto delivery = watched({"rack-7"});
    auto answers = look({attested("rack-7", Tier::affirming)});
    answers.hosts[0].silent = true;
    hear(delivery, answers);
    CHECK(holds(delivery.rows()[0].reason, "silent"));
    answers.refusals = {{"rack-7", "rack-7", "admission.second_tpm", "another EK", kStart + 9}};
    hear(delivery, answers);
    CHECK(delivery.rows()[0].reason == "somebody else was refused its name or TPM: admission.second_tpm");
    CHECK(delivery.exit_code() == ExitCode::done);
}
