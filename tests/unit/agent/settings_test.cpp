#include "agent/settings.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "agent/commands/doctor.h"
#include "agent/daemon.h"
#include "agent/devices/private_file.h"
#include "agent/opened_machine.h"
#include "agent/state/acknowledged.h"
#include "agent/state/host_identity.h"
#include "agent/usb/journal/journal.h"
#include "agent/verifier_api.h"
#include "evidence/wire/statement/activation_statement.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::command_line;
using namespace std::chrono_literals;

namespace {

std::string token_of(const ResultNames& names) {
    return test::unsigned_token(
        nlohmann::json{{"assay.result-id", names.id}, {"assay.conclusion", names.conclusion}}.dump());
}

}  // namespace

TEST_CASE("settings are read, and paths are relative to their file") {
    const auto settings = parse_settings("server='https://v:1'\nca='ca.pem'\nstate='/s'\ninterval_s=60\n",
                                         "/etc/assay/agent.toml");
    REQUIRE(settings);
    CHECK(settings->ca_file == "/etc/assay/ca.pem");
    CHECK(settings->state == "/s");
    CHECK(settings->interval == 60s);
    CHECK(settings->journal_folder() == "/s/journal");
    CHECK(settings->name.empty());
    CHECK(settings->enrol_token_file == "/etc/assay/enrol-token");
    const auto named = parse_settings("name='rack-7'\nenrol_token_file='token'\n", "/etc/assay/agent.toml");
    REQUIRE(named);
    CHECK(named->name == "rack-7");
    CHECK(named->enrol_token_file == "/etc/assay/token");
    CHECK_FALSE(parse_settings("name='" + std::string(254, 'a') + "'\n", "/etc/assay/agent.toml"));
}

TEST_CASE("an unknown key, a wrong type and an interval out of bounds are refused with their line") {
    for (const auto* text :
         {"\nservr='x'\n", "\nserver=1\n", "\ninterval_s=9\n", "\ninterval_s=86401\n", "\ninterval_s='60'\n",
          "\ndevice_identity=1\n", "\nserver='a'\nserver='b'\n", "\n[server]\n", "\nserver=''\n"}) {
        CAPTURE(text);
        const auto settings = parse_settings(text, "/etc/a.toml");
        REQUIRE_FALSE(settings);
        CHECK(settings.error().code == ErrorCode::usage);
        CHECK(settings.error().context.starts_with("/etc/a.toml:"));
    }
}

TEST_CASE("a configuration file that was named must exist") {
    CHECK_FALSE(load_settings("/nowhere/agent.toml"));
}

