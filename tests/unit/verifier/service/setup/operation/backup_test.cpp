#include "verifier/service/setup/operation/backup.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "files/output.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/setup/operation/beneath.h"

// What a manifest may say, and which command it gives for a database that is not in the backup. The rest is
// shown with real programs: tests/e2e/test_backup.py.
using namespace assay;
using namespace assay::setup;
using assay::test::must;
using assay::test::TempFolder;

namespace {

BackupManifest manifest() {
    BackupManifest out;
    out.made_at = "2026-12-01T03:00:00Z";
    out.build = "assay 0.1.0";
    out.state = "/var/lib/assay-verifier";
    out.engine = "sqlite";
    out.schema_version = 18;
    out.outside = {"policy: /etc/site.toml"};
    out.folders = {"ca", "tpm-roots"};
    out.files = {{"assay.db", 4096, std::string(64, 'a')}, {"ca/ca.key", 227, std::string(64, '0')}};
    return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
    const auto read = manifest_from(text);
    REQUIRE_FALSE(read);
    return describe(read.error());
}

}  // namespace

TEST_CASE("a manifest is read as it was written") {
    const auto written = manifest();
    const auto read = must(manifest_from(encode_manifest(written)));
    CHECK(read.made_at == written.made_at);
    CHECK(read.build == written.build);
    CHECK(read.state == written.state);
    CHECK(read.engine == written.engine);
    CHECK(read.schema_version == written.schema_version);
    CHECK(read.dump.empty());
    CHECK(read.outside == written.outside);
    CHECK(read.folders == written.folders);
    CHECK(read.files == written.files);
}

TEST_CASE("a manifest of a newer version, with a path that leads out, or with one twice is refused") {
    using Catch::Contains;
    const auto good = encode_manifest(manifest());
    CHECK_THAT(refusal(replaced(good, "\"version\": 1", "\"version\": 2")), Contains("or a newer one"));
    CHECK_THAT(refusal(replaced(good, "ca/ca.key", "../ca.key")), Contains("a path below the folder"));
    CHECK_THAT(refusal(replaced(good, "ca/ca.key", "/etc/shadow")), Contains("a path below the folder"));
    CHECK_THAT(refusal(replaced(good, "ca/ca.key", "assay.db")), Contains("got one twice"));
    CHECK_THAT(refusal(replaced(good, "\"tpm-roots\"", "\"..\"")), Contains("paths below the folder"));
    CHECK_THAT(refusal(replaced(good, std::string(64, '0'), "00")), Contains("sha256"));
    CHECK_THAT(refusal(replaced(good, "assay-backup", "another")), Contains("format"));
    CHECK_THAT(refusal(replaced(good, "\"included\": true", "\"included\": false")), Contains("copied_by"));
    CHECK(manifest_from(replaced(good, "\"build\"", "\"later\": 1, \"build\"")));  // of a newer program
}

TEST_CASE("paths of a backup are relative, in plain steps") {
    for (const auto* good : {"a", "ca/ca.key", "a b", "..a", "a/..b"}) CHECK(is_plain_path(good));
    for (const auto* bad :
         {"", "/a", "..", "a/..", "../a", "a/../b", ".", "./a", "a/./b", "a/", "a\nb", "a\x1b[2J"}) {
        INFO(bad);
        CHECK_FALSE(is_plain_path(bad));
    }
}

TEST_CASE("the command that copies a PostgreSQL database has no password, and is safe in a shell") {
    CHECK(dump_command("postgresql://assay@db/assay", "/b/database.pgdump") ==
          "pg_dump --format=custom --file='/b/database.pgdump' 'postgresql://assay@db/assay'");
    CHECK(dump_command("postgresql://assay:hu@sh@db:5432/assay", "d").find("hu") == std::string::npos);
    CHECK(dump_command("postgresql://db:5432/assay", "d").ends_with("'postgresql://db:5432/assay'"));
    CHECK(dump_command("postgresql://db/assay?user=a&password=hush&sslmode=require", "d")
              .ends_with("'postgresql://db/assay?user=a&sslmode=require'"));
    CHECK(dump_command("postgresql://db/assay?password=hush", "d").ends_with("'postgresql://db/assay'"));
    CHECK(
        dump_command("postgresql://db/a'b", "it's").ends_with("--file='it'\\''s' 'postgresql://db/a'\\''b'"));
}

TEST_CASE("what is read below a folder is a regular file there, and no link leads out") {
    const TempFolder folder;
    const auto root = folder.path() / "root";
    std::filesystem::create_directories(root / "in");
    REQUIRE(files::replace_file(root / "in" / "file", as_view(std::string_view("content"))));
    REQUIRE(files::replace_file(folder.path() / "outside", as_view(std::string_view("secret"))));
    const auto beneath = must(Beneath::open(root));
    CHECK(must(beneath.look("in/file")).size == 7);
    CHECK(must(beneath.copy("in/file", folder.path() / "copy")) == must(beneath.look("in/file")));
    CHECK_FALSE(beneath.copy("in/file", folder.path() / "copy"));  // it is there
    CHECK_FALSE(beneath.look("../outside"));
    CHECK_FALSE(beneath.look("in"));
    std::filesystem::create_symlink(folder.path() / "outside", root / "link");
    std::filesystem::create_directory_symlink(folder.path(), root / "up");
    CHECK(beneath.look("link").error().code == ErrorCode::refused);
    CHECK(beneath.look("up/outside").error().code == ErrorCode::refused);
    CHECK(tree_of(root).error().code == ErrorCode::refused);
}
