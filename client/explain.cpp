#include "client/explain.h"

#include <cerrno>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/timex.h>

#include "evidence/base/text.h"

namespace assay::client {
namespace {

constexpr int kProxyLogin = 407;

bool proxy_refused(const Failure& failure) {
    return failure.proxy_status != 0 && failure.proxy_status / 100 != 2;
}

// RFC 8446, 6: what the verifier thinks of the certificate that it was shown.
std::optional<Cause> cause_of_alert(const Failure& failure) {
    if (!failure.handshake.alert) return std::nullopt;
    const bool ended =
        failure.own && tcg::nearness(failure.own->validity, failure.now) == tcg::Nearness::ended;
    switch (*failure.handshake.alert) {
        case SSL_AD_CERTIFICATE_EXPIRED:
            return ended ? Cause::certificate_client_ended : Cause::certificate_client_ended_there;
        case SSL_AD_UNKNOWN_CA:
            return Cause::certificate_client_unknown;
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_ACCESS_DENIED:
        case SSL_AD_DECRYPT_ERROR:
        case SSL_AD_CERTIFICATE_REQUIRED:
            return Cause::certificate_client_refused;
        case SSL_AD_PROTOCOL_VERSION:
            return Cause::connection_no_tls13;
        default:
            return std::nullopt;
    }
}

Cause cause_of_verdict(const Failure& failure) {
    switch (failure.handshake.verdict) {
        case X509_V_OK:  // the path is good: libcurl itself compares the name
            return Cause::certificate_wrong_name;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            if (!failure.disciplined) return Cause::clock_perhaps_ahead;
            return failure.handshake.depth == 0 ? Cause::certificate_server_ended
                                                : Cause::certificate_authority_ended;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return failure.disciplined ? Cause::certificate_from_later : Cause::clock_behind;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // a CA of the same name with another key
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_UNTRUSTED:
        case X509_V_ERR_AKID_SKID_MISMATCH:
            return Cause::certificate_unknown_authority;
        case X509_V_ERR_INVALID_PURPOSE:
            return Cause::certificate_wrong_purpose;
        default:
            return Cause::certificate_not_verified;
    }
}

Cause cause_of_connecting(const Failure& failure) {
    if (!failure.proxy.empty()) return Cause::proxy_unreachable;
    switch (failure.os_error) {
        case ECONNREFUSED:
            return Cause::connection_refused;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
            return Cause::connection_unreachable;
        case ETIMEDOUT:
            return Cause::connection_timeout;
        default:
            return Cause::connection_not_made;
    }
}

// TLS 1.3 tells a client that it was refused after the client takes the handshake for done, and the alert may
// be lost when the connection is reset: then the end of the own certificate says it.
Cause cause_of_break(const Failure& failure) {
    if (failure.own && tcg::nearness(failure.own->validity, failure.now) == tcg::Nearness::ended)
        return Cause::certificate_client_ended;
    return Cause::connection_broke;
}

std::string verify_words(const Handshake& handshake) {
    return X509_verify_cert_error_string(handshake.verdict);
}

std::string clock_words(const Failure& failure) {
    return fmt::format(
        "this machine's clock says {}, and {}", utc_text(failure.now),
        failure.disciplined ? "a time source disciplines it" : "no time source disciplines it");
}

std::string time_detail(const Failure& failure) {
    const auto& seen = failure.handshake.failing;
    if (!seen) return fmt::format("{}; {}", verify_words(failure.handshake), clock_words(failure));
    return fmt::format("{}: {} is valid from {} to {}; {}", verify_words(failure.handshake), seen->subject,
                       utc_text(seen->validity.not_before), utc_text(seen->validity.not_after),
                       clock_words(failure));
}

std::string own_detail(const Failure& failure) {
    if (!failure.own) return failure.words;
    return fmt::format("{} is valid from {} to {}; {}", failure.own->subject,
                       utc_text(failure.own->validity.not_before), utc_text(failure.own->validity.not_after),
                       clock_words(failure));
}

std::string issuer_detail(const Failure& failure) {
    const auto& seen = failure.handshake.failing;
    return fmt::format("{}: {} is issued by {}, the server sent {} certificate{}, and the CA file is {}",
                       verify_words(failure.handshake), seen ? seen->subject : "the certificate",
                       seen ? seen->issuer : "somebody", failure.handshake.sent,
                       failure.handshake.sent == 1 ? "" : "s", failure.ca_file);
}

std::string detail_of(Cause cause, const Failure& failure) {
    const auto& handshake = failure.handshake;
    switch (cause) {
        case Cause::certificate_server_ended:
        case Cause::certificate_authority_ended:
        case Cause::certificate_from_later:
        case Cause::clock_behind:
        case Cause::clock_perhaps_ahead:
            return time_detail(failure);
        case Cause::certificate_client_ended:
        case Cause::certificate_client_ended_there:
            return own_detail(failure);
        case Cause::certificate_client_unknown:
        case Cause::certificate_client_refused:
            return fmt::format("TLS alert {}; {}", handshake.alert.value_or(0), own_detail(failure));
        case Cause::certificate_unknown_authority:
            return issuer_detail(failure);
        case Cause::certificate_wrong_name:
            return handshake.server ? fmt::format("it is for {}", fmt::join(handshake.server->names, ", "))
                                    : failure.words;
        case Cause::certificate_wrong_purpose:
        case Cause::certificate_not_verified:
            return fmt::format("{}, depth {}", verify_words(handshake), handshake.depth);
        case Cause::certificate_ca_file:
            return failure.ca_file;
        case Cause::proxy_denied:
        case Cause::proxy_login:
            return fmt::format("{}, {}", failure.proxy, failure.proxy_status);
        case Cause::proxy_unreachable:
        case Cause::proxy_name_unknown:
            return fmt::format("{}; {}", failure.proxy, failure.words);
        default:
            return failure.words;
    }
}

}  // namespace

Cause cause_of(const Failure& failure) {
    if (proxy_refused(failure))
        return failure.proxy_status == kProxyLogin ? Cause::proxy_login : Cause::proxy_denied;
    if (const auto told = cause_of_alert(failure)) return *told;
    switch (failure.code) {
        case CURLE_COULDNT_CONNECT:
            return cause_of_connecting(failure);
        case CURLE_COULDNT_RESOLVE_PROXY:
            return Cause::proxy_name_unknown;
        case CURLE_COULDNT_RESOLVE_HOST:
            return Cause::connection_name_unknown;
        case CURLE_OPERATION_TIMEDOUT:
            return failure.connected ? Cause::connection_stalled : Cause::connection_timeout;
        case CURLE_PEER_FAILED_VERIFICATION:
            return cause_of_verdict(failure);
        case CURLE_SSL_CACERT_BADFILE:
            return Cause::certificate_ca_file;
        case CURLE_SSL_CERTPROBLEM:
            return Cause::certificate_client_file;
        case CURLE_SSL_CONNECT_ERROR:
            if (failure.handshake.verdict != X509_V_OK) return cause_of_verdict(failure);
            return failure.handshake.foreign ? Cause::connection_no_tls13 : Cause::connection_hung_up;
        case CURLE_ABORTED_BY_CALLBACK:
            return Cause::connection_stopped;
        default:
            return cause_of_break(failure);
    }
}

Error explain(const Failure& failure) {
    const auto cause = cause_of(failure);
    return error_of(cause, failure.server, detail_of(cause, failure));
}

bool clock_is_disciplined() {
    timex adjustment{};  // modes 0: asks, sets nothing
    const int state = ::adjtimex(&adjustment);
    return state >= 0 && state != TIME_ERROR && (adjustment.status & STA_UNSYNC) == 0;
}

}  // namespace assay::client
