#pragma once

#include "evidence/codec/fields.h"
#include "evidence/wire/delivery.h"

/// The shape of Delivery, for the document that holds one: docs/formats/saved-bundle.md.
namespace assay::wire {

inline constexpr std::size_t kDeliveredText = 1024;
inline constexpr std::size_t kDeliveredParts = 2048;

inline constexpr auto kDeliveredPart = record(
    field("mac", &DeliveredPart::mac, Text{12}), field("kind", &DeliveredPart::kind, Text{kDeliveredText}),
    field("maker", &DeliveredPart::maker, Text{kDeliveredText}),
    field("model", &DeliveredPart::model, Text{kDeliveredText}),
    field("place", &DeliveredPart::place, Text{kDeliveredText}),
    field("serial", &DeliveredPart::serial, Text{kDeliveredText}),
    field("revision", &DeliveredPart::revision, Text{kDeliveredText}));

inline constexpr auto kDelivery =
    record(field("at", &Delivery::at, Integer{}), field("by", &Delivery::by, Text{}),
           field("parts", &Delivery::parts, List{kDeliveredPart, kDeliveredParts}),
           field("digest", &Delivery::digest, Text{64}), field("source", &Delivery::source, Text{}),
           field("outdated", &Delivery::outdated, Flag{}));

}  // namespace assay::wire
