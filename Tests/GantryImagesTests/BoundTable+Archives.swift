import GantryCore
import Glibc

@testable import GantryImages

extension Bound {
    static let archives: [Bound] = [
        Bound("layerEntries", \.layerEntries, 10) { limits, count in
            // One is a directory that is only implied.
            try unpack(limits) { tar in for number in 0..<(count - 1) { tar.file("d/\(number)") } }
        },
        Bound("imageEntries", \.imageEntries, 10) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<2 { for _ in 0..<(count / 2) { try UnpackMeter(meter).madeEntry() } }
            if !count.isMultiple(of: 2) { try UnpackMeter(meter).madeEntry() }
        },
        Bound("fileLength", \.fileLength, 1 << 40) { limits, count in
            try unpack(limits) {
                $0.pax([("GNU.sparse.map", "0,1"), ("GNU.sparse.size", "\(count)")])
                $0.file("hole", "x")
            }
        },
        Bound("sparsePieces", \.sparsePieces, 5) { limits, count in
            try unpack(limits) {
                $0.pax([("GNU.sparse.map", list(count) { "\($0 * 4096),1" }), ("GNU.sparse.size", "100000")])
                $0.file("holes", text(count))
            }
        },
        Bound("sparsePieces", \.sparsePieces, 5) { limits, count in
            var map = Array("\(count)\n\((0..<count).map { "\($0 * 4096)\n1\n" }.joined())".utf8)
            map += [UInt8](repeating: 0, count: 512 - map.count)
            try unpack(limits) {
                $0.pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "100000")])
                $0.entry("holes", type: "0", content: map + Array(text(count).utf8))
            }
        },
        Bound("attributes", \.attributes) { limits, count in
            var body = ""
            for number in 0..<count { body += "30 SCHILY.xattr.sec.\(1_000_000 + number)=x\n" }
            _ = try PaxRecords(parsing: Array(body.utf8), limits)
        },
        Bound("attributeBytes", \.attributeBytes) { limits, count in
            let value = text(count - 1)
            let body = "\(value.utf8.count + 23) SCHILY.xattr.a=\(value)\n"
            _ = try PaxRecords(parsing: Array(body.utf8), limits)
        },
        Bound("headerBytes", \.headerBytes) { limits, count in
            try unpack(limits) {
                $0.entry("x", type: "V", content: [UInt8](repeating: 0, count: count))
            }
        },
        Bound("layerHeaderBytes", \.layerHeaderBytes, 2048, { $0.entryHeaderBytes = 0 }) { limits, count in
            try unpack(limits) {
                $0.entry("x", type: "g", content: [UInt8](repeating: 0, count: 512))
                $0.entry("x", type: "L", content: [UInt8](repeating: 0, count: count - 1536))
            }
        },
        Bound("entryHeaderBytes", \.entryHeaderBytes, 512, says: "1024", { $0.layerHeaderBytes = 0 }) { limits, count in
            try unpack(limits) {
                for number in 0..<2 { $0.file("\(number)") }
                $0.entry("x", type: "L", content: [UInt8](repeating: 0, count: count))
            }
        },
        Bound("imageHeaderBytes", \.imageHeaderBytes, 10) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<count { try UnpackMeter(meter).header(1) }
        },
        Bound("imageHeaderBytes", \.imageHeaderBytes, 10, says: "14", { $0.entryHeaderBytes = 2 }) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<2 { try UnpackMeter(meter).madeEntry() }
            for _ in 0..<(count + 4) { try UnpackMeter(meter).header(1) }
        },
        Bound("discardedBytes", \.discardedBytes, 100_000) { limits, count in
            try unpack(limits) { $0.file(".wh.x", text(count)) }
        },
        Bound("discardedBytes", \.discardedBytes) { limits, count in
            try unpack(TarBuilder().finished() + [UInt8](repeating: 7, count: count), limits: limits) { _, _ in }
        },
        Bound("discardedBytes", \.discardedBytes) { limits, count in
            let tar = TarBuilder().finished() + [UInt8](repeating: 7, count: count)
            try unpack(tar, blob: compress(tar, "zstd"), limits: limits) { _, _ in }
        },
        Bound("layerBytes", \.layerBytes, 8192, { $0.compressionRatio = 0 }) { limits, count in
            try unpack([UInt8](repeating: 0, count: count), limits: limits) { _, _ in }
        },
        Bound("layerBytes", \.layerBytes, 8192, { $0.compressionRatio = 0 }) { limits, count in
            // Bytes far from one another take a block each.
            try unpack(limits) {
                guard count > 8192 else { return $0.file("f", "x") }
                $0.pax([("GNU.sparse.map", "0,1,100000,1"), ("GNU.sparse.size", "200000")])
                $0.file("f", "xx")
            }
        },
        Bound("layerBytes", \.layerBytes, 20480, { $0.compressionRatio = 0 }) { limits, count in
            // Two bytes across a border of blocks take both: a block for the entry, and two, or two and one more, for each piece.
            try unpack(limits) {
                let pieces = count > 20480 ? "4095,2,12287,2,24576,1" : "4095,2,12287,2"
                $0.pax([("GNU.sparse.map", pieces), ("GNU.sparse.size", "200000")])
                $0.file("f", count > 20480 ? "xxxxx" : "xxxx")
            }
        },
        Bound("compressionRatio", \.compressionRatio, 3, says: "uncompressed bytes", { $0.layerBytes = 0 }) {
            limits, count in
            var generator = SplitMix64(seed: 7)
            let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let tar = TarBuilder().finished() + noise
            let blob = try compress(tar, "gzip")
            // Uncompressed, the ratio is one; of zeros it is far more than three.
            try unpack(tar, blob: count > 3 ? compress(TarBuilder().finished(), "gzip") : blob, limits: limits) {
                _, _ in
            }
        },
        Bound("imageBytes", \.imageBytes, 8192, { $0.compressionRatio = 0 }) { limits, count in
            let meter = ImageMeter(limits)
            try UnpackMeter(meter).uncompressed(count / 2)
            try UnpackMeter(meter).uncompressed(count - count / 2)
        },
        Bound("imageBytes", \.imageBytes, 8192, { $0.compressionRatio = 0 }) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<count { try UnpackMeter(meter).stored(1) }
        },
        Bound("layerSteps", \.layerSteps, 9, { $0.entrySteps = 0 }) { limits, count in
            // Steps: 1 to the root, 5 to a directory that has to be made, 1 back, 2 to the directory; 1 more.
            try unpack(limits) {
                $0.file("a")
                $0.file("d/b")
                $0.file("c")
                $0.file("d/e")
                if count > 9 { $0.file("f") }
            }
        },
        Bound("entrySteps", \.entrySteps, 1, says: "directories and links", { $0.layerSteps = 0 }) { limits, count in
            // Six steps for four entries, one implied directory and one more; or with one entry less.
            try unpack(limits) { tar in
                for number in 0..<(5 - count) { tar.file("\(number)") }
                tar.file("d/b")
            }
        },
        Bound("imageSteps", \.imageSteps, 10, { $0.entrySteps = 0 }) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<count { try UnpackMeter(meter).walks(1) }
        },
        Bound("imageSteps", \.imageSteps, 10, says: "14", { $0.entrySteps = 2 }) { limits, count in
            let meter = ImageMeter(limits)
            for _ in 0..<2 { try UnpackMeter(meter).madeEntry() }
            for _ in 0..<(count + 4) { try UnpackMeter(meter).walks(1) }
        },
        Bound("settlingSteps", \.settlingSteps, 6) { limits, count in
            try withTemporaryDirectory { parent in
                let (lower, top) = (try parent.make("lower", mode: 0o755), try parent.make("top", mode: 0o755))
                _ = try lower.make("a", mode: 0o755)
                // One step to the root, two to a directory in it, three to one in that.
                _ = try top.make("a", mode: 0o755).make("b", mode: 0o755)
                if count > 6 { _ = try top.make("c", mode: 0o755) }
                var directories = ImpliedDirectories(lower: [lower], limit: limits.settlingSteps)
                try directories.settle([0], of: top)
            }
        },
        Bound("settlingSteps", \.settlingSteps, 5) { limits, count in
            try withTemporaryDirectory { parent in
                let (lower, top) = (try parent.make("lower", mode: 0o755), try parent.make("top", mode: 0o755))
                for number in 0..<(count / 2) { _ = try top.make("\(number)", mode: 0o755) }
                var directories = ImpliedDirectories(lower: [lower], limit: limits.settlingSteps)
                // The root is a step too, and what is nowhere is looked for everywhere.
                try directories.settle([0], of: top)
            }
        },
    ]
}
