#include "verifier/service/setup/serve.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/vendor_files.h"
#include "verifier/service/server/server.h"
#include "verifier/service/setup/certificate_watch.h"
#include "verifier/service/setup/operation/references.h"
#include "verifier/service/setup/operation/reload.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/setup/write_behind.h"
#include "verifier/service/store/store.h"

namespace assay::setup {
namespace {

std::int64_t now_s() {
    return static_cast<std::int64_t>(std::time(nullptr));
}

/// How often systemd is told that this program lives: twice in the time that it waits for the word; 0 where
/// it does not wait.
std::chrono::microseconds systemds_watchdog() {
    std::uint64_t waits_us = 0;
    if (sd_watchdog_enabled(0, &waits_us) <= 0) return {};
    return std::chrono::microseconds(waits_us / 2);
}

/// What stays as long as the process: everything that a reload does not take.
struct Stays {
    std::unique_ptr<store::Store> store;
    api::Signer signer;
    Bytes nonce_key;
};

Result<api::Signer> read_signer(const StateFolder& state) {
    const auto key = TRY(inputs::read_file(state.signing_key(), limits::kTextFile));
    return with_context(api::Signer::from_pem(as_text(key)), printable(state.signing_key().string()));
}

Result<Stays> open_what_stays(const StateFolder& state, const Config& config) {
    auto signer = TRY(read_signer(state));
    auto store = TRY(store::Store::open(state.connection(config)));
    auto nonce_key = TRY(store->shared_key());
    return Stays{std::move(store), std::move(signer), std::move(nonce_key)};
}

/// A list that is past its next update refuses every TPM of its maker: better told at the start, too.
void log_trust(const judge::TpmTrust& trust, std::int64_t now) {
    spdlog::info("TPM roots: {}, revocation lists: {}", trust.roots().size(),
                 trust.revocation_lists().size());
    for (const auto& list : trust.revocation_lists()) {
        if (list.next_update() >= now) continue;
        spdlog::warn(
            "the revocation list of {} was due for its next update at {}: fetch it, and reload the verifier",
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

/// The sources of the vendor data in use, from the file that it was loaded from.
Result<vendors::Sources> sources_in_use(const std::filesystem::path& file, const Digest& in_use) {
    auto bundle = TRY(inputs::read_vendor_bundle(file));
    if (bundle.bundle.digest() != in_use)
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "{}: expected the bundle in use, {}, got {}; 'systemctl reload assay-verifier' takes it",
                printable(file.string()), in_use.hex(), bundle.bundle.digest().hex()));
    return std::move(bundle.content.sources);
}

/// The service, and what it judges by.
struct Serving {
    References references;
    std::unique_ptr<api::Service> service;
};

/// What a running verifier consists of, and what a reload puts in the place of what.
class Running {
  public:
    Running(const ServeOptions& options, Stays stays)
        : options_(options),
          stays_(std::move(stays)),
          unproven_(*stays_.store, metrics_),
          refusals_(*stays_.store) {}

    Result<> start();
    Result<> run();

  private:
    std::shared_ptr<Serving> serving_of(References references);
    static std::shared_ptr<api::Service> service_of(const std::shared_ptr<Serving>& serving) {
        return {serving, serving->service.get()};
    }
    Result<std::string> reload(CertificateWatch& watch);
    void log_what_a_start_takes(const Config& config) const;

    const ServeOptions& options_;
    Stays stays_;
    api::Metrics metrics_;
    api::UnprovenCounter unproven_;
    api::RefusalLog refusals_;
    Config started_with_;
    std::shared_ptr<Serving> serving_;  // of the newest; only one thread touches it
    std::unique_ptr<server::Server> server_;
};

std::shared_ptr<Serving> Running::serving_of(References references) {
    auto out = std::make_shared<Serving>(Serving{std::move(references), nullptr});
    const auto& used = out->references;
    // It can be neither copied nor moved.
    out->service.reset(new api::Service{
        .store = *stays_.store,
        .policies = used.policies,
        .vendors = used.vendors,
        .tpm_trust = used.tpm_trust,
        .platform_roots = used.platform_roots,
        .signer = stays_.signer,
        .metrics = metrics_,
        .unproven = unproven_,
        .refusals = refusals_,
        .nonce_key = stays_.nonce_key,
        .now = now_s,
        .judge = judge::judge,
        .build = fmt::format("assay {}", kVersion),
        .vendor_sources = [file = options_.state.root / used.config.vendors, digest = used.vendors.digest()] {
            return sources_in_use(file, digest);
        }});
    return out;
}

Result<> Running::start() {
    auto references = TRY(load_references(options_.state, *stays_.store, now_s()));
    if (options_.listen) TRY_VOID(parse_listen(*options_.listen, references.config));
    TRY_VOID(remember_vendor_data(options_.state, *stays_.store, *references.vendors.edition(), now_s()));
    log_trust(references.tpm_trust, now_s());
    started_with_ = references.config;
    serving_ = serving_of(std::move(references));
    server::ServerConfig config;
    config.address = started_with_.address;
    config.port = started_with_.port;
    config.threads = options_.threads;
    config.tls = {options_.state.server_certificate(), options_.state.server_key(),
                  options_.state.ca_certificate()};
    config.alive_every = systemds_watchdog();
    config.alive = [] { sd_notify(0, "WATCHDOG=1"); };
    server_ = TRY(server::Server::listen(config, service_of(serving_)));
    auto listens = started_with_;
    listens.port = server_->port();
    fmt::print("listening on https://{}\n", listen_text(listens));
    std::fflush(stdout);
    sd_notify(0, "READY=1\nSTATUS=serving");
    return {};
}

// All that can fail comes first; what is put in place then is put there whole.
Result<std::string> Running::reload(CertificateWatch& watch) {
    auto references = TRY(load_references(options_.state, *stays_.store, now_s()));
    auto contexts = TRY(server_->load_tls_again());
    TRY_VOID(remember_vendor_data(options_.state, *stays_.store, *references.vendors.edition(), now_s()));
    log_trust(references.tpm_trust, now_s());
    log_what_a_start_takes(references.config);
    auto said = compared(serving_->references, references);
    serving_ = serving_of(std::move(references));
    server_->use(std::move(contexts), service_of(serving_));
    watch.use(serving_->references.certificates);
    return said;
}

void Running::log_what_a_start_takes(const Config& config) const {
    const auto warn = [](std::string_view what) {
        spdlog::warn("{} changed, and a reload does not take it: 'systemctl restart assay-verifier' does",
                     what);
    };
    if (!options_.listen && listen_text(config) != listen_text(started_with_)) warn("verifier.toml: listen");
    if (config.database != started_with_.database) warn("verifier.toml: database");
    const auto signer = read_signer(options_.state);
    if (!signer || signer->key_id() != stays_.signer.key_id())
        warn(printable(options_.state.signing_key().string()));
}

Result<> Running::run() {
    CertificateWatch watch(options_.state, serving_->references.certificates, metrics_);
    const WriteBehind writes(unproven_, refusals_);  // until the last answer is given
    const std::jthread left([service = service_of(serving_)] { judge_what_was_left(*service); });
    const Reloads reloads([&] { return reload(watch); }, metrics_);
    server_->run();
    sd_notify(0, "STOPPING=1");
    return {};
}

}  // namespace

Result<> serve(const ServeOptions& options) {
    hold_hangups();
    // stdout is for the one line that says where it listens.
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    const auto config = TRY(read_config(options.state));
    close_to_others(options.state);
    TRY_VOID(check_own_certificates(TRY(own_certificates(options.state)), now_s()));
    Running running(options, TRY(open_what_stays(options.state, config)));
    TRY_VOID(running.start());
    TRY_VOID(running.run());
    spdlog::info("stopped");
    return {};
}

}  // namespace assay::setup
