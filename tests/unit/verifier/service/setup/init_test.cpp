#include "verifier/service/setup/init.h"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "client/https_client.h"
#include "files/output.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/setup/local_hand.h"
#include "verifier/service/setup/server_url.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/operators.h"

using namespace assay;
using namespace assay::setup;
using assay::test::must;
using assay::test::TempFolder;

namespace {

InitOptions options(const TempFolder& folder) {
    InitOptions out;
    out.state.root = folder.path() / "state";
    out.vendors = ASSAY_SOURCE_DIR "/vendor-db";
    return out;
}

unsigned mode(const std::filesystem::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

}  // namespace

TEST_CASE("init makes a folder that the service can be started from, and that others cannot read") {
    const TempFolder folder;
    const auto wanted = options(folder);
    const auto done = init(wanted, 1'800'000'000);
    INFO((done ? "" : describe(done.error())));
    REQUIRE(done);
    const auto& state = wanted.state;
    REQUIRE(mode(state.root) == 0700);
    for (const auto& key :
         {state.ca_key(), state.server_key(), state.signing_key(), state.operator_folder() / "operator.key",
          state.config(), state.root / "policy.toml", state.example_vendor_key()}) {
        INFO(key);
        REQUIRE(mode(key) == 0600);
    }
    const auto config = must(read_config(state));
    REQUIRE(inputs::load_policies(state.root / config.policy));
    REQUIRE(inputs::load_tpm_trust(state.root / config.tpm_roots));
    const auto pem = must(inputs::read_file(state.operator_folder() / "operator.pem", 65'536));
    const auto store = must(store::Store::open(state.connection(config)));
    REQUIRE(load_vendor_data(state, config, *store, 1'800'000'000));
    REQUIRE(store::Operators(*store).find(must(certificate_sha256(as_text(pem))))->role == "admin");
    const auto acts = must(store::Acts(*store).list({.kind = "operator.added"}));
    REQUIRE(acts.size() == 1);
    REQUIRE(acts.front().hand == local_hand());
    REQUIRE(local_hand().starts_with("local:"));
}

TEST_CASE("init overwrites nothing") {
    const TempFolder folder;
    const auto wanted = options(folder);
    REQUIRE(init(wanted, 1'800'000'000));
    const auto before = must(inputs::read_file(wanted.state.signing_key(), 65'536));
    const auto again = init(wanted, 1'800'000'000);
    REQUIRE(again.error().code == ErrorCode::conflict);
    REQUIRE(must(inputs::read_file(wanted.state.signing_key(), 65'536)) == before);
}

TEST_CASE(
    "what is in a folder that init does not take is told with how to look at it, and never to be removed") {
    const TempFolder folder;
    const auto refused = [&](const InitOptions& wanted) {
        const auto done = init(wanted, 1'800'000'000);
        REQUIRE_FALSE(done);
        CHECK(done.error().code == ErrorCode::conflict);
        CHECK(done.error().context.find("remove") == std::string::npos);
        CHECK(done.error().context.find("give another folder") != std::string::npos);
        return done.error().context;
    };
    auto wanted = options(folder);
    REQUIRE(init(wanted, 1'800'000'000));
    CHECK(refused(wanted).find("got a verifier's state (") != std::string::npos);
    CHECK(refused(wanted).find("assay-verifier serve --state " + wanted.state.root.string()) !=
          std::string::npos);
    wanted.state.root = options(folder).state.operator_folder();
    CHECK(refused(wanted).find("got an operator's certificate (") != std::string::npos);
    wanted.state.root = options(folder).state.operator_folder() / "ca.pem";
    CHECK(refused(wanted).find("got a file or a link to nothing") != std::string::npos);
    wanted.state.root = folder.path() / "other";
    REQUIRE(std::filesystem::create_directory(wanted.state.root));
    for (const auto* name : {"a", "b", "c", "d", "e\x1b[31m"})
        REQUIRE(files::write_output(wanted.state.root / name, as_view("x")));
    CHECK(refused(wanted).find("got a folder with a, b, c and 2 more. 'ls -la " + wanted.state.root.string() +
                               "' shows it") != std::string::npos);
    CHECK(std::distance(std::filesystem::directory_iterator(wanted.state.root), {}) == 5);
}

TEST_CASE(
    "database and keys are their owner's alone whatever the umask, and are closed where they were not") {
    const TempFolder folder;
    const auto wanted = options(folder);
    const auto before = ::umask(0);
    const auto done = init(wanted, 1'800'000'000);
    const auto& state = wanted.state;
    {
        const auto store = must(store::Store::open(state.connection(wanted.config)));
        CHECK(mode(state.root / "assay.db") == 0600);
        CHECK(mode(state.root / "assay.db-wal") == 0600);
        CHECK(mode(state.root / "assay.db-shm") == 0600);
    }
    ::umask(before);
    REQUIRE(done);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(state.root)) {
        if (!entry.is_regular_file()) continue;
        CAPTURE(entry.path());
        CHECK((mode(entry.path()) & 077U) == 0);
        ++files;
    }
    CHECK(files > 10);
    for (const auto& secret : {state.root / "assay.db", state.ca_key(), state.signing_key()}) {
        REQUIRE(::chmod(secret.c_str(), 0644) == 0);
        close_to_others(state);
        CHECK(mode(secret) == 0600);
    }
}

TEST_CASE(
    "clients are told the URL of the first name, an address of IPv6 in brackets, by init and later alike") {
    for (const auto& [name, url] : {std::pair("::1", "https://[::1]:18443"),
                                    std::pair("2001:db8:0:0::7", "https://[2001:db8::7]:18443"),
                                    std::pair("192.0.2.7", "https://192.0.2.7:18443"),
                                    std::pair("verifier.example", "https://verifier.example:18443")}) {
        const TempFolder folder;
        auto wanted = options(folder);
        wanted.names = {name, "localhost"};
        wanted.config.port = 18443;
        REQUIRE(init(wanted, 1'800'000'000));
        CHECK(server_url(wanted.state, wanted.config) == url);
        const auto config = must(inputs::read_file(wanted.state.operator_folder() / "config.toml", 65'536));
        CHECK(as_text(config).find("server = \"" + std::string(url) + "\"\n") != std::string::npos);
        // What is told is what the client takes.
        CHECK(client::HttpsClient::make({url, wanted.state.ca_certificate(), {}, {}}));
    }
}

TEST_CASE("a certificate that names no host gives no URL, and says where one is given") {
    const TempFolder folder;
    const auto wanted = options(folder);
    REQUIRE(init(wanted, 1'800'000'000));
    const auto operator_pem =
        must(inputs::read_file(wanted.state.operator_folder() / "operator.pem", 65'536));
    REQUIRE(files::replace_file(wanted.state.server_certificate(), operator_pem));
    const auto none = server_url(wanted.state, wanted.config);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::usage);
    CHECK(none.error().context.find("--server") != std::string::npos);
    REQUIRE(files::replace_file(wanted.state.server_certificate(), as_view("no PEM")));
    CHECK(server_url(wanted.state, wanted.config).error().code == ErrorCode::crypto);
}

TEST_CASE("an init that fails leaves no folder behind, so that it can be run again") {
    const TempFolder folder;
    auto wanted = options(folder);
    wanted.vendors = folder.path() / "nowhere";
    REQUIRE_FALSE(init(wanted, 1'800'000'000));
    REQUIRE_FALSE(std::filesystem::exists(wanted.state.root));
    wanted = options(folder);
    wanted.names = {"bad name"};
    REQUIRE_FALSE(init(wanted, 1'800'000'000));
    REQUIRE_FALSE(std::filesystem::exists(wanted.state.root));
}

TEST_CASE("init takes an empty folder that is there, and closes it to others") {
    const TempFolder folder;
    auto wanted = options(folder);
    REQUIRE(std::filesystem::create_directory(wanted.state.root));
    wanted.names = {"bad name"};
    REQUIRE_FALSE(init(wanted, 1'800'000'000));
    REQUIRE(std::filesystem::is_empty(wanted.state.root));
    REQUIRE(init(options(folder), 1'800'000'000));
    REQUIRE(mode(wanted.state.root) == 0700);
}

TEST_CASE("an operator gets a certificate with the role that was asked for, and no other role is known") {
    const TempFolder folder;
    const auto wanted = options(folder);
    REQUIRE(init(wanted, 1'800'000'000));
    const auto add = [&](const std::string& name, const std::string& role) {
        return add_operator(wanted.state, wanted.config, {name, role}, folder.path() / name,
                            "https://localhost:8443", 1'800'000'000);
    };
    REQUIRE(add("vera", "viewer"));
    REQUIRE_FALSE(add("vera", "viewer"));
    REQUIRE(add("x", "root").error().code == ErrorCode::usage);
    REQUIRE_FALSE(std::filesystem::exists(folder.path() / "x"));
    REQUIRE(add("a\x1b[31m", "viewer").error().code == ErrorCode::usage);
}

TEST_CASE(
    "a certificate that a verdict may depend on names its person, a feed's also which feed, and no name is "
    "two persons'") {
    const TempFolder folder;
    const auto wanted = options(folder);
    REQUIRE(init(wanted, 1'800'000'000));
    int made = 0;
    const auto add = [&](const NewOperator& who) {
        const auto out = folder.path() / std::to_string(++made);
        const auto done =
            add_operator(wanted.state, wanted.config, who, out, "https://localhost:8443", 1'800'000'000);
        CHECK(std::filesystem::exists(out) == done.has_value());
        return done ? std::string() : std::string(to_string(done.error().code)) + ": " + done.error().context;
    };
    for (const auto* role : {"keeper", "desk", "reviewer", "admin"}) {
        const auto said = add({.name = role, .role = role});
        CHECK(said == "usage: --person: expected one for the role '" + std::string(role) +
                          "', got none; give the id under which the directory has who keeps the key");
        CHECK(add({.name = role, .role = role, .person = "p-ada", .feed = "doors"})
                  .starts_with("usage: --feed: "));
        CHECK(add({.name = role, .role = role, .person = "p-ada"}).empty());
    }
    for (const auto* role : {"order-feed", "badge-feed"}) {
        CHECK(add({.name = role, .role = role, .feed = "doors"}).starts_with("usage: --person: "));
        CHECK(add({.name = role, .role = role, .person = "p-bo"}).starts_with("usage: --feed: "));
        CHECK(add({.name = role, .role = role, .person = "p-bo", .feed = "doors"}).empty());
    }
    CHECK(add({.name = "olga", .role = "operator"}).empty());
    CHECK(add({.name = "olga", .role = "keeper", .person = "p-olga"}).empty());
    CHECK(add({.name = "olga", .role = "desk", .person = "p-olga"}).empty());
    CHECK(add({.name = "olga", .role = "order-feed", .person = "p-eve", .feed = "x"})
              .starts_with("conflict: "));
    CHECK(add({.name = "olga", .role = "viewer"}).starts_with("conflict: "));
    const auto store = must(store::Store::open(wanted.state.connection(wanted.config)));
    const auto all = must(store::Operators(*store).list());
    CHECK(std::ranges::any_of(all, [](const auto& each) {
        return each.role == "badge-feed" && each.person == "p-bo" && each.feed == "doors";
    }));
}

TEST_CASE("the configuration is read as it was written, and an unknown key is named") {
    const TempFolder folder;
    const StateFolder state{folder.path()};
    Config config;
    REQUIRE(parse_listen("[::1]:9443", config));
    config.database = "postgresql://a@/b?host=/run \"x\"";
    REQUIRE(files::write_output(state.config(), as_view(encode_config(config))));
    const auto read = must(read_config(state));
    REQUIRE(listen_text(read) == "[::1]:9443");
    REQUIRE(read.database == config.database);
    REQUIRE(files::write_output(state.config(), as_view("listen = \"x\"\n")));
    REQUIRE(read_config(state).error().context.find("listen") != std::string::npos);
    for (const auto* bad : {"", "8443", ":8443", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x"}) {
        REQUIRE_FALSE(parse_listen(bad, config));
    }
}
