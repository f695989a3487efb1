#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/rim/rim.h"
#include "verifier/judge/rim/xml_document.h"

namespace assay::rim {

inline constexpr std::string_view kSwid = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";

/// A digest in a tag, and what is not one that Assay uses is counted, not kept.
struct TaggedDigests {
    std::vector<Digest> digests;  ///< SHA-256, -384, -512
    std::size_t others = 0;       ///< SHA-1 and unknown algorithms
};

/// One File of the payload.
struct SwidFile {
    std::string path;  ///< its Directories and name, with '/'; printable
    std::optional<std::uint64_t> size;
    TaggedDigests hashes;
    std::string place;
};

/// One Resource of the payload, as makers of devices other than platforms use it for measurements: any one of
/// `alternatives` is right.
struct SwidMeasurement {
    std::string name;   ///< printable
    std::string index;  ///< as in the tag; printable
    bool active = true;
    std::vector<Digest> alternatives;
    std::string place;
};

/// A SWID tag (ISO/IEC 19770-2:2015) with the TCG's attributes of a RIM (TCG RIM Information Model 1.01, 4;
/// PC Client RIM 1.04). Texts are printable. A tag says nothing until its signature was verified.
struct SwidTag {
    std::string tag_id, name, version;
    std::uint64_t tag_version = 0;
    bool supplemental = false, patch = false, corpus = false;
    std::string creator;  ///< name of the Entity with the role tagCreator
    std::string maker, model, platform_version;
    std::string firmware_maker, firmware_model, firmware_version;
    std::string binding_spec, binding_spec_version;
    std::vector<SwidFile> files;
    std::vector<SwidMeasurement> measurements;
    std::vector<std::string> not_used;
};

/// Reads the tag that is the document's root, and of it nothing that stands within a Signature. `malformed`
/// with the line: another root, no tagId, a tagVersion that is no number, a second Meta or Payload, a hash of
/// a wrong size.
Result<SwidTag> read_swid_tag(const xml::Document& document);

}  // namespace assay::rim
