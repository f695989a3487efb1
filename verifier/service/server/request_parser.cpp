#include "verifier/service/server/request_parser.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr int kHttp11 = 11;
constexpr std::size_t kShown = 64;  // bytes of what was sent, in a message

std::string_view plain(beast::string_view text) {
    return {text.data(), text.size()};
}

std::string plain_content_type(std::string_view value) {
    return lower(trimmed(value.substr(0, value.find(';'))));
}

}  // namespace

RequestParser::RequestParser(std::size_t header_limit) : header_limit_(header_limit) {
    basic_parser::header_limit(static_cast<std::uint32_t>(header_limit));
    body_limit(boost::none);  // the body counts itself
}

std::size_t RequestParser::take(std::string_view input) {
    std::size_t used = 0;
    const bool had_head = has_head();
    // The head's end is an end: what to do with a body is not known before.
    while (!refusal_ && !is_done() && has_head() == had_head && used < input.size()) {
        Code error;
        const auto rest = input.substr(used);
        used += put(boost::asio::const_buffer(rest.data(), rest.size()), error);
        if (error == http::error::need_more) {
            // Chunk extensions and trailers are of no use, and must not grow.
            if (input.size() - used > header_limit_) refuse_for(http::error::header_limit);
            break;
        }
        if (error && !refusal_) refuse_for(error);
    }
    return used;
}

std::optional<std::uint64_t> RequestParser::claimed_length() const {
    if (!has_head()) return {};
    const auto length = content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

void RequestParser::refuse(std::string_view reason, api::Response response, Code& error) {
    reason_ = reason;
    refusal_ = std::move(response);
    error = http::error::bad_value;  // stops the parser
}

void RequestParser::refuse_for(const Code& error) {
    Code ignored;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return refuse("framing", api::problem(431, "limit", "the request's header is too large"), ignored);
    }
    if (error == http::error::bad_transfer_encoding || error == http::error::bad_content_length ||
        error == http::error::multiple_content_length) {
        return refuse(
            "framing",
            api::problem(400, "malformed",
                         "expected one Content-Length or one 'Transfer-Encoding: chunked', got another "
                         "framing of the body"),
            ignored);
    }
    refuse("framing", api::problem(400, "malformed", "this is not an HTTP/1.1 request"), ignored);
}

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version, Code& error) {
    if (version != kHttp11) {
        return refuse(
            "framing",
            api::problem(400, "unsupported",
                         fmt::format("expected HTTP/1.1, got HTTP/{}.{}", version / 10, version % 10)),
            error);
    }
    method_ = plain(method);
    target_ = plain(target);
}

void RequestParser::on_response_impl(int, Text, int, Code&) {}

void RequestParser::on_field_impl(Field field, Text, Text value, Code& error) {
    if (!in_head_) return;  // a trailer
    switch (field) {
        case Field::content_type:
            content_type_ = plain_content_type(plain(value));
            return;
        case Field::expect:
            expects_continue_ = beast::iequals(value, "100-continue");
            return;
        case Field::content_length:
        case Field::transfer_encoding:
            return on_framing(field, plain(value), error);
        default:
            return;
    }
}

void RequestParser::on_framing(Field field, std::string_view value, Code& error) {
    if (field == Field::transfer_encoding && !beast::iequals(trimmed(value), "chunked")) {
        return refuse("framing",
                      api::problem(501, "unsupported",
                                   fmt::format("expected the transfer coding 'chunked', got '{}'",
                                               printable(shortened(value, kShown)))),
                      error);
    }
    // Beast lets a length through that is said twice alike, and knows nothing of codings that it does not
    // know.
    if (has_framing_ || value.find(',') != std::string_view::npos) {
        error = http::error::multiple_content_length;
        return;
    }
    has_framing_ = true;
}

void RequestParser::on_header_impl(Code&) {
    in_head_ = false;
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) {}

std::size_t RequestParser::on_body_impl(Text part, Code& error) {
    if (body_ == nullptr) return part.size();
    switch (body_->append(plain(part))) {
        case Body::Taken::yes:
            break;
        case Body::Taken::too_large:
            refuse("length", api::problem(413, "limit", "the body is too large"), error);
            break;
        case Body::Taken::no_room:
            refuse("share", api::busy("too many large requests at once; try again later"), error);
            break;
    }
    return part.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text, Code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text part, Code& error) {
    return on_body_impl(part, error);
}

void RequestParser::on_finish_impl(Code&) {}

}  // namespace assay::server
