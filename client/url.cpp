#include "client/url.h"

#include <memory>
#include <new>

#include <fmt/core.h>

#include "client/libcurl.h"

namespace assay::client {

std::string percent_encoded(std::string_view text) {
    if (text.empty()) return {};  // libcurl takes a length of 0 for "up to the NUL"
    struct Free {
        void operator()(char* escaped) const { libcurl().free(escaped); }
    };
    const std::unique_ptr<char, Free> escaped(
        libcurl().easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
    if (!escaped) throw std::bad_alloc();  // its only failure
    return escaped.get();
}

std::string authority(std::string_view host, std::uint16_t port) {
    const bool bare = host.find(':') != std::string_view::npos && !host.starts_with('[');
    return bare ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string https_url(std::string_view host, std::uint16_t port) {
    return "https://" + authority(host, port);
}

}  // namespace assay::client
