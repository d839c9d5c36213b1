#include <set>

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/base/rng.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("SHA-256 of FIPS 180-4's example") {
  CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Digest::from_hex(sha256("abc").hex()) == sha256("abc"));
  CHECK_FALSE(Digest::from_hex("xyz"));
}

TEST_CASE("digest fields cannot run into each other") {
  CHECK(DigestBuilder().add("f", "ab").add("g", "c").finish() != DigestBuilder().add("f", "a").add("g", "bc").finish());
}

TEST_CASE("random draws are pinned, so that a seed means the same samples for ever") {
  Rng rng(42);
  std::vector<std::int64_t> drawn;
  for (int i = 0; i < 5; ++i) drawn.push_back(rng.uniform(0, 99));
  CHECK(drawn == std::vector<std::int64_t>{6, 24, 50, 62, 81});
  CHECK(Rng::seed_for(1, {"a", "b"}) != Rng::seed_for(1, {"ab", ""}));
}

TEST_CASE("uniform covers its range, ends included") {
  Rng rng(7);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.uniform(-2, 2));
  CHECK(seen == std::set<std::int64_t>{-2, -1, 0, 1, 2});
  CHECK(rng.uniform(5, 5) == 5);
  rng.uniform(INT64_MIN, INT64_MAX);
}

TEST_CASE("ULIDs are unique and increase") {
  std::string last;
  for (int i = 0; i < 10000; ++i) {
    const std::string id = new_ulid();
    REQUIRE(is_ulid(id));
    REQUIRE(id > last);
    last = id;
  }
  CHECK_FALSE(is_ulid("81M86EZ5MP30RSAY704V2MXSWW"));
  CHECK_FALSE(is_ulid("01M86EZ5MP30RSAY704V2MXSW"));
}

TEST_CASE("UTC time of a known instant") {
  CHECK(utc_time(1763976678000000) == "2025-11-24T09:31:18Z");
  CHECK(utc_time(-1) == "1969-12-31T23:59:59Z");
}
