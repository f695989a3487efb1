#include "files/secret.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "files/private.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using assay::test::TempFolder;

namespace {

struct SecretFolder {
    TempFolder folder;
    std::string file(const std::string& name, std::string_view text) const {
        const auto path = folder.path() / name;
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }
};

/// $CREDENTIALS_DIRECTORY for as long as it lives.
struct Credentials {
    explicit Credentials(const std::string& folder) { ::setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1); }
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    ~Credentials() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

/// Standard input with this text for as long as it lives.
class Typed {
  public:
    explicit Typed(const std::string& file) : before_(::dup(STDIN_FILENO)) {
        REQUIRE(std::freopen(file.c_str(), "r", stdin) != nullptr);
    }
    Typed(const Typed&) = delete;
    Typed& operator=(const Typed&) = delete;
    ~Typed() {
        ::dup2(before_, STDIN_FILENO);
        ::close(before_);
    }

  private:
    int before_;
};

unsigned mode_of(const std::filesystem::path& file) {
    struct stat info{};
    return ::stat(file.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

}  // namespace

TEST_CASE("a secret is a file's first line without its end") {
    const SecretFolder at;
    CHECK(files::read_secret(at.file("unix", "p4ss word\n")) == "p4ss word");
    CHECK(files::read_secret(at.file("dos", "p4ss\r\nmore\n")) == "p4ss");
    CHECK(files::read_secret(at.file("bare", "p4ss")) == "p4ss");
    CHECK(files::read_secret(at.file("longest", std::string(4096, 'x') + "\n")) == std::string(4096, 'x'));
}

TEST_CASE("an empty, endless or binary secret is none, and neither is one that is not there") {
    const SecretFolder at;
    const auto code = [](const std::string& file) { return files::read_secret(file).error().code; };
    CHECK(code(at.file("empty", "")) == ErrorCode::usage);
    CHECK(code(at.file("line", "\nsecond\n")) == ErrorCode::usage);
    CHECK(code(at.file("nul", std::string("a\0b\n", 4))) == ErrorCode::usage);
    CHECK(code(at.file("long", std::string(4097, 'x'))) == ErrorCode::limit);
    CHECK(code("/dev/zero") == ErrorCode::limit);
    CHECK(code((at.folder.path() / "none").string()) == ErrorCode::not_found);
}

TEST_CASE("standard input is named -") {
    const SecretFolder at;
    const Typed typed(at.file("typed", "from the keyboard\n"));
    CHECK(files::read_secret("-") == "from the keyboard");
}

TEST_CASE("an option stands above a credential, and two options are one too many") {
    const SecretFolder at;
    const auto file = at.file("file", "of the file\n");
    at.file("assay.token", "of systemd\n");
    CHECK(files::secret_of({"--token", "", "", "assay.token"}) == "");
    const Credentials credentials(at.folder.path().string());
    CHECK(files::secret_of({"--token", "", "", "assay.token"}) == "of systemd");
    CHECK(files::secret_of({"--token", "", "", "assay.other"}) == "");
    CHECK(files::secret_of({"--token", "given", "", "assay.token"}) == "given");
    CHECK(files::secret_of({"--token", "", file, "assay.token"}) == "of the file");
    const auto both = files::secret_of({"--token", "given", file, "assay.token"});
    REQUIRE_FALSE(both);
    CHECK(both.error().code == ErrorCode::usage);
    CHECK(both.error().context.find("given") == std::string::npos);
}

TEST_CASE("a private file is made 0600 whatever the umask is, and one that is there stays as it is") {
    const SecretFolder at;
    const auto file = at.folder.path() / "db";
    const auto before = ::umask(0);
    CHECK(files::make_private(file));
    ::umask(before);
    CHECK(mode_of(file) == 0600);
    std::ofstream(file) << "kept";
    CHECK(files::make_private(file));
    CHECK(std::filesystem::file_size(file) == 4);
    CHECK_FALSE(files::make_private(at.folder.path() / "no" / "db"));
}

TEST_CASE("a wide file is narrowed and told, a narrow one, none and a link are not") {
    const SecretFolder at;
    const std::filesystem::path wide = at.file("wide", "x"), narrow = at.file("narrow", "x"),
                                other = at.file("other", "x");
    const auto link = at.folder.path() / "link";
    ::chmod(wide.c_str(), 0644);
    ::chmod(narrow.c_str(), 0600);
    ::chmod(other.c_str(), 0644);
    std::filesystem::create_symlink("other", link);
    const auto told = files::narrow_all({wide, narrow, link, at.folder.path() / "none"});
    REQUIRE(told.size() == 1);
    CHECK(told.front().starts_with(wide.string() + " could be read"));
    CHECK(mode_of(wide) == 0600);
    CHECK(mode_of(narrow) == 0600);
    CHECK(mode_of(other) == 0644);
    CHECK(files::narrow_all({wide}).empty());
}
