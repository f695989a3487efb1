#include "tests/support/remedies.h"

#include <catch2/catch.hpp>

#include "agent/commands/commands.h"

using namespace assay;

TEST_CASE("every command of assay-agent that a finding names is there, with the options that it names") {
    command_line::Command app{"assay-agent", "test"};
    agent::add_agent_commands(app);
    CHECK(test::unknown_commands(app) == std::vector<std::string>());
    CHECK(test::unknown_command_in("`assay-agent journal repair`", app) ==
          "assay-agent journal repair: no command repair");
}
