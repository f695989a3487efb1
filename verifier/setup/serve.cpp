#include "verifier/setup/serve.h"

#include <cstdio>
#include <ctime>

#include <fmt/core.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "client/version.h"
#include "evidence/base/limits.h"
#include "verifier/inputs/inputs.h"
#include "verifier/server/server.h"
#include "verifier/setup/vendor_data.h"

namespace assay::setup {
namespace {

/// What the service refers to, loaded.
struct Loaded {
    std::unique_ptr<store::Store> store;
    Policy policy;
    vendors::VendorDb vendors;
    std::vector<Bytes> tpm_roots, platform_roots;
    api::Signer signer;
    Bytes nonce_key;
};

Result<Loaded> load(const StateFolder& state, const Config& config) {
    auto policy = TRY(inputs::load_policy(state.root / config.policy));
    auto roots = TRY(inputs::load_tpm_roots(state.root / config.tpm_roots));
    // A folder of before there was such a setting has none; then no platform certificate is believed.
    std::vector<Bytes> platform_roots;
    const auto makers = state.root / config.platform_roots;
    if (std::filesystem::exists(makers)) platform_roots = TRY(inputs::load_tpm_roots(makers));
    const auto key = TRY(inputs::read_file(state.signing_key(), limits::kTextFile));
    auto signer = TRY(api::Signer::from_pem(as_text(key)));
    auto store = TRY(store::Store::open(state.connection(config)));
    auto vendors =
        TRY(load_vendor_data(state, config, *store, static_cast<std::int64_t>(std::time(nullptr))));
    auto nonce_key = TRY(store->shared_key());
    return Loaded{std::move(store),          std::move(policy), std::move(vendors),  std::move(roots),
                  std::move(platform_roots), std::move(signer), std::move(nonce_key)};
}

}  // namespace

Result<> serve(const ServeOptions& options) {
    // stdout is for the one line that says where it listens; the log is for stderr, one record a line.
    spdlog::set_default_logger(spdlog::stderr_logger_mt("assay-verifier"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    auto config = TRY(read_config(options.state));
    if (options.listen) TRY_VOID(parse_listen(*options.listen, config));
    auto loaded = TRY(load(options.state, config));
    api::Metrics metrics;
    api::Service service{.store = *loaded.store,
                         .policy = loaded.policy,
                         .vendors = loaded.vendors,
                         .tpm_roots = loaded.tpm_roots,
                         .platform_roots = loaded.platform_roots,
                         .signer = loaded.signer,
                         .metrics = metrics,
                         .nonce_key = loaded.nonce_key,
                         .now = [] { return static_cast<std::int64_t>(std::time(nullptr)); },
                         .appraise = appraise,
                         .build = fmt::format("assay {}", kVersion)};
    server::ServerConfig server_config;
    server_config.address = config.address;
    server_config.port = config.port;
    server_config.threads = options.threads;
    server_config.tls = {options.state.server_certificate(), options.state.server_key(),
                         options.state.ca_certificate()};
    const auto server = TRY(server::Server::listen(server_config, service));
    config.port = server->port();
    fmt::print("listening on https://{}\n", listen_text(config));
    std::fflush(stdout);
    sd_notify(0, "READY=1");
    server->run();
    sd_notify(0, "STOPPING=1");
    spdlog::info("stopped");
    return {};
}

}  // namespace assay::setup
