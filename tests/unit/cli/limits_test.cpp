#include <algorithm>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "cli/commands/commands.h"

using namespace assay;
using namespace assay::cli;

namespace {

/// Each command with a --limit, and the path that it asks.
const std::map<std::string, std::string> kAsks{
    {"findings", "/v1/findings"},
    {"findings acks", "/v1/acknowledgements"},
    {"hosts refusals", "/v1/refusals"},
    {"devices", "/v1/devices"},
    {"device show", "/v1/devices/sightings"},
    {"vendors exposure", "/v1/vendors/exposure"},
    {"vendors unknown", "/v1/vendors/unknown"},
    {"fleet secure-boot", "/v1/fleet/secure-boot"},
};

/// The N of "1 to N" where the page has the query `limit` of GET `path`.
int most_of_the_page(const std::string& path) {
    std::ifstream in(ASSAY_SOURCE_DIR "/docs/openapi.yaml");
    bool in_path = false;
    bool in_get = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("  /")) in_path = line == "  " + path + ":";
        if (line.starts_with("    ") && line[4] != ' ') in_get = line == "    get:";
        if (!in_path || !in_get || line.find("name: limit") == std::string::npos) continue;
        const auto at = line.find("1 to ");
        return at == std::string::npos ? 0 : std::stoi(line.substr(at + 5));
    }
    return 0;
}

}  // namespace

TEST_CASE("what a command takes as --limit is what the verifier gives, as the page of its API says") {
    Context context;
    command_line::Command app{"assay", "test"};
#define COMMAND(name) add_##name(app, context);
#include "cli/commands/commands.inc"
#undef COMMAND
    std::size_t found = 0;
    for (const auto* command : command_line::all_commands(app)) {
        const auto limit = std::ranges::find(command->options, "--limit", &command_line::Option::spelling);
        if (limit == command->options.end()) continue;
        INFO(command->path);
        const auto asks = kAsks.find(command->path);
        REQUIRE(asks != kAsks.end());
        REQUIRE(limit->range);
        CHECK(limit->range->first == 1);
        CHECK(limit->range->second == most_of_the_page(asks->second));
        ++found;
    }
    CHECK(found == kAsks.size());
}
