#include "verifier/server/admission.h"

namespace assay::server {

std::unique_ptr<Admission::Ticket> Admission::connection(const std::string& address,
                                                         std::string_view& reason) {
    const std::scoped_lock lock(mutex_);
    if (connections_ >= limits_.connections) {
        reason = "limit";
        return nullptr;
    }
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && found->second >= limits_.connections_per_address) {
        reason = "limit_per_address";
        return nullptr;
    }
    auto ticket = std::make_unique<Ticket>(*this, address, 0);
    ++by_address_[address];
    ++connections_;
    return ticket;
}

std::unique_ptr<Admission::Ticket> Admission::body(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    if (bytes > limits_.bodies - bytes_) return nullptr;
    auto ticket = std::make_unique<Ticket>(*this, "", bytes);
    bytes_ += bytes;
    return ticket;
}

std::size_t Admission::connections() const {
    const std::scoped_lock lock(mutex_);
    return connections_;
}

void Admission::release(const std::string& address, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    bytes_ -= bytes;
    if (address.empty()) return;
    --connections_;
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
}

}  // namespace assay::server
