#include "evidence/codec/json_door.h"

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "evidence/base/fault.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

struct Refused {
    Error error;
};

class Guard {
  public:
    explicit Guard(JsonLimits limits) : limits_(limits) {}

    bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& value) {
        using Event = nlohmann::json::parse_event_t;
        if (static_cast<std::size_t>(depth) > limits_.depth) refuse(ErrorCode::limit, "JSON nested too deep");
        if (event != Event::object_end && event != Event::array_end && ++values_ > limits_.values) {
            refuse(ErrorCode::limit, "JSON with too many values");
        }
        if (event == Event::object_start) keys_.emplace_back();
        if (event == Event::object_end) keys_.pop_back();
        if (event == Event::key && !keys_.back().insert(value.get_ref<const std::string&>()).second) {
            refuse(ErrorCode::malformed,
                   "JSON key '" + printable(shortened(value.get_ref<const std::string&>(), 64)) + "' twice");
        }
        return true;
    }

  private:
    [[noreturn]] static void refuse(ErrorCode code, std::string what) {
        throw Refused{{code, std::move(what), {}}};
    }

    JsonLimits limits_;
    std::size_t values_ = 0;
    std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, JsonLimits limits) {
    if (ASSAY_FAULT("parse")) return fail(ErrorCode::malformed, "an injected fault");
    if (text.size() > limits.bytes) {
        return fail(ErrorCode::limit, "JSON of " + std::to_string(text.size()) + " bytes, at most " +
                                          std::to_string(limits.bytes) + " allowed");
    }
    try {
        return nlohmann::json::parse(text, Guard(limits));
    } catch (const Refused& refused) {
        return std::unexpected(refused.error);
    } catch (const nlohmann::json::parse_error& error) {
        return fail(ErrorCode::malformed, "JSON: " + printable(error.what()), error.byte);
    } catch (const nlohmann::json::exception& error) {
        return fail(ErrorCode::malformed, "JSON: " + printable(error.what()));
    }
}

}  // namespace assay
