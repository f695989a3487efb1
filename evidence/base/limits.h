#pragma once

#include <cstddef>

/// Every limit on what comes from outside, in one place. A limit stands before the allocation it guards.
namespace assay::limits {

inline constexpr std::size_t kEvidenceBody = 32U << 20U;  ///< one evidence document, bytes
inline constexpr std::size_t kSection = 16U << 20U;       ///< one section, bytes (a large IMA list)
inline constexpr std::size_t kSections = 64;              ///< sections of one manifest
inline constexpr std::size_t kManifest = 16U << 10U;      ///< encoded manifest, bytes
inline constexpr std::size_t kQuote = 4096;               ///< TPMS_ATTEST, bytes
inline constexpr std::size_t kSignature = 2048;           ///< TPMT_SIGNATURE, bytes
inline constexpr std::size_t kPublicArea = 2048;          ///< TPMT_PUBLIC, bytes
inline constexpr std::size_t kCertificate = 16U << 10U;   ///< one X.509 certificate, bytes
inline constexpr std::size_t kCertificates = 8;           ///< certificates of one chain
inline constexpr std::size_t kCborDepth = 16;
inline constexpr std::size_t kCborItems = 1U << 20U;  ///< items of one document
inline constexpr std::size_t kJsonBody = 1U << 20U;   ///< one JSON request, bytes
inline constexpr std::size_t kJsonDepth = 16;
inline constexpr std::size_t kJsonValues = 20'000;
inline constexpr std::size_t kEventLog = 8U << 20U;   ///< boot event log, bytes
inline constexpr std::size_t kEvents = 65'536;        ///< events of one boot event log
inline constexpr std::size_t kEventData = 4U << 20U;  ///< data of one event, bytes
inline constexpr std::size_t kImaEntries = 1U << 20U;
inline constexpr std::size_t kImaNotes = 32;  ///< entries of one kind that a report names one by one
inline constexpr std::size_t kSmbiosTable = 1U << 20U;  ///< DMI table, bytes
inline constexpr std::size_t kSmbiosStructures = 8192;
inline constexpr std::size_t kPciFunctions = 4096;
inline constexpr std::size_t kPciConfig = 4096;         ///< configuration space of one function, bytes
inline constexpr std::size_t kUsbDescriptors = 65'536;  ///< a whole `descriptors` file, bytes
inline constexpr std::size_t kUsbDevices = 1024;
inline constexpr std::size_t kUsbBuses = 64;  ///< buses whose device numbers a heartbeat tells
inline constexpr std::size_t kDrives = 2048;
inline constexpr std::size_t kNetworkInterfaces = 1024;
inline constexpr std::size_t kJournalRecords = 100'000;      ///< records of one submission
inline constexpr std::size_t kJournalRecord = 128U << 10U;   ///< one encoded journal record, bytes
inline constexpr std::size_t kJournalDocument = 16U << 10U;  ///< a signed statement in a record, bytes
inline constexpr std::size_t kDeviceChildren = 256;          ///< what the kernel made of one device
inline constexpr std::size_t kUsbDrivers = 256;              ///< drivers of one USB device
inline constexpr std::size_t kSmbiosEntryPoint = 64;         ///< SMBIOS entry point structure, bytes
inline constexpr std::size_t kEsrtEntries = 1024;
inline constexpr std::size_t kSensors = 1024;  ///< chassis intrusion sensors
inline constexpr std::size_t kGaps = 4096;
inline constexpr std::size_t kWorkSessions = 100'000;         ///< work sessions of one saved bundle
inline constexpr std::size_t kAttestationResult = 1U << 20U;  ///< canonical JSON of one result, bytes
inline constexpr std::size_t kSavedBundle = 64U << 20U;       ///< one saved bundle, bytes
inline constexpr std::size_t kStateDocument =
    1U << 20U;  ///< an encoded challenge, known host or work session, bytes
inline constexpr std::size_t kSeenComponents = 4096;  ///< parts of one known host
inline constexpr std::size_t kJudgedEvents = 1024;    ///< verdicts that one appraisal is told
inline constexpr std::size_t kJudgedNotes = 64;       ///< notes of one verdict
inline constexpr std::size_t kDevicesElsewhere = 64;  ///< devices of other hosts that one appraisal is told
inline constexpr std::size_t kOpenMatters = 256;      ///< matters of one host that are told one by one
inline constexpr std::size_t kAcknowledgements = 2;   ///< persons of one matter that are kept in it
inline constexpr std::size_t kMatterDetails = 32;     ///< mount points or drivers of one matter's device
inline constexpr std::size_t kHostChanges = 256;      ///< changes of one host between two attestations
inline constexpr std::size_t kMakerIds = 16;          ///< maker identifiers of one part
inline constexpr std::size_t kText = 4096;            ///< one text field, bytes
inline constexpr std::size_t kHostName = 253;         ///< RFC 1035
inline constexpr std::size_t kTextFile = 4U << 20U;   ///< a policy, vendor or list file, bytes

}  // namespace assay::limits
