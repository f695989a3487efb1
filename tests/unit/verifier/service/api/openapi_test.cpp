#include <fstream>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "verifier/service/api/endpoint.h"

using namespace assay::api;

namespace {

struct Operation {
    std::string role, summary;
    bool has_body = false;
    bool operator==(const Operation&) const = default;
};
using Operations = std::map<std::string, Operation>;  // "GET /path"

std::string after(const std::string& line, std::size_t at) {
    auto value = line.substr(at);
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    return value;
}

/// The page has one layout: a path at two blanks, a verb at four, its fields at six.
Operations of_the_page() {
    std::ifstream in(ASSAY_SOURCE_DIR "/docs/openapi.yaml");
    Operations out;
    std::string line;
    std::string path;
    Operation* operation = nullptr;
    bool in_paths = false;
    while (std::getline(in, line)) {
        if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
        if (!in_paths) continue;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        if (line == "    get:" || line == "    post:") {
            operation = &out[(line == "    get:" ? "GET " : "POST ") + path];
        }
        if (operation == nullptr) continue;
        if (line.starts_with("      x-role: ")) operation->role = after(line, 14);
        if (line.starts_with("      summary: ")) operation->summary = after(line, 15);
        if (line.starts_with("      requestBody:")) operation->has_body = true;
    }
    return out;
}

Operations of_the_table() {
    Operations out;
    for (const auto& endpoint : all_endpoints()) {
        out[std::string(to_string(endpoint.verb)) + " " + std::string(endpoint.path)] = {
            std::string(to_string(endpoint.role.get())), std::string(endpoint.summary),
            !endpoint.accepts.empty()};
    }
    return out;
}

}  // namespace

TEST_CASE("docs/openapi.yaml and the endpoint table say the same, in both directions") {
    const auto page = of_the_page();
    const auto table = of_the_table();
    REQUIRE_FALSE(table.empty());
    for (const auto& [name, operation] : table) {
        INFO(name << " is in the table");
        REQUIRE(page.contains(name));
        REQUIRE(page.at(name).role == operation.role);
        REQUIRE(page.at(name).summary == operation.summary);
        REQUIRE(page.at(name).has_body == operation.has_body);
    }
    for (const auto& [name, operation] : page) {
        INFO(name << " is in the page");
        REQUIRE(table.contains(name));
    }
}
