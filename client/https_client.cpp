#include "client/https_client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include <fmt/core.h>
#include <unistd.h>

#include "client/explain.h"
#include "client/libcurl.h"
#include "client/proxy.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "evidence/codec/json_reader.h"

namespace assay::client {
namespace {

constexpr std::size_t kMaxAnswer = 64U << 20U;
constexpr std::chrono::milliseconds kConnectTimeout{10'000};

struct EasyDeleter {
    void operator()(CURL* handle) const { libcurl().easy_cleanup(handle); }
};
struct ListDeleter {
    void operator()(curl_slist* list) const { libcurl().slist_free_all(list); }
};
struct UrlDeleter {
    void operator()(CURLU* url) const { libcurl().url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What curl's callback fills. Its size is bounded here: a server may lie about Content-Length or give none.
struct Answer {
    Bytes body;
    bool too_large = false;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    answer.too_large = size > kMaxAnswer - answer.body.size();
    if (answer.too_large) return 0;
    const auto bytes = std::as_bytes(std::span(data, size));
    answer.body.insert(answer.body.end(), bytes.begin(), bytes.end());
    return size;
}

Result<void> check_server(const std::string& server) {
    const std::unique_ptr<CURLU, UrlDeleter> url(libcurl().url());
    if (!url) return fail(ErrorCode::internal, "curl_url");
    const bool https = server.starts_with("https://");
    if (!https || libcurl().url_set(url.get(), CURLUPART_URL, server.c_str(), 0) != CURLUE_OK ||
        server.ends_with("/")) {
        return fail(
            ErrorCode::usage,
            fmt::format("server: expected https://HOST:PORT without a path, got '{}'", printable(server)));
    }
    return {};
}

Result<void> check_file(const std::filesystem::path& file, std::string_view what, std::string_view option) {
    if (file.empty()) {
        return fail(
            ErrorCode::usage,
            fmt::format("no {} is configured: give it with {} or in the configuration file", what, option));
    }
    if (access(file.c_str(), R_OK) == 0) return {};
    auto error = error_of_errno(errno, fmt::format("{} {}", what, printable(file.string())));
    error.code = ErrorCode::usage;
    return std::unexpected(std::move(error));
}

int stop_if_cancelled(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto* cancelled = static_cast<const std::atomic<bool>*>(user);
    return cancelled->load() ? 1 : 0;
}

std::string environment_text(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
    return value != nullptr ? value : "";
}

CURLcode watch_context(CURL*, void* context, void* user) {
    watch_handshakes(static_cast<SSL_CTX*>(context), *static_cast<Handshake*>(user));
    return CURLE_OK;
}

void set_options(CURL* curl, const ClientConfig& config, const Proxy& proxy) {
    const auto set = [curl](CURLoption option, auto value) { libcurl().easy_setopt(curl, option, value); };
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_CAINFO, config.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // not the system's authorities as well
    if (!config.cert_file.empty()) {
        set(CURLOPT_SSLCERT, config.cert_file.c_str());
        set(CURLOPT_SSLKEY, config.key_file.c_str());
    }
    set(CURLOPT_PROXY, proxy.url.c_str());  // never libcurl's own reading of the environment
    set(CURLOPT_NOPROXY, proxy.without.c_str());
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(config.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(config.timeout, kConnectTimeout).count()));
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(kMaxAnswer));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    if (config.cancelled == nullptr) return;
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &stop_if_cancelled);
    set(CURLOPT_XFERINFODATA, config.cancelled);
}

ErrorCode error_code(int status) {
    switch (status) {
        case 401:
        case 403:
            return ErrorCode::refused;
        case 404:
            return ErrorCode::not_found;
        case 409:
            return ErrorCode::conflict;
        case 413:
            return ErrorCode::limit;
        default:
            return status < 500 ? ErrorCode::usage : ErrorCode::io;
    }
}

Result<std::string> text_of(const HttpResponse& response) {
    if (response.status >= 200 && response.status < 300) return std::string(as_text(response.body));
    return std::unexpected(problem_of(response));
}

}  // namespace

Error problem_of(const HttpResponse& response) {
    JsonReader problem(as_text(response.body), {.open = true});
    auto said = problem.peek("detail");
    if (said.empty()) said = problem.peek("title");
    if (said.empty()) said = "without a reason";
    return {error_code(response.status),
            fmt::format("the verifier answered {}: {}", response.status, printable(shortened(said, 1000))),
            {}};
}

struct HttpsClient::Impl {
    ClientConfig config;
    Proxy proxy;
    Handshake handshake;
    Easy easy;  // behind what its connections tell things to
    std::optional<SeenCertificate> own;
    tcg::Reminder of_server, of_own;
    std::array<char, CURL_ERROR_SIZE> detail{};