TEST_CASE("host.json survives a round trip, readable by its owner alone") {
    const test::TempFolder folder;
    const HostIdentity identity{"rack-7", std::string(64, 'a'), "e1", "c2VjcmV0"};
    CHECK_FALSE(load_host_identity(folder.path()).value());
    REQUIRE(save_host_identity(folder.path(), identity));
    CHECK(load_host_identity(folder.path()).value().value() == identity);
    struct stat info{};
    REQUIRE(stat((folder.path() / "host.json").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE("a host whose enrolment was cut off is not enrolled") {
    const test::TempFolder folder;
    REQUIRE(save_host_identity(folder.path(), {"rack-7", "", "e1", "s"}));
    CHECK(enrolled_name(folder.path()).error().code == ErrorCode::usage);
    REQUIRE(save_host_identity(folder.path(), {"rack-7", "", "", ""}));
    CHECK(enrolled_name(folder.path()) == "rack-7");
}

TEST_CASE("a damaged host.json is refused") {
    for (const auto* text : {"", "[]", "{}", "{\"host\":1}", "{\"host\":\"a\",\"host\":\"b\"}"})
        CHECK_FALSE(decode_host_identity(text));
}

TEST_CASE("the gate and its allow list are configured, and what could never match is refused with its line") {
    const auto read = parse_settings(R"(mode = "gate"
verifier_keys = "keys.json"
[[allow]]
vid = "046d"
pid = "c31c"
kind = "hid"
[[allow]]
serial = "4C530001230415117495"
)",
                                     "/etc/assay/agent.toml");
    REQUIRE(read);
    CHECK(read->gate);
    CHECK(read->keys_file() == "/etc/assay/keys.json");
    REQUIRE(read->allow.size() == 2);
    CHECK(read->allow[0].kind == "hid");
    CHECK(read->allow[1].serial == "4C530001230415117495");
    CHECK_FALSE(Settings{}.gate);
    const auto refused = [](const char* text, const char* why) {
        const auto settings = parse_settings(text, "agent.toml");
        REQUIRE_FALSE(settings);
        INFO(settings.error().context);
        CHECK(settings.error().context.find(why) != std::string::npos);
    };
    refused("mode = \"closed\"", "agent.toml:1: mode");
    refused("\n[[allow]]\n", "would let every device in");
    refused("[[allow]]\nvid = \"46D\"", "vid: expected four hex digits");
    refused("[[allow]]\nvendor = \"046d\"", "agent.toml:2: unknown key 'vendor'");
    refused("allow = 1", "agent.toml:1: allow: not tables; write [[allow]]");
}

TEST_CASE("a challenge is taken only whole, and only of the protocol that this agent speaks") {
    const auto challenge = [](const std::string& nonce, int protocol) {
        return verifier_api::parse_challenge(R"({"nonce":")" + nonce + R"(","protocol":)" +
                                             std::to_string(protocol) + "}");
    };
    const std::string nonce(43, 'A');
    REQUIRE(challenge(nonce, 2));
    CHECK(*challenge(nonce, 2) == Bytes(32));
    CHECK_FALSE(challenge("AAAA", 2));
    CHECK_FALSE(verifier_api::parse_challenge("[]"));
    const auto other = challenge(nonce, 3);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::unsupported);
    CHECK(other.error().context.find("expected 2, got 3") != std::string::npos);
}

TEST_CASE("an answer may say where journal and IMA list go on; one that cannot be read is refused") {
    const auto answer = [](const std::string& ima) {
        return verifier_api::parse_answer(
            409, R"({"code":"elsewhere","detail":"","journal_acknowledged":3,"ima":)" + ima + "}");
    };
    const std::string digest(64, 'a');
    const auto place = [&](const std::string& offset, const std::string& state) {
        return R"({"boot_id":"b","entries":5,"offset":)" + offset + R"(,"state":")" + state + "\"}";
    };
    const auto elsewhere = answer(place("460", digest));
    REQUIRE(elsewhere);
    const auto& start = std::get<verifier_api::Elsewhere>(*elsewhere).ima;
    REQUIRE(start);
    CHECK(std::get<verifier_api::Elsewhere>(*elsewhere).journal_acknowledged == 3);
    CHECK(start->entries == 5);
    CHECK(start->offset == 460);
    CHECK(start->state.hex() == digest);
    CHECK_FALSE(std::get<verifier_api::Elsewhere>(*answer("null")).ima);
    CHECK_FALSE(answer(place("-1", digest)));
    CHECK_FALSE(answer(place("18446744073709551615", digest)));
    CHECK_FALSE(answer(place("460", "aa")));
    CHECK_FALSE(answer("[]"));
}

TEST_CASE("an answer that wants sections names them and brings a ticket; a refusal is only that") {
    const auto wanted = verifier_api::parse_answer(202, R"({"wanted":["pci","usb"],"ticket":"t"})");
    REQUIRE(wanted);
    CHECK(std::get<verifier_api::Wanted>(*wanted).sections ==
          std::set<std::string, std::less<>>{"pci", "usb"});
    CHECK_FALSE(verifier_api::parse_answer(202, R"({"wanted":[],"ticket":"t"})"));
    CHECK_FALSE(verifier_api::parse_answer(202, R"({"wanted":["pci"]})"));
    CHECK(std::holds_alternative<verifier_api::NotProven>(*verifier_api::parse_answer(403, "anything")));
    const auto used = verifier_api::parse_answer(409, R"({"code":"conflict","detail":"nonce: used"})");
    REQUIRE_FALSE(used);
    CHECK(used.error().code == ErrorCode::conflict);
}

