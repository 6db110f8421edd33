import ByteText
import Glibc

/// Checks of the values that configurations carry; each says whether the text is what its name says.
enum Validation {
    /// An IPv4 or IPv6 address without zone.
    static func isAddress(_ text: String) -> Bool {
        guard !text.utf8.contains(0) else { return false }
        var space = in6_addr()
        return inet_pton(AF_INET, text, &space) == 1 || inet_pton(AF_INET6, text, &space) == 1
    }

    /// A name server may carry a zone (`fe80::1%eth0`, RFC 4007).
    static func isNameServer(_ text: String) -> Bool {
        guard let (address, zone) = text.cut(at: "%") else { return isAddress(text) }
        return isAddress(String(address)) && isWord(String(zone))
    }

    /// Not empty; no white space and no control characters: safe as one field of hosts or resolv.conf.
    static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    /// Letters, digits, dots, dashes and underscores, as the daemon takes them: 64 bytes at most, which is what the kernel holds.
    static func isHostname(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    /// What CNI allows as CNI_CONTAINERID (specification 1.0, section 2).
    static func isContainerID(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    /// A sysctl's name with dots or slashes, and no way out of /proc/sys.
    static func isSysctl(_ text: String) -> Bool {
        guard !text.isEmpty, !text.has(text: ".."), !text.begins(with: "/") else { return false }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
                || $0 == UInt8(ascii: "-")
        }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
