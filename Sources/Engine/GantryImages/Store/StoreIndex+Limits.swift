import ByteText
import GantryCore
import JSON

extension StoreIndex {
    /// Holds an image that was just registered against what the store keeps of all images together: so many bytes that a list of all of
    /// them is one message, and that the files are read back.
    /// - Throws: `exhausted` where there are more images or names than that. Annotations and labels are left out instead.
    mutating func admit(_ id: Digest, _ limits: ImageLimits = .standard) throws(EngineError) {
        guard images.count <= limits.images else { throw Self.full("has \(limits.images) images") }
        guard images.values.map(\.listedNameBytes).saturatingSum <= limits.listedNameBytes else {
            throw Self.full("has images whose names take \(limits.listedNameBytes) bytes")
        }
        if images.values.map(\.annotations.textBytes).saturatingSum > limits.listedAnnotationBytes {
            images[id]?.annotations = [:]
            images[id]?.omitted.annotations = true
        }
        if images.values.map(\.labels.textBytes).saturatingSum > limits.listedLabelBytes {
            images[id]?.labels = [:]
            images[id]?.omitted.labels = true
        }
    }

    /// `images.json`, which can be read back: that was tried. One that becomes smaller is written in any case, so that images can be
    /// removed whatever is wrong.
    /// - Throws: `exhausted` for more bytes than the file may have.
    func checkedImagesFile(
        over before: StoreIndex, path: String, _ limits: ImageLimits = .standard
    ) throws(EngineError) -> [UInt8] {
        let file = imagesFile
        guard file.count <= limits.indexBytes || file.count < before.imagesFile.count else {
            throw Self.full("has records of \(limits.indexBytes) bytes")
        }
        guard try StoreIndex(images: file, layers: nil, path: path).images == images else {
            throw EngineError(
                .internal, "\(path)/images.json: what would be written cannot be read back; nothing is changed")
        }
        return file
    }

    /// `layers.json`, with layers that were not there before.
    func checkedLayersFile(path: String, _ limits: ImageLimits = .standard) throws(EngineError) -> [UInt8] {
        let file = layersFile
        guard file.count <= limits.indexBytes else {
            throw Self.full("has layers whose records take \(limits.indexBytes) bytes")
        }
        return file
    }

    private static func full(_ what: String) -> EngineError {
        EngineError(.exhausted, "the image store \(what), which is all it takes (docs/images.md); remove some")
    }
}

extension StoredImage {
    /// What a list has of its names: tags, digests, the user, and the id of 71 bytes twice.
    fileprivate var listedNameBytes: Int {
        [tags.listedBytes, digests.listedBytes, [user].listedBytes, 150].saturatingSum
    }

    /// What an image has more of than its record takes. It is left out whole: half of it would say something else.
    package struct Omitted: Equatable, Sendable {
        package var annotations = false
        package var labels = false

        /// As records call it.
        package var names: [String] { (annotations ? ["annotations"] : []) + (labels ? ["labels"] : []) }

        /// Those that the record takes.
        mutating func annotations(_ all: [String: String]?, _ limits: ImageLimits = .standard) -> [String: String] {
            guard let all, all.fits(limits.annotations, limits.annotationBytes) else {
                annotations = true
                return [:]
            }
            return all
        }

        /// As `annotations(_:_:)`.
        mutating func labels(_ all: [String: String]?, _ limits: ImageLimits = .standard) -> [String: String] {
            guard let all, all.fits(limits.labels, limits.labelBytes) else {
                labels = true
                return [:]
            }
            return all
        }
    }
}

extension [String: String] {
    fileprivate func fits(_ members: Int, _ bytes: Int) -> Bool {
        count <= members && map { $0.key.utf8.count + $0.value.utf8.count }.saturatingSum <= bytes
    }

    /// As `images.json` has them, where `IndexText` counts them again; nothing is nothing.
    var textBytes: Int { isEmpty ? 0 : JSON.object(mapValues(JSON.string)).serialized().utf8.count }
}

extension [String] {
    fileprivate var listedBytes: Int { map { $0.utf8.count + 4 }.saturatingSum }
}