TEST_CASE("what was acknowledged is remembered as it was, and a damaged file is as if there were none") {
    const test::TempFolder folder;
    Acknowledged known{.journal_sequence = 7,
                       .journal_counter = 9,
                       .ima = ImaStart{"b", 5, 460, sha256(as_view("state"))},
                       .sections = {{"pci", std::string(64, 'a')}}};
    CHECK(load_acknowledged(folder.path()) == Acknowledged{});
    REQUIRE(save_acknowledged(folder.path(), known));
    CHECK(load_acknowledged(folder.path()) == known);
    known.journal_counter.reset();
    known.ima.reset();
    REQUIRE(save_acknowledged(folder.path(), known));
    CHECK(load_acknowledged(folder.path()) == known);
    for (const auto* text :
         {"", "[]", R"({"journal_sequence":-1,"sections":{}})",
          R"({"journal_sequence":1,"sections":{"pci":"aa"}})", R"({"journal_sequence":1})"})
        CHECK_FALSE(decode_acknowledged(text));
    REQUIRE(write_private_file(folder.path() / "acknowledged.json", as_view("damaged")));
    CHECK(load_acknowledged(folder.path()) == Acknowledged{});
}

TEST_CASE("a verdict whose result is not the one that its id and conclusion name is refused") {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::warning;
    const auto names = result_names(result);
    auto named = names.id;
    const auto answer = [&](const std::string& id, const std::string& conclusion, const std::string& tier,
                            bool with_result = true) {
        nlohmann::json out{{"result_id", id}, {"tier", tier}, {"journal_acknowledged", 0}, {"ima", nullptr}};
        out["jwt"] = token_of({named, conclusion});
        if (with_result) out["result"] = nlohmann::json::parse(encode_attestation_result(result));
        return verifier_api::parse_verdict(out.dump());
    };
    const auto verdict = answer(names.id, names.conclusion, "warning");
    REQUIRE(verdict);
    CHECK(verdict->result == result);
    const auto brief = answer(names.id, names.conclusion, "warning", false);
    REQUIRE(brief);
    CHECK(brief->tier == Tier::warning);
    CHECK_FALSE(brief->result);
    CHECK(brief->conclusion == names.conclusion);
    CHECK_FALSE(answer(std::string(64, '0'), names.conclusion, "warning", false));
    named = std::string(64, '0');
    CHECK_FALSE(answer(named, names.conclusion, "warning"));
    named = names.id;
    CHECK_FALSE(answer(names.id, std::string(64, '0'), "warning"));
    CHECK_FALSE(answer(names.id, names.conclusion, "affirming"));
    CHECK_FALSE(answer(names.id, names.conclusion, "fine"));
}

