#include "client/proxy.h"

#include <memory>

#include <fmt/core.h>

#include "client/libcurl.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"

namespace assay::client {
namespace {

struct ProxyUrlDeleter {
    void operator()(CURLU* url) const { libcurl().url_cleanup(url); }
};

constexpr std::string_view kLoopback = "localhost,127.0.0.1,::1";

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (libcurl().url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return {};
    std::string out(text);
    libcurl().free(text);
    return out;
}

// Never with what stands before an @: that may be a password.
Result<std::string> checked(const std::string& written) {
    const auto refuse = [](std::string_view what) {
        return std::unexpected(error_of(Cause::proxy_unusable, "proxy", what));
    };
    const std::unique_ptr<CURLU, ProxyUrlDeleter> url(libcurl().url());
    if (!url) return fail(ErrorCode::internal, "curl_url");
    const auto whole = written.contains("://") ? written : "http://" + written;
    if (libcurl().url_set(url.get(), CURLUPART_URL, whole.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return refuse("it is no URL");
    const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "socks5h")
        return refuse(fmt::format("its scheme is '{}'", printable(shortened(scheme, 16))));
    const auto path = part_of(url.get(), CURLUPART_PATH);
    if (!path.empty() && path != "/") return refuse("it has a path");
    const auto port = part_of(url.get(), CURLUPART_PORT);
    if (port.empty()) return refuse("it has no port");
    return fmt::format("{}://{}:{}", scheme, part_of(url.get(), CURLUPART_HOST), port);
}

}  // namespace

Result<Proxy> proxy_of(const std::optional<std::string>& configured,
                       const std::function<std::string(const char*)>& environment) {
    const auto either = [&environment](const char* upper, const char* lower_case) {
        auto value = environment(upper);
        return value.empty() ? environment(lower_case) : value;
    };
    Proxy proxy;
    proxy.url = configured ? *configured : either("HTTPS_PROXY", "https_proxy");
    if (proxy.url.empty()) return proxy;
    proxy.shown = printable(TRY(checked(proxy.url)));
    if (configured) return proxy;
    proxy.without = either("NO_PROXY", "no_proxy");
    if (proxy.without != "*") proxy.without += (proxy.without.empty() ? "" : ",") + std::string(kLoopback);
    return proxy;
}

}  // namespace assay::client
