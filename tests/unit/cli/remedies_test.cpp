#include "tests/support/remedies.h"

#include <catch2/catch.hpp>

#include "cli/commands/commands.h"

using namespace assay;

TEST_CASE("every command of assay that a finding names is there, with the options that it names") {
    command_line::Command app{"assay", "test"};
    cli::Context context;
#define COMMAND(name) cli::add_##name(app, context);
#include "cli/commands/commands.inc"
#undef COMMAND
    CHECK(test::unknown_commands(app) == std::vector<std::string>());
    CHECK(test::unknown_command_in("then: assay findings ack HOST MATTER. Done", app).empty());
    CHECK(test::unknown_command_in("`assay hosts unproven --host HOST` says when", app).empty());
    CHECK(test::unknown_command_in("`assay finding ack HOST`", app) ==
          "assay finding ack HOST: no command finding");
    CHECK(test::unknown_command_in("`assay hosts exchange`", app) ==
          "assay hosts exchange: no command exchange");
    CHECK(test::unknown_command_in("`assay findings ack HOST --why`", app) ==
          "assay findings ack HOST --why: no option --why");
    CHECK(test::unknown_command_in("`assay-agent dance`", app).empty());
}
