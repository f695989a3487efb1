#include "cli/commands/commands.h"
#include "cli/site/orders_live.h"

namespace assay::cli {

void add_orders(command_line::Command& app, Context& context) {
    auto* orders = command_line::add_group(
        app, "orders", "Work orders with their whole history: who may do what where, and who approved it");
    add_orders_live(*orders, context);
}

}  // namespace assay::cli
