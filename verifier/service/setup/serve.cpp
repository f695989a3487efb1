#include "verifier/service/setup/serve.h"

#include <cstdio>
#include <ctime>
#include <exception>
#include <thread>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/inputs/vendor_files.h"
#include "verifier/service/server/server.h"
#include "verifier/service/setup/certificate_watch.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/setup/write_behind.h"
#include "verifier/service/store/store.h"

namespace assay::setup {
namespace {

/// What the service refers to, loaded.
struct Loaded {
    std::unique_ptr<store::Store> store;
    judge::PolicySet policies;
    vendors::VendorDb vendors;
    judge::TpmTrust tpm_trust;
    std::vector<Bytes> platform_roots;
    api::Signer signer;
    Bytes nonce_key;
};

Result<Loaded> load(const StateFolder& state, const Config& config) {
    auto policies = TRY(inputs::load_policies(state.root / config.policy));
    auto trust = TRY(inputs::load_tpm_trust(state.root / config.tpm_roots));
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
    return Loaded{std::move(store),          std::move(policies), std::move(vendors),  std::move(trust),
                  std::move(platform_roots), std::move(signer),   std::move(nonce_key)};
}

/// A list that is past its next update refuses every TPM of its maker: better told at the start, too.
void log_trust(const judge::TpmTrust& trust, std::int64_t now) {
    spdlog::info("TPM roots: {}, revocation lists: {}", trust.roots().size(),
                 trust.revocation_lists().size());
    for (const auto& list : trust.revocation_lists()) {
        if (list.next_update() >= now) continue;
        spdlog::warn("the revocation list of {} was due for its next update at {}: fetch it and start again",
                     printable(list.issuer()), utc_text(list.next_update()));
    }
}

// What a verifier that was stopped had taken and not judged yet. Nobody waits for it but the next start.
void judge_what_was_left(api::Service& service) {
    try {
        const auto left =
            store::SiteDocuments(service.store).list({.kind = "to-judge", .open_only = true, .limit = 1});
        if (left && left->empty()) return;  // what waits for a feed is judged with the next import
        const auto judged = api::site::judge_left(service);
        if (!judged)
            spdlog::error(
                "what was taken before the last stop is not judged yet: {}; the next import or start tries "
                "it again",
                describe(judged.error()));
        else if (judged->events > 0)
            spdlog::info("judged {} events anew, for what was taken before the last stop", judged->events);
    } catch (const std::exception& error) {
        spdlog::error("what was taken before the last stop is not judged yet: {}", error.what());
    }
}

}  // namespace

Result<> serve(const ServeOptions& options) {
    // stdout is for the one line that says where it listens.
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    auto config = TRY(read_config(options.state));
    close_to_others(options.state);
    if (options.listen) TRY_VOID(parse_listen(*options.listen, config));
    const auto certificates = TRY(own_certificates(options.state));
    TRY_VOID(check_own_certificates(certificates, static_cast<std::int64_t>(std::time(nullptr))));
    auto loaded = TRY(load(options.state, config));
    log_trust(loaded.tpm_trust, static_cast<std::int64_t>(std::time(nullptr)));
    api::Metrics metrics;
    api::UnprovenCounter unproven(*loaded.store, metrics);
    api::RefusalLog refusals(*loaded.store);
    api::Service service{
        .store = *loaded.store,
        .policies = loaded.policies,
        .vendors = loaded.vendors,
        .tpm_trust = loaded.tpm_trust,
        .platform_roots = loaded.platform_roots,
        .signer = loaded.signer,
        .metrics = metrics,
        .unproven = unproven,
        .refusals = refusals,
        .nonce_key = loaded.nonce_key,
        .now = [] { return static_cast<std::int64_t>(std::time(nullptr)); },
        .judge = judge::judge,
        .build = fmt::format("assay {}", kVersion),
        .vendor_sources = [file = options.state.root / config.vendors]() -> Result<vendors::Sources> {
            return TRY(inputs::read_vendor_bundle(file)).content.sources;
        }};
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
    {
        const CertificateWatch watch(options.state, certificates, metrics);
        const WriteBehind writes(unproven, refusals);  // until the last answer is given
        const std::jthread left([&] { judge_what_was_left(service); });
        server->run();
    }
    sd_notify(0, "STOPPING=1");
    spdlog::info("stopped");
    return {};
}

}  // namespace assay::setup
