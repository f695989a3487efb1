#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vendor-db/model/model.h"

/// What USB devices belong into a model of server: docs/formats/baseline.md. PURE.
namespace assay::vendors {

/// A device that belongs to the model: the BMC's virtual devices, internal hubs and readers.
struct BaselineDevice {
    std::string controller;               ///< PCI address of the host controller, "0000:00:14.0"
    std::string port;                     ///< "1-14.1"
    std::string vid, pid;                 ///< four hex digits, lower case
    std::vector<std::string> interfaces;  ///< "storage", "hid", "network", "hub", "other"; sorted, each once
    std::string descriptors;              ///< SHA-256 of the `descriptors` file, 64 hex digits
    bool bmc = false;   ///< its port is the BMC's: what becomes active there is done from afar
    std::string note;   ///< for a reader; may be empty
    std::string where;  ///< "baselines/r750.toml:7"

    bool operator==(const BaselineDevice&) const = default;
};

/// One generation of a model's devices. Several may hold at once: before and after an update of the BMC.
struct Baseline {
    std::string model;       ///< SMBIOS type 1, product name
    std::string generation;  ///< "BMC 7.10"
    Span span;               ///< when it holds
    std::string source;      ///< the host and time that it was captured from
    std::vector<BaselineDevice> devices;
    std::string where;
};

/// A device as a host has it.
struct SeenDevice {
    std::string controller, port, vid, pid, descriptors;
    std::vector<std::string> interfaces;  ///< as BaselineDevice has them
};

/// Every one of controller, port, ids, interfaces and descriptors agrees.
bool agrees(const BaselineDevice& baseline, const SeenDevice& device);
bool same_ids(const BaselineDevice& baseline, const SeenDevice& device);
bool same_place(const BaselineDevice& baseline, const SeenDevice& device);
/// "controller, port": in what the two differ, ids aside; empty where they agree.
std::string difference(const BaselineDevice& baseline, const SeenDevice& device);

/// A model is compared whole; blanks around it, runs of them and the case of its letters do not count. None
/// is of a model without a name.
bool is_of_model(const Baseline& baseline, std::string_view model);
/// The baselines of a model that hold at a time, in the order of files and tables.
std::vector<const Baseline*> baselines_of(const std::vector<Baseline>& all, std::string_view model,
                                          std::int64_t at);

/// As a file of vendor data (TOML). It reads back as it was given, `where` aside.
std::string to_toml(const std::vector<Baseline>& baselines);

}  // namespace assay::vendors
