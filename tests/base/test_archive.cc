#include "harness/base/archive.h"

#include "harness/base/compress.h"
#include "harness/base/format.h"
#include "tests/support/archives.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;
namespace fs = std::filesystem;

TEST_CASE("One file comes out of a zip or a tar, whatever else is in it") {
  const TempDir dir;
  const std::string body = std::string(700'000, 'x') + "end";
  const std::vector<ArchiveMember> members = {{"../../evil", "no"}, {"pkg/other", "no"}, {"pkg/file", body}, {"/etc/x", "no"}};
  const std::string rows[] = {make_zip(members), make_tar(members)};
  for (const std::string& bytes : rows) {
    const std::string archive = dir.file("a", bytes);
    const auto size = extract_file(archive, "pkg/file", dir / "out");
    if (!size) FAIL(size.error().message);
    CHECK(*size == body.size());
    CHECK(read_file(dir / "out") == body);
  }
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir.str())) files += entry.is_regular_file() ? 1 : 0;
  CHECK(files == 2);  // the archive and the one file
}

TEST_CASE("What an archive must not do is refused by name") {
  const TempDir dir;
  struct Row {
    const char* what;
    std::string bytes;
    const char* message;
  };
  ArchiveLimits limits;
  limits.max_bytes = 1000;
  limits.max_entries = 5;
  limits.max_total = 20'000;
  const std::string large(30'000, 'x');
  const Row rows[] = {
      {"absent", make_zip({{"a", "1"}}), "holds no file 'f'"},
      {"no archive", "hello, this is a plain text and no archive at all", "cannot be read as an archive"},
      {"empty", "", "cannot be read as an archive"},
      {"symbolic link", make_tar({{"f", "", '2', "/etc/passwd"}}), "'f' is no regular file in it"},
      {"hard link", make_tar({{"f", "", '1', "/etc/passwd"}}), "'f' is no regular file in it"},
      {"folder", make_tar({{"f", "", '5'}}), "'f' is no regular file in it"},
      {"too large", make_zip({{"f", std::string(1001, 'x')}}), "more than the 1000 bytes allowed"},
      {"too much before it", make_tar({{"a", large}, {"f", "1"}}), "unpacks to more than 20000 bytes"},
      {"too many before it", make_tar({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", "1"}}), "more than 5 entries"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto out = extract_file(dir.file("a", row.bytes), "f", dir / "out", limits);
    REQUIRE_FALSE(out.ok());
    CHECK(out.error().code != Code::internal);
    CHECK_THAT(out.error().message, has(row.message));
    CHECK(out.error().message.find('\n') == std::string::npos);
  }
  CHECK_THAT(extract_file(dir / "none", "f", dir / "out").error().message, has("none: cannot be read"));
  CHECK_THAT(extract_file(dir.file("z", make_zip({{"f", "1"}})), "f", dir / "no/out").error().message, has("no/out"));
}

TEST_CASE("A cut or changed archive is damaged") {
  const TempDir dir;
  const std::string tar = make_tar({{"f", std::string(5000, 'x')}});
  CHECK(extract_file(dir.file("t", tar.substr(0, 3000)), "f", dir / "out").error().code == Code::corrupt);
  std::string zip = make_zip({{"f", std::string(5000, 'x')}});
  zip[2000] = 'y';
  CHECK(extract_file(dir.file("z", zip), "f", dir / "out").error().code == Code::corrupt);
}
