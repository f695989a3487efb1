#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "verifier/service/inputs/feed_reader.h"

namespace assay::cli {

/// Sends rows of a feed in batches, in the memory of one. Again the same rows change nothing, so that an
/// import which was cut off is simply run again.
class BadgeUpload {
  public:
    static constexpr std::size_t kBatch = 2000;

    BadgeUpload(const Context& context, std::string source) : context_(context), source_(std::move(source)) {}

    /// A row in the form of badges.json.
    Result<> add(std::string row);
    Result<> add_rejected(inputs::RejectedFeedRow row);
    /// What is left, and then `rest`: feeds with their watermarks, controllers, releases, as badges.json has
    /// them; or an empty object. Device events are judged again now.
    Result<> finish(Json rest);

    [[nodiscard]] std::int64_t sent() const { return sent_; }
    [[nodiscard]] std::int64_t added() const { return added_; }  ///< those that the verifier did not have
    [[nodiscard]] std::int64_t rejected() const { return rejected_; }
    [[nodiscard]] std::int64_t verdicts_changed() const { return changed_; }
    /// The newest moment among the rows; Unix milliseconds.
    [[nodiscard]] std::int64_t newest_ms() const { return newest_ms_; }

  private:
    Result<> send(Json body);

    const Context& context_;
    std::string source_;
    Json rows_ = Json::array();
    Json refused_ = Json::array();
    std::int64_t added_ = 0, rejected_ = 0, changed_ = 0, sent_ = 0, newest_ms_ = 0;
};

}  // namespace assay::cli
