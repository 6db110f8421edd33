import ByteText
import Glibc

/// Text of the kernel's as it stands in a buffer, taken apart without a copy.
struct KernelText {
    let bytes: UnsafeRawBufferPointer

    /// Digits that fit; nil for anything else.
    var number: UInt64? {
        if bytes.isEmpty { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            guard byte.isASCIIDigit else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = product.addingReportingOverflow(UInt64(byte - 0x30))
            if isTooLarge || isOver { return nil }
            value = sum
        }
        return value
    }

    func cut(at separator: UInt8) -> (before: KernelText, after: KernelText)? {
        guard let place = bytes.firstIndex(of: separator) else { return nil }
        return (
            KernelText(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<place])),
            KernelText(bytes: UnsafeRawBufferPointer(rebasing: bytes[(place + 1)...]))
        )
    }

    func isSame(as text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
        return memcmp(start, text.utf8Start, bytes.count) == 0
    }

    var firstLine: KernelText { cut(at: UInt8(ascii: "\n"))?.before ?? self }

    func eachLine(_ body: (KernelText) -> Void) {
        var rest = self
        while let (line, after) = rest.cut(at: UInt8(ascii: "\n")) {
            body(line)
            rest = after
        }
        if !rest.bytes.isEmpty { body(rest) }
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }
}

enum KernelFile {
    /// More than memory.stat, the longest of them, has; of a longer one the lines that fit are read.
    private static let longest = 32 << 10

    /// - Parameter directory: an open one; `AT_FDCWD` for an absolute path.
    /// - Returns: nil where the file is absent, empty, or cannot be read.
    static func read<Value>(_ name: String, in directory: Int32, _ body: (KernelText) -> Value) -> Value? {
        let descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: longest, alignment: 1) { buffer -> Value? in
            var count = 0
            while count < buffer.count {
                let step = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if step < 0 && errno == EINTR { continue }
                if step < 0 { return nil }
                if step == 0 { break }
                count += step
            }
            if count == buffer.count {
                // A number that was cut is none.
                count = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            }
            if count == 0 { return nil }
            return body(KernelText(bytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        }
    }
}
