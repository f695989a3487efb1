#include "client/url.h"

#include <memory>
#include <new>

#include <curl/curl.h>

namespace assay::client {

std::string percent_encoded(std::string_view text) {
    if (text.empty()) return {};  // libcurl takes a length of 0 for "up to the NUL"
    struct Free {
        void operator()(char* escaped) const { curl_free(escaped); }
    };
    const std::unique_ptr<char, Free> escaped(
        curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
    if (!escaped) throw std::bad_alloc();  // its only failure
    return escaped.get();
}

}  // namespace assay::client
