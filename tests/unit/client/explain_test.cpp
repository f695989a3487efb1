#include "client/explain.h"

#include <cerrno>

#include <catch2/catch.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "tests/support/causes.h"

using namespace assay;
using namespace assay::client;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kADay = 24LL * 3600;

// A server's certificate that is good but for its time, by a clock that is kept.
Failure of_verdict(int verdict, int depth = 0) {
    Failure failure;
    failure.code = CURLE_PEER_FAILED_VERIFICATION;
    failure.words = "curl's words";
    failure.handshake.verdict = verdict;
    failure.handshake.depth = depth;
    failure.handshake.failing =
        SeenCertificate{"CN=server", "CN=ca", {kNow - 9 * kADay, kNow - kADay}, {"verifier.test"}};
    failure.handshake.server = failure.handshake.failing;
    failure.server = "https://verifier.test:8443";
    failure.ca_file = "/etc/assay/ca.pem";
    failure.now = kNow;
    failure.disciplined = true;
    return failure;
}

Failure of_alert(int alert, std::int64_t own_end) {
    auto failure = of_verdict(X509_V_OK);
    failure.code = CURLE_RECV_ERROR;
    failure.handshake.alert = alert;
    failure.own = SeenCertificate{"CN=otto", "CN=ca", {kNow - 9 * kADay, own_end}, {}};
    return failure;
}

Failure of_connecting(int os_error) {
    Failure failure;
    failure.code = CURLE_COULDNT_CONNECT;
    failure.os_error = os_error;
    failure.server = "https://verifier.test:8443";
    return failure;
}

}  // namespace

TEST_CASE("whose time is wrong depends on whether the clock here is kept") {
    auto ended = of_verdict(X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK(cause_of(ended) == Cause::certificate_server_ended);
    ended.disciplined = false;
    CHECK(cause_of(ended) == Cause::clock_perhaps_ahead);
    auto above = of_verdict(X509_V_ERR_CERT_HAS_EXPIRED, 1);
    CHECK(cause_of(above) == Cause::certificate_authority_ended);
    above.disciplined = false;
    CHECK(cause_of(above) == Cause::clock_perhaps_ahead);
    auto to_come = of_verdict(X509_V_ERR_CERT_NOT_YET_VALID);
    CHECK(cause_of(to_come) == Cause::certificate_from_later);
    to_come.disciplined = false;
    CHECK(cause_of(to_come) == Cause::clock_behind);
}

TEST_CASE("a message about time has both times and says whether the clock is kept") {
    auto ended = of_verdict(X509_V_ERR_CERT_HAS_EXPIRED);
    ended.disciplined = false;
    const auto error = explain(ended);
    CHECK(test::says(error, Cause::clock_perhaps_ahead));
    CHECK_THAT(error.context,
               Catch::Contains("CN=server is valid from 2027-01-06 08:00:00Z to 2027-01-14 08:00:00Z") &&
                   Catch::Contains("this machine's clock says 2027-01-15 08:00:00Z, and no time source"));
}

TEST_CASE("each verdict of OpenSSL is one cause, and one that nobody knows has its words") {
    for (const int verdict : {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                              X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                              X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE})
        CHECK(cause_of(of_verdict(verdict)) == Cause::certificate_unknown_authority);
    CHECK(cause_of(of_verdict(X509_V_ERR_INVALID_PURPOSE)) == Cause::certificate_wrong_purpose);
    CHECK(cause_of(of_verdict(X509_V_OK)) == Cause::certificate_wrong_name);
    const auto weak = explain(of_verdict(X509_V_ERR_CA_MD_TOO_WEAK));
    CHECK(test::says(weak, Cause::certificate_not_verified));
    CHECK_THAT(weak.context, Catch::Contains("CA signature digest algorithm too weak"));
}

TEST_CASE("a client's certificate that the verifier holds for ended is compared with the clock here") {
    CHECK(cause_of(of_alert(SSL_AD_CERTIFICATE_EXPIRED, kNow - 1)) == Cause::certificate_client_ended);
    const auto there = explain(of_alert(SSL_AD_CERTIFICATE_EXPIRED, kNow + kADay));
    CHECK(test::says(there, Cause::certificate_client_ended_there));
    CHECK_THAT(there.context, Catch::Contains("2027-01-16 08:00:00Z"));
    CHECK(cause_of(of_alert(SSL_AD_UNKNOWN_CA, kNow + kADay)) == Cause::certificate_client_unknown);
    CHECK(cause_of(of_alert(SSL_AD_BAD_CERTIFICATE, kNow + kADay)) == Cause::certificate_client_refused);
    CHECK(cause_of(of_alert(SSL_AD_PROTOCOL_VERSION, kNow + kADay)) == Cause::connection_no_tls13);
}

TEST_CASE("an alert that was lost with the connection is known by the end of the own certificate alone") {
    auto failure = of_alert(0, kNow - 1);
    failure.handshake.alert.reset();
    CHECK(cause_of(failure) == Cause::certificate_client_ended);
    failure.own->validity.not_after = kNow + kADay;
    CHECK(cause_of(failure) == Cause::connection_broke);
}

TEST_CASE("what connect(2) says is told apart, and a proxy in between is named first") {
    CHECK(cause_of(of_connecting(ECONNREFUSED)) == Cause::connection_refused);
    CHECK(cause_of(of_connecting(EHOSTUNREACH)) == Cause::connection_unreachable);
    CHECK(cause_of(of_connecting(ENETUNREACH)) == Cause::connection_unreachable);
    CHECK(cause_of(of_connecting(ETIMEDOUT)) == Cause::connection_timeout);
    CHECK(cause_of(of_connecting(EADDRNOTAVAIL)) == Cause::connection_not_made);
    auto by_proxy = of_connecting(ECONNREFUSED);
    by_proxy.proxy = "http://proxy.test:3128";
    const auto error = explain(by_proxy);
    CHECK(test::says(error, Cause::proxy_unreachable));
    CHECK_THAT(error.context, Catch::Contains("http://proxy.test:3128"));
}

TEST_CASE("a proxy's good answer to CONNECT does not hide what failed behind it") {
    auto failure = of_verdict(X509_V_ERR_INVALID_PURPOSE);
    failure.proxy = "http://proxy.test:3128";
    failure.proxy_status = 200;
    CHECK(cause_of(failure) == Cause::certificate_wrong_purpose);
    failure.proxy_status = 407;
    CHECK(cause_of(failure) == Cause::proxy_login);
    failure.proxy_status = 502;
    CHECK(cause_of(failure) == Cause::proxy_denied);
}
