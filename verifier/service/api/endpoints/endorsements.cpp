#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/certificate/platform/judge_platform_certificate.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/enrol/certificates.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/hosts/hosts.h"

/// What a host was delivered with: the maker's platform certificates, or an as-built list.
namespace assay::api {
namespace {

constexpr std::size_t kCertificates = 16;       // a base and its deltas
constexpr std::size_t kList = 512U << 10U;      // an as-built list, bytes
constexpr std::size_t kDelivery = 512U << 10U;  // what is kept of it, bytes: it goes into every saved bundle
constexpr std::size_t kFormat = 8;
constexpr std::size_t kShownReasons = 1500;  // bytes

nlohmann::json delivery_json(const std::string& host, const Delivery& delivery) {
    auto parts = nlohmann::json::array();
    for (const auto& part : delivery.parts) {
        parts.push_back({{"class", part.kind},
                         {"place", part.place},
                         {"manufacturer", part.maker},
                         {"model", part.model},
                         {"serial", part.serial},
                         {"revision", part.revision},
                         {"mac", part.mac}});
    }
    return {{"host", host},
            {"source", delivery.source},
            {"digest", delivery.digest},
            {"at", delivery.at == 0 ? nlohmann::json() : nlohmann::json(rfc3339_text(delivery.at))},
            {"by", delivery.by},
            {"outdated", delivery.outdated},
            {"parts", std::move(parts)}};
}

/// `refused` with every reason where they are not to be trusted for this host's TPM.
Result<std::vector<DeliveredPart>> parts_of(const std::vector<Bytes>& files,
                                            const std::vector<Bytes>& issuers, const store::Host& host,
                                            const Service& service) {
    std::vector<tcg::PlatformCertificate> certificates;
    certificates.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        certificates.push_back(TRY(with_context(tcg::PlatformCertificate::parse(files[i]),
                                                fmt::format("platform_certificates[{}]", i))));
    }
    const auto between = TRY(with_context(parse_certificates(issuers), "issuers"));
    const auto roots = TRY(with_context(parse_certificates(service.platform_roots), "platform roots"));
    std::optional<tcg::Certificate> ek;
    if (const auto& shown = host.identity.ek_certificates; !shown.empty())
        ek = TRY(with_context(tcg::Certificate::parse(shown.front()), "the host's EK certificate"));
    const auto verdict = tcg::judge_platform_certificates({.certificates = certificates,
                                                           .issuers = between,
                                                           .roots = roots,
                                                           .ek = ek ? &*ek : nullptr,
                                                           .at = service.now()});
    if (!verdict.trusted())
        return fail(ErrorCode::refused,
                    shortened("platform certificate; " + printable(verdict.against()), kShownReasons));
    return judge::delivered_parts(verdict.components);
}

Result<std::vector<DeliveredPart>> parts_of_list(const Bytes& list, const std::string& format) {
    if (format == "csv") return with_context(judge::parse_as_built_csv(as_text(list)), "list");
    if (format == "json") return with_context(judge::parse_as_built_json(as_text(list)), "list");
    return fail(ErrorCode::malformed,
                fmt::format("format: expected csv or json, got \"{}\"", printable(format)));
}

std::string digest_of(const std::vector<Bytes>& files) {
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto& file : files) hasher.update(sha256(file).view());
    return hasher.finish().hex();
}

Result<Response> endorse(const Request& request, Service& service) {
    const auto& name = request.parameters.at("host");
    JsonReader body(request.body, kBody);
    auto files = body.list_of_bytes("platform_certificates", kCertificates, limits::kCertificate);
    const auto issuers = body.list_of_bytes("issuers", limits::kCertificates, limits::kCertificate);
    const auto format = plain_text_or_none(body, "format", kFormat);
    const bool is_list = !format.empty();
    if (is_list) files.push_back(body.bytes("list", kList));
    TRY_VOID(body.finish());
    if (files.size() != 1 && is_list)
        return fail(ErrorCode::malformed,
                    "expected platform_certificates or a list, got both; send one after the other");
    if (files.empty())
        return fail(ErrorCode::malformed,
                    "expected platform_certificates, or a list with its format, got neither");
    const auto host = TRY(store::Hosts(service.store).find(name));
    store::Endorsement endorsement{name, host.identity.ek_digest, {}, files};
    auto& delivery = endorsement.delivery;
    delivery.source = is_list ? "as-built list" : "platform certificate";
    delivery.digest = digest_of(files);
    delivery.at = service.now();
    delivery.by = request.caller.name;
    delivery.parts =
        TRY(is_list ? parts_of_list(files.front(), format) : parts_of(files, issuers, host, service));
    if (delivery.parts.empty())
        return fail(ErrorCode::malformed, "no part is named, so nothing could be compared");
    const auto encoded = encode_delivery(delivery);
    if (encoded.size() > kDelivery || !decode_delivery(encoded))
        return fail(ErrorCode::limit, "more parts, or longer texts, than a delivery may have");
    TRY_VOID(store::Hosts(service.store).add_endorsement(endorsement));
    return json_response(delivery_json(name, delivery).dump(), 201);
}

Result<Response> shown(const Request& request, Service& service) {
    TRY_VOID(Query(request).finish());
    const auto& name = request.parameters.at("host");
    const auto host = TRY(store::Hosts(service.store).find(name));
    if (!host.known.delivery)
        return fail(ErrorCode::not_found, "nobody said what this host was delivered with");
    return json_response(delivery_json(name, *host.known.delivery).dump());
}

}  // namespace

Endpoint endorse_host() {
    return {.verb = Verb::post,
            .path = "/v1/hosts/{host}/endorsement",
            .role = Role::operator_,
            .summary = "What a host was delivered with: platform certificates, or an as-built list",
            .handler = endorse,
            .accepts = "application/json"};
}

Endpoint get_endorsement() {
    return {.verb = Verb::get,
            .path = "/v1/hosts/{host}/endorsement",
            .role = Role::viewer,
            .summary = "The parts that a host was delivered with",
            .handler = shown};
}

}  // namespace assay::api
