#include <chrono>
#include <map>
#include <memory>

#include <fmt/core.h>

#include "agent/commands/commands.h"
#include "agent/devices/host/attributes.h"
#include "agent/devices/host/real_host.h"
#include "agent/devices/host/usb_device.h"
#include "agent/devices/private_file.h"
#include "agent/usb/gate/gate.h"
#include "client/command_line/command_line.h"
#include "client/signing/jwk.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

struct GateOptions {
    AskSettings settings;
    std::int64_t minutes = 60;
    std::string reason;
    AsJson json;
};

constexpr std::int64_t kMinute = 60;
constexpr std::size_t kReason = 256;

std::int64_t now_s() {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

struct Status {
    bool wanted = false;  // mode = "gate"
    bool off = false;     // by the kernel's command line
    bool keys = false;    // grants can be checked
    std::optional<Grace> grace;
    std::string grace_trouble;
    std::map<std::string, std::string> buses;  // root hub: its authorized_default
    std::vector<UsbDevice> kept_out;

    [[nodiscard]] bool closed() const {
        return std::ranges::all_of(buses, [](const auto& bus) { return bus.second == "0"; });
    }
};

Result<Status> gate_status(const Settings& settings) {
    Status out;
    const auto host = make_real_host();
    out.wanted = settings.gate;
    out.off = gate_is_off(*host);
    out.keys = std::filesystem::exists(settings.keys_file());
    out.grace = grace_of(settings.gate_folder(), now_s(), &out.grace_trouble);
    for (const auto& path : TRY(host->devices("usb"))) {
        const auto name = path.substr(path.rfind('/') + 1);
        if (name.find(':') != std::string::npos) continue;
        if (is_root_hub(name)) {
            out.buses[name] = read_optional_text(*host, path + "/authorized_default");
        } else if (auto device = read_usb_device(*host, path); device && !device->authorized) {
            out.kept_out.push_back(*std::move(device));
        }
    }
    return out;
}

Json to_json(const Status& status) {
    Json out{{"mode", status.wanted ? "gate" : "watch"},
             {"closed", status.closed()},
             {"off_by_kernel_argument", status.off},
             {"verifier_keys", status.keys},
             {"open_until", nullptr},
             {"buses", status.buses},
             {"kept_out", Json::array()}};
    if (status.grace) {
        out["open_until"] = status.grace->until_s;
        out["open_reason"] = status.grace->reason;
    }
    for (const auto& device : status.kept_out) {
        const auto read = usb::parse_sound_descriptors(device.descriptors);
        out["kept_out"].push_back({{"port", printable(device.port_path)},
                                   {"id", read ? usb::id_text(*read) : ""},
                                   {"product", printable(device.product)},
                                   {"serial", printable(device.serial)}});
    }
    return out;
}

void print_gate(const Status& status) {
    fmt::print("mode       {}\n", status.wanted ? "gate" : "watch (mode = \"gate\" in agent.toml closes it)");
    if (status.off) fmt::print("off        the kernel's command line has {}\n", Gate::kOff);
    if (status.grace)
        fmt::print("held open  until {}: {}\n", utc_text(status.grace->until_s), status.grace->reason);
    if (!status.grace_trouble.empty()) fmt::print("grace      {}\n", printable(status.grace_trouble));
    fmt::print("grants     {}\n", status.keys
                                      ? "checked by the verifier's key"
                                      : "none can be checked: 'assay-agent gate trust' fetches the key");
    for (const auto& [bus, value] : status.buses) {
        fmt::print("{:<10} {}\n", bus,
                   value == "0" ? "closed" : fmt::format("open (authorized_default {})", printable(value)));
    }
    for (const auto& device : status.kept_out) {
        const auto read = usb::parse_sound_descriptors(device.descriptors);
        fmt::print("kept out   port {}  {}  {}  {}\n", printable(device.port_path),
                   read ? usb::id_text(*read) : "-", printable(device.product), printable(device.serial));
    }
}

Result<command_line::ExitCode> run_gate_status(const GateOptions& options) {
    const auto status = TRY(gate_status(TRY(options.settings())));
    if (*options.json) {
        fmt::print("{}\n", to_json(status).dump(2));
    } else {
        print_gate(status);
    }
    const bool as_wanted = !status.wanted || (status.closed() && !status.grace && !status.off && status.keys);
    return as_wanted ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

Result<command_line::ExitCode> run_gate_open(const GateOptions& options) {
    const auto settings = TRY(options.settings());
    const auto until = now_s() + options.minutes * kMinute;
    if (options.reason.empty())
        return fail(ErrorCode::usage, "--reason is missing: it stands in the journal and in the findings");
    TRY_VOID(write_grace(settings.gate_folder(), {until, shortened(printable(options.reason), kReason)}));
    if (*options.json)
        fmt::print("{}\n", Json{{"open_until", until}}.dump(2));
    else
        fmt::print("USB devices are let in until {}; each is recorded. 'assay-agent gate close' ends it.\n",
                   utc_text(until));
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_close(const GateOptions& options) {
    const auto settings = TRY(options.settings());
    TRY_VOID(remove_grace(settings.gate_folder()));
    if (*options.json)
        fmt::print("{}\n", Json{{"open_until", nullptr}}.dump(2));
    else
        fmt::print("no longer held open; what was let in stays in\n");
    return command_line::ExitCode::done;
}

Result<command_line::ExitCode> run_trust(const GateOptions& options) {
    const auto settings = TRY(options.settings());
    auto client = TRY(client::HttpsClient::make(settings.client()));
    const auto keys = TRY(client.get_json("/v1/keys"));
    JsonReader document(keys, {.name = "the verifier's keys", .open = true});
    std::vector<std::string> ids;
    document.each("keys", [&](JsonReader& key) { ids.emplace_back(key.text("kid")); });
    TRY_VOID(document.finish());
    if (ids.empty()) return fail(ErrorCode::malformed, "the verifier's keys: none in its answer");
    for (const auto& id : ids) TRY_VOID(with_context(client::public_key_of(keys, id), "the verifier's keys"));
    TRY_VOID(write_private_file(settings.keys_file(), as_view(keys)));
    if (*options.json) {
        fmt::print("{}\n", Json{{"keys", ids}, {"written", settings.keys_file().string()}}.dump(2));
        return command_line::ExitCode::done;
    }
    for (const auto& id : ids) fmt::print("grants count if signed by key {}\n", printable(id));
    fmt::print("written to {}\n", printable(settings.keys_file().string()));
    return command_line::ExitCode::done;
}

}  // namespace

void add_gate_commands(command_line::Command& app, AskSettings settings, AsJson json) {
    using command_line::add_command;
    const auto options = std::make_shared<GateOptions>();
    options->settings = std::move(settings);
    options->json = std::move(json);
    const auto bind = [&options](Result<command_line::ExitCode> (*action)(const GateOptions&)) {
        return [options, action] { return action(*options); };
    };
    auto* group = command_line::add_group(app, "gate", "Which new USB devices this host lets in");
    add_command(*group, "status", "Say whether the gate is closed, and what it keeps out",
                "assay-agent gate status  # 0: as configured; 4: held open, or not closed, or "
                "without the verifier's key",
                bind(run_gate_status));
    auto* open = add_command(
        *group, "open", "Let every USB device in for some time",
        "assay-agent gate open --for 30 --reason \"keyboard for the console, order W-7\"  # minutes; as root",
        bind(run_gate_open));
    open->add_option("--for", options->minutes, "Minutes, 1 to 1440 (default: 60)")
        ->in_range(1, 1440)
        ->type_name("MINUTES");
    open->add_option("--reason", options->reason, "Why: it is recorded and reported")->type_name("TEXT");
    add_command(*group, "close", "Hold it open no longer",
                "assay-agent gate close  # what was let in stays in", bind(run_close));
    add_command(*group, "trust", "Fetch the key by which the verifier's grants are checked",
                "assay-agent gate trust  # once, at provisioning; the verifier is checked by `ca`",
                bind(run_trust));
}

}  // namespace assay::agent