TEST_CASE("grants come with a verdict, and too many or too large ones are refused") {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::warning;
    const auto with = [&](const nlohmann::json& grants) {
        const nlohmann::json answer{{"result_id", attestation_result_id(result)},
                                    {"jwt", token_of(result_names(result))},
                                    {"tier", "warning"},
                                    {"journal_acknowledged", 0},
                                    {"grants", grants},
                                    {"result", nlohmann::json::parse(encode_attestation_result(result))}};
        return verifier_api::parse_verdict(answer.dump());
    };
    REQUIRE(with({"a", "b"}));
    CHECK(with({"a", "b"})->grants == std::vector<std::string>{"a", "b"});
    CHECK_FALSE(with(nlohmann::json::array({1})));
    CHECK_FALSE(with(std::vector<std::string>(9, "a")));
    CHECK_FALSE(with(std::vector<std::string>{std::string(12'289, 'a')}));
}

TEST_CASE(
    "a statement of activation comes with a verdict or does not, and one that is too large is refused") {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::warning;
    nlohmann::json answer{{"result_id", attestation_result_id(result)},
                          {"jwt", token_of(result_names(result))},
                          {"tier", "warning"},
                          {"journal_acknowledged", 0},
                          {"grants", nlohmann::json::array()},
                          {"result", nlohmann::json::parse(encode_attestation_result(result))}};
    CHECK(verifier_api::parse_verdict(answer.dump())->activation.empty());  // a verifier of before
    answer["activation"] = "a.b.c";
    CHECK(verifier_api::parse_verdict(answer.dump())->activation == "a.b.c");
    answer["activation"] = std::string(kMaxActivation + 1, 'a');
    CHECK_FALSE(verifier_api::parse_verdict(answer.dump()));
}

TEST_CASE("pauses double from five seconds up to the interval, and jitter stays within a tenth") {
    CHECK(schedule::pause_after(1, 300s) == 5s);
    CHECK(schedule::pause_after(3, 300s) == 20s);
    CHECK(schedule::pause_after(1000, 300s) == 300s);
    CHECK(schedule::jittered(100s, 0) == 90s);
    CHECK(schedule::jittered(100s, 1) == 110s);
}

TEST_CASE("without a monitor the journal comes with a gap that says so, and with one it does not") {
    const test::TempFolder folder;
    Settings settings;
    settings.state = folder.path();
    auto part = journal_part(settings, 0);
    CHECK(part.sections.contains("journal"));
    REQUIRE(part.gaps.size() == 1);
    CHECK(part.gaps.front().reason.find("usb monitor not running") != std::string::npos);
    const auto writer = Journal::open(settings.journal_folder());
    REQUIRE(writer);
    CHECK(journal_part(settings, 0).gaps.empty());
}

TEST_CASE("what a doctor finds decides its exit code, and hostile text is printable") {
    using State = Ailment::State;
    CHECK(doctor_exit_code({{"a", State::good, "", ""}}) == ExitCode::done);
    CHECK(doctor_exit_code({{"a", State::good, "", ""}, {"b", State::partial, "", ""}}) == ExitCode::warning);
    CHECK(doctor_exit_code({{"a", State::broken, "", ""}, {"b", State::partial, "", ""}}) == ExitCode::none);
    CHECK(doctor_text({{"a", State::good, "\x1b[2J", ""}}, false).find('\x1b') == std::string::npos);
}

TEST_CASE("systemd accepts the agent's units") {
    if (std::system("command -v systemd-analyze >/dev/null") != 0)
        ASSAY_SKIP("systemd-analyze is not installed");
    const test::TempFolder folder;
    const auto at = folder.path().string();
    // The program is not installed where this is built: any other stands in for it.
    const auto copy =
        "cd " ASSAY_SOURCE_DIR
        "/agent/systemd && for unit in assay-agent*.service assay-agent*.socket assay-agent*.timer "
        "assay-agent*.path; do sed "
        "'s|^ExecStart=.*|ExecStart=/bin/true|' $unit > " +
        at + "/$unit; done";
    REQUIRE(std::system(copy.c_str()) == 0);
    const auto log = at + "/log";
    const auto verify = "cd " + at + " && systemd-analyze verify --man=no ./assay-agent* > " + log +
                        " 2>&1 && ! grep assay-agent " + log;
    CHECK(std::system(verify.c_str()) == 0);
}

TEST_CASE("udevadm finds no fault in the rules") {
    if (std::system("udevadm verify --help >/dev/null 2>&1") != 0)
        ASSAY_SKIP("this udevadm has no verify; e2e.rack_systemd loads the rules into a real udevd");
    CHECK(std::system("udevadm verify --resolve-names=never " ASSAY_SOURCE_DIR "/udev/70-assay.rules "
                      ">/dev/null 2>&1") == 0);
}
