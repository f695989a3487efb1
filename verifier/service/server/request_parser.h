#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "verifier/service/api/http.h"
#include "verifier/service/server/body.h"

namespace assay::server {

/// One HTTP/1.1 request, out of bytes as they come. Strict where two readers could differ on where a request
/// ends: one Content-Length or one `Transfer-Encoding: chunked`, never both, and no other coding.
class RequestParser : private boost::beast::http::basic_parser<true> {
  public:
    /// Most bytes of the head, and of what stands between the chunks of a body.
    explicit RequestParser(std::size_t header_limit);

    /// How many bytes of `input`, which begins where the last call ended, were used up; the rest is to be
    /// offered again, with more. Ends at the head's end, at the body's, and with a refusal. To be called on
    /// while neither has come.
    std::size_t take(std::string_view input);

    [[nodiscard]] bool has_head() const { return is_header_done(); }
    [[nodiscard]] bool is_whole() const { return is_done(); }
    /// Why this is no request, as the answer after which the connection must end.
    [[nodiscard]] const std::optional<api::Response>& refusal() const { return refusal_; }
    /// "framing", "length" or "share": what the metrics say of it.
    [[nodiscard]] std::string_view reason() const { return reason_; }

    /// Once there is a head:
    [[nodiscard]] std::string_view method() const { return method_; }
    [[nodiscard]] std::string_view target() const { return target_; }
    [[nodiscard]] std::string_view content_type() const { return content_type_; }  ///< plain, lower case
    [[nodiscard]] bool expects_continue() const { return expects_continue_; }
    [[nodiscard]] bool wants_to_stay() const { return keep_alive(); }
    [[nodiscard]] std::optional<std::uint64_t> claimed_length() const;

    /// Where the body goes; without one it is thrown away. Outlives the parser.
    void set_body(Body* body) { body_ = body; }

  private:
    using Field = boost::beast::http::field;
    using Text = boost::beast::string_view;
    using Code = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                         Code& error) override;
    void on_response_impl(int code, Text reason, int version, Code& error) override;
    void on_field_impl(Field field, Text name, Text value, Code& error) override;
    void on_header_impl(Code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& error) override;
    std::size_t on_body_impl(Text part, Code& error) override;
    void on_chunk_header_impl(std::uint64_t size, Text extensions, Code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t remaining, Text part, Code& error) override;
    void on_finish_impl(Code& error) override;

    void on_framing(Field field, std::string_view value, Code& error);
    void refuse(std::string_view reason, api::Response response, Code& error);
    void refuse_for(const Code& error);

    std::size_t header_limit_;
    std::string method_, target_, content_type_;
    bool expects_continue_ = false;
    bool has_framing_ = false;  // Content-Length or Transfer-Encoding was there
    bool in_head_ = true;
    std::optional<api::Response> refusal_;
    std::string_view reason_;
    Body* body_ = nullptr;
};

}  // namespace assay::server
