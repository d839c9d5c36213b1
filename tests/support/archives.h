// Small archives made by hand, sound and unsound, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::test {

struct ArchiveMember {
  std::string name;
  std::string body;
  char type = '0';        // tar: '0' file, '1' hard link, '2' symbolic link, '5' folder
  std::string link = {};  // its target
};

// POSIX ustar (IEEE Std 1003.1-1988, pax "ustar Interchange Format").
inline std::string make_tar(const std::vector<ArchiveMember>& members) {
  const auto octal = [](std::uint64_t value, int digits) {
    std::string out(static_cast<std::size_t>(digits), '0');
    for (auto at = out.rbegin(); at != out.rend(); ++at, value /= 8) *at = static_cast<char>('0' + value % 8);
    return out;
  };
  std::string out;
  for (const ArchiveMember& m : members) {
    std::string head(512, '\0');
    head.replace(0, m.name.size(), m.name);
    head.replace(100, 7, "0000644");
    head.replace(108, 7, "0000000");
    head.replace(116, 7, "0000000");
    head.replace(124, 11, octal(m.body.size(), 11));
    head.replace(136, 11, "00000000000");
    head.replace(148, 8, "        ");
    head[156] = m.type;
    head.replace(157, m.link.size(), m.link);
    head.replace(257, 8, std::string("ustar\0" "00", 8));
    std::uint64_t sum = 0;
    for (const char c : head) sum += static_cast<unsigned char>(c);
    head.replace(148, 8, octal(sum, 6) + std::string("\0 ", 2));
    out += head + m.body + std::string((512 - m.body.size() % 512) % 512, '\0');
  }
  return out + std::string(1024, '\0');
}

inline std::uint32_t crc32_of(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

// A zip of stored members (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16).
inline std::string make_zip(const std::vector<ArchiveMember>& members) {
  const auto little = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xFF);
    return out;
  };
  std::string out, directory;
  for (const ArchiveMember& m : members) {
    const std::string common = little(20, 2) + little(0, 2) + little(0, 2) + little(0x5A215A21, 4) + little(crc32_of(m.body), 4) +
                               little(m.body.size(), 4) + little(m.body.size(), 4) + little(m.name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) +
                 little(0100644u << 16, 4) + little(out.size(), 4) + m.name;
    out += "PK\x03\x04" + common + m.name + m.body;
  }
  const std::size_t begin = out.size();
  return out + directory + "PK\x05\x06" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(begin, 4) + little(0, 2);
}

}  // namespace assay::test
