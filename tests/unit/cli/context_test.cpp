#include "cli/context.h"

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::cli;

TEST_CASE("paths in the configuration are relative to its own folder") {
    const auto config =
        client_config("/etc/assay/config.toml",
                      "server = 'https://v:1'\nca = 'ca.pem'\ncert = 'me.pem'\nkey = '/k/me.key'\n");
    REQUIRE(config);
    CHECK(config->server == "https://v:1");
    CHECK(config->ca_file == "/etc/assay/ca.pem");
    CHECK(config->cert_file == "/etc/assay/me.pem");
    CHECK(config->key_file == "/k/me.key");
}

TEST_CASE("a wrong configuration is a usage error that names file and line") {
    for (const auto* text : {"server = 'https://v:1'\n\ncertificate = 'x'\n",
                             "server = 'https://v:1'\n\nca = 3\n", "server = 'x\n"}) {
        const auto config = client_config("/etc/assay/config.toml", text);
        INFO(text);
        REQUIRE_FALSE(config);
        CHECK(config.error().code == ErrorCode::usage);
        CHECK(config.error().context.find("/etc/assay/config.toml:") != std::string::npos);
    }
    CHECK_FALSE(client_config("c.toml", "server = 'https://v:1'\n"));  // no authority to believe
}

TEST_CASE("a cell shows hostile text as what it is, and nothing as a dash") {
    CHECK(cell("") == "-");
    CHECK(cell("a\x1b[31mb\n") == "a\\x1b[31mb\\n");
}

TEST_CASE("a field of another type than expected reads as absent, never as an exception") {
    JsonReader row(R"({"host": 7, "appraised_at": "x"})", kAnswer);
    CHECK(row.peek("host").empty());
    CHECK(row.peek("nothing").empty());
    CHECK(number_of(row, "appraised_at") == 0);
    CHECK(time_of(row, "appraised_at") == "-");
}