    Result<HttpResponse> perform(std::string_view path, const char* content_type, ByteView body, bool post);
    Failure failure(CURLcode code);
    void remind();
};

Failure HttpsClient::Impl::failure(CURLcode code) {
    const auto number = [this](CURLINFO what) {
        long value = 0;
        libcurl().easy_getinfo(easy.get(), what, &value);
        return static_cast<int>(value);
    };
    double agreed_s = 0;
    libcurl().easy_getinfo(easy.get(), CURLINFO_APPCONNECT_TIME, &agreed_s);
    const std::string_view words = detail.data();
    return {.code = code,
            .words = printable(words.empty() ? std::string_view(libcurl().easy_strerror(code)) : words),
            .os_error = number(CURLINFO_OS_ERRNO),
            .proxy_status = number(CURLINFO_HTTP_CONNECTCODE),
            .connected = agreed_s > 0,
            .handshake = handshake,
            .own = own,
            .server = printable(config.server),
            .ca_file = printable(config.ca_file.string()),
            .proxy = proxy.shown,
            .now = static_cast<std::int64_t>(std::time(nullptr)),
            .disciplined = clock_is_disciplined()};
}

void HttpsClient::Impl::remind() {
    if (!config.warn) return;
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    if (handshake.server && of_server.due(handshake.server->validity, now))
        config.warn(
            fmt::format("the certificate of {} {}: on the verifier, assay-verifier certificates renew",
                        printable(config.server), tcg::validity_words(handshake.server->validity, now)));
    if (own && of_own.due(own->validity, now))
        config.warn(fmt::format(
            "the client certificate {} {}: on the verifier, assay-verifier certificates renew FILE",
            printable(config.cert_file.string()), tcg::validity_words(own->validity, now)));
}

Result<HttpResponse> HttpsClient::Impl::perform(std::string_view path, const char* content_type,
                                                ByteView body, bool post) {
    auto* curl = easy.get();
    Answer answer;
    HttpResponse response;
    const auto url = config.server + std::string(path);
    HeaderList headers;
    const auto add = [&headers](const std::string& line) {
        auto* longer = libcurl().slist_append(headers.get(), line.c_str());
        if (longer == nullptr) return;
        static_cast<void>(headers.release());  // the same list, now owned through its new head
        headers.reset(longer);
    };
    libcurl().easy_reset(curl);  // keeps the connection
    set_options(curl, config, proxy);
    handshake.begin();
    libcurl().easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, &watch_context);
    libcurl().easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &handshake);
    detail.fill('\0');
    libcurl().easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
    libcurl().easy_setopt(curl, CURLOPT_USERAGENT, fmt::format("assay/{}", kVersion).c_str());
    libcurl().easy_setopt(curl, CURLOPT_URL, url.c_str());
    libcurl().easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    if (post) {
        add(fmt::format("Content-Type: {}", content_type));
        add("Expect:");  // no second round trip before a large body
        libcurl().easy_setopt(curl, CURLOPT_POST, 1L);
        libcurl().easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        libcurl().easy_setopt(curl, CURLOPT_POSTFIELDS, body.empty() ? "" : as_text(body).data());
    }
    libcurl().easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    const auto code = libcurl().easy_perform(curl);
    if (answer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
        return fail(ErrorCode::limit, fmt::format("the answer of {} is larger than {} MiB",
                                                  printable(config.server), kMaxAnswer >> 20U));
    }
    if (code != CURLE_OK) return std::unexpected(explain(failure(code)));
    remind();
    long status = 0;
    libcurl().easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    const char* type = nullptr;
    libcurl().easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    if (type != nullptr) response.content_type = type;
    response.body = std::move(answer.body);
    return response;
}

Result<HttpsClient> HttpsClient::make(ClientConfig config) {
    static const auto global = libcurl().global_init(CURL_GLOBAL_DEFAULT);
    if (global != CURLE_OK) return fail(ErrorCode::internal, "curl_global_init");
    if (config.server.empty()) {
        return fail(ErrorCode::usage,
                    "no server is configured: give it with --server or in the configuration file");
    }
    TRY_VOID(check_server(config.server));
    TRY_VOID(check_file(config.ca_file, "CA file", "--ca"));
    if (config.cert_file.empty() != config.key_file.empty()) {
        return fail(ErrorCode::usage, "a client certificate needs both `cert` and `key`");
    }
    if (!config.cert_file.empty()) {
        TRY_VOID(check_file(config.cert_file, "client certificate", "cert"));
        TRY_VOID(check_file(config.key_file, "client key", "key"));
    }
    auto impl = std::make_unique<Impl>();
    impl->proxy = TRY(proxy_of(config.proxy, environment_text));
    if (!config.cert_file.empty()) impl->own = seen_certificate_of(config.cert_file);
    impl->config = std::move(config);
    impl->easy.reset(libcurl().easy_init());
    if (!impl->easy) return fail(ErrorCode::internal, "curl_easy_init");
    return HttpsClient(std::move(impl));
}

HttpsClient::HttpsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpsClient::HttpsClient(HttpsClient&&) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&&) noexcept = default;
HttpsClient::~HttpsClient() = default;

std::string HttpsClient::server() const {
    return printable(impl_->config.server);
}

const Handshake& HttpsClient::handshake() const {
    return impl_->handshake;
}

const std::optional<SeenCertificate>& HttpsClient::own_certificate() const {
    return impl_->own;
}

Result<HttpResponse> HttpsClient::get(std::string_view path) {
    return impl_->perform(path, "", {}, false);
}

Result<HttpResponse> HttpsClient::post(std::string_view path, std::string_view content_type, ByteView body) {
    return impl_->perform(path, std::string(content_type).c_str(), body, true);
}

Result<std::string> HttpsClient::get_json(std::string_view path) {
    return text_of(TRY(get(path)));
}

Result<std::string> HttpsClient::post_json(std::string_view path, std::string_view body) {
    return text_of(TRY(post(path, "application/json", as_view(body))));
}

}  // namespace assay::client
